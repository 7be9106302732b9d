//! Names and identifiers that somebody knows, one a line, to be looked for in every file.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use dicomblank_leftovers::{Charsets, Kind, LETTERS, Search, Uids, Value};
use zeroize::Zeroizing;

use super::choices::Leftovers;
use super::usage::UsageError;
use crate::text::Shown;

/// They, and the search for them. Zeroized when it is dropped.
pub struct Known {
    search: Search,
    count: u64,
}

impl Known {
    /// Those of the file `path`, if one is given.
    ///
    /// # Errors
    /// [`UsageError`]: as of [`load`](Self::load), and where nothing is looked for.
    pub(crate) fn asked(path: Option<&Path>, leftovers: Leftovers) -> Result<Option<Self>, UsageError> {
        if path.is_some() && leftovers == Leftovers::Ignore {
            let what = "names and identifiers are given that are known, and leftovers are not looked for".to_owned();
            return Err(UsageError::Invalid(what));
        }
        path.map(Self::load).transpose()
    }

    /// Those of the file `path`, in UTF-8, one a line. Empty lines and spaces around a line don't count.
    ///
    /// # Errors
    /// [`UsageError`] where it can't be read, has no line, or a line of fewer than [`LETTERS`] characters.
    pub fn load(path: &Path) -> Result<Self, UsageError> {
        let io = |error: io::Error| UsageError::Io { path: path.to_owned(), error };
        let bytes = Zeroizing::new(fs::read(path).map_err(io)?);
        let shown = Shown(path.as_os_str());
        let text =
            std::str::from_utf8(&bytes).map_err(|_| UsageError::Invalid(format!("{shown}: not text in UTF-8")))?;
        let mut values = Vec::new();
        for (number, line) in (1..).zip(text.lines()).map(|(number, line)| (number, line.trim())) {
            match line.chars().count() {
                0 => {}
                1..LETTERS => {
                    let what =
                        format!("{shown}, line {number}: fewer than {LETTERS} characters, which stand in any file");
                    return Err(UsageError::Invalid(what));
                }
                _ => values.push(Value { kind: Kind::Known, bytes: line.as_bytes() }),
            }
        }
        if values.is_empty() {
            return Err(UsageError::Invalid(format!("{shown}: no name or identifier in it")));
        }
        let search = Search::new(&values, &Charsets::default(), &Uids::default());
        if search.not_searched() > 0 {
            let what =
                format!("{shown}: {} lines that can't be looked for: too many, or too long", search.not_searched());
            return Err(UsageError::Invalid(what));
        }
        Ok(Self { search, count: values.len() as u64 })
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    pub(crate) const fn search(&self) -> &Search {
        &self.search
    }
}

/// Never what they are.
impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Known of {} values", self.count)
    }
}
