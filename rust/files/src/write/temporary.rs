//! Files without a name, or under a temporary one, which go unless they come to their final one.
//!
//! A file without a name is the system's to remove, however a run ends. Where it can't be had, or a name is to be taken from another file,
//! there is a temporary one. Each of those is locked (`flock`) for as long as it is open. What a killed run leaves is not, and a later run removes it.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::LazyLock;

use crate::unix::{self, At, Folder, Renamed};

const PREFIX: &[u8] = b".dicomblank-";
const SUFFIX: &[u8] = b".part";
const DIGITS: usize = 16;

/// A new file, in the folder of its target so that it can be renamed to it. Only its owner can read it. One with a name stays locked
/// until it is dropped.
pub(crate) struct Temporary {
    file: File,
    /// Its temporary name, unless it has none, or has its final one by now.
    path: Option<PathBuf>,
    /// That of a file without a name.
    folder: Option<Rc<Folder>>,
}

impl Temporary {
    pub(crate) fn create(folder: &Path) -> io::Result<Self> {
        Self::create_as(folder, random_name)
    }

    /// The same under the first of some names that is free.
    fn create_as(folder: &Path, mut name: impl FnMut() -> String) -> io::Result<Self> {
        loop {
            let path = folder.join(name());
            let file = match unix::create_private(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            };
            // Between the two lines above and below, another run may have taken it for left over.
            let temporary = Self { file, path: Some(path), folder: None };
            if !temporary.is_lost()? {
                return Ok(temporary);
            }
        }
    }

    /// A file without a name, where the system has such: three system calls fewer than with one, and nothing to be left over.
    pub(crate) fn unnamed(folder: Rc<Folder>) -> io::Result<Self> {
        Ok(Self { file: unix::create_unnamed(&folder)?, path: None, folder: Some(folder) })
    }

    /// Locks it, and says whether another run has it, or had it and has removed it.
    fn is_lost(&self) -> io::Result<bool> {
        let Some(path) = &self.path else {
            return Ok(false);
        };
        match self.file.try_lock() {
            Ok(()) => Ok(!unix::is_name_of(path, &self.file)?),
            Err(TryLockError::WouldBlock) => Ok(true),
            // A file system without locks. Nobody else can lock it either, and what can't be locked is never removed.
            Err(TryLockError::Error(_)) => Ok(false),
        }
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Has what was written, and the permissions, on the disk when it returns. The name is the folder's: see [`unix::sync_folder`].
    pub(crate) fn sync(&self) -> io::Result<()> {
        unix::sync_file(&self.file)
    }

    pub(crate) const fn has_name(&self) -> bool {
        self.path.is_some()
    }

    /// Gives it its final name, unless something else has that.
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

    /// Gives it its final name, whatever had it. One without a name can't do that in one step.
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
    /// On every error and in a panic too.
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path); // there is nobody left to tell
        }
    }
}

/// The first half of the number in the name of each that this process makes: no other process knows it.
static OURS: LazyLock<u32> = LazyLock::new(random);

fn random_name() -> String {
    format!(".dicomblank-{:08x}{:08x}.part", *OURS, random())
}

fn random() -> u32 {
    // Every RandomState has keys of its own, from the system's randomness: enough for a name, without a crate for it.
    let [a, b, c, d, ..] = RandomState::new().hash_one(std::process::id()).to_ne_bytes();
    u32::from_ne_bytes([a, b, c, d])
}

/// Whether it is the name of one that this process has made: in use, or gone by now.
pub(crate) fn is_own(name: &OsStr) -> bool {
    is_temporary(name) && unix::bytes(name).starts_with(format!(".dicomblank-{:08x}", *OURS).as_bytes())
}

/// Removes every such file of `folder` that no run has in use.
///
/// A file that can't be looked at or removed is passed over: it does no harm, and those that are to be written matter more.
pub(crate) fn remove_left_overs(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_temporary(&entry.file_name()) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let _ = remove_left_over(&entry.path());
        }
    }
}

/// Removes the temporary file `path` if no run has it in use, and says whether it did.
pub(crate) fn remove_left_over(path: &Path) -> io::Result<bool> {
    // For writing, where possible: over NFS a lock is asked of the server, which gives it only so.
    let (file, _) = unix::open_to_edit(At::path(path))?;
    // Whoever made it may have renamed it since the folder was listed, and another file may have its name by now.
    if unix::Stat::of(&file)?.is_none() || file.try_lock().is_err() || !unix::is_name_of(path, &file)? {
        return Ok(false);
    }
    fs::remove_file(path)?;
    Ok(true)
}

