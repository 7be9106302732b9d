//! The names of temporary files, and the removal of those that a killed run left.

use std::ffi::OsStr;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::Path;
use std::sync::LazyLock;

use crate::unix::{self, At};

/// Before the digits of a temporary name.
const PREFIX: &[u8] = b".dicomblank-";
/// Behind them.
const SUFFIX: &[u8] = b".part";
/// How many hexadecimal digits there are.
const DIGITS: usize = 16;

/// The first half of the number in each name that this process makes. It is random: another process hardly has the
/// same.
static OURS: LazyLock<u32> = LazyLock::new(random);

/// A name for a temporary file of this process.
pub(super) fn random_name() -> String {
    format!(".dicomblank-{:08x}{:08x}.part", *OURS, random())
}

fn random() -> u32 {
    // Each RandomState has keys of its own, from the system: random enough for a name. Rejected: a crate for it.
    let [a, b, c, d, ..] = RandomState::new().hash_one(std::process::id()).to_ne_bytes();
    u32::from_ne_bytes([a, b, c, d])
}

/// Whether `name` is a temporary name that this process has made. The file is in use, or gone.
pub(crate) fn is_own(name: &OsStr) -> bool {
    is_temporary(name) && unix::bytes(name).starts_with(format!(".dicomblank-{:08x}", *OURS).as_bytes())
}

/// Removes every temporary file in `folder` that no run has in use.
///
/// Errors are ignored: a file that stays does no harm, and those that are to be written matter more.
pub(crate) fn remove_left_overs(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_temporary(&entry.file_name()) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let _ = remove_left_over(&entry.path());
        }
    }
}

/// Removes the temporary file `path` if no run has it in use. Says whether it did.
pub(crate) fn remove_left_over(path: &Path) -> io::Result<bool> {
    // Opened for writing if possible: over NFS only such a file can be locked.
    let (file, _) = unix::open_to_edit(At::path(path))?;
    // Since the folder was listed, the file may have got its final name, and another file this one.
    if unix::Stat::of(&file)?.is_none() || file.try_lock().is_err() || !unix::is_name_of(path, &file)? {
        return Ok(false);
    }
    fs::remove_file(path)?;
    Ok(true)
}

/// Whether `name` is a temporary name of dicomblank.
pub(crate) fn is_temporary(name: &OsStr) -> bool {
    let digits = unix::bytes(name).strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f'); // no capitals: such a name is somebody else's
    digits.is_some_and(|digits| digits.len() == DIGITS && digits.iter().all(is_digit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;
    use crate::unix::Renamed;
    use crate::write::temporary::Temporary;

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
            ".dicomblank-0123456789ABCDEF.part",
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
    fn what_is_left_over_goes_and_nothing_else() {
        let scratch = Scratch::new();
        let live = Temporary::create(&scratch.path("")).unwrap();
        let live_path = scratch.path(&scratch.names()[0]);
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
        let names =
            [&live_path, &link, &folder, &longer, &file].map(|path| path.file_name().unwrap().to_str().unwrap());
        let mut names = names.map(str::to_owned).to_vec();
        names.sort();
        assert_eq!(scratch.names(), names);
        assert!(!remove_left_over(&live_path).unwrap());
        assert!(remove_left_over(&link).is_err());
        remove_left_overs(&scratch.path("missing"));
        assert!(matches!(live.rename(&other).unwrap(), Renamed::Done));
        assert!(other.exists());
    }

    /// Runs that begin at the same time: none loses a file to another one that removes what was left over.
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
