//! The bounded queue between the listing and the workers.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::listing::Batch;
use crate::watch::Pulse;

/// Files that may wait. At some 100 bytes a file these are a few megabytes, and a run knows early how many files there
/// are.
const BOUND: usize = 64 * 1024;
/// A worker takes this many files at a time, and fewer when few are left: no worker should be idle while another has
/// many.
const SHARE: usize = 16;

/// Files that are listed and not yet taken.
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    /// Signalled when there is a file to take, or when there will be none.
    ready: Condvar,
    /// Signalled when there is room for more files.
    room: Condvar,
    /// Says whether the run is cancelled. Then no new file is begun.
    pulse: Arc<Pulse>,
}

#[derive(Default)]
struct Waiting {
    batches: VecDeque<Batch>,
    files: usize,
    /// Whether the listing is done.
    is_complete: bool,
    /// How many workers wait for files. Nobody is woken in vain: that costs a system call, too.
    idle: usize,
    /// Whether the listing waits for room.
    is_listing_idle: bool,
}

impl Queue {
    pub(crate) fn new() -> Self {
        Self { waiting: Mutex::default(), ready: Condvar::new(), room: Condvar::new(), pulse: Arc::default() }
    }

    /// Adds files, as soon as there is room. Breaks if the run is cancelled.
    pub(crate) fn add(&self, batch: Batch) -> ControlFlow<()> {
        let mut waiting = self.lock();
        while waiting.files >= BOUND && !self.is_stopped() {
            waiting.is_listing_idle = true;
            waiting = self.room.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            waiting.is_listing_idle = false;
        }
        if self.is_stopped() {
            return ControlFlow::Break(());
        }
        waiting.files += batch.names.len();
        waiting.batches.push_back(batch);
        if waiting.idle > 0 {
            self.ready.notify_one();
        }
        ControlFlow::Continue(())
    }

    /// The listing is done: nothing more will be added.
    pub(crate) fn complete(&self) {
        self.lock().is_complete = true;
        self.ready.notify_all();
    }

    /// Takes some files to be done, for one of so many `workers`. `None` if there will be none, or if the run is
    /// cancelled. `before_waiting` is called if this has to wait.
    pub(crate) fn take(&self, workers: usize, before_waiting: impl FnOnce()) -> Option<Batch> {
        let mut waiting = self.lock();
        if waiting.batches.is_empty() && !waiting.is_complete {
            drop(waiting);
            before_waiting();
            waiting = self.lock();
        }
        while waiting.batches.is_empty() && !waiting.is_complete && !self.is_stopped() {
            waiting.idle += 1;
            waiting = self.ready.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            waiting.idle -= 1;
        }
        if self.is_stopped() {
            return None;
        }
        let share = (waiting.files / (2 * workers.max(1))).clamp(1, SHARE);
        let batch = waiting.take(share)?;
        if waiting.idle > 0 && !waiting.batches.is_empty() {
            self.ready.notify_one();
        }
        // Not at the first free place: then worker and listing would wake each other for every file.
        if waiting.is_listing_idle && waiting.files < BOUND / 2 {
            self.room.notify_one();
        }
        Some(batch)
    }

    /// Whether more than so many files wait.
    pub(crate) fn has_more_than(&self, files: usize) -> bool {
        self.lock().files > files
    }

    /// Cancels the run. No new file is begun; an edit in place that was begun is finished, a copy that was begun is
    /// dropped.
    pub(crate) fn stop(&self) {
        self.pulse.cancel();
        // Under the lock, so that no thread is between its look at the queue and its waiting.
        let _waiting = self.lock();
        self.ready.notify_all();
        self.room.notify_all();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.pulse.is_cancelled()
    }

