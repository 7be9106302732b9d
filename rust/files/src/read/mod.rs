//! Reading: from bytes at a place to a plan, or to a comparison.
//!
//! - `read_at`: bytes at an offset, in a file or in memory.
//! - `windows`: these bytes as the core's source.
//! - `inflated`: the inflated form of a deflated file, by `flate`; `turn`: one large form at a time.
//! - `recognise`: what kind of file it is that the core can't read.
//! - `keyed`: what values are replaced with, by the key, and the marks of files that have them.
//! - `planned`: a plan, of the file as it stands or of its inflated form.
//! - `opened`: an open file, from which all of this begins.
//! - `surveyed`: what stands in it.
//! - `compare`: two files, byte by byte; `replaced`: the values that the key makes.

pub(crate) mod compare;
pub(crate) mod flate;
pub(crate) mod inflated;
pub(crate) mod keyed;
pub(crate) mod opened;
pub(crate) mod planned;
pub(crate) mod read_at;
mod recognise;
mod replaced;
mod surveyed;
mod turn;
pub(crate) mod windows;
