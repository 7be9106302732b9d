//! Data element headers (PS3.5 §7.1) and item headers (PS3.5 §7.5).

use crate::error::{ErrorKind, RawError};
use crate::source::Source;
use crate::span::Span;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;

/// The length of a value, a sequence or an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// So many bytes.
    Defined(u32),
    /// Up to a delimiter (PS3.5 §7.5).
    Undefined,
}

impl Length {
    /// 0xFFFFFFFF stands for an undefined length (PS3.5 §7.1.1).
    const fn from_field(field: u32) -> Self {
        match field {
            0xFFFF_FFFF => Self::Undefined,
            length => Self::Defined(length),
        }
    }
}

/// What stands before a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) tag: Tag,
    /// As stated; `None` in implicit VR. A stated one that the standard does not know reads as UN.
    pub(crate) vr: Option<Vr>,
    pub(crate) length: Length,
    /// Bytes of the header itself.
    pub(crate) size: u64,
    /// How it is written, which may differ from the frame it stands in.
    pub(crate) syntax: Syntax,
}

/// The `N` bytes at `at`, which must end at or before `end`.
#[inline]
pub(crate) fn take<const N: usize, S: Source>(source: &mut S, at: u64, end: u64) -> Result<[u8; N], RawError> {
    let wanted = u64::try_from(N).ok().and_then(|len| Span::new(at, len)).ok_or(ErrorKind::Unreadable.at(at))?;
    if wanted.end() > end {
        return Err(past_end(source, end).at(at));
    }
    let bytes = source.lend(wanted).map_err(|_| ErrorKind::Unreadable.at(at))?;
    bytes.try_into().map_err(|_| ErrorKind::Unreadable.at(at))
}

/// What it means that something reaches behind `end`: the source is cut short, or a defined length is wrong.
pub(crate) fn past_end<S: Source>(source: &S, end: u64) -> ErrorKind {
    if end == source.size() { ErrorKind::Truncated } else { ErrorKind::Overrun }
}

/// The header at `at`, in a frame written in `syntax` that ends at `end` (PS3.5 §7.1.2, §7.1.3).
#[inline(always)]
#[allow(clippy::inline_always)] // a sixth of all instructions: else headers and errors go through memory
pub(crate) fn header<S: Source>(source: &mut S, at: u64, end: u64, syntax: Syntax) -> Result<Header, RawError> {
    let raw: [u8; 8] = take(source, at, end)?;
    let tag = tag(raw, syntax);
    if syntax == Syntax::ImplicitLittle || tag.is_framing() {
        return Ok(implicit(raw, syntax));
    }
    let [_, _, _, _, first, second, ..] = raw;
    match Vr::from_bytes([first, second]) {
        Some(vr) if vr.has_long_length() => {
            let length = take(source, at.saturating_add(8), end).map_err(|error| error.inside(tag))?;
            Ok(long(raw, length, vr, syntax))
        }
        Some(vr) => Ok(short(raw, vr, syntax)),
        // Its length may be short or long: `reading::unknown_vr` finds out.
        None => Err(ErrorKind::UnknownVr.at(at).inside(tag)),
    }
}

/// The tag that eight header bytes begin with.
#[inline]
pub(crate) fn tag(raw: [u8; 8], syntax: Syntax) -> Tag {
    let [a, b, c, d, ..] = raw;
    let number = syntax.u32([a, b, c, d]);
    // Little endian puts the element number into the upper half.
    Tag::from(if syntax == Syntax::ExplicitBig { number } else { number.rotate_left(16) })
}

/// Tag and 32-bit length: implicit VR (PS3.5 §7.1.3), and items and delimiters in every syntax (PS3.5 §7.5).
#[inline]
pub(crate) fn implicit(raw: [u8; 8], syntax: Syntax) -> Header {
    let [_, _, _, _, length @ ..] = raw;
    Header { tag: tag(raw, syntax), vr: None, length: Length::from_field(syntax.u32(length)), size: 8, syntax }
}

/// Tag, VR and 16-bit length (PS3.5 §7.1.2).
#[inline]
pub(crate) fn short(raw: [u8; 8], vr: Vr, syntax: Syntax) -> Header {
    let [_, _, _, _, _, _, length @ ..] = raw;
    Header {
        tag: tag(raw, syntax),
        vr: Some(vr),
        length: Length::Defined(u32::from(syntax.u16(length))),
        size: 8,
        syntax,
    }
}

/// Tag, VR, two reserved bytes, 32-bit length (PS3.5 §7.1.2).
#[inline]
pub(crate) fn long(raw: [u8; 8], length: [u8; 4], vr: Vr, syntax: Syntax) -> Header {
    Header { tag: tag(raw, syntax), vr: Some(vr), length: Length::from_field(syntax.u32(length)), size: 12, syntax }
}

/// A header of 8 bytes in explicit little endian, if its VR has a short length (PS3.5 §7.1.2). Its tag may be of group
/// FFFE all the same.
#[inline]
pub(crate) fn plain_explicit(raw: [u8; 8]) -> Option<Header> {
    let [_, _, _, _, first, second, ..] = raw;
    let vr = Vr::from_bytes([first, second]).filter(|vr| !vr.has_long_length())?;
    Some(short(raw, vr, Syntax::ExplicitLittle))
}

/// Whether four bytes are an item's tag (PS3.5 §7.5), in little or big endian.
#[inline]
pub(crate) fn is_item_of_any_order(bytes: [u8; 4]) -> bool {
    matches!(bytes, [0xFE, 0xFF, 0x00, 0xE0] | [0xFF, 0xFE, 0xE0, 0x00])
}

/// A sequence delimiter's tag (PS3.5 §7.5) as its bytes stand in `syntax`.
pub(crate) const fn delimiter(syntax: Syntax) -> [u8; 4] {
    match syntax {
        Syntax::ExplicitBig => [0xFF, 0xFE, 0xE0, 0xDD],
        Syntax::ImplicitLittle | Syntax::ExplicitLittle => [0xFE, 0xFF, 0xDD, 0xE0],
    }
}
