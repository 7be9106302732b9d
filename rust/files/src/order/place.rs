//! Where a file is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::inputs::{Input, Kind};
use crate::unix::At;

/// Where a file is: the input it belongs to, its folder below that, its name.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) input: Arc<Input>,
    pub(crate) folder: Arc<Path>,
    pub(crate) name: OsString,
}

impl Place {
    /// The path to open it by.
    pub(crate) fn path(&self) -> PathBuf {
        match self.input.kind {
            Kind::Folder => self.below(&self.input.given),
            _ => self.input.given.clone(),
        }
    }

    /// The path without links and `..`: below a input none are followed.
    pub(crate) fn canonical(&self) -> PathBuf {
        match self.input.kind {
            Kind::Folder => self.below(&self.input.canonical),
            _ => self.input.canonical.clone(),
        }
    }

    /// The path relative to the input; of a single file its name.
    pub(crate) fn relative(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Built at once: to join twice allocates up to four times, for every file.
    fn below(&self, input: &Path) -> PathBuf {
        let length = [input.as_os_str(), self.folder.as_os_str(), &self.name].iter().map(|part| part.len() + 1).sum();
        let mut path = PathBuf::with_capacity(length);
        path.push(input);
        for part in [self.folder.as_os_str(), &self.name] {
            // To push an empty part would add a slash.
            if !part.is_empty() {
                path.push(part);
            }
        }
        path
    }
}

/// A file that is to be done, and how to open it.
#[derive(Clone, Copy)]
pub(crate) struct Located<'a> {
    pub(crate) place: &'a Place,
    /// The path of `place`, for the messages too.
    pub(crate) path: &'a Path,
    /// The same, from the folder that is open.
    pub(crate) at: At<'a>,
}
