//! The third way to read: a real file, through the windows that runs have, and through windows so small that nearly
//! every header lies across the end of one.

use std::path::Path;

use dicomblank_core::{Error, ErrorKind, Limits, Plan, Rules, TagPath};
use dicomblank_files::{FileError, plan_file_through};

use crate::scratch::Scratch;

/// The windows that runs have: see `windows.rs`.
pub const ORDINARY: [usize; 3] = [16 * 1024, 4096, 64 * 1024];
/// Ends at many places, and no byte more than is asked for.
const SMALL: [[usize; 3]; 4] = [[0, 1, 1], [137, 9, 13], [0, 11, 23], [345, 16, 7]];
/// A longer file is read through the usual windows alone: small ones would take a hundred thousand reads.
const LONG: usize = 16 * 1024;

pub fn agrees(bytes: &[u8], rules: &Rules, limits: &Limits, expected: &Result<Plan, Error>) {
    let small = if bytes.len() > LONG { &[][..] } else { &SMALL };
    with_file(bytes, |path| {
        for sizes in small.iter().chain([&ORDINARY]) {
            assert_eq!(&by_file(path, rules, limits, *sizes), expected, "a file disagrees, windows {sizes:?}");
        }
    });
}

pub fn by_file(path: &Path, rules: &Rules, limits: &Limits, sizes: [usize; 3]) -> Result<Plan, Error> {
    plan_file_through(path, rules, limits, sizes).map_err(|error| match error {
        FileError::Core(error) => error,
        // Only for a file is it said which other kind it is.
        FileError::Archive(_) | FileError::Companion => {
            Error { kind: ErrorKind::NotDicom, offset: 0, tag_path: TagPath::default() }
        }
        other => panic!("a file failed otherwise: {other}"),
    })
}

/// Writes `bytes` to this thread's file, whose name says nothing of DICOM.
pub fn with_file<T>(bytes: &[u8], look: impl FnOnce(&Path) -> T) -> T {
    thread_local!(static FOLDER: Scratch = Scratch::new());
    FOLDER.with(|folder| look(&folder.write("file", bytes)))
}
