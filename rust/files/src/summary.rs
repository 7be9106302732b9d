//! The counts of a run.

use std::time::Duration;

use crate::row::{Outcome, Row};

/// Faults that are kept: each is some 300 bytes, and a run over millions of files may refuse them all. The report file has every one.
const FAULTS: usize = 10_000;

/// What became of all files. Every row is counted once, under its outcome.
#[derive(Debug, Default)]
pub struct Summary {
    /// All rows.
    pub files: u64,
    /// See [`Outcome::Anonymized`].
    pub anonymized: u64,
    /// See [`Outcome::Unchanged`].
    pub unchanged: u64,
    /// See [`Outcome::NotDicom`].
    pub not_dicom: u64,
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
    /// The rows of those that were refused or have failed: the first 10,000 of them.
    pub faults: Vec<Row>,
    /// From the first to the last moment.
    pub took: Duration,
    /// Whether the observer cancelled the run.
    pub is_cancelled: bool,
}

impl Summary {
    pub(crate) fn add(&mut self, row: Row) {
        self.files += 1;
        self.edits += row.edits() as u64;
        self.warnings += u64::from(row.warning().is_some());
        self.links += u64::from(row.is_link());
        *match row.outcome() {
            Outcome::Anonymized => &mut self.anonymized,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::NotDicom => &mut self.not_dicom,
            Outcome::Refused => &mut self.refused,
            Outcome::Failed => &mut self.failed,
            Outcome::Skipped => &mut self.skipped,
        } += 1;
        if row.is_fault() && self.faults.len() < FAULTS {
            self.faults.push(row);
        }
    }
}
