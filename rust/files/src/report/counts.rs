//! The counts of a run.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::found::{FoundSum, Sections};
use super::leftovers::Leftovers;
use super::outcome::Outcome;
use super::row::Row;
use super::states::{StateCounts, StateSum};
use super::values::Sum;
use crate::order::inputs::{Input, Inputs, Kind};

/// Faults that are kept: each is some 300 bytes, and a run over millions of files may refuse them all. The report file has every one.
pub const MOST_FAULTS: usize = 10_000;

/// What became of all files of a run. Every row is counted once, under its outcome.
#[derive(Debug, Default)]
pub struct Report {
    counts: [u64; Outcome::ALL.len()],
    values: Sum,
    leftovers: Option<Leftovers>,
    found: FoundSum,
    states: StateSum,
    /// Symbolic links among those that were skipped.
    pub links: u64,
    /// Files with a warning.
    pub warnings: u64,
    /// The rows that [are faults](Row::is_fault): the first 10,000 of them.
    pub faults: Vec<Row>,
    /// The folders that were named in which there is no DICOM file, as they were named; none of a run that was cancelled.
    pub without_dicom: Vec<PathBuf>,
    /// From the first to the last moment.
    pub took: Duration,
    /// Whether the observer cancelled the run.
    pub is_cancelled: bool,
    with_dicom: WithDicom,
}

/// The folders that were named and have DICOM in them.
#[derive(Debug, Default)]
struct WithDicom {
    /// Nearly every row is of the same one as the row before.
    last: Option<Arc<Input>>,
    canonical: HashSet<PathBuf>,
}

impl WithDicom {
    fn add(&mut self, input: &Arc<Input>) {
        if self.last.as_ref().is_none_or(|last| !Arc::ptr_eq(last, input)) {
            self.canonical.insert(input.canonical.clone());
            self.last = Some(input.clone());
        }
    }
}

impl Report {
    /// All rows.
    #[must_use]
    pub fn files(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Those of one outcome.
    #[must_use]
    pub const fn count(&self, outcome: Outcome) -> u64 {
        self.counts[outcome as usize]
    }

    /// Each word of an outcome, and how many rows have it.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Outcome::ALL.iter().zip(self.counts).map(|(outcome, count)| (outcome.word(), count))
    }

    /// Values blanked, in all files together.
    #[must_use]
    pub fn edits(&self) -> u64 {
        self.values.values().count()
    }

    /// The same for each tag of which there were any, by its keyword; by its number where it has none.
    #[must_use]
    pub fn values(&self) -> BTreeMap<String, u64> {
        self.values.values().by_keyword()
    }

