//! How many values were blanked of each tag.

use std::collections::BTreeMap;
use std::sync::Arc;

use dicomblank_core::{Edit, Plan, Tag, dictionary};

/// Of one file, or of many: sorted by tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Values(Vec<(Tag, u64)>);

impl Values {
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

    /// Adds those of so many files.
    fn add(&mut self, more: &Self, files: u64) {
        let mut new = Vec::new();
        let mut at = 0;
        for (tag, count) in &more.0 {
            at += self.0[at..].partition_point(|(known, _)| known < tag);
            match self.0.get_mut(at) {
                Some((known, total)) if known == tag => *total += count * files,
                _ => new.push((*tag, count * files)),
            }
        }
        if !new.is_empty() {
            // Not one by one, each in its place: a file may have as many tags as it has values.
            self.0.append(&mut new);
            self.0.sort_unstable();
        }
    }
}

/// How many there are of each of `tags`, which are sorted.
fn counted(tags: &[Tag]) -> impl Iterator<Item = (Tag, u64)> {
    tags.chunk_by(PartialEq::eq).map(|same| (same[0], same.len() as u64))
}

/// Counts those of one file after the other. Most files of a run have values of the same tags: what was counted is shared then.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    tags: Vec<Tag>,
    last: Arc<Values>,
}

impl Counter {
    /// Those of the edits of `plan` at `positions`.
    pub(crate) fn count(&mut self, plan: &Plan, positions: &[u32]) -> Arc<Values> {
        let edits = plan.edits();
        let tag =
            |position: &u32| usize::try_from(*position).ok().and_then(|position| edits.get(position)).map(Edit::tag);
        self.tags.clear();
        self.tags.extend(positions.iter().filter_map(tag));
        self.tags.sort_unstable();
        if !counted(&self.tags).eq(self.last.0.iter().copied()) {
            self.last = Arc::new(Values(counted(&self.tags).collect()));
        }
        self.last.clone()
    }
}

/// The sum of those of many files.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    values: Values,
    /// What is shared by the last files, and by how many: to be added.
    last: Option<(Arc<Values>, u64)>,
}

impl Sum {
    /// Adds those of another file.
    pub(crate) fn add(&mut self, more: &Arc<Values>) {
        match &mut self.last {
            Some((last, files)) if Arc::ptr_eq(last, more) => *files += 1,
            last => {
                if let Some((before, files)) = last.replace((more.clone(), 1)) {
                    self.values.add(&before, files);
                }
            }
        }
    }

    /// All of them.
    pub(crate) fn values(&self) -> Values {
        let mut values = self.values.clone();
        if let Some((last, files)) = &self.last {
            values.add(last, *files);
        }
        values
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
    fn values_are_counted_by_tag_and_shared_with_the_next_file() {
        let (bytes, rules) = sample();
        let twice = [&bytes[..], &bytes].concat();
        let plan = plan(&mut SliceSource::new(&twice), &rules, &Limits::default()).unwrap();
        let mut counter = Counter::default();
        for (positions, expected) in [
            (&[][..], &[][..]),
            (&[1], &[(0x20, 1)]),
            (&[0, 3], &[(0x10, 2)]),
            (&[0, 1, 2, 3, 5], &[(0x10, 2), (0x20, 1), (0x40, 2)]),
            (&[0, 1, 2, 3], &[(0x10, 2), (0x20, 1), (0x40, 1)]),
            (&[0, 1, 2], &[(0x10, 1), (0x20, 1), (0x40, 1)]),
        ] {
            let found = counter.count(&plan, positions);
            assert_eq!((&*found, found.count()), (&values(expected), positions.len() as u64));
            assert!(Arc::ptr_eq(&found, &counter.count(&plan, positions)));
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
        let mut all = Sum::default();
        for (files, more, expected) in [
            (1, &[][..], &[][..]),
            (1, &[(2, 1), (4, 1)], &[(2, 1), (4, 1)]),
            (3, &[(2, 1), (4, 2)], &[(2, 4), (4, 7)]),
            (1, &[(1, 1), (3, 1), (4, 1), (5, 1)], &[(1, 1), (2, 4), (3, 1), (4, 8), (5, 1)]),
            (2, &[(5, 1)], &[(1, 1), (2, 4), (3, 1), (4, 8), (5, 3)]),
        ] {
            let more = Arc::new(values(more));
            (0..files).for_each(|_| all.add(&more));
            assert_eq!(all.values(), values(expected));
        }
    }
}
