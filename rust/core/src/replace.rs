//! A plan with more bytes that become others: what is left of its values elsewhere.

use zeroize::Zeroizing;

use crate::error::ErrorKind;
use crate::plan::{Action, Edit, ItemRef, Plan};
use crate::resolve::{MOST, Patch, is_padded};
use crate::span::{Span, size_of_slice};
use crate::tag::Tag;
use crate::vr::Vr;

/// The most edits of a plan with replacements: twice as many as without.
const MOST_EDITS: usize = 1024 * 1024;

/// Bytes that become others, though no rule is on them.
#[derive(Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The element that they are in; (FFFE,E000) where they are in none.
    pub tag: Tag,
    /// Where they stand.
    pub span: Span,
    /// What they become: as many bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl Replacement {
    /// Leaves out its first `count` bytes, and says whether some are left.
    pub fn cut(&mut self, count: u64) -> bool {
        let rest = self.span.start().checked_add(count).and_then(|start| Span::between(start, self.span.end()));
        let bytes = usize::try_from(count).ok().and_then(|count| self.bytes.get(count..)).map(<[u8]>::to_vec);
        match (rest.filter(|rest| !rest.is_empty()), bytes) {
            (Some(span), Some(bytes)) => {
                (self.span, self.bytes) = (span, Zeroizing::new(bytes));
                true
            }
            _ => false,
        }
    }
}

/// `plan` and its `patch`, with more bytes that become others. They are in order, and overlap neither each other nor an
/// edit.
///
/// # Errors
/// [`ErrorKind::TooMuchToReplace`] where they are too many; [`ErrorKind::Unreadable`] where the patch is not that of the
/// plan, or they are not as they should be.
pub fn replace(plan: Plan, patch: &Patch, more: &[Replacement]) -> Result<(Plan, Patch), ErrorKind> {
    let length = |replacement: &Replacement| replacement.bytes.len();
    let added = more.iter().map(length).fold(0, usize::saturating_add);
    let count = plan.edits.len().saturating_add(more.len());
    if size_of_slice(&patch.bytes).saturating_add(u64::try_from(added).unwrap_or(u64::MAX)) > MOST || count > MOST_EDITS
    {
        return Err(ErrorKind::TooMuchToReplace { limit: MOST });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(patch.bytes.len().saturating_add(added)));
    let mut edits: Vec<Edit> = Vec::with_capacity(count);
    let mut fills = patch.fills(&plan).ok_or(ErrorKind::Unreadable)?;
    let mut old = plan.edits.iter().peekable();
    let mut new = more.iter().peekable();
    while old.peek().is_some() || new.peek().is_some() {
        let is_new = match (old.peek(), new.peek()) {
            (Some(edit), Some(replacement)) => replacement.span.start() < edit.span().start(),
            (edit, _) => edit.is_none(),
        };
        let last = edits.last().map_or(0, |edit| edit.span().end());
        if let Some(replacement) = new.next_if(|_| is_new) {
            let Replacement { tag, span, bytes: becomes } = replacement;
            let length = u32::try_from(span.len()).ok().filter(|_| size_of_slice(becomes) == span.len());
            let length = length.filter(|_| span.start() >= last && span.end() <= plan.source_size);
            let length = length.ok_or(ErrorKind::Unreadable)?;
            bytes.extend_from_slice(becomes);
            edits.push(Edit::new(*tag, Vr::UN, span.start(), length, ItemRef::ROOT, Action::Replace));
        } else if let (Some(edit), Some(fill)) = (old.next(), fills.next()) {
            if edit.span().start() < last {
                return Err(ErrorKind::Unreadable);
            }
            let start = bytes.len();
            if !is_padded(edit) {
                bytes.resize(start.saturating_add(usize::try_from(edit.span().len()).unwrap_or_default()), 0);
                fill.write_over(edit.span().start(), bytes.get_mut(start..).unwrap_or_default());
            }
            edits.push(*edit);
        }
    }
    drop(fills);
    let replaces = plan.replaces || !more.is_empty();
    Ok((Plan { edits, replaces, ..plan }, Patch { bytes, warnings: patch.warnings }))
}
