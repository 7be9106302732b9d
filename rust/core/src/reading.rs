//! Which reading of the bytes is right, where a file contradicts itself or leaves a choice.
//!
//! The likelier reading alone is never enough: readers differ in which they take. The walk goes on in it, and has to
//! come to every listed element that a [rival](crate::rival) shows; else the file is refused.

use crate::dictionary;
use crate::error::{ErrorKind, RawError};
use crate::form::Form;
use crate::header::{self, Header, Length};
use crate::look::Look;
use crate::padding::Padding;
use crate::rival;
use crate::source::Source;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;
use crate::warning::{Warning, Warnings};

/// The header at `at`, whose VR the standard does not know.
///
/// Two capital letters are a VR of the future, whose length is long (PS3.5 §7.1.2), or an invented one, whose length is
/// mostly short (so reads pydicom). Other printable letters, two spaces above all, come with short lengths. Anything
/// else is an element in implicit VR, which some writers put among explicit ones. A reading counts only if another
/// element can be where it ends.
#[cold]
pub(crate) fn unknown_vr<S: Source>(
    look: &mut Look<'_, S>,
    at: u64,
    end: u64,
    syntax: Syntax,
) -> Result<Header, RawError> {
    let Some(raw) = look.peek::<8>(at, end)? else {
        return Err(header::past_end(look.source, end).at(at));
    };
    let [_, _, _, _, first, second, reserved @ ..] = raw;
    let short = header::short(raw, Vr::UN, syntax);
    let long = look.peek(at.saturating_add(8), end)?.map(|length| header::long(raw, length, Vr::UN, syntax));
    // Also among elements in big endian: dcmtk knows no other implicit VR. There it is never the likelier reading.
    let implicit = header::implicit(raw, Syntax::ImplicitLittle);
    let are_capitals = first.is_ascii_uppercase() && second.is_ascii_uppercase();
    let other = if are_capitals {
        long.filter(|_| reserved == [0, 0])
    } else {
        Some(implicit).filter(|_| syntax == Syntax::ExplicitLittle)
    };
    let is_short = leads_on(look, at, end, short)?;
    let is_other = match other {
        Some(other) => leads_on(look, at, end, other)?,
        None => false,
    };
    let inside = |kind: ErrorKind| kind.at(at).inside(short.tag);
    let chosen = match (is_short, other.filter(|_| is_other)) {
        (false, None) => return Err(inside(ErrorKind::UnknownVr)),
        (true, None) => short,
        (false, Some(other)) => other,
        // No bytes of a value: both readings go on at the same place.
        (true, Some(other)) if (short.size, short.length) == (other.size, other.length) => short,
        (true, Some(_)) => return Err(inside(ErrorKind::AmbiguousVr)),
    };
    // A reader that expects a long length finds it in what is a value here, and blanking overwrites it. Spaces are a
    // length beyond nearly every source; after NULs the reader would go on.
    let text = dictionary::vr(chosen.tag).filter(|vr| vr.padding() == Padding::Space);
    let is_value = chosen.vr.is_some() && chosen.length != Length::Defined(0);
    if is_value && chosen.size == short.size && text.is_none() && look.listed.is_listed(chosen.tag) {
        return Err(inside(ErrorKind::AmbiguousVr));
    }
    let chosen = Header { vr: chosen.vr.map(|unknown| text.unwrap_or(unknown)), ..chosen };
    for rival in [Some(short), long, Some(implicit)].into_iter().flatten() {
        if (rival.size, rival.length) != (chosen.size, chosen.length) {
            let shown = rival::shown_by(look, at, end, rival, syntax)?;
            look.claim(shown, ErrorKind::AmbiguousVr, at)?;
        }
    }
    Ok(chosen)
}

/// Whether the first two bytes of a length, in little endian, are the letters of a VR: then an explicit header was read
/// as an implicit one.
pub(crate) fn spells_vr(length: Length) -> bool {
    match length {
        Length::Defined(length) => {
            let [first, second, ..] = length.to_le_bytes();
            Vr::from_bytes([first, second]).is_some()
        }
        Length::Undefined => false,
    }
}

