//! What a survey looks for. All of it is given: the core knows no attribute that is looked for.

use core::fmt;

use crate::listed::Listed;
use crate::tag::Tag;

/// Which tags a [`Sign`] is about: those that are `value` in the bits of `mask`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tags {
    /// The bits that count.
    pub mask: u32,
    /// What they are.
    pub value: u32,
}

impl Tags {
    /// One tag.
    #[must_use]
    pub fn of(tag: Tag) -> Self {
        Self { mask: u32::MAX, value: tag.into() }
    }

    fn cover(self, tag: Tag) -> bool {
        u32::from(tag) & self.mask == self.value
    }
}

/// What shows that a source has a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// An element of these tags stands there, at any depth, with something other than padding; a sequence, with such a
    /// value below it.
    Stands(Tags),
    /// An element of this tag is in the data set itself, and is not empty. Its value is not looked at.
    Present(Tag),
    /// An element of the data set itself has this code, whatever the case and the padding.
    Code(Tag, Box<str>),
    /// All of the first subjects are there, and none of the second. They are given before this one.
    Deduced {
        /// Numbers of subjects that are there.
        all: Vec<u16>,
        /// Numbers of subjects that are not.
        none: Vec<u16>,
    },
    /// The preamble has a byte that is not zero, and is not of a [mark](crate::Marks) (PS3.10 §7.1).
    Preamble,
    /// Bytes that are no element stand behind the last one, and are not zeros.
    Trailing,
    /// A value could be a sequence, and can't be read as one.
    Opaque,
    /// The source can be read in more than one way, and the readings do not show the same subjects.
    Ambiguous,
}

/// Subjects by their numbers, and the private creators whose names may be told.
///
/// Numbers of subjects come first, then those of the creators in their order, then one for all other creators.
pub struct Subjects {
    count: u16,
    /// By number of entry.
    entries: Vec<Entry>,
    /// Open addressing, with [`NONE`] where nothing is: this is asked of every element.
    slots: Vec<(u32, u16)>,
    /// Those that are about more than one tag.
    masked: Vec<(Tags, u16)>,
    /// In which groups those are, by their high byte and whether they are odd: nearly no element of nearly every file
    /// is one of them.
    masked_groups: [bool; 512],
    codes: Vec<(Tag, Box<[u8]>, u16)>,
    /// What is not about an element.
    pub(super) others: Vec<(Sign, u16)>,
    /// In small letters, sorted, each with its number.
    creators: Vec<(Box<[u8]>, u16)>,
    creator_count: u16,
}

/// What is looked for in the elements of one tag.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) stands: Vec<u16>,
    pub(super) present: Vec<u16>,
    has_codes: bool,
}

impl Entry {
    pub(super) const fn has_codes(&self) -> bool {
        self.has_codes
    }
}

const NONE: u16 = u16::MAX;
/// More than the table of PS3.15 and all known creators have, many times over, and far below what a number holds.
const MOST: usize = 16 * 1024;
/// The longest value that may be a code or a creator: an LO or UI of 64 characters (PS3.5 §6.2).
pub(super) const LONGEST: usize = 64;

