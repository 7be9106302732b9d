//! For tests: what was asked of the disk, in which order. Whether a disk has flushed it can't be seen.

use std::cell::RefCell;

thread_local!(static STEPS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) });

pub(crate) fn note(step: &str) {
    STEPS.with_borrow_mut(|steps| steps.push(step.to_owned()));
}

/// The steps of this thread since the last call.
pub(crate) fn take() -> Vec<String> {
    STEPS.take()
}
