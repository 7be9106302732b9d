//! What is to be done, and every error of usage that can be found before anything is written.

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
use crate::sources::{Sources, check_names};
use crate::unix::FileId;

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
    /// How many threads, up to [`MOST_WORKERS`]; by default one a processor.
    pub workers: Option<usize>,
    /// A file for a line on every file, which must not exist; "-" or "/dev/stdout" is the process's standard output.
    pub report: Option<PathBuf>,
}

/// More threads than this are a mistake: no disk gets faster by them, and each takes some 300 KB.
pub const MOST_WORKERS: usize = 1024;

/// An order that was looked at as a whole: no error of usage is left in it.
#[derive(Debug)]
pub struct Job {
    pub(crate) sources: Arc<Sources>,
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

impl Job {
    /// Looks at everything that can be wrong with an order, and creates its report file.
    ///
    /// # Errors
    /// [`UsageError`]; nothing was written then.
    pub fn new(order: Order) -> Result<Self, UsageError> {
        let workers = check_workers(order.workers)?;
        let sources = Arc::new(Sources::find(order.sources, order.output.is_some())?);
        let output = match order.output {
            Some(given) => {
                let root = resolve(&given)?;
                check_output(&given, &root, &sources)?;
                check_names(&sources)?;
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
        let Order { rules, hard_links, sync, .. } = order;
        Ok(Self { sources, output, rules, hard_links, sync, workers, report })
    }

    /// Whether the report goes to the process's standard output, which is its alone then.
    #[must_use]
    pub fn reports_to_stdout(&self) -> bool {
        self.report.as_ref().is_some_and(Report::is_stdout)
    }
}

fn check_workers(count: Option<usize>) -> Result<NonZeroUsize, UsageError> {
    let Some(count) = count else {
        return Ok(std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN));
    };
    let in_range = NonZeroUsize::new(count).filter(|count| count.get() <= MOST_WORKERS);
    in_range.ok_or_else(|| UsageError::Invalid(format!("workers: a number from 1 to {MOST_WORKERS}")))
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

fn check_output(given: &Path, root: &Path, sources: &Sources) -> Result<(), UsageError> {
    let given = Shown(given.as_os_str());
    if root.exists() && !root.is_dir() {
        return Err(UsageError::Invalid(format!("the output {given} is not a folder")));
    }
    // Not by their paths: a bind mount, or a file system without capitals, has several for one folder.
    let id = |path: &Path| FileId::of(path).ok();
    let root_id = id(root);
    let around: Vec<_> = root.ancestors().filter_map(id).collect();
    for source in sources.iter() {
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

/// Names of the standard output. A file that is called "-" is "./-".
const STDOUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

fn create_report(path: &Path, sources: &Sources, output: Option<&Path>) -> Result<Report, UsageError> {
    if STDOUT.iter().any(|name| path.as_os_str() == *name) {
        return Report::stdout().map_err(|error| UsageError::Io { path: path.to_owned(), error });
    }
    let shown = Shown(path.as_os_str());
    let resolved = resolve(path)?;
    if resolved.exists() {
        return Err(UsageError::Invalid(format!("the report {shown} exists already")));
    }
    if let Some(source) = sources.holding(&resolved) {
        let source = Shown(source.given.as_os_str());
        return Err(UsageError::Invalid(format!("the report {shown} would lie in the source {source}")));
    }
    if output.is_some_and(|output| resolved.starts_with(output)) {
        return Err(UsageError::Invalid(format!("the report {shown} would lie in the output")));
    }
    Report::create(path).map_err(|error| UsageError::Io { path: path.to_owned(), error })
}
