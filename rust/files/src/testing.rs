//! What the unit tests of this crate share.

#[path = "../tests/common/scratch.rs"]
#[allow(dead_code)] // a part of it is for the other tests
mod scratch;

use std::io::Write;

use dicomblank_core::{Rules, Tag};
use flate2::Compression;
use flate2::write::DeflateEncoder;

pub(crate) use scratch::Scratch;

/// A bare data set of long strings in group 0010, and what blanks some of them.
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
