//! What a survey has found so far, and how to go back where a value that was tried as a sequence turns out to be none.

use std::collections::BTreeMap;

use super::found::Unlisted;

/// Something other than padding stands there.
pub(super) const FOUND: u8 = 1;
/// The plan leaves some of it.
pub(super) const LEFT: u8 = 2;

/// By number, and by tag for what has none.
pub(super) struct Seen {
    bits: Vec<u8>,
    tags: BTreeMap<Unlisted, u8>,
    log: Vec<Change>,
    /// Whether changes are to be undone, perhaps: else none are logged.
    pub(super) tries: u32,
}

/// What was there before.
enum Change {
    Number(u16, u8),
    Tag(Unlisted, u8),
}

impl Seen {
    pub(super) fn new(numbers: usize) -> Self {
        Self { bits: vec![0; numbers], tags: BTreeMap::new(), log: Vec::new(), tries: 0 }
    }

    #[inline]
    pub(super) fn of(&self, number: u16) -> u8 {
        self.bits.get(usize::from(number)).copied().unwrap_or(u8::MAX)
    }

    pub(super) fn of_tag(&self, tag: Unlisted) -> u8 {
        self.tags.get(&tag).copied().unwrap_or(0)
    }

    pub(super) fn add(&mut self, number: u16, bits: u8) {
        let Some(known) = self.bits.get_mut(usize::from(number)) else { return };
        if *known & bits != bits {
            if self.tries > 0 {
                self.log.push(Change::Number(number, *known));
            }
            *known |= bits;
        }
    }

    pub(super) fn add_tag(&mut self, tag: Unlisted, bits: u8) {
        let known = self.tags.entry(tag).or_default();
        if *known & bits != bits {
            if self.tries > 0 {
                self.log.push(Change::Tag(tag, *known));
            }
            *known |= bits;
        }
    }

    pub(super) fn changes(&self) -> usize {
        self.log.len()
    }

    /// Undoes all but the first `count` changes, and says whether there were any.
    pub(super) fn go_back(&mut self, count: usize) -> bool {
        let has_changed = self.log.len() > count;
        while self.log.len() > count {
            match self.log.pop() {
                Some(Change::Number(number, before)) => {
                    if let Some(known) = self.bits.get_mut(usize::from(number)) {
                        *known = before;
                    }
                }
                Some(Change::Tag(tag, before)) => {
                    self.tags.insert(tag, before);
                }
                None => {}
            }
        }
        has_changed
    }

    /// No try is open: nothing is undone any more.
    pub(super) fn forget(&mut self) {
        self.log.clear();
    }

    /// Every number that was found, and every name and date, each with whether some of it is left.
    #[allow(clippy::type_complexity)] // what it is, and whether it is left
    pub(super) fn finish(self) -> (Vec<(u16, bool)>, Vec<(Unlisted, bool)>) {
        let is_left = |bits: u8| bits & LEFT != 0;
        let numbers = (0..).zip(&self.bits).filter(|(_, bits)| **bits & FOUND != 0);
        let tags = self.tags.iter().filter(|(_, bits)| **bits & FOUND != 0);
        (
            numbers.map(|(number, bits)| (number, is_left(*bits))).collect(),
            tags.map(|(tag, bits)| (*tag, is_left(*bits))).collect(),
        )
    }
}
