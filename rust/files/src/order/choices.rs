//! An order in the caller's words: what to do, and how where there is a choice.

use std::path::PathBuf;
use std::sync::Arc;

use dicomblank_core::Rules;
use dicomblank_pseudonym::Secrets;

use super::catalogue::Catalogue;
use super::list::List;
use super::usage::UsageError;

/// What becomes of a file whose target exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// It is refused.
    #[default]
    Refuse,
    /// It is skipped if the target has the size of the copy and nothing left to blank. Else it is refused.
    Skip,
    /// The target is replaced.
    Overwrite,
}

/// What becomes of a file in place that has other names (hard links): it would change under those as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HardLinks {
    /// It is refused.
    #[default]
    Refuse,
    /// It is blanked once. Under its other names nothing is left to blank then. A deflated file is refused all the
    /// same: a new file takes its place, and its other names would keep the old one.
    Write,
}

/// What becomes of a file in place whose values are to be replaced, and that has no room for the mark that says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unmarked {
    /// It is refused.
    #[default]
    Refuse,
    /// It is written all the same. A second run would replace its values again.
    Write,
}

/// Which files are flushed to disk before they count as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syncing {
    /// None but the deflated, which are always flushed. After a crash of the machine, any other file that was done may
    /// be lost or cut short.
    #[default]
    None,
    /// All, and the names of copies and of their folders. Also files in which nothing was left to blank: an earlier run
    /// may not have flushed them.
    All,
}

/// Whether the values that are blanked or replaced are looked for wherever else they stand, and what becomes of a file
/// in which one does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leftovers {
    /// They are not looked for.
    #[default]
    Ignore,
    /// They are told.
    Warn,
    /// It is refused.
    Refuse,
    /// They are overwritten with what the value itself becomes, and told.
    Replace,
}

impl Leftovers {
    /// In one word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::Warn => "warn",
            Self::Refuse => "refuse",
            Self::Replace => "replace",
        }
    }

    /// # Errors
    /// [`UsageError`] for rules under which that can't be done: what is left is looked for in the result, and where
    /// lengths change that is known whole by then.
    pub(crate) fn check_for(self, rules: &Rules) -> Result<(), UsageError> {
        if self != Self::Replace || !rules.rewrite() {
            return Ok(());
        }
        let what = "leftovers can't be replaced where elements are removed, emptied or given a dummy: warn of them, or refuse files that have some";
        Err(UsageError::Invalid(what.to_owned()))
    }
}

/// Where the results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Into the files themselves, where they are.
    InPlace {
        /// What becomes of files that have other names.
        hard_links: HardLinks,
        /// What becomes of files that have no room for a mark.
        unmarked: Unmarked,
    },
    /// To copies, which are blanked before they reach the disk.
    Copies {
        /// The folder of the copies. For one file alone it is the copy itself, unless it is a folder or ends in a
        /// slash.
        output: PathBuf,
        /// What becomes of files whose target exists.
        existing: Existing,
    },
}

/// What is done to the files.
#[derive(Clone, Debug)]
pub enum Task {
    /// They are blanked.
    Anonymize(Destination),
    /// They are compared with their results.
    Verify {
        /// The folder of the copies; for one file alone its copy, or the folder of that.
        after: PathBuf,
        /// Levels besides the one that is asked about: a result that is not as it should be may be one of theirs.
        others: Vec<NamedLevel>,
        /// Whether pydicom is asked, too. It is the caller who asks it.
        pydicom: Pydicom,
    },
    /// They are planned, and nothing is written: the dry run.
    Plan(Plans),
    /// It is told what stands in them. Nothing is written.
    Inspect {
        /// What is looked for.
        catalogue: Arc<Catalogue>,
        /// Whether it is told what the rules would leave of it.
        against: Against,
    },
}

/// Whether the rows of a dry run have the plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plans {
    /// Their values are only counted.
    Count,
    /// Each row has its plan, too.
    Keep,
}

/// The rules of a level, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedLevel {
    /// What it is called in sentences and rows.
    pub name: String,
    /// What it does.
    pub rules: Rules,
}

/// Whether pydicom looks at files that were compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pydicom {
    /// It reads each of them.
    Ask,
    /// Nobody asks it.
    LeaveOut,
}

/// Whether what stands in files is compared with what a run by the rules would do to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// It is not: the rules don't matter.
    Nothing,
    /// It is.
    Rules,
}

/// Which files are to be done.
#[derive(Clone, Debug)]
pub enum Sources {
    /// Files and folders, which are listed.
    Named(Vec<PathBuf>),
    /// The files of a list.
    Listed(List),
}

/// What to do, as the caller says it. [`Job::new`](crate::Job::new) checks it.
#[derive(Debug)]
pub struct Order {
    /// What is to be done.
    pub sources: Sources,
    /// Patterns of files and folders that are passed over, at any depth: `*.txt`, `derived/`, `a/*.dcm`.
    pub exclude: Vec<String>,
    /// What is done to them.
    pub task: Task,
    /// What becomes of which elements.
    pub rules: Rules,
    /// What keyed values are made with. Needed by rules that make some, and an error for others.
    pub key: Option<Arc<Secrets>>,
    /// Whether values are looked for elsewhere.
    pub leftovers: Leftovers,
    /// A file of names and identifiers that are looked for as well: see [`Known::load`](crate::Known::load).
    pub known: Option<PathBuf>,
    /// The name of the level that the rules are of, for the report file.
    pub level: Option<String>,
    /// Which files are flushed to disk.
    pub sync: Syncing,
    /// How many threads, from 1 to [`MOST_WORKERS`]. `None` is one per CPU.
    pub workers: Option<usize>,
    /// The path of the report file, which must not exist. "-" and "/dev/stdout" are the process's standard output.
    pub report: Option<PathBuf>,
}

/// A larger number of threads is a mistake: no disk gets faster by them, and each takes some 300 KB.
pub const MOST_WORKERS: usize = 1024;
