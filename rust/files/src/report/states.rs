//! What a dry run found: how far the values of a file are, and those of all files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::values::{Sum, Values};
use crate::read::dry_run::DryRun;

/// Of one file. What is to do, its row counts as every row does.
#[derive(Debug)]
pub(crate) struct DryFound {
    /// All values of its plan.
    pub(crate) all: Arc<Values>,
    /// Those that are blank already.
    pub(crate) blank: Arc<Values>,
    /// The plan itself, where that is asked for.
    pub(crate) dry_run: Option<DryRun>,
}

/// How far the values of a tag are, in all files of a dry run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateCounts {
    /// Files with any.
    pub files: u64,
    /// All values.
    pub values: u64,
    /// Those that are still to be done.
    pub to_do: u64,
    /// Those that are blank already.
    pub blank: u64,
    /// Those that were done.
    pub done: u64,
}

impl StateCounts {
    /// Each number with its word.
    #[must_use]
    pub const fn words(self) -> [(&'static str, u64); 5] {
        let Self { files, values, to_do, blank, done } = self;
        [("files", files), ("values", values), ("to-do", to_do), ("blank", blank), ("done", done)]
    }
}

/// The sum of what was found in many files.
#[derive(Debug, Default)]
pub(crate) struct StateSum {
    all: Sum,
    blank: Sum,
}

impl StateSum {
    pub(crate) fn add(&mut self, found: &DryFound) {
        self.all.add(&found.all);
        self.blank.add(&found.blank);
    }

    /// By the keywords of the tags. `to_do` are the values that the rows count.
    pub(crate) fn by_keyword(&self, to_do: &Sum) -> BTreeMap<String, StateCounts> {
        let all = self.all.values();
        let (files, to_do, blank) =
            (all.files_by_keyword(), to_do.values().by_keyword(), self.blank.values().by_keyword());
        let counts = all.by_keyword().into_iter().map(|(name, values)| {
            let of = |counts: &BTreeMap<String, u64>| counts.get(&name).copied().unwrap_or_default();
            let (files, to_do, blank) = (of(&files), of(&to_do), of(&blank));
            let done = values.saturating_sub(to_do).saturating_sub(blank);
            (name, StateCounts { files, values, to_do, blank, done })
        });
        counts.collect()
    }
}
