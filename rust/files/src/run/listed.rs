//! Finding files by a list of their names, which may be longer than memory: a pipe from `find`, a shard.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, BufRead};
use std::ops::ControlFlow;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::listing::{BATCH, Batch, Found};
use crate::error::FileError;
use crate::order::exclude::Exclude;
use crate::order::inputs::{Input, Kind};
use crate::order::list::{NameEnd, Names, OpenList};
use crate::order::place::Place;
use crate::report::row::Row;
use crate::unix;
use crate::write::journal::is_journal;
use crate::write::left_over::is_temporary;

/// A longer name is none. Linux takes paths of 4,096 bytes.
const LONGEST: usize = 64 * 1024;
/// The first bytes of a list by which a scan is known that was named in its place (PS3.10 §7.1).
const SIGN: std::ops::Range<usize> = 128..132;

/// Hands on the files of `list`, until `take` breaks off or `goes_on` says no.
///
/// What a name leads to is not looked up: that would be a call for each file, by one thread. The worker that opens it
/// finds out.
pub(crate) fn list(
    list: &OpenList,
    exclude: &Exclude,
    goes_on: impl Fn() -> bool,
    take: impl FnMut(Found) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Some(names) = list.take() else { return ControlFlow::Continue(()) };
    let mut reading = Reading { list, exclude, take, last: None, names: Vec::new() };
    let end = reading.all(names, goes_on)?;
    reading.hand_on()?;
    end.map_or_else(|fault| reading.broken(fault), ControlFlow::Continue)
}

/// Why a list can't be read on.
enum Broken {
    Io(io::Error),
    /// It is no list, for this reason.
    Is(&'static str),
}

struct Reading<'a, F> {
    list: &'a OpenList,
    exclude: &'a Exclude,
    take: F,
    /// What stood before the last slash of the last name, and the folder that it is.
    last: Option<(Vec<u8>, Arc<Path>)>,
    /// Names in that folder, not yet handed on.
    names: Vec<OsString>,
}