/// Whether it is the name of such a file.
pub(crate) fn is_temporary(name: &OsStr) -> bool {
    let digits = unix::bytes(name).strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    digits.is_some_and(|digits| digits.len() == DIGITS && digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;

    #[test]
    fn names_are_known_again_and_others_are_not() {
        assert!(is_temporary(OsStr::new(&random_name())));
        assert_ne!(random_name(), random_name());
        assert!(is_own(OsStr::new(&random_name())));
        assert!(!is_own(OsStr::new(".dicomblank-0123456789abcdef.part")));
        for other in [
            ".dicomblank-0123456789abcde.part",
            ".dicomblank-0123456789abcdefg.part",
            ".dicomblank-0123456789abcdeg.part",
            ".dicomblank-0123456789abcdef.parts",
            ".dicomblank-0123456789abcdef",
            ".dicomblanks0123456789abcdef.part",
            "0123456789abcdef.part",
            "0123456789abcdef",
            "a.part",
            ".dicomblank-.part",
            "",
        ] {
            assert!(!is_temporary(OsStr::new(other)), "{other}");
        }
    }

    #[test]
    fn only_its_owner_can_read_it_and_it_goes_away() {
        use std::os::unix::fs::PermissionsExt;

        let scratch = Scratch::new();
        let folder = Rc::new(Folder::open(&scratch.path("")).unwrap());
        // Without a name it needs a system that has such.
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

    #[test]
    fn what_is_left_over_goes_and_nothing_else() {
        let scratch = Scratch::new();
        let live = Temporary::create(&scratch.path("")).unwrap();
        let [left, link, folder, longer] =
            ["0123456789abcdef", "0000000000000001", "0000000000000002", "00000000000000003"]
                .map(|digits| scratch.path(&format!(".dicomblank-{digits}.part")));
        let (file, other) = (scratch.path("file"), scratch.path("other"));
        for path in [&left, &longer, &file] {
            fs::write(path, "x").unwrap();
        }
        std::os::unix::fs::symlink(&file, &link).unwrap();
        fs::create_dir(&folder).unwrap();
        remove_left_overs(&scratch.path(""));
        let names = [live.path.as_ref().unwrap(), &link, &folder, &longer, &file]
            .map(|path| path.file_name().unwrap().to_str().unwrap());
        let mut names = names.map(str::to_owned).to_vec();
        names.sort();
        assert_eq!(scratch.names(), names);
        assert!(!remove_left_over(live.path.as_ref().unwrap()).unwrap());
        assert!(remove_left_over(&link).is_err());
        remove_left_overs(&scratch.path("missing"));
        assert!(matches!(live.rename(&other).unwrap(), Renamed::Done));
        assert!(other.exists());
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

    /// Where the system has none, there is nothing to hold.
    #[test]
    fn one_without_a_name_comes_to_the_folder_that_was_opened() {
        let scratch = Scratch::new();
        let (path, aside) = (scratch.path("folder"), scratch.path("aside"));
        fs::create_dir(&path).unwrap();
        let folder = Rc::new(Folder::open(&path).unwrap());
        let (Ok(one), Ok(two)) = (Temporary::unnamed(folder.clone()), Temporary::unnamed(folder)) else {
            return;
        };
        fs::rename(&path, &aside).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(matches!(one.rename(&path.join("file")).unwrap(), Renamed::Done));
        assert!(matches!(two.rename(&path.join("file")).unwrap(), Renamed::Exists));
        assert!(aside.join("file").exists() && !path.join("file").exists());
    }

    /// A worker goes on after one, and would leave a file for each.
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

    /// Runs that begin at the same time: none may lose a file to another one's tidying up.
    #[test]
    fn no_live_file_is_ever_removed() {
        use std::sync::atomic::{AtomicBool, Ordering};

        let scratch = Scratch::new();
        let is_done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(Ordering::Relaxed) {
                    remove_left_overs(&scratch.path(""));
                }
            });
            let target = |index| scratch.path(&format!("{index}"));
            let make = |index: &u32| Temporary::create(&scratch.path(""))?.rename(&target(*index));
            let named = (0..2000).filter(|index| matches!(make(index), Ok(Renamed::Done))).count();
            is_done.store(true, Ordering::Relaxed); // before anything can panic: the other thread would never end
            assert_eq!(named, 2000);
        });
        assert_eq!(scratch.names().len(), 2000);
    }
}
