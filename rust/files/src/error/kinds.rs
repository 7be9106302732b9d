//! One word for each kind of error and finding: for programs, and for what is written about them.

use std::io;
use std::path::Path;

use dicomblank_core::ErrorKind;

use super::FileError;
use crate::finding::Finding;

/// The words of this crate, beside those of the core, each with its meaning in a sentence.
const KINDS: [(&str, &str); 42] = [
    ("damaged", "The file is named like DICOM, but can't be read as DICOM."),
    ("empty", "The file is named like DICOM, but has no bytes."),
    ("archive", "An archive or a compressed file, which is not looked into."),
    ("companion", "A file \"._name\", which macOS writes beside \"name\" on other systems' disks. It is not DICOM."),
    ("not-found", "The file, or a folder on the way to it, is not there."),
    ("no-permission", "The system does not permit it."),
    ("no-space", "The disk is full, or a quota is spent."),
    ("read-only", "The file system can't be written to."),
    ("system", "Another error of the system, which the sentence names."),
    ("exists", "Something has the name of the target already, and stays as it is."),
    ("copied-already", "The copy is there already, whole and blanked."),
    ("leads-into-source", "The target leads into a source, through a link."),
    ("locked", "Another program has locked the file, and did not let go of it in a minute."),
    (
        "hard-links",
        "The file has other names (hard links): it would change under all of them or, if a new file takes its place, under one only.",
    ),
    ("annexed", "The file is content of git-annex, which names it by the checksum of its bytes."),
    (
        "no-room-for-mark",
        "Values are to be replaced in the file where it stands, and it has no room for the mark that says so: no preamble, or one with something in it.",
    ),
    ("leftovers", "A value that is blanked or replaced stands elsewhere in the file, or in its path, as well."),
    ("journal", "The journal, by which a file that is half done could be finished, can't be written."),
    (
        "not-restored",
        "The file is replaced by a new one, since it is deflated or its length changes, and that can't have its owner, mode or attributes.",
    ),
    (
        "old-file-kept",
        "The file was replaced by a new one, but the bytes of the old one, values to blank among them, are still there.",
    ),
    ("not-regular", "Not a regular file, such as a pipe, a socket or a device: it is not opened."),
    ("symbolic-link", "A symbolic link, which is not followed."),
    ("outside-folder", "A name of a list leads elsewhere than into the folder to which the list is relative."),
    ("broken-list", "The list of files can't be read to its end."),
    ("excluded", "It is passed over, as was asked."),
    ("temporary", "A temporary file of dicomblank."),
    ("store", "The object store failed, each time that it was tried. The sentence has its code."),
    ("not-kept", "The object would lose what it has beside its bytes: tags, metadata, its class or a lock."),
    ("too-large", "The object is too large to be written to this store, or inflated."),
    ("key", "The key of the object has an empty part, or one of dots alone, which no path can have."),
    ("disputed", "pydicom reads the file in another way than dicomblank does."),
    ("not-validated", "pydicom came to no result about the file."),
    ("interrupted", "The run was stopped before anything was written of this file."),
    ("no-memory", "There is not enough memory to inflate the file."),
    ("bug", "A bug in dicomblank, which was caught."),
    ("value-left", "A value that was to be blanked is not blank."),
    ("value-seen", "pydicom sees a value that was to be blanked."),
    ("longer-value", "pydicom takes a blanked value for longer, with bytes of other elements in it."),
    ("other-value", "A value that was replaced is not what the key makes of the original."),
    ("byte-changed", "A byte that was not to be blanked differs from the original."),
    ("other-size", "The file has another size than its original."),
    ("was-not-dicom", "The original is not a DICOM file, and what became of it is one."),
];

