//! All that is unix-only: how files are opened, told apart, written at an offset, renamed, and how their names are made of bytes.
//! Windows needs another file with these functions, and nothing else. How files are opened is in `opening.rs`.

mod opening;

use std::ffi::OsStr;
use std::fs::{File, FileType};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, RawMode, RenameFlags, fchmod, fstat, renameat_with};
use rustix::io::Errno;

pub(crate) use opening::{At, Folder, PRIVATE, create_private, open_to_edit, open_to_read, open_to_read_no_link};

/// What tells one file from another, whatever their names: device and inode number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    /// That of the file or folder `path`, through links.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self::from_raw(&rustix::fs::stat(path)?))
    }

    fn from_raw(stat: &rustix::fs::Stat) -> Self {
        Self { device: number(stat.st_dev), inode: number(stat.st_ino) }
    }
}

/// What tells one state of a file from another. Cheap to have: one `fstat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) size: u64,
    /// In seconds, and nanoseconds of the next.
    modified: (i64, u64),
    pub(crate) id: FileId,
    mode: RawMode,
    /// How many names the file has. They come and go without a change to the file: see [`Stat::is_state_of`].
    pub(crate) links: u64,
}

impl Stat {
    /// The state of an open file; `None` for what is not a regular file. A folder is an error, as it is to those who open it to write.
    ///
    /// Not by the standard library's, whose `statx` also asks for the time a file was made: twice for every file.
    pub(crate) fn of(file: &File) -> io::Result<Option<Self>> {
        let stat = fstat(file)?;
        match rustix::fs::FileType::from_raw_mode(stat.st_mode) {
            rustix::fs::FileType::Directory => Err(Errno::ISDIR.into()),
            rustix::fs::FileType::RegularFile => Ok(Some(Self::from_raw(&stat))),
            _ => Ok(None),
        }
    }

    /// The state of the file `path`, not through a link; `None` for what is not a regular file.
    pub(crate) fn named(path: &Path) -> io::Result<Option<Self>> {
        let stat = rustix::fs::lstat(path)?;
        let is_file = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file();
        Ok(is_file.then(|| Self::from_raw(&stat)))
    }

    fn from_raw(stat: &rustix::fs::Stat) -> Self {
        Self {
            size: number(stat.st_size),
            modified: (stat.st_mtime, number(stat.st_mtime_nsec)),
            id: FileId::from_raw(stat),
            mode: stat.st_mode,
            links: number(stat.st_nlink),
        }
    }

    /// Whether the file is still in this state, `now` being what it is. Another name does not make it another file.
    pub(crate) fn is_state_of(&self, now: &Self) -> bool {
        Self { links: self.links, ..*now } == *self
    }

    /// Read, write and execute for user, group and others. Set-user-ID and its like are not taken along to a copy.
    pub(crate) fn permissions(&self) -> Mode {
        Mode::from_raw_mode(self.mode) & (Mode::RWXU | Mode::RWXG | Mode::RWXO)
    }
}

/// A field of `stat`, whose types differ from system to system. None is below zero.
fn number(field: impl TryInto<u64>) -> u64 {
    field.try_into().unwrap_or(u64::MAX)
}

/// Gives a file its read, write and execute bits.
pub(crate) fn set_permissions(file: &File, permissions: Mode) -> io::Result<()> {
    Ok(fchmod(file, permissions)?)
}

/// Reads at least `least` bytes at `offset` into `buffer`, and as many more as one call gives; fewer only at the end of the file.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], least: usize, offset: u64) -> io::Result<usize> {
    let mut count = 0;
    while count < least {
        match file.read_at(&mut buffer[count..], offset + count as u64) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

/// Has the system copy up to `length` bytes at `start` to where `to` is written next, and says how many it has.
#[cfg(target_os = "linux")]
pub(crate) fn copy_range(from: &File, start: u64, to: &File, length: u64) -> io::Result<u64> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let count = rustix::fs::copy_file_range(from, Some(&mut { start }), to, None, length)?;
    Ok(count as u64)
}

/// Nothing: there is no such call.
#[cfg(not(target_os = "linux"))]
pub(crate) fn copy_range(_: &File, _: u64, _: &File, _: u64) -> io::Result<u64> {
    Ok(0)
}

