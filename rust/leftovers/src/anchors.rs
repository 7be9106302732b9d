//! What the bytes are searched for: how spellings begin, all of them at once.

use aho_corasick::packed::{self, MatchKind};
use aho_corasick::{AhoCorasick, Input, Span};

/// The most that the packed searcher takes: more would be searched for by a machine that takes twenty times as long.
const PACKED: usize = 64;

/// Short strings, each of which may be the beginning of another one.
pub(crate) struct Anchors {
    /// For each of them, the longest other one that it begins with.
    shorter: Vec<Option<usize>>,
    machine: Machine,
}

enum Machine {
    Nothing,
    Packed(packed::Searcher),
    Many(AhoCorasick),
}

impl Anchors {
    /// A search for `all`, which are in order, each once, and none of them empty. `None` where there are too many.
    pub(crate) fn new(all: &[&[u8]]) -> Option<Self> {
        Some(Self { shorter: shorter(all), machine: Machine::new(all)? })
    }

    /// The first place from `from` on where one stands, and the longest that stands there. `end` is where the search
    /// ends.
    #[inline]
    pub(crate) fn next(&self, haystack: &[u8], from: usize, end: usize) -> Option<(usize, usize)> {
        if from >= end {
            return None;
        }
        let found = match &self.machine {
            Machine::Nothing => None,
            Machine::Packed(searcher) => searcher.find_in(haystack, Span { start: from, end }),
            Machine::Many(machine) => machine.find(Input::new(haystack).range(from..end)),
        }?;
        Some((found.pattern().as_usize(), found.start()))
    }

    /// `anchor`, and all that it begins with: those stand where it stands.
    pub(crate) fn with_shorter(&self, anchor: usize) -> impl Iterator<Item = usize> {
        core::iter::successors(Some(anchor), |anchor| self.shorter.get(*anchor).copied().flatten())
    }
}

impl Machine {
    fn new(all: &[&[u8]]) -> Option<Self> {
        if all.is_empty() {
            return Some(Self::Nothing);
        }
        if all.len() <= PACKED {
            let built = packed::Config::new().match_kind(MatchKind::LeftmostLongest).builder().extend(all).build();
            // Not every processor has what it needs.
            if let Some(searcher) = built {
                return Some(Self::Packed(searcher));
            }
        }
        AhoCorasick::builder().match_kind(aho_corasick::MatchKind::LeftmostLongest).build(all).ok().map(Self::Many)
    }
}

fn shorter(all: &[&[u8]]) -> Vec<Option<usize>> {
    let mut around: Vec<usize> = Vec::new();
    let mut found = Vec::with_capacity(all.len());
    for (index, anchor) in all.iter().enumerate() {
        while around.last().is_some_and(|last| !all.get(*last).is_some_and(|last| anchor.starts_with(last))) {
            around.pop();
        }
        found.push(around.last().copied());
        around.push(index);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_and_all_that_stand_there() {
        let all: [&[u8]; 5] = [b"ab", b"abc", b"abcd", b"abd", b"b"];
        let anchors = Anchors::new(&all).unwrap();
        for (haystack, from, expected) in [
            (&b"xxabcx"[..], 0, Some((2, vec![1, 0]))),
            (b"xxabdx", 0, Some((2, vec![3, 0]))),
            (b"xxabcdx", 0, Some((2, vec![2, 1, 0]))),
            (b"xxabcdx", 3, Some((3, vec![4]))),
            (b"xxxx", 0, None),
            (b"", 0, None),
            (b"ab", 2, None),
        ] {
            for padding in [0, 100] {
                // A short haystack is searched in another way than a long one.
                let haystack = [haystack, &vec![b'-'; padding]].concat();
                let found = anchors.next(&haystack, from, haystack.len());
                let found = found.map(|(anchor, at)| (at, anchors.with_shorter(anchor).collect::<Vec<_>>()));
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn few_and_many_are_found_alike() {
        let words: Vec<Vec<u8>> = (0..5000_u32).map(|number| format!("w{number:04}").into_bytes()).collect();
        let haystack = b"--- w4999 w0001 w1234";
        for count in [1, 64, 65, 5000] {
            let all: Vec<&[u8]> = words[5000 - count..].iter().map(Vec::as_slice).collect();
            let anchors = Anchors::new(&all).unwrap();
            assert_eq!(anchors.next(haystack, 0, haystack.len()), Some((count - 1, 4)));
        }
        assert!(Anchors::new(&[]).unwrap().next(haystack, 0, haystack.len()).is_none());
    }
}
