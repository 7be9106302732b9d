//! Lengths that some readers take for others (PS3.5 §7.1): gdcm does so where it knows of a writer that wrote the wrong ones.

use super::Walker;
use crate::error::{ErrorKind, Fault};
use crate::header::Header;
use crate::rival::{self, Form};
use crate::source::Source;
use crate::span::Span;
use crate::tag::Tag;
use crate::vr::Vr;

/// Whether an element may have a length that a reader takes for another.
#[inline]
pub(super) fn is_odd(tag: Tag, vr: Vr, length: u32) -> bool {
    length == 13 || (length == 6 && vr == Vr::UL && tag.group() == SIEMENS)
}

/// The group of a writer whose numbers of four bytes were said to have six.
const SIEMENS: u16 = 0x0009;

impl<S: Source> Walker<'_, S> {
    /// Where a reader takes the element at hand for one of another length, the walk has to come to what that shows.
    #[cold]
    pub(super) fn check_odd_length(&mut self, header: Header, value: Span) -> Result<(), Fault> {
        let taken = match (header.vr, value.len()) {
            (None, 13) => 10,
            (Some(Vr::UL), 6) => 4,
            _ => return Ok(()),
        };
        let (at, end) = (value.start().saturating_add(taken), self.top.end);
        let (position, mut look) = (self.position, self.look());
        let shown = rival::shown(&mut look, at, end, Form::of(header.syntax), header.syntax)?;
        look.claim(shown, ErrorKind::AmbiguousLength, position)?;
        Ok(())
    }
}
