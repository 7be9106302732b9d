//! What is asked for: sources, what is done to them and where results go, choices, and every error of usage.

pub(crate) mod after;
pub(crate) mod choices;
pub(crate) mod inputs;
pub(crate) mod output;
pub(crate) mod place;
pub(crate) mod usage;
