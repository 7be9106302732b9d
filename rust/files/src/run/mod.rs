//! Running: a job, the listing of its sources, the queue, the workers.

mod comparing;
pub(crate) mod driver;
pub(crate) mod job;
mod lister;
mod listing;
pub(crate) mod progress;
mod queue;
mod shared;
mod worker;
