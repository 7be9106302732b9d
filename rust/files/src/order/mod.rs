//! What is asked for, and whether it can be done: nothing is written here but a new key file.
//!
//! - `choices`: an order, in the caller's words.
//! - `usage`: the errors of usage.
//! - `inputs`: the sources, found on the disk.
//! - `list`: a list of files, which is read in the place of folders; `exclude`: what is passed over.
//! - `place`: where one file of a source is.
//! - `output`: where copies may go.
//! - `after`: where the results are that a file is compared with.
//! - `catalogue`: what an inspection looks for, and what each of it is called.
//! - `key_file`: the key that an order may name.

pub(crate) mod after;
pub(crate) mod catalogue;
pub(crate) mod choices;
pub(crate) mod exclude;
pub(crate) mod inputs;
pub(crate) mod key_file;
pub(crate) mod known;
pub(crate) mod list;
pub(crate) mod output;
pub(crate) mod place;
pub(crate) mod usage;
