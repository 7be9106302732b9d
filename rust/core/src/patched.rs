//! A source as it will stand: whether it will still be read as it is now.
//!
//! Padding reads as padding, and a blanked file as it did before. New values are digits and letters, and where nothing
//! says how a data set is written, they may look like headers.

use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::plan::Plan;
use crate::planner::plan;
use crate::resolve::Patch;
use crate::rules::Rules;
use crate::source::{Source, Unreadable};
use crate::span::Span;

/// Checks that `source`, of which `planned` is the whole plan, will have the same plan once `patch` is applied by the
/// edits of `plan`.
///
/// # Errors
/// [`ErrorKind::AmbiguousResult`] where it will not; [`ErrorKind::Unreadable`].
pub fn check_result<S: Source>(
    source: &mut S,
    planned: &Plan,
    (plan_left, patch): (&Plan, &Patch),
    rules: &Rules,
) -> Result<(), Error> {
    let mut patched = Patched { source, plan: plan_left, patch, lent: Vec::new() };
    match plan(&mut patched, rules, &Limits::default()) {
        Ok(after) if after.edits() == planned.edits() => Ok(()),
        Err(error) if error.kind == ErrorKind::Unreadable => Err(error),
        Ok(_) | Err(_) => {
            Err(Error { kind: ErrorKind::AmbiguousResult, offset: 0, tag_path: [].into_iter().collect() })
        }
    }
}

/// A source with the edits of a plan made.
struct Patched<'a, S> {
    source: &'a mut S,
    plan: &'a Plan,
    patch: &'a Patch,
    /// What was lent last.
    lent: Vec<u8>,
}

impl<S: Source> Source for Patched<'_, S> {
    fn size(&self) -> u64 {
        self.source.size()
    }

    fn lend(&mut self, span: Span) -> Result<&[u8], Unreadable> {
        self.lent.clear();
        self.lent.extend_from_slice(self.source.lend(span)?);
        let fills = self.patch.fills(self.plan).ok_or(Unreadable)?;
        for fill in fills.filter(|fill| fill.span().start() < span.end() && span.start() < fill.span().end()) {
            fill.write_over(span.start(), &mut self.lent);
        }
        Ok(&self.lent)
    }
}
