//! The files that workers of this run have open in place, so that two names of one file are done one after the other.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::unix::FileId;

/// The files that are worked on: never more than there are workers.
///
/// Every file is entered, and not only those with several names: a bind mount leads to a file of one name twice.
/// Rejected: to remember what was done, and to skip it. That takes memory for every file, and the second look at a file
/// costs little, since nothing is left to blank.
#[derive(Debug, Default)]
pub(crate) struct BusyFiles {
    state: Mutex<State>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct State {
    files: Vec<FileId>,
    /// How many workers wait for a file. Nobody is woken in vain: that costs a system call, too.
    waiting: usize,
}

/// A file that a worker has, until this is dropped.
pub(crate) struct Busy<'a> {
    of: &'a BusyFiles,
    file: FileId,
}

impl BusyFiles {
    /// Takes a file if no other worker has it.
    pub(crate) fn try_take(&self, file: FileId) -> Option<Busy<'_>> {
        let mut state = self.lock();
        if state.files.contains(&file) {
            return None;
        }
        state.files.push(file);
        Some(Busy { of: self, file })
    }

    /// Takes a file, as soon as no other worker has it. A worker takes one at a time, so that none waits for ever.
    ///
    /// Meanwhile the file may have changed: what was known of it must be asked again.
    pub(crate) fn take(&self, file: FileId) -> Busy<'_> {
        let mut state = self.lock();
        while state.files.contains(&file) {
            state.waiting += 1;
            state = self.released.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        state.files.push(file);
        Busy { of: self, file }
    }

    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.lock().waiting
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy<'_> {
    /// Also on a panic.
    fn drop(&mut self) {
        let mut state = self.of.lock();
        state.files.retain(|file| *file != self.file);
        if state.waiting > 0 {
            self.of.released.notify_all();
        }
    }
}
