//! Finding files. Folders are listed depth first, links are not followed, and only regular files are handed on.

use std::ffi::OsString;
use std::fs::{self, DirEntry, FileType, ReadDir};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::FileError;
use crate::order::exclude::Exclude;
use crate::order::inputs::{Input, Kind};
use crate::order::place::Place;
use crate::report::outcome::Fate;
use crate::report::row::Row;
use crate::unix;
use crate::write::journal::is_journal;
use crate::write::left_over::{is_own, is_temporary};

/// This many names of one folder are handed on at once.
pub(super) const BATCH: usize = 64;

/// Some files of one folder.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) input: Arc<Input>,
    /// Relative to the input.
    pub(crate) folder: Arc<Path>,
    pub(crate) names: Vec<OsString>,
}

/// What the listing finds, and hands on.
pub(crate) enum Found {
    /// Files to be done.
    Files(Batch),
    /// Something that is not to be done, with the reason.
    Row(Row),
    /// A file or folder that the caller wants passed over.
    Excluded(Place),
    /// A temporary file of dicomblank, in a folder of a source.
    Temporary(Place),
    /// A folder of a source, before what is in it. The path is relative to the source.
    Folder(Arc<Input>, Arc<Path>),
}

/// Lists all files of `inputs` but those that are excluded, until `take` breaks off.
pub(crate) fn list(
    inputs: &[Arc<Input>],
    exclude: &Exclude,
    mut take: impl FnMut(Found) -> ControlFlow<()>,
) -> ControlFlow<()> {
    for input in inputs {
        match input.kind {
            Kind::Folder => Walk { input, exclude, take: &mut take }.run()?,
            _ => single(input, exclude, &mut take)?,
        }
    }
    ControlFlow::Continue(())
}

/// Hands on a source that is no folder.
fn single(input: &Arc<Input>, exclude: &Exclude, take: &mut impl FnMut(Found) -> ControlFlow<()>) -> ControlFlow<()> {
    let folder: Arc<Path> = Path::new("").into();
    let name = input.name().to_owned();
    if exclude.has(Path::new(&name), false) {
        return take(Found::Excluded(Place { input: input.clone(), folder, name }));
    }
    let fate = match input.kind {
        // It was named as a file: to skip it would look as if it were done.
        Kind::Special(what) => FileError::NotRegular(what).into(),
        Kind::Link => FileError::NamedLink { target: input.canonical.clone() }.into(),
        _ if is_temporary(&name) => FileError::Temporary { is_removed: false }.into(),
        _ => return take(Found::Files(Batch { input: input.clone(), folder, names: vec![name] })),
    };
    take(Found::Row(Row::new(Place { input: input.clone(), folder, name }, fate)))
}

/// The listing of one folder that was named.
struct Walk<'a, F> {
    input: &'a Arc<Input>,
    exclude: &'a Exclude,
    take: &'a mut F,
}

/// A folder that is being listed.
struct Open {
    relative: Arc<Path>,
    entries: ReadDir,
    /// Files found and not yet handed on.
    names: Vec<OsString>,
}

