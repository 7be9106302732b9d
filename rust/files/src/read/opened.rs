//! An open file and its plan: what in place, copy, dry run and comparison have in common.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use dicomblank_core::{Error, ErrorClass, ErrorKind, Fill, Limits, Marked, Once, Plan, Rules, Sites, plan};

use dicomblank_pseudonym::Memory;
use zeroize::Zeroizing;

use super::inflated::{Inflated, LIMIT, Stored, Turns};
use super::keyed::{Keyed, Keying};
use super::planned::{Planned, Ready, once};
use super::read_at::{FileBytes, ReadAt};
use super::recognise;
use super::rewriting::Rewriting;
use super::windows::{WindowedSource, Windows};
use crate::error::FileError;
use crate::order::choices::Syncing;
use crate::unix::{self, At, Since, Stat};
use crate::watch::Watch;

/// An open file as the core's [`Source`](dicomblank_core::Source).
pub(crate) type FileSource<'a> = WindowedSource<'a, FileBytes<'a>>;

/// An open file, and its state when it was opened.
pub(crate) struct Opened<'a> {
    pub(crate) path: &'a Path,
    pub(crate) file: File,
    pub(crate) stat: Stat,
    /// Why it can only be read, if so.
    pub(crate) read_only: Option<io::Error>,
    pub(crate) lock: Lock,
}

/// Whether the file is locked, so that no other run edits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// It is, until it is closed.
    Held,
    /// Another program has the lock.
    Busy,
    /// It is not: nobody asked for the lock, or the file system has no locks.
    Missing,
}

impl<'a> Opened<'a> {
    /// Opens `path`, through links, for reading.
    pub(crate) fn to_read(path: &'a Path) -> Result<Self, FileError> {
        let file = unix::open_to_read(At::path(path)).map_err(|error| FileError::io(path, error))?;
        Self::new(path, file, None, Lock::Missing)
    }

    /// Opens `path`, which is `at`, for reading. A link is an error.
    pub(crate) fn to_read_no_link(path: &'a Path, at: At<'_>) -> Result<Self, FileError> {
        let file = unix::open_to_read_no_link(at).map_err(|error| not_opened(path, error))?;
        Self::new(path, file, None, Lock::Missing)
    }

