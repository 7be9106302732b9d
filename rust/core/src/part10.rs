//! Where the data set begins and how it is written: preamble, prefix, file meta information (PS3.10 §7.1), or none of them.

use crate::dictionary;
use crate::element::Element;
use crate::error::{ErrorKind, Fault};
use crate::header::{self, Header, Length, header, past_end, peek};
use crate::limits::Budget;
use crate::meta::meta_element;
use crate::source::Source;
use crate::span::Span;
use crate::syntax::{Syntax, TransferSyntax};
use crate::tag::Tag;
use crate::vr::Vr;
use crate::warning::{Warning, Warnings};

/// Offset behind preamble and prefix (PS3.10 §7.1).
pub(crate) const BEHIND_PREFIX: u64 = 132;
/// How far into a source that can't be read as DICOM the prefix is looked for: some writers put other headers before the preamble.
const PREFIX_SEARCHED: u64 = 1024;
/// A UID is at most 64 bytes long (PS3.5 §9.1); a longer value is no transfer syntax we know.
const UID_LONGEST: u64 = 128;

/// Where and how a data set begins.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    pub(crate) position: u64,
    pub(crate) syntax: Syntax,
    pub(crate) warnings: Warnings,
}

/// Finds the data set. The elements of the file meta information go into `elements`, for whoever asks.
pub(crate) fn start<S: Source>(
    source: &mut S,
    budget: &mut Budget,
    elements: Option<&mut Vec<Element>>,
) -> Result<Start, Fault> {
    let head = match head(source)? {
        Head::None => return Err(not_dicom(source)?),
        Head::At(position) => position,
    };
    let meta = file_meta(source, head, budget, elements)?;
    // "DICM" alone promises a data set that is not there. File meta information alone is a file without one.
    if head == BEHIND_PREFIX && meta.position == head && plausible_syntax(source, head)?.is_none() {
        return Err(ErrorKind::NoDataSet.at(head));
    }
    if meta.position == source.size() {
        return Ok(Start { position: meta.position, syntax: Syntax::ExplicitLittle, warnings: Warnings::default() });
    }
    let stated = match meta.transfer_syntax {
        Some(TransferSyntax::Deflated) => return Err(ErrorKind::Deflated.at(meta.position)),
        Some(TransferSyntax::Jpip) => return Err(ErrorKind::Jpip.at(meta.position)),
        Some(TransferSyntax::Plain(syntax)) => Some(syntax),
        None => None,
    };
    let (syntax, warnings) = data_set_syntax(source, meta.position, stated)?;
    Ok(Start { position: meta.position, syntax, warnings })
}

/// The start of a data set that was deflated, at `position` of a source in which it is inflated. How the source begins is not asked
/// again: with other bytes behind it, the file meta information could seem to go on.
pub(crate) fn inflated<S: Source>(source: &mut S, position: u64) -> Result<Start, Fault> {
    let (syntax, warnings) = data_set_syntax(source, position, Some(Syntax::ExplicitLittle))?;
    Ok(Start { position, syntax, warnings })
}

/// Where the file meta information, or a data set without it, begins.
enum Head {
    At(u64),
    None,
}

fn head<S: Source>(source: &mut S) -> Result<Head, Fault> {
    let size = source.size();
    let has_prefix = peek(source, BEHIND_PREFIX.saturating_sub(4), size)?.is_some_and(|bytes| bytes == *b"DICM");
    let bare = plausible_syntax(source, 0)?;
    let Some(syntax) = bare.filter(|_| has_prefix) else {
        return Ok(match (has_prefix, bare) {
            (true, _) => Head::At(BEHIND_PREFIX),
            (false, Some(_)) => Head::At(0),
            (false, None) => Head::None,
        });
    };
    // A data set without preamble may hold "DICM" where the prefix would be, and a preamble may look like an element.
    match reach(source, syntax)? {
        Reach::Short => Ok(Head::At(BEHIND_PREFIX)),
        // What is behind the prefix belongs to the data set in front of it as well.
        Reach::Prefix if !begins_with_group_2(source, BEHIND_PREFIX)? => Ok(Head::At(0)),
        Reach::Beyond if !is_beginning(source, BEHIND_PREFIX)? => Ok(Head::At(0)),
        Reach::Prefix | Reach::Beyond => Err(ErrorKind::AmbiguousStart.at(0)),
    }
}

/// How far elements follow each other from the first byte on.
enum Reach {
    /// Not up to the prefix.
    Short,
    /// To the end of the prefix exactly.
    Prefix,
    /// Further: the prefix is inside a value or a header.
    Beyond,
}

