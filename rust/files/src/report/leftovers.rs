//! How much is left in all files of a run.

use std::collections::{BTreeMap, BTreeSet};

use crate::leftover::{Of, Remains};

/// Places that are counted one by one: their tags are a file's, and a folder may have any number of them.
const MOST_PLACES: usize = 10_000;

/// Under this name the others are counted.
const OTHERS: &str = "others";

/// The sum of what was found in many files.
#[derive(Debug, Default)]
pub(crate) struct Leftovers {
    /// Files in which something was looked for.
    searched: u64,
    /// Files with some.
    files: u64,
    /// All of them.
    found: u64,
    replaced: u64,
    /// Values that were too short, or spelled in too many ways, to be looked for.
    not_searched: u64,
    /// Files with some at each place.
    places: BTreeMap<String, u64>,
    /// Whose values they are, as far as they were told.
    of: BTreeMap<Of, u64>,
}

impl Leftovers {
    pub(crate) fn add(&mut self, found: &Remains) {
        self.searched += u64::from(found.is_searched);
        self.not_searched += found.not_searched;
        self.replaced += found.replaced; // of a comparison: also where nothing is left
        if found.count == 0 {
            return;
        }
        self.files += 1;
        self.found += found.count;
        let places: BTreeSet<String> = found.all.iter().map(|leftover| leftover.place.folded()).collect();
        for place in places {
            let is_full = self.places.len() >= MOST_PLACES && !self.places.contains_key(&place);
            *self.places.entry(if is_full { OTHERS.to_owned() } else { place }).or_default() += 1;
        }
        for leftover in &found.all {
            *self.of.entry(leftover.of).or_default() += 1;
        }
    }

    /// The counts by their words.
    pub(crate) fn counts(&self) -> [(&'static str, u64); 5] {
        [
            ("searched", self.searched),
            ("files", self.files),
            ("found", self.found),
            ("replaced", self.replaced),
            ("not_searched", self.not_searched),
        ]
    }

    /// How many files have some at each place.
    pub(crate) const fn places(&self) -> &BTreeMap<String, u64> {
        &self.places
    }

    /// How many there are of the values of each attribute.
    pub(crate) fn of(&self) -> BTreeMap<String, u64> {
        self.of.iter().map(|(of, count)| (of.to_string(), *count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use dicomblank_core::{Step, Tag};

    use super::*;
    use crate::leftover::{Leftover, Where};

    fn at(item: u32) -> Leftover {
        let steps = [(Tag::new(0x40, 0xA730), Some(item)), (Tag::new(0x29, 0x1010), None)];
        let path = steps.into_iter().map(|(tag, item)| Step { tag, item }).collect();
        Leftover { place: Where::Element(path), offset: Some(8), length: 4, of: Of::Element(Tag::PATIENT_ID) }
    }

    #[test]
    fn a_file_is_counted_once_at_each_place() {
        let mut sum = Leftovers::default();
        let path = Leftover { place: Where::Path, offset: None, length: 4, of: Of::Known };
        let found = Remains { all: vec![at(0), at(7), path], count: 300, is_searched: true, ..Remains::default() };
        sum.add(&found);
        sum.add(&Remains { not_searched: 2, ..Remains::default() });
        sum.add(&found);
        assert_eq!(sum.counts().map(|(_, count)| count), [2, 2, 600, 0, 2]);
        let places: Vec<_> = sum.places().iter().map(|(place, count)| (place.as_str(), *count)).collect();
        assert_eq!(places, [("(0040,A730).(0029,1010)", 2), ("path", 2)]);
        assert_eq!(sum.of().into_iter().collect::<Vec<_>>(), [("PatientID".to_owned(), 4), ("known".to_owned(), 2)]);
    }
}
