//! What is asked for: sources, where results go, choices, and every error of usage.

pub(crate) mod choices;
pub(crate) mod inputs;
pub(crate) mod output;
pub(crate) mod place;
pub(crate) mod usage;