fn reach<S: Source>(source: &mut S, syntax: Syntax) -> Result<Reach, Fault> {
    let (mut at, size) = (0, source.size());
    while at < BEHIND_PREFIX {
        let header = match header(source, at, size, syntax) {
            Ok(header) => header,
            Err(fault) if fault.kind == ErrorKind::Unreadable => return Err(fault),
            Err(_) => return Ok(Reach::Short),
        };
        at = at.saturating_add(header.size);
        match header.length {
            Length::Defined(length) => at = at.saturating_add(u64::from(length)),
            // Its items may well hold the prefix.
            Length::Undefined => return Ok(Reach::Beyond),
        }
        if at > size {
            return Ok(Reach::Short);
        }
    }
    Ok(if at == BEHIND_PREFIX { Reach::Prefix } else { Reach::Beyond })
}

/// Whether file meta information or a data set can begin at `at`.
fn is_beginning<S: Source>(source: &mut S, at: u64) -> Result<bool, Fault> {
    Ok(begins_with_group_2(source, at)? || plausible_syntax(source, at)?.is_some())
}

/// What to say of a source in which no data set was found.
fn not_dicom<S: Source>(source: &mut S) -> Result<Fault, Fault> {
    let searched = Span::between(0, source.size().min(PREFIX_SEARCHED)).ok_or(ErrorKind::Unreadable.at(0))?;
    let bytes = source.lend(searched).map_err(|_| ErrorKind::Unreadable.at(0))?;
    let found = bytes.windows(4).position(|window| window == b"DICM");
    Ok(match found {
        Some(at) => ErrorKind::NoDataSet.at(u64::try_from(at).unwrap_or(0)),
        None => ErrorKind::NotDicom.at(0),
    })
}

/// What was found in the file meta information.
pub(crate) struct FileMeta {
    /// Where the data set begins.
    pub(crate) position: u64,
    transfer_syntax: Option<TransferSyntax>,
}

/// Walks group 0002 from `at` on. Its group length is not believed: where the group ends is seen.
pub(crate) fn file_meta<S: Source>(
    source: &mut S,
    at: u64,
    budget: &mut Budget,
    mut elements: Option<&mut Vec<Element>>,
) -> Result<FileMeta, Fault> {
    let mut meta = FileMeta { position: at, transfer_syntax: None };
    let syntax = meta_syntax(source, at)?;
    let size = source.size();
    while begins_with_group_2(source, meta.position)? {
        let at = meta.position;
        budget.spend().map_err(|kind| kind.at(at))?;
        let header = header(source, at, size, syntax)?;
        let value = value(source, at, header).map_err(|fault| fault.inside(header.tag))?;
        if header.tag == Tag::TRANSFER_SYNTAX_UID && value.len() <= UID_LONGEST {
            let uid = source.lend(value).map_err(|_| ErrorKind::Unreadable.at(value.start()))?;
            meta.transfer_syntax = TransferSyntax::from_uid(uid);
        }
        if let Some(elements) = &mut elements {
            elements.push(meta_element(at, header, value));
        }
        meta.position = value.end();
    }
    Ok(meta)
}

/// Explicit little endian by the standard (PS3.10 §7.1), implicit by mistake.
fn meta_syntax<S: Source>(source: &mut S, at: u64) -> Result<Syntax, Fault> {
    let size = source.size();
    let raw = peek::<8, S>(source, at, size)?;
    let states_vr = raw.is_none_or(|[_, _, _, _, first, second, ..]| Vr::from_bytes([first, second]).is_some());
    Ok(if states_vr { Syntax::ExplicitLittle } else { Syntax::ImplicitLittle })
}

/// The value behind a header of file meta information, which has no sequences.
fn value<S: Source>(source: &S, at: u64, header: Header) -> Result<Span, Fault> {
    let Length::Defined(length) = header.length else {
        return Err(ErrorKind::UndefinedLength.at(at));
    };
    let value = Span::of_value(at.saturating_add(header.size), length);
    if value.end() > source.size() {
        return Err(past_end(source, value.end(), source.size()).at(at));
    }
    Ok(value)
}

fn begins_with_group_2<S: Source>(source: &mut S, at: u64) -> Result<bool, Fault> {
    let size = source.size();
    Ok(peek::<8, S>(source, at, size)?.is_some_and(|[low, high, ..]| [low, high] == [2, 0]))
}

/// How sure it is that a data set begins somewhere in some syntax.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    None,
    /// An element that leads to one that the dictionary lists.
    Weak,
    /// A listed element with the very VR that the dictionary gives it: no accident makes those six bytes.
    Strong,
}

