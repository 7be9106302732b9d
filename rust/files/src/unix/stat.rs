//! What the system knows of a file besides its bytes: which file it is, and in which state.

use std::fs::{File, FileType};
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use rustix::fs::{Mode, RawMode, fchmod, fstat};
use rustix::io::Errno;
use rustix::process::geteuid;

/// Device and inode number: they tell one file from another, whatever their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId {
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

impl FileId {
    /// The id of the file or folder `path`, through links.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self::from_raw(&rustix::fs::stat(path)?))
    }

    fn from_raw(stat: &rustix::fs::Stat) -> Self {
        Self { device: number(stat.st_dev), inode: number(stat.st_ino) }
    }
}

/// The state of a file. It costs one `fstat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) size: u64,
    /// When its bytes last changed: in seconds, and the nanoseconds after that.
    modified: (i64, u64),
    /// When anything about it last changed, in the same units. No program can set this time.
    touched: (i64, u64),
    pub(crate) id: FileId,
    mode: RawMode,
    /// Whether it has holes worth looking for. This can change while the file does not: see [`Stat::since`].
    pub(crate) is_sparse: bool,
    /// How many names the file has. This can change while the file does not: see [`Stat::since`].
    pub(crate) links: u64,
}

impl Stat {
    /// The state of an open file; `None` if it is not a regular file. A folder is an error: the same one that opening
    /// it for writing gives.
    ///
    /// Rejected: the standard library's metadata. Its `statx` also asks when the file was made, twice for every file.
    pub(crate) fn of(file: &File) -> io::Result<Option<Self>> {
        let stat = fstat(file)?;
        match rustix::fs::FileType::from_raw_mode(stat.st_mode) {
            rustix::fs::FileType::Directory => Err(Errno::ISDIR.into()),
            rustix::fs::FileType::RegularFile => Ok(Some(Self::from_raw(&stat))),
            _ => Ok(None),
        }
    }

    /// The state of the file `path`; `None` if it is not a regular file. A link is not followed.
    pub(crate) fn named(path: &Path) -> io::Result<Option<Self>> {
        let stat = rustix::fs::lstat(path)?;
        let is_file = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file();
        Ok(is_file.then(|| Self::from_raw(&stat)))
    }

    fn from_raw(stat: &rustix::fs::Stat) -> Self {
        /// The unit in which the system counts blocks, in bytes.
        const BLOCK: u64 = 512;
        /// With at least this many bytes in holes, holes are looked for.
        const HOLES: u64 = 1024 * 1024;
        Self {
            size: number(stat.st_size),
            modified: (stat.st_mtime, number(stat.st_mtime_nsec)),
            touched: (stat.st_ctime, number(stat.st_ctime_nsec)),
            id: FileId::from_raw(stat),
            mode: stat.st_mode,
            is_sparse: number(stat.st_blocks).saturating_mul(BLOCK).saturating_add(HOLES) <= number(stat.st_size),
            links: number(stat.st_nlink),
        }
    }

    /// What has happened to the file since this state, if its state is `now`.
    pub(crate) fn since(&self, now: &Self) -> Since {
        if (Self { links: self.links, touched: self.touched, is_sparse: self.is_sparse, ..*now }) != *self {
            Since::Changed
        } else if now.touched != self.touched {
            Since::Touched
        } else {
            Since::Same
        }
    }

    /// The read, write and execute bits of user, group and others, without those of `umask`. A copy gets no set-user-ID
    /// bit or the like.
    pub(crate) fn permissions(&self, umask: Mode) -> Mode {
        Mode::from_raw_mode(self.mode) & (Mode::RWXU | Mode::RWXG | Mode::RWXO) & !umask
    }

    /// The same bits as a number, of which `ls` shows the octal digits.
    pub(crate) fn permission_bits(&self) -> u64 {
        number(self.permissions(Mode::empty()).bits())
    }
}

