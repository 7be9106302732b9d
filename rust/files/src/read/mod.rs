//! Reading: an open file, windows over it, its inflated form, what is no DICOM, and two files compared.

pub(crate) mod compare;
pub(crate) mod inflated;
pub(crate) mod opened;
mod recognise;
mod turn;
pub(crate) mod windows;