    pub(crate) const fn pulse(&self) -> &Arc<Pulse> {
        &self.pulse
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing panics while the lock is held, and what it guards would be whole even then.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take(&mut self, share: usize) -> Option<Batch> {
        let first = self.batches.front_mut()?;
        let batch = if first.names.len() > share {
            let names = first.names.drain(..share).collect();
            Batch { input: first.input.clone(), folder: first.folder.clone(), names }
        } else {
            self.batches.pop_front()?
        };
        self.files -= batch.names.len();
        Some(batch)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::order::inputs::Kind;
    use crate::testing::input;

    #[test]
    fn never_holds_many_more_files_than_its_bound_and_loses_none() {
        let input = input(Path::new("/"), Kind::Folder);
        let folder: Arc<Path> = Path::new("").into();
        // The bound is no multiple of 63.
        let batch = || Batch { input: input.clone(), folder: folder.clone(), names: vec!["x".into(); 63] };
        let queue = Queue::new();
        let (mut most, mut taken) = (0, 0);
        thread::scope(|scope| {
            scope.spawn(|| {
                (0..3000).for_each(|_| assert!(queue.add(batch()).is_continue()));
                queue.complete();
            });
            // Taken only when it is full: only then does adding have to wait.
            while queue.lock().files < BOUND {
                thread::yield_now();
            }
            while let Some(batch) = queue.take(2, || {}) {
                most = most.max(batch.names.len() + queue.lock().files);
                taken += batch.names.len();
            }
        });
        assert_eq!(taken, 3000 * 63);
        assert!((BOUND..BOUND + 63 + SHARE).contains(&most), "{most}");
    }

    #[test]
    fn only_a_worker_that_has_to_wait_is_told_so() {
        let input = input(Path::new("/"), Kind::Folder);
        let batch = Batch { input, folder: Path::new("").into(), names: vec!["x".into()] };
        let [queue, ended] = [(); 2].map(|()| Queue::new());
        ended.complete();
        assert!(ended.take(2, || panic!("there will be none")).is_none());
        assert!(queue.add(batch).is_continue());
        assert!(queue.take(2, || panic!("there is a file")).is_some());
        // The queue is not locked during the call, and the wait ends when there will be no more files.
        let mut is_told = false;
        let nothing = queue.take(2, || {
            is_told = true;
            queue.complete();
        });
        assert!(nothing.is_none() && is_told);
    }

    /// A few at a time, and ever fewer, so that no worker is idle while another has many left.
    #[test]
    fn what_is_left_is_shared() {
        let input = input(Path::new("/"), Kind::Folder);
        let batch = |names| Batch { input, folder: Path::new("").into(), names: vec!["x".into(); names] };
        let queue = Queue::new();
        assert!(queue.add(batch(300)).is_continue());
        queue.complete();
        let shares: Vec<_> = std::iter::from_fn(|| queue.take(8, || {}).map(|batch| batch.names.len())).collect();
        assert_eq!((shares[..4].to_vec(), shares.iter().sum::<usize>()), (vec![16, 16, 16, 15], 300));
        assert!(shares.is_sorted_by(|one, next| one >= next) && shares.ends_with(&[1; 16]));
    }

    #[test]
    fn one_batch_wakes_a_worker_for_each_of_its_files() {
        let input = input(Path::new("/"), Kind::Folder);
        let batch = Batch { input, folder: Path::new("").into(), names: vec!["x".into(); 3] };
        let queue = Queue::new();
        thread::scope(|scope| {
            let workers = [(); 3].map(|()| scope.spawn(|| queue.take(2, || {}).is_some()));
            while queue.lock().idle < workers.len() {
                thread::yield_now();
            }
            assert!(queue.add(batch).is_continue());
            let deadline = Instant::now() + Duration::from_secs(20);
            while queue.lock().files > 0 && Instant::now() < deadline {
                thread::yield_now();
            }
            queue.stop();
            assert!(workers.map(|worker| worker.join().unwrap()).iter().all(|has_one| *has_one));
        });
    }

    #[test]
    fn to_stop_wakes_waiting_workers() {
        let queue = Queue::new();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| queue.take(2, || {}).is_none());
            while queue.lock().idle == 0 {
                thread::yield_now();
            }
            queue.stop();
            assert!(waiting.join().unwrap());
        });
        assert_eq!(queue.lock().idle, 0);
    }
}