impl<F: FnMut(Found) -> ControlFlow<()>> Reading<'_, F> {
    fn all(&mut self, mut names: Names, goes_on: impl Fn() -> bool) -> ControlFlow<(), Result<(), Broken>> {
        let ends = self.list.ends;
        let mut name = Vec::new();
        let mut is_first = true;
        loop {
            if names.buffered().is_empty() {
                self.hand_on()?; // it may take long until there is more
                match names.wait(&goes_on) {
                    Ok(true) => {}
                    Ok(false) => return ControlFlow::Break(()),
                    Err(error) => return ControlFlow::Continue(Err(Broken::Io(error))),
                }
            }
            let bytes = match names.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return ControlFlow::Continue(Err(Broken::Io(error))),
            };
            if std::mem::take(&mut is_first) && bytes.get(SIGN) == Some(b"DICM") {
                return ControlFlow::Continue(Err(Broken::Is("it is a DICOM file, and not a list of files")));
            }
            let is_at_end = bytes.is_empty();
            let end = bytes.iter().position(|byte| *byte == ends.byte());
            name.extend_from_slice(&bytes[..end.unwrap_or(bytes.len())]);
            let used = end.map_or(bytes.len(), |end| end + 1);
            names.consume(used);
            if name.len() > LONGEST {
                return ControlFlow::Continue(Err(Broken::Is("a name in it is longer than a path can be")));
            }
            if end.is_none() && !is_at_end {
                continue;
            }
            // Told without the name: what is no list may be a scan.
            if ends == NameEnd::Newline && name.contains(&0) {
                let what = "there is a NUL in it: names that end with one are read with -0";
                return ControlFlow::Continue(Err(Broken::Is(what)));
            }
            if !name.is_empty() {
                self.name(&name)?;
                name.clear();
            }
            if is_at_end {
                return ControlFlow::Continue(Ok(()));
            }
        }
    }

    /// Takes one name of the list.
    fn name(&mut self, given: &[u8]) -> ControlFlow<()> {
        let slash = given.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
        let (before, name) = given.split_at(slash);
        let path = Path::new(unix::name(given));
        if name.is_empty() || matches!(name, b"." | b"..") {
            return self.refused(path, FileError::NotRegular("a folder"));
        }
        let folder = match &self.last {
            Some((last, folder)) if last == before => folder.clone(),
            _ => match self.folder(Path::new(unix::name(before))) {
                Ok(folder) => self.enter(before, folder)?,
                Err(error) => return self.refused(path, error),
            },
        };
        let name = unix::name(name);
        if !self.exclude.is_empty() && self.exclude.has_path(&folder.join(name)) {
            let place = self.place(&folder, name);
            return (self.take)(Found::Excluded(place));
        }
        if is_temporary(name) {
            let place = self.place(&folder, name);
            let fate = FileError::Temporary { is_removed: false }.into();
            return (self.take)(Found::Row(Row::new(place, fate)));
        }
        self.names.push(name.to_owned());
        if self.names.len() >= BATCH { self.hand_on() } else { ControlFlow::Continue(()) }
    }

    fn enter(&mut self, before: &[u8], folder: Arc<Path>) -> ControlFlow<(), Arc<Path>> {
        self.hand_on()?;
        let is_new = self.last.as_ref().is_none_or(|(_, last)| *last != folder);
        self.last = Some((before.to_owned(), folder.clone()));
        if is_new {
            (self.take)(Found::Folder(self.list.folder.clone(), folder.clone()))?;
        }
        ControlFlow::Continue(folder)
    }

    /// The folder `before` of a name, relative to the folder of the list. No link leads there: a file is done under the
    /// path that it has.
    fn folder(&self, before: &Path) -> Result<Arc<Path>, FileError> {
        let base = &self.list.folder.canonical;
        let outside = || FileError::OutsideFolder { folder: self.list.folder.given.clone() };
        if before.components().any(|part| part == Component::ParentDir) {
            return Err(FileError::ParentInName);
        }
        let relative = match &self.list.from {
            None => before.to_owned(),
            Some(from) => {
                let path = from.join(before);
                let given = std::path::absolute(&self.list.folder.given).unwrap_or_else(|_| base.clone());
                let below = [base, &given].into_iter().find_map(|around| path.strip_prefix(around).ok());
                below.ok_or_else(outside)?.to_owned()
            }
        };
        if relative.is_absolute() {
            return Err(outside());
        }
        // Without a "." or a second slash.
        let relative: PathBuf = relative.components().filter(|part| *part != Component::CurDir).collect();
        if relative.iter().any(is_journal) {
            return Err(FileError::Temporary { is_removed: false });
        }
        let path = base.join(&relative);
        let canonical =
            fs::canonicalize(&path).map_err(|error| FileError::io(&self.list.folder.path_of(&relative), error))?;
        if canonical.as_path() != path.as_path() {
            return Err(FileError::LinkOnTheWay { folder: path, target: canonical });
        }
        Ok(relative.into())
    }

    fn hand_on(&mut self) -> ControlFlow<()> {
        let Some((_, folder)) = &self.last else { return ControlFlow::Continue(()) };
        if self.names.is_empty() {
            return ControlFlow::Continue(());
        }
        let (input, folder, names) = (self.list.folder.clone(), folder.clone(), std::mem::take(&mut self.names));
        (self.take)(Found::Files(Batch { input, folder, names }))
    }

    fn place(&self, folder: &Path, name: &OsStr) -> Place {
        Place { input: self.list.folder.clone(), folder: folder.into(), name: name.to_owned() }
    }

    /// Hands on a row for a name that leads to no file of the folder. It is told as it was given, and by its whole path.
    fn refused(&mut self, given: &Path, error: FileError) -> ControlFlow<()> {
        let path = self.list.from.as_ref().map_or_else(|| given.to_owned(), |from| from.join(given));
        let place = self.place(Path::new(""), path.as_os_str());
        (self.take)(Found::Row(Row::new(place, error.into())))
    }

    /// Hands on a row for the list itself.
    fn broken(&mut self, fault: Broken) -> ControlFlow<()> {
        let name = self.list.name.path();
        let input = Arc::new(Input { given: name.to_owned(), canonical: name.to_owned(), kind: Kind::File });
        let error = match fault {
            Broken::Io(error) => FileError::io(name, error),
            Broken::Is(what) => FileError::BrokenList(what),
        };
        let place = Place { name: input.name().to_owned(), folder: Path::new("").into(), input };
        (self.take)(Found::Row(Row::new(place, error.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::list::{List, ListFrom, Shard};
    use crate::report::outcome::Outcome;
    use crate::testing::Scratch;

    /// What is handed on of a list in memory, whose folder has the files "a/1", "a/2" and "b/c/3", and the link "l" to "a".
    fn found(keys: &[u8], exclude: &[&str]) -> Vec<String> {
        let scratch = Scratch::new();
        for path in ["in/a/1", "in/a/2", "in/b/c/3"] {
            scratch.write(path, b"");
        }
        std::os::unix::fs::symlink("a", scratch.path("in/l")).unwrap();
        let shard = Shard { name: "shard".into(), sha256: "0".into() };
        let from = ListFrom::Shard { shard, keys: keys.to_vec() };
        found_of(List { from, relative_to: Some(scratch.path("in")) }, exclude)
    }

    fn found_of(given: List, exclude: &[&str]) -> Vec<String> {
        let exclude = Exclude::new(exclude.iter().map(|pattern| (*pattern).to_owned()).collect()).unwrap();
        let mut found = Vec::new();
        let end = list(
            &given.open().unwrap(),
            &exclude,
            || true,
            |item| {
                match item {
                    Found::Files(Batch { folder, names, .. }) => {
                        found.extend(names.iter().map(|name| folder.join(name).to_str().unwrap().to_owned()));
                    }
                    Found::Folder(_, folder) => found.push(format!("folder {}", folder.display())),
                    Found::Excluded(place) => found.push(format!("excluded {}", place.relative().display())),
                    Found::Temporary(_) => found.push("temporary".to_owned()),
                    Found::Row(row) => {
                        assert!(matches!(row.outcome(), Outcome::Refused | Outcome::Failed));
                        found.push(row.finding().unwrap().kind.to_owned());
                    }
                }
                ControlFlow::Continue(())
            },
        );
        assert!(end.is_continue());
        found
    }

    #[test]
    fn what_a_name_leads_to() {
        for (keys, expected) in [
            (&b""[..], &[][..]),
            (b"a/1\0", &["folder a", "a/1"]),
            (b"a/1", &["folder a", "a/1"]),
            (b"\0\0a/1\0a/2\0b/c/3\0", &["folder a", "a/1", "a/2", "folder b/c", "b/c/3"]),
            (b"./a//1\0a/2\0", &["folder a", "a/1", "a/2"]),
            (b"x\0a/x\0", &["folder ", "x", "folder a", "a/x"]), // whether there is a file, the worker finds out
            (b"x/1\0", &["not-found"]),
            (b"l/1\0", &["symbolic-link"]),
            (b"../in/a/1\0a/../a/1\0", &["outside-folder", "outside-folder"]),
            (b"/a/1\0", &["outside-folder"]),
            (b"a/\0.\0a/..\0", &["not-regular", "not-regular", "not-regular"]),
            (b"a/.dicomblank-0123456789abcdef.part\0", &["folder a", "temporary"]),
            (b".dicomblank-journal/x\0", &["temporary"]),
            (b"a/1\n\0", &["folder a", "a/1\n"]),
        ] {
            assert_eq!(found(keys, &[]), expected, "{keys:?}");
        }
    }

    #[test]
    fn names_are_passed_over_for_themselves_and_for_the_folders_around_them() {
        let keys = b"a/1\0a/2\0b/c/3\0";
        assert_eq!(found(keys, &["1", "b/"]), ["folder a", "excluded a/1", "a/2", "folder b/c", "excluded b/c/3"]);
    }

    #[test]
    fn a_list_that_is_none_is_told_without_a_word_of_it() {
        let scratch = Scratch::new();
        let scan = [&[0; 128][..], b"DICM\x02\0\0\0UL\x04\0 Doe^Jane"].concat();
        let long = vec![b'x'; LONGEST + 1];
        for (bytes, ends, expected) in [
            (&scan[..], NameEnd::Newline, &["broken-list"][..]),
            (&scan, NameEnd::Nul, &["broken-list"]),
            (b"in/1\nin/2\0in/3\nin/4", NameEnd::Newline, &["not-found", "broken-list"]),
            (&long, NameEnd::Newline, &["broken-list"]),
            (&long, NameEnd::Nul, &["broken-list"]),
        ] {
            let path = scratch.write("list", bytes);
            let from = ListFrom::File { path, ends };
            let folder = std::env::current_dir().unwrap();
            assert_eq!(found_of(List { from, relative_to: Some(folder) }, &[]), expected);
        }
    }
}
