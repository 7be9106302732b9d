//! A walk over any bytes ends, does not panic, and gives events that can be true.
#![no_main]

use dicomblank_core::SliceSource;
use dicomblank_fuzz::{LIMITS, tell};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    tell(&mut SliceSource::new(bytes), &LIMITS).is_consistent(bytes, &LIMITS);
});