/// Every word that [`Finding::kind`] can be, with its meaning in a sentence. Of a file that can't be read, the system's error is told.
pub fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    ErrorKind::words().filter(|(word, _)| *word != ErrorKind::Unreadable.word()).chain(KINDS)
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
            Self::Core(error) if error.kind == ErrorKind::Unreadable => "system",
            Self::Core(error) => error.kind.word(),
            Self::Damaged => "damaged",
            Self::Empty => "empty",
            Self::NoRoomForMark => "no-room-for-mark",
            Self::Journal { .. } => "journal",
            Self::Leftovers(_) => "leftovers",
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
            Self::NamedLink { .. } | Self::Link { .. } | Self::LinkOnTheWay { .. } => "symbolic-link",
            Self::OutsideFolder { .. } | Self::ParentInName => "outside-folder",
            Self::BrokenList(_) => "broken-list",
            Self::Excluded => "excluded",
            Self::Temporary { .. } => "temporary",
            Self::Object(fault, _) => fault.word(),
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
    use std::path::PathBuf;

    use dicomblank_core::{Error, TagPath};

    use super::*;
    use crate::archive::Archive;
    use crate::error::{FileErrorClass, FileErrorClass as Class, ObjectFault};

    #[test]
    fn no_word_is_listed_twice() {
        let words: Vec<_> = kinds().map(|(word, _)| word).collect();
        assert_eq!(words.iter().copied().collect::<HashSet<_>>().len(), words.len());
        let meanings: HashSet<_> = kinds().map(|(_, meaning)| meaning).collect();
        assert_eq!(meanings.len(), words.len());
        let is_word = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        assert!(kinds().all(|(word, meaning)| is_word(word) && meaning.ends_with('.')));
    }

    /// An error, what it is raised as, its word, and its sentence about the file "/a".
    type Told = (FileError, FileErrorClass, &'static str, &'static str);

    fn assert_told<const ROWS: usize>(rows: [Told; ROWS]) {
        for (error, class, kind, sentence) in rows {
            let found = error.finding(Path::new("/a"));
            assert_eq!((error.class(), found.kind, found.message.as_str()), (class, kind, sentence));
            assert!(kinds().any(|(word, _)| word == kind), "{kind}");
        }
    }

    #[test]
    fn what_is_told_of_the_errors_of_the_core() {
        let core = |kind| FileError::Core(Error { kind, offset: 16, tag_path: TagPath::default() });
        assert_told([
            (core(ErrorKind::NotDicom), Class::NotDicom, "not-dicom", "not a DICOM file at 0x10"),
            (
                core(ErrorKind::Truncated),
                Class::Truncated,
                "truncated",
                "the file is cut short, or a length in it is wrong at 0x10",
            ),
            (
                core(ErrorKind::DeflatedCutShort),
                Class::Truncated,
                "deflated-cut-short",
                "the file is cut short: the deflated data set has no end at 0x10",
            ),
            (core(ErrorKind::TooDeep { limit: 9 }), Class::Limit, "too-deep", "sequences nested deeper than 9 at 0x10"),
            (
                core(ErrorKind::Overrun),
                Class::Parse,
                "overrun",
                "runs past the end of the item or sequence around it at 0x10",
            ),
            (
                core(ErrorKind::Jpip),
                Class::Unsupported,
                "jpip",
                "JPIP with deflate is not supported: convert the file to another transfer syntax at 0x10",
            ),
            (
                core(ErrorKind::SizeChanged { planned: 1, found: 2 }),
                Class::Changed,
                "changed",
                "changed since it was planned: 1 bytes then, 2 now at 0x10",
            ),
            (core(ErrorKind::Unreadable), Class::System, "system", "can't be read at 0x10"),
        ]);
    }

    #[test]
    fn what_is_told_of_the_errors_of_the_system() {
        let io = |kind: io::ErrorKind| FileError::io(Path::new("/a"), kind.into());
        assert_told([
            (io(io::ErrorKind::NotFound), Class::System, "not-found", "entity not found"),
            (io(io::ErrorKind::PermissionDenied), Class::System, "no-permission", "permission denied"),
            (io(io::ErrorKind::StorageFull), Class::System, "no-space", "no storage space"),
            (io(io::ErrorKind::QuotaExceeded), Class::System, "no-space", "quota exceeded"),
            (
                io(io::ErrorKind::ReadOnlyFilesystem),
                Class::System,
                "read-only",
                "read-only filesystem or storage medium",
            ),
            (io(io::ErrorKind::Other), Class::System, "system", "other error"),
            (
                FileError::io(&PathBuf::from("/b"), io::ErrorKind::NotFound.into()),
                Class::System,
                "not-found",
                "/b: entity not found",
            ),
        ]);
    }

    #[test]
    fn what_is_told_of_our_own_errors() {
        let other = || "/b\u{7}".into();
        assert_told([
            (FileError::Damaged, Class::Parse, "damaged", "damaged: named like DICOM, but can't be read as DICOM"),
            (FileError::Empty, Class::Parse, "empty", "empty: named like DICOM, but has no bytes"),
            (FileError::Archive(Archive::Zip), Class::NotDicom, "archive", "an archive (zip): not looked into"),
            (FileError::Companion, Class::NotDicom, "companion", "not a DICOM file, but what macOS keeps beside one"),
            (
                FileError::Exists { target: other(), reason: "exists".into() },
                Class::Exists,
                "exists",
                "/b\\u{7} exists",
            ),
            (
                FileError::LeadsIntoSource { target: other() },
                Class::Exists,
                "leads-into-source",
                "/b\\u{7} leads into a source, through a link",
            ),
            (FileError::Changed, Class::Changed, "changed", "changed while being read"),
            (FileError::Touched, Class::Changed, "changed", "changed while being read"),
            (FileError::Locked, Class::Other, "locked", "another program has locked it"),
            (
                FileError::HardLinks { count: 2, is_replaced: false },
                Class::Unsupported,
                "hard-links",
                "has 2 names (hard links), and the file would change under all of them: copy it, or allow hard links to be written",
            ),
            (
                FileError::HardLinks { count: 2, is_replaced: true },
                Class::Unsupported,
                "hard-links",
                "has 2 names (hard links), and a new file would take its place under one of them only: copy it, or remove the others",
            ),
            (
                FileError::Annexed,
                Class::Unsupported,
                "annexed",
                "is content of git-annex, under the checksum of its bytes: copy it, or run git annex unlock on the file and name that",
            ),
            (
                FileError::NotRestored { what: "mode", error: io::ErrorKind::Other.into() },
                Class::Unsupported,
                "not-restored",
                "a new file takes its place, and can't have its mode: other error",
            ),
            (FileError::OldFileKept("kept".into()), Class::Unsupported, "old-file-kept", "kept"),
            (FileError::NotRegular("a pipe"), Class::Unsupported, "not-regular", "a pipe: not opened"),
            (
                FileError::NamedLink { target: other() },
                Class::Unsupported,
                "symbolic-link",
                "a symbolic link to /b\\u{7}: name that in its place",
            ),
            (
                FileError::Link { target: other() },
                Class::Unsupported,
                "symbolic-link",
                "a symbolic link to /b\\u{7}: not followed",
            ),
            (
                FileError::Temporary { is_removed: false },
                Class::Unsupported,
                "temporary",
                "a temporary file of dicomblank",
            ),
            (
                FileError::Temporary { is_removed: true },
                Class::Unsupported,
                "temporary",
                "a left-over temporary file of dicomblank: removed",
            ),
            (FileError::Object(ObjectFault::Store, "503".into()), Class::System, "store", "503"),
            (FileError::Object(ObjectFault::NoPermission, "no".into()), Class::System, "no-permission", "no"),
            (FileError::Object(ObjectFault::NotKept, "tags".into()), Class::Unsupported, "not-kept", "tags"),
            (FileError::Object(ObjectFault::Key, "a//b".into()), Class::Unsupported, "key", "a//b"),
            (FileError::Invalid("no".into()), Class::Validation, "disputed", "no"),
            (FileError::NotValidated("broke".into()), Class::Other, "not-validated", "broke"),
            (FileError::Interrupted, Class::Other, "interrupted", "interrupted: nothing was written"),
            (FileError::NoMemory, Class::NoMemory, "no-memory", "not enough memory to inflate it"),
            (FileError::Panicked, Class::Bug, "bug", "a bug in dicomblank: please report it"),
        ]);
    }

    #[test]
    fn what_is_told_of_lists() {
        let other = || "/b\u{7}".into();
        assert_told([
            (
                FileError::LinkOnTheWay { folder: "/c".into(), target: other() },
                Class::Unsupported,
                "symbolic-link",
                "/c leads through a link, to /b\\u{7}: name it by that path",
            ),
            (
                FileError::OutsideFolder { folder: other() },
                Class::Unsupported,
                "outside-folder",
                "lies outside of /b\\u{7}, to which the list is relative",
            ),
            (
                FileError::ParentInName,
                Class::Unsupported,
                "outside-folder",
                "a name with \"..\" in it: write the path without",
            ),
            (FileError::BrokenList("no"), Class::Other, "broken-list", "the list was not read to its end: no"),
            (FileError::Excluded, Class::Unsupported, "excluded", "excluded"),
        ]);
    }

    #[test]
    fn a_finding_has_the_place_that_the_core_names() {
        let error = Error { kind: ErrorKind::Truncated, offset: 500, tag_path: TagPath::default() };
        let found = FileError::Core(error).finding(Path::new("/a"));
        assert_eq!((found.kind, found.offset, found.tag_path.as_deref()), ("truncated", Some(500), Some("")));
        assert_eq!(FileError::Empty.finding(Path::new("/a")).offset, None);
    }
}
