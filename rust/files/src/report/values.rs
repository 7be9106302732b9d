//! How many values were blanked of each tag.

use std::collections::BTreeMap;

use dicomblank_core::{Edit, Plan, Tag, dictionary};

/// Of one file, or of many: sorted by tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Values(Vec<(Tag, u64)>);

impl Values {
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// The edits of `plan` at `positions`.
    pub(crate) fn of(plan: &Plan, positions: &[u32]) -> Self {
        let edits = plan.edits();
        let tag =
            |position: &u32| usize::try_from(*position).ok().and_then(|position| edits.get(position)).map(Edit::tag);
        let mut tags: Vec<_> = positions.iter().filter_map(tag).collect();
        tags.sort_unstable();
        Self(tags.chunk_by(PartialEq::eq).map(|same| (same[0], same.len() as u64)).collect())
    }

    /// How many there are of all tags.
    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// The same by the keywords of the tags: that of a repeating element, such as an overlay, is the same in every group.
    pub(crate) fn by_keyword(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for (tag, count) in &self.0 {
            let keyword = dictionary::keyword(*tag).filter(|keyword| !keyword.is_empty());
            *counts.entry(keyword.map_or_else(|| tag.to_string(), str::to_owned)).or_default() += count;
        }
        counts
    }

    /// Adds those of another file. Most files of a run have the same tags, so that nothing is inserted.
    pub(crate) fn add(&mut self, more: &Self) {
        let mut at = 0;
        for (tag, count) in &more.0 {
            at += self.0[at..].partition_point(|(known, _)| known < tag);
            match self.0.get_mut(at) {
                Some((known, total)) if known == tag => *total += count,
                _ => self.0.insert(at, (*tag, *count)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use dicomblank_core::{Limits, SliceSource, plan};

    use super::*;
    use crate::testing::sample;

    fn values(counts: &[(u16, u64)]) -> Values {
        Values(counts.iter().map(|(element, count)| (Tag::new(0x10, *element), *count)).collect())
    }

    #[test]
    fn values_are_counted_by_tag() {
        let (bytes, rules) = sample();
        let twice = [&bytes[..], &bytes].concat();
        let plan = plan(&mut SliceSource::new(&twice), &rules, &Limits::default()).unwrap();
        for (positions, expected) in [
            (&[][..], &[][..]),
            (&[1], &[(0x20, 1)]),
            (&[0, 3], &[(0x10, 2)]),
            (&[0, 1, 2, 3, 5], &[(0x10, 2), (0x20, 1), (0x40, 2)]),
        ] {
            let found = Values::of(&plan, positions);
            assert_eq!((&found, found.count()), (&values(expected), positions.len() as u64));
        }
    }

    #[test]
    fn values_are_told_by_keyword() {
        let tags = [(0x10, 0x10, 1), (0x11, 0x1010, 2), (0x6000, 0x3000, 3), (0x6002, 0x3000, 4)];
        let all = Values(tags.map(|(group, element, count)| (Tag::new(group, element), count)).into());
        let told: Vec<_> = all.by_keyword().into_iter().collect();
        let expected = [("(0011,1010)", 2), ("OverlayData", 7), ("PatientName", 1)];
        assert_eq!(told, expected.map(|(name, count)| (name.to_owned(), count)));
    }

    #[test]
    fn values_add_up() {
        let mut all = Values::none();
        for (more, expected) in [
            (&[][..], &[][..]),
            (&[(2, 1), (4, 1)], &[(2, 1), (4, 1)]),
            (&[(2, 1), (4, 2)], &[(2, 2), (4, 3)]),
            (&[(1, 1), (3, 1), (4, 1), (5, 1)], &[(1, 1), (2, 2), (3, 1), (4, 4), (5, 1)]),
            (&[(5, 1)], &[(1, 1), (2, 2), (3, 1), (4, 4), (5, 2)]),
        ] {
            all.add(&values(more));
            assert_eq!(all, values(expected));
        }
    }
}
