//! Which edits of a plan are still to be made.

use crate::error::{Error, ErrorKind};
use crate::plan::{Action, Edit, Plan};
use crate::source::{MAX_LEND, Source};
use crate::tag::TagPath;

/// The edits of `plan` that are still to be made in `source`: their bytes are not yet what they are to become.
///
/// # Errors
/// [`ErrorKind::SizeChanged`] for a source of another size than the plan was made for, [`ErrorKind::Unreadable`] where
/// it can't be read.
pub fn audit<S: Source>(plan: &Plan, source: &mut S) -> Result<Vec<Edit>, Error> {
    let mut left = Vec::new();
    look(plan, source, |_, edit| left.push(*edit))?;
    Ok(left)
}

/// As [`audit`], the positions of those edits in [`Plan::edits`]: a sixth of the memory, for [`Plan::only_at`].
///
/// # Errors
/// Those of [`audit`].
pub fn audit_positions<S: Source>(plan: &Plan, source: &mut S) -> Result<Vec<u32>, Error> {
    let mut left = Vec::with_capacity(plan.edits().len()); // at the first audit it is all of them
    look(plan, source, |position, _| left.push(position))?;
    Ok(left)
}

/// Calls `take` for each edit that is not yet made.
fn look<S: Source>(plan: &Plan, source: &mut S, mut take: impl FnMut(u32, &Edit)) -> Result<(), Error> {
    if source.size() != plan.source_size() {
        let kind = ErrorKind::SizeChanged { planned: plan.source_size(), found: source.size() };
        return Err(Error { kind, offset: 0, tag_path: TagPath::default() });
    }
    // A plan has no more edits than `Limits::edits` counts, which is a u32.
    for (position, edit) in (0..).zip(plan.edits()) {
        if !is_done(edit, source).map_err(|offset| Error {
            kind: ErrorKind::Unreadable,
            offset,
            tag_path: plan.tag_path(edit),
        })? {
            take(position, edit);
        }
    }
    Ok(())
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
