//! The counts of a run.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::order::inputs::Input;
use crate::order::inputs::Inputs;
use crate::order::inputs::Kind;
use crate::report::outcome::Outcome;
use crate::report::row::Row;
use crate::text::text;

/// Faults that are kept: each is some 300 bytes, and a run over millions of files may refuse them all. The report file has every one.
const FAULTS: usize = 10_000;

/// What became of all files. Every row is counted once, under its outcome.
#[derive(Debug, Default)]
pub struct Report {
    /// All rows.
    pub files: u64,
    /// See [`Outcome::Anonymized`].
    pub anonymized: u64,
    /// See [`Outcome::Unchanged`].
    pub unchanged: u64,
    /// See [`Outcome::NotDicom`].
    pub not_dicom: u64,
    /// See [`Outcome::Archive`].
    pub archives: u64,
    /// See [`Outcome::Refused`].
    pub refused: u64,
    /// See [`Outcome::Failed`].
    pub failed: u64,
    /// See [`Outcome::Skipped`].
    pub skipped: u64,
    /// Symbolic links among those that were skipped.
    pub links: u64,
    /// Files with a warning.
    pub warnings: u64,
    /// Values blanked.
    pub edits: u64,
    /// The rows that [are faults](Row::is_fault): the first 10,000 of them.
    pub faults: Vec<Row>,
    /// The folders that were named in which there is no DICOM file, as they were named; none of a run that was cancelled.
    pub without_dicom: Vec<String>,
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
    fn add(&mut self, source: &Arc<Input>) {
        if self.last.as_ref().is_none_or(|last| !Arc::ptr_eq(last, source)) {
            self.canonical.insert(source.canonical.clone());
            self.last = Some(source.clone());
        }
    }
}

impl Report {
    pub(crate) fn add(&mut self, row: Row) {
        self.files += 1;
        self.edits += row.edits() as u64;
        self.warnings += u64::from(row.warning().is_some());
        self.links += u64::from(row.is_link());
        if let Some(source) = row.folder_with_dicom() {
            self.with_dicom.add(source);
        }
        *match row.outcome() {
            Outcome::Anonymized => &mut self.anonymized,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::NotDicom => &mut self.not_dicom,
            Outcome::Archive => &mut self.archives,
            Outcome::Refused => &mut self.refused,
            Outcome::Failed => &mut self.failed,
            Outcome::Skipped => &mut self.skipped,
        } += 1;
        if row.is_fault() && self.faults.len() < FAULTS {
            self.faults.push(row);
        }
    }
    /// At the end of a run over `sources`.
    pub(crate) fn finish(mut self, sources: &Inputs, is_cancelled: bool, took: Duration) -> Self {
        let is_without = |source: &&Arc<Input>| {
            source.kind == Kind::Folder && !self.with_dicom.canonical.contains(&source.canonical)
        };
        if !is_cancelled {
            self.without_dicom =
                sources.iter().filter(is_without).map(|source| text(source.given.as_os_str())).collect();
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

    fn row(source: &Arc<Input>, fate: Fate) -> Row {
        Row::new(Place { input: source.clone(), folder: Path::new("").into(), name: "x".into() }, fate)
    }

    fn fate(outcome: Outcome) -> Fate {
        Fate { outcome, edits: 0, warning: None, error: None }
    }

    fn source(path: &str, kind: Kind) -> Arc<Input> {
        Arc::new(Input { given: path.into(), canonical: path.into(), kind })
    }

    #[test]
    fn every_row_is_counted_under_its_outcome() {
        let folder = source("/a", Kind::Folder);
        let mut summary = Report::default();
        for count in 1..=3 {
            let warning = || Some("odd".to_owned());
            for fate in [
                Fate { edits: 5, warning: warning(), ..fate(Outcome::Anonymized) },
                Fate { warning: warning(), ..fate(Outcome::Unchanged) },
                fate(Outcome::NotDicom),
                fate(Outcome::Archive),
                fate(Outcome::Refused),
                fate(Outcome::Failed),
                fate(Outcome::Skipped),
                Fate::skipped(FileError::Link { target: "/b".into() }),
            ] {
                summary.add(row(&folder, fate));
            }
            let Report { anonymized, unchanged, not_dicom, archives, refused, failed, .. } = summary;
            assert_eq!([anonymized, unchanged, not_dicom, archives, refused, failed], [count; 6]);
            let Report { files, skipped, links, warnings, edits, .. } = summary;
            assert_eq!([files, skipped, links, warnings, edits], [8, 2, 1, 2, 5].map(|each| each * count));
            assert_eq!(summary.faults.len() as u64, 2 * count);
        }
        (0..FAULTS).for_each(|_| summary.add(row(&folder, fate(Outcome::Refused))));
        assert_eq!((summary.faults.len(), summary.refused), (FAULTS, FAULTS as u64 + 3));
    }

    #[test]
    fn folders_without_dicom_are_told_unless_the_run_was_cancelled() {
        let all = [source("/a", Kind::Folder), source("/b", Kind::Folder), source("/c", Kind::File)];
        let sources = Inputs::of(&all);
        for is_cancelled in [false, true] {
            let mut summary = Report::default();
            for (source, outcome) in all.iter().zip([Outcome::Unchanged, Outcome::NotDicom, Outcome::NotDicom]) {
                summary.add(row(source, fate(outcome)));
            }
            let summary = summary.finish(&sources, is_cancelled, Duration::from_secs(1));
            assert_eq!(summary.without_dicom, if is_cancelled { &[][..] } else { &["/b"] });
            assert_eq!((summary.is_cancelled, summary.took), (is_cancelled, Duration::from_secs(1)));
        }
    }
}
