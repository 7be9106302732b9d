//! Files without a name, which only Linux has: the system removes them, however a run ends.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::unix::Renamed;

#[cfg(target_os = "linux")]
pub(crate) use linux::{create, name};

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::OpenOptions;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::{AtFlags, CWD, OFlags, linkat};
    use rustix::io::Errno;

    use super::{File, Path, Renamed, io};

    /// Creates a file without a name in `folder`, for its owner only. Not every file system can.
    pub(crate) fn create(folder: &Path) -> io::Result<File> {
        // Without a component, it is where we are.
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        OpenOptions::new().write(true).mode(0o600).custom_flags(OFlags::TMPFILE.bits().cast_signed()).open(folder)
    }

    /// Gives a file without a name the name `to` unless that is taken, in one step.
    pub(crate) fn name(file: &File, to: &Path) -> io::Result<Renamed> {
        #[cfg(test)]
        crate::unix::steps::note("rename");
        // By its descriptor: before Linux 6.10 only privileged users may, and others go by way of /proc, which costs more.
        let named = match linkat(file, "", CWD, to, AtFlags::EMPTY_PATH) {
            Err(Errno::NOENT | Errno::PERM) => {
                let path = format!("/proc/self/fd/{}", file.as_raw_fd());
                linkat(CWD, path, CWD, to, AtFlags::SYMLINK_FOLLOW)
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
pub(crate) fn create(_: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn name(_: &File, _: &Path) -> io::Result<Renamed> {
    Err(io::ErrorKind::Unsupported.into())
}
