//! What became of each file.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dicomblank_core::Plan;

use crate::error::{Blame, FileError};
use crate::file;
use crate::shown::text;
use crate::sources::{Kind, Source};
use crate::unix::At;

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
        let warnings = file::warnings(plan);
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

/// Where a file is: the source it belongs to, its folder below that, its name.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) source: Arc<Source>,
    pub(crate) folder: Arc<Path>,
    pub(crate) name: OsString,
}

impl Place {
    /// The path to open it by.
    pub(crate) fn path(&self) -> PathBuf {
        match self.source.kind {
            Kind::Folder => self.below(&self.source.given),
            _ => self.source.given.clone(),
        }
    }

    /// The path without links and `..`: below a source none are followed.
    pub(crate) fn canonical(&self) -> PathBuf {
        match self.source.kind {
            Kind::Folder => self.below(&self.source.canonical),
            _ => self.source.canonical.clone(),
        }
    }

    /// The path relative to the source; of a single file its name.
    pub(crate) fn relative(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Built at once: to join twice allocates up to four times, for every file.
    fn below(&self, source: &Path) -> PathBuf {
        let length = [source.as_os_str(), self.folder.as_os_str(), &self.name].iter().map(|part| part.len() + 1).sum();
        let mut path = PathBuf::with_capacity(length);
        path.push(source);
        for part in [self.folder.as_os_str(), &self.name] {
            // To push an empty part would add a slash.
            if !part.is_empty() {
                path.push(part);
            }
        }
        path
    }
}

/// A file that is to be done, and how to open it.
#[derive(Clone, Copy)]
pub(crate) struct Located<'a> {
    pub(crate) place: &'a Place,
    /// The path of `place`, for the messages too.
    pub(crate) path: &'a Path,
    /// The same, from the folder that is open.
    pub(crate) at: At<'a>,
}

/// A line of the report: what became of one file.
#[derive(Debug)]
pub struct Row {
    place: Place,
    fate: Fate,
}

impl Row {
    pub(crate) const fn new(place: Place, fate: Fate) -> Self {
        Self { place, fate }
    }

    /// The source as it was given. Bytes that are not UTF-8 are shown as `\xNN`.
    #[must_use]
    pub fn source(&self) -> String {
        text(self.place.source.given.as_os_str())
    }

    /// The path relative to the source; of a single file its name. Bytes that are not UTF-8 are shown as `\xNN`.
    #[must_use]
    pub fn path(&self) -> String {
        let relative = self.place.relative();
        // The source itself, where it is a folder that can't be listed.
        text(if relative.as_os_str().is_empty() { OsStr::new(".") } else { relative.as_os_str() })
    }

    /// The path by which the file was opened.
    #[must_use]
    pub fn full_path(&self) -> PathBuf {
        self.place.path()
    }

    /// What became of it.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.fate.outcome
    }

    /// How many values this run blanked.
    #[must_use]
    pub const fn edits(&self) -> usize {
        self.fate.edits
    }

    /// What is out of order in the file.
    #[must_use]
    pub fn warning(&self) -> Option<&str> {
        self.fate.warning.as_deref()
    }

    /// Why it was refused, has failed or was not looked at. That it is not DICOM, its outcome says.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let error = self.fate.error.as_ref().filter(|_| self.fate.outcome != Outcome::NotDicom)?;
        Some(error.reason(&self.full_path()))
    }

    /// The error, where it [is a fault](Self::is_fault).
    #[must_use]
    pub fn error(&self) -> Option<&FileError> {
        self.fate.error.as_ref().filter(|_| self.is_fault())
    }

    /// Whether it is a symbolic link that was not followed.
    pub(crate) const fn is_link(&self) -> bool {
        matches!(self.fate.error, Some(FileError::Link { .. }))
    }

    /// Whether it was refused or has failed, or was named itself and is not DICOM: whoever named it takes it for a scan.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        match self.fate.outcome {
            Outcome::Refused | Outcome::Failed => true,
            Outcome::NotDicom | Outcome::Archive => self.is_named(),
            Outcome::Anonymized | Outcome::Unchanged | Outcome::Skipped => false,
        }
    }

    /// Whether it was named itself, and not found in a folder.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.place.source.kind != Kind::Folder
    }

    /// Whether it is DICOM, done or not, as far as that is known.
    fn is_dicom(&self) -> bool {
        match self.fate.outcome {
            Outcome::Anonymized | Outcome::Unchanged | Outcome::Refused | Outcome::Failed => true,
            // Its copy is there, or it was not looked at.
            Outcome::Skipped => self.fate.error.is_none(),
            Outcome::NotDicom | Outcome::Archive => false,
        }
    }

    /// Its source, if it is DICOM and was found in a folder.
    pub(crate) fn folder_with_dicom(&self) -> Option<&Arc<Source>> {
        (self.is_dicom() && !self.is_named()).then_some(&self.place.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_knows_the_path_by_which_a_file_is_opened() {
        for (kind, folder, name, full, relative) in [
            (Kind::Folder, "b", "c", "/a/b/c", "b/c"),
            (Kind::Folder, "", "c", "/a/c", "c"),
            (Kind::Folder, "", "", "/a", "."),
            (Kind::File, "", "a", "/a", "a"),
        ] {
            let source = Arc::new(Source { given: "/a".into(), canonical: "/x".into(), kind });
            let row = Row::new(Place { source, folder: Path::new(folder).into(), name: name.into() }, Fate::SKIPPED);
            assert_eq!((row.full_path().as_os_str(), &*row.path()), (OsStr::new(full), relative));
            assert_eq!(row.is_named(), kind == Kind::File);
        }
    }
}
