//! One large inflated form in memory at a time, whatever the number of workers.

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::thread;
use std::time::Duration;

use crate::error::FileError;
use crate::watch::Watch;

/// The turn to have a large form in memory. A thread that has it does not wait for itself: it may read a second file,
/// the target of the first.
pub(crate) struct Turn(#[allow(dead_code)] Option<MutexGuard<'static, ()>>); // only kept, so that it is released on drop

thread_local!(static HAS_TURN: Cell<bool> = const { Cell::new(false) });

impl Turn {
    /// Waits for the turn, or until `watch` gives up.
    pub(crate) fn wait(watch: &Watch) -> Result<Self, FileError> {
        /// There is one turn in the whole process.
        static LARGE_ONE: Mutex<()> = Mutex::new(());
        const A_WHILE: Duration = Duration::from_millis(10);
        if HAS_TURN.get() {
            return Ok(Self(None));
        }
        let guard = loop {
            match LARGE_ONE.try_lock() {
                Ok(guard) => break guard,
                // The mutex guards no data that a panic could leave half done.
                Err(TryLockError::Poisoned(poisoned)) => break poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
            if watch.is_cancelled() {
                return Err(FileError::Interrupted);
            }
            thread::sleep(A_WHILE);
        };
        HAS_TURN.set(true);
        Ok(Self(Some(guard)))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.0.is_some() {
            HAS_TURN.set(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn turns_belong_to_threads_and_waiting_ends_when_cancelled() {
        let first = Turn::wait(&Watch::default()).unwrap();
        let second = Turn::wait(&Watch::default()).unwrap(); // of the same thread
        thread::scope(|scope| {
            let wait = || Turn::wait(&Watch::when(|| true)).map(drop);
            assert!(matches!(scope.spawn(wait).join().unwrap(), Err(FileError::Interrupted)));
            drop(second);
            assert!(matches!(scope.spawn(wait).join().unwrap(), Err(FileError::Interrupted)));
            let waiting = scope.spawn(|| Turn::wait(&Watch::default()).map(drop));
            drop(first);
            assert!(waiting.join().unwrap().is_ok());
            // A thread that has given its turn back waits as all others do.
            let (taken, is_taken) = mpsc::channel();
            let (done, is_done) = mpsc::channel::<()>();
            scope.spawn(move || {
                let turn = Turn::wait(&Watch::default()).unwrap();
                taken.send(()).unwrap();
                let _ = is_done.recv();
                drop(turn);
            });
            is_taken.recv().unwrap();
            assert!(matches!(wait(), Err(FileError::Interrupted)));
            drop(done);
        });
    }
}
