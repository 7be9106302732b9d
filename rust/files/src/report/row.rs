//! What became of each file.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::found::Found;
use super::outcome::{Cause, Fate, Outcome};
use super::states::DryFound;
use super::values::Values;
use crate::error::FileError;
use crate::finding::Finding;
use crate::leftover::Remains;
use crate::order::inputs::{Input, Kind};
use crate::order::place::Place;
use crate::read::dry_run::DryRun;

/// What became of one file.
#[derive(Debug)]
pub struct Row {
    place: Place,
    fate: Fate,
}

impl Row {
    pub(crate) const fn new(place: Place, fate: Fate) -> Self {
        Self { place, fate }
    }

    /// The source as it was given.
    #[must_use]
    pub fn source(&self) -> &OsStr {
        self.place.input.given.as_os_str()
    }

    /// The path relative to the source; of a single file its name; "." for the source itself, where it is a folder that can't be listed.
    #[must_use]
    pub fn path(&self) -> OsString {
        let relative = self.place.relative().into_os_string();
        if relative.is_empty() { ".".into() } else { relative }
    }

    /// The path by which the file was opened.
    #[must_use]
    pub fn full_path(&self) -> PathBuf {
        self.place.path()
    }

    /// The copy, where one was written, or was compared.
    #[must_use]
    pub fn output(&self) -> Option<&Path> {
        self.fate.output.as_deref()
    }

    /// What became of it.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.fate.outcome
    }

    /// How many values this run blanked.
    #[must_use]
    pub fn edits(&self) -> u64 {
        self.values().map_or(0, |values| values.count())
    }

    /// Where values stand that were blanked or replaced elsewhere; `None` if that was not looked for.
    #[must_use]
    pub fn leftovers(&self) -> Option<&Remains> {
        match &self.fate.cause {
            Some(Cause::Error(FileError::Leftovers(found))) => Some(found),
            _ => self.fate.leftovers.as_deref(),
        }
    }

    pub(crate) const fn values(&self) -> Option<&Arc<Values>> {
        self.fate.values.as_ref()
    }

    /// The plan of a dry run that keeps them, and how far its values are.
    #[must_use]
    pub fn dry_run(&self) -> Option<&DryRun> {
        self.dry()?.dry_run.as_ref()
    }

    pub(crate) fn dry(&self) -> Option<&DryFound> {
        self.fate.dry.as_deref()
    }

    pub(crate) const fn found(&self) -> Option<&Arc<Found>> {
        self.fate.found.as_ref()
    }

    /// What is out of order in the file: words of [`Warning::words`](dicomblank_core::Warning::words).
    #[must_use]
    pub fn warnings(&self) -> Vec<&'static str> {
        self.fate.warnings()
    }

    pub(crate) const fn has_warnings(&self) -> bool {
        self.fate.has_opaque || !self.fate.warnings.is_empty()
    }

    /// Why it was refused, has failed, was not looked at, or is not as it should be. That it is not DICOM, its outcome says.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        match (&self.fate.cause, self.fate.outcome) {
            (None, _) | (_, Outcome::NotDicom) => None,
            (Some(Cause::Error(error)), _) => Some(error.finding(&self.full_path())),
            (Some(Cause::Finding(finding)), _) => Some(finding.clone()),
        }
    }

    /// The error, where it [is a fault](Self::is_fault).
    #[must_use]
    pub fn error(&self) -> Option<&FileError> {
        match &self.fate.cause {
            Some(Cause::Error(error)) if self.is_fault() => Some(error),
            _ => None,
        }
    }

    /// The levels whose result it is, where that is not what was asked about; else none.
    #[must_use]
    pub fn levels(&self) -> &[String] {
        &self.fate.levels
    }

    pub(crate) fn into_place(self) -> Place {
        self.place
    }

    pub(crate) fn into_parts(self) -> (Place, Fate) {
        (self.place, self.fate)
    }

    /// The same of a file that was to be compared.
    pub(crate) fn into_unreadable(self) -> Self {
        let finding = self.finding();
        Self { fate: Fate::compared(Outcome::Unreadable, finding), ..self }
    }

    /// Whether it is a symbolic link that was not followed.
    pub(crate) const fn is_link(&self) -> bool {
        matches!(self.fate.cause, Some(Cause::Error(FileError::Link { .. })))
    }

    /// Whether something is wrong: it was refused or has failed, is not what its original says, or was named itself and is not DICOM, so that
    /// somebody takes it for a scan.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        match self.fate.outcome {
            Outcome::NotDicom | Outcome::Archive => self.is_named(),
            Outcome::Anonymized
            | Outcome::Unchanged
            | Outcome::Planned
            | Outcome::Skipped
            | Outcome::Ok
            | Outcome::BothNotDicom
            | Outcome::Inspected => false,
            Outcome::Refused
            | Outcome::Failed
            | Outcome::Leak
            | Outcome::Differs
            | Outcome::Changed
            | Outcome::OtherLevel
            | Outcome::Unconfirmed
            | Outcome::Missing
            | Outcome::Extra
            | Outcome::Unreadable => true,
        }
    }

    /// Whether it says more than that a file is done.
    #[must_use]
    pub fn is_notable(&self) -> bool {
        let is_done = matches!(
            self.fate.outcome,
            Outcome::Anonymized | Outcome::Unchanged | Outcome::Planned | Outcome::Ok | Outcome::Inspected
        );
        let has_leftovers = self.leftovers().is_some_and(|remains| remains.count > 0);
        !is_done || self.fate.cause.is_some() || self.has_warnings() || has_leftovers
    }

    /// Whether it was named itself, and not found in a folder.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.place.input.kind != Kind::Folder
    }

    /// Whether it is DICOM, done or not, as far as that is known.
    fn is_dicom(&self) -> bool {
        match self.fate.outcome {
            Outcome::NotDicom | Outcome::Archive | Outcome::BothNotDicom => false,
            // Its copy is there, or it was not looked at.
            Outcome::Skipped => matches!(self.fate.cause, Some(Cause::Finding(_))),
            _ => true,
        }
    }

    /// Its source, if it is DICOM and was found in a folder.
    pub(crate) fn folder_with_dicom(&self) -> Option<&Arc<Input>> {
        (self.is_dicom() && !self.is_named()).then_some(&self.place.input)
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
            let input = Arc::new(Input { given: "/a".into(), canonical: "/x".into(), kind });
            let place = Place { input, folder: Path::new(folder).into(), name: name.into() };
            let row = Row::new(place, Fate::of(Outcome::Unchanged));
            assert_eq!((row.full_path().as_os_str(), &*row.path()), (OsStr::new(full), OsStr::new(relative)));
            assert_eq!(row.is_named(), kind == Kind::File);
        }
    }
}
