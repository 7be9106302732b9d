//! Reading: bytes at a place, an open file, windows over it, its inflated form, what is no DICOM, and two files compared.

pub(crate) mod compare;
pub(crate) mod inflated;
pub(crate) mod opened;
pub(crate) mod planned;
pub(crate) mod read_at;
mod recognise;
mod turn;
pub(crate) mod windows;
