//! How many values were blanked of each tag.

use dicomblank_core::{Edit, Plan, Tag};

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

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Tag, u64)> {
        self.0.iter().copied()
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
