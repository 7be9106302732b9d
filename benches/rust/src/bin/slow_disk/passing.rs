//! Each call is made of what stands behind, and answered late.
//!
//! Nothing is remembered by the kernel for longer than a call: each look at a name costs one, as does each question about a file.
//! Looks into one folder are answered at the same time (`FUSE_PARALLEL_DIROPS`), as a network's are; what changes a folder
//! comes one after the other, in every file system of Linux.
//!
//! Passed on: `flock`. Kept by the kernel itself, so that they cost nothing: locks by `fcntl`. Refused: files without a name
//! (`O_TMPFILE`, for which fuser has no call), as networks refuse them, and device files.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::SystemTime;

use fuser::{
    AccessFlags, BsdFileFlags, CopyFileRangeFlags, FileAttr, FileHandle, Filesystem, INodeNo, InitFlags, KernelConfig,
    LockOwner, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry,
    ReplyLseek, ReplyOpen, ReplyStatfs, ReplyWrite, ReplyXattr, Request, TimeOrNow, WriteFlags,
};
use rustix::fs::{self, AtFlags, CWD, Gid, Mode, OFlags, SeekFrom, Timestamps, Uid, XattrFlags};

use crate::answers::Answers;
use crate::behind::{entries, lock, real_flags, sized, time};
use crate::nodes::{Files, Folders, Node, Nodes, attributes};
use crate::replies::{Reply, attr, created, done, entry, give, opened};

/// The largest write, and what is read ahead.
const LARGEST: u32 = 1024 * 1024;
/// Calls for which nobody waits, such as reading ahead.
const IN_BACKGROUND: u16 = 128;

pub(crate) struct Passing {
    answers: Answers,
    nodes: Nodes,
    files: Arc<Files>,
    folders: Folders,
}

impl Passing {
    pub(crate) fn new(folder: &Path, answers: Answers) -> io::Result<Self> {
        Ok(Self { answers, nodes: Nodes::new(folder)?, files: Arc::default(), folders: Folders::default() })
    }

    /// Makes a call at once, and answers it late.
    fn late<R: Reply, T: Send + 'static>(
        &self,
        call: &'static str,
        reply: R,
        make: impl FnOnce() -> io::Result<T>,
        answer: impl FnOnce(R, T) + Send + 'static,
    ) {
        let under_way = self.answers.begin(call);
        let result = make();
        under_way.answer(move || match result {
            Ok(value) => answer(reply, value),
            Err(error) => reply.refuse(error.into()),
        });
    }

    /// Makes something in a folder and looks it up.
    fn make(
        &self,
        folder: INodeNo,
        name: &OsStr,
        make: impl FnOnce(&Node) -> rustix::io::Result<()>,
    ) -> io::Result<FileAttr> {
        let folder = self.nodes.get(folder)?;
        make(&folder)?;
        self.nodes.look_up(&folder, name)
    }

    /// Of what is open, also where it has no name any more.
    fn attributes(&self, number: INodeNo, handle: Option<FileHandle>) -> io::Result<FileAttr> {
        let opened = handle.and_then(|handle| self.files.get(handle).ok());
        let stat = match opened {
            Some(file) => fs::fstat(&*file)?,
            None => fs::fstat(self.nodes.get(number)?.file())?,
        };
        Ok(attributes(&stat))
    }

    fn set_size(&self, node: &Node, size: u64, handle: Option<FileHandle>) -> io::Result<()> {
        match handle {
            Some(handle) => self.files.get(handle)?.set_len(size),
            None => File::from(node.open(OFlags::WRONLY)?).set_len(size),
        }
    }
}

