//! An object that was looked at.

use std::path::PathBuf;

use crate::error::FileError;
use crate::order::place::Place;
use crate::read::dry_run::DryRun;
use crate::report::outcome::Fate;
use crate::report::row::Row;
use crate::unix::Mode;
use crate::write::existing::Wanted;
use crate::write::object::Output;

/// An object that was looked at: what is told of it, and what is to be written.
pub struct Made {
    pub(super) place: Place,
    pub(super) fate: Result<Fate, FileError>,
    pub(super) wanted: Option<Wanted>,
    /// The mode of a file that was looked at.
    pub(super) mode: Option<Mode>,
    pub(super) output: Output,
}

impl Made {
    pub(super) fn failed(place: Place, error: FileError) -> Self {
        Self::told(place, Err(error))
    }

    /// One of which there is no more to do.
    pub(super) fn told(place: Place, fate: Result<Fate, FileError>) -> Self {
        Self { place, fate, wanted: None, mode: None, output: Output::Nothing }
    }

    /// Whether the caller has something to write.
    #[must_use]
    pub const fn is_written(&self) -> bool {
        !matches!(self.output, Output::Nothing)
    }

    /// The bytes to write, where they are not those of the object with edits.
    #[must_use]
    pub fn anew(&self) -> Option<&[u8]> {
        match &self.output {
            Output::Anew(bytes) => Some(bytes),
            Output::Nothing | Output::AsItIs | Output::Edited(_) => None,
        }
    }

    /// The plan of a dry run that keeps them.
    #[must_use]
    pub fn dry_run(&self) -> Option<&DryRun> {
        self.fate.as_ref().ok()?.dry.as_ref()?.dry_run.as_ref()
    }

    /// The same object, which could not be written.
    #[must_use]
    pub fn spoiled(self, error: FileError) -> Self {
        Self::failed(self.place, error)
    }

    /// The path or key by which messages name it.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.place.path()
    }

    /// What is told of it, with the URL of a copy that was written.
    #[must_use]
    pub fn into_row(self, copy: Option<PathBuf>) -> Row {
        let fate = self.fate.unwrap_or_else(Fate::from);
        Row::new(
            self.place,
            match copy {
                Some(copy) => fate.copied(copy),
                None => fate,
            },
        )
    }
}
