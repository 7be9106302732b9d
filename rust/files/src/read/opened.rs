//! One open file and its plan: the part that in place, copy, dry run and comparison have in common.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use dicomblank_core::{Error, ErrorClass, ErrorKind, Limits, Plan, Rules, audit_positions, plan};

use crate::cancel::Cancel;
use crate::error::FileError;
use crate::read::inflated::Inflated;
use crate::read::inflated::Stored;
use crate::read::inflated::Turns;
use crate::read::recognise;
use crate::read::windows::FileSource;
use crate::read::windows::ReadError;
use crate::read::windows::Windows;
use crate::unix::{self, At, Since, Stat};

/// An open file, with its state when it was opened.
pub(crate) struct Opened<'a> {
    pub(crate) path: &'a Path,
    pub(crate) file: File,
    pub(crate) stat: Stat,
    /// Why it may not be written, if so.
    pub(crate) read_only: Option<io::Error>,
    pub(crate) lock: Lock,
}

/// Whether no other run is at a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// None is, until it is closed.
    Held,
    /// Another program has it.
    Busy,
    /// It was not asked for, or the file system has none.
    Missing,
}

impl<'a> Opened<'a> {
    /// Opens `path`, through links, for reading.
    pub(crate) fn to_read(path: &'a Path) -> Result<Self, FileError> {
        let file = unix::open_to_read(At::path(path)).map_err(|error| FileError::io(path, error))?;
        Self::new(path, file, None, Lock::Missing)
    }

    /// Opens `path`, which is `at`, no link, for reading.
    pub(crate) fn to_read_no_link(path: &'a Path, at: At<'_>) -> Result<Self, FileError> {
        let file = unix::open_to_read_no_link(at).map_err(|error| FileError::io(path, error))?;
        Self::new(path, file, None, Lock::Missing)
    }

    /// Opens `path`, which is `at`, no link, for reading and where possible for writing, and then with a lock. Its state is that under
    /// the lock: what is read later is what no other run changes.
    pub(crate) fn to_edit(path: &'a Path, at: At<'_>) -> Result<Self, FileError> {
        let (file, read_only) = unix::open_to_edit(at).map_err(|error| FileError::io(path, error))?;
        let lock = match &read_only {
            Some(_) => Lock::Missing, // it won't be written, and over NFS it could not be had
            None => match file.try_lock() {
                Ok(()) => Lock::Held,
                Err(TryLockError::WouldBlock) => Lock::Busy,
                Err(TryLockError::Error(_)) => Lock::Missing,
            },
        };
        Self::new(path, file, read_only, lock)
    }

    fn new(path: &'a Path, file: File, read_only: Option<io::Error>, lock: Lock) -> Result<Self, FileError> {
        let stat = stat_of(&file, path)?;
        Ok(Self { path, file, stat, read_only, lock })
    }

    pub(crate) fn source<'w>(&'w self, windows: &'w mut Windows) -> FileSource<'w> {
        FileSource::new(&self.file, self.stat.size, windows)
    }

    /// The state of the file, if it is what it was when it was opened, as far as size and times tell.
    pub(crate) fn check_unchanged(&self) -> Result<Stat, FileError> {
        let now = Stat::of(&self.file).map_err(|error| FileError::io(self.path, error))?;
        let now = now.ok_or(FileError::Changed)?;
        same(self.stat.since(&now)).map(|()| now)
    }

    /// Walks the whole file, inflated if need be.
    pub(crate) fn plan(&self, source: &mut FileSource<'_>, rules: &Rules) -> Result<Planned, FileError> {
        match plan(source, rules, &Limits::default()) {
            Ok(plan) => Ok(Planned { plan, inflated: None }),
            Err(Error { kind: ErrorKind::Deflated, offset, .. }) => {
                let read = |buffer: &mut [u8], at: u64| self.read_exactly(buffer, at);
                let stored = Stored { size: self.stat.size, read: &read, stop: source.stop(), turns: Turns::Taken };
                let inflated = Inflated::read(&stored, offset)?;
                let plan = inflated.plan(rules).map_err(|error| self.explain(error, source))?;
                Ok(Planned { plan, inflated: Some(inflated) })
            }
            Err(error) => Err(self.explain(error, source)),
        }
    }

    /// Which edits of `plan` are still to be made, by their positions, in the inflated form of the file if it has one.
    pub(crate) fn audit(
        &self,
        source: &mut FileSource<'_>,
        inflated: Option<&Inflated>,
        plan: &Plan,
    ) -> Result<Vec<u32>, FileError> {
        match inflated {
            Some(inflated) => audit_positions(plan, &mut inflated.source()),
            None => audit_positions(plan, source),
        }
        .map_err(|error| self.explain(error, source))
    }

    /// Fills `buffer` from `start` on.
    pub(crate) fn read_exactly(&self, buffer: &mut [u8], start: u64) -> Result<(), FileError> {
        let count = unix::read_at(&self.file, buffer, buffer.len(), start);
        let count = count.map_err(|error| FileError::io(self.path, error))?;
        if count < buffer.len() { Err(FileError::Changed) } else { Ok(()) }
    }

