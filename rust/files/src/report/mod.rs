//! Telling: what became of each file, how many there were of each kind, and the report file.

pub(crate) mod counts;
pub(crate) mod found;
mod json;
pub(crate) mod jsonl;
pub(crate) mod leftovers;
pub(crate) mod outcome;
pub(crate) mod row;
pub(crate) mod states;
pub(crate) mod values;