/// Whether a reading of the header at `at` ends where the frame ends, or where another element can be.
fn leads_on<S: Source>(look: &mut Look<'_, S>, at: u64, end: u64, reading: Header) -> Result<bool, RawError> {
    let value = at.saturating_add(reading.size);
    let Length::Defined(length) = reading.length else {
        let following = look.peek::<8>(value, end)?.map(|raw| header::tag(raw, reading.syntax));
        return Ok(matches!(following, Some(Tag::ITEM | Tag::SEQUENCE_DELIMITER)));
    };
    let next = value.saturating_add(u64::from(length));
    if next == end {
        return Ok(true);
    }
    let (Some(raw), Some(following)) = (look.peek::<8>(at, end)?, look.peek::<8>(next, end)?) else {
        return Ok(false);
    };
    let ([_, _, _, _, a, b, ..], [_, _, _, _, first, second, ..]) = (following, raw);
    let is_delimiter = matches!(header::tag(following, reading.syntax), Tag::ITEM_DELIMITER | Tag::SEQUENCE_DELIMITER);
    // The same unknown letters again: a writer that does it once does it often.
    let repeats = reading.vr.is_some() && [a, b] == [first, second];
    let states_vr = Vr::from_bytes([a, b]).is_some() || repeats;
    let is_implicit = reading.syntax != Syntax::ExplicitBig && is_plausible_implicit(following, next, end);
    Ok(is_delimiter || states_vr || is_implicit)
}

/// Whether eight bytes at `at` can be the header of an implicit element that a data set holds.
fn is_plausible_implicit(raw: [u8; 8], at: u64, end: u64) -> bool {
    let header = header::implicit(raw, Syntax::ImplicitLittle);
    let is_known = header.tag.is_private() || dictionary::is_known(header.tag);
    let fits = match header.length {
        Length::Defined(length) if header.tag.is_group_length() => length == 4,
        Length::Defined(length) => at.saturating_add(8).saturating_add(u64::from(length)) <= end,
        Length::Undefined => true,
    };
    is_known && fits && header.tag.group() != 0
}

/// The syntax of an item whose frame is written in `outer` (PS3.5 §6.2.2): private and UN sequences in an explicit file
/// may hold implicit items, and the reverse occurs. The first header of the item tells. Where it can be both, that is
/// an error, since a wrong guess would jump over values.
#[cold]
pub(crate) fn item_syntax<S: Source>(
    look: &mut Look<'_, S>,
    at: u64,
    end: u64,
    outer: Syntax,
    raw: [u8; 8],
) -> Result<Syntax, RawError> {
    let chosen = likely_item_syntax(look, at, end, outer, raw)?;
    let shown = rival::shown(look, at, end, Form::of(chosen).twin(), outer)?;
    look.claim(shown, ErrorKind::AmbiguousSyntax, at)?;
    Ok(chosen)
}

/// Whether every reader takes an item that begins with the header `raw` to be written as the frame around it, in
/// `outer`. `is_tried` where it is in a value that may be no sequence: there readers differ in the syntax they try.
#[inline]
pub(crate) fn is_ordinary_item(raw: [u8; 8], outer: Syntax, is_tried: bool) -> bool {
    let [_, _, _, _, first, second, ..] = raw;
    let is_as_around = match outer {
        Syntax::ImplicitLittle => !begins_with_capitals(raw),
        Syntax::ExplicitLittle => !is_tried && Vr::from_bytes([first, second]).is_some(),
        Syntax::ExplicitBig => Vr::from_bytes([first, second]).is_some(),
    };
    is_as_around || header::tag(raw, outer).is_framing()
}

/// The likelier syntax of an item that begins with the header `raw`.
fn likely_item_syntax<S: Source>(
    look: &mut Look<'_, S>,
    at: u64,
    end: u64,
    outer: Syntax,
    raw: [u8; 8],
) -> Result<Syntax, RawError> {
    let [_, _, _, _, first, second, ..] = raw;
    let stated = Vr::from_bytes([first, second]);
    if outer == Syntax::ExplicitBig || stated.is_some() == (outer != Syntax::ImplicitLittle) {
        return Ok(outer);
    }
    let implicit = header::implicit(raw, Syntax::ImplicitLittle);
    let may_be_implicit = is_plausible_implicit(raw, at, end) && leads_on(look, at, end, implicit)?;
    let explicit = match header::header(look.source, at, end, Syntax::ExplicitLittle) {
        Err(RawError { kind: ErrorKind::UnknownVr, .. }) => unknown_vr(look, at, end, Syntax::ExplicitLittle),
        read => read,
    };
    let explicit = match explicit {
        // No bytes of a value: that is the implicit reading once more.
        Ok(reading) if (reading.size, reading.length) == (implicit.size, implicit.length) => None,
        Ok(reading) => Some(reading).filter(|reading| reading.syntax == Syntax::ExplicitLittle),
        Err(RawError { kind: ErrorKind::UnknownVr, .. }) => None,
        Err(error) if !error.kind.is_of_bytes() => return Err(error),
        Err(_) => return Ok(outer), // reading the header will report it, where it matters
    };
    let may_be_explicit = match explicit {
        Some(explicit) => leads_on(look, at, end, explicit)?,
        None => false,
    };
    let states_its_own = stated.is_some_and(|vr| dictionary::allows(implicit.tag, vr));
    match (may_be_implicit, may_be_explicit) {
        (true, true) if states_its_own => Ok(Syntax::ExplicitLittle),
        (true, true) => Err(ErrorKind::AmbiguousSyntax.at(at)),
        (true, false) => Ok(Syntax::ImplicitLittle),
        (false, true) => Ok(Syntax::ExplicitLittle),
        (false, false) => Ok(outer),
    }
}

