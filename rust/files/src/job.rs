//! What is to be done, and every error of usage that can be found before anything is written.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dicomblank_core::Rules;

use crate::output::Output;
use crate::report::Report;
use crate::shown::{Shown, system_words};
use crate::unix::{self, FileId};

/// What becomes of a file whose target exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// It is refused.
    #[default]
    Refuse,
    /// It is skipped if the target has its size and nothing left to blank, refused if not.
    Skip,
    /// The target is replaced.
    Overwrite,
}

/// What becomes of a file in place that has other names (hard links), under which it would change as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HardLinks {
    /// It is refused.
    #[default]
    Refuse,
    /// It is blanked like any other, once: under its other names it is unchanged then.
    Write,
}

/// Which files are on the disk, and not only in the system's memory, before they count as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syncing {
    /// None: after a crash of the machine, a file that was done may be lost or cut short.
    #[default]
    None,
    /// All, copies with the names of their files and folders. Those too in which nothing was left to do: an earlier run may not
    /// have synced them.
    All,
}

/// What to do, as the caller says it.
#[derive(Debug)]
pub struct Order {
    /// Files and folders.
    pub sources: Vec<PathBuf>,
    /// The folder for copies; without one, files are blanked in place.
    pub output: Option<PathBuf>,
    /// What to blank.
    pub rules: Rules,
    /// What becomes of targets that exist.
    pub existing: Existing,
    /// What becomes of files in place that have other names.
    pub hard_links: HardLinks,
    /// Which files are synced.
    pub sync: Syncing,
    /// How many threads; by default one a processor.
    pub workers: Option<NonZeroUsize>,
    /// A file for a line on every file.
    pub report: Option<PathBuf>,
}

/// An order that was looked at as a whole: no error of usage is left in it.
#[derive(Debug)]
pub struct Job {
    pub(crate) sources: Vec<Arc<Source>>,
    pub(crate) output: Option<Output>,
    pub(crate) rules: Rules,
    pub(crate) hard_links: HardLinks,
    pub(crate) sync: Syncing,
    pub(crate) workers: NonZeroUsize,
    pub(crate) report: Option<Report>,
}

