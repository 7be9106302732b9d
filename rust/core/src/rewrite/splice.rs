//! Splices: bytes of the source that go, and what is written in their place.

use core::ops::Range;

use crate::error::ErrorKind;
use crate::plan::{Action, ItemRef};
use crate::rules::Number;
use crate::span::Span;
use crate::tag::Tag;
use crate::vr::Vr;

/// Bytes of the source that go, and what is written in their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) start: u64,
    pub(super) end: u64,
    /// What is written: a part of [`Splices::written`].
    written: (u32, u32),
    /// The element that it is about.
    pub(super) tag: Tag,
    pub(super) item: ItemRef,
    pub(super) vr: Vr,
    pub(super) done: Done,
    /// How many bytes at its start are of the header.
    lead: u8,
}

/// What a splice does to its element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Done {
    /// The element goes.
    Remove,
    /// Its value goes, or its items.
    Empty,
    /// Its value becomes a dummy.
    Dummy,
    /// Its value becomes this text of the rules.
    Set(Number),
    /// Its value becomes what this table of the rules has for it.
    Map(Number),
    /// It is added.
    Insert,
    /// Its length changes, with something in it.
    Length,
}

impl Done {
    /// In one word, which is that of the rule where there is one.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Remove => "remove",
            Self::Empty => "empty",
            Self::Dummy => "dummy",
            Self::Set(_) => "set",
            Self::Map(_) => "map",
            Self::Insert => "insert",
            Self::Length => "length",
        }
    }
}

/// Which element a splice is about.
#[derive(Clone, Copy)]
pub(super) struct About {
    pub(super) tag: Tag,
    pub(super) vr: Vr,
    pub(super) item: ItemRef,
    /// How many bytes of its header go, before the value.
    pub(super) lead: u8,
}

impl Splice {
    /// What is told of: the whole element that goes, or the value. Where that is empty, the length that it gets.
    pub(super) fn told(&self) -> Span {
        let value = self.start.saturating_add(u64::from(self.lead));
        let start = if value < self.end { value } else { self.start };
        Span::between(start, self.end).unwrap_or(Span::of_value(self.start, 0))
    }

    /// What is done, as an edit's action; `None` for what is not done to an element of the source.
    pub(super) const fn action(&self) -> Option<Action> {
        match self.done {
            Done::Remove => Some(Action::Remove),
            Done::Empty => Some(Action::Empty),
            Done::Dummy => Some(Action::Dummy),
            Done::Set(number) => Some(Action::Set(number)),
            Done::Map(number) => Some(Action::Map(number)),
            Done::Insert | Done::Length => None,
        }
    }

    /// By how many bytes what stands behind it moves.
    pub(super) fn shift(&self) -> i128 {
        let (start, end) = self.written;
        i128::from(end.saturating_sub(start)).saturating_sub(i128::from(self.end.saturating_sub(self.start)))
    }
}

/// All splices of one source, and the bytes that they write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Splices {
    all: Vec<Splice>,
    written: Vec<u8>,
}

/// How many there are, to go back to.
#[derive(Clone, Copy)]
pub(super) struct Count {
    splices: usize,
    written: usize,
}

impl Splices {
    /// The most bytes that may be written by all: as many as a patch may have.
    const MOST: u64 = crate::resolve::MOST;

    /// None, with room for as many as most files have.
    pub(super) fn with_room() -> Self {
        Self { all: Vec::with_capacity(128), written: Vec::with_capacity(2048) }
    }

    /// `span` goes, and what `write` adds is written in its place. Returns by how many bytes what is behind it moves.
    ///
    /// # Errors
    /// What `write` says; [`ErrorKind::TooMuchToReplace`].
    pub(super) fn push(
        &mut self,
        span: Span,
        about: About,
        done: Done,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), ErrorKind>,
    ) -> Result<i128, ErrorKind> {
        let start = self.written.len();
        write(&mut self.written)?;
        let [start, end] = [start, self.written.len()].map(u32::try_from);
        let too_much = ErrorKind::TooMuchToReplace { limit: Self::MOST };
        let (Ok(start), Ok(end)) = (start, end) else { return Err(too_much) };
        if u64::from(end) > Self::MOST {
            return Err(too_much);
        }
        let About { tag, vr, item, lead } = about;
        let splice = Splice { start: span.start(), end: span.end(), written: (start, end), tag, item, vr, done, lead };
        self.all.push(splice);
        Ok(splice.shift())
    }

    /// In the order of their offsets: what is added stands before what goes at the same place.
    pub(super) fn sort(&mut self) {
        self.all.sort_by_key(|splice| (splice.start, splice.end));
    }

    pub(super) fn all(&self) -> &[Splice] {
        &self.all
    }

    /// What a splice writes.
    pub(super) fn written(&self, splice: &Splice) -> &[u8] {
        self.written.get(range(splice.written)).unwrap_or_default()
    }

    pub(super) fn count(&self) -> Count {
        Count { splices: self.all.len(), written: self.written.len() }
    }

    /// Drops all but the first so many.
    pub(super) fn truncate(&mut self, count: Count) {
        self.all.truncate(count.splices);
        self.written.truncate(count.written);
    }
}

fn range((start, end): (u32, u32)) -> Range<usize> {
    let index = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    index(start)..index(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_splice_is_small() {
        assert_eq!(size_of::<Splice>(), 40);
    }
}
