//! What to overwrite: the plan that one walk makes, and that serves a buffer, a file in place, a copy, a dry run and an
//! audit.

mod bytes;

use core::num::NonZeroU32;

pub use self::bytes::PlanError;

use crate::dictionary;
use crate::fill::Fill;
use crate::padding::Padding;
use crate::rules::Number;
use crate::span::Span;
use crate::tag::{Step, Tag, TagPath};
use crate::vr::Vr;
use crate::warning::Warnings;

/// What is done to the bytes of an edit. Every action keeps the length, and nothing in the file moves: but for the last
/// three, which are told of a [rewrite](crate::rewrite()), and no plan that can be carried out has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Every byte becomes the padding.
    Pad(Padding),
    /// Each UID becomes a keyed one of the same form (PS3.5 §9.1).
    Uid,
    /// Each identifier becomes a keyed one of the same form.
    Identifier,
    /// Each date is shifted by the patient's number of days.
    Shift,
    /// The value becomes this text of the rules, with padding behind it.
    Set(Number),
    /// The value becomes what this table of the rules has for it, with padding behind it.
    Map(Number),
    /// A part of a value becomes given bytes: what is left of another value there.
    Replace,
    /// The element goes, header and value; of a sequence, up to its end.
    Remove,
    /// The value goes, or all items.
    Empty,
    /// The value becomes one that is valid and says nothing, of whatever length.
    Dummy,
}

impl Action {
    /// The action in one word, which is that of the rule.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pad(_) => "blank",
            Self::Uid | Self::Identifier => "pseudonymize",
            Self::Shift => "shift",
            Self::Set(_) => "set",
            Self::Map(_) => "map",
            Self::Replace => "replace",
            Self::Remove => "remove",
            Self::Empty => "empty",
            Self::Dummy => "dummy",
        }
    }

    /// Whether it can't be done twice: done again, it makes something else.
    #[must_use]
    pub const fn is_once(self) -> bool {
        matches!(self, Self::Uid | Self::Identifier | Self::Shift | Self::Map(_))
    }
}

/// One value to overwrite: where it stands and what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit {
    start: u64,
    /// A value is shorter than 2^32 bytes (PS3.5 §7.1.1); 32 bits here keep an edit at 24 bytes.
    length: u32,
    tag: Tag,
    item: ItemRef,
    vr: Vr,
    action: Action,
}

impl Edit {
    pub(crate) const fn new(tag: Tag, vr: Vr, start: u64, length: u32, item: ItemRef, action: Action) -> Self {
        Self { start, length, tag, item, vr, action }
    }

    /// The element's tag.
    #[must_use]
    pub const fn tag(&self) -> Tag {
        self.tag
    }

    /// The value representation as the file states it; in implicit VR the dictionary's, UN where it knows none.
    #[must_use]
    pub const fn vr(&self) -> Vr {
        self.vr
    }

    /// Where the value stands. Never empty.
    #[must_use]
    pub const fn span(&self) -> Span {
        Span::of_value(self.start, self.length)
    }

    /// What pads the value: that of its VR, or where no VR is stated of the dictionary's.
    #[must_use]
    pub fn padding(&self) -> Padding {
        let vr = if self.vr == Vr::UN { dictionary::vr(self.tag).unwrap_or(Vr::UN) } else { self.vr };
        vr.padding()
    }

    /// The padding over its value; `None` where that becomes something else.
    #[inline]
    pub(crate) fn padded(&self) -> Option<Fill<'static>> {
        match self.action {
            Action::Pad(padding) => Some(padding.fill(self.span())),
            _ => None,
        }
    }

    /// What becomes of it.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }
}

/// A value that tells whose the dates of a data set or of a record of a DICOMDIR are, or how records hang together
/// (PS3.3 §F.3.2.2); or where a record begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// [`Tag::ITEM`] for the record itself.
    pub(crate) tag: Tag,
    /// Which record it is of, counted from 0; `None` for the data set.
    pub(crate) record: Option<u32>,
    pub(crate) start: u64,
    pub(crate) length: u32,
}

/// Where an edit's element is: the innermost item that holds it, by its number in the plan's list of items, or the data
/// set itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ItemRef(Option<NonZeroU32>);

impl ItemRef {
    /// The data set itself.
    pub(crate) const ROOT: Self = Self(None);

