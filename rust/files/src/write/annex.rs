//! Content that git-annex keeps, which may not change.

use std::ffi::OsStr;
use std::path::Path;

use crate::error::FileError;
use crate::order::place::Place;
use crate::unix;

/// Refuses content that git-annex keeps. It is named by the checksum of its bytes, and shared by every clone and commit
/// that has the file.
pub(crate) fn check_annex(place: &Place) -> Result<(), FileError> {
    let may_be = [place.input.canonical.as_os_str(), place.folder.as_os_str()].into_iter().any(names_a_repository);
    if !may_be || !is_annexed(&place.canonical()) {
        return Ok(());
    }
    Err(FileError::Annexed)
}

/// Whether a part of the path may end in `.git`. This is asked of every file; the canonical path is built for few.
fn names_a_repository(path: &OsStr) -> bool {
    unix::bytes(path).windows(4).any(|four| four == b".git")
}

/// Whether a path, which has no links, lies in `.git/annex/objects`, in that of a submodule
/// (`.git/modules/name/annex/objects`) or in that of a bare repository (`name.git/annex/objects`).
fn is_annexed(path: &Path) -> bool {
    let parts: Vec<_> = path.iter().map(unix::bytes).collect();
    let repository = parts.iter().position(|part| part.ends_with(b".git"));
    repository.is_some_and(|at| parts[at..].windows(2).any(|pair| pair == [b"annex".as_slice(), b"objects".as_slice()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_content_of_git_annex() {
        for (path, expected) in [
            ("/data/.git/annex/objects/X1/2Z/SHA256E-s4--ab.dcm/SHA256E-s4--ab.dcm", true),
            ("/data/.git/modules/sub/annex/objects/X1/2Z/k/k", true),
            ("/data/bare.git/annex/objects/X1/2Z/k/k", true),
            ("/data/.git/annex/unused", false),
            ("/data/annex/objects/a.dcm", false),
            ("/data/annex/objects/.git/a.dcm", false),
            ("/data/.github/annex/objects/a.dcm", false),
            ("/data/.git/annex/objects2/a.dcm", false),
        ] {
            assert_eq!(is_annexed(Path::new(path)), expected, "{path}");
            assert!(names_a_repository(Path::new(path).parent().unwrap().as_os_str()) || !expected, "{path}");
        }
    }
}
