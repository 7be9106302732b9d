//! What the planner asks of the walk's source, and tells the walk.

use super::Walker;
use crate::error::ErrorKind;
use crate::look::Look;
use crate::source::{Source, Unreadable};
use crate::span::Span;
use crate::syntax::Syntax;

impl<S: Source> Walker<'_, S> {
    /// Bytes of the source, at most [`MAX_LEND`](crate::MAX_LEND): where a rule depends on a value.
    pub(crate) fn lend(&mut self, span: Span) -> Result<&[u8], Unreadable> {
        self.source.lend(span)
    }

    /// How the elements of the innermost frame are written.
    pub(crate) const fn syntax(&self) -> Syntax {
        self.top.syntax
    }

    /// Up to where every byte from `start` on is known to be zero, without reading.
    #[cold]
    pub(crate) fn zeros_until(&mut self, start: u64) -> u64 {
        self.source.zeros_until(start)
    }

    /// Whether a listed tag stands anywhere in `span`, in either byte order.
    ///
    /// # Errors
    /// Where the source can't be read, or the budget for looks ahead is spent.
    pub(crate) fn holds_listed(&mut self, span: Span) -> Result<bool, ErrorKind> {
        self.look().holds_listed(span).map_err(|error| error.kind)
    }

    /// Whether other readings come to something that the walk has not come to yet.
    #[inline]
    pub(crate) fn has_claims(&self) -> bool {
        self.claims.next() != u64::MAX
    }

    /// The value in `blanked`, which was given out just now, will be overwritten: what other readings come to in it
    /// will be gone.
    #[cold]
    pub(crate) fn is_blanked(&mut self, blanked: Span) {
        self.claims.are_blanked(blanked);
    }

    /// A look ahead of the walk.
    pub(crate) fn look(&mut self) -> Look<'_, S> {
        Look { source: &mut *self.source, budget: &mut self.budget, listed: self.listed, claims: &mut self.claims }
    }
}
