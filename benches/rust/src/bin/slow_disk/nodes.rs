//! What the kernel knows by a number: files and folders that it has looked up, and those that are open.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fuser::{FileAttr, FileHandle, FileType, INodeNo};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, Stat, fstat, openat, renameat_with, statat};
use rustix::io::Errno;

/// A file or folder that was reached, without being open.
#[derive(Clone)]
pub(crate) struct Node(Arc<OwnedFd>);

impl Node {
    fn reach(folder: impl AsFd, name: &OsStr) -> io::Result<(Self, Stat)> {
        let found = openat(folder, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        let stat = fstat(&found)?;
        Ok((Self(Arc::new(found)), stat))
    }

    pub(crate) fn file(&self) -> &OwnedFd {
        &self.0
    }

    /// A path that leads to it and nowhere else, whatever became of its name.
    pub(crate) fn path(&self) -> PathBuf {
        format!("/proc/self/fd/{}", self.0.as_raw_fd()).into()
    }

    pub(crate) fn open(&self, flags: OFlags) -> io::Result<OwnedFd> {
        Ok(openat(CWD, self.path(), flags | OFlags::CLOEXEC, Mode::empty())?)
    }
}

/// What the kernel has looked up. Folders are held, so that what is in them is reached, whatever became of their names; files are
/// not, since no system has room for as many as a study has.
pub(crate) struct Nodes {
    root: u64,
    device: u64,
    known: Mutex<HashMap<u64, Known>>,
}

struct Known {
    place: Place,
    lookups: u64,
}

#[derive(Clone)]
enum Place {
    Held(Node),
    /// In a folder, under the name by which it was last looked up.
    Named(Node, OsString),
}

impl Nodes {
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        let (root, stat) = Node::reach(CWD, folder.as_os_str())?;
        let known = Known { place: Place::Held(root), lookups: 1 };
        Ok(Self { root: stat.st_ino, device: stat.st_dev, known: Mutex::new(HashMap::from([(stat.st_ino, known)])) })
    }

    pub(crate) fn get(&self, number: INodeNo) -> io::Result<Node> {
        let place = self.lock().get(&self.real(number)).ok_or(Errno::STALE)?.place.clone();
        match place {
            Place::Held(node) => Ok(node),
            Place::Named(folder, name) => {
                let (node, stat) = Node::reach(folder.file(), &name)?;
                if stat.st_ino == number.0 { Ok(node) } else { Err(Errno::STALE.into()) }
            }
        }
    }

    /// Looks for a name in a folder. The kernel forgets as many lookups as there were.
    pub(crate) fn look_up(&self, folder: &Node, name: &OsStr) -> io::Result<FileAttr> {
        let (node, stat) = Node::reach(folder.file(), name)?;
        if stat.st_dev != self.device {
            return Err(Errno::XDEV.into()); // numbers of another file system could be the same
        }
        let is_folder = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_dir();
        let place = if is_folder { Place::Held(node) } else { Place::Named(folder.clone(), name.to_owned()) };
        let mut known = self.lock();
        let lookups = known.get(&stat.st_ino).map_or(0, |known| known.lookups) + 1;
        known.insert(stat.st_ino, Known { place, lookups });
        Ok(attributes(&stat))
    }

    /// Moves a file. What the kernel asks about it next is asked at its new place.
    pub(crate) fn rename(&self, from: (&Node, &OsStr), to: (&Node, &OsStr), flags: RenameFlags) -> io::Result<()> {
        let stat = statat(from.0.file(), from.1, AtFlags::SYMLINK_NOFOLLOW)?;
        renameat_with(from.0.file(), from.1, to.0.file(), to.1, flags)?;
        if let Some(Known { place: Place::Named(folder, name), .. }) = self.lock().get_mut(&stat.st_ino) {
            (*folder, *name) = (to.0.clone(), to.1.to_owned());
        }
        Ok(())
    }

    pub(crate) fn forget(&self, number: INodeNo, lookups: u64) {
        let (mut known, number) = (self.lock(), self.real(number));
        if let Some(node) = known.get_mut(&number) {
            node.lookups = node.lookups.saturating_sub(lookups);
            if node.lookups == 0 && number != self.root {
                known.remove(&number);
            }
        }
    }

    /// The kernel calls the root 1.
    fn real(&self, number: INodeNo) -> u64 {
        if number == INodeNo::ROOT { self.root } else { number.0 }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is open.
pub(crate) struct Opened<T>(Mutex<(u64, HashMap<u64, Arc<T>>)>);

impl<T> Default for Opened<T> {
    fn default() -> Self {
        Self(Mutex::new((0, HashMap::new())))
    }
}

impl<T> Opened<T> {
    pub(crate) fn add(&self, opened: T) -> FileHandle {
        let (last, all) = &mut *self.lock();
        *last += 1;
        all.insert(*last, Arc::new(opened));
        FileHandle(*last)
    }

    pub(crate) fn get(&self, handle: FileHandle) -> io::Result<Arc<T>> {
        Ok(self.lock().1.get(&handle.0).ok_or(Errno::BADF)?.clone())
    }

    pub(crate) fn close(&self, handle: FileHandle) -> io::Result<()> {
        let closed = self.lock().1.remove(&handle.0); // and dropped outside of the lock
        closed.map(drop).ok_or(Errno::BADF.into())
    }

    fn lock(&self) -> MutexGuard<'_, (u64, HashMap<u64, Arc<T>>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) type Files = Opened<File>;
pub(crate) type Folders = Opened<crate::behind::Entries>;

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // as the kernel has them
pub(crate) fn attributes(stat: &Stat) -> FileAttr {
    FileAttr {
        ino: INodeNo(stat.st_ino),
        size: stat.st_size as u64,
        blocks: stat.st_blocks as u64,
        atime: time(stat.st_atime, stat.st_atime_nsec as u32),
        mtime: time(stat.st_mtime, stat.st_mtime_nsec as u32),
        ctime: time(stat.st_ctime, stat.st_ctime_nsec as u32),
        crtime: UNIX_EPOCH,
        kind: kind(rustix::fs::FileType::from_raw_mode(stat.st_mode)),
        perm: (stat.st_mode & 0o7777) as u16,
        nlink: stat.st_nlink as u32,
        uid: stat.st_uid,
        gid: stat.st_gid,
        rdev: stat.st_rdev as u32,
        blksize: stat.st_blksize as u32,
        flags: 0,
    }
}

fn time(seconds: i64, nanoseconds: u32) -> SystemTime {
    let (whole, part) = (Duration::from_secs(seconds.unsigned_abs()), Duration::from_nanos(nanoseconds.into()));
    if seconds < 0 { UNIX_EPOCH - whole + part } else { UNIX_EPOCH + whole + part }
}

fn kind(kind: rustix::fs::FileType) -> FileType {
    use rustix::fs::FileType as Kind;
    match kind {
        Kind::Directory => FileType::Directory,
        Kind::Symlink => FileType::Symlink,
        Kind::Fifo => FileType::NamedPipe,
        Kind::Socket => FileType::Socket,
        Kind::CharacterDevice => FileType::CharDevice,
        Kind::BlockDevice => FileType::BlockDevice,
        Kind::RegularFile | Kind::Unknown => FileType::RegularFile,
    }
}
