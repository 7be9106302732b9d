//! What is done behind, where the system has no one call for it.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::fs::DirEntryExt;
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use fuser::{FileType, INodeNo, TimeOrNow};
use rustix::fs::{FlockOperation, OFlags, Timespec, UTIME_NOW, UTIME_OMIT, flock};
use rustix::io::Errno;

use crate::nodes::Node;

/// How long who waits for a lock waits until it is asked for again.
const AGAIN: Duration = Duration::from_millis(1);

/// Without those that the kernel minds itself, and those that would change what a place in the file means.
pub(crate) fn real_flags(flags: i32) -> OFlags {
    let own = OFlags::APPEND | OFlags::DIRECT | OFlags::NOFOLLOW | OFlags::CREATE;
    OFlags::from_bits_retain(flags.cast_unsigned()).difference(own)
}

/// An open folder: its entries as they were when it was opened.
pub(crate) type Entries = Vec<(u64, FileType, OsString)>;

pub(crate) fn entries(node: &Node, number: INodeNo) -> io::Result<Entries> {
    // The number of the folder above is asked for anew where it is needed.
    let mut found: Entries = [".", ".."].into_iter().map(|name| (number.0, FileType::Directory, name.into())).collect();
    for entry in std::fs::read_dir(node.path())? {
        let entry = entry?;
        let kind = FileType::from_std(entry.file_type()?).unwrap_or(FileType::RegularFile);
        found.push((entry.ino(), kind, entry.file_name()));
    }
    Ok(found)
}

pub(crate) fn time(time: Option<TimeOrNow>) -> Timespec {
    let special = |tv_nsec| Timespec { tv_sec: 0, tv_nsec };
    match time {
        None => special(UTIME_OMIT),
        Some(TimeOrNow::Now) => special(UTIME_NOW),
        Some(TimeOrNow::SpecificTime(time)) => {
            let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
            Timespec { tv_sec: since.as_secs().cast_signed(), tv_nsec: since.subsec_nanos().into() }
        }
    }
}

/// A value, or its length where there is no room for it: who asks with none wants to know how much is needed.
pub(crate) type Sized = Result<Vec<u8>, usize>;

pub(crate) fn sized(
    room: u32,
    length: usize,
    find: impl Fn(&mut [u8]) -> rustix::io::Result<usize>,
) -> io::Result<Sized> {
    if room == 0 {
        return Ok(Err(length));
    }
    if length > room as usize {
        return Err(Errno::RANGE.into());
    }
    let mut value = vec![0; length];
    let length = if value.is_empty() { 0 } else { find(&mut value)? };
    value.truncate(length);
    Ok(Ok(value))
}

/// Locks or unlocks. To be woken for a lock is not known here: it is asked for again and again.
pub(crate) fn lock(file: &File, kind: i32, waits: bool) -> io::Result<()> {
    let operation = match kind {
        libc::F_RDLCK => FlockOperation::NonBlockingLockShared,
        libc::F_WRLCK => FlockOperation::NonBlockingLockExclusive,
        _ => FlockOperation::Unlock,
    };
    loop {
        match flock(file, operation) {
            Err(Errno::WOULDBLOCK) if waits => thread::sleep(AGAIN),
            other => return Ok(other?),
        }
    }
}
