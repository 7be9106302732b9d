//! What of dicomblank touches a disk.
//!
//! ```text
//! Order ──► Job ──► run: tree ──► queue ──► workers: in place | copy ──► rows ──► report, summary, observer
//! (usage errors)       (one thread)     (some threads)                        (the caller's thread)
//! ```
//!
//! Read [`Job::run`] first, then `in_place.rs`. What the bytes of a file mean is the core's; what the system does differently on
//! another platform is in `unix.rs`.
#![deny(unsafe_code)]

mod compare;
mod copy;
mod deflated;
mod error;
mod file;
mod in_hand;
mod in_place;
mod job;
mod memory;
mod output;
mod ownership;
mod queue;
mod recognise;
mod replace;
mod report;
mod row;
mod run;
mod shown;
mod sink;
mod source;
mod sources;
mod stop;
mod stream;
mod summary;
mod temporary;
mod tree;
mod turn;
mod unix;
mod unnamed;
mod validate;

pub use compare::{Comparison, Verdict, compare};
pub use deflated::LIMIT as INFLATED_LIMIT;
pub use error::{Blame, FileError};
#[doc(hidden)]
pub use file::plan_file_through;
pub use file::{plan_file, warnings};
pub use job::{Existing, HardLinks, Job, MOST_WORKERS, Order, Syncing, UsageError};
pub use memory::{blank_buffer, blank_deflated, plan_bytes};
pub use recognise::Archive;
pub use row::{Outcome, Row};
pub use run::{Observer, Progress, RunError};
pub use shown::system_words;
pub use sources::layout;
pub use stop::Stop;
pub use summary::Summary;
pub use unix::already_exists;
pub use validate::{Objection, Validate, Validator};
