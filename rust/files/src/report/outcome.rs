//! What became of one file.

use std::fmt;

use dicomblank_core::Plan;

use crate::error::{Blame, FileError};
use crate::read::opened;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Values were blanked in it, or in its copy.
    Anonymized,
    /// There was nothing left to blank.
    Unchanged,
    /// It is left alone, and not copied.
    NotDicom,
    /// It is an archive or compressed, and was not looked into: left alone, and not copied.
    Archive,
    /// The file is to blame: nothing was written.
    Refused,
    /// The system is to blame.
    Failed,
    /// It was not looked at, or its copy is there already.
    Skipped,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymized => "anonymized",
            Self::Unchanged => "unchanged",
            Self::NotDicom => "not-dicom",
            Self::Archive => "archive",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        })
    }
}

/// What became of a file, and why.
#[derive(Debug)]
pub(crate) struct Fate {
    pub(crate) outcome: Outcome,
    pub(crate) edits: usize,
    pub(crate) warning: Option<String>,
    pub(crate) error: Option<FileError>,
}

impl Fate {
    /// Done, with `edits` values blanked.
    pub(crate) fn done(plan: &Plan, edits: usize) -> Self {
        let outcome = if edits == 0 { Outcome::Unchanged } else { Outcome::Anonymized };
        let warnings = opened::warnings(plan);
        let warning = if warnings.is_empty() { None } else { Some(warnings.join("; ")) };
        Self { outcome, edits, warning, error: None }
    }

    /// The same, with another warning.
    pub(crate) fn warned(self, warning: Option<String>) -> Self {
        let both: Vec<_> = [self.warning, warning].into_iter().flatten().collect();
        Self { warning: if both.is_empty() { None } else { Some(both.join("; ")) }, ..self }
    }

    /// Its copy is there already.
    pub(crate) const SKIPPED: Self = Self { outcome: Outcome::Skipped, edits: 0, warning: None, error: None };

    /// Not looked at, for `reason`.
    pub(crate) fn skipped(error: FileError) -> Self {
        Self { error: Some(error), ..Self::SKIPPED }
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
        Self { outcome, edits: 0, warning: None, error: Some(error) }
    }
}
