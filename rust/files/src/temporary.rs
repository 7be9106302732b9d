//! Files under a temporary name, which are removed unless they come to their final one.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

use crate::unix::{self, Renamed};

const PREFIX: &[u8] = b".dicomblank-";
const SUFFIX: &[u8] = b".part";
const DIGITS: usize = 16;

/// A new file, in the folder of its target so that it can be renamed to it. Only its owner can read it.
pub(crate) struct Temporary {
    file: File,
    path: PathBuf,
    is_kept: bool,
}

impl Temporary {
    pub(crate) fn create(folder: &Path) -> io::Result<Self> {
        loop {
            let path = folder.join(random_name());
            match unix::create_private(&path) {
                Ok(file) => return Ok(Self { file, path, is_kept: false }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Gives it its final name, unless something else has that.
    pub(crate) fn rename(mut self, target: &Path) -> io::Result<Renamed> {
        let renamed = unix::rename_new(&self.path, target)?;
        self.is_kept = matches!(renamed, Renamed::Done);
        Ok(renamed)
    }

    /// Gives it its final name, whatever had it.
    pub(crate) fn replace(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for Temporary {
    /// On every error and in a panic too.
    fn drop(&mut self) {
        if !self.is_kept {
            let _ = fs::remove_file(&self.path); // there is nobody left to tell
        }
    }
}

fn random_name() -> String {
    // Every RandomState has keys of its own, from the system's randomness: enough for a name, without a crate for it.
    let number = RandomState::new().hash_one(std::process::id());
    format!(".dicomblank-{number:016x}.part")
}

/// Whether it is the name of such a file.
pub(crate) fn is_temporary(name: &OsStr) -> bool {
    let digits = unix::bytes(name).strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    digits.is_some_and(|digits| digits.len() == DIGITS && digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_again_and_others_are_not() {
        assert!(is_temporary(OsStr::new(&random_name())));
        assert_ne!(random_name(), random_name());
        for other in
            [".dicomblank-0123456789abcde.part", ".dicomblank-0123456789abcdefg.part", "a.part", ".dicomblank-.part"]
        {
            assert!(!is_temporary(OsStr::new(other)), "{other}");
        }
    }

    #[test]
    fn only_its_owner_can_read_it_and_it_goes_away() {
        use std::os::unix::fs::PermissionsExt;

        let temporary = Temporary::create(&std::env::temp_dir()).unwrap();
        let path = temporary.path.clone();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        drop(temporary);
        assert!(!path.exists());
    }
}