    /// The item that comes next in a list of `length`; `None` where `limit` is reached.
    pub(crate) fn next(length: usize, limit: u32) -> Option<Self> {
        let number = u32::try_from(length).ok()?.checked_add(1).filter(|number| *number <= limit)?;
        Some(Self(NonZeroU32::new(number)))
    }

    /// Index into the list; `None` for the data set itself.
    pub(crate) fn index(self) -> Option<usize> {
        usize::try_from(self.0?.get().saturating_sub(1)).ok()
    }
}

/// An item that holds edits: in which item its sequence stands, the sequence's tag, and which item of it this is,
/// counted from 0. Only such items are listed, so that a walk without findings allocates nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) parent: ItemRef,
    pub(crate) sequence: Tag,
    pub(crate) index: u32,
}

/// Every value to overwrite in one source, and what was noticed on the way.
///
/// The edits are sorted, do not overlap and lie inside the source: [`plan()`](crate::plan()) yields them in the order
/// of the walk, which only moves forward. Of a deflated file all offsets and the size count in its inflated form: the
/// file meta information as it stands, and behind it the data set as it was before it was deflated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub(crate) edits: Vec<Edit>,
    pub(crate) items: Vec<Item>,
    pub(crate) source_size: u64,
    pub(crate) warnings: Warnings,
    pub(crate) opaque: u32,
    /// Whether an edit may write something else than padding.
    pub(crate) replaces: bool,
    /// In the order of the walk; none where no date is shifted.
    pub(crate) owners: Vec<Owner>,
}

impl Plan {
    /// The edits, in the order of their offsets.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Whether every edit writes padding: known without looking at them.
    #[must_use]
    pub const fn is_padding(&self) -> bool {
        !self.replaces
    }

    /// Number of bytes of the source, which applying the plan does not change.
    #[must_use]
    pub const fn source_size(&self) -> u64 {
        self.source_size
    }

    /// What was met that the standard does not allow but that can hide no value.
    #[must_use]
    pub const fn warnings(&self) -> Warnings {
        self.warnings
    }

    /// How many values begin like items and can't be walked to their end: they stay as they are, and could hold an
    /// identifier.
    #[must_use]
    pub const fn opaque(&self) -> u32 {
        self.opaque
    }

    /// The way to an edit's element, built on request.
    #[must_use]
    pub fn tag_path(&self, edit: &Edit) -> TagPath {
        path_of(&self.items, edit.tag, edit.item)
    }

    /// The same plan, with what was noticed when its values were read.
    #[must_use]
    pub fn noticed(mut self, warnings: Warnings) -> Self {
        self.warnings.join(warnings);
        self
    }

    /// The record of a DICOMDIR that an edit is in, counted from 0.
    pub(crate) fn record(&self, edit: &Edit) -> Option<u32> {
        let mut item = self.item(edit.item)?;
        while let Some(around) = self.item(item.parent) {
            item = around;
        }
        (item.sequence == Tag::RECORDS).then_some(item.index)
    }

    /// The same plan with only those of `edits`, in their order, that it has: what [`audit`](crate::audit) says is left
    /// to do.
    #[must_use]
    pub fn only(mut self, edits: &[Edit]) -> Self {
        let mut wanted = edits.iter().peekable();
        self.edits.retain(|edit| wanted.next_if_eq(&edit).is_some());
        self
    }

    /// The same plan with only the edits at `positions`, which are sorted: what
    /// [`audit_positions`](crate::audit_positions) says is left to do. Made in place: a plan may be the largest thing
    /// in memory, and a second list of edits would nearly double it.
    #[must_use]
    pub fn only_at(mut self, positions: &[u32]) -> Self {
        let mut wanted = positions.iter().copied().peekable();
        let mut position = 0_u32;
        self.edits.retain(|_| {
            let is_wanted = wanted.next_if_eq(&position).is_some();
            position = position.saturating_add(1);
            is_wanted
        });
        self
    }

    fn item(&self, item: ItemRef) -> Option<&Item> {
        self.items.get(item.index()?)
    }
}

/// The way to an element `tag` in one of `items`.
pub(crate) fn path_of(items: &[Item], tag: Tag, item: ItemRef) -> TagPath {
    let mut steps = vec![Step { tag, item: None }];
    let mut around = item;
    // Ends: an item always comes behind its parent.
    while let Some(item) = around.index().and_then(|index| items.get(index)) {
        steps.push(Step { tag: item.sequence, item: Some(item.index) });
        around = item.parent;
    }
    steps.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_small() {
        assert_eq!((size_of::<Edit>(), size_of::<Item>()), (24, 12));
    }
}