    /// What is left, by the words of the report file, as docs/report.md has them: how many files have some at each place,
    /// and how many there are of the values of each attribute; `None` if nothing was looked for.
    #[must_use]
    #[allow(clippy::type_complexity)] // three of a kind
    pub fn leftovers(&self) -> Option<([(&'static str, u64); 5], &BTreeMap<String, u64>, BTreeMap<String, u64>)> {
        self.leftovers.as_ref().map(|sum| (sum.counts(), sum.places(), sum.of()))
    }

    /// Of a dry run: how far the values of each tag are, by the same names.
    #[must_use]
    pub fn states(&self) -> BTreeMap<String, StateCounts> {
        self.states.by_keyword(&self.values)
    }

    /// What stands in files, where that was asked.
    #[must_use]
    pub fn found(&self) -> Sections {
        self.found.sections()
    }

    pub(crate) fn found_json(&self) -> String {
        self.found.json()
    }

    /// In how many files there were any, of the same tags.
    #[must_use]
    pub fn files_with(&self) -> BTreeMap<String, u64> {
        self.values.values().files_by_keyword()
    }

    pub(crate) fn add(&mut self, row: Row) {
        if let Some(dry) = row.dry() {
            self.states.add(dry);
        }
        if let Some(values) = row.values() {
            self.values.add(values);
        }
        if let Some(found) = row.leftovers() {
            self.leftovers.get_or_insert_default().add(found);
        }
        if let Some(found) = row.found() {
            self.found.add(found);
        }
        self.warnings += u64::from(row.has_warnings());
        self.links += u64::from(row.is_link());
        if let Some(input) = row.folder_with_dicom() {
            self.with_dicom.add(input);
        }
        self.counts[row.outcome() as usize] += 1;
        if row.is_fault() && self.faults.len() < MOST_FAULTS {
            self.faults.push(row);
        }
    }

    /// At the end of a run over `inputs`.
    pub(crate) fn finish(mut self, inputs: &Inputs, is_cancelled: bool, took: Duration) -> Self {
        self.found.finish();
        let is_without =
            |input: &&Arc<Input>| input.kind == Kind::Folder && !self.with_dicom.canonical.contains(&input.canonical);
        if !is_cancelled {
            self.without_dicom = inputs.iter().filter(is_without).map(|input| input.given.clone()).collect();
        }
        Self { took, is_cancelled, ..self }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::error::FileError;
    use crate::order::place::Place;
    use crate::report::outcome::Fate;

    fn row(input: &Arc<Input>, fate: Fate) -> Row {
        Row::new(Place { input: input.clone(), folder: Path::new("").into(), name: "x".into() }, fate)
    }

    fn input(path: &str, kind: Kind) -> Arc<Input> {
        Arc::new(Input { given: path.into(), canonical: path.into(), kind })
    }

    #[test]
    fn every_row_is_counted_under_its_outcome() {
        let folder = input("/a", Kind::Folder);
        let mut report = Report::default();
        let faults = [
            Outcome::Refused,
            Outcome::Failed,
            Outcome::Leak,
            Outcome::Differs,
            Outcome::Changed,
            Outcome::OtherLevel,
            Outcome::Unconfirmed,
            Outcome::Missing,
            Outcome::Extra,
            Outcome::Unreadable,
        ];
        for count in 1..=3 {
            for outcome in Outcome::ALL {
                report.add(row(&folder, Fate { has_opaque: outcome == Outcome::Anonymized, ..Fate::of(outcome) }));
            }
            report.add(row(&folder, Fate::skipped(FileError::Link { target: "/b".into() })));
            for outcome in Outcome::ALL {
                let expected = if outcome == Outcome::Skipped { 2 * count } else { count };
                assert_eq!(report.count(outcome), expected, "{outcome}");
            }
            assert_eq!((report.files(), report.links, report.warnings), (20 * count, count, count));
            let kept: Vec<_> = report.faults.iter().map(Row::outcome).collect();
            assert_eq!(kept.len() as u64, faults.len() as u64 * count);
            assert!(kept.iter().all(|outcome| faults.contains(outcome)));
        }
        (0..MOST_FAULTS).for_each(|_| report.add(row(&folder, Fate::of(Outcome::Refused))));
        assert_eq!((report.faults.len(), report.count(Outcome::Refused)), (MOST_FAULTS, MOST_FAULTS as u64 + 3));
    }

    #[test]
    fn folders_without_dicom_are_told_unless_the_run_was_cancelled() {
        let all = [input("/a", Kind::Folder), input("/b", Kind::Folder), input("/c", Kind::File)];
        let inputs = Inputs::of(&all);
        for is_cancelled in [false, true] {
            let mut report = Report::default();
            for (input, outcome) in all.iter().zip([Outcome::Unchanged, Outcome::NotDicom, Outcome::NotDicom]) {
                report.add(row(input, Fate::of(outcome)));
            }
            let report = report.finish(&inputs, is_cancelled, Duration::from_secs(1));
            assert_eq!(report.without_dicom, if is_cancelled { vec![] } else { vec![PathBuf::from("/b")] });
            assert_eq!((report.is_cancelled, report.took), (is_cancelled, Duration::from_secs(1)));
        }
    }
}
