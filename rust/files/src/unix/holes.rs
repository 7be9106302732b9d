//! Holes of sparse files: zeros that take no room on the disk. A file system that does not tell of them has none.

use std::fs::File;

/// The offset of the next data from `offset` on, in a file of `size` bytes: the end of the hole that `offset` is in, or
/// `offset` itself.
pub(crate) fn data_from(file: &File, offset: u64, size: u64) -> u64 {
    seek::data(file, offset, size).unwrap_or(offset).clamp(offset, size.max(offset))
}

/// The offset of the next hole from `offset` on, in a file of `size` bytes: `size` if there is none.
pub(crate) fn hole_from(file: &File, offset: u64, size: u64) -> u64 {
    seek::hole(file, offset).unwrap_or(size).clamp(offset, size.max(offset))
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple", target_os = "freebsd"))]
mod seek {
    use rustix::fs::{SeekFrom, seek};
    use rustix::io::Errno;

    use super::File;

    pub(super) fn data(file: &File, offset: u64, size: u64) -> Option<u64> {
        match seek(file, SeekFrom::Data(offset)) {
            Err(Errno::NXIO) => Some(size), // the hole reaches the end
            other => other.ok(),
        }
    }

    pub(super) fn hole(file: &File, offset: u64) -> Option<u64> {
        seek(file, SeekFrom::Hole(offset)).ok()
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple", target_os = "freebsd")))]
mod seek {
    use super::File;

    pub(super) fn data(_: &File, _: u64, _: u64) -> Option<u64> {
        None
    }

    pub(super) fn hole(_: &File, _: u64) -> Option<u64> {
        None
    }
}
