//! The folder of the copies: which target a file has, and that no target leads into a source.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::FileError;
use crate::order::choices::{Existing, Syncing};
use crate::order::inputs::{Input, Inputs, Kind};
use crate::order::output::OutputPath;
use crate::order::place::Place;
use crate::unix::{self, Folder, Mode};
use crate::write::left_over::remove_left_overs;

/// Where the copies go.
#[derive(Debug)]
pub(crate) struct Output {
    /// The folder, which need not exist.
    pub(crate) root: PathBuf,
    /// The name of the copy, if one file is copied to a path of its own.
    file: Option<OsString>,
    pub(crate) existing: Existing,
    pub(crate) sync: Syncing,
    /// The umask of the process when the run began. A copy gets its mode after it was made, and then the system does
    /// not apply the umask.
    pub(crate) umask: Mode,
    /// All sources of the run, in their order.
    inputs: Arc<Inputs>,
    /// The part of `root` that was there before the run.
    base: PathBuf,
}

impl Output {
    pub(crate) fn new(path: OutputPath, existing: Existing, sync: Syncing, inputs: Arc<Inputs>) -> Self {
        let OutputPath { folder: root, file, .. } = path;
        let base = root.ancestors().find(|path| path.exists()).unwrap_or(Path::new("")).to_owned();
        Self { root, file, existing, sync, umask: unix::umask(), inputs, base }
    }

    /// The target of the file or folder `relative` of `input`. No other input has the same one: see
    /// [`Inputs::name_in_output`].
    pub(crate) fn target(&self, input: &Input, relative: &Path) -> PathBuf {
        match (self.inputs.name_in_output(input), &self.file) {
            (Some(name), _) if input.kind == Kind::Folder => self.root.join(name).join(relative),
            // As it was given: "b.dcm" and not "./b.dcm".
            (_, Some(file)) if self.root == Path::new(".") => file.into(),
            (_, Some(file)) => self.root.join(file),
            _ => self.root.join(relative),
        }
    }

    /// The target of a file.
    pub(crate) fn target_of(&self, place: &Place) -> PathBuf {
        self.target(&place.input, &place.relative())
    }

    /// Removes the temporary files that killed runs have left in `folder`, into which this run copies.
    pub(crate) fn tidy(&self, folder: &Path) {
        // A link in the output may lead into a source, and a run that copies changes nothing in a source.
        let is_our_own = |canonical: PathBuf| self.inputs.holding(&canonical).is_none();
        if folder.canonicalize().is_ok_and(is_our_own) {
            remove_left_overs(folder);
        }
    }

    /// Flushes the names of `folder` and of every folder around it, as far up as this run may have made them.
    ///
    /// Also of folders that were there: another worker may have made one a moment ago and not flushed it yet, or an
    /// earlier run.
    fn sync_folders(&self, folder: &Path) -> Result<(), FileError> {
        for made in folder.ancestors().take_while(|path| *path != self.base) {
            let around = made.parent().unwrap_or(Path::new(""));
            unix::sync_folder(around).map_err(|error| FileError::io(around, error))?;
        }
        Ok(())
    }

    /// Whether `target`, which is in the folder `canonical`, is a source itself.
    fn is_source(&self, canonical: &Path, target: &Path) -> bool {
        self.inputs.is_one(&canonical.join(target.file_name().unwrap_or_default()))
    }
}

/// The folder of the output that a worker has made or found last: the system is asked once for all files of one folder.
#[derive(Default)]
pub(crate) struct Folders {
    last: Option<Made>,
}

/// A folder that is there.
struct Made {
    path: PathBuf,
    canonical: PathBuf,
    /// Whether it is in a source. Then nothing may be written into it.
    is_in_source: bool,
    /// The open folder, if it could be opened. New files are made and named in it.
    open: Option<Arc<Folder>>,
}

impl Made {
    fn new(output: &Output, folder: &Path) -> Result<Self, FileError> {
        let failed = |error| FileError::io(folder, error);
        fs::create_dir_all(folder).map_err(failed)?;
        // Opened before it is checked: a folder that takes its place later is not the one that was checked.
        let open = Folder::open(folder).ok().map(Arc::new);
        let canonical = folder.canonicalize().map_err(failed)?;
        if output.sync == Syncing::All {
            output.sync_folders(folder)?;
        }
        let is_in_source = output.inputs.holding(&canonical).is_some();
        Ok(Self { path: folder.to_owned(), canonical, is_in_source, open })
    }
}

impl Folders {
    /// Makes the folder that `target` goes to, if need be, and opens it.
    pub(crate) fn make(&mut self, output: &Output, target: &Path) -> Result<Option<Arc<Folder>>, FileError> {
        let folder = unix::folder_of(target);
        let made = match &mut self.last {
            Some(made) if made.path == folder => made,
            last => last.insert(Made::new(output, folder)?),
        };
        // A link in the output can lead anywhere. Nothing may be written into a source, least of all if targets are
        // replaced.
        if made.is_in_source || output.is_source(&made.canonical, target) {
            return Err(FileError::LeadsIntoSource { target: target.to_owned() });
        }
        Ok(made.open.clone())
    }
}
