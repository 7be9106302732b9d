//! The sequences around the current element, and what is still to be known of them.

use crate::tag::Tag;

/// An element or sequence, and what it is to us.
#[derive(Clone, Copy)]
pub(super) struct What {
    pub(super) tag: Tag,
    /// The entry of the subjects that are about its tag alone.
    pub(super) entry: Option<u16>,
    /// The number of its private creator.
    pub(super) creator: Option<u16>,
}

/// Outermost first.
#[derive(Default)]
pub(super) struct Nest(Vec<Open>);

struct Open {
    what: What,
    /// What is not yet known of it, or of one around it: so the innermost one says it of all.
    missing: u8,
}

impl Nest {
    #[inline]
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    /// What is not yet known of the sequences that are open.
    #[inline]
    pub(super) fn missing(&self) -> u8 {
        self.0.last().map_or(0, |open| open.missing)
    }

    pub(super) fn open(&mut self, what: What, missing: u8) {
        let missing = missing | self.missing();
        self.0.push(Open { what, missing });
    }

    pub(super) fn leave(&mut self, depth: usize) {
        self.0.truncate(depth);
    }

    pub(super) fn at(&self, place: usize) -> Option<What> {
        self.0.get(place).map(|open| open.what)
    }

    /// Asks anew what is not yet known.
    pub(super) fn refresh(&mut self, missing: impl Fn(What) -> u8) {
        let mut around = 0;
        for open in &mut self.0 {
            around |= missing(open.what);
            open.missing = around;
        }
    }
}
