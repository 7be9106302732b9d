//! One word for each kind of error and finding: for programs, and for what is written about them.

use std::io;
use std::path::Path;

use dicomblank_core::ErrorKind;

use super::FileError;
use crate::finding::Finding;

/// The words of this crate, beside those of the core, each with its meaning in a sentence.
const KINDS: [(&str, &str); 33] = [
    ("damaged", "The file is named like DICOM, but can't be read as DICOM."),
    ("empty", "The file is named like DICOM, but has no bytes."),
    ("archive", "An archive or a compressed file, which was not looked into."),
    ("companion", "What macOS keeps beside a file on a disk of another system."),
    ("not-found", "The file, or a folder on the way to it, is not there."),
    ("no-permission", "The system does not permit it."),
    ("no-space", "The disk is full, or a quota is spent."),
    ("read-only", "The file system can't be written to."),
    ("system", "Another error of the system."),
    ("exists", "The target exists already."),
    ("copied-already", "The copy exists already, whole and blanked."),
    ("leads-into-source", "The target lies in a source, to which a link leads."),
    ("locked", "Another program has locked the file."),
    ("hard-links", "The file has other names, under which it would change as well, or not change."),
    ("annexed", "The file is content of git-annex, which is named by the checksum of its bytes."),
    (
        "not-restored",
        "A new file would take the place of the deflated one, and can't have its owner, mode or attributes.",
    ),
    (
        "old-file-kept",
        "The deflated file was replaced, but the old one, where it is still open or linked, has its old bytes.",
    ),
    ("not-regular", "A pipe, a socket, a device or the like, which is not opened."),
    ("symbolic-link", "A symbolic link, which is not followed."),
    ("temporary", "A temporary file of dicomblank."),
    ("disputed", "pydicom reads the file in another way than the core does."),
    ("not-validated", "The validation came to no result."),
    ("interrupted", "The run was cancelled before anything was written of this file."),
    ("no-memory", "There is not enough memory to inflate the file."),
    ("bug", "An error of dicomblank itself, which was caught."),
    ("value-left", "A value that was to be blanked is not blank."),
    ("value-seen", "pydicom sees a value that was to be blanked."),
    ("longer-value", "pydicom takes a blanked value for longer, with bytes of other elements in it."),
    ("byte-changed", "A byte that was not to be blanked has changed."),
    ("other-size", "The file has another size than its original."),
    ("was-not-dicom", "The original is not a DICOM file."),
    ("missing", "There is no copy of the original."),
    ("extra", "There is no original of the copy."),
];

/// Every word that [`Finding::kind`] can be, with its meaning in a sentence.
pub fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    ErrorKind::words().chain(KINDS)
}

impl FileError {
    /// Its kind, a sentence about the file `about`, and the place.
    #[must_use]
    pub fn finding(&self, about: &Path) -> Finding {
        let finding = Finding::new(self.kind(), self.reason(about));
        match self {
            Self::Core(error) => {
                Finding { offset: Some(error.offset), tag_path: Some(format!("{:#}", error.tag_path)), ..finding }
            }
            _ => finding,
        }
    }

    /// One word of [`kinds`].
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Core(error) => error.kind.word(),
            Self::Damaged => "damaged",
            Self::Empty => "empty",
            Self::Archive(_) => "archive",
            Self::Companion => "companion",
            Self::Io { error, .. } => of_system(error),
            Self::Exists { .. } => "exists",
            Self::LeadsIntoSource { .. } => "leads-into-source",
            Self::Changed | Self::Touched => ErrorKind::SizeChanged { planned: 0, found: 0 }.word(),
            Self::Locked => "locked",
            Self::HardLinks { .. } => "hard-links",
            Self::Annexed => "annexed",
            Self::NotRestored { .. } => "not-restored",
            Self::OldFileKept(_) => "old-file-kept",
            Self::NotRegular(_) => "not-regular",
            Self::NamedLink { .. } | Self::Link { .. } => "symbolic-link",
            Self::Temporary { .. } => "temporary",
            Self::Invalid(_) => "disputed",
            Self::NotValidated(_) => "not-validated",
            Self::Interrupted => "interrupted",
            Self::NoMemory => "no-memory",
            Self::Panicked => "bug",
        }
    }
}

fn of_system(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "not-found",
        io::ErrorKind::PermissionDenied => "no-permission",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "no-space",
        io::ErrorKind::ReadOnlyFilesystem => "read-only",
        _ => "system",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use dicomblank_core::{Error, TagPath};

    use super::*;
    use crate::archive::Archive;

    #[test]
    fn every_error_has_a_word_of_the_list_and_no_word_is_listed_twice() {
        let words: Vec<_> = kinds().map(|(word, _)| word).collect();
        let listed: HashSet<_> = words.iter().copied().collect();
        assert_eq!(listed.len(), words.len());
        let is_word = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        assert!(kinds().all(|(word, meaning)| is_word(word) && meaning.ends_with('.')));
        let io = |kind: io::ErrorKind| FileError::io(Path::new("/a"), kind.into());
        let path = || "/a".into();
        for error in [
            FileError::Core(Error { kind: ErrorKind::NotDicom, offset: 0, tag_path: TagPath::default() }),
            FileError::Damaged,
            FileError::Empty,
            FileError::Archive(Archive::Zip),
            FileError::Companion,
            io(io::ErrorKind::NotFound),
            io(io::ErrorKind::PermissionDenied),
            io(io::ErrorKind::StorageFull),
            io(io::ErrorKind::ReadOnlyFilesystem),
            io(io::ErrorKind::Other),
            FileError::Exists { target: path(), reason: String::new() },
            FileError::LeadsIntoSource { target: path() },
            FileError::Changed,
            FileError::Locked,
            FileError::HardLinks { count: 2, is_deflated: false },
            FileError::Annexed,
            FileError::NotRestored { what: "mode", error: io::ErrorKind::Other.into() },
            FileError::OldFileKept(String::new()),
            FileError::NotRegular("a pipe"),
            FileError::NamedLink { target: path() },
            FileError::Link { target: path() },
            FileError::Temporary { is_removed: true },
            FileError::Invalid(String::new()),
            FileError::NotValidated(String::new()),
            FileError::Interrupted,
            FileError::NoMemory,
            FileError::Panicked,
        ] {
            assert!(listed.contains(error.finding(Path::new("/a")).kind), "{error:?}");
        }
    }

    #[test]
    fn a_finding_has_the_place_that_the_core_names() {
        let error = Error { kind: ErrorKind::Truncated, offset: 500, tag_path: TagPath::default() };
        let found = FileError::Core(error).finding(Path::new("/a"));
        assert_eq!((found.kind, found.offset, found.tag_path.as_deref()), ("truncated", Some(500), Some("")));
        assert_eq!(FileError::Empty.finding(Path::new("/a")).offset, None);
    }
}
