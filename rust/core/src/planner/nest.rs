//! The sequences around the current element: what they hand on, and their items, as far as edits are in them.

use super::owners::Place;
use crate::error::ErrorKind;
use crate::plan::{Item, ItemRef};
use crate::tag::Tag;

/// `I` is what the elements of a sequence inherit from the rules on the sequences around them.
pub(crate) struct Nest<I> {
    /// Outermost first.
    open: Vec<Open<I>>,
    /// Those that hold edits.
    items: Vec<Item>,
    limit: u32,
}

/// A sequence that is open, and its current item.
#[derive(Clone, Copy)]
struct Open<I> {
    sequence: Tag,
    /// Items begun.
    begun: u32,
    /// The current item, once an edit in it has asked.
    item: Option<ItemRef>,
    inherited: I,
}

/// What elements inherit where values are overwritten.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Inherited {
    Blank,
    #[default]
    Nothing,
}

impl Nest<Inherited> {
    /// Whether an open sequence is blanked.
    pub(crate) fn blanks(&self) -> bool {
        self.open.iter().any(|open| open.inherited == Inherited::Blank)
    }
}

impl<I: Copy + Default> Nest<I> {
    /// Items are paid for as edits are, of which there may be `limit`: a chain of deep ones must not outgrow them.
    pub(crate) const fn new(limit: u32) -> Self {
        Self { open: Vec::new(), items: Vec::new(), limit }
    }

    /// The next element is inside `depth` sequences.
    #[inline]
    pub(crate) fn come_to(&mut self, depth: usize) {
        if self.open.len() > depth {
            self.open.truncate(depth); // a call, for what seldom happens
        }
    }

    /// How many sequences are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn open(&mut self, sequence: Tag, inherited: I) {
        self.open.push(Open { sequence, begun: 0, item: None, inherited });
    }

    pub(crate) fn begin_item(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.begun = open.begun.saturating_add(1);
            open.item = None;
        }
    }

    /// What the innermost sequence hands on from here on.
    pub(crate) fn hand_on(&mut self, inherited: I) {
        if let Some(open) = self.open.last_mut() {
            open.inherited = inherited;
        }
    }

    /// What the innermost sequence hands on.
    #[inline]
    pub(crate) fn around(&self) -> I {
        self.open.last().map_or_else(I::default, |open| open.inherited)
    }

    /// The tags of the sequences that are open, outermost first.
    pub(crate) fn tags(&self) -> impl Iterator<Item = Tag> + '_ {
        self.open.iter().map(|open| open.sequence)
    }

    /// Whether the current element is one of the data set, or of a record of a DICOMDIR; `None` where it is in another
    /// sequence.
    pub(crate) fn place(&self) -> Option<Place> {
        match self.open.as_slice() {
            [] => Some(Place::DataSet),
            [open] if open.sequence == Tag::RECORDS => Some(Place::Record(open.begun.saturating_sub(1))),
            _ => None,
        }
    }

    /// The current item. It and those around it are listed when the first edit in it asks.
    ///
    /// # Errors
    /// Where there are too many.
    pub(crate) fn item(&mut self) -> Result<ItemRef, ErrorKind> {
        let known = self.open.iter().rposition(|open| open.item.is_some());
        let mut item = known.and_then(|index| self.open.get(index)?.item).unwrap_or(ItemRef::ROOT);
        let unknown = known.map_or(0, |index| index.saturating_add(1));
        for open in self.open.get_mut(unknown..).unwrap_or_default() {
            let next = Item { parent: item, sequence: open.sequence, index: open.begun.saturating_sub(1) };
            item = ItemRef::next(self.items.len(), self.limit).ok_or(ErrorKind::TooManyEdits { limit: self.limit })?;
            self.items.push(next);
            open.item = Some(item);
        }
        Ok(item)
    }

    /// How many items are listed.
    pub(crate) fn listed(&self) -> usize {
        self.items.len()
    }

    /// Drops all but the first `count` items.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.items.truncate(count);
        for open in &mut self.open {
            // An item around a value that was tried may have been listed inside the try.
            open.item = open.item.filter(|item| item.index().is_some_and(|index| index < count));
        }
    }

    pub(crate) fn items(self) -> Vec<Item> {
        self.items
    }
}
