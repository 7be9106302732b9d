//! The folder that copies go to: which name belongs to which file, and that none leads back into a source.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::error::FileError;
use crate::order::choices::{Existing, Syncing};
use crate::order::inputs::{Input, Inputs, Kind};
use crate::order::output::OutputPath;
use crate::order::place::Place;
use crate::unix::{self, Folder, Mode};
use crate::write::temporary;

/// Where copies go.
#[derive(Debug)]
pub(crate) struct Output {
    /// The folder, which need not exist.
    pub(crate) root: PathBuf,
    /// The name of the one copy, where it has one of its own.
    file: Option<OsString>,
    pub(crate) existing: Existing,
    pub(crate) sync: Syncing,
    /// That of the process when the run began: copies get their mode after they were made, so that the system does not heed it.
    pub(crate) umask: Mode,
    /// All sources of the run, in their order.
    inputs: Arc<Inputs>,
    /// The part of `root` that was there before.
    base: PathBuf,
}

impl Output {
    pub(crate) fn new(path: OutputPath, existing: Existing, sync: Syncing, inputs: Arc<Inputs>) -> Self {
        let OutputPath { folder: root, file, .. } = path;
        let base = root.ancestors().find(|path| path.exists()).unwrap_or(Path::new("")).to_owned();
        Self { root, file, existing, sync, umask: unix::umask(), inputs, base }
    }

    /// The target of the file or folder `relative` of `input`. No other input has the same: see [`Inputs::name_in_output`].
    pub(crate) fn target(&self, input: &Input, relative: &Path) -> PathBuf {
        match (self.inputs.name_in_output(input), &self.file) {
            (Some(name), _) if input.kind == Kind::Folder => self.root.join(name).join(relative),
            (_, Some(file)) => self.root.join(file),
            _ => self.root.join(relative),
        }
    }

    /// The target of a file.
    pub(crate) fn target_of(&self, place: &Place) -> PathBuf {
        self.target(&place.input, &place.relative())
    }

    /// Removes what killed runs have left in `folder`, which files of this run go to.
    pub(crate) fn tidy(&self, folder: &Path) {
        // A link inside the output may lead into a source, in which a copy leaves everything as it is.
        let is_our_own = |canonical: PathBuf| self.inputs.holding(&canonical).is_none();
        if folder.canonicalize().is_ok_and(is_our_own) {
            temporary::remove_left_overs(folder);
        }
    }

    /// Has the names of `folder` and of every folder around it on the disk, as far up as this run may have made them.
    ///
    /// Whoever made them: another worker may have done so a moment ago and not come to it yet, or a run before this one.
    fn sync_folders(&self, folder: &Path) -> Result<(), FileError> {
        for made in folder.ancestors().take_while(|path| *path != self.base) {
            let around = made.parent().unwrap_or(Path::new(""));
            unix::sync_folder(around).map_err(|error| FileError::io(around, error))?;
        }
        Ok(())
    }

    /// Whether a file in the folder `canonical` is a source itself.
    fn is_source(&self, canonical: &Path, target: &Path) -> bool {
        self.inputs.is_one(&canonical.join(target.file_name().unwrap_or_default()))
    }
}

/// The folders of the output that a worker has made or found: it asks the system once for the files of one folder.
#[derive(Default)]
pub(crate) struct Folders {
    last: Option<Made>,
}

/// One of them.
struct Made {
    path: PathBuf,
    canonical: PathBuf,
    /// Whether it is in a source, so that nothing may be written into it.
    is_in_source: bool,
    /// Where it can be opened: the files of it are made and named by it.
    open: Option<Rc<Folder>>,
}

impl Made {
    fn new(output: &Output, folder: &Path) -> Result<Self, FileError> {
        let failed = |error| FileError::io(folder, error);
        fs::create_dir_all(folder).map_err(failed)?;
        // Opened before it is looked at: of what comes in its place later, nothing is known.
        let open = Folder::open(folder).ok().map(Rc::new);
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
    pub(crate) fn make(&mut self, output: &Output, target: &Path) -> Result<Option<Rc<Folder>>, FileError> {
        let folder = target.parent().unwrap_or(Path::new("."));
        let made = match &mut self.last {
            Some(made) if made.path == folder => made,
            last => last.insert(Made::new(output, folder)?),
        };
        // A link inside the output can lead anywhere. Nothing may be written into a source, and with --overwrite least of all.
        if made.is_in_source || output.is_source(&made.canonical, target) {
            return Err(FileError::LeadsIntoSource { target: target.to_owned() });
        }
        Ok(made.open.clone())
    }
}
