//! What has to be on the disk when a call returns.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::open::At;

/// Has the bytes of a file, and its size, on the disk when it returns.
pub(crate) fn sync_data(file: &File) -> io::Result<()> {
    #[cfg(test)]
    super::steps::note("sync data");
    file.sync_data()
}

/// Has a file on the disk when it returns: its bytes, its size, its permissions.
pub(crate) fn sync_file(file: &File) -> io::Result<()> {
    #[cfg(test)]
    super::steps::note("sync file");
    file.sync_all()
}

/// Has the names in a folder on the disk when it returns: a file that was made or renamed is not found there otherwise.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    super::steps::note(&format!("sync folder {}", path.file_name().unwrap_or_default().to_string_lossy()));
    // Without a component, it is where we are.
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    At::path(path).open(OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())?.sync_all()
}
