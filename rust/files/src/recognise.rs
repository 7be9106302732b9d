//! What is no DICOM file, and what is a damaged one.
//!
//! The core goes by content alone, and what it can read is DICOM, whatever is said here. Of what it can't read, the first bytes tell
//! an archive and macOS's companions, which are no DICOM whatever they are called: "DICM" may well stand in them. Of the rest the name
//! counts too, since a file that is called .dcm and is not DICOM was DICOM once, or is hidden from us, and passing over it could leave a
//! name.

use std::path::Path;

use dicomblank_core::{Error, ErrorClass, ErrorKind, Source, Span};

use crate::error::FileError;
use crate::unix;

/// Ends of names that promise DICOM, in lower case.
const SUFFIXES: [&[u8]; 4] = [b".dcm", b".dicom", b".ima", b".dcm.gz"];
/// The name of a media directory, which has no suffix (PS3.10 §8.2).
const DIRECTORY_FILE: &[u8] = b"DICOMDIR";
/// How `AppleDouble` begins (RFC 1740): what macOS keeps of a file `name` in `._name`, on a disk that has no room for it.
const APPLE_DOUBLE: &[u8] = b"\x00\x05\x16\x07";
/// Offset behind preamble and prefix (PS3.10 §7.1).
const BEHIND_PREFIX: u64 = 132;

/// A format in which scans are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// RFC 1952.
    Gzip,
    /// PKZIP's.
    Zip,
    /// bzip2's.
    Bzip2,
    /// RFC 8878.
    Zstd,
    /// The xz file format.
    Xz,
    /// 7-Zip's.
    SevenZip,
    /// `WinRAR`'s.
    Rar,
    /// POSIX's ustar, and GNU's.
    Tar,
}

/// How each begins, or what stands at an offset of it.
const ARCHIVES: [(Archive, usize, &[u8]); 12] = [
    (Archive::Gzip, 0, b"\x1F\x8B\x08"), // with deflate, which is all there is
    (Archive::Zip, 0, b"PK\x03\x04"),
    (Archive::Zip, 0, b"PK\x05\x06"), // with nothing in it
    (Archive::Zip, 0, b"PK\x07\x08"), // in several parts
    // Behind "BZh" and a digit.
    (Archive::Bzip2, 4, b"\x31\x41\x59\x26\x53\x59"),
    (Archive::Bzip2, 4, b"\x17\x72\x45\x38\x50\x90"), // with nothing in it
    (Archive::Zstd, 0, b"\x28\xB5\x2F\xFD"),
    (Archive::Xz, 0, b"\xFD7zXZ\0"),
    (Archive::SevenZip, 0, b"7z\xBC\xAF\x27\x1C"),
    (Archive::Rar, 0, b"Rar!\x1A\x07"),
    (Archive::Tar, 257, b"ustar\0"),
    (Archive::Tar, 257, b"ustar  \0"),
];
/// As far as they are asked for.
const SEARCHED: u64 = 265;

impl Archive {
    /// Its name, as people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zip => "zip",
            Self::Bzip2 => "bzip2",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::SevenZip => "7z",
            Self::Rar => "rar",
            Self::Tar => "tar",
        }
    }

    fn of(head: &[u8]) -> Option<Self> {
        let stands =
            |(_, at, magic): &&(Self, usize, &[u8])| head.get(*at..).is_some_and(|rest| rest.starts_with(magic));
        ARCHIVES.iter().find(stands).map(|(archive, ..)| *archive)
    }
}

