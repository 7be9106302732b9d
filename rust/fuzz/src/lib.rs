//! What must be true for any bytes. The laws are those of `rust/core/tests`, in the same code.
#![allow(clippy::missing_panics_doc)] // a panic here is a finding

#[allow(clippy::pedantic, clippy::len_without_is_empty)] // the core's own tests, written under its test rules
#[path = "../../core/tests/build/mod.rs"]
pub mod build;
#[allow(clippy::pedantic)]
#[path = "../../core/tests/check/mod.rs"]
pub mod check;
mod events;
pub mod rewriting;
#[path = "../../core/tests/road/mod.rs"]
mod road;
#[allow(clippy::pedantic)]
#[path = "../../core/tests/rewriting/mod.rs"]
mod roads;

pub use events::{Met, tell};

use build::{BIRTH, CONTENT, CREATOR, ID, INSTANCE, NAME, OTHER_IDS, PRIVATE, PRIVATE_2, ROWS, SEX, STUDY, UNLISTED};
use dicomblank_core::{Limits, Rules};

/// Enough for all that fits into an input, and so little that one input does not take seconds.
pub const LIMITS: Limits = Limits { depth: 40, elements: 100_000, edits: 10_000, sites: 10_000 };

/// Rules that name little, and rules that reach into sequences and keep elements there.
#[must_use]
pub fn all_rules() -> [Rules; 2] {
    [
        check::rules([NAME, BIRTH], []),
        check::rules(
            [NAME, ID, INSTANCE, UNLISTED, PRIVATE, CREATOR, CONTENT, OTHER_IDS],
            [SEX, ROWS, PRIVATE_2, STUDY],
        ),
    ]
}
