//! A plan as bytes, for another process: made by one, read by one of the same version.
//!
//! No value is in them. All numbers are little endian:
//!
//! ```text
//! format u32, source size u64, warnings u16, opaque u32, items u32, edits u32, owners u32
//! an item:   parent u32, sequence u32, index u32
//! an edit:   start u64, length u32, tag u32, item u32, VR u8 u8, action u8, its number u16
//! an owner:  tag u32, record u32, start u64, length u32
//! ```
//!
//! Items and records are referred to by their number in the list, counted from 1; 0 is the data set itself. The number
//! of an action is that of a text or table of the rules, or the byte to pad with.

use core::fmt;
use core::num::NonZeroU32;

use super::{Action, Edit, Item, ItemRef, Owner, Plan};
use crate::padding::Padding;
use crate::rules::Number;
use crate::tag::Tag;
use crate::vr::Vr;
use crate::warning::Warnings;

/// The number that the bytes begin with. Another one with every change of what stands behind it, or of what a plan
/// means.
const FORMAT: u32 = 3;

/// The bytes of an item, of an edit and of an owner.
const ITEM: usize = 12;
const EDIT: usize = 25;
const OWNER: usize = 20;

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
        let owners = self.owners.len().saturating_mul(OWNER);
        let mut bytes = Vec::with_capacity(items.saturating_add(edits).saturating_add(owners).saturating_add(30));
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend(self.source_size.to_le_bytes());
        bytes.extend(self.warnings.bits().to_le_bytes());
        bytes.extend(self.opaque.to_le_bytes());
        for count in [self.items.len(), self.edits.len(), self.owners.len()] {
            // The limits of each are a u32.
            bytes.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
        }
        for item in &self.items {
            bytes.extend(item.parent.number().to_le_bytes());
            bytes.extend(u32::from(item.sequence).to_le_bytes());
            bytes.extend(item.index.to_le_bytes());
        }
        for edit in &self.edits {
            bytes.extend(edit.start.to_le_bytes());
            bytes.extend(edit.length.to_le_bytes());
            bytes.extend(u32::from(edit.tag).to_le_bytes());
            bytes.extend(edit.item.number().to_le_bytes());
            bytes.extend(edit.vr.letters());
            let (action, [low, high]) = edit.action.code();
            bytes.extend([action, low, high]);
        }
        for owner in &self.owners {
            bytes.extend(u32::from(owner.tag).to_le_bytes());
            bytes.extend(owner.record.map_or(0, |record| record.saturating_add(1)).to_le_bytes());
            bytes.extend(owner.start.to_le_bytes());
            bytes.extend(owner.length.to_le_bytes());
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
        let warnings = Warnings::from_bits(u16::from_le_bytes(self.take()?));
        let opaque = self.u32()?;
        let (count, edits, owners) = (self.count()?, self.count()?, self.count()?);
        let size = count.checked_mul(ITEM)?.checked_add(edits.checked_mul(EDIT)?)?;
        let size = size.checked_add(owners.checked_mul(OWNER)?)?;
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
        let owners = (0..owners).map(|_| self.owner(source_size)).collect::<Option<Vec<_>>>()?;
        let replaces = all.iter().any(|edit| !matches!(edit.action, Action::Pad(_)));
        Some(Plan { edits: all, items, source_size, warnings, opaque, replaces, owners })
    }

    fn owner(&mut self, source_size: u64) -> Option<Owner> {
        let (tag, record) = (self.u32()?, self.u32()?);
        let (start, length) = (self.u64()?, self.u32()?);
        let is_inside = start.checked_add(u64::from(length))? <= source_size;
        is_inside.then_some(Owner { tag: Tag::from(tag), record: record.checked_sub(1), start, length })
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
        let [action, number @ ..] = self.take::<3>()?;
        Some(Edit::new(Tag::from(tag), vr, start, length, item, Action::of_code(action, number)?))
    }

    /// One of `items`, or the data set itself.
    fn item_ref(&mut self, items: usize) -> Option<ItemRef> {
        let item = ItemRef(NonZeroU32::new(self.u32()?));
        item.index().is_none_or(|index| index < items).then_some(item)
    }
}

impl Action {
    fn code(self) -> (u8, [u8; 2]) {
        match self {
            Self::Pad(padding) => (0, [padding.byte(), 0]),
            Self::Uid => (1, [0; 2]),
            Self::Identifier => (2, [0; 2]),
            Self::Shift => (3, [0; 2]),
            Self::Set(number) => (4, number.bytes()),
            Self::Map(number) => (5, number.bytes()),
            Self::Replace => (6, [0; 2]),
            Self::Remove => (7, [0; 2]),
            Self::Empty => (8, [0; 2]),
            Self::Dummy => (9, [0; 2]),
        }
    }

