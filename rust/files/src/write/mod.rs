//! Writing: in place, as a copy, in the place of a deflated file, in memory.
//!
//! - `writer`: which of these a worker does; `tools`: what it has for each file.
//! - `in_place`: a file where it stands, unless it is of git-`annex`; `in_place_sink`: its bytes; `busy`: one worker at a
//!   file at a time.
//! - `journal`: what is about to be written to a file where it stands, as a `record`; `recovery`: what a killed run
//!   began.
//! - `replace`: a new file in the place of one that can't be written where it stands; `deflated`: its bytes.
//! - `copy`: a file to its copy, which it names; `copy_sink`: the bytes of the copy, with edits; `transfer`: those
//!   between the edits.
//! - `output`: the folder of the copies, and which target a file has; `existing`: targets that exist.
//! - `temporary`: new files until they have their final name; `new_files`: how they are made and named; `left_over`:
//!   those of killed runs.
//! - `landing`: copies of objects on a disk.
//! - `rewritten`: what becomes of a file where lengths change; `pieces`: those bytes on their way to a new file;
//!   `rewriting_in_place`: to one in its place.
//! - `memory`: bytes in memory; `object`: those of an object of a store, whole or range by range.
//! - `killed`: for tests, a run that is killed after each of its changes, and what the next one makes of it.
//! - `validator`: the second opinion, before anything is written.

mod annex;
mod busy;
pub(crate) mod copy;
mod copy_sink;
mod deflated;
pub(crate) mod existing;
pub(crate) mod in_place;
mod in_place_sink;
pub(crate) mod journal;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod killed_replacing;
pub(crate) mod landing;
pub(crate) mod left_over;
pub(crate) mod memory;
pub(crate) mod new_files;
pub(crate) mod object;
pub(crate) mod output;
mod pieces;
mod record;
pub(crate) mod recovery;
mod replace;
mod rewriting_in_place;
pub(crate) mod rewritten;
pub(crate) mod temporary;
pub(crate) mod tools;
mod transfer;
pub(crate) mod validator;
pub(crate) mod writer;
