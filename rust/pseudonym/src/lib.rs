//! Keyed values of the same length.
#![forbid(unsafe_code)]
#![deny(
    missing_docs,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::todo,
    clippy::as_conversions,
    clippy::arithmetic_side_effects
)]

mod calendar;
mod dates;
pub mod ff1;
mod identifier;
mod keys;
mod notes;
mod number;
mod short;
mod text;
mod uid;

pub use dates::{Dates, Days};
pub use identifier::Identifiers;
pub use keys::{Key, KeyError, KeyId};
pub use notes::{Note, Notes, Refusal};
pub use number::Radix;
pub use uid::Uids;