/// The core's error on the file `path`, with what its first bytes and its name have to say to it.
pub(crate) fn explain(error: Error, path: &Path, source: &mut impl Source) -> FileError {
    // "DICM" where the prefix is makes it DICOM, though damaged.
    let is_prefixed = error.kind == ErrorKind::NoDataSet && error.offset == BEHIND_PREFIX;
    if is_prefixed || !matches!(error.kind, ErrorKind::NotDicom | ErrorKind::NoDataSet) {
        return FileError::Core(error);
    }
    let size = source.size();
    // If they can't be read again, the core's word stands.
    let head = Span::between(0, size.min(SEARCHED)).and_then(|span| source.lend(span).ok()).unwrap_or_default();
    if head.starts_with(APPLE_DOUBLE) {
        return FileError::Companion;
    }
    if let Some(archive) = Archive::of(head) {
        return FileError::Archive(archive);
    }
    match error.kind.class() {
        ErrorClass::NotDicom if promises_dicom(path) && size == 0 => FileError::Empty,
        ErrorClass::NotDicom if promises_dicom(path) => FileError::Damaged,
        _ => FileError::Core(error),
    }
}

fn promises_dicom(path: &Path) -> bool {
    let Some(name) = path.file_name().map(unix::bytes) else {
        return false;
    };
    let ends_with = |suffix: &&[u8]| {
        let start = name.len().saturating_sub(suffix.len());
        name[start..].eq_ignore_ascii_case(suffix)
    };
    name.eq_ignore_ascii_case(DIRECTORY_FILE) || SUFFIXES.iter().any(ends_with)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_archives_begin() {
        let tar = |magic: &[u8]| [&[b'a'; 257], magic].concat();
        for (head, expected) in [
            (b"\x1F\x8B\x08\0".to_vec(), Some("gzip")),
            (b"\x1F\x8B".to_vec(), None),
            (b"\x1F\x8B\x07".to_vec(), None),
            (b"PK\x03\x04".to_vec(), Some("zip")),
            (b"PK\x05\x06".to_vec(), Some("zip")),
            (b"PK\x07\x08".to_vec(), Some("zip")),
            (b"PK\x01\x02".to_vec(), None),
            (b"BZh91AY&SY".to_vec(), Some("bzip2")),
            (b"BZh9\x17rE8P\x90".to_vec(), Some("bzip2")),
            (b"BZh9".to_vec(), None),
            (b"\x28\xB5\x2F\xFD".to_vec(), Some("zstd")),
            (b"\xFD7zXZ\0".to_vec(), Some("xz")),
            (b"7z\xBC\xAF\x27\x1C".to_vec(), Some("7z")),
            (b"Rar!\x1A\x07\0".to_vec(), Some("rar")),
            (tar(b"ustar\x0000"), Some("tar")),
            (tar(b"ustar  \0"), Some("tar")),
            (tar(b"ustar"), None),
            (Vec::new(), None),
        ] {
            assert_eq!(Archive::of(&head).map(Archive::name), expected, "{head:?}");
        }
    }

    /// An archive that has the prefix where DICOM has it, and no data set behind it, is said to be damaged DICOM.
    #[test]
    fn what_has_the_prefix_is_no_archive() {
        for (kind, offset, is_archive) in [
            (ErrorKind::NoDataSet, BEHIND_PREFIX, false),
            (ErrorKind::NoDataSet, 0, true),
            (ErrorKind::NotDicom, 0, true),
            (ErrorKind::UnknownVr, 0, false),
        ] {
            let error = Error { kind, offset, tag_path: dicomblank_core::TagPath::default() };
            let mut source = dicomblank_core::SliceSource::new(b"PK\x03\x04");
            let explained = explain(error, Path::new("a"), &mut source);
            assert_eq!((kind, offset, matches!(explained, FileError::Archive(_))), (kind, offset, is_archive));
        }
    }

    #[test]
    fn names_that_promise_dicom() {
        for (name, promises) in [
            ("a.dcm", true),
            ("a.DCM", true),
            (".dcm", true),
            ("x/a.Dicom", true),
            ("a.IMA", true),
            ("a.dcm.gz", true),
            ("DICOMDIR", true),
            ("dicomdir", true),
            ("a.dcm.txt", false),
            ("adcm", false),
            ("a.gz", false),
            ("DICOMDIR.txt", false),
            ("x.dcm/readme", false),
            ("/", false),
        ] {
            assert_eq!(promises_dicom(Path::new(name)), promises, "{name}");
        }
    }
}
