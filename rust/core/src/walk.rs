//! The walk over a data set: bytes in, elements out, with an explicit stack and no recursion (PS3.5 §7).
//!
//! What is walked twice: nothing. A value that may be a sequence is tried once in each syntax it may have, its events given out as it
//! goes; whoever listens drops them when the try fails.

mod ahead;
mod frame;
mod items;
mod lengths;
mod path;
mod plain;
mod tail;
mod trial;

use self::frame::{Ends, Frame, Kind, Try};
use self::lengths::{check_odd_length, is_odd};
use self::path::outside;
pub(crate) use self::plain::Taker;
use crate::claims::Claims;
use crate::dictionary;
use crate::element::{Body, Element, Event};
use crate::error::{Error, ErrorKind, RawError};
use crate::header::{self, Header, Length, past_end};
use crate::limits::{Budget, Limits};
use crate::listed::{EveryTag, Listed};
use crate::look::Look;
use crate::meta;
use crate::part10::{self, Start};
use crate::reading;
use crate::source::Source;
use crate::span::Span;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;
use crate::warning::{Warning, Warnings};

/// (0000,0000): a command's group length, which no file holds; a file's zeros read as it.
const ZERO: Tag = Tag::new(0x0000, 0x0000);

/// The walk over one source.
#[derive(Debug)]
pub struct Walker<'s, S> {
    source: &'s mut S,
    size: u64,
    position: u64,
    /// The innermost open frame.
    top: Frame,
    /// The frames around it, outermost first.
    outer: Vec<Frame>,
    tries: Vec<Try>,
    budget: Budget,
    /// What no reader may see anywhere else than the walk does.
    listed: &'s dyn Listed,
    /// What other readings come to.
    claims: Claims,
    depth_limit: u32,
    warnings: Warnings,
    /// The last value that was passed over, and the tag of its element.
    last: (Tag, Span),
}

impl<'s, S: Source> Walker<'s, S> {
    /// A walk over `source`, from the first element behind the file meta information on. No reader may see an element of `listed` anywhere
    /// else than the walk does.
    ///
    /// # Errors
    /// [`Error`] where the source is not DICOM, or its file meta information can't be walked.
    pub fn new(source: &'s mut S, listed: &'s dyn Listed, limits: &Limits) -> Result<Self, Error> {
        Self::with_meta(source, listed, limits, None)
    }

    /// The same; the elements of the file meta information go into `meta`.
    pub(crate) fn with_meta(
        source: &'s mut S,
        listed: &'s dyn Listed,
        limits: &Limits,
        meta: Option<&mut Vec<Element>>,
    ) -> Result<Self, Error> {
        let mut budget = Budget::new(limits, source.size());
        let mut claims = Claims::new();
        let mut look = Look { source: &mut *source, budget: &mut budget, listed, claims: &mut claims };
        let start = part10::start(&mut look, meta).map_err(outside)?;
        Ok(Self::at(start, source, (budget, claims), listed, limits))
    }

    /// A walk over a data set that was deflated (PS3.5 §A.5): `source` is the file with its data set inflated, which begins at
    /// `data_set`. That is the offset of [`ErrorKind::Deflated`] for the file as it stands.
    ///
    /// # Errors
    /// [`Error`] where the source can't be read there.
    pub fn inflated(source: &'s mut S, data_set: u64, listed: &'s dyn Listed, limits: &Limits) -> Result<Self, Error> {
        Self::inflated_with_meta(source, data_set, listed, limits, None)
    }

    /// The same; the elements of the file meta information go into `meta`.
    pub(crate) fn inflated_with_meta(
        source: &'s mut S,
        data_set: u64,
        listed: &'s dyn Listed,
        limits: &Limits,
        elements: Option<&mut Vec<Element>>,
    ) -> Result<Self, Error> {
        let mut budget = Budget::new(limits, source.size());
        let data_set = data_set.min(source.size());
        let mut claims = Claims::new();
        let mut look = Look { source: &mut *source, budget: &mut budget, listed, claims: &mut claims };
        if let Some(elements) = elements {
            *elements = meta::elements_before(&mut look, data_set).map_err(outside)?;
        }
        let start = part10::inflated(&mut look, data_set).map_err(outside)?;
        Ok(Self::at(start, source, (budget, claims), listed, limits))
    }

