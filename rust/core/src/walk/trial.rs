//! Values that may be sequences: private ones, unknown ones, and those of VR UN (PS3.5 §6.2.2).

use super::Walker;
use super::frame::{Ends, Frame, Kind};
use crate::dictionary;
use crate::element::{Body, Element, Event};
use crate::error::{Error, ErrorClass, Fault};
use crate::header::{Header, Length, take};
use crate::source::Source;
use crate::span::Span;
use crate::syntax::Syntax;
use crate::vr::Vr;
use crate::warning::Warnings;

/// An item's tag as its bytes stand in little endian (PS3.5 §7.5).
pub(super) const LITTLE_ITEM: [u8; 4] = [0xFE, 0xFF, 0x00, 0xE0];

/// A value that is walked as a sequence on trial.
#[derive(Clone, Copy, Debug)]
pub(super) struct Try {
    /// What it is if the try fails.
    pub(super) opaque: Element,
    pub(super) value: Span,
    /// How it is tried next if this try fails.
    pub(super) next: Option<Syntax>,
    /// The frame it stands in, and how many there are around that one.
    pub(super) frame: Frame,
    pub(super) outer: usize,
    pub(super) warnings: Warnings,
}

impl<S: Source> Walker<'_, S> {
    /// In which syntaxes the value may be a sequence: none where it does not begin with an item, or is known to be something else.
    #[inline]
    pub(super) fn syntaxes_to_try(&mut self, header: Header, value: Span) -> Result<[Option<Syntax>; 2], Fault> {
        /// The same in big endian.
        const BIG: [u8; 4] = [0xFF, 0xFE, 0xE0, 0x00];
        match take(self.source, value.start(), value.end())? {
            LITTLE_ITEM => Ok(syntaxes(header, true)),
            BIG if header.syntax == Syntax::ExplicitBig => Ok(syntaxes(header, false)),
            _ => Ok([None, None]),
        }
    }

    pub(super) fn begin_try(
        &mut self,
        header: Header,
        vr: Vr,
        value: Span,
        first: Syntax,
        next: Option<Syntax>,
    ) -> Result<Event, Fault> {
        let opaque = self.here(header, vr, value, Body::Value(value));
        let (frame, outer) = (self.top, self.outer.len());
        self.tries.push(Try { opaque, value, next, frame, outer, warnings: self.warnings });
        self.open(Kind::Sequence, first, value.end(), Ends::AtLength, header.tag)?;
        self.position = value.start();
        Ok(Event::Tried(Element { body: Body::Sequence(header.length), ..opaque }))
    }

    /// Where a try is open and the fault is not a spent budget, the innermost try has failed and the walk goes on behind or again.
    #[cold]
    pub(super) fn give_up(&mut self, fault: Fault) -> Result<Event, Error> {
        let is_final = matches!(fault.kind.class(), ErrorClass::Limit | ErrorClass::Unreadable);
        let Some(tried) = self.tries.pop().filter(|_| !is_final) else {
            return Err(self.locate(fault));
        };
        self.outer.truncate(tried.outer);
        self.top = tried.frame;
        self.warnings = tried.warnings;
        let Some(syntax) = tried.next else {
            self.position = tried.value.end();
            return Ok(Event::Opaque(tried.opaque));
        };
        let length = u32::try_from(tried.value.len()).map_or(Length::Undefined, Length::Defined);
        self.tries.push(Try { next: None, ..tried });
        self.open(Kind::Sequence, syntax, tried.value.end(), Ends::AtLength, tried.opaque.tag)
            .map_err(|fault| self.locate(fault))?;
        self.position = tried.value.start();
        Ok(Event::TriedAgain(Element { body: Body::Sequence(length), ..tried.opaque }))
    }
}

/// In which syntaxes a value that begins with an item, little endian or not, may be a sequence.
#[cold]
fn syntaxes(header: Header, is_little: bool) -> [Option<Syntax>; 2] {
    let may_be_sequence = header.vr == Some(Vr::UN)
        || header.tag.is_private()
        || dictionary::vr(header.tag).is_none_or(|vr| matches!(vr, Vr::SQ | Vr::UN));
    match (may_be_sequence, is_little, header.syntax) {
        (false, _, _) => [None, None],
        (true, true, Syntax::ExplicitLittle) => [Some(Syntax::ImplicitLittle), Some(Syntax::ExplicitLittle)],
        (true, true, _) => [Some(Syntax::ImplicitLittle), None],
        (true, false, _) => [Some(Syntax::ExplicitBig), None],
    }
}
