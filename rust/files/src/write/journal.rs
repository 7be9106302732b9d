//! The redo journal: what a run that edits in place was about to write, for the next run if this one is killed.
//!
//! A keyed value is no blank: a file half written can't be made whole by beginning again. So before a file is written
//! whose edits take more than one write, one record goes to the journal: which file it is, and all that it is to hold.
//! No old value is in it. The next run finishes what the record says: see `recovery`.
//!
//! Each worker has a journal of its own, in a folder beside the sources, locked while it is in use. One record at a time
//! is in it, each written over the last: whether a record was carried out, the file itself says by its mark.

use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use dicomblank_core::{Marks, Patch, Plan};

use zeroize::Zeroizing;

use super::left_over::random_name;
use super::record;
use crate::error::FileError;
use crate::order::choices::Syncing;
use crate::order::inputs::Kind;
use crate::order::place::Place;
use crate::read::opened::Opened;
use crate::unix;

/// The folder of journals, in a folder that is a source, or that a source is in.
pub(crate) const FOLDER: &str = ".dicomblank-journal";

/// Whether it is the name of a folder of journals.
pub(crate) fn is_journal(name: &OsStr) -> bool {
    name == FOLDER
}

/// The journal of one worker, which is made when it is first needed, and removed when it is dropped.
#[derive(Default)]
pub(crate) struct Journal {
    open: Option<Open>,
    /// Whether what its record says is not yet done.
    is_begun: bool,
    bytes: Zeroizing<Vec<u8>>,
}

/// A journal that is made.
struct Open {
    /// The folder that paths in it are relative to.
    beside: PathBuf,
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Writes down what is about to be written to a file. From here on it can be finished, whatever happens.
    pub(crate) fn begin(
        &mut self,
        place: &Place,
        opened: &Opened<'_>,
        (plan, patch): (&Plan, &Patch),
        marks: Option<&Marks>,
        sync: Syncing,
    ) -> Result<(), FileError> {
        if self.is_begun {
            self.keep(); // a panic came in between
        }
        let (beside, relative) = place_in(place);
        let failed = |error| FileError::Journal { folder: beside.join(FOLDER), error };
        let fills = patch.fills(plan).ok_or(FileError::Panicked)?;
        let file = record::Of { path: &relative, inode: opened.stat.id.inode, size: opened.stat.size };
        record::write(&mut self.bytes, &file, marks, fills, || record::sum_of(opened, plan))?;
        if self.open.as_ref().is_none_or(|open| open.beside != beside) {
            self.open = None;
            self.open = Some(Open::create(beside.clone(), sync).map_err(failed)?);
        }
        let Some(open) = &self.open else { return Err(FileError::Panicked) };
        unix::write_at(&open.file, &self.bytes, 0).map_err(failed)?;
        if sync == Syncing::All {
            unix::sync_data(&open.file).map_err(failed)?;
        }
        self.is_begun = true;
        Ok(())
    }

    /// What was begun is done. A file says so by its mark; of one without, the record does.
    pub(crate) fn end(&mut self, is_marked: bool, sync: Syncing) {
        self.is_begun = false;
        if let (false, Some(open)) = (is_marked, &self.open) {
            // If this fails the next run writes the same bytes once more.
            let _ = unix::write_at(&open.file, &[0; record::MAGIC.len()], 0);
            if sync == Syncing::All {
                let _ = unix::sync_data(&open.file);
            }
        }
    }

    /// What was begun went wrong: this journal stays for the next run, and another one is made for the next file.
    pub(crate) fn keep(&mut self) {
        self.is_begun = false;
        if let Some(open) = self.open.take() {
            open.keep();
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if self.is_begun {
            self.keep();
        }
    }
}

/// The folder beside which the journal of a file is, without links, and the path of the file from there.
fn place_in(place: &Place) -> (PathBuf, PathBuf) {
    if place.input.kind == Kind::Folder {
        return (place.input.canonical.clone(), place.relative());
    }
    let name = place.input.canonical.file_name().unwrap_or_default();
    (unix::folder_of(&place.input.canonical).to_owned(), name.into())
}

impl Open {
    fn create(beside: PathBuf, sync: Syncing) -> io::Result<Self> {
        /// Another run can get in between, but hardly as often as this.
        const ATTEMPTS: usize = 100;
        let folder = beside.join(FOLDER);
        for _ in 0..ATTEMPTS {
            unix::make_folder(&folder)?;
            let path = folder.join(random_name());
            let file = match unix::create_private(&path) {
                Ok(file) => file,
                // Another run has just removed the empty folder; or has that very name.
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists) => {
                    continue;
                }
                Err(error) => return Err(error),
            };
            match file.try_lock() {
                // Before it was locked, another run may have taken it for left over.
                Ok(()) if !unix::is_name_of(&path, &file)? => continue,
                Err(TryLockError::WouldBlock) => continue,
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            if sync == Syncing::All {
                unix::sync_folder(&folder)?;
                unix::sync_folder(&beside)?;
            }
            return Ok(Self { beside, path, file });
        }
        Err(io::Error::other("others remove it as soon as it is made"))
    }

    /// Closes the journal, and leaves it.
    fn keep(mut self) {
        self.path = PathBuf::new();
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            remove(&self.path);
        }
    }
}

