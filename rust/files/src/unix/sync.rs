//! Flushing to disk. What is flushed is on the disk when the call returns; in unit tests it is noted instead: there are
//! thousands of these calls, of milliseconds each.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::open::At;

/// Flushes the bytes and the size of a file.
pub(crate) fn sync_data(file: &File) -> io::Result<()> {
    #[cfg(test)]
    super::steps::note("sync data");
    flush(file, File::sync_data)
}

/// Flushes a file: its bytes, its size, its permissions.
pub(crate) fn sync_file(file: &File) -> io::Result<()> {
    #[cfg(test)]
    super::steps::note("sync file");
    flush(file, File::sync_all)
}

/// Flushes the names in a folder. Without this, a file that was made or renamed may not be found there after a crash of
/// the machine.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    super::steps::note(&format!("sync folder {}", path.file_name().unwrap_or_default().to_string_lossy()));
    // An empty path is the current folder.
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let folder = At::path(path).open(OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())?;
    flush(&folder, File::sync_all)
}

fn flush(file: &File, call: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    if cfg!(test) { Ok(()) } else { call(file) }
}
