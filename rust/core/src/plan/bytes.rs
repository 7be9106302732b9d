//! A plan as bytes, for another process: made by one, read by one of the same version.
//!
//! No value is in them. All numbers are little endian:
//!
//! ```text
//! format u32, source size u64, warnings u8, opaque u32, items u32, edits u32
//! an item:  parent u32, sequence u32, index u32
//! an edit:  start u64, length u32, tag u32, item u32, VR u8 u8, byte to pad with u8
//! ```
//!
//! An item is referred to by its number in the list, counted from 1; 0 is the data set itself.

use core::fmt;
use core::num::NonZeroU32;

use super::{Action, Edit, Item, ItemRef, Plan};
use crate::padding::Padding;
use crate::tag::Tag;
use crate::vr::Vr;
use crate::warning::Warnings;

/// The number that the bytes begin with. Another one with every change of what stands behind it, or of what a plan
/// means.
const FORMAT: u32 = 1;

/// The bytes of an item and of an edit.
const ITEM: usize = 12;
const EDIT: usize = 23;

/// Why bytes are no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// They begin with the number of another format: they are of another version.
    OtherFormat,
    /// They are not what [`Plan::to_bytes`] gives.
    Damaged,
}

impl Plan {
    /// The plan as bytes, for another process of the same version: not a format to keep, since the next version may
    /// have another.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (items, edits) = (self.items.len().saturating_mul(ITEM), self.edits.len().saturating_mul(EDIT));
        let mut bytes = Vec::with_capacity(items.saturating_add(edits).saturating_add(25));
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend(self.source_size.to_le_bytes());
        bytes.push(self.warnings.bits());
        bytes.extend(self.opaque.to_le_bytes());
        for count in [self.items.len(), self.edits.len()] {
            // There are no more than `Limits::edits`, which is a u32.
            bytes.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
        }
        for item in &self.items {
            bytes.extend(item.parent.number().to_le_bytes());
            bytes.extend(u32::from(item.sequence).to_le_bytes());
            bytes.extend(item.index.to_le_bytes());
        }
        for edit in &self.edits {
            let Action::Pad(padding) = edit.action;
            bytes.extend(edit.start.to_le_bytes());
            bytes.extend(edit.length.to_le_bytes());
            bytes.extend(u32::from(edit.tag).to_le_bytes());
            bytes.extend(edit.item.number().to_le_bytes());
            bytes.extend(edit.vr.letters());
            bytes.push(padding.byte());
        }
        bytes
    }

    /// The plan that [`to_bytes`](Self::to_bytes) of the same version has given as `bytes`. Whatever they are, a plan
    /// of them is sound: its edits are sorted, do not overlap, are not empty and lie inside the source.
    ///
    /// # Errors
    /// [`PlanError`] for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PlanError> {
        let mut rest = Rest(bytes);
        match rest.u32() {
            Some(FORMAT) => rest.plan().ok_or(PlanError::Damaged),
            Some(_) => Err(PlanError::OtherFormat),
            None => Err(PlanError::Damaged),
        }
    }
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn plan(&mut self) -> Option<Plan> {
        let source_size = self.u64()?;
        let [warnings] = self.take()?;
        let opaque = self.u32()?;
        let (count, edits) = (self.count()?, self.count()?);
        let size = count.checked_mul(ITEM)?.checked_add(edits.checked_mul(EDIT)?)?;
        if self.0.len() != size {
            return None; // and nothing is set aside for numbers that are wrong
        }
        let mut items = Vec::with_capacity(count);
        for before in 0..count {
            items.push(self.item(before)?);
        }
        let mut all: Vec<Edit> = Vec::with_capacity(edits);
        for _ in 0..edits {
            let edit = self.edit(count)?;
            let free = all.last().map_or(0, |last| last.span().end());
            let end = edit.start.checked_add(u64::from(edit.length))?;
            if edit.length == 0 || edit.start < free || end > source_size {
                return None;
            }
            all.push(edit);
        }
        Some(Plan { edits: all, items, source_size, warnings: Warnings::from_bits(warnings), opaque })
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.u32()?).ok()
    }

    /// The item behind so many others: its parent is one of them, so that the way to every item has an end.
    fn item(&mut self, before: usize) -> Option<Item> {
        let (parent, sequence, index) = (self.item_ref(before)?, self.u32()?, self.u32()?);
        Some(Item { parent, sequence: Tag::from(sequence), index })
    }

    fn edit(&mut self, items: usize) -> Option<Edit> {
        let (start, length, tag, item) = (self.u64()?, self.u32()?, self.u32()?, self.item_ref(items)?);
        let vr = Vr::from_bytes(self.take()?)?;
        let edit = Edit::new(Tag::from(tag), vr, start, length, item);
        let [byte] = self.take()?;
        (edit.action == Action::Pad(Padding::from_byte(byte)?)).then_some(edit)
    }

    /// One of `items`, or the data set itself.
    fn item_ref(&mut self, items: usize) -> Option<ItemRef> {
        let item = ItemRef(NonZeroU32::new(self.u32()?));
        item.index().is_none_or(|index| index < items).then_some(item)
    }
}

