//! The words of an order: what to do, and which way where there is a choice.

use std::path::PathBuf;

use dicomblank_core::Rules;

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

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To the files themselves, where they stand.
    InPlace {
        /// What becomes of those that have other names.
        hard_links: HardLinks,
    },
    /// To copies, which are blanked on their way.
    Copies {
        /// The folder of the copies. For one file alone it is the copy itself, unless it is a folder or ends in a slash.
        output: PathBuf,
        /// What becomes of those that exist.
        existing: Existing,
    },
}

/// What is done to the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// They are blanked.
    Anonymize(Destination),
    /// They are compared with what became of them.
    Verify {
        /// The folder of the copies; for one file alone its copy, or the folder of that.
        after: PathBuf,
    },
}

/// What to do, as the caller says it.
#[derive(Debug)]
pub struct Order {
    /// Files and folders.
    pub sources: Vec<PathBuf>,
    /// What is done to them.
    pub task: Task,
    /// What to blank.
    pub rules: Rules,
    /// The name of the level that the rules are of, for the report file.
    pub level: Option<String>,
    /// Which files are synced.
    pub sync: Syncing,
    /// How many threads, up to [`MOST_WORKERS`]; by default one per CPU.
    pub workers: Option<usize>,
    /// A file for one line per file, which must not exist; "-" or "/dev/stdout" is the process's standard output.
    pub report: Option<PathBuf>,
}

/// More threads than this are a mistake: no disk gets faster by them, and each takes some 300 KB.
pub const MOST_WORKERS: usize = 1024;
