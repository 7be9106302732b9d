//! What is asked of the walk about its source, beside the walk itself.

use super::Walker;
use crate::error::ErrorKind;
use crate::look::Look;
use crate::source::{Source, Unreadable};
use crate::span::Span;

impl<S: Source> Walker<'_, S> {
    /// Bytes of the source, where what an element says has to be known: at most [`MAX_LEND`](crate::MAX_LEND).
    pub(crate) fn lend(&mut self, span: Span) -> Result<&[u8], Unreadable> {
        self.source.lend(span)
    }

    /// Whether a listed tag stands anywhere in `span`, in either byte order.
    ///
    /// # Errors
    /// Where that can't be found out.
    pub(crate) fn holds_listed(&mut self, span: Span) -> Result<bool, ErrorKind> {
        self.look().holds_listed(span).map_err(|error| error.kind)
    }

    /// Whether other readings come to something that the walk has not come to.
    #[inline]
    pub(crate) fn has_claims(&self) -> bool {
        self.claims.next() != u64::MAX
    }

    /// The value in `blanked`, which was given out just now, is overwritten: what other readings come to in it is gone then.
    #[cold]
    pub(crate) fn is_blanked(&mut self, blanked: Span) {
        self.claims.are_blanked(blanked);
    }

    /// A look ahead of the walk.
    pub(crate) fn look(&mut self) -> Look<'_, S> {
        Look { source: &mut *self.source, budget: &mut self.budget, listed: self.listed, claims: &mut self.claims }
    }
}
