//! Where else a value stands: bytes in, places out. No I/O, no `unsafe`, no panic, and nothing known of files and data
//! sets.
//!
//! ```text
//! Value ──► templates (parts of names, dates in each order) ──► spellings (cases, accents, encodings) ──► Search
//!                                                                                     bytes ──► Search ──► Hit
//! ```
//!
//! Read [`Search`] first. [`Uids`] are looked for beside it, since they differ from file to file, and [`Memory`] is what
//! one worker remembers of it.
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

mod anchors;
mod build;
mod charset;
mod dates;
mod memory;
mod replacement;
mod search;
mod spelling;
mod template;
mod uids;
mod value;

pub use charset::Charsets;
pub use memory::Memory;
pub use replacement::Around;
pub use search::{Hit, Search};
pub use spelling::Form;
pub use uids::Uids;
pub use value::{CHARACTERS, DIGITS, Kind, LETTERS, LONGEST, UID, Value, WHOLE};
