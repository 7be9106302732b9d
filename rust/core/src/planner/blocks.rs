//! Who has reserved the private blocks of the open data set and items, as far as rules ask (PS3.5 §7.8.1).

use std::collections::{BTreeMap, BTreeSet};

use crate::error::ErrorKind;
use crate::rules::{Block, Creators, Owner, Rule, block};
use crate::tag::Tag;

/// The blocks of the open data set and items, by the number of sequences around each. Only the groups of rules by
/// creator are followed: without such rules nothing is kept here.
#[derive(Default)]
pub(crate) struct Blocks(BTreeMap<usize, Frame>);

/// A data set or item in which a creator was met, or an element whose rule depends on one.
#[derive(Default)]
struct Frame {
    /// Group and block, and who has it. Rarely more than one.
    owners: BTreeSet<(u16, u8, Owner)>,
    /// Group, block and number of what was not blanked, because of its creator.
    left: BTreeSet<(u16, u8, u8)>,
}

impl Blocks {
    /// Another item begins inside `depth` sequences.
    #[inline]
    pub(crate) fn begin_item(&mut self, depth: usize) {
        if !self.0.is_empty() {
            self.end(depth);
        }
    }

    /// What is inside `depth` sequences or more has ended.
    #[cold]
    #[inline(never)]
    fn end(&mut self, depth: usize) {
        self.0.split_off(&depth);
    }

    /// A creator element inside `depth` sequences: `owners` are who its value names.
    ///
    /// # Errors
    /// [`ErrorKind::AmbiguousCreator`] where an element of the block was left that is blanked with this creator in
    /// front of it: readers that ask for the creator once they have read the item see it as listed.
    pub(crate) fn reserve(
        &mut self,
        creators: &Creators,
        depth: usize,
        creator: Tag,
        owners: &[Owner],
    ) -> Result<(), ErrorKind> {
        let Some(Block::Creator(block)) = block(creator) else { return Ok(()) };
        let group = creator.group();
        let frame = self.frame(depth);
        let before = frame.owners(group, block);
        frame.owners.extend(owners.iter().map(|owner| (group, block, *owner)));
        let after = frame.owners(group, block);
        if after.len() == before.len() {
            return Ok(());
        }
        for (.., element) in frame.left.range((group, block, 0)..=(group, block, u8::MAX)) {
            let rule = |owners: &[Owner]| creators.rule(group, *element, owners);
            if rule(&after) != rule(&before) {
                return Err(ErrorKind::AmbiguousCreator);
            }
        }
        Ok(())
    }

    /// What is said of `tag` inside `depth` sequences; `of_all` is what is said of private elements without a rule.
    pub(crate) fn rule(&mut self, creators: &Creators, depth: usize, tag: Tag, of_all: Option<Rule>) -> Option<Rule> {
        let (group, frame) = (tag.group(), self.frame(depth));
        let by_creator = match block(tag)? {
            Block::Creator(block) => creators.rule_of_creator(group, &frame.owners(group, block)),
            Block::Element(block, element) => {
                let rule = creators.rule(group, element, &frame.owners(group, block));
                if !rule.or(of_all).is_some_and(Rule::is_edit) {
                    frame.left.insert((group, block, element));
                }
                rule
            }
        };
        by_creator.or(of_all)
    }

    fn frame(&mut self, depth: usize) -> &mut Frame {
        self.end(depth.saturating_add(1));
        self.0.entry(depth).or_default()
    }
}

impl Frame {
    fn owners(&self, group: u16, block: u8) -> Vec<Owner> {
        let found = self.owners.range((group, block, Owner::Listed(0))..=(group, block, Owner::Unclear));
        found.map(|(.., owner)| *owner).collect()
    }
}