/// Why an order can't be carried out. Nothing was written.
#[derive(Debug)]
pub enum UsageError {
    /// The system's error about a path: a source that is missing, a report that can't be created.
    Io {
        /// The path.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The parts of the order don't go together.
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

/// A file or folder to be done.
#[derive(Debug)]
pub(crate) struct Source {
    /// As the caller named it.
    pub(crate) given: PathBuf,
    /// Without links and `..`.
    pub(crate) canonical: PathBuf,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    /// A link, where files are blanked in place: that would change a file under another name than the one given.
    Link,
    /// Neither file nor folder: never opened.
    Special(&'static str),
}

impl Source {
    fn find(given: PathBuf, follow: bool) -> Result<Self, UsageError> {
        let failed = |error| UsageError::Io { path: given.clone(), error };
        let file_type = fs::metadata(&given).map_err(failed)?.file_type();
        let canonical = given.canonicalize().map_err(failed)?;
        // Without a slash at its end, which a shell may add: that would be a question about what the link points to.
        let bare = given.components().as_path();
        let kind = if !follow && fs::symlink_metadata(bare).map_err(failed)?.is_symlink() {
            Kind::Link
        } else if file_type.is_dir() {
            Kind::Folder
        } else if file_type.is_file() {
            Kind::File
        } else {
            Kind::Special(unix::special_kind(file_type))
        };
        Ok(Self { given, canonical, kind })
    }

    /// The name of a single file, as it was given.
    pub(crate) fn name(&self) -> &OsStr {
        self.given.file_name().or(self.canonical.file_name()).unwrap_or(self.given.as_os_str())
    }

    /// The path of the file `relative`.
    pub(crate) fn path_of(&self, relative: &Path) -> PathBuf {
        match self.kind {
            // Joining an empty path would add a slash.
            Kind::Folder if !relative.as_os_str().is_empty() => self.given.join(relative),
            _ => self.given.clone(),
        }
    }

    /// The file of this source that would be copied to `relative`, if there is something of that name.
    pub(crate) fn file_at(&self, relative: &Path) -> Option<PathBuf> {
        let path = self.path_of(relative);
        let is_there = match self.kind {
            Kind::Folder => fs::symlink_metadata(&path).is_ok(),
            _ => relative == Path::new(self.name()),
        };
        is_there.then_some(path)
    }

    /// Whether `path`, without links, is this source or lies inside it.
    fn contains(&self, path: &Path) -> bool {
        if self.kind == Kind::Folder { path.starts_with(&self.canonical) } else { path == self.canonical }
    }
}

impl Job {
    /// Looks at everything that can be wrong with an order, and creates its report file.
    ///
    /// # Errors
    /// [`UsageError`]; nothing was written then.
    pub fn new(order: Order) -> Result<Self, UsageError> {
        let sources = find_sources(order.sources, order.output.is_some())?;
        let output = match order.output {
            Some(given) => {
                let root = resolve(&given)?;
                check_output(&given, &root, &sources)?;
                check_shared(&sources)?;
                Some((given, root))
            }
            None => None,
        };
        let report = match &order.report {
            Some(path) => Some(create_report(path, &sources, output.as_ref().map(|(_, root)| root.as_path()))?),
            None => None,
        };
        let output = output.map(|(given, root)| {
            // A ".." behind folders that are yet to be made would be made a folder of its own.
            let has_parent = given.components().any(|part| part == std::path::Component::ParentDir);
            let root = if has_parent { root } else { given };
            Output::new(root, order.existing, order.sync, sources.clone())
        });
        let one = NonZeroUsize::MIN;
        let workers = order.workers.unwrap_or_else(|| std::thread::available_parallelism().unwrap_or(one));
        let Order { rules, hard_links, sync, .. } = order;
        Ok(Self { sources, output, rules, hard_links, sync, workers, report })
    }
}

impl Job {
    /// Whether the file `path` was named itself, and not found in a folder.
    pub(crate) fn is_single(&self, path: &Path) -> bool {
        self.sources.iter().any(|source| source.kind == Kind::File && source.given == path)
    }
}

/// The sources, without those that are given twice or lie inside another one.
fn find_sources(given: Vec<PathBuf>, follow: bool) -> Result<Vec<Arc<Source>>, UsageError> {
    let mut found: Vec<Arc<Source>> = Vec::new();
    for path in given {
        let source = Source::find(path, follow)?;
        if found.iter().any(|other| other.contains(&source.canonical)) {
            continue;
        }
        found.retain(|other| !source.contains(&other.canonical));
        found.push(Arc::new(source));
    }
    Ok(found)
}

/// `path` without links and `..`, of which only the first part need exist.
fn resolve(path: &Path) -> Result<PathBuf, UsageError> {
    let failed = |error| UsageError::Io { path: path.to_owned(), error };
    let mut known = std::path::absolute(path).map_err(failed)?;
    let mut missing = Vec::new();
    loop {
        match known.canonicalize() {
            Ok(mut resolved) => {
                for part in missing.into_iter().rev() {
                    if part == ".." {
                        resolved.pop();
                    } else {
                        resolved.push(part);
                    }
                }
                return Ok(resolved);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if fs::symlink_metadata(&known).is_ok_and(|metadata| metadata.is_symlink()) {
                    let reason = format!("{} is a link to nothing", Shown(known.as_os_str()));
                    return Err(UsageError::Invalid(reason));
                }
                let Some(last) = known.components().next_back().map(|part| part.as_os_str().to_owned()) else {
                    return Err(failed(error));
                };
                missing.push(last);
                known.pop();
            }
            Err(error) => return Err(failed(error)),
        }
    }
}

fn check_output(given: &Path, root: &Path, sources: &[Arc<Source>]) -> Result<(), UsageError> {
    let given = Shown(given.as_os_str());
    if root.exists() && !root.is_dir() {
        return Err(UsageError::Invalid(format!("the output {given} is not a folder")));
    }
    // Not by their paths: a bind mount, or a file system without capitals, has several for one folder.
    let id = |path: &Path| FileId::of(path).ok();
    let root_id = id(root);
    let around: Vec<_> = root.ancestors().filter_map(id).collect();
    for source in sources {
        let source_id = id(&source.canonical);
        let wrong = if root_id.is_some() && root_id == source_id {
            "is the source"
        } else if source_id.is_some_and(|id| around.contains(&id)) {
            "lies inside the source"
        } else if root_id.is_some() && source.canonical.ancestors().any(|path| id(path) == root_id) {
            "holds the source"
        } else {
            continue;
        };
        return Err(UsageError::Invalid(format!("the output {given} {wrong} {}", Shown(source.given.as_os_str()))));
    }
    Ok(())
}

/// What can be known of shared outputs before a folder is walked: of single files. Files of two folders are found when they are copied.
fn check_shared(sources: &[Arc<Source>]) -> Result<(), UsageError> {
    for (index, file) in sources.iter().enumerate().filter(|(_, source)| source.kind == Kind::File) {
        for (other_index, other) in sources.iter().enumerate() {
            if other_index == index {
                continue;
            }
            if let Some(path) = other.file_at(Path::new(file.name())) {
                let (first, second) = (Shown(file.given.as_os_str()), Shown(path.as_os_str()));
                return Err(UsageError::Invalid(format!("{first} and {second} would have the same output")));
            }
        }
    }
    Ok(())
}

fn create_report(path: &Path, sources: &[Arc<Source>], output: Option<&Path>) -> Result<Report, UsageError> {
    let shown = Shown(path.as_os_str());
    let resolved = resolve(path)?;
    if resolved.exists() {
        return Err(UsageError::Invalid(format!("the report {shown} exists already")));
    }
    if let Some(source) = sources.iter().find(|source| source.contains(&resolved)) {
        let source = Shown(source.given.as_os_str());
        return Err(UsageError::Invalid(format!("the report {shown} would lie in the source {source}")));
    }
    if output.is_some_and(|output| resolved.starts_with(output)) {
        return Err(UsageError::Invalid(format!("the report {shown} would lie in the output")));
    }
    Report::create(path).map_err(|error| UsageError::Io { path: path.to_owned(), error })
}
