//! Writing: in place, as a copy, in the place of a deflated file, in memory.

mod busy;
pub(crate) mod copy;
mod copy_sink;
mod existing;
pub(crate) mod in_place;
mod in_place_sink;
pub(crate) mod memory;
pub(crate) mod output;
mod replace;
pub(crate) mod temporary;
pub(crate) mod tools;
pub(crate) mod validator;
pub(crate) mod writer;
