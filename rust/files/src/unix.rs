//! All that is unix-only: how files are opened, told apart, written at an offset, renamed, and how their names are made of bytes.
//! Windows needs another file with these functions, and nothing else. How files are opened is in `opening.rs`.

mod holes;
mod opening;
mod umask;

use std::ffi::OsStr;
use std::fs::{File, FileType};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::Path;

use rustix::fs::{CWD, OFlags, RawMode, RenameFlags, fchmod, fstat, renameat_with};
use rustix::io::Errno;

use crate::error::FileError;

pub(crate) use holes::{data_from, hole_from};
pub(crate) use opening::{At, Folder, PRIVATE, create_private, open_to_edit, open_to_read, open_to_read_no_link};
pub(crate) use rustix::fs::Mode;
pub(crate) use umask::umask;

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
    /// When anything about it has changed, in the same: no program can set that.
    touched: (i64, u64),
    pub(crate) id: FileId,
    mode: RawMode,
    /// Whether it has holes worth looking for. The blocks of a file are given to it and taken back without a change to it.
    pub(crate) is_sparse: bool,
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
        /// In which blocks are counted, whatever they are on the disk.
        const BLOCK: u64 = 512;
        /// From so many bytes that are not on the disk.
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

    /// What has happened to the file since, `now` being its state.
    pub(crate) fn since(&self, now: &Self) -> Since {
        if (Self { links: self.links, touched: self.touched, is_sparse: self.is_sparse, ..*now }) != *self {
            Since::Changed
        } else if now.touched != self.touched {
            Since::Touched
        } else {
            Since::Same
        }
    }

    /// Read, write and execute for user, group and others, without the bits of `umask`. Set-user-ID and its like are not taken along to a
    /// copy.
    pub(crate) fn permissions(&self, umask: Mode) -> Mode {
        Mode::from_raw_mode(self.mode) & (Mode::RWXU | Mode::RWXG | Mode::RWXO) & !umask
    }
}

/// What has happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// Nothing.
    Same,
    /// Something that changes neither size nor time: another name, an attribute; or a program wrote to it and set its time back.
    Touched,
    /// It is another file, or has other bytes.
    Changed,
}

impl Since {
    pub(crate) fn check(self) -> Result<(), FileError> {
        match self {
            Self::Same => Ok(()),
            Self::Touched => Err(FileError::Touched),
            Self::Changed => Err(FileError::Changed),
        }
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
    read_by(|rest, at| file.read_at(rest, at), buffer, least, offset)
}

/// As [`read_at`], by a call that may give fewer bytes than there are: one that is interrupted, or a file system that is a program.
fn read_by(
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
    buffer: &mut [u8],
    least: usize,
    offset: u64,
) -> io::Result<usize> {
    let mut count = 0;
    while count < least {
        match read(&mut buffer[count..], offset + count as u64) {
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
    rename_or_link(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE), from, to)
}

/// `renamed` is what came of renaming.
fn rename_or_link(renamed: Result<(), Errno>, from: &Path, to: &Path) -> io::Result<Renamed> {
    let renamed = match renamed {
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

    /// As by a file system that is a program, over a network: fewer bytes than asked for are not the end.
    #[test]
    fn short_reads_are_read_on() {
        let bytes: Vec<u8> = (0..100).collect();
        for (what, longest, least, wanted, offset, expected) in [
            ("in one", 100, 20, 20, 0, Ok(20)),
            ("byte by byte", 1, 20, 50, 7, Ok(20)),
            ("until there are enough", 7, 20, 50, 7, Ok(21)),
            ("more than asked for", 50, 20, 50, 7, Ok(50)),
            ("to the end", 7, 50, 50, 90, Ok(10)),
            ("behind the end", 7, 50, 50, 100, Ok(0)),
            ("an error", 7, 50, 50, 20, Err(io::ErrorKind::PermissionDenied)),
        ] {
            let mut calls = 0;
            let read = |rest: &mut [u8], at: u64| {
                calls += 1;
                match calls {
                    1 => Err(io::ErrorKind::Interrupted.into()),
                    3 if what == "an error" => Err(io::ErrorKind::PermissionDenied.into()),
                    _ => {
                        let from = &bytes[usize::try_from(at).unwrap()..];
                        let count = rest.len().min(longest).min(from.len());
                        rest[..count].copy_from_slice(&from[..count]);
                        Ok(count)
                    }
                }
            };
            let mut buffer = vec![0; wanted];
            let count = read_by(read, &mut buffer, least, offset).map_err(|error| error.kind());
            assert_eq!(count, expected, "{what}");
            if let Ok(count) = count {
                let start = usize::try_from(offset).unwrap();
                assert_eq!(buffer[..count], bytes[start..start + count], "{what}");
            }
        }
    }

    #[test]
    fn what_has_happened_to_a_file() {
        let path = std::env::temp_dir().join(format!("dicomblank-since-{}", std::process::id()));
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
        let folder = std::env::temp_dir().join(format!("dicomblank-kinds-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let (file, socket) = (folder.join("file"), folder.join("socket"));
        std::fs::write(&file, "x").unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for (path, kind) in
            [(&*file, "not a regular file"), (&*socket, "a socket"), (Path::new("/dev/null"), "a device")]
        {
            assert_eq!(special_kind(std::fs::symlink_metadata(path).unwrap().file_type()), kind);
        }
        assert!(sync_folder(&folder).is_ok() && sync_folder(&file).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }

    /// What a file system without the one call says, and what is an error of both.
    #[test]
    fn where_renaming_can_not_keep_from_replacing_a_link_does() {
        let folder = std::env::temp_dir().join(format!("dicomblank-fallback-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let (from, to) = (folder.join("from"), folder.join("to"));
        let names = || [&from, &to].map(|path| std::fs::read_to_string(path).unwrap_or_default());
        for (told, is_there, expected, after) in [
            (Err(Errno::INVAL), false, "done", ["", "new"]),
            (Err(Errno::NOSYS), false, "done", ["", "new"]),
            (Err(Errno::NOTSUP), false, "done", ["", "new"]),
            (Err(Errno::INVAL), true, "exists", ["new", "old"]),
            (Err(Errno::EXIST), true, "exists", ["new", "old"]),
            (Err(Errno::ACCESS), false, "error", ["new", ""]),
            (Ok(()), false, "done", ["new", ""]), // by whoever said so
        ] {
            std::fs::write(&from, "new").unwrap();
            if is_there {
                std::fs::write(&to, "old").unwrap();
            }
            let found = match rename_or_link(told, &from, &to) {
                Ok(Renamed::Done) => "done",
                Ok(Renamed::Exists) => "exists",
                Err(_) => "error",
            };
            assert_eq!((found, names()), (expected, after.map(str::to_owned)), "{told:?}");
            let _ = std::fs::remove_file(&to);
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

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
