//! Lengths that some readers take for others (PS3.5 §7.1): gdcm does so where it knows of a writer that wrote the wrong ones.

use crate::error::{ErrorKind, RawError};
use crate::form::Form;
use crate::header::Header;
use crate::look::Look;
use crate::rival;
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

/// Where a reader takes the element at `at`, in a frame that ends at `end`, for one of another length, the walk has to come to what that
/// shows.
#[cold]
pub(super) fn check_odd_length<S: Source>(
    look: &mut Look<'_, S>,
    at: u64,
    end: u64,
    header: Header,
    value: Span,
) -> Result<(), RawError> {
    let taken = match (header.vr, value.len()) {
        (None, 13) => 10,
        (Some(Vr::UL), 6) => 4,
        _ => return Ok(()),
    };
    let next = value.start().saturating_add(taken);
    let shown = rival::shown(look, next, end, Form::of(header.syntax), header.syntax)?;
    look.claim(shown, ErrorKind::AmbiguousLength, at)
}
