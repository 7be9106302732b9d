//! Files that the core can't read: which are no DICOM files, and which are damaged ones.
//!
//! The core decides by the bytes alone. What it can read is DICOM, and nothing here is asked.
//!
//! Of the rest, the first bytes tell archives and macOS's companion files. These are no DICOM files, whatever they are
//! called. Then the name counts: a file that is called .dcm and is not DICOM was DICOM once, or is packed in a way that
//! we don't know. To skip it could leave a name.

use std::path::Path;

use dicomblank_core::{Error, ErrorClass, ErrorKind, Source, Span};

use crate::archive::{Archive, SEARCHED};
use crate::error::FileError;
use crate::unix;

/// Ends of names that promise DICOM, in lower case.
const SUFFIXES: [&[u8]; 4] = [b".dcm", b".dicom", b".ima", b".dcm.gz"];
/// The name of a media directory, which has no suffix (PS3.10 §8.2).
const DIRECTORY_FILE: &[u8] = b"DICOMDIR";
/// How `AppleDouble` files begin (RFC 1740). macOS writes one, `._name`, beside a file `name` on a disk that has no
/// other room for its attributes.
const APPLE_DOUBLE: &[u8] = b"\x00\x05\x16\x07";
/// The offset behind preamble and prefix (PS3.10 §7.1).
const BEHIND_PREFIX: u64 = 132;

/// The core's error about the file `path`, or a better one if first bytes or name tell more.
pub(crate) fn explain(error: Error, path: &Path, source: &mut impl Source) -> FileError {
    // A file with "DICM" where the prefix is, is DICOM, though damaged.
    let is_prefixed = error.kind == ErrorKind::NoDataSet && error.offset == BEHIND_PREFIX;
    if is_prefixed || !matches!(error.kind, ErrorKind::NotDicom | ErrorKind::NoDataSet) {
        return FileError::Core(error);
    }
    let size = source.size();
    // If they can't be read again, the core's error stays.
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

    /// An archive with the prefix where DICOM has it, and no data set behind it, is damaged DICOM.
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
