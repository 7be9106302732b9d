//! The files that workers are at, so that two names of one file are done one after the other.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::unix::FileId;

/// The files in hand: never more than workers.
///
/// Every file is entered and not only those of several names: a bind mount leads to a file of one name twice. To remember what was
/// done, and skip it, was the other road: it takes memory for every file, and the second look at a file costs little, since it
/// finds nothing left to blank.
#[derive(Debug, Default)]
pub(crate) struct BusyFiles {
    state: Mutex<State>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct State {
    files: Vec<FileId>,
    /// Workers that wait for a file: to wake nobody costs a system call too.
    waiting: usize,
}

/// A file in hand, until this is dropped.
pub(crate) struct Busy<'a> {
    of: &'a BusyFiles,
    file: FileId,
}

impl BusyFiles {
    /// Takes a file that no other worker has.
    pub(crate) fn try_take(&self, file: FileId) -> Option<Busy<'_>> {
        let mut state = self.lock();
        if state.files.contains(&file) {
            return None;
        }
        state.files.push(file);
        Some(Busy { of: self, file })
    }

    /// Takes a file, as soon as no other worker has it. A worker holds one at a time, so that none waits for ever.
    ///
    /// What is known of the file by then may not be true any more.
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
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy<'_> {
    /// In a panic too.
    fn drop(&mut self) {
        let mut state = self.of.lock();
        state.files.retain(|file| *file != self.file);
        if state.waiting > 0 {
            self.of.released.notify_all();
        }
    }
}