/// How strong the sign is that a data set in some syntax begins somewhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    None,
    /// An element that leads to one of the dictionary.
    Weak,
    /// An element of the dictionary with the very VR that it gives: no accident makes those six bytes.
    Strong,
}

/// The syntax of the data set at `at`: the stated one, unless another one has the better sign.
pub(crate) fn data_set_syntax<S: Source>(
    look: &mut Look<'_, S>,
    at: u64,
    stated: Option<Syntax>,
) -> Result<(Syntax, Warnings), RawError> {
    let mut warnings = Warnings::default();
    let size = look.size();
    let Some(raw) = look.peek::<8>(at, size)? else {
        return Ok((stated.unwrap_or(Syntax::ExplicitLittle), warnings)); // there is no element
    };
    if let Some(stated) = stated
        && is_beyond_doubt(look, at, raw, stated)?
    {
        return Ok((stated, warnings));
    }
    let found = likely_syntax(look, at)?;
    let syntax = match (stated, found) {
        // Without a transfer syntax, implicit little endian is the default (PS3.5 §10.1).
        (None, found) => found.map_or(Syntax::ImplicitLittle, |(syntax, _)| syntax),
        (Some(stated), Some((other, sign))) if other != stated && sign > sign_of_stated(look, at, stated)? => {
            warnings.add(Warning::OtherTransferSyntax);
            other
        }
        (Some(stated), _) => stated,
    };
    // Where another syntax looks likely, dcmtk may be told to guess, and gdcm tries the others.
    let believed = stated.filter(|stated| found.is_none_or(|(likely, _)| likely == *stated));
    for form in Form::ALL.into_iter().filter(|form| *form != Form::of(syntax) && is_taken(*form, believed, raw)) {
        let shown = rival::shown(look, at, size, form, syntax)?;
        look.claim(shown, ErrorKind::AmbiguousSyntax, at)?;
    }
    if is_command(raw) {
        // Behind a command some readers look at the syntax once more.
        let behind = behind_command(look, at)?;
        for form in Form::ALL {
            let shown = rival::shown(look, behind, size, form, syntax)?;
            look.claim(shown, ErrorKind::AmbiguousSyntax, at)?;
        }
    }
    Ok((syntax, warnings))
}

/// Where the elements of group 0000 from `at` on end: those of a command (PS3.7 §6.3), always in implicit VR, or zeros.
pub(crate) fn behind_command<S: Source>(look: &mut Look<'_, S>, at: u64) -> Result<u64, RawError> {
    let size = look.size();
    let mut at = look.behind_zeros(at, size)?;
    while let Some(raw) = look.peek::<8>(at, size)?.filter(|raw| is_command(*raw)) {
        let header = header::implicit(raw, Syntax::ImplicitLittle);
        match header.length {
            Length::Defined(length) => at = at.saturating_add(header.size).saturating_add(u64::from(length)),
            Length::Undefined => {
                // Its delimiter is looked for. Without one, what is behind the header is not the command's.
                let value = at.saturating_add(header.size);
                match look.behind_delimiter(value, size, Syntax::ImplicitLittle)? {
                    Some(behind) => at = behind,
                    None => return Ok(value),
                }
            }
        }
    }
    Ok(at)
}

/// Whether a data set that begins with the header `raw` is written as `stated` beyond doubt. In both byte orders the
/// letters of a VR stand at the same place, so that in explicit syntaxes the tag has to tell.
fn is_beyond_doubt<S: Source>(look: &mut Look<'_, S>, at: u64, raw: [u8; 8], stated: Syntax) -> Result<bool, RawError> {
    Ok(!is_command(raw)
        && match stated {
            Syntax::ImplicitLittle => !begins_with_capitals(raw),
            Syntax::ExplicitLittle | Syntax::ExplicitBig => sign(look, at, stated)? == Sign::Strong,
        })
}

/// Whether some reader takes a data set that begins with the header `raw` to be in `form`. `believed` is the stated
/// syntax where nothing speaks against it. Readers keep to it, but for pydicom, which goes by the letters of the first
/// VR. Without it each reader guesses in its own way.
fn is_taken(form: Form, believed: Option<Syntax>, raw: [u8; 8]) -> bool {
    let Some(stated) = believed else { return true };
    let is_as_letters_say = form.has_order_of(stated) && form.is_explicit() == begins_with_capitals(raw);
    form == Form::of(stated) || is_as_letters_say || (is_command(raw) && form == Form::of(Syntax::ImplicitLittle))
}

