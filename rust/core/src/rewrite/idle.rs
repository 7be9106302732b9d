//! Private creators that nothing needs (PS3.5 §7.8.1): those in whose block no element stays.

use std::collections::BTreeSet;

use super::finder::Finder;
use crate::element::{Body, Element};
use crate::error::ErrorKind;
use crate::planner::Blocks;
use crate::rules::{Block, Rule, Rules, block};
use crate::source::{MAX_LEND, Source};
use crate::tag::Tag;
use crate::walk::Walker;

/// Where the headers of the creators stand that nothing needs: sorted.
#[derive(Debug, Default)]
pub(super) struct Idle(Vec<u64>);

impl Idle {
    /// Whether the creator whose header stands `at` is one.
    pub(super) fn has(&self, at: u64) -> bool {
        self.0.binary_search(&at).is_ok()
    }
}

/// Finds them.
pub(super) struct FindIdle<'r> {
    rules: &'r Rules,
    /// How many creators may be kept.
    limit: u32,
    blocks: Blocks,
    idle: Vec<u64>,
    /// The data set and the items that are open, by the sequences around them.
    open: Vec<Frame>,
    /// How many were found when a try began, and how many frames were open.
    marks: Vec<(usize, usize)>,
}

/// The creators of a data set or item, and the blocks in which an element stays: by group and block.
#[derive(Default)]
struct Frame {
    creators: Vec<(u64, u16, u8)>,
    needed: BTreeSet<(u16, u8)>,
}

impl<'r> FindIdle<'r> {
    /// At most `limit` creators.
    pub(super) fn new(rules: &'r Rules, limit: u32) -> Self {
        let open = vec![Frame::default()];
        Self { rules, limit, blocks: Blocks::default(), idle: Vec::new(), open, marks: Vec::new() }
    }

    pub(super) fn finish(mut self) -> Idle {
        self.end(0);
        self.idle.sort_unstable();
        Idle(self.idle)
    }

    /// Whether an element tells nothing of them.
    #[inline]
    pub(super) const fn leaves(tag: Tag) -> bool {
        !tag.is_private()
    }

    /// The data sets and items inside `depth` sequences or more have ended.
    fn end(&mut self, depth: usize) {
        for Frame { creators, needed } in self.open.drain(depth.min(self.open.len())..) {
            let idle = creators.into_iter().filter(|(_, group, block)| !needed.contains(&(*group, *block)));
            self.idle.extend(idle.map(|(at, ..)| at));
        }
    }

    fn reserve<S: Source>(
        &mut self,
        element: &Element,
        number: u8,
        walker: &mut Walker<'_, S>,
    ) -> Result<(), ErrorKind> {
        let (creators, group) = (self.rules.creators(), element.tag.group());
        let name = match element.body {
            Body::Value(value) if value.len() <= MAX_LEND => walker.lend(value).map_err(|_| ErrorKind::Unreadable)?,
            _ => &[],
        };
        let owners = creators.owners(group, name);
        // The walk proper tells of a second creator, if that matters.
        let _is_unclear = self.blocks.reserve(creators, element.depth, element.tag, &owners);
        let kept = self.open.iter().fold(self.idle.len(), |kept, frame| kept.saturating_add(frame.creators.len()));
        if usize::try_from(self.limit).is_ok_and(|limit| kept >= limit) {
            return Err(ErrorKind::TooManyElements { limit: self.limit.into() });
        }
        if let Some(frame) = self.open.last_mut() {
            frame.creators.push((element.header.start(), group, number));
        }
        Ok(())
    }
}

impl Finder for FindIdle<'_> {
    fn come_to(&mut self, depth: usize) {
        self.end(depth.saturating_add(1));
    }

    fn element<S: Source>(&mut self, element: &Element, walker: &mut Walker<'_, S>) -> Result<(), ErrorKind> {
        if let Body::Item(_) = element.body {
            self.end(element.depth);
            self.blocks.begin_item(element.depth);
        }
        while self.open.len() <= element.depth {
            self.open.push(Frame::default());
        }
        let creators = self.rules.creators();
        match block(element.tag) {
            Some(Block::Creator(number)) if creators.are_asked(element.tag) => self.reserve(element, number, walker)?,
            Some(Block::Element(number, _)) if creators.are_asked(element.tag) => {
                let rule = self.blocks.rule(creators, element.depth, element.tag, self.rules.of_private());
                if let (Some(Rule::Keep), Some(frame)) = (rule, self.open.last_mut()) {
                    frame.needed.insert((element.tag.group(), number));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn mark(&mut self) {
        self.marks.push((self.idle.len(), self.open.len()));
    }

    fn keep(&mut self) {
        self.marks.pop();
    }

    fn undo(&mut self) {
        let Some((idle, open)) = self.marks.pop() else { return };
        self.open.truncate(open);
        self.idle.truncate(idle);
        self.blocks.begin_item(open);
    }

    fn drop_open(&mut self) {
        self.open.clear();
    }
}
