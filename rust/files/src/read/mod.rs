//! Reading: from bytes at a place to a plan, or to a comparison.
//!
//! - `read_at`: bytes at an offset, in a file or in memory.
//! - `windows`: these bytes as the core's source.
//! - `inflated`: the inflated form of a deflated file, by `flate`; `turn`: one large form at a time.
//! - `recognise`: what kind of file it is that the core can't read.
//! - `method`: whether a data set says that dicomblank has made it.
//! - `keyed`: what values are replaced with, by the key, and the marks of files that have them.
//! - `planned`: a plan, of the file as it stands or of its inflated form.
//! - `opened`: an open file, from which all of this begins.
//! - `rewriting`: what becomes of it where lengths change.
//! - `leftovers`: where else values stand that are `wanted`: those of a plan that are `identifying`.
//! - `dry_run`: a plan, and how far each of its values is.
//! - `sides`: two files, byte by byte; `compare`: whether one is the other's result, and `compare_rewritten` where lengths
//!   changed; `replaced`: the values that the key makes; `other_level`: whose result it may be;
//!   `remaining`: what is left of the original's values.
//! - `surveyed`: what stands in it.

pub(crate) mod compare;
mod compare_rewritten;
pub(crate) mod dry_run;
pub(crate) mod flate;
mod identifying;
pub(crate) mod inflated;
pub(crate) mod keyed;
pub(crate) mod leftovers;
pub(crate) mod method;
pub(crate) mod opened;
pub(crate) mod other_level;
pub(crate) mod planned;
pub(crate) mod read_at;
pub(crate) mod recognise;
pub(crate) mod remaining;
mod replaced;
pub(crate) mod rewriting;
pub(crate) mod sides;
pub(crate) mod stated;
mod surveyed;
mod turn;
pub(crate) mod wanted;
pub(crate) mod windows;
