//! New files until they have their final name: without a name, or under a temporary one. They are removed if they get
//! no final name.
//!
//! A file without a name is removed by the system, however a run ends. A temporary name is used if the system has no
//! such files, if the final name is to be taken from another file, and for deflated files. A file with a temporary name
//! is locked (`flock`) while it is open. One that a killed run left is not locked, and a later run removes it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::left_over::random_name;
use crate::unix::{self, At, Folder, Renamed};

/// A new file, in the folder of its target, so that it can be renamed to it. Only its owner can read it at first. With
/// a temporary name, it stays locked until it is dropped.
pub(crate) struct Temporary {
    file: File,
    /// Its temporary path. `None` if it has no name, or has its final one.
    path: Option<PathBuf>,
    /// The folder of a file without a name.
    folder: Option<Arc<Folder>>,
}

impl Temporary {
    /// Creates a file with a temporary name in `folder`.
    pub(crate) fn create(folder: &Path) -> io::Result<Self> {
        Self::create_as(folder, random_name)
    }

    /// The same, under the first of some names that is free.
    fn create_as(folder: &Path, mut name: impl FnMut() -> String) -> io::Result<Self> {
        loop {
            let path = folder.join(name());
            let file = match unix::create_private(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            };
            // Before it is locked, another run may take it for left over.
            let temporary = Self { file, path: Some(path), folder: None };
            if !temporary.is_lost()? {
                return Ok(temporary);
            }
        }
    }

    /// Creates a file without a name, if the system has such files: three system calls fewer than with a name, and
    /// nothing can be left over.
    pub(crate) fn unnamed(folder: Arc<Folder>) -> io::Result<Self> {
        Ok(Self { file: unix::create_unnamed(&folder)?, path: None, folder: Some(folder) })
    }

    /// Locks it. Says whether another run has locked it, or has removed it.
    fn is_lost(&self) -> io::Result<bool> {
        let Some(path) = &self.path else {
            return Ok(false);
        };
        match self.file.try_lock() {
            Ok(()) => Ok(!unix::is_name_of(path, &self.file)?),
            Err(TryLockError::WouldBlock) => Ok(true),
            // The file system has no locks. No other run can lock it either, and what can't be locked is never removed.
            Err(TryLockError::Error(_)) => Ok(false),
        }
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Flushes what was written, and the permissions. The name is flushed with the folder: see [`unix::sync_folder`].
    pub(crate) fn sync(&self) -> io::Result<()> {
        unix::sync_file(&self.file)
    }

    pub(crate) const fn has_name(&self) -> bool {
        self.path.is_some()
    }

    /// Gives it its final name, unless another file has that.
    pub(crate) fn rename(mut self, target: &Path) -> io::Result<Renamed> {
        let Some(path) = &self.path else {
            let name = target.file_name().unwrap_or_default();
            return unix::name_unnamed(
                &self.file,
                self.folder.as_ref().map_or(At::path(target), |folder| folder.at(name)),
            );
        };
        let renamed = unix::rename_new(path, target)?;
        if matches!(renamed, Renamed::Done) {
            self.path = None;
        }
        Ok(renamed)
    }

    /// Gives it its final name, in the place of the file that has it, if one has. A file without a name can't do that
    /// in one step.
    pub(crate) fn replace(mut self, target: &Path) -> io::Result<()> {
        #[cfg(test)]
        unix::steps::note("rename");
        let path = self.path.as_ref().ok_or_else(unix::already_exists)?;
        fs::rename(path, target)?;
        self.path = None;
        Ok(())
    }
}

impl Drop for Temporary {
    /// Also on every error and on a panic.
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path); // nobody is left who could be told
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;

    #[test]
    fn only_its_owner_can_read_it_and_it_goes_away() {
        use std::os::unix::fs::PermissionsExt;

        let scratch = Scratch::new();
        let folder = Arc::new(Folder::open(&scratch.path("")).unwrap());
        // A file without a name needs a system that has such files.
        for temporary in [Temporary::create(&scratch.path("")), Temporary::unnamed(folder)].into_iter().flatten() {
            assert_eq!(temporary.file().metadata().unwrap().permissions().mode() & 0o7777, 0o600);
            assert_eq!(scratch.names().len(), usize::from(temporary.has_name()));
            drop(temporary);
            assert!(scratch.names().is_empty());
        }
    }

    #[test]
    fn a_name_that_is_taken_is_not_used_and_other_errors_are_told() {
        let scratch = Scratch::new();
        fs::write(scratch.path("taken"), "x").unwrap();
        let mut names = ["taken", "free", "last"].map(str::to_owned).into_iter();
        let temporary = Temporary::create_as(&scratch.path(""), || names.next().unwrap()).unwrap();
        assert_eq!(temporary.path, Some(scratch.path("free")));
        let in_no_folder = Temporary::create_as(&scratch.path("missing"), || names.next().unwrap());
        assert_eq!(in_no_folder.err().unwrap().kind(), io::ErrorKind::NotFound);
    }

    /// The moment between creating and locking: another run has the lock, or has removed the file already.
    #[test]
    fn a_file_that_another_run_took_is_given_up() {
        let scratch = Scratch::new();
        let path = scratch.path(&random_name());
        let temporary =
            Temporary { file: unix::create_private(&path).unwrap(), path: Some(path.clone()), folder: None };
        let other = unix::open_to_edit(At::path(&path)).unwrap().0;
        other.try_lock().unwrap();
        assert!(temporary.is_lost().unwrap());
        drop(other);
        assert!(!temporary.is_lost().unwrap());
        fs::remove_file(&path).unwrap();
        assert!(temporary.is_lost().unwrap());
        fs::write(&path, "another file of that name").unwrap();
        assert!(temporary.is_lost().unwrap());
    }

    /// Without such files in the system, there is nothing to test.
    #[test]
    fn one_without_a_name_comes_to_the_folder_that_was_opened() {
        let scratch = Scratch::new();
        let (path, aside) = (scratch.path("folder"), scratch.path("aside"));
        fs::create_dir(&path).unwrap();
        let folder = Arc::new(Folder::open(&path).unwrap());
        let (Ok(one), Ok(two)) = (Temporary::unnamed(folder.clone()), Temporary::unnamed(folder)) else {
            return;
        };
        fs::rename(&path, &aside).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(matches!(one.rename(&path.join("file")).unwrap(), Renamed::Done));
        assert!(matches!(two.rename(&path.join("file")).unwrap(), Renamed::Exists));
        assert!(aside.join("file").exists() && !path.join("file").exists());
    }

    /// A worker goes on after a panic, and would leave a file for each.
    #[test]
    fn it_is_removed_in_a_panic() {
        let scratch = Scratch::new();
        let panicked = std::panic::catch_unwind(|| {
            let _temporary = Temporary::create(&scratch.path("")).unwrap();
            assert_eq!(scratch.names().len(), 1);
            panic!("on purpose");
        });
        assert!(panicked.is_err());
        assert!(scratch.names().is_empty());
    }
}
