//! Watching over work that takes long: whether to give it up, and how far it is.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Files of at least this size count in the progress by their bytes, smaller ones only as files.
const LARGE: u64 = 64 * 1024 * 1024;

/// What all threads of a run share about its work: whether it is cancelled, and how far the large files are.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    is_cancelled: AtomicBool,
    /// All bytes of the large files at work.
    total: AtomicU64,
    /// How many of them are done.
    done: AtomicU64,
}

impl Pulse {
    pub(crate) fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }

    /// How many bytes of the large files at work are done, and how many there are.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let total = self.total.load(Ordering::Relaxed);
        (self.done.load(Ordering::Relaxed).min(total), total)
    }
}

/// Asked now and then, while a file is read or written, whether to give up, and told how far the work is. The default
/// never gives up.
#[derive(Default)]
pub struct Watch {
    is_cancelled: Option<Box<dyn Fn() -> bool>>,
    pulse: Option<Arc<Pulse>>,
    /// Bytes done of the large file that this thread works on.
    done: Cell<u64>,
}

impl Watch {
    /// Gives up when `is_cancelled` says so. It is asked at least after every 128 KiB that are read; for a file of up
    /// to 16 KiB it may not be asked at all.
    pub fn when(is_cancelled: impl Fn() -> bool + 'static) -> Self {
        Self { is_cancelled: Some(Box::new(is_cancelled)), ..Self::default() }
    }

    /// The watch of one thread of a run.
    pub(crate) fn of(pulse: &Arc<Pulse>) -> Self {
        Self { pulse: Some(pulse.clone()), ..Self::default() }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.pulse.as_ref().is_some_and(|pulse| pulse.is_cancelled())
            || self.is_cancelled.as_ref().is_some_and(|is_cancelled| is_cancelled())
    }

    /// Begins the work on one file of `size` bytes. It ends when the returned value is dropped.
    pub(crate) fn begin(&self, size: u64) -> Begun<'_> {
        let pulse = self.pulse.as_deref().filter(|_| size >= LARGE);
        if let Some(pulse) = pulse {
            pulse.total.fetch_add(size, Ordering::Relaxed);
        }
        self.done.set(0);
        Begun { watch: self, pulse, size }
    }
}

/// The work on one file, until it is dropped.
pub(crate) struct Begun<'a> {
    watch: &'a Watch,
    /// `None` for a file that is not large.
    pulse: Option<&'a Pulse>,
    size: u64,
}

impl Begun<'_> {
    /// Counts `bytes` more bytes as done.
    pub(crate) fn advance(&self, bytes: u64) {
        if let Some(pulse) = self.pulse {
            pulse.done.fetch_add(bytes, Ordering::Relaxed);
            self.watch.done.set(self.watch.done.get() + bytes);
        }
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if let Some(pulse) = self.pulse {
            pulse.total.fetch_sub(self.size, Ordering::Relaxed);
            pulse.done.fetch_sub(self.watch.done.take(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_files_are_counted_in_bytes_and_only_while_they_are_at_work() {
        let pulse = Arc::new(Pulse::default());
        let [one, other] = [Watch::of(&pulse), Watch::of(&pulse)];
        let small = one.begin(LARGE - 1);
        small.advance(5);
        assert_eq!(pulse.bytes(), (0, 0));
        drop(small);
        let (first, second) = (one.begin(LARGE), other.begin(2 * LARGE));
        first.advance(5);
        second.advance(7);
        second.advance(1);
        assert_eq!(pulse.bytes(), (13, 3 * LARGE));
        drop(second);
        assert_eq!(pulse.bytes(), (5, LARGE));
        drop(first);
        assert_eq!(pulse.bytes(), (0, 0));
    }

    #[test]
    fn a_run_or_a_caller_cancels() {
        let pulse = Arc::new(Pulse::default());
        let watch = Watch::of(&pulse);
        assert!(!watch.is_cancelled() && !Watch::default().is_cancelled());
        pulse.cancel();
        assert!(watch.is_cancelled() && Watch::when(|| true).is_cancelled() && !Watch::when(|| false).is_cancelled());
    }
}