/// The syntax of the data set at `at`: the stated one, unless another one has the better sign.
fn data_set_syntax<S: Source>(source: &mut S, at: u64, stated: Option<Syntax>) -> Result<(Syntax, Warnings), Fault> {
    let mut warnings = Warnings::default();
    let found = likely_syntax(source, at)?;
    let Some(stated) = stated else {
        // Without a transfer syntax, implicit little endian is the default (PS3.5 §10.1).
        return Ok((found.map_or(Syntax::ImplicitLittle, |(syntax, _)| syntax), warnings));
    };
    match found {
        Some((other, sign)) if other != stated && sign > sign_of_stated(source, at, stated)? => {
            warnings.add(Warning::OtherTransferSyntax);
            Ok((other, warnings))
        }
        _ => Ok((stated, warnings)),
    }
}

/// The syntax in which the first elements at `at` are likely to be written.
fn plausible_syntax<S: Source>(source: &mut S, at: u64) -> Result<Option<Syntax>, Fault> {
    Ok(likely_syntax(source, at)?.map(|(syntax, _)| syntax))
}

/// The syntax with the best sign, the first of equals.
fn likely_syntax<S: Source>(source: &mut S, at: u64) -> Result<Option<(Syntax, Sign)>, Fault> {
    let mut best = None;
    for syntax in [Syntax::ExplicitLittle, Syntax::ExplicitBig, Syntax::ImplicitLittle] {
        let sign = sign(source, at, syntax)?;
        if sign > best.map_or(Sign::None, |(_, sign)| sign) {
            best = Some((syntax, sign));
        }
    }
    Ok(best)
}

/// The sign that a data set in `syntax` begins at `at`.
fn sign<S: Source>(source: &mut S, at: u64, syntax: Syntax) -> Result<Sign, Fault> {
    let Some(reading) = first_header(source, at, syntax)?.filter(|reading| is_listed(reading.tag)) else {
        return Ok(Sign::None);
    };
    if reading.vr.is_some_and(|vr| dictionary::allows(reading.tag, vr)) {
        return Ok(Sign::Strong);
    }
    Ok(if leads_to_listed(source, at, reading)? { Sign::Weak } else { Sign::None })
}

/// The same for a syntax that the file states: its first element need not be listed, nor what follows be in order.
fn sign_of_stated<S: Source>(source: &mut S, at: u64, stated: Syntax) -> Result<Sign, Fault> {
    let sign = sign(source, at, stated)?;
    if sign > Sign::None {
        return Ok(sign);
    }
    let Some(reading) = first_header(source, at, stated)? else {
        return Ok(Sign::None);
    };
    let leads_on = leads_to_listed(source, at, reading)? || header::leads_on(source, at, source.size(), reading)?;
    Ok(if leads_on { Sign::Weak } else { Sign::None })
}

/// The header at `at`, if it reads as one in `syntax`, with a VR that the standard knows.
fn first_header<S: Source>(source: &mut S, at: u64, syntax: Syntax) -> Result<Option<Header>, Fault> {
    let size = source.size();
    let Some([_, _, _, _, first, second, ..]) = peek::<8, S>(source, at, size)? else {
        return Ok(None);
    };
    if syntax != Syntax::ImplicitLittle && Vr::from_bytes([first, second]).is_none() {
        return Ok(None);
    }
    match header(source, at, size, syntax) {
        Ok(reading) => Ok(Some(reading).filter(|reading| reading.syntax == syntax)),
        Err(fault) if fault.kind == ErrorKind::Unreadable => Err(fault),
        Err(_) => Ok(None),
    }
}

/// Whether behind the element at `at` the source ends, or an element follows that the dictionary lists, or a private one in order.
fn leads_to_listed<S: Source>(source: &mut S, at: u64, reading: Header) -> Result<bool, Fault> {
    let size = source.size();
    let value = at.saturating_add(reading.size);
    let Length::Defined(length) = reading.length else {
        // UN holds little endian in a big endian data set too (PS3.5 §6.2.2).
        let raw = peek::<8, S>(source, value, size)?;
        let begins = |syntax| raw.is_some_and(|raw| header::tag(raw, syntax).is_framing());
        return Ok(begins(reading.syntax) || begins(Syntax::ImplicitLittle));
    };
    let next = value.saturating_add(u64::from(length));
    if next == size {
        return Ok(true);
    }
    let Some(raw) = peek::<8, S>(source, next, size)? else {
        return Ok(false);
    };
    let [_, _, _, _, first, second, ..] = raw;
    let tag = header::tag(raw, reading.syntax);
    let has_vr = reading.syntax == Syntax::ImplicitLittle || Vr::from_bytes([first, second]).is_some();
    // Every second number is a private tag's: there the order has to tell.
    Ok((is_listed(tag) || (tag.is_private() && tag > reading.tag)) && has_vr)
}

/// Whether a data set may begin with `tag`.
fn is_listed(tag: Tag) -> bool {
    tag.group() != 0 && dictionary::is_known(tag)
}
