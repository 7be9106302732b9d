//! The file meta information: the elements of group 0002, and what they say of the data set behind them (PS3.10 §7.1).

use crate::dictionary;
use crate::element::{Body, Element};
use crate::error::{ErrorKind, RawError};
use crate::header::{self, Header, Length, header, past_end};
use crate::look::Look;
use crate::source::{Source, Unreadable};
use crate::span::Span;
use crate::syntax::{Stated, Syntax, TransferSyntax};
use crate::tag::Tag;
use crate::vr::Vr;

/// Offset behind preamble and prefix (PS3.10 §7.1).
pub(crate) const BEHIND_PREFIX: u64 = 132;
/// What was found in the file meta information.
pub(crate) struct FileMeta {
    /// Where the data set begins.
    pub(crate) position: u64,
    pub(crate) transfer_syntax: Option<TransferSyntax>,
    /// Where (0002,0000) says that it begins.
    pub(crate) said_end: Option<u64>,
}

/// Walks group 0002 from `at` on, to where the group ends, whatever its group length says.
pub(crate) fn file_meta<S: Source>(
    look: &mut Look<'_, S>,
    at: u64,
    mut elements: Option<&mut Vec<Element>>,
) -> Result<FileMeta, RawError> {
    let mut stated = None;
    let mut position = at;
    let mut said_end = None;
    let syntax = meta_syntax(look, at)?;
    let size = look.size();
    while begins_with_group_2(look, position)? {
        let at = position;
        look.budget.spend().map_err(|kind| kind.at(at))?;
        let header = header(look.source, at, size, syntax)?;
        let value = value(look, at, header).map_err(|error| error.inside(header.tag))?;
        match header.tag {
            Tag::TRANSFER_SYNTAX_UID => {
                let says = transfer_syntax(look, value).map_err(|kind| kind.at(at).inside(header.tag))?;
                if stated.is_some_and(|before| before != says) {
                    // Readers differ in which of the two they believe.
                    return Err(ErrorKind::AmbiguousTransferSyntax.at(at).inside(header.tag));
                }
                stated = Some(says);
            }
            tag if tag.is_group_length() => said_end = group_end(look, value)?,
            _ => {}
        }
        if let Some(elements) = &mut elements {
            elements.push(meta_element(at, header, value));
        }
        position = value.end();
    }
    let transfer_syntax = match stated {
        Some(Stated::Clearly(syntax)) => Some(syntax),
        Some(Stated::Nothing | Stated::Unclearly) | None => None,
    };
    Ok(FileMeta { position, transfer_syntax, said_end })
}

/// What the element of the transfer syntax says.
fn transfer_syntax<S: Source>(look: &mut Look<'_, S>, value: Span) -> Result<Stated, ErrorKind> {
    /// A UID has at most 64 bytes (PS3.5 §9.1), and some are padded. Of a longer value, readers take as much as they
    /// have room for.
    const LONGEST: u64 = 128;
    if value.len() > LONGEST {
        return Err(ErrorKind::AmbiguousTransferSyntax);
    }
    let bytes = look.source.lend(value).map_err(|_| ErrorKind::Unreadable)?;
    Stated::from_value(bytes).ok_or(ErrorKind::AmbiguousTransferSyntax)
}

/// Where (0002,0000) says that the group ends (PS3.10 §7.1).
fn group_end<S: Source>(look: &mut Look<'_, S>, value: Span) -> Result<Option<u64>, RawError> {
    let length = look.peek(value.start(), value.end())?.map(u32::from_le_bytes);
    Ok(length.map(|length| value.end().saturating_add(u64::from(length))))
}

/// Explicit little endian by the standard (PS3.10 §7.1), implicit by mistake.
fn meta_syntax<S: Source>(look: &mut Look<'_, S>, at: u64) -> Result<Syntax, RawError> {
    let size = look.size();
    let raw = look.peek::<8>(at, size)?;
    let states_vr = raw.is_none_or(|[_, _, _, _, first, second, ..]| Vr::from_bytes([first, second]).is_some());
    Ok(if states_vr { Syntax::ExplicitLittle } else { Syntax::ImplicitLittle })
}

/// The value behind a header of file meta information, which has no sequences (PS3.10 §7.1).
fn value<S: Source>(look: &mut Look<'_, S>, at: u64, header: Header) -> Result<Span, RawError> {
    let Length::Defined(length) = header.length else {
        return Err(ErrorKind::UndefinedLength.at(at));
    };
    let value = Span::of_value(at.saturating_add(header.size), length);
    if value.end() > look.size() {
        return Err(past_end(look.source, look.size()).at(at));
    }
    // Private Information (0002,0102) has a VR of bytes, and is no sequence whatever it begins with.
    let is_sequence = match header.vr {
        Some(Vr::SQ) => true,
        None | Some(Vr::UN) => look.peek(value.start(), value.end())?.is_some_and(header::is_item_of_any_order),
        Some(_) => false,
    };
    if is_sequence { Err(ErrorKind::SequenceInFileMeta.at(at)) } else { Ok(value) }
}

fn begins_with_group_2<S: Source>(look: &mut Look<'_, S>, at: u64) -> Result<bool, RawError> {
    let size = look.size();
    Ok(look.peek::<8>(at, size)?.is_some_and(|[low, high, ..]| [low, high] == [2, 0]))
}

/// The element whose header stands at `at`.
fn meta_element(at: u64, header: Header, value: Span) -> Element {
    let vr = header.vr.unwrap_or_else(|| dictionary::vr(header.tag).unwrap_or(Vr::UN));
    let place = Span::between(at, value.start()).unwrap_or(value);
    Element { tag: header.tag, vr, syntax: header.syntax, depth: 0, header: place, body: Body::Value(value) }
}

/// The elements of the file meta information in front of a data set that was deflated and begins at `data_set`.
///
/// Only what is in front of it is read: the inflated data set could look like more of it. It begins behind "DICM" or
/// with the file: where it ends tells which.
pub(crate) fn elements_before<S: Source>(look: &mut Look<'_, S>, data_set: u64) -> Result<Vec<Element>, RawError> {
    let mut front = Front { source: &mut *look.source, size: data_set };
    let mut look =
        Look { source: &mut front, budget: &mut *look.budget, listed: look.listed, claims: &mut *look.claims };
    let mut found = Vec::new();
    for at in [BEHIND_PREFIX, 0] {
        let mut elements = Vec::new();
        match file_meta(&mut look, at, Some(&mut elements)) {
            Ok(meta) if meta.position == data_set && !elements.is_empty() => found.push(elements),
            Err(error) if error.kind == ErrorKind::Unreadable => return Err(error),
            _ => {}
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some(elements), true) => Ok(elements),
        (Some(_), false) => Err(ErrorKind::AmbiguousStart.at(0)),
        (None, _) => Err(ErrorKind::NoDataSet.at(data_set)),
    }
}

/// The first bytes of a source.
struct Front<'s, S> {
    source: &'s mut S,
    size: u64,
}

impl<S: Source> Source for Front<'_, S> {
    fn size(&self) -> u64 {
        self.size
    }

    fn lend(&mut self, span: Span) -> Result<&[u8], Unreadable> {
        self.source.lend(span)
    }
}
