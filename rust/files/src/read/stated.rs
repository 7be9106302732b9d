//! What a file states in elements of its data set: whether it was rewritten before, and by what.

use std::path::Path;

use dicomblank_core::{Error, ErrorKind, Limits, SliceSource, Tag, stated};

use super::inflated::{Inflated, LIMIT, Stored, Turns};
use super::opened::Opened;
use super::windows::Windows;
use crate::error::FileError;
use crate::watch::Watch;

/// For each of `tags`, which are sorted, what the data set of the file at `path` says in its first element of that tag:
/// see [`stated`].
///
/// # Errors
/// [`FileError`] where it can't be read as far as that.
pub fn stated_file(path: &Path, tags: &[Tag]) -> Result<Vec<Option<Vec<u8>>>, FileError> {
    let opened = Opened::to_read(path)?;
    let mut windows = Windows::new(Watch::default());
    let mut source = opened.source(&mut windows);
    match stated(&mut source, tags, &Limits::default()) {
        Ok(found) => Ok(found),
        Err(Error { kind: ErrorKind::Deflated, offset, .. }) => Ok(opened.inflate(&source, offset)?.stated(tags)?),
        Err(error) => Err(opened.explain(error, &mut source)),
    }
}

/// The same of bytes.
///
/// # Errors
/// [`FileError`], as of [`stated_file`].
pub fn stated_bytes(bytes: &[u8], tags: &[Tag]) -> Result<Vec<Option<Vec<u8>>>, FileError> {
    match stated(&mut SliceSource::new(bytes), tags, &Limits::default()) {
        Ok(found) => Ok(found),
        Err(Error { kind: ErrorKind::Deflated, offset, .. }) => {
            let watch = &Watch::default();
            let stored = Stored { bytes: &bytes, path: Path::new(""), watch, turns: Turns::Ignored, limit: LIMIT };
            Ok(Inflated::read(&stored, offset)?.stated(tags)?)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::testing::{Scratch, deflated, sample};

    #[test]
    fn a_file_states_what_its_bytes_state() {
        let scratch = Scratch::new();
        let path = scratch.path("file");
        let tags = [Tag::new(0x0010, 0x0010), Tag::new(0x0012, 0x0063)];
        for (bytes, expected) in [(sample().0, "ab"), (deflated(), "Doe^Jane")] {
            fs::write(&path, &bytes).unwrap();
            let expected = vec![Some(expected.as_bytes().to_vec()), None];
            assert_eq!(stated_bytes(&bytes, &tags).unwrap(), expected);
            assert_eq!(stated_file(&path, &tags).unwrap(), expected);
        }
        fs::write(&path, "no scan").unwrap();
        assert!(stated_file(&path, &tags).is_err() && stated_bytes(b"no scan", &tags).is_err());
    }
}
