//! Giving a file its final name, in one step, and never in the place of another file.

use std::io;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

/// What came of giving a file its final name.
pub(crate) enum Renamed {
    /// The file has the name.
    Done,
    /// Another file has the name.
    Exists,
}

/// Gives the file `from` the name `to`, in one step, unless that name is taken.
///
/// A file system may not be able to rename without replacing. Then the file is given a second name, and the first is
/// removed: for the name `to` that is one step, too. Rejected: to look whether `to` is taken, and to rename then. It
/// could replace a file that came in between.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<Renamed> {
    #[cfg(test)]
    super::steps::note("rename");
    rename_or_link(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE), from, to)
}

/// Goes on after an attempt to rename, which gave `renamed`.
fn rename_or_link(renamed: Result<(), Errno>, from: &Path, to: &Path) -> io::Result<Renamed> {
    let renamed = match renamed {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => rename_new_by_link(from, to),
        other => other.map_err(io::Error::from),
    };
    match renamed {
        Ok(()) => Ok(Renamed::Done),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Renamed::Exists),
        Err(error) => Err(error),
    }
}

fn rename_new_by_link(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::hard_link(from, to)?;
    std::fs::remove_file(from)
}

/// The system's error for a name that is taken.
#[must_use]
pub fn already_exists() -> io::Error {
    Errno::EXIST.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;

    /// What a file system without that call answers, and what is an error of both ways.
    #[test]
    fn a_file_system_that_cannot_rename_without_replacing_links_instead() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (from, to) = (folder.join("from"), folder.join("to"));
        let names = || [&from, &to].map(|path| std::fs::read_to_string(path).unwrap_or_default());
        for (told, is_there, expected, after) in [
            (Err(Errno::INVAL), false, "done", ["", "new"]),
            (Err(Errno::NOSYS), false, "done", ["", "new"]),
            (Err(Errno::NOTSUP), false, "done", ["", "new"]),
            (Err(Errno::INVAL), true, "exists", ["new", "old"]),
            (Err(Errno::EXIST), true, "exists", ["new", "old"]),
            (Err(Errno::ACCESS), false, "error", ["new", ""]),
            (Ok(()), false, "done", ["new", ""]), // the call is simulated here: it renamed nothing
        ] {
            std::fs::write(&from, "new").unwrap();
            if is_there {
                std::fs::write(&to, "old").unwrap();
            }
            let found = match rename_or_link(told, &from, &to) {
                Ok(Renamed::Done) => "done",
                Ok(Renamed::Exists) => "exists",
                Err(_) => "error",
            };
            assert_eq!((found, names()), (expected, after.map(str::to_owned)), "{told:?}");
            let _ = std::fs::remove_file(&to);
        }
    }

    #[test]
    fn both_ways_to_rename_replace_nothing() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (from, to) = (folder.join("from"), folder.join("to"));
        let renames: [fn(&Path, &Path) -> bool; 2] = [
            |from, to| matches!(rename_new(from, to), Ok(Renamed::Done)),
            |from, to| rename_new_by_link(from, to).is_ok(),
        ];
        for rename in renames {
            std::fs::write(&from, "new").unwrap();
            std::fs::write(&to, "old").unwrap();
            assert!(!rename(&from, &to));
            assert_eq!((std::fs::read(&from).unwrap(), std::fs::read(&to).unwrap()), (b"new".into(), b"old".into()));
            std::fs::remove_file(&to).unwrap();
            assert!(rename(&from, &to));
            assert_eq!((from.exists(), std::fs::read(&to).unwrap()), (false, b"new".into()));
        }
    }
}
