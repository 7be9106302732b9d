//! What became of one file.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use dicomblank_core::{Plan, Warning, Warnings};

use super::found::Found;
use super::states::DryFound;
use super::values::{Counter, Values};
use crate::error::{Blame, FileError};
use crate::finding::Finding;
use crate::leftover::Remains;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Values were blanked in it, or in its copy.
    Anonymized,
    /// There was nothing left to blank.
    Unchanged,
    /// A dry run: there are values to blank in it.
    Planned,
    /// It is left alone, and not copied.
    NotDicom,
    /// It is an archive or compressed, and was not looked into: left alone, and not copied.
    Archive,
    /// It was not looked at, or its copy is there already.
    Skipped,
    /// The file is to blame: nothing was written.
    Refused,
    /// The system is to blame.
    Failed,
    /// Compared with its original: nothing is left to blank, and nothing else has changed.
    Ok,
    /// Compared: both are no DICOM, and equal, or it was not copied.
    BothNotDicom,
    /// Compared: a value that was to be blanked is still there.
    Leak,
    /// Compared: pydicom takes a blanked value for longer, with bytes of other elements in it.
    Differs,
    /// Compared: something else has changed.
    Changed,
    /// Compared: it is what another level makes of the original.
    OtherLevel,
    /// Compared: its bytes are as they should be, and pydicom can read neither it nor its original.
    Unconfirmed,
    /// Compared: there is no copy of it. Where that is so since it would be refused, it is [`Self::Refused`].
    Missing,
    /// Compared: there is no original of it.
    Extra,
    /// Compared: it can't be read.
    Unreadable,
    /// It was looked into.
    Inspected,
}

impl Outcome {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 19] = [
        Self::Anonymized,
        Self::Unchanged,
        Self::Planned,
        Self::NotDicom,
        Self::Archive,
        Self::Skipped,
        Self::Refused,
        Self::Failed,
        Self::Ok,
        Self::BothNotDicom,
        Self::Leak,
        Self::Differs,
        Self::Changed,
        Self::OtherLevel,
        Self::Unconfirmed,
        Self::Missing,
        Self::Extra,
        Self::Unreadable,
        Self::Inspected,
    ];

    /// In one word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Anonymized => "anonymized",
            Self::Unchanged => "unchanged",
            Self::Planned => "planned",
            Self::NotDicom | Self::BothNotDicom => "not-dicom",
            Self::Archive => "archive",
            Self::Skipped => "skipped",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Ok => "ok",
            Self::Leak => "leak",
            Self::Differs => "differs",
            Self::Changed => "changed",
            Self::OtherLevel => "other-level",
            Self::Unconfirmed => "unconfirmed",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Unreadable => "unreadable",
            Self::Inspected => "inspected",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What became of a file, and why.
#[derive(Debug)]
pub(crate) struct Fate {
    pub(crate) outcome: Outcome,
    /// What was blanked; of a dry run what is to be.
    pub(crate) values: Option<Arc<Values>>,
    /// What a dry run found.
    pub(crate) dry: Option<Box<DryFound>>,
    /// What stands in it, where that was asked.
    pub(crate) found: Option<Arc<Found>>,
    pub(crate) warnings: Warnings,
    pub(crate) has_opaque: bool,
    pub(crate) cause: Option<Cause>,
    /// What is left, where it was looked for.
    pub(crate) leftovers: Option<Box<Remains>>,
    /// The levels whose result it is, where they are not what was asked about.
    pub(crate) levels: Vec<String>,
    /// The copy, where one was written or compared.
    pub(crate) output: Option<PathBuf>,
}

/// Why something became of a file.
#[derive(Debug)]
pub(crate) enum Cause {
    Error(FileError),
    Finding(Finding),
}

