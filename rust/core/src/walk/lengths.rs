//! Lengths that some readers correct (PS3.5 §7.1): gdcm does so for writers that are known to have written wrong ones.

use crate::error::{ErrorKind, RawError};
use crate::form::Form;
use crate::header::Header;
use crate::look::Look;
use crate::rival;
use crate::source::Source;
use crate::span::Span;
use crate::tag::Tag;
use crate::vr::Vr;

/// Whether some reader may correct the length of such an element.
#[inline]
pub(super) fn is_odd(tag: Tag, vr: Vr, length: u32) -> bool {
    length == 13 || (length == 6 && vr == Vr::UL && tag.group() == SIEMENS)
}

/// The group of a writer that stated six bytes for numbers of four.
const SIEMENS: u16 = 0x0009;

/// Claims what a reader comes to that corrects the length of the element at `at`, in a frame that ends at `end`.
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
