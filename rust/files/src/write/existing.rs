//! Targets that exist: the copy is done already, the file is refused, or the target is replaced.

use std::fs;
use std::path::Path;

use dicomblank_core::Rules;

use super::output::{Folders, Output};
use crate::error::FileError;
use crate::order::choices::{Existing, Syncing};
use crate::read::keyed::Keying;
use crate::read::opened::Opened;
use crate::read::planned::{Planned, once};
use crate::read::windows::Windows;
use crate::unix::{self, At};
use crate::watch::Watch;
use crate::write::copy_sink::CHUNK;

/// What a copy of the file must be, to tell it from another file.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    /// The size of the source, in bytes.
    size: u64,
    is_deflated: bool,
    /// The size of the inflated form, in bytes. If the file is not deflated, `size` again.
    form: u64,
}

impl Wanted {
    pub(super) fn of(opened: &Opened<'_>, planned: &Planned) -> Self {
        Self::of_size(opened.stat.size, planned)
    }

    /// Of a source of `size` bytes whose result has another length: see [`ExistingCopies::is_result`].
    pub(super) const fn of_result(size: u64) -> Self {
        Self { size, is_deflated: false, form: size }
    }

    /// The size of the source, in bytes.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// The same of a source of `size` bytes.
    pub(super) fn of_size(size: u64, planned: &Planned) -> Self {
        Self { size, is_deflated: planned.is_inflated(), form: planned.plan().source_size() }
    }

    /// Whether a target of `size` bytes is the copy, whole and blanked. `look` is called if it may be: it says how many
    /// values are left in it, and its size inflated.
    ///
    /// # Errors
    /// Where something else has the name of the target.
    pub(super) fn is_copied_to(
        self,
        target: &Path,
        size: u64,
        look: impl FnOnce() -> Result<(usize, u64), FileError>,
    ) -> Result<bool, FileError> {
        let refuse = |reason: &str| Err(exists(target, reason));
        // A deflated copy may have another size: it is deflated anew.
        if !self.is_deflated && size != self.size {
            return refuse(OTHER_SIZE);
        }
        match look() {
            Ok((_, form)) if form != self.form => refuse(OTHER_SIZE),
            Ok((0, _)) => Ok(true),
            Ok(_) => refuse("exists already, with values left to blank"),
            Err(FileError::Interrupted) => Err(FileError::Interrupted),
            Err(error) => refuse(&format!("exists already, but {}", error.reason(target))),
        }
    }
}

pub(super) const EXISTS: &str = "exists already";
const OTHER_SIZE: &str = "exists already, with another size";

/// Something else is there than what becomes of the file.
pub(crate) fn other_result(target: &Path) -> FileError {
    exists(target, "exists already, and is not what becomes of the file")
}

pub(super) fn exists(target: &Path, reason: &str) -> FileError {
    FileError::Exists { target: target.to_owned(), reason: reason.to_owned() }
}

/// Looks at targets that exist, one after the other.
pub(super) struct ExistingCopies<'a> {
    output: &'a Output,
    /// Other windows than those over the source.
    windows: Windows,
}

impl<'a> ExistingCopies<'a> {
    pub(super) fn new(output: &'a Output, watch: Watch) -> Self {
        Self { output, windows: Windows::new(watch) }
    }

    /// Whether the copy is there already. An error if something else is there that must stay.
    pub(super) fn is_done(
        &mut self,
        wanted: Wanted,
        target: &Path,
        rules: (&Rules, &Keying),
    ) -> Result<bool, FileError> {
        self.is_there(wanted.size, target, |windows, size| {
            wanted.is_copied_to(target, size, || look(target, windows, rules))
        })
    }

    /// The same of a copy that another file has become, of `size` bytes. `is_result` says whether the target, opened, is
    /// that.
    pub(super) fn is_result(
        &mut self,
        size: u64,
        target: &Path,
        is_result: impl FnOnce(&Opened<'_>) -> Result<bool, FileError>,
    ) -> Result<bool, FileError> {
        let refuse = |reason: &str| Err(exists(target, reason));
        self.is_there(size, target, |_, _| match Opened::to_read(target).and_then(|opened| is_result(&opened)) {
            Ok(true) => Ok(true),
            Ok(false) => Err(other_result(target)),
            Err(FileError::Interrupted) => Err(FileError::Interrupted),
            Err(error) => refuse(&format!("exists already, but {}", error.reason(target))),
        })
    }

    /// `is_copy` is called with the size of a target that may be the copy.
    fn is_there(
        &mut self,
        size: u64,
        target: &Path,
        is_copy: impl FnOnce(&mut Windows, u64) -> Result<bool, FileError>,
    ) -> Result<bool, FileError> {
        if self.output.existing == Existing::Refuse && size <= CHUNK as u64 {
            return Ok(false); // naming the copy will tell: asking first costs each file more than it saves
        }
        let Ok(metadata) = fs::symlink_metadata(target) else {
            return Ok(false); // writing will tell what else may be wrong with the path
        };
        let refuse = |reason: &str| Err(exists(target, reason));
        match self.output.existing {
            Existing::Refuse => refuse(EXISTS),
            _ if !metadata.is_file() => refuse("exists already, and is not a regular file"),
            Existing::Overwrite => Ok(false),
            Existing::Skip => is_copy(&mut self.windows, metadata.len()),
        }
    }

    /// Flushes a copy that an earlier run made, and perhaps did not flush.
    pub(super) fn sync(&self, folders: &mut Folders, target: &Path) -> Result<(), FileError> {
        if self.output.sync == Syncing::None {
            return Ok(());
        }
        folders.make(self.output, target)?;
        let synced = unix::open_to_read(At::path(target)).and_then(|file| unix::sync_file(&file));
        synced.and_then(|()| unix::sync_folder(unix::folder_of(target))).map_err(|error| FileError::io(target, error))
    }
}

/// How many values are left to blank in a target, and the size of the target, inflated if it is deflated.
fn look(target: &Path, windows: &mut Windows, (rules, keying): (&Rules, &Keying)) -> Result<(usize, u64), FileError> {
    let opened = Opened::to_read(target)?;
    let mut source = opened.source(windows);
    let planned = opened.plan(&mut source, rules)?;
    let marked = opened.marked(&mut source, &planned, keying)?;
    let left = opened.left(&mut source, &planned, (rules, once(marked)))?;
    Ok((left.len(), planned.plan().source_size()))
}
