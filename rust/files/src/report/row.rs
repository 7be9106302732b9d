//! What became of each file.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;

use super::outcome::{Fate, Outcome};
use crate::error::FileError;
use crate::order::inputs::{Input, Kind};
use crate::order::place::Place;
use crate::text::text;

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
        text(self.place.input.given.as_os_str())
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
        self.place.input.kind != Kind::Folder
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
    pub(crate) fn folder_with_dicom(&self) -> Option<&Arc<Input>> {
        (self.is_dicom() && !self.is_named()).then_some(&self.place.input)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_row_knows_the_path_by_which_a_file_is_opened() {
        for (kind, folder, name, full, relative) in [
            (Kind::Folder, "b", "c", "/a/b/c", "b/c"),
            (Kind::Folder, "", "c", "/a/c", "c"),
            (Kind::Folder, "", "", "/a", "."),
            (Kind::File, "", "a", "/a", "a"),
        ] {
            let source = Arc::new(Input { given: "/a".into(), canonical: "/x".into(), kind });
            let row =
                Row::new(Place { input: source, folder: Path::new(folder).into(), name: name.into() }, Fate::SKIPPED);
            assert_eq!((row.full_path().as_os_str(), &*row.path()), (OsStr::new(full), relative));
            assert_eq!(row.is_named(), kind == Kind::File);
        }
    }
}
