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

pub mod ff1;
mod number;

pub use number::Radix;
