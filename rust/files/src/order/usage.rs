//! Errors of usage.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::text::{Shown, system_words};

/// Why an order can't be carried out. Nothing was written.
#[derive(Debug)]
pub enum UsageError {
    /// The system's error about a path, such as a source that is missing or a report file that can't be created.
    Io {
        /// The path.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The parts of the order contradict each other, or one is out of its range. The sentence says which.
    Invalid(String),
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "{}: {}", Shown(path.as_os_str()), system_words(error)),
            Self::Invalid(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for UsageError {}
