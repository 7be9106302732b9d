//! Where a file is: its source, its folder, its name.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::inputs::{Input, Kind};
use crate::unix::At;

/// Where a file is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) input: Arc<Input>,
    /// Relative to the input.
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

    /// The path without links and `..`. Only the path of the input can have some: inside a folder no link is followed.
    pub(crate) fn canonical(&self) -> PathBuf {
        match self.input.kind {
            Kind::Folder => self.below(&self.input.canonical),
            _ => self.input.canonical.clone(),
        }
    }

    /// The path relative to the input. A single file has its name there.
    pub(crate) fn relative(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Built in one allocation: joining twice makes up to four, for every file.
    fn below(&self, input: &Path) -> PathBuf {
        let length = [input.as_os_str(), self.folder.as_os_str(), &self.name].iter().map(|part| part.len() + 1).sum();
        let mut path = PathBuf::with_capacity(length);
        path.push(input);
        for part in [self.folder.as_os_str(), &self.name] {
            // Pushing an empty part would add a slash.
            if !part.is_empty() {
                path.push(part);
            }
        }
        path
    }
}

/// A file to be done, and how to open it.
#[derive(Clone, Copy)]
pub(crate) struct Located<'a> {
    pub(crate) place: &'a Place,
    /// The path of `place`, also for messages.
    pub(crate) path: &'a Path,
    /// The same file, as a name in its open folder if that could be opened.
    pub(crate) at: At<'a>,
}
