//! What all threads of a run see.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::job::Job;
use super::progress::Progress;
use super::queue::Queue;
use crate::write::validator::Validator;

/// The observer is asked at least this often whether to go on: soon enough for a person who presses Ctrl-C.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// What all threads of a run see: the job, the queue, and how far the listing is.
pub(super) struct Shared<'a> {
    pub(super) job: &'a Job,
    pub(super) validator: Option<&'a Validator<'a>>,
    pub(super) queue: Queue,
    pub(super) found: AtomicU64,
    pub(super) is_listing: AtomicBool,
}

impl<'a> Shared<'a> {
    pub(super) fn new(job: &'a Job, validator: Option<&'a Validator<'a>>) -> Self {
        let queue = Queue::new(job.workers.get());
        Self { job, validator, queue, found: AtomicU64::new(0), is_listing: AtomicBool::new(true) }
    }

    pub(super) fn progress(&self, done: u64) -> Progress {
        let is_listing = self.is_listing.load(Ordering::Acquire);
        let (bytes_done, bytes_total) = self.queue.pulse().bytes();
        Progress { done, found: self.found.load(Ordering::Relaxed), is_listing, bytes_done, bytes_total }
    }
}