    fn at(
        start: Start,
        source: &'s mut S,
        (budget, claims): (Budget, Claims),
        listed: &'s dyn Listed,
        limits: &Limits,
    ) -> Self {
        let size = source.size();
        let root = Frame {
            kind: Kind::DataSet,
            syntax: start.syntax,
            is_tried: false,
            is_mixed: false,
            is_listed: false,
            start: start.position,
            end: size,
            ends: Ends::AtLength,
            tag: Tag::ITEM,
            items: 0,
            depth: 0,
        };
        Self {
            source,
            size,
            position: start.position,
            top: root,
            outer: Vec::new(),
            tries: Vec::new(),
            budget,
            listed,
            claims,
            depth_limit: limits.depth,
            warnings: start.warnings,
            last: (ZERO, Span::of_value(start.position, 0)),
        }
    }

    /// Number of bytes of the source.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// What was met so far that is out of order but hides nothing.
    #[must_use]
    pub const fn warnings(&self) -> Warnings {
        self.warnings
    }

    /// Tells the walk that what it has just given out, `element`, can't be used, because of `kind`: the same as if the walk itself had met
    /// that. Inside a try only the try has failed, and the next event is returned.
    ///
    /// # Errors
    /// [`Error`] of that `kind` outside a try.
    pub fn reject(&mut self, kind: ErrorKind, element: &Element) -> Result<Event, Error> {
        let error = kind.at(element.header.start());
        self.give_up(if element.tag.is_framing() { error } else { error.inside(element.tag) })
    }

    /// The next event; `None` when the source is walked to its end.
    ///
    /// # Errors
    /// [`Error`] where the source can't be walked on.
    #[inline]
    #[allow(clippy::should_implement_trait)] // an Iterator of Results would have to say what comes after an error
    pub fn next(&mut self) -> Result<Option<Event>, Error> {
        match self.step() {
            Ok(event) => Ok(event),
            Err(error) => self.give_up(error).map(Some),
        }
    }

    #[inline]
    fn step(&mut self) -> Result<Option<Event>, RawError> {
        loop {
            if self.position == self.top.end {
                match self.end_of_frame()? {
                    Ended::Source => return Ok(None),
                    Ended::Try => return Ok(Some(Event::Kept)),
                    Ended::Frame => continue,
                }
            }
            let event = match self.top.kind {
                Kind::DataSet | Kind::Item => self.element()?,
                Kind::Sequence => self.item()?,
                Kind::Fragments => self.fragment()?,
            };
            if event.is_some() {
                return Ok(event);
            }
        }
    }

    /// The walk stands at the innermost defined end.
    fn end_of_frame(&mut self) -> Result<Ended, RawError> {
        match (self.top.ends, self.top.kind) {
            (_, Kind::DataSet) => self.claims.pass(u64::MAX).map(|()| Ended::Source),
            (Ends::AtLength, _) => {
                self.close();
                let tried = self.tries.last().is_some_and(|tried| tried.outer == self.outer.len());
                if tried {
                    self.tries.pop();
                }
                Ok(if tried { Ended::Try } else { Ended::Frame })
            }
            (Ends::AtDelimiter, kind) => {
                let unended = |frame: &Frame| frame.ends == Ends::AtDelimiter || frame.kind == Kind::DataSet;
                if !self.outer.iter().all(unended) {
                    return Err(ErrorKind::MissingDelimiter.at(self.position));
                }
                if kind == Kind::Fragments {
                    self.end_undelimited_fragments(Warning::FragmentsWithoutDelimiter)?;
                } else {
                    self.warnings.add(Warning::MissingDelimiters);
                    self.close();
                }
                Ok(Ended::Frame)
            }
        }
    }

