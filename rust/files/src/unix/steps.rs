//! For tests: what was asked of the disk, in which order. Whether a disk has flushed it can't be seen.
//!
//! A test can also have the process killed after so many changes: from then on every change is an error, and the disk
//! stays as it is. As a signal does, this cuts a write between two pages of the file.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

thread_local! {
    static STEPS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

pub(crate) fn note(step: &str) {
    STEPS.with_borrow_mut(|steps| steps.push(step.to_owned()));
}

/// The steps of this thread since the last call.
pub(crate) fn take() -> Vec<String> {
    STEPS.take()
}

/// Runs `job`, which this thread does, and is killed after `changes` changes. Says whether there were as many.
pub(crate) fn killed_after<T>(changes: usize, job: impl FnOnce() -> T) -> (T, bool) {
    LEFT.set(Some(changes));
    let done = job();
    (done, LEFT.replace(None) == Some(0))
}

/// A change of what is on the disk.
pub(crate) fn change() -> io::Result<()> {
    match LEFT.get() {
        None => Ok(()),
        Some(0) => Err(io::Error::other("killed")),
        Some(left) => {
            LEFT.set(Some(left - 1));
            Ok(())
        }
    }
}

/// Writes all of `bytes`, page by page.
pub(crate) fn write_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    const PAGE: u64 = 4096;
    while !bytes.is_empty() {
        let room = usize::try_from(PAGE - offset % PAGE).unwrap();
        let (piece, rest) = bytes.split_at(room.min(bytes.len()));
        change()?;
        file.write_all_at(piece, offset)?;
        (bytes, offset) = (rest, offset + piece.len() as u64);
    }
    Ok(())
}