    /// Opens `path`, which is `at`, for reading, and if possible for writing and with a lock. A link is an error. The
    /// state is taken when the lock is held: from then on no other run changes the file.
    pub(crate) fn to_edit(path: &'a Path, at: At<'_>) -> Result<Self, FileError> {
        let (file, read_only) = unix::open_to_edit(at).map_err(|error| not_opened(path, error))?;
        let lock = match &read_only {
            Some(_) => Lock::Missing, // it is not written, and over NFS only a file that can be written can be locked
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

    /// The bytes of the file.
    pub(crate) const fn bytes(&self) -> FileBytes<'_> {
        FileBytes { file: &self.file, size: self.stat.size }
    }

    /// The file as the core's source.
    pub(crate) fn source<'w>(&'w self, windows: &'w mut Windows) -> FileSource<'w> {
        WindowedSource::new(self.bytes(), windows)
    }

    /// Checks that the file is what it was when it was opened, as far as size and times tell. Returns its state now.
    pub(crate) fn check_unchanged(&self) -> Result<Stat, FileError> {
        let now = Stat::of(&self.file).map_err(|error| FileError::io(self.path, error))?;
        let now = now.ok_or(FileError::Changed)?;
        same(self.stat.since(&now)).map(|()| now)
    }

    /// Flushes the file, if the order says so.
    pub(crate) fn sync(&self, sync: Syncing) -> Result<(), FileError> {
        match sync {
            Syncing::None => Ok(()),
            Syncing::All => unix::sync_data(&self.file).map_err(|error| FileError::io(self.path, error)),
        }
    }

    /// Walks the whole file, and plans its edits. A deflated one is inflated first.
    pub(crate) fn plan(&self, source: &mut FileSource<'_>, rules: &Rules) -> Result<Planned, FileError> {
        let planned = Planned::of(source, rules, |source, data_set| self.inflate(source, data_set));
        planned.map_err(|error| self.explain_core(error, source))
    }

    /// The same, and where every value stands.
    pub(crate) fn plan_and_sites(
        &self,
        source: &mut FileSource<'_>,
        rules: &Rules,
    ) -> Result<(Planned, Sites), FileError> {
        let planned = Planned::with_sites(source, rules, |source, data_set| self.inflate(source, data_set));
        planned.map_err(|error| self.explain_core(error, source))
    }

    /// Walks the whole file, and says what becomes of it where lengths change. A deflated one is inflated first.
    pub(crate) fn rewriting(
        &self,
        source: &mut FileSource<'_>,
        rules: &Rules,
        keying: &Keying,
    ) -> Result<Rewriting, FileError> {
        let rewriting = Rewriting::of(source, rules, keying, |source, data_set| self.inflate(source, data_set));
        rewriting.map_err(|error| self.explain_core(error, source))
    }

    /// Inflates the file, whose data set begins at the offset `data_set`.
    pub(crate) fn inflate(&self, source: &FileSource<'_>, data_set: u64) -> Result<Inflated, FileError> {
        let (bytes, watch) = (self.bytes(), source.watch());
        let stored = Stored { bytes: &bytes, path: self.path, watch, turns: Turns::Taken, limit: LIMIT };
        Inflated::read(&stored, data_set)
    }

    /// What the file says of itself, where something is to be done to it that can't be done twice.
    pub(crate) fn marked(
        &self,
        source: &mut FileSource<'_>,
        planned: &Planned,
        keying: &Keying,
    ) -> Result<Marked, FileError> {
        planned.marked(source, keying).map_err(|error| self.explain(error, source))
    }

    /// Whether the file says that its values were replaced, under whatever key.
    pub(crate) fn says_done(&self, source: &mut FileSource<'_>, planned: &Planned) -> Result<bool, FileError> {
        planned.says_done(source).map_err(|error| self.explain(error, source))
    }

    /// Which of the planned edits are still to be made, as positions in the plan.
    pub(crate) fn left(
        &self,
        source: &mut FileSource<'_>,
        planned: &Planned,
        once: (&Rules, Once),
    ) -> Result<Vec<u32>, FileError> {
        self.left_of(planned.plan(), source, planned, once)
    }

    /// Where every value stands: as of [`Planned::sites`].
    pub(crate) fn sites(
        &self,
        source: &mut FileSource<'_>,
        planned: &Planned,
        rules: &Rules,
    ) -> Result<Sites, FileError> {
        planned.sites(source, rules).map_err(|error| self.explain(error, source))
    }

    /// What the edits write: their values are read.
    pub(crate) fn resolve<'m>(
        &self,
        source: &mut FileSource<'_>,
        planned: Planned,
        left: (&[u32], Marked),
        rules: &Rules,
        keyed: &mut Keyed<'m, '_>,
    ) -> Result<Ready<'m>, FileError> {
        planned.resolve(left, source, rules, keyed).map_err(|error| self.explain(error, source))
    }

    /// The same for another `plan`, of a file that is read as this one is.
    pub(crate) fn left_of(
        &self,
        plan: &Plan,
        source: &mut FileSource<'_>,
        planned: &Planned,
        once: (&Rules, Once),
    ) -> Result<Vec<u32>, FileError> {
        planned.left_of(plan, source, once).map_err(|error| self.explain(error, source))
    }

    /// Fills `buffer` with the bytes at `offset`.
    pub(crate) fn read_exactly(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FileError> {
        self.bytes().read_exactly(offset, buffer).map_err(|error| error.about(self.path))
    }

    /// The same of an error that may be the core's.
    pub(crate) fn explain_core(&self, error: FileError, source: &mut FileSource<'_>) -> FileError {
        match error {
            FileError::Core(error) => self.explain(error, source),
            other => other,
        }
    }

    /// The same, where two sources of the file were read.
    pub(crate) fn explain_either(
        &self,
        error: FileError,
        source: &mut FileSource<'_>,
        again: &mut FileSource<'_>,
    ) -> FileError {
        if again.has_error() { self.explain_core(error, again) } else { self.explain_core(error, source) }
    }

    /// The core's error, with what the core can't know: the path of the file, and what the system said.
    pub(crate) fn explain(&self, error: Error, source: &mut FileSource<'_>) -> FileError {
        match (error.kind.class(), error.kind) {
            (ErrorClass::Unreadable, _) => source.take_error().about(self.path),
            (_, ErrorKind::SizeChanged { .. }) => FileError::Changed,
            _ => recognise::explain(error, self.path, source),
        }
    }
}

/// An error if the file is not what it was.
pub(crate) fn same(since: Since) -> Result<(), FileError> {
    match since {
        Since::Same => Ok(()),
        Since::Touched => Err(FileError::Touched),
        Since::Changed => Err(FileError::Changed),
    }
}

/// Calls `attempt`, and calls it again if only the change time of the file differs. That may be harmless: a
/// backup gives the file another name.
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
    let stat = Stat::of(file).map_err(|error| not_opened(path, error))?;
    let special = || file.metadata().map_or("not a regular file", |metadata| unix::special_kind(metadata.file_type()));
    stat.ok_or_else(|| FileError::NotRegular(special()))
}

/// Why a file could not be opened. What was listed as a regular file is one; a list may name others.
fn not_opened(path: &Path, error: io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::IsADirectory => FileError::NotRegular("a folder"),
        _ if unix::is_about_link(&error) => FileError::Link { target: path.read_link().unwrap_or_default() },
        _ => FileError::io(path, error),
    }
}

