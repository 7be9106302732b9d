//! Every plan can be carried out. What was planned changes and nothing else, nothing is left to do, and a second plan
//! is the same.
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
