//! The walk over a data set: bytes in, elements out, with an explicit stack and no recursion (PS3.5 §7).
//!
//! A value that may be a sequence is walked as one, and perhaps again in another syntax. Its events are given out as
//! the walk goes. Where the try fails, an event says so, and what came since the value is to be dropped.

mod ahead;
mod elements;
mod frame;
mod items;
mod lengths;
mod path;
mod plain;
mod tail;
mod trial;

use self::frame::{Ends, Frame, Kind, Try};
use self::path::outside;
pub(crate) use self::path::presentable;
pub(crate) use self::plain::Taker;
use crate::claims::Claims;
use crate::element::{Body, Element, Event};
use crate::error::{Error, ErrorKind, RawError};
use crate::limits::{Budget, Limits};
use crate::listed::{InDataSets, Listed};
use crate::look::Look;
use crate::meta;
use crate::part10::{self, Start};
use crate::source::Source;
use crate::span::Span;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::warning::{Warning, Warnings};

/// (0000,0000): a command's group length (PS3.7 §6.3). Files hold none: zeros read as this tag.
const ZERO: Tag = Tag::new(0x0000, 0x0000);

/// The walk over one source.
///
/// ```
/// use dicomblank_core::{Body, Event, Limits, NoTag, SliceSource, Walker};
///
/// let data_set = b"\x10\0\x10\0PN\x04\0Doe \x10\0\x40\0CS\x02\0M ";
/// let mut source = SliceSource::new(data_set);
/// let mut walker = Walker::new(&mut source, &NoTag, &Limits::default())?;
/// let mut bytes = 0;
/// while let Some(event) = walker.next()? {
///     if let Event::Element(element) = event
///         && let Body::Value(value) = element.body
///     {
///         bytes += value.len();
///     }
/// }
/// assert_eq!(bytes, 6);
/// # Ok::<(), dicomblank_core::Error>(())
/// ```
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
    /// No reader may see an element of these tags anywhere else than the walk does.
    listed: &'s dyn Listed,
    /// What other readings come to.
    claims: Claims,
    depth_limit: u32,
    warnings: Warnings,
    /// The last value that was passed over, and the tag of its element.
    last: (Tag, Span),
}

impl<'s, S: Source> Walker<'s, S> {
    /// A walk over `source`, from the first element behind the file meta information on. It ends with an error where a
    /// reader could see an element of `listed` somewhere else than the walk does.
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
        let in_data_sets = InDataSets(listed);
        let mut look = Look { source: &mut *source, budget: &mut budget, listed: &in_data_sets, claims: &mut claims };
        let start = part10::start(&mut look, meta).map_err(outside)?;
        Ok(Self::at(start, source, (budget, claims), listed, limits))
    }

    /// A walk over a data set that was deflated (PS3.5 §A.5): `source` is the file with its data set inflated, which
    /// begins at `data_set`. That is the offset of [`ErrorKind::Deflated`] for the file as it stands.
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
        let in_data_sets = InDataSets(listed);
        let mut look = Look { source: &mut *source, budget: &mut budget, listed: &in_data_sets, claims: &mut claims };
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

    /// Where the next header stands.
    pub(crate) const fn position(&self) -> u64 {
        self.position
    }

    /// What was met so far that is out of order but hides nothing.
    #[must_use]
    pub const fn warnings(&self) -> Warnings {
        self.warnings
    }

    /// Rejects `element`, which the walk has just given out, because of `kind`, as if the walk itself had met that
    /// error. Inside a try only the try fails, and the next event is returned.
    ///
    /// # Errors
    /// [`Error`] of that `kind` outside a try.
    pub fn reject(&mut self, kind: ErrorKind, element: &Element) -> Result<Event, Error> {
        let error = kind.at(element.header.start());
        // A sequence is open by now: its tag is in the path already.
        let is_open = matches!(element.body, Body::Sequence(_) | Body::Fragments);
        self.give_up(if element.tag.is_framing() || is_open { error } else { error.inside(element.tag) })
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

    /// The walk is at the innermost defined end.
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

    /// Opens a sequence or fragments in the innermost frame.
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

/// What has ended where the walk is.
enum Ended {
    Frame,
    Try,
    Source,
}
