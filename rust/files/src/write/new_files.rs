//! New files in an output: made in the folder of their target, and named when they are whole.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::output::{Folders, Output};
use super::temporary::Temporary;
use crate::error::FileError;
use crate::order::choices::{Existing, Syncing};
use crate::unix::{self, Folder, Mode, Renamed};

/// What became of a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    Done,
    /// Another file has its final name.
    Exists,
}

/// What makes new files, one after the other.
#[derive(Default)]
pub(crate) struct NewFiles {
    pub(crate) folders: Folders,
    /// Whether a new file has to have a name before it is whole.
    lacks_unnamed: bool,
}

impl NewFiles {
    /// A new file for a target in `folder`: without a name, if the system has such files.
    pub(crate) fn create(
        &mut self,
        output: &Output,
        folder: Option<Arc<Folder>>,
        target: &Path,
    ) -> io::Result<Temporary> {
        // A file without a name can only get a name that no other file has.
        let may_lack_name = output.existing != Existing::Overwrite && !self.lacks_unnamed;
        if let Some(folder) = folder.filter(|_| may_lack_name) {
            match Temporary::unnamed(folder) {
                Ok(temporary) => return Ok(temporary),
                // If the error has another reason, creating a file with a name gives it again.
                Err(_) => self.lack_unnamed(),
            }
        }
        Temporary::create(unix::folder_of(target))
    }

    /// From now on each new file has a name.
    pub(crate) const fn lack_unnamed(&mut self) {
        self.lacks_unnamed = true;
    }

    /// Gives a new file its mode and its final name. `None` if it has no name and can't be given one.
    pub(crate) fn put(
        output: &Output,
        new: Temporary,
        (mode, sync): (Mode, Syncing),
        target: &Path,
    ) -> Result<Option<Put>, FileError> {
        let of_target = |error| FileError::io(target, error);
        unix::set_permissions(new.file(), mode).map_err(of_target)?;
        // Flushed before it is named: after a crash of the machine, a name could otherwise belong to a file that was
        // cut short.
        if sync == Syncing::All {
            new.sync().map_err(of_target)?;
        }
        let has_name = new.has_name();
        let named = match output.existing {
            Existing::Overwrite => new.replace(target).map(|()| Renamed::Done),
            Existing::Refuse | Existing::Skip => new.rename(target),
        };
        match named {
            // Few systems have files without a name and no way to name them. One is a system without /proc, for most
            // users.
            Err(_) if !has_name => return Ok(None),
            Err(error) => return Err(of_target(error)),
            Ok(Renamed::Exists) => return Ok(Some(Put::Exists)),
            Ok(Renamed::Done) => {}
        }
        if sync == Syncing::All {
            unix::sync_folder(unix::folder_of(target)).map_err(of_target)?;
        }
        Ok(Some(Put::Done))
    }
}
