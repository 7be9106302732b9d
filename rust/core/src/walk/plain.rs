//! Values that are nothing else, one after the other in memory: most of nearly every header, passed over without an event for each.
//!
//! What this decides differently from [`Walker::next`] is a defect; the tests hold a source that has nothing at hand beside each that does.

use super::frame::Kind;
use super::lengths::is_odd;
use super::trial::may_be_item;
use super::{Walker, ZERO};
use crate::dictionary;
use crate::header::{self, Header, Length};
use crate::source::Source;
use crate::span::{Span, size_of_slice};
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;

/// Who takes the values that are passed over.
pub(crate) trait Taker {
    /// Takes a value, of which these are the `bytes`, and says whether it has.
    fn pass(&mut self, tag: Tag, vr: Vr, value: Span, bytes: &[u8]) -> bool;
}

impl<S: Source> Walker<'_, S> {
    /// How many sequences are around the element at hand; `None` where no element comes next.
    #[inline]
    pub(crate) fn depth(&self) -> Option<usize> {
        matches!(self.top.kind, Kind::DataSet | Kind::Item).then_some(self.top.depth)
    }

    /// Passes over elements for as long as [`next`](Self::next) would give each of them out as a value and nothing more, and `taker` takes
    /// them. Where in doubt it stops, before the element: `next` is there to decide.
    ///
    /// Only values in little endian with headers of 8 bytes, as nearly all of nearly every file, and only as far as the source has them
    /// at hand.
    #[inline]
    pub(crate) fn pass_over(&mut self, taker: &mut impl Taker) {
        // One loop for each, so that it need not ask each time.
        match (self.top.kind, self.top.syntax) {
            (Kind::Sequence | Kind::Fragments, _) | (_, Syntax::ExplicitBig) => {}
            (_, Syntax::ExplicitLittle) => self.pass_headers(header::plain_explicit, taker),
            (_, Syntax::ImplicitLittle) => {
                self.pass_headers(|raw| Some(header::implicit(raw, Syntax::ImplicitLittle)), taker);
            }
        }
    }

    #[inline]
    fn pass_headers(&mut self, read: impl Fn([u8; 8]) -> Option<Header>, taker: &mut impl Taker) {
        let end = self.top.end.min(self.claims.next());
        let within = usize::try_from(end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let at_hand = self.source.at_hand(self.position);
        let mut rest = at_hand.get(..within).unwrap_or(at_hand);
        while let Some((raw, behind)) = rest.split_first_chunk::<8>() {
            let Some(Header { tag, vr, length: Length::Defined(length), .. }) = read(*raw) else { return };
            let Some((bytes, next)) = usize::try_from(length).ok().and_then(|len| behind.split_at_checked(len)) else {
                return;
            };
            let vr = vr.unwrap_or_else(|| dictionary::vr(tag).unwrap_or(Vr::UN));
            if vr == Vr::SQ || tag == ZERO || tag.is_framing() || is_odd(tag, vr, length) || may_hold_items(vr, bytes) {
                return;
            }
            let value = Span::of_value(self.position.saturating_add(8), length);
            let mut headers = self.budget.headers;
            if headers.spend().is_err() || !taker.pass(tag, vr, value, bytes) {
                return;
            }
            (self.budget.headers, self.position, self.last) = (headers, value.end(), (tag, value));
            rest = next;
        }
    }
}

/// Whether a value that `bytes` are may begin with an item, whatever its tag.
#[inline]
fn may_hold_items(vr: Vr, bytes: &[u8]) -> bool {
    match bytes.first_chunk::<8>() {
        // An item's tag in either byte order.
        Some([0xFE | 0xFF, ..]) => true,
        Some(begins) => vr == Vr::UN && may_be_item(*begins, size_of_slice(bytes)),
        None => false,
    }
}