impl Fate {
    /// One of which there is no more to say.
    pub(crate) fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            values: None,
            warnings: Warnings::default(),
            has_opaque: false,
            cause: None,
            leftovers: None,
            found: None,
            dry: None,
            levels: Vec::new(),
            output: None,
        }
    }

    /// Done, with the values blanked that are at the positions `left` of its plan.
    pub(crate) fn done(plan: &Plan, left: &[u32], counter: &mut Counter) -> Self {
        let outcome = if left.is_empty() { Outcome::Unchanged } else { Outcome::Anonymized };
        let values = Some(counter.count(plan, left));
        Self { values, warnings: plan.warnings(), has_opaque: plan.opaque() > 0, ..Self::of(outcome) }
    }

    /// The same of a file that is rewritten. A new head alone makes a new file of it: `is_same` says whether every byte
    /// stayed.
    pub(crate) fn rewritten(self, is_same: bool) -> Self {
        Self { outcome: if is_same { Outcome::Unchanged } else { Outcome::Anonymized }, ..self }
    }

    /// The same, with what is left.
    pub(crate) fn with(self, leftovers: Option<Box<Remains>>) -> Self {
        Self { leftovers, ..self }
    }

    /// Looked into.
    pub(crate) fn inspected(found: Arc<Found>, warnings: Warnings, has_opaque: bool) -> Self {
        Self { found: Some(found), warnings, has_opaque, ..Self::of(Outcome::Inspected) }
    }

    /// The same, with a copy written.
    pub(crate) fn copied(self, output: PathBuf) -> Self {
        Self { output: Some(output), ..self }
    }

    /// The same, with what was noticed when values were replaced.
    pub(crate) fn noticed(mut self, warnings: Warnings) -> Self {
        self.warnings.join(warnings);
        self
    }

    /// Done, but with something that went wrong behind it.
    pub(crate) fn despite(self, error: Option<FileError>) -> Self {
        Self { cause: error.map(Cause::Error), ..self }
    }

    /// Its copy is there already.
    pub(crate) fn copied_already() -> Self {
        let finding = Finding::new("copied-already", "");
        Self { cause: Some(Cause::Finding(finding)), ..Self::of(Outcome::Skipped) }
    }

    /// Not looked at.
    pub(crate) fn skipped(error: FileError) -> Self {
        Self { cause: Some(Cause::Error(error)), ..Self::of(Outcome::Skipped) }
    }

    /// Compared with its original, or the other way round.
    pub(crate) fn compared(outcome: Outcome, finding: Option<Finding>) -> Self {
        Self { cause: finding.map(Cause::Finding), ..Self::of(outcome) }
    }

    /// Compared, and what `levels` make of its original.
    pub(crate) fn of_other_levels(levels: Vec<String>, finding: Finding) -> Self {
        Self { levels, ..Self::compared(Outcome::OtherLevel, Some(finding)) }
    }

    /// In words, what is out of order in the file.
    pub(crate) fn warnings(&self) -> Vec<&'static str> {
        words(self.warnings, self.has_opaque)
    }
}

impl From<FileError> for Fate {
    fn from(error: FileError) -> Self {
        let outcome = match error.blame() {
            _ if matches!(error, FileError::Archive(_)) => Outcome::Archive,
            _ if error.is_not_dicom() => Outcome::NotDicom,
            Blame::File => Outcome::Refused,
            Blame::System => Outcome::Failed,
        };
        Self { cause: Some(Cause::Error(error)), ..Self::of(outcome) }
    }
}

/// What was noticed in a file that was planned all the same: words of [`Warning::words`].
#[must_use]
pub fn warnings(plan: &Plan) -> Vec<&'static str> {
    words(plan.warnings(), plan.opaque() > 0)
}

fn words(warnings: Warnings, has_opaque: bool) -> Vec<&'static str> {
    warnings.iter().map(Warning::word).chain(has_opaque.then_some(Warning::OPAQUE_VALUES)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Programs read them, and each is counted by its place.
    #[test]
    fn outcomes_in_words() {
        let words = Outcome::ALL.map(Outcome::word).join(" ");
        assert_eq!(
            words,
            "anonymized unchanged planned not-dicom archive skipped refused failed ok not-dicom leak differs changed other-level unconfirmed missing extra unreadable inspected"
        );
        assert!(Outcome::ALL.iter().enumerate().all(|(index, outcome)| *outcome as usize == index));
    }
}