impl<F: FnMut(Found) -> ControlFlow<()>> Walk<'_, F> {
    fn run(&mut self) -> ControlFlow<()> {
        // All folders from the source down to the current one are open. So memory grows with the depth, and not with
        // the number of files or folders.
        let mut open = Vec::new();
        open.extend(self.open(Path::new(""))?);
        while let Some(innermost) = open.last_mut() {
            match innermost.entries.next() {
                Some(Ok(entry)) => {
                    if let Some(inner) = self.entry(innermost, &entry)? {
                        open.extend(self.open(&inner)?);
                    }
                }
                Some(Err(error)) => {
                    // Not asked again: the system may give the same error without end.
                    let relative = innermost.relative.clone();
                    self.close(open.pop())?;
                    self.failed(&relative, error)?;
                }
                None => self.close(open.pop())?,
            }
        }
        ControlFlow::Continue(())
    }

    fn open(&mut self, relative: &Path) -> ControlFlow<(), Option<Open>> {
        match fs::read_dir(self.input.path_of(relative)) {
            Ok(entries) => {
                let relative: Arc<Path> = relative.into();
                (self.take)(Found::Folder(self.input.clone(), relative.clone()))?;
                ControlFlow::Continue(Some(Open { relative, entries, names: Vec::new() }))
            }
            Err(error) => self.failed(relative, error).map_continue(|()| None),
        }
    }

    fn close(&mut self, open: Option<Open>) -> ControlFlow<()> {
        open.map_or(ControlFlow::Continue(()), |mut open| self.hand_on(&mut open))
    }

    /// Takes one entry. A folder is returned, to be opened.
    fn entry(&mut self, open: &mut Open, entry: &DirEntry) -> ControlFlow<(), Option<PathBuf>> {
        let name = entry.file_name();
        let file_type = match entry.file_type() {
            Ok(file_type) => file_type,
            Err(error) => return self.row(&open.relative, name, Fate::from(FileError::io(&entry.path(), error))),
        };
        if !self.exclude.is_empty() && self.exclude.has(&open.relative.join(&name), file_type.is_dir()) {
            let place = Place { input: self.input.clone(), folder: open.relative.clone(), name };
            return (self.take)(Found::Excluded(place)).map_continue(|()| None);
        }
        if file_type.is_dir() {
            if is_journal(&name) {
                return ControlFlow::Continue(None); // what it says is done before the files beside it
            }
            return ControlFlow::Continue(Some(open.relative.join(name)));
        }
        if let Some(reason) = reason_to_skip(file_type, entry) {
            return self.row(&open.relative, name, Fate::skipped(reason));
        }
        if is_own(&name) {
            return ControlFlow::Continue(None); // a worker of this process is replacing a deflated file
        }
        if is_temporary(&name) {
            let place = Place { input: self.input.clone(), folder: open.relative.clone(), name };
            return (self.take)(Found::Temporary(place)).map_continue(|()| None);
        }
        open.names.push(name);
        if open.names.len() >= BATCH {
            self.hand_on(open)?;
        }
        ControlFlow::Continue(None)
    }

    fn hand_on(&mut self, open: &mut Open) -> ControlFlow<()> {
        if open.names.is_empty() {
            return ControlFlow::Continue(());
        }
        let names = std::mem::take(&mut open.names);
        (self.take)(Found::Files(Batch { input: self.input.clone(), folder: open.relative.clone(), names }))
    }

    /// Hands on a row for a folder that can't be listed, or not to its end.
    fn failed(&mut self, relative: &Path, error: io::Error) -> ControlFlow<()> {
        let error = FileError::io(&self.input.path_of(relative), error);
        let folder: Arc<Path> = relative.parent().unwrap_or(Path::new("")).into();
        let name = relative.file_name().unwrap_or_default().to_owned();
        self.row(&folder, name, Fate::from(error)).map_continue(drop)
    }

    fn row(&mut self, folder: &Arc<Path>, name: OsString, fate: Fate) -> ControlFlow<(), Option<PathBuf>> {
        let place = Place { input: self.input.clone(), folder: folder.clone(), name };
        (self.take)(Found::Row(Row::new(place, fate))).map_continue(|()| None)
    }
}

/// Why an entry that is no folder is not opened, if so.
fn reason_to_skip(file_type: FileType, entry: &DirEntry) -> Option<FileError> {
    if file_type.is_symlink() {
        let target = fs::read_link(entry.path()).unwrap_or_default();
        return Some(FileError::Link { target });
    }
    (!file_type.is_file()).then(|| FileError::NotRegular(unix::special_kind(file_type)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scratch, input};
    use crate::write::temporary::Temporary;

    /// The listing meets files that are made while it lists.
    #[test]
    fn temporary_files_of_this_process_are_passed_over() {
        let scratch = Scratch::new();
        let top = scratch.path("");
        fs::write(top.join(".dicomblank-0123456789abcdef.part"), "").unwrap();
        let _own = Temporary::create(&top).unwrap();
        let input = input(&top, Kind::Folder);
        let mut found = Vec::new();
        let _ = list(&[input], &Exclude::default(), |item| {
            match item {
                Found::Folder(..) => {}
                Found::Temporary(place) => found.push(place.name),
                Found::Row(_) | Found::Files(_) | Found::Excluded(_) => found.push("something else".into()),
            }
            ControlFlow::Continue(())
        });
        assert_eq!(found, [".dicomblank-0123456789abcdef.part"]);
    }

    #[test]
    fn files_are_handed_on_in_batches_that_have_a_bound() {
        let scratch = Scratch::new();
        let top = scratch.path("");
        (0..=2 * BATCH).for_each(|number| fs::write(top.join(number.to_string()), "").unwrap());
        let input = input(&top, Kind::Folder);
        let mut found = Vec::new();
        let _ = list(&[input], &Exclude::default(), |item| {
            if let Found::Files(batch) = item {
                found.push(batch.names.len());
            }
            ControlFlow::Continue(())
        });
        assert_eq!(found, [BATCH, BATCH, 1]);
    }
}
