//! The walk over a result, beside that over the original.

use std::collections::VecDeque;

use crate::element::{Element, Event};
use crate::error::ErrorKind;
use crate::source::{Source, Unreadable};
use crate::span::Span;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;
use crate::walk::{Taker, Walker};

/// How much is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Headers, and values that become others: what the result of [`Rewritten`](super::Rewritten) can have wrong. The
    /// other values it copies.
    Headers,
    /// Every byte.
    All,
}

/// What the walk over a result gives out, with all tries settled.
pub(super) struct Settled<'w, R> {
    pub(super) walker: Walker<'w, R>,
    ready: VecDeque<Element>,
    /// How many were ready when a try began, innermost last.
    marks: Vec<usize>,
}

impl<'w, R: Source> Settled<'w, R> {
    pub(super) const fn new(walker: Walker<'w, R>) -> Self {
        Self { walker, ready: VecDeque::new(), marks: Vec::new() }
    }

    pub(super) fn next(&mut self) -> Result<Option<Element>, ErrorKind> {
        while self.ready.is_empty() || !self.marks.is_empty() {
            if self.ready.len() > MOST {
                return Err(ErrorKind::OtherResult);
            }
            let event = self.walker.next().map_err(|error| match error.kind {
                ErrorKind::Unreadable => ErrorKind::Unreadable,
                _ => ErrorKind::OtherResult,
            })?;
            match event {
                None => return Ok(None),
                Some(Event::Element(element)) => self.ready.push_back(element),
                Some(Event::Tried(element)) => {
                    self.marks.push(self.ready.len());
                    self.ready.push_back(element);
                }
                Some(Event::TriedAgain(element)) => {
                    self.ready.truncate(self.marks.last().copied().unwrap_or_default());
                    self.ready.push_back(element);
                }
                Some(Event::Opaque(element)) => {
                    self.ready.truncate(self.marks.pop().unwrap_or_default());
                    self.ready.push_back(element);
                }
                Some(Event::Kept) => drop(self.marks.pop()),
            }
        }
        Ok(self.ready.pop_front())
    }

    /// Whether nothing is settled in advance, and an element of that depth and syntax comes next, if any.
    pub(super) fn is_at(&self, depth: usize, syntax: Syntax) -> bool {
        let is_settled = self.ready.is_empty() && self.marks.is_empty();
        is_settled && self.walker.depth() == Some(depth) && self.walker.syntax() == syntax
    }

    /// Passes over what is deeper than `depth`.
    pub(super) fn leave(&mut self, depth: usize) -> Result<(), ErrorKind> {
        while let Some(element) = self.next()? {
            if element.depth <= depth {
                self.ready.push_front(element);
                break;
            }
        }
        Ok(())
    }
}

/// The most elements that are held back while it is open whether a value is a sequence: 20 MB. In ordinary files such
/// values are short.
pub(super) const MOST: usize = 256 * 1024;

/// Passes over one value of the result, if it is as it is to be. Where both are passed over, both headers have 8
/// bytes, which tag, VR and length decide.
pub(super) struct Same<'b> {
    pub(super) tag: Tag,
    pub(super) vr: Vr,
    pub(super) bytes: &'b [u8],
    pub(super) compared: Compared,
    pub(super) is_met: bool,
}

impl Taker for Same<'_> {
    #[inline]
    fn pass(&mut self, tag: Tag, vr: Vr, _: Span, bytes: &[u8]) -> bool {
        let is_so = !self.is_met
            && (tag, vr, bytes.len()) == (self.tag, self.vr, self.bytes.len())
            && (self.compared == Compared::Headers || bytes == self.bytes);
        self.is_met |= is_so;
        is_so
    }
}

/// What a walk lends, as a source.
pub(super) struct Lent<'l, 'w, R>(pub(super) &'l mut Walker<'w, R>);

impl<R: Source> Source for Lent<'_, '_, R> {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn lend(&mut self, span: Span) -> Result<&[u8], Unreadable> {
        self.0.lend(span)
    }
}