/// The process's standard output, as a file that can be closed without it.
pub(crate) fn stdout() -> io::Result<File> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// Writes all of `bytes` at `offset`.
pub(crate) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    file.write_all_at(bytes, offset)
}

/// Whether `path` itself, no link, is the open file.
pub(crate) fn is_name_of(path: &Path, file: &File) -> io::Result<bool> {
    match rustix::fs::lstat(path) {
        Ok(named) => Ok(FileId::from_raw(&named) == FileId::from_raw(&fstat(file)?)),
        Err(Errno::NOENT) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Has the bytes of a file, and its size, on the disk when it returns.
pub(crate) fn sync_data(file: &File) -> io::Result<()> {
    #[cfg(test)]
    steps::note("sync data");
    file.sync_data()
}

/// Has a file on the disk when it returns: its bytes, its size, its permissions.
pub(crate) fn sync_file(file: &File) -> io::Result<()> {
    #[cfg(test)]
    steps::note("sync file");
    file.sync_all()
}

/// Has the names in a folder on the disk when it returns: a file that was made or renamed is not found there otherwise.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    steps::note(&format!("sync folder {}", path.file_name().unwrap_or_default().to_string_lossy()));
    // Without a component, it is where we are.
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    At::path(path).open(OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())?.sync_all()
}

/// How a file came to its final name, or why it could not.
pub(crate) enum Renamed {
    /// It has it.
    Done,
    /// Something else has it.
    Exists,
}

/// Gives `from` the name `to` unless that is taken, in one step.
///
/// Where the file system can't do that by renaming, a second name is made and the first removed: also one step for whoever looks
/// for `to`. There is no third way: looking first and renaming then could replace what came between.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<Renamed> {
    #[cfg(test)]
    steps::note("rename");
    let renamed = match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => rename_new_by_link(from, to),
        other => other.map_err(io::Error::from),
    };
    match renamed {
        Ok(()) => Ok(Renamed::Done),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Renamed::Exists),
        Err(error) => Err(error),
    }
}

fn rename_new_by_link(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::hard_link(from, to)?;
    std::fs::remove_file(from)
}

/// What an entry of a folder is that is neither file, folder nor link.
pub(crate) fn special_kind(file_type: FileType) -> &'static str {
    if file_type.is_fifo() {
        "a pipe"
    } else if file_type.is_socket() {
        "a socket"
    } else if file_type.is_block_device() || file_type.is_char_device() {
        "a device"
    } else {
        "not a regular file"
    }
}

/// The bytes of a name.
pub(crate) fn bytes(name: &OsStr) -> &[u8] {
    name.as_bytes()
}

/// The error for a name that something else has.
#[must_use]
pub fn already_exists() -> io::Error {
    Errno::EXIST.into()
}

/// What was asked of the disk, in its order: that a disk has it can't be seen from here.
#[cfg(test)]
pub(crate) mod steps {
    use std::cell::RefCell;

    thread_local!(static STEPS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) });

    pub(crate) fn note(step: &str) {
        STEPS.with_borrow_mut(|steps| steps.push(step.to_owned()));
    }

    /// Those of this thread since the last call.
    pub(crate) fn take() -> Vec<String> {
        STEPS.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_rename_replace_nothing() {
        let folder = std::env::temp_dir().join(format!("dicomblank-rename-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let (from, to) = (folder.join("from"), folder.join("to"));
        let renames: [fn(&Path, &Path) -> bool; 2] = [
            |from, to| matches!(rename_new(from, to), Ok(Renamed::Done)),
            |from, to| rename_new_by_link(from, to).is_ok(),
        ];
        for rename in renames {
            std::fs::write(&from, "new").unwrap();
            std::fs::write(&to, "old").unwrap();
            assert!(!rename(&from, &to));
            assert_eq!((std::fs::read(&from).unwrap(), std::fs::read(&to).unwrap()), (b"new".into(), b"old".into()));
            std::fs::remove_file(&to).unwrap();
            assert!(rename(&from, &to));
            assert_eq!((from.exists(), std::fs::read(&to).unwrap()), (false, b"new".into()));
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
