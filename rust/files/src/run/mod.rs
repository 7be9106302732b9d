//! Running: a job, the listing of its sources, the queue, the workers.

pub(crate) mod driver;
pub(crate) mod job;
mod listing;
mod queue;
mod worker;
