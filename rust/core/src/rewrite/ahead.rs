//! What has to be known before the walk proper comes there: a walk that looks ahead, where rules ask for it.
//!
//! Of an item that goes it has to be known where the item begins, and of a private creator whether anything of its block
//! stays. What tells comes later.

use super::content::{FindItems, Items};
use super::finder::Finder;
use super::idle::{FindIdle, Idle};
use crate::element::{Element, Event};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::rules::Rules;
use crate::source::Source;
use crate::span::Span;
use crate::tag::{Tag, TagPath};
use crate::vr::Vr;
use crate::walk::{Taker, Walker};

/// What was found ahead.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    pub(super) items: Items,
    pub(super) idle: Idle,
}

impl Ahead {
    /// Whether rules ask for something.
    pub(super) fn is_asked(rules: &Rules) -> bool {
        rules.ask_concepts() || rules.ask_idle()
    }

    /// What rules ask for, by a walk of its own. Where that ends with an error, what was known in front of it: the walk
    /// proper will tell.
    ///
    /// # Errors
    /// [`Error`] where there is too much to keep, and where the source can't be read.
    pub(super) fn look<S: Source>(mut walker: Walker<'_, S>, rules: &Rules, limits: &Limits) -> Result<Self, Error> {
        let mut both = Both {
            items: rules.ask_concepts().then(|| FindItems::new(rules, limits.sites)),
            idle: rules.ask_idle().then(|| FindIdle::new(rules, limits.sites)),
        };
        loop {
            if let Some(depth) = walker.depth() {
                both.come_to(depth);
                walker.pass_over(&mut both);
            }
            let event = match walker.next() {
                Ok(Some(event)) => event,
                Ok(None) => break,
                Err(_) => {
                    both.drop_open();
                    break;
                }
            };
            both.take(event, &mut walker).map_err(|kind| Error {
                kind,
                offset: walker.position(),
                tag_path: TagPath::default(),
            })?;
        }
        both.come_to(0);
        Ok(Self {
            items: both.items.map(FindItems::finish).unwrap_or_default(),
            idle: both.idle.map(FindIdle::finish).unwrap_or_default(),
        })
    }
}

/// Both, where they are asked.
struct Both<'r> {
    items: Option<FindItems<'r>>,
    idle: Option<FindIdle<'r>>,
}

impl Both<'_> {
    fn take<S: Source>(&mut self, event: Event, walker: &mut Walker<'_, S>) -> Result<(), ErrorKind> {
        let element = match event {
            Event::Element(element) => element,
            Event::Tried(element) => {
                self.come_to(element.depth);
                self.mark();
                element
            }
            Event::TriedAgain(element) => {
                self.undo();
                self.mark();
                element
            }
            Event::Opaque(element) => {
                self.undo();
                element
            }
            Event::Kept => {
                self.keep();
                return Ok(());
            }
        };
        self.come_to(element.depth);
        self.element(&element, walker)
    }
}

impl Finder for Both<'_> {
    fn come_to(&mut self, depth: usize) {
        self.items.iter_mut().for_each(|items| items.come_to(depth));
        self.idle.iter_mut().for_each(|idle| idle.come_to(depth));
    }

    fn element<S: Source>(&mut self, element: &Element, walker: &mut Walker<'_, S>) -> Result<(), ErrorKind> {
        self.items.iter_mut().try_for_each(|items| items.element(element, walker))?;
        self.idle.iter_mut().try_for_each(|idle| idle.element(element, walker))
    }

    fn mark(&mut self) {
        self.items.iter_mut().for_each(Finder::mark);
        self.idle.iter_mut().for_each(Finder::mark);
    }

    fn keep(&mut self) {
        self.items.iter_mut().for_each(Finder::keep);
        self.idle.iter_mut().for_each(Finder::keep);
    }

    fn undo(&mut self) {
        self.items.iter_mut().for_each(Finder::undo);
        self.idle.iter_mut().for_each(Finder::undo);
    }

    fn drop_open(&mut self) {
        self.items.iter_mut().for_each(Finder::drop_open);
        self.idle.iter_mut().for_each(Finder::drop_open);
    }
}

impl Taker for Both<'_> {
    #[inline]
    fn pass(&mut self, tag: Tag, _: Vr, _: Span, _: &[u8]) -> bool {
        (self.items.is_none() || FindItems::leaves(tag)) && (self.idle.is_none() || FindIdle::leaves(tag))
    }
}
