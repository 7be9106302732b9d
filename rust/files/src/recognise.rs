//! What is no DICOM file, and what is a damaged one.
//!
//! The core goes by content alone: "DICM" in the first 1 KiB makes a file that can't be read a damaged one. Here the name counts too,
//! since a file that is called .dcm and is not DICOM was DICOM once, or is hidden from us, and passing over it could leave a name.

use std::path::Path;

use dicomblank_core::{Error, ErrorClass};

use crate::error::FileError;
use crate::unix;

/// Ends of names that promise DICOM, in lower case.
const SUFFIXES: [&[u8]; 4] = [b".dcm", b".dicom", b".ima", b".dcm.gz"];
/// The name of a media directory, which has no suffix (PS3.10 §8.2).
const DIRECTORY_FILE: &[u8] = b"DICOMDIR";

/// The core's error on the file `path`.
pub(crate) fn with_name(error: Error, path: &Path) -> FileError {
    if error.kind.class() == ErrorClass::NotDicom && promises_dicom(path) {
        return FileError::Damaged;
    }
    FileError::Core(error)
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
