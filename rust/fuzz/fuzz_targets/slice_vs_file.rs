//! Bytes in memory, bytes lent one span at a time, and a file on disk are walked and planned alike, errors too.
//! Deflated files are planned in their inflated form.
#![no_main]

use std::env::temp_dir;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dicomblank_core::{ErrorClass, ErrorKind, Rules, SliceSource};
use dicomblank_files::{FileError, Watch, plan_bytes, plan_file};
use dicomblank_fuzz::check::{Lender, plan_of};
use dicomblank_fuzz::{LIMITS, all_rules, tell};
use libfuzzer_sys::fuzz_target;

static RULES: LazyLock<[Rules; 2]> = LazyLock::new(all_rules);
/// A file in memory, if the system has such a folder: each input is written once.
static PATH: LazyLock<PathBuf> = LazyLock::new(|| {
    let shm = Path::new("/dev/shm");
    let folder = if shm.is_dir() { shm.to_owned() } else { temp_dir() };
    folder.join(format!("dicomblank-fuzz-{}", std::process::id()))
});

fuzz_target!(|bytes: &[u8]| {
    let by_slice = tell(&mut SliceSource::new(bytes), &LIMITS);
    let by_window = tell(&mut Lender::new(bytes), &LIMITS);
    assert_eq!(by_slice, by_window, "slice and lender disagree");
    // A file is planned with the default limits, which allow for seconds of work.
    if by_slice.end.is_err_and(|error| error.kind.class() == ErrorClass::Limit) {
        return;
    }
    fs::write(&*PATH, bytes).expect("the folder can be written to");
    for rules in &*RULES {
        let _ = plan_of(bytes, rules, &LIMITS); // asserts that a slice and a lender agree
        let of_core = |error| match error {
            FileError::Core(error) => error,
            other => panic!("failed otherwise: {other}"),
        };
        let by_slice = plan_bytes(bytes, rules).map_err(of_core);
        match plan_file(&PATH, rules, Watch::default()) {
            // Only for a file is it said what other kind it is.
            Err(FileError::Archive(_) | FileError::Companion) => {
                let is_other = |kind| matches!(kind, ErrorKind::NotDicom | ErrorKind::NoDataSet);
                assert!(by_slice.is_err_and(|error| is_other(error.kind)), "slice and file disagree");
            }
            by_file => assert_eq!(by_slice, by_file.map_err(of_core), "slice and file disagree"),
        }
    }
    let _ = fs::remove_file(&*PATH);
});
