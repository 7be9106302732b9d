//! Entries of folders: made, and removed.

use std::fs;
use std::io;
use std::path::Path;

/// Makes the folder `path`, unless there is one. Anything else of that name is an error, also a link to a folder.
///
/// Another process may remove it at once: then what is made in it is not found.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    super::steps::change()?;
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match fs::symlink_metadata(path) {
            Ok(found) if !found.is_dir() => Err(error),
            _ => Ok(()),
        },
        made => made,
    }
}

/// Whether `path` is a folder, and no link to one.
pub(crate) fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

/// Removes the file `path`.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    super::steps::change()?;
    fs::remove_file(path)
}

/// Removes the folder `path` if nothing is in it.
pub(crate) fn remove_folder(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    super::steps::change()?;
    fs::remove_dir(path)
}