impl Subjects {
    /// Subjects with the numbers from 0 on, as many as `count`, each with any number of signs; and creators whose names
    /// may be told. `None` where there are more than 16,384 of either, or a sign has no subject.
    #[must_use]
    pub fn new<'a>(
        count: u16,
        signs: impl IntoIterator<Item = (u16, Sign)>,
        creators: impl IntoIterator<Item = &'a str>,
    ) -> Option<Self> {
        let creators: Vec<&str> = creators.into_iter().collect();
        if usize::from(count) > MOST || creators.len() > MOST {
            return None;
        }
        let creator_count = u16::try_from(creators.len()).ok()?;
        let numbered = creators.into_iter().zip(count..);
        let mut creators: Vec<_> =
            numbered.map(|(name, number)| (name.trim().to_ascii_lowercase().into_bytes().into(), number)).collect();
        creators.sort_unstable();
        creators.dedup_by(|(one, _), (other, _): &mut (Box<[u8]>, u16)| one == other);
        let mut subjects = Self {
            count,
            entries: Vec::new(),
            slots: vec![(0, NONE); 256],
            masked: Vec::new(),
            masked_groups: [false; 512],
            codes: Vec::new(),
            others: Vec::new(),
            creators,
            creator_count,
        };
        for (number, sign) in signs {
            if number >= count || subjects.entries.len() >= MOST {
                return None;
            }
            match sign {
                Sign::Stands(tags) if tags.mask == u32::MAX => {
                    subjects.entry(Tag::from(tags.value))?.stands.push(number);
                }
                Sign::Stands(tags) => subjects.add_masked(tags, number),
                Sign::Present(tag) => subjects.entry(tag)?.present.push(number),
                Sign::Code(tag, code) => {
                    subjects.entry(tag)?.has_codes = true;
                    subjects.codes.push((tag, code.trim().to_ascii_lowercase().into_bytes().into(), number));
                }
                other => subjects.others.push((other, number)),
            }
        }
        Some(subjects)
    }

    /// How many numbers there are: of subjects, of creators, and of all other creators.
    pub(super) fn numbers(&self) -> usize {
        usize::from(self.count).saturating_add(usize::from(self.creator_count)).saturating_add(1)
    }

    /// The number of elements of private creators whose names are not told.
    pub(super) const fn unknown_creator(&self) -> u16 {
        self.count.saturating_add(self.creator_count)
    }

    /// The number of the creator that a value names.
    pub(super) fn creator(&self, value: &[u8]) -> u16 {
        let mut small = [0; LONGEST];
        let name = lower(value, &mut small);
        let found = self.creators.binary_search_by(|(known, _)| (**known).cmp(name)).ok();
        found.and_then(|place| self.creators.get(place)).map_or(self.unknown_creator(), |(_, number)| *number)
    }

    /// What is looked for in the elements of `tag`, as a number; `None` for nothing.
    #[inline]
    pub(super) fn find(&self, tag: Tag) -> Option<u16> {
        let mut at = place(tag, self.slots.len());
        // Ends: at least half of the slots are free.
        while let Some((known, entry)) = self.slots.get(at) {
            if *entry == NONE {
                return None;
            }
            if *known == u32::from(tag) {
                return Some(*entry);
            }
            at = at.wrapping_add(1) & self.slots.len().wrapping_sub(1);
        }
        None
    }

    #[inline]
    pub(super) fn entry_at(&self, number: u16) -> Option<&Entry> {
        self.entries.get(usize::from(number))
    }

    /// The numbers of the subjects on more than one tag that cover `tag`.
    #[inline]
    pub(super) fn masked(&self, tag: Tag) -> impl Iterator<Item = u16> + '_ {
        let masked = if self.masked_groups.get(group_of(tag)) == Some(&true) { &*self.masked } else { &[] };
        masked.iter().filter(move |(tags, _)| tags.cover(tag)).map(|(_, number)| *number)
    }

    fn add_masked(&mut self, tags: Tags, number: u16) {
        self.masked.push((tags, number));
        for (group, is_masked) in (0_u32..).zip(&mut self.masked_groups) {
            // The bits of a tag that tell the one of these groups it is in.
            const HIGH_BYTE: u32 = 0xFF00_0000;
            const ODD: u32 = 0x0001_0000;
            let begins = (group >> 1_u32) << 24_u32 | (group & 1) << 16_u32;
            *is_masked |= (begins ^ tags.value) & tags.mask & (HIGH_BYTE | ODD) == 0;
        }
    }

    /// The numbers of the subjects that a value of `tag` in the data set itself is the code of.
    pub(super) fn codes<'a>(&'a self, tag: Tag, value: &[u8]) -> impl Iterator<Item = u16> + 'a {
        let mut small = [0; LONGEST];
        let code: Box<[u8]> = lower(value, &mut small).into();
        let is_it = move |(of, known, _): &&(Tag, Box<[u8]>, u16)| *of == tag && **known == *code;
        self.codes.iter().filter(is_it).map(|(.., number)| *number)
    }

    fn entry(&mut self, tag: Tag) -> Option<&mut Entry> {
        if let Some(number) = self.find(tag) {
            return self.entries.get_mut(usize::from(number));
        }
        let number = u16::try_from(self.entries.len()).ok()?;
        self.entries.push(Entry::default());
        if self.entries.len().saturating_mul(4) > self.slots.len() {
            self.grow();
        }
        self.put(tag.into(), number);
        self.entries.last_mut()
    }

    fn grow(&mut self) {
        let size = self.slots.len().saturating_mul(4);
        let before = core::mem::replace(&mut self.slots, vec![(0, NONE); size]);
        for (tag, entry) in before {
            if entry != NONE {
                self.put(tag, entry);
            }
        }
    }

    fn put(&mut self, tag: u32, number: u16) {
        let mut at = place(Tag::from(tag), self.slots.len());
        while let Some(slot) = self.slots.get_mut(at) {
            if slot.1 == NONE {
                *slot = (tag, number);
                return;
            }
            at = at.wrapping_add(1) & self.slots.len().wrapping_sub(1);
        }
    }
}

/// No reader may see an attribute that is looked for anywhere else than the walk does. Of private elements that can't be
/// asked: it would be every one.
impl Listed for Subjects {
    fn is_listed(&self, tag: Tag) -> bool {
        let stands =
            || self.find(tag).and_then(|entry| self.entry_at(entry)).is_some_and(|entry| !entry.stands.is_empty());
        !tag.is_private() && (stands() || self.masked(tag).next().is_some())
    }
}

impl fmt::Debug for Subjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subjects({}, {} creators)", self.count, self.creator_count)
    }
}

/// Which of [`Subjects::masked_groups`] a tag is in.
#[inline]
fn group_of(tag: Tag) -> usize {
    let group = tag.group();
    usize::from(group >> 8_u32) << 1_u32 | usize::from(group & 1)
}

/// Where the search for a tag begins among `size` slots, which are a power of two.
#[inline]
fn place(tag: Tag, size: usize) -> usize {
    let mixed = u32::from(tag).wrapping_mul(0x9E37_79B1).wrapping_shr(12);
    usize::try_from(mixed).unwrap_or(0) & size.wrapping_sub(1)
}

/// A value without its padding, in small letters; nothing where it is too long for a code or a creator.
fn lower<'a>(value: &[u8], small: &'a mut [u8; LONGEST]) -> &'a [u8] {
    let is_padding = |byte: &u8| matches!(byte, b' ' | 0);
    let start = value.iter().position(|byte| !is_padding(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_padding(byte)).map_or(start, |last| last.saturating_add(1));
    let trimmed = value.get(start..end).unwrap_or_default();
    let Some(small) = small.get_mut(..trimmed.len()) else { return &[] };
    small.copy_from_slice(trimmed);
    small.make_ascii_lowercase();
    small
}
