//! The files of dicomblank: reading, writing and comparing them, one by one or by the thousand.
//!
//! ```text
//! Order ──► Job ──► listing ──► queue ──► workers ──► rows ──► report file, observer, counts
//!  (usage errors)  (one thread)         (some threads)        (the caller's thread)
//!
//! a worker:   open ──► plan ──► ask the validator ──► edit in place | write a copy
//!             open the original and its copy ──► plan both ──► compare
//!             open ──► plan ──► how far is each value | survey
//! ```
//!
//! Read [`Job::run`] first, then `write/in_place.rs`. A caller with one file or with bytes needs no job: [`plan_file`],
//! [`compare`], [`plan_bytes`], [`blank_bytes`].
//!
//! What the bytes of a file mean, only the core decides. The rooms, from bottom to top; none uses one above it:
//!
//! - `unix`: all that another system does differently.
//! - `text`, `archive`, `finding`, `leftover`, `error`, `watch`: words that all rooms use.
//! - `order`: what is asked for.
//! - `read`: from an open file to a plan, or to a comparison.
//! - `report`: rows, counts and the report file.
//! - `write`: in place, as a copy, in memory.
//! - `run`: a job, on its threads.
#![deny(unsafe_code)]

mod archive;
mod error;
mod finding;
mod leftover;
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
pub use error::{Blame, FileError, FileErrorClass, ObjectFault, kinds};
pub use finding::Finding;
pub use leftover::{Leftover, MOST_LEFTOVERS, Of, Remains, Where};
pub use order::catalogue::Catalogue;
pub use order::choices::{
    Against, Destination, Existing, HardLinks, Leftovers, MOST_WORKERS, NamedLevel, Order, Plans, Pydicom, Sources,
    Syncing, Task, Unmarked,
};
pub use order::exclude::Exclude;
pub use order::key_file::{KeyFileError, generate_key, load_key, save_key};
pub use order::known::Known;
pub use order::list::{List, ListFrom, NameEnd, Shard};
pub use order::usage::UsageError;
pub use read::compare::compare;
pub use read::dry_run::{DryRun, dry_run};
pub use read::inflated::LIMIT as INFLATED_LIMIT;
pub use read::keyed::Keying;
#[doc(hidden)]
pub use read::opened::plan_file_through;
pub use read::opened::{plan_file, replaced_file};
pub use read::sides::{Comparison, Verdict};
pub use read::stated::{stated_bytes, stated_file};
pub use report::counts::{MOST_FAULTS, Report};
pub use report::found::Sections;
pub use report::outcome::{Outcome, warnings};
pub use report::row::Row;
pub use report::states::StateCounts;
pub use run::driver::RunError;
pub use run::job::Job;
pub use run::made::Made;
pub use run::objects::{ObjectOrder, ObjectSource, Objects, Ranges};
pub use run::on_disk::{Listed, OpenFile};
pub use run::progress::{Observer, Progress};
pub use run::recorder::Recorder;
pub use text::system_words;
pub use unix::already_exists;
pub use watch::Watch;
pub use write::memory::{blank_buffer, blank_bytes, dry_run_bytes, plan_bytes, rewrite_bytes};
pub use write::validator::{Compared, Objection, Validate, Validator};