    /// The core's error, with what it can't know: the name of the file, and what the system said.
    fn explain(&self, error: Error, source: &mut FileSource<'_>) -> FileError {
        match (error.kind.class(), error.kind) {
            (ErrorClass::Unreadable, _) => match source.take_error() {
                ReadError::Io(error) => FileError::io(self.path, error),
                ReadError::Shrunk => FileError::Changed,
                ReadError::Stopped => FileError::Interrupted,
            },
            (_, ErrorKind::SizeChanged { .. }) => FileError::Changed,
            _ => recognise::explain(error, self.path, source),
        }
    }
}

/// That a file is what it was.
pub(crate) fn same(since: Since) -> Result<(), FileError> {
    match since {
        Since::Same => Ok(()),
        Since::Touched => Err(FileError::Touched),
        Since::Changed => Err(FileError::Changed),
    }
}

/// Does `attempt`, and does it again where something about the file has changed meanwhile: that may have been no more than another name,
/// which a backup gives it.
pub(crate) fn until_untouched<T>(mut attempt: impl FnMut() -> Result<T, FileError>) -> Result<T, FileError> {
    const AGAIN: usize = 2;
    for _ in 0..AGAIN {
        match attempt() {
            Err(FileError::Touched) => {}
            other => return other,
        }
    }
    attempt().map_err(|error| if matches!(error, FileError::Touched) { FileError::Changed } else { error })
}

fn stat_of(file: &File, path: &Path) -> Result<Stat, FileError> {
    let stat = Stat::of(file).map_err(|error| FileError::io(path, error))?;
    stat.ok_or_else(|| FileError::Unsupported("not a regular file".to_owned()))
}

/// What is to be done to a file and, if its data set is deflated, the form of it in which that counts.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    pub(crate) inflated: Option<Inflated>,
}

/// What would be overwritten in the file `path`: the dry run. Links are followed. Of a deflated file offsets count in its inflated form.
pub fn plan_file(path: &Path, rules: &Rules, stop: Cancel) -> Result<Plan, FileError> {
    let opened = Opened::to_read(path)?;
    let mut windows = Windows::new(stop);
    Ok(opened.plan(&mut opened.source(&mut windows), rules)?.plan)
}

/// As [`plan_file`], with other limits and through windows of other `sizes`: the first read, one behind a hop, one where the one before left
/// off, in bytes. For tests, which put the edge of a window at every byte.
#[doc(hidden)]
pub fn plan_file_through(path: &Path, rules: &Rules, limits: &Limits, sizes: [usize; 3]) -> Result<Plan, FileError> {
    let opened = Opened::to_read(path)?;
    let mut windows = Windows::of(sizes, Cancel::default());
    let mut source = opened.source(&mut windows);
    plan(&mut source, rules, limits).map_err(|error| opened.explain(error, &mut source))
}

/// What was noticed in a file that was planned all the same, as sentences without a full stop.
pub fn warnings(plan: &Plan) -> Vec<String> {
    let mut sentences: Vec<_> = plan.warnings().iter().map(|warning| warning.to_string()).collect();
    match plan.opaque() {
        0 => {}
        1 => sentences.push("1 value begins like items but can't be read as items: it was left as it is".to_owned()),
        count => sentences
            .push(format!("{count} values begin like items but can't be read as items: they were left as they are")),
    }
    sentences
}

#[cfg(test)]
mod tests {
    use std::fs;

    use dicomblank_core::SliceSource;

    use super::*;
    use crate::testing::{Scratch, sample};

    #[test]
    fn a_file_that_has_become_shorter_is_one_that_changed() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let path = folder.join("file");
        let (bytes, rules) = sample();
        fs::write(&path, &bytes).unwrap();
        let opened = Opened::to_read(&path).unwrap();
        let mut buffer = vec![0; bytes.len()];
        opened.read_exactly(&mut buffer, 0).unwrap();
        assert!(matches!(opened.read_exactly(&mut buffer, 1), Err(FileError::Changed)));
        let plan_of_less = plan(&mut SliceSource::new(&bytes[..10]), &rules, &Limits::default()).unwrap();
        let mut windows = Windows::new(Cancel::default());
        let audited = opened.audit(&mut opened.source(&mut windows), None, &plan_of_less);
        assert!(matches!(audited, Err(FileError::Changed)));
        File::options().write(true).open(&path).unwrap().set_len(20).unwrap();
        let planned = opened.plan(&mut opened.source(&mut Windows::new(Cancel::default())), &rules);
        assert!(matches!(planned, Err(FileError::Changed)));
    }

    #[test]
    fn who_inflates_is_asked_to_stop_too() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let path = folder.join("file");
        fs::write(&path, crate::testing::deflated()).unwrap();
        let rules = sample().1;
        assert!(plan_file(&path, &rules, Cancel::default()).is_ok());
        assert!(matches!(plan_file(&path, &rules, Cancel::when(|| true)), Err(FileError::Interrupted)));
    }
}
