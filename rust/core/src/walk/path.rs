//! Where a fault is: the way to it, of tags that are told.

use super::Walker;
use super::frame::Kind;
use crate::dictionary;
use crate::error::{Error, Fault};
use crate::tag::{Step, TagPath};

impl<S> Walker<'_, S> {
    /// A fault with its tag path: built here and nowhere else.
    pub(super) fn locate(&self, fault: Fault) -> Error {
        let sequences =
            self.outer.iter().chain([&self.top]).filter(|frame| matches!(frame.kind, Kind::Sequence | Kind::Fragments));
        let steps = sequences.map(|frame| Step { tag: frame.tag, item: frame.items.checked_sub(1) });
        let steps = steps.chain(fault.tag.map(|tag| Step { tag, item: None }));
        Error { kind: fault.kind, offset: fault.offset, tag_path: presentable(steps) }
    }
}

/// A fault before the walk: its path is at most one element of the file meta information.
pub(super) fn outside(fault: Fault) -> Error {
    let step = fault.tag.map(|tag| Step { tag, item: None });
    Error { kind: fault.kind, offset: fault.offset, tag_path: presentable(step.into_iter()) }
}

/// The path up to the first step that may be no tag: what stands where a header was expected may be a value.
fn presentable(steps: impl Iterator<Item = Step>) -> TagPath {
    steps.take_while(|step| dictionary::is_listed(step.tag) || step.tag.is_likely_private()).collect()
}
