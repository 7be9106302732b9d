//! Where an error is: the tags on the way to it, as far as they can be told.

use super::frame::{Frame, Kind};
use crate::dictionary;
use crate::error::{Error, RawError};
use crate::tag::{Step, TagPath};

/// An error in the innermost of `frames`, which are given outermost first.
pub(super) fn inside<'f>(frames: impl Iterator<Item = &'f Frame>, error: RawError) -> Error {
    let sequences = frames.filter(|frame| matches!(frame.kind, Kind::Sequence | Kind::Fragments));
    let steps = sequences.map(|frame| Step { tag: frame.tag, item: frame.items.checked_sub(1) });
    let steps = steps.chain(error.tag.map(|tag| Step { tag, item: None }));
    Error { kind: error.kind, offset: error.offset, tag_path: presentable(steps) }
}

/// An error before the walk: its path is at most one element of the file meta information.
pub(super) fn outside(error: RawError) -> Error {
    let step = error.tag.map(|tag| Step { tag, item: None });
    Error { kind: error.kind, offset: error.offset, tag_path: presentable(step.into_iter()) }
}

/// The path up to the first step that may be no tag: what stands where a header is expected may be a value, and no
/// value is told.
pub(crate) fn presentable(steps: impl Iterator<Item = Step>) -> TagPath {
    steps.take_while(|step| dictionary::is_listed(step.tag) || step.tag.is_likely_private()).collect()
}
