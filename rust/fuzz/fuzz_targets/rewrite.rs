//! Every rewrite that is made is what was checked: nothing that was to go is in it, and made again it is the same.
#![no_main]

use std::sync::LazyLock;

use dicomblank_core::{Additions, Rules};
use dicomblank_fuzz::rewriting::{all_rules, holds, marks};
use libfuzzer_sys::fuzz_target;

static RULES: LazyLock<([Rules; 2], Additions)> = LazyLock::new(|| (all_rules(), marks()));

fuzz_target!(|bytes: &[u8]| {
    let (all, additions) = &*RULES;
    for rules in all {
        holds(bytes, rules, additions);
    }
});
