//! The elements of data sets and items (PS3.5 §7.1): values, sequences, and what may be either.

use super::frame::{Ends, Kind};
use super::lengths::{check_odd_length, is_odd};
use super::{Walker, ZERO};
use crate::dictionary;
use crate::element::{Body, Element, Event};
use crate::error::{ErrorKind, RawError};
use crate::header::{self, Header, Length, past_end};
use crate::listed::{EveryTag, InDataSets, Listed};
use crate::look::Look;
use crate::reading;
use crate::source::Source;
use crate::span::Span;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;
use crate::warning::Warning;

impl<S: Source> Walker<'_, S> {
    /// The current element, in a data set or item. `None` where the frame changed without one.
    #[inline]
    pub(super) fn element(&mut self) -> Result<Option<Event>, RawError> {
        let at = self.position;
        self.budget.spend().map_err(|kind| kind.at(at))?;
        let header = match header::header(self.source, at, self.top.end, self.top.syntax) {
            Ok(header) if header.tag != ZERO => header,
            other => match self.odd(other)? {
                Some(header) => header,
                None => return Ok(None),
            },
        };
        if at >= self.claims.next() {
            self.claims.meet(at, header.tag, header.length == Length::Defined(0))?;
        }
        if header.tag.is_framing() {
            return self.framing(header);
        }
        let value = at.saturating_add(header.size);
        match header.length {
            Length::Defined(length) => self.defined(header, Span::of_value(value, length)),
            Length::Undefined => self.undefined(header, value),
        }
    }

    /// A header that can't be read, or that no file should hold; `None` where only zeros are left.
    #[cold]
    fn odd(&mut self, read: Result<Header, RawError>) -> Result<Option<Header>, RawError> {
        let (at, end, syntax) = (self.position, self.top.end, self.top.syntax);
        if self.is_trailing_zeros()? {
            return Ok(None);
        }
        match read {
            Err(RawError { kind: ErrorKind::UnknownVr, .. }) => {
                // Below a listed sequence, whatever a reader comes to is listed.
                let every: &dyn Listed = if self.top.is_listed { &EveryTag } else { self.listed };
                reading::unknown_vr(&mut Look { listed: every, ..self.look() }, at, end, syntax).map(Some)
            }
            read => read.map(Some),
        }
    }

    /// An element of defined length: a value, a sequence, or a value that may be one. Never `None`: the result has the
    /// form that [`element`](Self::element) returns, and each error names the element where it arises, so that nothing
    /// is copied on its way up.
    #[inline]
    fn defined(&mut self, header: Header, value: Span) -> Result<Option<Event>, RawError> {
        let end = self.top.end;
        if value.end() > end {
            // In implicit VR a length that spells a VR is that of an explicit header, and no pixels are cut short
            // behind it.
            let spells_vr = header.vr.is_none() && reading::spells_vr(header.length);
            let may_be_cut = is_pixels(header) && self.top.kind == Kind::DataSet && !spells_vr;
            if !may_be_cut {
                return Err(past_end(self.source, end).at(self.position).inside(header.tag));
            }
            self.warnings.add(Warning::PixelDataCutShort);
            let rest = Span::between(value.start(), end).unwrap_or(value);
            return Ok(Some(Event::Element(self.pass(header, header.vr.unwrap_or(Vr::OW), rest))));
        }
        let vr = header.vr.unwrap_or_else(|| dictionary::vr(header.tag).unwrap_or(Vr::UN));
        if let Length::Defined(length) = header.length
            && is_odd(header.tag, vr, length)
        {
            let at = self.position;
            let in_data_sets = InDataSets(self.listed);
            let mut look = Look { listed: &in_data_sets, ..self.look() };
            check_odd_length(&mut look, at, end, header, value).map_err(|error| error.inside(header.tag))?;
        }
        if vr == Vr::SQ {
            let element = self.here(header, vr, value, Body::Sequence(header.length));
            self.open(Kind::Sequence, header.syntax, value.end(), Ends::AtLength, header.tag)?;
            self.position = value.start();
            return Ok(Some(Event::Element(element)));
        }
        if value.len() >= 8 && !is_pixels(header) {
            let syntaxes = self.syntaxes_to_try(header, value).map_err(|error| error.inside(header.tag))?;
            if let [Some(first), second] = syntaxes {
                return self.begin_try(header, vr, value, first, second).map(Some);
            }
        }
        Ok(Some(Event::Element(self.pass(header, vr, value))))
    }

    /// An element of undefined length: a sequence, or encapsulated pixel data.
    fn undefined(&mut self, header: Header, value: u64) -> Result<Option<Event>, RawError> {
        let vr = header.vr.unwrap_or_else(|| dictionary::vr(header.tag).unwrap_or(Vr::UN));
        let (kind, body) = match vr {
            // Only Pixel Data is encapsulated, and float pixel data never (PS3.5 §A.4).
            _ if is_pixels(header) && header.tag == Tag::PIXEL_DATA => (Kind::Fragments, Body::Fragments),
            Vr::SQ | Vr::UN => (Kind::Sequence, Body::Sequence(Length::Undefined)),
            // OB and its like are encapsulated for pixel data only (PS3.5 §A.4). Elsewhere some readers walk their
            // items, and others look for the first bytes of a delimiter.
            _ => return Err(ErrorKind::UndefinedLength.at(self.position).inside(header.tag)),
        };
        let is_unknown = vr == Vr::UN && kind == Kind::Sequence;
        let syntax = if is_unknown {
            self.syntax_of_unknown(value, header.syntax).map_err(|error| error.inside(header.tag))?
        } else {
            header.syntax
        };
        let element = self.here(header, vr, Span::of_value(value, 0), body);
        self.open(kind, syntax, self.top.end, Ends::AtDelimiter, header.tag)?;
        self.top.is_tried |= is_unknown;
        self.top.start = value;
        self.position = value;
        Ok(Some(Event::Element(element)))
    }

    /// UN of undefined length holds implicit little endian (PS3.5 §6.2.2). In big endian files some writers keep big
    /// endian, which the tag of the first item shows.
    fn syntax_of_unknown(&mut self, value: u64, outer: Syntax) -> Result<Syntax, RawError> {
        let end = self.top.end;
        let raw = self.look().peek::<8>(value, end)?;
        let is_outer = raw.is_some_and(|raw| outer == Syntax::ExplicitBig && header::tag(raw, outer).is_framing());
        Ok(if is_outer { outer } else { Syntax::ImplicitLittle })
    }

    /// The current element, whose value the walk passes over.
    #[inline]
    fn pass(&mut self, header: Header, vr: Vr, value: Span) -> Element {
        self.pass_as(header, vr, value, Body::Value(value))
    }

    #[inline]
    pub(super) fn pass_as(&mut self, header: Header, vr: Vr, value: Span, body: Body) -> Element {
        let element = self.here(header, vr, value, body);
        self.position = value.end();
        self.last = (header.tag, value);
        element
    }

    /// The current element.
    #[inline]
    pub(super) fn here(&self, header: Header, vr: Vr, value: Span, body: Body) -> Element {
        let place = Span::between(self.position, value.start()).unwrap_or(value);
        Element { tag: header.tag, vr, syntax: header.syntax, depth: self.top.depth, header: place, body }
    }
}

/// Whether it is pixel data. With VR SQ or UN it is not: what it holds is walked.
fn is_pixels(header: Header) -> bool {
    header.tag.is_pixel_data() && !matches!(header.vr, Some(Vr::SQ | Vr::UN))
}
