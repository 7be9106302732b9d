//! What the unit tests of this crate share.

#[path = "../tests/common/scratch.rs"]
#[allow(dead_code)] // the tests in rust/files/tests use the rest
mod scratch;

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use dicomblank_core::{Rules, Tag};
use flate2::Compression;
use flate2::write::DeflateEncoder;

pub(crate) use scratch::Scratch;

use crate::order::inputs::{Input, Kind};
use crate::order::place::{Located, Place};
use crate::unix::At;

/// A source that was named as `path`.
pub(crate) fn input(path: &Path, kind: Kind) -> Arc<Input> {
    Arc::new(Input { given: path.to_owned(), canonical: path.to_owned(), kind })
}

/// The file that was named as `path`.
pub(crate) fn single(path: &Path) -> Place {
    let input = input(path, Kind::File);
    Place { name: input.name().to_owned(), folder: Path::new("").into(), input }
}

/// The file `name` of a folder of `input`.
pub(crate) fn place(input: &Arc<Input>, folder: &str, name: impl AsRef<OsStr>) -> Place {
    Place { input: input.clone(), folder: Path::new(folder).into(), name: name.as_ref().to_owned() }
}

pub(crate) fn located<'a>(place: &'a Place, path: &'a Path) -> Located<'a> {
    Located { place, path, at: At::path(path) }
}

/// A data set without file meta information: long strings in group 0010, and rules that blank three of the four.
pub(crate) fn sample() -> (Vec<u8>, Rules) {
    let names = [(0x10, "ab"), (0x20, "abcdefghijklmnopqrstuvwxyz"), (0x30, "abcdef"), (0x40, "ab")];
    let mut bytes = Vec::new();
    for (element, value) in names {
        bytes.extend([0x10, 0, element, 0, b'L', b'O', u8::try_from(value.len()).unwrap(), 0]);
        bytes.extend(value.bytes());
    }
    (bytes, Rules::new([0x10, 0x20, 0x40].map(|element| Tag::new(0x10, element)), []).unwrap())
}

/// A deflated file with a name in it.
pub(crate) fn deflated() -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM\x02\0\x10\0UI\x16\x001.2.840.10008.1.2.1.99");
    let mut encoder = DeflateEncoder::new(bytes, Compression::new(6));
    encoder.write_all(b"\x08\0\x60\0CS\x02\0CT\x10\0\x10\0PN\x08\0Doe^Jane").unwrap();
    encoder.finish().unwrap()
}