/// Removes a journal, and its folder if it was the last.
pub(super) fn remove(path: &Path) {
    // What stays does no harm: its record is carried out.
    let _ = unix::remove_file(path);
    let _ = unix::remove_folder(unix::folder_of(path));
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::order::place::Located;
    use crate::read::windows::Windows;
    use crate::testing::{Scratch, located, sample, single};
    use crate::unix::steps;
    use crate::watch::Watch;
    use crate::write::recovery::{self, Unfinished};

    /// Begins with a file.
    fn begin(journal: &mut Journal, Located { place, path, at }: Located<'_>, sync: Syncing) {
        let opened = Opened::to_edit(path, at).unwrap();
        let mut windows = Windows::new(Watch::default());
        let plan = opened.plan(&mut opened.source(&mut windows), &sample().1).unwrap();
        journal.begin(place, &opened, (plan.plan(), &Patch::default()), None, sync).unwrap();
    }

    #[test]
    fn a_journal_stays_until_what_it_says_is_done() {
        let scratch = Scratch::new();
        let path = scratch.write("file", &sample().0);
        let place = single(&path);
        let file = located(&place, &path);
        let count = || scratch.files(FOLDER).len();
        let mut journal = Journal::default();
        drop(Journal::default());
        assert!(!scratch.exists(FOLDER));
        begin(&mut journal, file, Syncing::None);
        journal.end(false, Syncing::None);
        assert_eq!(count(), 1);
        begin(&mut journal, file, Syncing::None);
        // A panic came in between: its record is not written over.
        begin(&mut journal, file, Syncing::None);
        assert_eq!(count(), 2);
        journal.end(true, Syncing::None);
        drop(journal);
        assert_eq!(count(), 1);
        // The same before a journal is closed.
        let mut journal = Journal::default();
        begin(&mut journal, file, Syncing::None);
        drop(journal);
        assert_eq!(count(), 2);
        let mut journal = Journal::default();
        begin(&mut journal, file, Syncing::None);
        journal.keep();
        drop(journal);
        assert_eq!(count(), 3);
        let whole = |name: &String| record::read(&scratch.read(&format!("{FOLDER}/{name}"))).is_some();
        assert!(scratch.files(FOLDER).iter().all(whole));
    }

    /// What a longer record left behind a shorter one, and a record of what is done, are none.
    #[test]
    fn a_record_is_written_over_the_last() {
        let scratch = Scratch::new();
        let [long, short] = ["a-long-name", "b"].map(|name| scratch.write(name, &sample().0));
        let mut journal = Journal::default();
        for (path, is_marked, is_left) in [(&long, true, true), (&short, true, true), (&short, false, false)] {
            let place = single(path);
            begin(&mut journal, located(&place, path), Syncing::None);
            journal.end(is_marked, Syncing::None);
            let name = &scratch.files(FOLDER)[0];
            let read = record::read(&scratch.read(&format!("{FOLDER}/{name}"))).map(|record| record.path);
            assert_eq!(read.as_deref(), is_left.then(|| Path::new(path.file_name().unwrap())));
        }
    }

    #[test]
    fn a_record_is_on_the_disk_before_anything_is_written() {
        let scratch = Scratch::new();
        let path = scratch.write("in/file", &sample().0);
        let place = single(&path);
        let mut journal = Journal::default();
        steps::take();
        for expected in [&["sync folder .dicomblank-journal", "sync folder in", "sync data"][..], &["sync data"]] {
            begin(&mut journal, located(&place, &path), Syncing::All);
            assert_eq!(steps::take(), expected);
            journal.end(true, Syncing::All);
            assert!(steps::take().is_empty());
        }
        begin(&mut journal, located(&place, &path), Syncing::All);
        steps::take();
        journal.end(false, Syncing::All);
        assert_eq!(steps::take(), ["sync data"]);
    }

    /// A link of the folder's name would have journals written elsewhere; one that leads nowhere was tried without end.
    #[test]
    fn a_folder_of_journals_is_a_folder() {
        let scratch = Scratch::new();
        let folder = scratch.path(FOLDER);
        let create = || Open::create(scratch.path(""), Syncing::None);
        fs::create_dir(scratch.path("elsewhere")).unwrap();
        for target in ["elsewhere", "nowhere"] {
            std::os::unix::fs::symlink(target, &folder).unwrap();
            assert_eq!(create().map(drop).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            fs::remove_file(&folder).unwrap();
        }
        fs::write(&folder, "a file").unwrap();
        assert_eq!(create().map(drop).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        fs::remove_file(&folder).unwrap();
        drop(create().unwrap());
        assert!(!folder.exists());
        assert!(scratch.files("elsewhere").is_empty());
    }

    /// Runs that begin and end at the same time: each has a journal of its own, and the last removes the folder.
    #[test]
    fn several_make_and_remove_journals_at_once() {
        let scratch = Scratch::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let open = Open::create(scratch.path(""), Syncing::None).unwrap();
                        assert!(unix::is_name_of(&open.path, &open.file).unwrap());
                    }
                });
            }
            scope.spawn(|| {
                for _ in 0..300 {
                    recovery::finish(&scratch.path(""), &Unfinished::default());
                }
            });
        });
        assert!(!scratch.exists(FOLDER));
    }
}
