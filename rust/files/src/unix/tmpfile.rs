//! Files without a name, which only Linux has. The system removes them, however a run ends.

use std::fs::File;
use std::io;

use super::open::{At, Folder};
use super::rename::Renamed;

#[cfg(target_os = "linux")]
pub(crate) use linux::{create_unnamed, name_unnamed};

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsStr;
    use std::os::fd::AsRawFd;

    use rustix::fs::{AtFlags, CWD, OFlags, linkat};
    use rustix::io::Errno;

    use super::{At, File, Folder, Renamed, io};
    use crate::unix::open::PRIVATE;

    /// Creates a file without a name in `folder`, for its owner only. Not every file system can do that.
    pub(crate) fn create_unnamed(folder: &Folder) -> io::Result<File> {
        folder.at(OsStr::new(".")).open(OFlags::WRONLY | OFlags::TMPFILE, PRIVATE)
    }

    /// Gives a file without a name the name `to`, in one step, unless that name is taken.
    pub(crate) fn name_unnamed(file: &File, to: At<'_>) -> io::Result<Renamed> {
        #[cfg(test)]
        crate::unix::steps::note("rename");
        // By its descriptor. Before Linux 6.10 only privileged users may do that. All others name it by its path in
        // /proc, which costs more.
        let named = match linkat(file, "", to.folder, to.path, AtFlags::EMPTY_PATH) {
            Err(Errno::NOENT | Errno::PERM) => {
                let path = format!("/proc/self/fd/{}", file.as_raw_fd());
                linkat(CWD, path, to.folder, to.path, AtFlags::SYMLINK_FOLLOW)
            }
            other => other,
        };
        match named {
            Ok(()) => Ok(Renamed::Done),
            Err(Errno::EXIST) => Ok(Renamed::Exists),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn create_unnamed(_: &Folder) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn name_unnamed(_: &File, _: At<'_>) -> io::Result<Renamed> {
    Err(io::ErrorKind::Unsupported.into())
}