impl Filesystem for Passing {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        let wanted = InitFlags::FUSE_PARALLEL_DIROPS | InitFlags::FUSE_FLOCK_LOCKS | InitFlags::FUSE_ATOMIC_O_TRUNC;
        config.add_capabilities(wanted).map_err(|missing| io::Error::other(format!("no {missing:?} here")))?;
        let _ = (config.set_max_write(LARGEST), config.set_max_background(IN_BACKGROUND));
        Ok(())
    }

    fn lookup(&self, _: &Request, folder: INodeNo, name: &OsStr, reply: ReplyEntry) {
        self.late("lookup", reply, || self.nodes.look_up(&self.nodes.get(folder)?, name), entry);
    }

    /// Nobody waits for this.
    fn forget(&self, _: &Request, number: INodeNo, lookups: u64) {
        self.nodes.forget(number, lookups);
    }

    fn getattr(&self, _: &Request, number: INodeNo, handle: Option<FileHandle>, reply: ReplyAttr) {
        self.late("getattr", reply, || self.attributes(number, handle), attr);
    }

    fn setattr(
        &self,
        _: &Request,
        number: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        accessed: Option<TimeOrNow>,
        modified: Option<TimeOrNow>,
        _: Option<SystemTime>,
        handle: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        self.late(
            "setattr",
            reply,
            || {
                let node = self.nodes.get(number)?;
                if uid.is_some() || gid.is_some() {
                    let (uid, gid) = (uid.map(Uid::from_raw), gid.map(Gid::from_raw));
                    fs::chownat(node.file(), "", uid, gid, AtFlags::EMPTY_PATH)?;
                }
                if let Some(mode) = mode {
                    fs::chmod(node.path(), Mode::from_raw_mode(mode))?; // after the owner, which takes bits away
                }
                if let Some(size) = size {
                    self.set_size(&node, size, handle)?;
                }
                if accessed.is_some() || modified.is_some() {
                    let times = Timestamps { last_access: time(accessed), last_modification: time(modified) };
                    fs::utimensat(CWD, node.path(), &times, AtFlags::empty())?;
                }
                self.attributes(number, handle)
            },
            attr,
        );
    }

    fn readlink(&self, _: &Request, number: INodeNo, reply: ReplyData) {
        self.late(
            "readlink",
            reply,
            || Ok(fs::readlinkat(self.nodes.get(number)?.file(), "", Vec::new())?),
            |reply, target| reply.data(target.to_bytes()),
        );
    }

    fn mkdir(&self, _: &Request, folder: INodeNo, name: &OsStr, mode: u32, _: u32, reply: ReplyEntry) {
        let mode = Mode::from_raw_mode(mode);
        self.late("mkdir", reply, || self.make(folder, name, |folder| fs::mkdirat(folder.file(), name, mode)), entry);
    }

    fn symlink(&self, _: &Request, folder: INodeNo, name: &OsStr, target: &Path, reply: ReplyEntry) {
        self.late(
            "symlink",
            reply,
            || self.make(folder, name, |folder| fs::symlinkat(target, folder.file(), name)),
            entry,
        );
    }

    fn link(&self, _: &Request, number: INodeNo, folder: INodeNo, name: &OsStr, reply: ReplyEntry) {
        self.late(
            "link",
            reply,
            || {
                let node = self.nodes.get(number)?; // which is held for as long as its path is needed
                self.make(folder, name, |to| fs::linkat(CWD, node.path(), to.file(), name, AtFlags::SYMLINK_FOLLOW))
            },
            entry,
        );
    }

    fn unlink(&self, _: &Request, folder: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        self.late("unlink", reply, || Ok(fs::unlinkat(self.nodes.get(folder)?.file(), name, AtFlags::empty())?), done);
    }

    fn rmdir(&self, _: &Request, folder: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        self.late("rmdir", reply, || Ok(fs::unlinkat(self.nodes.get(folder)?.file(), name, AtFlags::REMOVEDIR)?), done);
    }

    fn rename(
        &self,
        _: &Request,
        folder: INodeNo,
        name: &OsStr,
        to: INodeNo,
        new: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        self.late(
            "rename",
            reply,
            || {
                let (folder, to) = (self.nodes.get(folder)?, self.nodes.get(to)?);
                let flags = fs::RenameFlags::from_bits_retain(flags.bits());
                self.nodes.rename((&folder, name), (&to, new), flags)
            },
            done,
        );
    }

    fn open(&self, _: &Request, number: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        self.late(
            "open",
            reply,
            || Ok(self.files.add(self.nodes.get(number)?.open(real_flags(flags.0))?.into())),
            opened,
        );
    }

    fn create(&self, _: &Request, folder: INodeNo, name: &OsStr, mode: u32, _: u32, flags: i32, reply: ReplyCreate) {
        self.late(
            "create",
            reply,
            || {
                let folder = self.nodes.get(folder)?;
                let flags = real_flags(flags) | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let file: File = fs::openat(folder.file(), name, flags, Mode::from_raw_mode(mode))?.into();
                Ok((self.nodes.look_up(&folder, name)?, self.files.add(file)))
            },
            created,
        );
    }

    fn read(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        self.late(
            "read",
            reply,
            || {
                let file = self.files.get(handle)?;
                let length = file.metadata()?.len().saturating_sub(offset).min(size.into());
                let (mut data, mut filled) = (vec![0; usize::try_from(length).unwrap_or(usize::MAX)], 0);
                while filled < data.len() {
                    match file.read_at(&mut data[filled..], offset + filled as u64)? {
                        0 => break,
                        count => filled += count,
                    }
                }
                data.truncate(filled);
                Ok(data)
            },
            |reply, data| reply.data(&data),
        );
    }

    fn write(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
        self.late(
            "write",
            reply,
            || self.files.get(handle)?.write_all_at(data, offset),
            move |reply, ()| reply.written(length),
        );
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        self.late("flush", reply, || Ok(()), done);
    }

    /// Nobody waits for the answer, and the lock goes with the file.
    fn release(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        self.late("release", reply, || self.files.close(handle), done);
    }

    fn fsync(&self, _: &Request, _: INodeNo, handle: FileHandle, of_data: bool, reply: ReplyEmpty) {
        self.late(
            "fsync",
            reply,
            || {
                let file = self.files.get(handle)?;
                if of_data { file.sync_data() } else { file.sync_all() }
            },
            done,
        );
    }

    fn opendir(&self, _: &Request, number: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        self.late("opendir", reply, || Ok(self.folders.add(entries(&self.nodes.get(number)?, number)?)), opened);
    }

    fn readdir(&self, _: &Request, _: INodeNo, handle: FileHandle, offset: u64, reply: ReplyDirectory) {
        self.late(
            "readdir",
            reply,
            || self.folders.get(handle),
            move |mut reply, entries| {
                let first = usize::try_from(offset).unwrap_or(usize::MAX);
                for (place, (number, kind, name)) in (1..).zip(entries.iter()).skip(first) {
                    if reply.add(INodeNo(*number), place, *kind, name) {
                        break; // it is full
                    }
                }
                reply.ok();
            },
        );
    }

    fn releasedir(&self, _: &Request, _: INodeNo, handle: FileHandle, _: OpenFlags, reply: ReplyEmpty) {
        self.late("releasedir", reply, || self.folders.close(handle), done);
    }

    fn fsyncdir(&self, _: &Request, number: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.late("fsyncdir", reply, || File::from(self.nodes.get(number)?.open(OFlags::DIRECTORY)?).sync_all(), done);
    }

    #[allow(clippy::cast_possible_truncation)] // sizes of blocks and names
    fn statfs(&self, _: &Request, number: INodeNo, reply: ReplyStatfs) {
        self.late(
            "statfs",
            reply,
            || Ok(fs::fstatvfs(self.nodes.get(number)?.file())?),
            |reply, of| {
                reply.statfs(
                    of.f_blocks,
                    of.f_bfree,
                    of.f_bavail,
                    of.f_files,
                    of.f_ffree,
                    of.f_bsize as u32,
                    of.f_namemax as u32,
                    of.f_frsize as u32,
                );
            },
        );
    }

    fn setxattr(
        &self,
        _: &Request,
        number: INodeNo,
        name: &OsStr,
        value: &[u8],
        flags: i32,
        _: u32,
        reply: ReplyEmpty,
    ) {
        let flags = XattrFlags::from_bits_retain(flags.cast_unsigned());
        self.late("setxattr", reply, || Ok(fs::setxattr(self.nodes.get(number)?.path(), name, value, flags)?), done);
    }

    fn getxattr(&self, _: &Request, number: INodeNo, name: &OsStr, size: u32, reply: ReplyXattr) {
        let find = || {
            let node = self.nodes.get(number)?;
            sized(size, fs::getxattr_query(node.path(), name)?, |room| fs::getxattr(node.path(), name, room))
        };
        self.late("getxattr", reply, find, give);
    }

    fn listxattr(&self, _: &Request, number: INodeNo, size: u32, reply: ReplyXattr) {
        let find = || {
            let node = self.nodes.get(number)?;
            sized(size, fs::listxattr_query(node.path())?, |room| fs::listxattr(node.path(), room))
        };
        self.late("listxattr", reply, find, give);
    }

    fn removexattr(&self, _: &Request, number: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        self.late("removexattr", reply, || Ok(fs::removexattr(self.nodes.get(number)?.path(), name)?), done);
    }

    fn access(&self, _: &Request, number: INodeNo, mask: AccessFlags, reply: ReplyEmpty) {
        let access = fs::Access::from_bits_retain(mask.bits().cast_unsigned());
        self.late("access", reply, || Ok(fs::access(self.nodes.get(number)?.path(), access)?), done);
    }

    /// Always `flock`: locks by `fcntl` were not asked for. Who waits for one has a thread for that.
    fn setlk(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        _: LockOwner,
        _: u64,
        _: u64,
        kind: i32,
        _: u32,
        waits: bool,
        reply: ReplyEmpty,
    ) {
        let (files, under_way) = (self.files.clone(), self.answers.begin("setlk"));
        let lock = move || {
            let locked = files.get(handle).and_then(|file| lock(&file, kind, waits));
            under_way.answer(move || match locked {
                Ok(()) => reply.ok(),
                Err(error) => reply.error(error.into()),
            });
        };
        if waits {
            thread::spawn(lock);
        } else {
            lock();
        }
    }

    fn fallocate(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        offset: u64,
        length: u64,
        mode: i32,
        reply: ReplyEmpty,
    ) {
        let mode = fs::FallocateFlags::from_bits_retain(mode.cast_unsigned());
        self.late("fallocate", reply, || Ok(fs::fallocate(&*self.files.get(handle)?, mode, offset, length)?), done);
    }

    fn lseek(&self, _: &Request, _: INodeNo, handle: FileHandle, offset: i64, whence: i32, reply: ReplyLseek) {
        self.late(
            "lseek",
            reply,
            || {
                let to = if whence == libc::SEEK_HOLE { SeekFrom::Hole } else { SeekFrom::Data };
                Ok(fs::seek(&*self.files.get(handle)?, to(offset.cast_unsigned()))?)
            },
            |reply, place| reply.offset(place.cast_signed()),
        );
    }

    fn copy_file_range(
        &self,
        _: &Request,
        _: INodeNo,
        from: FileHandle,
        start: u64,
        _: INodeNo,
        to: FileHandle,
        target: u64,
        length: u64,
        _: CopyFileRangeFlags,
        reply: ReplyWrite,
    ) {
        self.late(
            "copy_file_range",
            reply,
            || {
                let (from, to) = (self.files.get(from)?, self.files.get(to)?);
                let length = usize::try_from(length).unwrap_or(usize::MAX).min(1 << 30);
                let count = fs::copy_file_range(&*from, Some(&mut { start }), &*to, Some(&mut { target }), length)?;
                Ok(u32::try_from(count).unwrap_or(u32::MAX))
            },
            ReplyWrite::written,
        );
    }
}
