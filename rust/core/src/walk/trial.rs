//! Values that may be sequences: private ones, unknown ones, and those of VR UN (PS3.5 §6.2.2).

use super::Walker;
use super::frame::{Ends, Kind, Try};
use super::path;
use crate::dictionary;
use crate::element::{Body, Element, Event};
use crate::error::{Error, ErrorKind, RawError};
use crate::form::Form;
use crate::header::{self, Header, Length, take};
use crate::rival;
use crate::source::Source;
use crate::span::Span;
use crate::syntax::Syntax;
use crate::vr::Vr;

/// An item's tag as its bytes stand in little endian (PS3.5 §7.5).
pub(super) const LITTLE_ITEM: [u8; 4] = [0xFE, 0xFF, 0x00, 0xE0];

impl<S: Source> Walker<'_, S> {
    /// In which syntaxes the value may be a sequence: in none where it does not begin with an item, or is known to be
    /// something else.
    #[inline]
    pub(super) fn syntaxes_to_try(&mut self, header: Header, value: Span) -> Result<[Option<Syntax>; 2], RawError> {
        let begins: [u8; 8] = take(self.source, value.start(), value.end())?;
        let [item @ .., _, _, _, _] = begins;
        if header::is_item_of_any_order(item) {
            Ok(Self::syntaxes_of_items(header, item == LITTLE_ITEM))
        } else if matches!(header.vr, None | Some(Vr::UN)) {
            self.syntaxes_of_damaged_items(header, value, begins)
        } else {
            Ok([None, None])
        }
    }

    #[cold]
    fn syntaxes_of_items(header: Header, is_little: bool) -> [Option<Syntax>; 2] {
        let may_be_sequence = header.vr == Some(Vr::UN)
            || header.tag.is_private()
            || dictionary::vr(header.tag).is_none_or(|vr| matches!(vr, Vr::SQ | Vr::UN));
        if may_be_sequence { syntaxes(header, is_little) } else { [None, None] }
    }

    /// The same for a value that begins otherwise, but with a header that an item could have: some readers take it for
    /// an item, whatever its tag, where their dictionary says that the element is a sequence.
    fn syntaxes_of_damaged_items(
        &mut self,
        header: Header,
        value: Span,
        begins: [u8; 8],
    ) -> Result<[Option<Syntax>; 2], RawError> {
        if header.vr.is_some() && dictionary::vr(header.tag) == Some(Vr::SQ) {
            return Ok(syntaxes(header, true)); // which fails, so that it is counted
        }
        let may_be_sequence = header.tag.is_private() || dictionary::vr(header.tag).is_none_or(|vr| vr == Vr::UN);
        if !may_be_sequence || !may_be_item(begins, value.len()) || self.listed.is_listed(header.tag) {
            return Ok([None, None]);
        }
        let first = value.start().saturating_add(8);
        for syntax in [Syntax::ImplicitLittle, Syntax::ExplicitLittle, Syntax::ExplicitBig] {
            if !rival::shown(&mut self.look(), first, value.end(), Form::of(syntax), header.syntax)?.is_empty() {
                return Err(ErrorKind::AmbiguousValue.at(self.position));
            }
        }
        Ok([None, None])
    }

    /// Takes the value that was just given out as [`Event::Tried`] for a value after all, passes over it whole, and
    /// returns its element.
    pub(crate) fn pass_whole(&mut self) -> Option<Element> {
        let tried = self.tries.pop()?;
        self.outer.truncate(tried.outer);
        self.top = tried.frame;
        self.position = tried.value.end();
        self.last = (tried.opaque.tag, tried.value);
        Some(tried.opaque)
    }

    pub(super) fn begin_try(
        &mut self,
        header: Header,
        vr: Vr,
        value: Span,
        first: Syntax,
        next: Option<Syntax>,
    ) -> Result<Event, RawError> {
        let opaque = self.here(header, vr, value, Body::Value(value));
        let (frame, outer) = (self.top, self.outer.len());
        self.tries.push(Try { opaque, value, next, frame, outer, warnings: self.warnings });
        self.open(Kind::Sequence, first, value.end(), Ends::AtLength, header.tag)?;
        self.top.is_tried = true;
        self.position = value.start();
        Ok(Event::Tried(Element { body: Body::Sequence(header.length), ..opaque }))
    }

    /// The error with its path.
    fn locate(&self, error: RawError) -> Error {
        path::inside(self.outer.iter().chain([&self.top]), error)
    }

    /// Where a try is open, and the bytes are wrong and not the budget or the disk, the innermost try has failed: the
    /// walk goes on behind the value, or tries it again.
    #[cold]
    pub(super) fn give_up(&mut self, error: RawError) -> Result<Event, Error> {
        let Some(tried) = self.tries.pop().filter(|_| error.kind.is_of_bytes()) else {
            return Err(self.locate(error));
        };
        self.outer.truncate(tried.outer);
        self.top = tried.frame;
        self.warnings = tried.warnings;
        self.claims.go_back(tried.value.start());
        let Some(syntax) = tried.next else {
            self.position = tried.value.end();
            return Ok(Event::Opaque(tried.opaque));
        };
        let length = u32::try_from(tried.value.len()).map_or(Length::Undefined, Length::Defined);
        self.tries.push(Try { next: None, ..tried });
        self.open(Kind::Sequence, syntax, tried.value.end(), Ends::AtLength, tried.opaque.tag)
            .map_err(|error| self.locate(error))?;
        self.top.is_tried = true;
        self.position = tried.value.start();
        Ok(Event::TriedAgain(Element { body: Body::Sequence(length), ..tried.opaque }))
    }
}

/// In which syntaxes a value that begins with an item, little endian or not, may be a sequence.
fn syntaxes(header: Header, is_little: bool) -> [Option<Syntax>; 2] {
    match (is_little, header.syntax) {
        (true, Syntax::ExplicitLittle) => [Some(Syntax::ImplicitLittle), Some(Syntax::ExplicitLittle)],
        (true, _) => [Some(Syntax::ImplicitLittle), None],
        // Some writers swap the bytes of private sequences, and some readers swap them back.
        (false, _) => [Some(Syntax::ExplicitBig), None],
    }
}

/// Whether the eight bytes that a value of `length` bytes `begins` with can be the header of an item that holds an
/// element, whatever their tag is.
#[inline]
pub(super) fn may_be_item(begins: [u8; 8], length: u64) -> bool {
    let [_, _, _, _, stated @ ..] = begins;
    let room = length.saturating_sub(8);
    let fits = |stated: u32| stated == u32::MAX || u64::from(stated) <= room;
    // An element in the item takes eight bytes more.
    room >= 8 && (fits(u32::from_le_bytes(stated)) || fits(u32::from_be_bytes(stated)))
}
