//! Whatever is planned can be carried out: what was planned changes and nothing else, nothing is left to do, and planned again it is the same.
#![no_main]

use std::sync::LazyLock;

use dicomblank_core::Rules;
use dicomblank_fuzz::check::is_sound;
use dicomblank_fuzz::{LIMITS, all_rules};
use libfuzzer_sys::fuzz_target;

static RULES: LazyLock<[Rules; 2]> = LazyLock::new(all_rules);

fuzz_target!(|bytes: &[u8]| {
    for rules in &*RULES {
        if let Err(what) = is_sound(bytes, rules, &LIMITS) {
            panic!("{what}");
        }
    }
});
