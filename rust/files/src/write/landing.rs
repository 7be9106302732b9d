//! Copies of objects on a disk: somebody else brings their bytes, and here they get their name when they are whole, as
//! copies of files do.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use dicomblank_core::Rules;

use super::existing::{EXISTS, ExistingCopies, Wanted, exists};
use super::journal::is_journal;
use super::left_over::is_temporary;
use super::new_files::{NewFiles, Put};
use super::output::Output;
use crate::error::{FileError, ObjectFault};
use crate::order::choices::Existing;
use crate::order::place::Place;
use crate::read::keyed::Keying;
use crate::read::opened::Opened;
use crate::report::outcome::Fate;
use crate::unix::{self, Mode};
use crate::watch::Watch;

/// So many folders are known to be tidied: as many as there are objects in flight, and more.
const TIDIED: usize = 1024;

/// The folder that copies of objects go to.
pub(crate) struct Landing {
    output: Output,
    tidied: Mutex<VecDeque<PathBuf>>,
}

/// A copy that is to be written.
pub(crate) struct Copy<'a> {
    pub(crate) place: &'a Place,
    pub(crate) wanted: Wanted,
    /// Its bytes, where they are no edited ones of the source.
    pub(crate) result: Option<&'a [u8]>,
    /// The mode of the source, where that is a file.
    pub(crate) mode: Option<Mode>,
    /// What is told of it once it is written.
    pub(crate) fate: Fate,
}

impl Landing {
    pub(crate) fn new(output: Output) -> Self {
        Self { output, tidied: Mutex::default() }
    }

    /// Writes a copy. `fill` writes all its bytes to a new file, and is called again if the system needs another one.
    pub(crate) fn land(
        &self,
        copy: Copy<'_>,
        new_files: &mut NewFiles,
        rules: (&Rules, &Keying),
        watch: Watch,
        fill: impl FnMut(&File, &Path) -> Result<(), FileError>,
    ) -> Result<Fate, FileError> {
        let Copy { place, wanted, result, mode, fate } = copy;
        check_key(place)?;
        let target = self.output.target_of(place);
        let mut existing = ExistingCopies::new(&self.output, watch);
        let is_done = |existing: &mut ExistingCopies<'_>| match result {
            Some(result) => existing.is_result(wanted.size(), &target, |there| is_all_of(there, result)),
            None => existing.is_done(wanted, &target, rules),
        };
        if is_done(&mut existing)? {
            existing.sync(&mut new_files.folders, &target)?;
            return Ok(Fate::copied_already());
        }
        // Those of a program that others read, too, unless the umask says otherwise.
        let mode = mode.unwrap_or(Mode::from_raw_mode(0o666)) & !self.output.umask;
        match self.write(mode, new_files, &target, fill)? {
            Put::Done => Ok(fate.copied(target)),
            // Another run may have made the copy meanwhile.
            Put::Exists if self.output.existing == Existing::Skip && is_done(&mut existing)? => {
                existing.sync(&mut new_files.folders, &target)?;
                Ok(Fate::copied_already())
            }
            Put::Exists => Err(exists(&target, EXISTS)),
        }
    }

    fn write(
        &self,
        mode: Mode,
        new_files: &mut NewFiles,
        target: &Path,
        mut fill: impl FnMut(&File, &Path) -> Result<(), FileError>,
    ) -> Result<Put, FileError> {
        let sync = self.output.sync;
        let folder = new_files.folders.make(&self.output, target)?;
        self.tidy(unix::folder_of(target));
        loop {
            let new = new_files.create(&self.output, folder.clone(), target);
            let new = new.map_err(|error| FileError::io(target, error))?;
            fill(new.file(), target)?;
            if let Some(put) = NewFiles::put(&self.output, new, (mode, sync), target)? {
                return Ok(put);
            }
            new_files.lack_unnamed();
        }
    }

    /// Removes what killed runs have left in a folder, once.
    fn tidy(&self, folder: &Path) {
        {
            let mut tidied = self.tidied.lock().unwrap_or_else(PoisonError::into_inner);
            if tidied.iter().any(|known| known == folder) {
                return;
            }
            tidied.truncate(TIDIED - 1);
            tidied.push_front(folder.to_owned());
        }
        self.output.tidy(folder);
    }
}

/// Whether a file has these bytes, and no others.
fn is_all_of(there: &Opened<'_>, bytes: &[u8]) -> Result<bool, FileError> {
    if there.stat.size != bytes.len() as u64 {
        return Ok(false);
    }
    let mut found = vec![0; bytes.len()];
    there.read_exactly(0, &mut found)?;
    Ok(found == bytes)
}

/// Checks that a key is the path of a file below a folder, and of no file that is dicomblank's own.
///
/// Two keys could have one path otherwise ("a//b" and "a/b"), or a path that leads elsewhere; and what has the name of a
/// journal would be believed by the next run over the folder.
fn check_key(place: &Place) -> Result<(), FileError> {
    let refuse = |reason: &str| Err(FileError::Object(ObjectFault::Key, reason.to_owned()));
    let relative = place.relative();
    let mut parts = unix::bytes(relative.as_os_str()).split(|byte| *byte == b'/').peekable();
    while let Some(part) = parts.next() {
        if matches!(part, b"" | b"." | b"..") || part.contains(&0) {
            return refuse("its key is no path below a folder: rename it");
        }
        let is_last = parts.peek().is_none();
        if is_journal(unix::name(part)) || (is_last && is_temporary(unix::name(part))) {
            return refuse("its key has a name that dicomblank gives to what it has not finished: rename it");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;
    use crate::order::inputs::Kind;
    use crate::testing::{input, place};

    #[test]
    fn a_key_is_a_path_below_the_output_or_is_refused() {
        let source = input(Path::new("s3://bucket/in"), Kind::Folder);
        let is_taken = |key: &str| check_key(&place(&source, "", key)).is_ok();
        let temporary = ".dicomblank-0123456789abcdef.part";
        for key in ["x", "a/b/c.dcm", "...", "a b", "ü", ".hidden", &format!("{temporary}/x"), "a\\b"] {
            assert!(is_taken(key), "{key}");
        }
        for key in ["", "/x", "a//b", "a/", "./a", "a/./b", "..", "a/../b", "../x", "a\0b", temporary] {
            assert!(!is_taken(key), "{key}");
        }
        assert!(!is_taken(&format!("a/{temporary}")));
        assert!(!is_taken(".dicomblank-journal/x") && is_journal(OsStr::new(".dicomblank-journal")));
    }
}
