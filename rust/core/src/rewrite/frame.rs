//! The sequences and items around a place, and what becomes of their lengths (PS3.5 §7.5).

use super::dummy::CODE;
use super::fate::Fate;
use super::splice::{About, Done};
use crate::element::Element;
use crate::encode::{Width, element as write_element, framing};
use crate::error::ErrorKind;
use crate::header::Length;
use crate::padding::Padding;
use crate::plan::{Action, Edit};
use crate::span::Span;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;

/// A sequence that is open.
pub(super) struct Open {
    pub(super) frame: Frame,
    pub(super) item: Option<Frame>,
    /// Items begun.
    pub(super) begun: u32,
}

/// A sequence or an item.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) tag: Tag,
    pub(super) header: Span,
    pub(super) width: Width,
    pub(super) syntax: Syntax,
    pub(super) length: Length,
    /// By how many bytes it becomes longer.
    pub(super) grows: i128,
    /// What becomes of it, where it does not stay.
    pub(super) goes: Option<Goes>,
}

/// A sequence or an item that goes, once its end is known.
#[derive(Clone, Copy)]
pub(super) struct Goes {
    pub(super) from: u64,
    pub(super) done: Done,
    pub(super) about: About,
    pub(super) has_code: bool,
}

impl Frame {
    /// That of a sequence or item, to which `fate` happens.
    pub(super) fn of(element: &Element, length: Length, fate: Fate, about: About) -> Self {
        let Element { tag, header, syntax, .. } = *element;
        let frame = Self { tag, header, width: Width::of(element), syntax, length, grows: 0, goes: None };
        let goes = match fate {
            Fate::Removed => Some((header.start(), Done::Remove, false)),
            Fate::Emptied if length != Length::Defined(0) => Some((frame.behind_tag(), Done::Empty, false)),
            Fate::DummyCode => Some((frame.behind_tag(), Done::Dummy, true)),
            _ => None,
        };
        Self { goes: goes.map(|(from, done, has_code)| Goes { from, done, about, has_code }), ..frame }
    }

    /// Where its length stands: directly before what it is the length of.
    pub(super) fn behind_tag(&self) -> u64 {
        self.header.end().saturating_sub(self.width.bytes())
    }

    pub(super) fn field(&self) -> Result<Span, ErrorKind> {
        Span::between(self.behind_tag(), self.header.end()).ok_or(ErrorKind::OtherResult)
    }
}

/// What pads a value: as the VR does, or where none is stated, the dictionary's.
pub(super) fn padding(about: About) -> Padding {
    Edit::new(about.tag, about.vr, 0, 0, about.item, Action::Replace).padding()
}

/// An item with a dummy of a code, in a sequence of this VR whose header is written in `around`.
pub(super) fn code(vr: Vr, around: Syntax) -> Result<Vec<u8>, ErrorKind> {
    // UN holds implicit little endian (PS3.5 §6.2.2).
    let syntax = if vr == Vr::UN { Syntax::ImplicitLittle } else { around };
    let (mut elements, mut item) = (Vec::new(), Vec::new());
    CODE.iter().try_for_each(|(tag, vr, value)| write_element(*tag, *vr, value, syntax, &mut elements))?;
    framing(Tag::ITEM, &elements, syntax, &mut item)?;
    Ok(item)
}
