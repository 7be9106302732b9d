//! How many values were blanked of each tag, and in how many files.

use std::collections::BTreeMap;
use std::sync::Arc;

use dicomblank_core::{Edit, Plan, Tag, dictionary};

/// Of one file, or of many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Values {
    values: Counts,
    /// Files with any. The groups of a repeating element are one: a file with two overlays is one file with overlays.
    files: Counts,
}

impl Values {
    /// Those of one file.
    fn of(values: Counts) -> Self {
        let mut tags: Vec<_> = values.0.iter().map(|(tag, _)| first_of_its_kind(*tag)).collect();
        tags.sort_unstable();
        tags.dedup();
        Self { values, files: Counts(tags.into_iter().map(|tag| (tag, 1)).collect()) }
    }

    /// How many there are of all tags.
    pub(crate) fn count(&self) -> u64 {
        self.values.0.iter().map(|(_, count)| count).sum()
    }

    /// The same by the keywords of the tags: that of a repeating element, such as an overlay, is the same in every group.
    pub(crate) fn by_keyword(&self) -> BTreeMap<String, u64> {
        self.values.by_keyword()
    }

    /// In how many files there are any, by the same keywords.
    pub(crate) fn files_by_keyword(&self) -> BTreeMap<String, u64> {
        self.files.by_keyword()
    }

    /// Adds those of so many files that have the same.
    fn add(&mut self, more: &Self, files: u64) {
        self.values.add(&more.values, files);
        self.files.add(&more.files, files);
    }
}

/// The tag that stands for all that have its keyword: of a repeating element that of the first group.
fn first_of_its_kind(tag: Tag) -> Tag {
    let is_alone = dictionary::keyword(tag).is_none_or(|keyword| dictionary::tag(keyword) == Some(tag));
    let covers = |mask: u32, value: u32| u32::from(tag) & mask == value;
    let repeated = || dictionary::repeaters().find(|(mask, value, ..)| covers(*mask, *value));
    if is_alone { tag } else { repeated().map_or(tag, |(_, value, ..)| Tag::from(value)) }
}

/// A number for each of some tags, sorted by tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counts(Vec<(Tag, u64)>);

impl Counts {
    fn by_keyword(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for (tag, count) in &self.0 {
            let keyword = dictionary::keyword(*tag).filter(|keyword| !keyword.is_empty());
            *counts.entry(keyword.map_or_else(|| tag.to_string(), str::to_owned)).or_default() += count;
        }
        counts
    }

    /// Adds the others so many times.
    fn add(&mut self, more: &Self, times: u64) {
        let mut new = Vec::new();
        let mut at = 0;
        for (tag, count) in &more.0 {
            at += self.0[at..].partition_point(|(known, _)| known < tag);
            match self.0.get_mut(at) {
                Some((known, total)) if known == tag => *total += count * times,
                _ => new.push((*tag, count * times)),
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
        if !counted(&self.tags).eq(self.last.values.0.iter().copied()) {
            self.last = Arc::new(Values::of(Counts(counted(&self.tags).collect())));
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
        Values::of(Counts(counts.iter().map(|(element, count)| (Tag::new(0x10, *element), *count)).collect()))
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
        let tags = [(0x10, 0x10, 1), (0x11, 0x1010, 2), (0x6000, 0x3000, 3), (0x6002, 0x3000, 4), (0x7FE0, 0x10, 5)];
        let tags = tags.map(|(group, element, count)| (Tag::new(group, element), count));
        let all = Values::of(Counts(tags.into()));
        let expected = [("(0011,1010)", 2, 1), ("OverlayData", 7, 1), ("PatientName", 1, 1), ("PixelData", 5, 1)];
        let values: Vec<_> = all.by_keyword().into_iter().collect();
        assert_eq!(values, expected.map(|(name, count, _)| (name.to_owned(), count)));
        let files: Vec<_> = all.files_by_keyword().into_iter().collect();
        assert_eq!(files, expected.map(|(name, _, files)| (name.to_owned(), files)));
    }

    #[test]
    fn a_file_with_several_overlays_is_one_file_with_overlays() {
        let overlays = |groups: &[u16]| {
            Arc::new(Values::of(Counts(groups.iter().map(|group| (Tag::new(*group, 0x3000), 1)).collect())))
        };
        let mut all = Sum::default();
        for groups in [&[0x6000, 0x6002][..], &[0x6002], &[0x6004, 0x6010, 0x60FE]] {
            all.add(&overlays(groups));
        }
        let all = all.values();
        assert_eq!(all.by_keyword().into_iter().collect::<Vec<_>>(), [("OverlayData".to_owned(), 6)]);
        assert_eq!(all.files_by_keyword().into_iter().collect::<Vec<_>>(), [("OverlayData".to_owned(), 3)]);
    }

    #[test]
    fn values_add_up() {
        let mut all = Sum::default();
        let tag = |element: u16| Tag::new(0x10, element);
        for (files, more, expected, in_files) in [
            (1, &[][..], &[][..], &[][..]),
            (1, &[(2, 1), (4, 1)], &[(2, 1), (4, 1)], &[(2, 1), (4, 1)]),
            (3, &[(2, 1), (4, 2)], &[(2, 4), (4, 7)], &[(2, 4), (4, 4)]),
            (
                1,
                &[(1, 1), (3, 1), (4, 1), (5, 1)],
                &[(1, 1), (2, 4), (3, 1), (4, 8), (5, 1)],
                &[(1, 1), (2, 4), (3, 1), (4, 5), (5, 1)],
            ),
            (2, &[(5, 1)], &[(1, 1), (2, 4), (3, 1), (4, 8), (5, 3)], &[(1, 1), (2, 4), (3, 1), (4, 5), (5, 3)]),
        ] {
            let more = Arc::new(values(more));
            (0..files).for_each(|_| all.add(&more));
            let counts =
                |rows: &[(u16, u64)]| Counts(rows.iter().map(|(element, count)| (tag(*element), *count)).collect());
            assert_eq!(all.values(), Values { values: counts(expected), files: counts(in_files) });
        }
    }
}
