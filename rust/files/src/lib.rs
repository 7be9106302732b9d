//! What of dicomblank touches a disk.
//!
//! ```text
//! Order ──► Job ──► run: listing ──► queue ──► workers: read ──► write ──► rows ──► report file, counts, observer
//! (usage errors)         (one thread)         (some threads)               (the caller's thread)
//! ```
//!
//! Read [`Job::run`] first, then `write/in_place.rs`. Each room's `mod.rs` is its table of contents; no room uses one above it:
//! `unix`, the words of this crate, `order`, `read`, `report`, `write`, `run`. What the bytes of a file mean is the core's; what the system does
//! differently on another platform is in `unix`.
#![deny(unsafe_code)]

mod archive;
mod error;
mod finding;
mod order;
mod read;
mod report;
mod run;
#[cfg(test)]
mod testing;
mod text;
mod unix;
mod watch;
mod write;

pub use archive::Archive;
pub use error::{Blame, FileError, FileErrorClass, kinds};
pub use finding::Finding;
pub use order::choices::{Destination, Existing, HardLinks, MOST_WORKERS, Order, Syncing, Task};
pub use order::usage::UsageError;
pub use read::compare::{Comparison, Verdict, compare};
pub use read::inflated::LIMIT as INFLATED_LIMIT;
pub use read::opened::plan_file;
#[doc(hidden)]
pub use read::opened::plan_file_through;
pub use report::counts::{MOST_FAULTS, Report};
pub use report::outcome::{Outcome, warnings};
pub use report::row::Row;
pub use run::driver::RunError;
pub use run::job::Job;
pub use run::progress::{Observer, Progress};
pub use text::system_words;
pub use unix::already_exists;
pub use watch::Watch;
pub use write::memory::{blank_buffer, blank_bytes, plan_bytes};
pub use write::validator::{Compared, Objection, Validate, Validator};