/// What has happened to a file since an earlier state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// Nothing.
    Same,
    /// Only the time of the last change of anything differs. The file may have another name or attribute; or a
    /// program wrote to it and set its time back.
    Touched,
    /// It is another file, or has another size, time or mode.
    Changed,
}

/// A field of `stat`. Its type differs from system to system; no value is below zero.
fn number(field: impl TryInto<u64>) -> u64 {
    field.try_into().unwrap_or(u64::MAX)
}

/// Sets the read, write and execute bits of a file.
pub(crate) fn set_permissions(file: &File, permissions: Mode) -> io::Result<()> {
    Ok(fchmod(file, permissions)?)
}

/// Whether `path` is a name of the open file. A link is not followed.
pub(crate) fn is_name_of(path: &Path, file: &File) -> io::Result<bool> {
    match rustix::fs::lstat(path) {
        Ok(named) => Ok(FileId::from_raw(&named) == FileId::from_raw(&fstat(file)?)),
        Err(Errno::NOENT) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether `journal` may tell what is written to `file`: it was made by the user of this process or by the owner of the
/// file, and who else can change it can change the file as well.
///
/// A folder that others may write to, such as `/tmp`, could have a journal of theirs.
pub(crate) fn may_tell(journal: &File, file: &File) -> io::Result<bool> {
    let (journal, file) = (fstat(journal)?, fstat(file)?);
    let others = (Mode::WGRP | Mode::WOTH).as_raw_mode();
    let is_ours = journal.st_uid == geteuid().as_raw() || journal.st_uid == file.st_uid;
    Ok(is_ours && journal.st_mode & others & !file.st_mode == 0)
}

/// What kind of file this is, which is neither a regular file, a folder nor a link.
pub(crate) fn special_kind(file_type: FileType) -> &'static str {
    if file_type.is_fifo() {
        "a pipe"
    } else if file_type.is_socket() {
        "a socket"
    } else if file_type.is_block_device() || file_type.is_char_device() {
        "a device"
    } else if file_type.is_dir() {
        "a folder"
    } else {
        "not a regular file"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;
    use crate::unix::sync_folder;

    #[test]
    fn what_has_happened_to_a_file() {
        let scratch = Scratch::new();
        let path = scratch.path("file");
        std::fs::write(&path, "x").unwrap();
        let before = Stat::of(&File::open(&path).unwrap()).unwrap().unwrap();
        let other = FileId { inode: before.id.inode + 1, ..before.id };
        for (now, expected) in [
            (before, Since::Same),
            (Stat { links: 2, ..before }, Since::Same),
            (Stat { is_sparse: !before.is_sparse, ..before }, Since::Same),
            (Stat { touched: (1, 2), ..before }, Since::Touched),
            (Stat { touched: (1, 2), modified: (1, 2), ..before }, Since::Changed),
            (Stat { size: 2, ..before }, Since::Changed),
            (Stat { mode: before.mode ^ 1, ..before }, Since::Changed),
            (Stat { id: other, ..before }, Since::Changed),
        ] {
            assert_eq!((now, before.since(&now)), (now, expected));
        }
        std::fs::remove_file(path).unwrap();
        let folder = Stat::of(&File::open(std::env::temp_dir()).unwrap());
        assert_eq!(folder.unwrap_err().kind(), io::ErrorKind::IsADirectory);
    }

    #[test]
    fn what_is_no_file_is_told_and_only_folders_are_synced_as_such() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (file, socket) = (folder.join("file"), folder.join("socket"));
        std::fs::write(&file, "x").unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for (path, kind) in
            [(&*file, "not a regular file"), (&*socket, "a socket"), (Path::new("/dev/null"), "a device")]
        {
            assert_eq!(special_kind(std::fs::symlink_metadata(path).unwrap().file_type()), kind);
        }
        assert!(sync_folder(&folder).is_ok() && sync_folder(&file).is_err());
    }
}