    /// The element at hand, in a data set or item. `None` where the frame changed without one.
    #[inline]
    fn element(&mut self) -> Result<Option<Event>, RawError> {
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

    /// A header that is none, or none that a file should hold; `None` where nothing is left to walk.
    #[cold]
    fn odd(&mut self, read: Result<Header, RawError>) -> Result<Option<Header>, RawError> {
        let (at, end, syntax) = (self.position, self.top.end, self.top.syntax);
        if self.is_trailing_zeros()? {
            return Ok(None);
        }
        match read {
            Err(RawError { kind: ErrorKind::UnknownVr, .. }) => {
                // Below a listed sequence whatever a reader comes to is listed.
                let every: &dyn Listed = if self.top.is_listed { &EveryTag } else { self.listed };
                reading::unknown_vr(&mut Look { listed: every, ..self.look() }, at, end, syntax).map(Some)
            }
            read => read.map(Some),
        }
    }

    /// An element of defined length: a value, a sequence, or a value that may be one. Never `None`: it is in the form that
    /// [`element`](Self::element) returns, and each error names the element where it arises, so that nothing is copied on its way up.
    #[inline]
    fn defined(&mut self, header: Header, value: Span) -> Result<Option<Event>, RawError> {
        let end = self.top.end;
        if value.end() > end {
            // In implicit VR a length that spells a VR is an explicit header, and what is behind it no pixels.
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
            check_odd_length(&mut self.look(), at, end, header, value).map_err(|error| error.inside(header.tag))?;
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
            // Float pixel data is never encapsulated (PS3.5 §A.4).
            _ if is_pixels(header) && header.tag == Tag::PIXEL_DATA => (Kind::Fragments, Body::Fragments),
            Vr::SQ | Vr::UN => (Kind::Sequence, Body::Sequence(Length::Undefined)),
            // OB and its like are encapsulated for pixel data only (PS3.5 §A.4). Elsewhere some readers walk their items, and others look
            // for the first bytes of a delimiter.
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

    /// UN of undefined length holds implicit little endian (PS3.5 §6.2.2); some writers keep the syntax of the file.
    fn syntax_of_unknown(&mut self, value: u64, outer: Syntax) -> Result<Syntax, RawError> {
        let end = self.top.end;
        let raw = self.look().peek::<8>(value, end)?;
        let is_outer = raw.is_some_and(|raw| outer == Syntax::ExplicitBig && header::tag(raw, outer).is_framing());
        Ok(if is_outer { outer } else { Syntax::ImplicitLittle })
    }

    /// The element at hand, whose value the walk passes over.
    #[inline]
    fn pass(&mut self, header: Header, vr: Vr, value: Span) -> Element {
        self.pass_as(header, vr, value, Body::Value(value))
    }

    #[inline]
    fn pass_as(&mut self, header: Header, vr: Vr, value: Span, body: Body) -> Element {
        let element = self.here(header, vr, value, body);
        self.position = value.end();
        self.last = (header.tag, value);
        element
    }

    /// The element at hand.
    #[inline]
    fn here(&self, header: Header, vr: Vr, value: Span, body: Body) -> Element {
        let place = Span::between(self.position, value.start()).unwrap_or(value);
        Element { tag: header.tag, vr, depth: self.top.depth, header: place, body }
    }

    /// Opens a sequence or fragments in the frame at hand.
    fn open(&mut self, kind: Kind, syntax: Syntax, end: u64, ends: Ends, tag: Tag) -> Result<(), RawError> {
        let depth = self.top.depth.saturating_add(1);
        if u32::try_from(depth).is_ok_and(|depth| depth <= self.depth_limit) {
            self.outer.push(self.top);
            let is_listed = self.top.is_listed || self.listed.is_listed(tag);
            self.top = Frame { kind, syntax, end, ends, tag, items: 0, depth, is_mixed: false, is_listed, ..self.top };
            return Ok(());
        }
        Err(ErrorKind::TooDeep { limit: self.depth_limit }.at(self.position).inside(tag))
    }

    fn close(&mut self) {
        if let Some(frame) = self.outer.pop() {
            self.top = frame;
        }
    }
}

/// Pixel data, unless its VR says that it is a sequence or may be one: then what it holds is walked.
fn is_pixels(header: Header) -> bool {
    header.tag.is_pixel_data() && !matches!(header.vr, Some(Vr::SQ | Vr::UN))
}

/// What ended where the walk stands.
enum Ended {
    Frame,
    Try,
    Source,
}