/// The edits that blanking the file `path` would make: the dry run. Links are followed. For a deflated file, offsets
/// count in its inflated form.
///
/// # Errors
/// [`FileError`]: the file can't be read, is no DICOM file, or would be refused; or `watch` gave up.
pub fn plan_file(path: &Path, rules: &Rules, watch: Watch) -> Result<Plan, FileError> {
    let opened = Opened::to_read(path)?;
    let (windows, keying) = (&mut Windows::new(watch), Keying::none());
    let mut source = opened.source(windows);
    if rules.rewrite() {
        return Ok(opened.rewriting(&mut source, rules, &keying)?.into_told().0);
    }
    Ok(opened.plan(&mut source, rules)?.into_plan())
}

/// What a copy of the file `path` would be refused for: its plan is made, and all that is to be written.
///
/// # Errors
/// The reason.
pub(crate) fn check_through(
    path: &Path,
    rules: &Rules,
    keyed: &mut Keyed<'_, '_>,
    windows: &mut Windows,
) -> Result<(), FileError> {
    let opened = Opened::to_read(path)?;
    let mut source = opened.source(windows);
    if rules.rewrite() {
        let rewriting = opened.rewriting(&mut source, rules, keyed.keying())?;
        let mut others = Windows::new(Watch::default());
        let mut again = opened.source(&mut others);
        let pieces = rewriting.pieces(&mut source, rules, keyed);
        let checked = pieces.and_then(|pieces| rewriting.check(&pieces, &mut source, &mut again, rules));
        return checked.map_err(|error| opened.explain_either(error.into(), &mut source, &mut again));
    }
    let planned = opened.plan(&mut source, rules)?;
    let marked = opened.marked(&mut source, &planned, keyed.keying())?;
    let left = opened.left(&mut source, &planned, (rules, once(marked)))?;
    opened.resolve(&mut source, planned, (&left, marked), rules, keyed).map(drop)
}

/// What the values of a file become that are replaced, each with its offset: for a second opinion. Empty for one whose
/// values were replaced before.
///
/// # Errors
/// [`FileError`], as of [`plan_file`], and of a value that can't become what the rules say.
#[allow(clippy::type_complexity)] // where it stands, and what it is
pub fn replaced_file(
    path: &Path,
    rules: &Rules,
    keying: &Keying,
    watch: Watch,
) -> Result<Vec<(u64, Zeroizing<Vec<u8>>)>, FileError> {
    let windows = &mut Windows::new(watch);
    let opened = Opened::to_read(path)?;
    let mut source = opened.source(windows);
    let planned = opened.plan(&mut source, rules)?;
    let marked = opened.marked(&mut source, &planned, keying)?;
    let left = opened.left(&mut source, &planned, (rules, once(marked)))?;
    // Not the memory that calls share: reading may ask Python whether to give up, and who waits for that memory may
    // have Python's lock.
    let mut memory = Memory::default();
    let mut keyed = keying.with(&mut memory);
    let ready = opened.resolve(&mut source, planned, (&left, marked), rules, &mut keyed)?;
    let fills = ready.patch.fills(ready.planned.plan()).ok_or(FileError::Panicked)?;
    let bytes = |fill: Fill<'_>| {
        let mut bytes = Zeroizing::new(vec![0; usize::try_from(fill.span().len()).ok()?]);
        fill.write_over(fill.span().start(), &mut bytes);
        Some((fill.span().start(), bytes))
    };
    Ok(fills.filter(|fill| fill.repeated().is_none()).filter_map(bytes).collect())
}

/// As [`plan_file`], for tests, which put the end of a window at every byte: with other limits, and windows of other
/// sizes in bytes (the first read, a read behind a hop, a read that goes on where the last one ended). Deflated files
/// are refused.
#[doc(hidden)]
pub fn plan_file_through(path: &Path, rules: &Rules, limits: &Limits, sizes: [usize; 3]) -> Result<Plan, FileError> {
    let opened = Opened::to_read(path)?;
    let mut windows = Windows::of(sizes, Watch::default());
    let mut source = opened.source(&mut windows);
    plan(&mut source, rules, limits).map_err(|error| opened.explain(error, &mut source))
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
        opened.read_exactly(0, &mut buffer).unwrap();
        assert!(matches!(opened.read_exactly(1, &mut buffer), Err(FileError::Changed)));
        let plan_of_less = plan(&mut SliceSource::new(&bytes[..10]), &rules, &Limits::default()).unwrap();
        let mut windows = Windows::new(Watch::default());
        let planned = Planned::AsItStands(plan_of_less);
        let audited = opened.left(&mut opened.source(&mut windows), &planned, (&rules, Once::ToDo));
        assert!(matches!(audited, Err(FileError::Changed)));
        File::options().write(true).open(&path).unwrap().set_len(20).unwrap();
        let planned = opened.plan(&mut opened.source(&mut Windows::new(Watch::default())), &rules);
        assert!(matches!(planned, Err(FileError::Changed)));
    }

    #[test]
    fn inflating_asks_whether_to_give_up() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let path = folder.join("file");
        fs::write(&path, crate::testing::deflated()).unwrap();
        let rules = sample().1;
        assert!(plan_file(&path, &rules, Watch::default()).is_ok());
        assert!(matches!(plan_file(&path, &rules, Watch::when(|| true)), Err(FileError::Interrupted)));
    }
}
