//! Running a job: one thread lists, some work, the caller's thread collects the rows.
//!
//! - `job`: an order, checked.
//! - `driver`: starts the threads, and is the caller's thread.
//! - `lister` lists all sources, by `listing`, which finds the files of one, or by `listed`, which reads a list.
//! - `queue`: the files that are listed and not yet taken.
//! - `worker`: does one file after the other; `comparing` is what it does in a verification, `planning` in a dry run,
//!   and `inspecting` in an inspection.
//! - `shared`: what all these threads see.
//! - `progress`: what the caller is told meanwhile.
//! - `objects`: a run over objects of a store, which the caller lists, reads and writes; `made`: one
//!   of them; `looking`: those that are not written; `on_disk`: where they come from a disk, or go to one; `recorder`: the caller's thread.

mod comparing;
mod crew;
pub(crate) mod driver;
mod inspecting;
pub(crate) mod job;
mod listed;
mod lister;
mod listing;
mod looking;
pub(crate) mod made;
pub(crate) mod objects;
pub(crate) mod on_disk;
mod planning;
pub(crate) mod progress;
mod queue;
pub(crate) mod recorder;
mod shared;
mod worker;
