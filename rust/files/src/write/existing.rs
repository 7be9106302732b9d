//! Copies that are there already: done, refused, or to be replaced.

use std::fs;
use std::path::Path;

use dicomblank_core::Rules;

use super::output::{Folders, Output};
use crate::error::FileError;
use crate::order::choices::{Existing, Syncing};
use crate::read::opened::Opened;
use crate::read::planned::Planned;
use crate::read::windows::Windows;
use crate::unix::{self, At};
use crate::watch::Watch;
use crate::write::copy_sink::CHUNK;

/// What tells a copy that is there already from another file.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    /// In bytes, as the source is.
    size: u64,
    is_deflated: bool,
    /// The size of its inflated form; where it is not deflated, the same.
    form: u64,
}

impl Wanted {
    pub(super) fn of(opened: &Opened<'_>, planned: &Planned) -> Self {
        let form = planned.plan().source_size();
        Self { size: opened.stat.size, is_deflated: planned.is_inflated(), form }
    }
}

pub(super) const EXISTS: &str = "exists already";
const OTHER_SIZE: &str = "exists already, with another size";

pub(super) fn exists(target: &Path, reason: &str) -> FileError {
    FileError::Exists { target: target.to_owned(), reason: reason.to_owned() }
}

/// Looks at targets that exist, one after the other.
pub(super) struct ExistingCopies<'a> {
    output: &'a Output,
    /// A second pair of windows, beside that over the source.
    windows: Windows,
}

impl<'a> ExistingCopies<'a> {
    pub(super) fn new(output: &'a Output, watch: Watch) -> Self {
        Self { output, windows: Windows::new(watch) }
    }

    /// Whether the target is there already, as it is to be.
    pub(super) fn is_done(&mut self, wanted: Wanted, target: &Path, rules: &Rules) -> Result<bool, FileError> {
        if self.output.existing == Existing::Refuse && wanted.size <= CHUNK as u64 {
            return Ok(false); // to name it will tell: to ask before would cost every file more than it spares the few
        }
        let Ok(metadata) = fs::symlink_metadata(target) else {
            return Ok(false); // what else may be wrong with the path, writing will tell
        };
        let refuse = |reason: &str| Err(exists(target, reason));
        match self.output.existing {
            Existing::Refuse => refuse(EXISTS),
            _ if !metadata.is_file() => refuse("exists already, and is not a regular file"),
            Existing::Overwrite => Ok(false),
            // What a deflated one deflates to again has another size.
            Existing::Skip if !wanted.is_deflated && metadata.len() != wanted.size => refuse(OTHER_SIZE),
            Existing::Skip => match self.look(target, rules) {
                Ok((_, size)) if size != wanted.form => refuse(OTHER_SIZE),
                Ok((0, _)) => Ok(true),
                Ok(_) => refuse("exists already, with values left to blank"),
                Err(FileError::Interrupted) => Err(FileError::Interrupted),
                Err(error) => refuse(&format!("exists already, but {}", error.reason(target))),
            },
        }
    }

    /// How many values are left to blank in a target, and its size, inflated if it is deflated.
    fn look(&mut self, target: &Path, rules: &Rules) -> Result<(usize, u64), FileError> {
        let opened = Opened::to_read(target)?;
        let mut source = opened.source(&mut self.windows);
        let planned = opened.plan(&mut source, rules)?;
        let left = opened.left(&mut source, &planned)?;
        Ok((left.len(), planned.plan().source_size()))
    }

    /// For a copy that an earlier run has made, and perhaps not synced.
    pub(super) fn sync(&self, folders: &mut Folders, target: &Path) -> Result<(), FileError> {
        if self.output.sync == Syncing::None {
            return Ok(());
        }
        folders.make(self.output, target)?;
        let synced = unix::open_to_read(At::path(target)).and_then(|file| unix::sync_file(&file));
        synced.and_then(|()| unix::sync_folder(unix::folder_of(target))).map_err(|error| FileError::io(target, error))
    }
}
