//! Data element headers (PS3.5 §7.1) and item headers (PS3.5 §7.5).

use crate::dictionary;
use crate::error::{ErrorKind, Fault};
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
    /// The sentinel 0xFFFFFFFF ends here.
    const fn from_field(field: u32) -> Self {
        match field {
            0xFFFF_FFFF => Self::Undefined,
            length => Self::Defined(length),
        }
    }

    /// Whether the first two bytes of the field, in little endian, are the letters of a VR.
    pub(crate) fn spells_vr(self) -> bool {
        match self {
            Self::Defined(length) => {
                let [first, second, ..] = length.to_le_bytes();
                Vr::from_bytes([first, second]).is_some()
            }
            Self::Undefined => false,
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

/// The only function of the core that takes bytes out of a source: the `N` bytes at `at`, which must end at or before `end`.
#[inline]
pub(crate) fn take<const N: usize, S: Source>(source: &mut S, at: u64, end: u64) -> Result<[u8; N], Fault> {
    let wanted = u64::try_from(N).ok().and_then(|len| Span::new(at, len)).ok_or(ErrorKind::Unreadable.at(at))?;
    if wanted.end() > end {
        return Err(past_end(source, wanted.end(), end).at(at));
    }
    let bytes = source.lend(wanted).map_err(|_| ErrorKind::Unreadable.at(at))?;
    bytes.try_into().map_err(|_| ErrorKind::Unreadable.at(at))
}

/// As [`take`], for a look ahead: `None` where there are fewer bytes, which is an answer and not an error. A read that fails is one.
pub(crate) fn peek<const N: usize, S: Source>(source: &mut S, at: u64, end: u64) -> Result<Option<[u8; N]>, Fault> {
    match take(source, at, end) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Fault { kind: ErrorKind::Unreadable, .. }) => Err(ErrorKind::Unreadable.at(at)),
        Err(_) => Ok(None),
    }
}

/// What it means that something reaches to `reach`, behind `end`: the source is cut short, or a defined length is wrong.
pub(crate) fn past_end<S: Source>(source: &S, reach: u64, end: u64) -> ErrorKind {
    let beyond = reach.saturating_sub(end);
    if end == source.size() { ErrorKind::Truncated { needed: beyond } } else { ErrorKind::Overrun { beyond } }
}