impl ItemRef {
    fn number(self) -> u32 {
        self.0.map_or(0, NonZeroU32::get)
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherFormat => "a plan of another version of dicomblank",
            Self::Damaged => "not a plan, or a damaged one",
        })
    }
}

impl core::error::Error for PlanError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warning::Warning;

    const NAME: Tag = Tag::new(0x0010, 0x0010);

    /// Two names in two items, one inside the other, a UID behind them, and all that a plan says beside.
    fn plan() -> Plan {
        let at = |number| ItemRef(NonZeroU32::new(number));
        let item = |parent, index| Item { parent: at(parent), sequence: Tag::new(0x0040, 0xA730), index };
        let mut warnings = Warnings::default();
        warnings.add(Warning::TrailingZeros);
        Plan {
            edits: vec![
                Edit::new(NAME, Vr::PN, 10, 4, at(2)),
                Edit::new(NAME, Vr::PN, 14, 6, at(1)),
                Edit::new(Tag::new(0x0008, 0x0018), Vr::UI, 30, 10, ItemRef::ROOT),
            ],
            items: vec![item(0, 7), item(1, 0)],
            source_size: 40,
            warnings,
            opaque: 3,
        }
    }

    #[test]
    fn a_plan_comes_back() {
        let empty = Plan { edits: vec![], items: vec![], source_size: 0, warnings: Warnings::default(), opaque: 0 };
        for plan in [plan(), empty] {
            let bytes = plan.to_bytes();
            assert_eq!(bytes.len(), 25 + ITEM * plan.items.len() + EDIT * plan.edits.len());
            assert_eq!(Plan::from_bytes(&bytes), Ok(plan));
        }
    }

    /// Each thing that a plan never is.
    #[test]
    fn what_is_no_plan_is_refused() {
        type Row = (&'static str, fn(&mut Plan));
        let rows: [Row; 11] = [
            ("an empty edit", |plan| plan.edits[0].length = 0),
            ("edits that overlap", |plan| plan.edits[0].length = 5),
            ("edits out of order", |plan| plan.edits.swap(0, 1)),
            ("an edit twice", |plan| plan.edits[1] = plan.edits[0]),
            ("an edit over the end", |plan| plan.source_size = 39),
            ("an edit behind all numbers", |plan| plan.edits[2].start = u64::MAX - 1),
            ("an edit in no item", |plan| plan.edits[0].item = ItemRef(NonZeroU32::new(3))),
            ("an item in itself", |plan| plan.items[1].parent = ItemRef(NonZeroU32::new(2))),
            ("an item in a later one", |plan| plan.items[0].parent = ItemRef(NonZeroU32::new(2))),
            ("an item in no item", |plan| plan.items[1].parent = ItemRef(NonZeroU32::new(9))),
            ("text with NULs", |plan| plan.edits[0].action = Action::Pad(Padding::Nul)),
        ];
        for (what, change) in rows {
            let mut plan = plan();
            change(&mut plan);
            assert_eq!((what, Plan::from_bytes(&plan.to_bytes())), (what, Err(PlanError::Damaged)));
        }
        let bytes = plan().to_bytes();
        let at_end = |back: usize, byte: u8| {
            let mut bytes = bytes.clone();
            let at = bytes.len() - back;
            bytes[at] = byte;
            Plan::from_bytes(&bytes)
        };
        assert_eq!((at_end(1, b'x'), at_end(2, b'x')), (Err(PlanError::Damaged), Err(PlanError::Damaged)));
        assert_eq!(Plan::from_bytes(&[&bytes[..], &[0]].concat()), Err(PlanError::Damaged));
        assert_eq!(Plan::from_bytes(&[&[2], &bytes[1..]].concat()), Err(PlanError::OtherFormat));
        for length in 0..bytes.len() {
            assert_eq!((length, Plan::from_bytes(&bytes[..length])), (length, Err(PlanError::Damaged)));
        }
    }
}
