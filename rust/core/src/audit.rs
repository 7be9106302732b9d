//! Which edits of a plan are still to be made.

use crate::error::{Error, ErrorKind};
use crate::plan::{Action, Edit, Plan};
use crate::source::{MAX_LEND, Source};
use crate::tag::TagPath;

/// The edits of `plan` whose bytes in `source` are not yet what they are to become; none means that nothing is left.
///
/// # Errors
/// [`ErrorKind::SizeChanged`] for a source of another size than the plan was made for, [`ErrorKind::Unreadable`] where it can't be read.
pub fn audit<S: Source>(plan: &Plan, source: &mut S) -> Result<Vec<Edit>, Error> {
    if source.size() != plan.source_size() {
        let kind = ErrorKind::SizeChanged { planned: plan.source_size(), found: source.size() };
        return Err(Error { kind, offset: 0, tag_path: TagPath::default() });
    }
    let mut left = Vec::new();
    for edit in plan.edits() {
        if !is_done(edit, source).map_err(|offset| Error {
            kind: ErrorKind::Unreadable,
            offset,
            tag_path: plan.tag_path(edit),
        })? {
            left.push(*edit);
        }
    }
    Ok(left)
}

/// Whether the edit's bytes are what they are to become, or the offset at which they can't be read.
fn is_done<S: Source>(edit: &Edit, source: &mut S) -> Result<bool, u64> {
    let Action::Pad(padding) = edit.action();
    for piece in edit.span().pieces(MAX_LEND) {
        let bytes = source.lend(piece).map_err(|_| piece.start())?;
        if bytes.iter().any(|byte| *byte != padding.byte()) {
            return Ok(false);
        }
    }
    Ok(true)
}
