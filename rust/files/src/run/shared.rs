//! What all threads of a run see.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::crew::Crew;
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
    pub(super) crew: Crew,
    pub(super) found: AtomicU64,
    pub(super) is_listing: AtomicBool,
}

impl<'a> Shared<'a> {
    pub(super) fn new(job: &'a Job, validator: Option<&'a Validator<'a>>) -> Self {
        let (queue, crew) = (Queue::new(), Crew::new(job.workers));
        Self { job, validator, queue, crew, found: AtomicU64::new(0), is_listing: AtomicBool::new(true) }
    }

    pub(super) fn progress(&self, done: u64) -> Progress {
        let is_listing = self.is_listing.load(Ordering::Acquire);
        let (bytes_done, bytes_total) = self.queue.pulse().bytes();
        let (found, in_flight) = (self.found.load(Ordering::Relaxed), self.crew.present());
        Progress { done, found, is_listing, in_flight, bytes_done, bytes_total }
    }
}