/// The header at `at`, in a frame written in `syntax` that ends at `end` (PS3.5 §7.1.2, §7.1.3).
#[inline(always)]
#[allow(clippy::inline_always)] // a sixth of all instructions: else a header and what may be wrong with it go through memory
pub(crate) fn header<S: Source>(source: &mut S, at: u64, end: u64, syntax: Syntax) -> Result<Header, Fault> {
    let raw: [u8; 8] = take(source, at, end)?;
    let tag = tag(raw, syntax);
    if syntax == Syntax::ImplicitLittle || tag.is_framing() {
        return Ok(implicit(raw, syntax));
    }
    let [_, _, _, _, first, second, ..] = raw;
    match Vr::from_bytes([first, second]) {
        Some(vr) if vr.has_long_length() => {
            let length = take(source, at.saturating_add(8), end).map_err(|fault| fault.inside(tag))?;
            Ok(long(raw, length, vr, syntax))
        }
        Some(vr) => Ok(short(raw, vr, syntax)),
        None => unknown_vr(source, at, end, raw, syntax).map_err(|fault| fault.inside(tag)),
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
fn short(raw: [u8; 8], vr: Vr, syntax: Syntax) -> Header {
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
fn long(raw: [u8; 8], length: [u8; 4], vr: Vr, syntax: Syntax) -> Header {
    Header { tag: tag(raw, syntax), vr: Some(vr), length: Length::from_field(syntax.u32(length)), size: 12, syntax }
}

/// A header of 8 bytes in explicit little endian, if its VR has a short length (PS3.5 §7.1.2). It may be one of group FFFE all the same.
#[inline]
pub(crate) fn plain_explicit(raw: [u8; 8]) -> Option<Header> {
    let [_, _, _, _, first, second, ..] = raw;
    let vr = Vr::from_bytes([first, second]).filter(|vr| !vr.has_long_length())?;
    Some(short(raw, vr, Syntax::ExplicitLittle))
}

/// A header whose VR the standard does not know.
///
/// Two capital letters are a VR of the future, whose length is long (PS3.5 §7.1.2), or an invented one, whose length is short as a
/// rule of thumb (so reads pydicom). Other printable letters, two spaces above all, come with short lengths. Anything else is an
/// element in implicit VR, which some writers put among explicit ones. Only a reading that leads to another element counts, and only
/// if it is the only one: a wrong guess would jump over values.
#[cold]
fn unknown_vr<S: Source>(source: &mut S, at: u64, end: u64, raw: [u8; 8], syntax: Syntax) -> Result<Header, Fault> {
    let [_, _, _, _, first, second, reserved @ ..] = raw;
    let one = short(raw, Vr::UN, syntax);
    let other = if first.is_ascii_uppercase() && second.is_ascii_uppercase() {
        let length = if reserved == [0, 0] { peek(source, at.saturating_add(8), end)? } else { None };
        length.map(|length| long(raw, length, Vr::UN, syntax))
    } else {
        (syntax == Syntax::ExplicitLittle).then(|| implicit(raw, Syntax::ImplicitLittle))
    };
    let is_one = leads_on(source, at, end, one)?;
    match other {
        Some(other) if leads_on(source, at, end, other)? => match (is_one, one.length == other.length) {
            (false, _) => Ok(other),
            // No bytes of a value: both readings go on at the same place.
            (true, true) if one.size == other.size => Ok(one),
            (true, _) => Err(ErrorKind::AmbiguousVr.at(at)),
        },
        _ if is_one => Ok(one),
        _ => Err(ErrorKind::UnknownVr.at(at)),
    }
}

/// Whether a reading of the header at `at` ends where the frame ends, or where another element can be.
pub(crate) fn leads_on<S: Source>(source: &mut S, at: u64, end: u64, reading: Header) -> Result<bool, Fault> {
    let value = at.saturating_add(reading.size);
    let Length::Defined(length) = reading.length else {
        let following = peek(source, value, end)?.map(|raw| tag(raw, reading.syntax));
        return Ok(matches!(following, Some(Tag::ITEM | Tag::SEQUENCE_DELIMITER)));
    };
    let next = value.saturating_add(u64::from(length));
    if next == end {
        return Ok(true);
    }
    let (Some(raw), Some(following)) = (peek::<8, S>(source, at, end)?, peek::<8, S>(source, next, end)?) else {
        return Ok(false);
    };
    let ([_, _, _, _, a, b, ..], [_, _, _, _, first, second, ..]) = (following, raw);
    let is_delimiter = matches!(tag(following, reading.syntax), Tag::ITEM_DELIMITER | Tag::SEQUENCE_DELIMITER);
    // The same unknown letters again: a writer that does it once does it often.
    let repeats = reading.vr.is_some() && [a, b] == [first, second];
    let states_vr = Vr::from_bytes([a, b]).is_some() || repeats;
    let is_implicit = reading.syntax != Syntax::ExplicitBig && is_plausible_implicit(following, next, end);
    Ok(is_delimiter || states_vr || is_implicit)
}

/// Whether eight bytes at `at` can be the header of an implicit element that a data set holds.
fn is_plausible_implicit(raw: [u8; 8], at: u64, end: u64) -> bool {
    let header = implicit(raw, Syntax::ImplicitLittle);
    let is_known = header.tag.is_private() || dictionary::is_known(header.tag);
    let fits = match header.length {
        Length::Defined(length) if header.tag.is_group_length() => length == 4,
        Length::Defined(length) => at.saturating_add(8).saturating_add(u64::from(length)) <= end,
        Length::Undefined => true,
    };
    is_known && fits && header.tag.group() != 0
}

/// The syntax of an item whose frame is written in `outer` (PS3.5 §6.2.2): private and UN sequences in an explicit file may hold
/// implicit items, and the reverse is met. The first header of the item tells; where it says both, that is an error, since a wrong
/// guess would jump over values.
pub(crate) fn item_syntax<S: Source>(source: &mut S, at: u64, end: u64, outer: Syntax) -> Result<Syntax, Fault> {
    let Some(raw) = peek::<8, S>(source, at, end)? else {
        return Ok(outer); // no element, or an error that reading the header will report
    };
    let [_, _, _, _, first, second, ..] = raw;
    let stated = Vr::from_bytes([first, second]);
    let is_ordinary = stated.is_some() == (outer != Syntax::ImplicitLittle);
    if is_ordinary || outer == Syntax::ExplicitBig || tag(raw, outer).is_framing() {
        return Ok(outer);
    }
    let implicit = implicit(raw, Syntax::ImplicitLittle);
    let may_be_implicit = is_plausible_implicit(raw, at, end) && leads_on(source, at, end, implicit)?;
    let explicit = match header(source, at, end, Syntax::ExplicitLittle) {
        // No bytes of a value: that is the implicit reading once more.
        Ok(reading) if (reading.size, reading.length) == (implicit.size, implicit.length) => None,
        Ok(reading) => Some(reading).filter(|reading| reading.syntax == Syntax::ExplicitLittle),
        Err(Fault { kind: ErrorKind::UnknownVr, .. }) => None,
        Err(fault) if fault.kind == ErrorKind::Unreadable => return Err(fault),
        Err(_) => return Ok(outer), // where it matters, reading the header will report it
    };
    let may_be_explicit = match explicit {
        Some(explicit) => leads_on(source, at, end, explicit)?,
        None => false,
    };
    let states_its_own = stated.is_some_and(|vr| dictionary::allows(implicit.tag, vr));
    match (may_be_implicit, may_be_explicit) {
        (true, true) if states_its_own => Ok(Syntax::ExplicitLittle),
        (true, true) => Err(ErrorKind::AmbiguousVr.at(at).inside(implicit.tag)),
        (true, false) => Ok(Syntax::ImplicitLittle),
        (false, true) => Ok(Syntax::ExplicitLittle),
        (false, false) => Ok(outer),
    }
}
