//! What was asked of the disk, in its order: that a disk has it can't be seen from here. For tests.

use std::cell::RefCell;

thread_local!(static STEPS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) });

pub(crate) fn note(step: &str) {
    STEPS.with_borrow_mut(|steps| steps.push(step.to_owned()));
}

/// Those of this thread since the last call.
pub(crate) fn take() -> Vec<String> {
    STEPS.take()
}