/// Whether two capital letters stand where a header has its VR.
fn begins_with_capitals([_, _, _, _, first, second, ..]: [u8; 8]) -> bool {
    first.is_ascii_uppercase() && second.is_ascii_uppercase()
}

/// Group 0000 is a command's, which some read in implicit VR whatever is around it (PS3.7 §6.3).
fn is_command([low, high, ..]: [u8; 8]) -> bool {
    [low, high] == [0, 0]
}

/// The syntax in which the first elements at `at` are likely to be written.
pub(crate) fn plausible_syntax<S: Source>(look: &mut Look<'_, S>, at: u64) -> Result<Option<Syntax>, RawError> {
    Ok(likely_syntax(look, at)?.map(|(syntax, _)| syntax))
}

/// The syntax with the best sign, the first of equals.
fn likely_syntax<S: Source>(look: &mut Look<'_, S>, at: u64) -> Result<Option<(Syntax, Sign)>, RawError> {
    let mut best = None;
    for syntax in [Syntax::ExplicitLittle, Syntax::ExplicitBig, Syntax::ImplicitLittle] {
        let sign = sign(look, at, syntax)?;
        if sign > best.map_or(Sign::None, |(_, sign)| sign) {
            best = Some((syntax, sign));
        }
    }
    Ok(best)
}

/// The sign that a data set in `syntax` begins at `at`.
fn sign<S: Source>(look: &mut Look<'_, S>, at: u64, syntax: Syntax) -> Result<Sign, RawError> {
    let Some(reading) = first_header(look, at, syntax)?.filter(|reading| is_known(reading.tag)) else {
        return Ok(Sign::None);
    };
    if reading.vr.is_some_and(|vr| dictionary::allows(reading.tag, vr)) {
        return Ok(Sign::Strong);
    }
    Ok(if leads_to_known(look, at, reading)? { Sign::Weak } else { Sign::None })
}

/// The same for the syntax that the file states: its first element need not be in the dictionary, nor the next one in
/// order.
fn sign_of_stated<S: Source>(look: &mut Look<'_, S>, at: u64, stated: Syntax) -> Result<Sign, RawError> {
    let sign = sign(look, at, stated)?;
    if sign > Sign::None {
        return Ok(sign);
    }
    let Some(reading) = first_header(look, at, stated)? else {
        return Ok(Sign::None);
    };
    let size = look.size();
    let leads_on = leads_to_known(look, at, reading)? || leads_on(look, at, size, reading)?;
    Ok(if leads_on { Sign::Weak } else { Sign::None })
}

/// The header at `at`, if it reads as one in `syntax`, with a VR that the standard knows.
fn first_header<S: Source>(look: &mut Look<'_, S>, at: u64, syntax: Syntax) -> Result<Option<Header>, RawError> {
    let size = look.size();
    Ok(look.header(at, size, syntax)?.filter(|reading| reading.vr.is_some() || syntax == Syntax::ImplicitLittle))
}

/// Whether the source ends behind the element at `at`, or an element of the dictionary follows, or a private one in the
/// order of tags.
fn leads_to_known<S: Source>(look: &mut Look<'_, S>, at: u64, reading: Header) -> Result<bool, RawError> {
    let size = look.size();
    let value = at.saturating_add(reading.size);
    let Length::Defined(length) = reading.length else {
        // UN holds little endian in a big endian data set, too (PS3.5 §6.2.2).
        let raw = look.peek::<8>(value, size)?;
        let begins = |syntax| raw.is_some_and(|raw| header::tag(raw, syntax).is_framing());
        return Ok(begins(reading.syntax) || begins(Syntax::ImplicitLittle));
    };
    let next = value.saturating_add(u64::from(length));
    if next == size {
        return Ok(true);
    }
    let Some(raw) = look.peek::<8>(next, size)? else {
        return Ok(false);
    };
    let [_, _, _, _, first, second, ..] = raw;
    let tag = header::tag(raw, reading.syntax);
    let has_vr = reading.syntax == Syntax::ImplicitLittle || Vr::from_bytes([first, second]).is_some();
    // Every second group is private: there the order has to tell.
    Ok((is_known(tag) || (tag.is_private() && tag > reading.tag)) && has_vr)
}

/// Whether a data set may begin with `tag`.
fn is_known(tag: Tag) -> bool {
    tag.group() != 0 && dictionary::is_known(tag)
}
