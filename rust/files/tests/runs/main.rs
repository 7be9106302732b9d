//! Runs over files, each kind in a file of its own; in one program, so that it is linked once.

#[path = "../common/mod.rs"]
mod common;

mod annex;
mod beside;
mod compare;
mod copy;
mod deflated;
mod dry_run;
mod in_place;
mod inspect;
mod job;
mod other_level;
mod rewritten;
mod sparse;
mod validate;
mod verify;
