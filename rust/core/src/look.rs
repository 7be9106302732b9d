//! Looking ahead of the walk: each look is paid for.

use crate::claims::{Claims, Shown};
use crate::error::{ErrorKind, RawError};
use crate::header::{self, Header, take};
use crate::limits::Budget;
use crate::listed::Listed;
use crate::source::{MAX_LEND, Source};
use crate::span::Span;
use crate::syntax::Syntax;
use crate::tag::Tag;

/// The bytes of a source, the budget for looking at them, the tags that must not be missed, and what other readings
/// claim.
pub(crate) struct Look<'a, S> {
    pub(crate) source: &'a mut S,
    pub(crate) budget: &'a mut Budget,
    pub(crate) listed: &'a dyn Listed,
    pub(crate) claims: &'a mut Claims,
}

impl<S: Source> Look<'_, S> {
    /// Number of bytes of the source.
    pub(crate) fn size(&self) -> u64 {
        self.source.size()
    }

    /// The `N` bytes at `at`; `None` where there are fewer before `end`, which is an answer and no error. A read that
    /// fails is an error.
    pub(crate) fn peek<const N: usize>(&mut self, at: u64, end: u64) -> Result<Option<[u8; N]>, RawError> {
        let is_there = u64::try_from(N).is_ok_and(|wanted| at.saturating_add(wanted) <= end);
        if !is_there {
            return Ok(None);
        }
        self.budget.looks.spend(at).map_err(|kind| kind.at(at))?;
        match take(self.source, at, end) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(RawError { kind: ErrorKind::Unreadable, .. }) => Err(ErrorKind::Unreadable.at(at)),
            Err(_) => Ok(None),
        }
    }

    /// The header at `at`, if one of a known VR stands there. A read that fails is an error.
    pub(crate) fn header(&mut self, at: u64, end: u64, syntax: Syntax) -> Result<Option<Header>, RawError> {
        self.budget.looks.spend(at).map_err(|kind| kind.at(at))?;
        match header::header(self.source, at, end, syntax) {
            Ok(header) => Ok(Some(header)),
            Err(error) if error.kind == ErrorKind::Unreadable => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Claims what a rival has `shown` that parts from the walk at `at`: where the walk does not come to the same
    /// elements, it ends with `kind`.
    ///
    /// # Errors
    /// [`ErrorKind::TooManyElements`] where there are too many claims.
    pub(crate) fn claim(&mut self, shown: Vec<Shown>, kind: ErrorKind, at: u64) -> Result<(), RawError> {
        shown.into_iter().try_for_each(|shown| self.claims.add(shown, kind, at))
    }

    /// Whether the four bytes of a listed tag stand anywhere in `span`, in either byte order: without them no reader
    /// can show the element.
    pub(crate) fn holds_listed(&mut self, span: Span) -> Result<bool, RawError> {
        let listed = self.listed;
        self.any_four(span, |bytes| {
            let little = Tag::from(u32::from_le_bytes(bytes).rotate_left(16));
            listed.is_listed(little) || listed.is_listed(Tag::from(u32::from_be_bytes(bytes)))
        })
    }

    /// Whether `found` is true of any four bytes in a row in `span`.
    pub(crate) fn any_four(&mut self, span: Span, found: impl Fn([u8; 4]) -> bool) -> Result<bool, RawError> {
        Ok(self.find_four(span, found)?.is_some())
    }

    /// Where the first four bytes in a row stand of which `found` is true.
    pub(crate) fn find_four(&mut self, span: Span, found: impl Fn([u8; 4]) -> bool) -> Result<Option<u64>, RawError> {
        // Each piece reaches three bytes into the next, so that none is missed between two.
        for piece in span.pieces(MAX_LEND.saturating_sub(3)) {
            self.budget.looks.spend_bytes(piece.len()).map_err(|kind| kind.at(piece.start()))?;
            let end = piece.end().saturating_add(3).min(span.end());
            let Some(piece) = Span::between(piece.start(), end) else { break };
            let bytes = self.source.lend(piece).map_err(|_| ErrorKind::Unreadable.at(piece.start()))?;
            if let Some(place) = bytes.windows(4).position(|four| four.try_into().is_ok_and(&found)) {
                return Ok(u64::try_from(place).ok().map(|place| piece.start().saturating_add(place)));
            }
        }
        Ok(None)
    }

    /// What is behind the first sequence delimiter from `at` on. The four bytes of its tag are looked for, whatever is
    /// in front of them.
    pub(crate) fn behind_delimiter(&mut self, at: u64, end: u64, syntax: Syntax) -> Result<Option<u64>, RawError> {
        let delimiter = header::delimiter(syntax);
        let rest = Span::between(at, end).unwrap_or(Span::of_value(at, 0));
        Ok(self.find_four(rest, |bytes| bytes == delimiter)?.map(|found| found.saturating_add(8)))
    }

    /// Where the zeros from `at` on end, in steps of 8 bytes: at `end`, or in front of the first 8 bytes that are not
    /// all zeros.
    pub(crate) fn behind_zeros(&mut self, at: u64, end: u64) -> Result<u64, RawError> {
        // Many rivals may come to the same black pixels.
        let known = self.budget.looks.zeros_from(at).min(end.saturating_sub(at)) & !7;
        let rest = Span::between(at.saturating_add(known), end).unwrap_or(Span::of_value(at, 0));
        let mut behind = end;
        for piece in rest.pieces(MAX_LEND) {
            self.budget.looks.spend_bytes(piece.len()).map_err(|kind| kind.at(piece.start()))?;
            let bytes = self.source.lend(piece).map_err(|_| ErrorKind::Unreadable.at(piece.start()))?;
            if let Some(other) = bytes.iter().position(|byte| *byte != 0) {
                behind = piece.start().saturating_add(u64::try_from(other).unwrap_or(0) & !7);
                break;
            }
        }
        self.budget.looks.note_zeros(at, behind);
        Ok(behind)
    }
}