    fn of_code(action: u8, number: [u8; 2]) -> Option<Self> {
        match (action, number) {
            (0, [byte, 0]) => Padding::from_byte(byte).map(Self::Pad),
            (1, [0, 0]) => Some(Self::Uid),
            (2, [0, 0]) => Some(Self::Identifier),
            (3, [0, 0]) => Some(Self::Shift),
            (4, number) => Some(Self::Set(Number::from_bytes(number))),
            (5, number) => Some(Self::Map(Number::from_bytes(number))),
            (6, [0, 0]) => Some(Self::Replace),
            (7, [0, 0]) => Some(Self::Remove),
            (8, [0, 0]) => Some(Self::Empty),
            (9, [0, 0]) => Some(Self::Dummy),
            _ => None,
        }
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
                Edit::new(NAME, Vr::PN, 10, 4, at(2), Action::Pad(Padding::Space)),
                Edit::new(NAME, Vr::PN, 14, 6, at(1), Action::Identifier),
                Edit::new(NAME, Vr::PN, 20, 1, at(1), Action::Shift),
                Edit::new(NAME, Vr::PN, 21, 1, at(1), Action::Set(Number::from_bytes([1, 2]))),
                Edit::new(NAME, Vr::PN, 22, 1, at(1), Action::Map(Number::from_bytes([3, 0]))),
                Edit::new(NAME, Vr::PN, 23, 2, at(1), Action::Remove),
                Edit::new(NAME, Vr::PN, 25, 2, at(1), Action::Empty),
                Edit::new(NAME, Vr::PN, 27, 2, at(1), Action::Dummy),
                Edit::new(Tag::new(0x0008, 0x0018), Vr::UI, 30, 10, ItemRef::ROOT, Action::Uid),
            ],
            items: vec![item(0, 7), item(1, 0)],
            source_size: 40,
            warnings,
            opaque: 3,
            replaces: true,
            owners: vec![
                Owner { tag: Tag::PATIENT_ID, record: None, start: 36, length: 4 },
                Owner { tag: Tag::ITEM, record: Some(0), start: 2, length: 0 },
            ],
        }
    }

    #[test]
    fn a_plan_comes_back() {
        let warnings = Warnings::default();
        let empty =
            Plan { edits: vec![], items: vec![], source_size: 0, warnings, opaque: 0, replaces: false, owners: vec![] };
        for plan in [plan(), empty] {
            let bytes = plan.to_bytes();
            let lists = ITEM * plan.items.len() + EDIT * plan.edits.len() + OWNER * plan.owners.len();
            assert_eq!(bytes.len(), 30 + lists);
            assert_eq!(Plan::from_bytes(&bytes), Ok(plan));
        }
    }

    /// Each thing that a plan never is.
    #[test]
    fn what_is_no_plan_is_refused() {
        type Row = (&'static str, fn(&mut Plan));
        let rows: [Row; 12] = [
            ("an empty edit", |plan| plan.edits[0].length = 0),
            ("edits that overlap", |plan| plan.edits[0].length = 5),
            ("edits out of order", |plan| plan.edits.swap(0, 1)),
            ("an edit twice", |plan| plan.edits[1] = plan.edits[0]),
            ("an edit over the end", |plan| plan.source_size = 39),
            ("an edit behind all numbers", |plan| plan.edits[8].start = u64::MAX - 1),
            ("an owner over the end", |plan| plan.owners[0].length = 5),
            ("an owner behind all numbers", |plan| plan.owners[1].start = u64::MAX),
            ("an edit in no item", |plan| plan.edits[0].item = ItemRef(NonZeroU32::new(3))),
            ("an item in itself", |plan| plan.items[1].parent = ItemRef(NonZeroU32::new(2))),
            ("an item in a later one", |plan| plan.items[0].parent = ItemRef(NonZeroU32::new(2))),
            ("an item in no item", |plan| plan.items[1].parent = ItemRef(NonZeroU32::new(9))),
        ];
        for (what, change) in rows {
            let mut plan = plan();
            change(&mut plan);
            assert_eq!((what, Plan::from_bytes(&plan.to_bytes())), (what, Err(PlanError::Damaged)));
        }
        let bytes = plan().to_bytes();
        let edit = bytes.len() - 2 * OWNER - EDIT; // the last one
        for (what, at, byte) in [
            ("no VR", edit + 21, b'x'),
            ("no action", edit + 22, 10),
            ("an action with a number that it has not", edit + 23, 1),
            ("the same", edit + 24, 1),
            ("no padding", edit - 7 * EDIT - EDIT + 23, b'x'),
        ] {
            let mut bytes = bytes.clone();
            bytes[at] = byte;
            assert_eq!((what, Plan::from_bytes(&bytes)), (what, Err(PlanError::Damaged)));
        }
        assert_eq!(Plan::from_bytes(&[&bytes[..], &[0]].concat()), Err(PlanError::Damaged));
        assert_eq!(Plan::from_bytes(&[&[1], &bytes[1..]].concat()), Err(PlanError::OtherFormat));
        for length in 0..bytes.len() {
            assert_eq!((length, Plan::from_bytes(&bytes[..length])), (length, Err(PlanError::Damaged)));
        }
    }
}
