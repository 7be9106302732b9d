//! From fates to splices: what goes from where to where, what is written there, and the lengths of the items and
//! sequences around (PS3.5 §7.5).

mod values;

use super::fate::{Fate, is_repeated};
use super::frame::{Frame, Goes, Open, code};
use super::splice::{About, Count, Done, Splices};
use super::treater::Treater;
use super::way::{Consumer, Plain, Stop};
use crate::element::{Body, Element};
use crate::encode::Width;
use crate::error::ErrorKind;
use crate::header::Length;
use crate::limits::Limits;
use crate::plan::{Edit, ItemRef, Owner};
use crate::rules::{Insert, Number, Rules};
use crate::source::Source;
use crate::span::{Span, size_of_slice};
use crate::syntax::Syntax;
use crate::tag::{Step, Tag};
use crate::vr::Vr;
use crate::walk::Walker;

pub(super) struct Splicer<'r> {
    rules: &'r Rules,
    pub(super) splices: Splices,
    pub(super) edits: Vec<Edit>,
    pub(super) owners: Vec<Owner>,
    /// The class and the name of the object, as the result has them.
    pub(super) class: Option<Said>,
    pub(super) instance: Option<Said>,
    /// The sequences around the current element.
    open: Vec<Open>,
    /// Behind what was taken last: there the next header stands, behind delimiters that end what is open.
    at: u64,
    marks: Vec<Mark>,
    left: u32,
    limit: u32,
    /// Those that are still to be added.
    inserts: &'r [Insert],
    syntax: Syntax,
}

/// Where it stands what the result says in an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// As in the source.
    Source(Span),
    /// What this edit writes.
    Edit(usize),
    /// This text of the rules.
    Text(Number),
    /// Nothing.
    Nothing,
}

/// How many edits there is room for at first: as many as most files have.
const ROOM: usize = 32;

struct Mark {
    splices: Count,
    edits: usize,
    owners: usize,
    items: usize,
    open: usize,
    left: u32,
}

impl<'r> Splicer<'r> {
    /// Of a data set that begins at `at`, written in `syntax`.
    pub(super) fn new(rules: &'r Rules, limits: &Limits, at: u64, syntax: Syntax) -> Self {
        Self {
            rules,
            splices: Splices::with_room(),
            edits: Vec::with_capacity(ROOM),
            owners: Vec::new(),
            class: None,
            instance: None,
            open: Vec::new(),
            at,
            marks: Vec::new(),
            left: limits.edits,
            limit: limits.edits,
            inserts: rules.inserts(),
            syntax,
        }
    }

    /// Behind the last element.
    pub(super) const fn end(&self) -> u64 {
        self.at
    }
}

impl<'r, S: Source> Consumer<'r, S> for Splicer<'r> {
    #[inline]
    fn pass(&mut self, plain: &Plain<'_>, fate: Fate) -> bool {
        let Plain { tag, value, .. } = *plain;
        let is_looked_at = self.open.is_empty()
            && (is_repeated(tag) || self.inserts.first().is_some_and(|insert| insert.tag() <= tag))
            || self.rules.ask_owner(tag);
        // A header of 8 bytes stands between the two.
        if is_looked_at || self.at.saturating_add(8) != value.start() {
            return false;
        }
        if !matches!(fate, Fate::Stays | Fate::Gone) && self.take_plain(plain, fate).is_err() {
            return false;
        }
        self.at = value.end();
        true
    }

    fn come_to(&mut self, depth: usize, _: Syntax, next: u64) -> Result<(), Stop> {
        self.leave(depth, next)
    }

    fn mark(&mut self, element: &Element, items: usize) -> Result<(), Stop> {
        // What ends in front of it, or is added there, is so whatever it is.
        self.begin(element)?;
        self.marks.push(Mark {
            splices: self.splices.count(),
            edits: self.edits.len(),
            owners: self.owners.len(),
            items,
            open: self.open.len(),
            left: self.left,
        });
        Ok(())
    }

    fn keep(&mut self) {
        self.marks.pop();
    }

    fn undo(&mut self, header: Span) -> Option<usize> {
        let mark = self.marks.pop()?;
        self.splices.truncate(mark.splices);
        self.edits.truncate(mark.edits);
        self.owners.truncate(mark.owners);
        self.open.truncate(mark.open);
        self.left = mark.left;
        self.at = header.start();
        Some(mark.items)
    }

    fn take(
        &mut self,
        element: &Element,
        fate: Fate,
        treater: &Treater<'r>,
        walker: &mut Walker<'_, S>,
    ) -> Result<(), Stop> {
        self.begin(element)?;
        self.at = element.header.end();
        if !matches!(fate, Fate::Stays | Fate::Gone) {
            self.spend().map_err(bare)?;
        }
        let about = about(element, treater.item(), fate);
        match element.body {
            Body::Value(value) | Body::Fragment(value) => {
                match fate {
                    Fate::Mapped(number) => self.map(element, value, number, about, walker),
                    fate => self.value(element, value, fate, about),
                }
                .map_err(bare)?;
                self.at = value.end();
            }
            Body::Sequence(length) => self.sequence(Frame::of(element, length, fate, about)),
            Body::Fragments => self.sequence(Frame::of(element, Length::Undefined, fate, about)),
            Body::Item(length) => {
                if let Some(open) = self.open.last_mut() {
                    open.begun = open.begun.saturating_add(1);
                    open.item = Some(Frame::of(element, length, fate, about));
                }
            }
            Body::StrayDelimiter => {}
        }
        Ok(())
    }
}

impl Splicer<'_> {
    /// Takes a value of the data set itself that goes.
    fn take_plain(&mut self, plain: &Plain<'_>, fate: Fate) -> Result<(), ErrorKind> {
        let element = plain.element(self.syntax).ok_or(ErrorKind::OtherResult)?;
        self.spend()?;
        self.value(&element, plain.value, fate, about(&element, ItemRef::ROOT, fate))
    }

    /// The next element is inside `depth` sequences. Between what was taken last and `next` stands nothing but delimiters.
    fn leave(&mut self, depth: usize, next: u64) -> Result<(), Stop> {
        while self.open.len() > depth {
            self.end_item(next)?;
            let Some(open) = self.open.pop() else { break };
            self.end_frame(open.frame, next)?;
        }
        Ok(())
    }

    /// Ends what has ended in front of an element, and adds what belongs there.
    fn begin(&mut self, element: &Element) -> Result<(), Stop> {
        let at = element.header.start();
        self.end_before(element)?;
        if element.depth == 0 {
            self.insert_before(element.tag, at).map_err(bare)?;
        }
        // Else what stands between would be lost, or doubled.
        if self.at == at { Ok(()) } else { Err(bare(ErrorKind::OtherResult)) }
    }

    /// Adds what is left to be added, behind the last element.
    pub(super) fn finish(&mut self, size: u64) -> Result<(), Stop> {
        self.leave(0, size)?;
        while let Some((insert, rest)) = self.inserts.split_first() {
            self.insert(insert, self.at).map_err(bare)?;
            self.inserts = rest;
        }
        self.splices.sort();
        Ok(())
    }

    /// Items that have ended where `element` stands.
    fn end_before(&mut self, element: &Element) -> Result<(), Stop> {
        let next = element.header.start();
        self.leave(element.depth, next)?;
        let is_between_items = match element.body {
            Body::Item(_) => true,
            // In an item, or behind one of undefined length.
            Body::StrayDelimiter => self.at != next,
            _ => false,
        };
        if is_between_items { self.end_item(next) } else { Ok(()) }
    }

    fn end_item(&mut self, next: u64) -> Result<(), Stop> {
        let Some(item) = self.open.last_mut().and_then(|open| open.item.take()) else { return Ok(()) };
        self.end_frame(item, next)
    }

    /// Passes over the delimiter of a frame, where it has one and the source has not ended before; then the frame goes, or
    /// has its new length.
    fn end_frame(&mut self, frame: Frame, next: u64) -> Result<(), Stop> {
        const DELIMITER: u64 = 8;
        if frame.length == Length::Undefined {
            self.at = self.at.saturating_add(DELIMITER).min(next);
        }
        let done = match frame.goes {
            Some(goes) => self.cut(&frame, goes),
            None => self.resize(frame),
        };
        done.map_err(|kind| (kind, Some(self.place(&frame))))
    }

    /// Gives a frame that has ended its new length, where it says one, and tells the frame around.
    fn resize(&mut self, frame: Frame) -> Result<(), ErrorKind> {
        if frame.grows == 0 {
            return Ok(());
        }
        if let Length::Defined(length) = frame.length {
            let length = i128::from(length).saturating_add(frame.grows);
            let length = u64::try_from(length).map_err(|_| ErrorKind::LengthTooLarge)?;
            self.spend()?;
            let about = About { tag: frame.tag, vr: Vr::UN, item: ItemRef::ROOT, lead: 0 };
            self.splices
                .push(frame.field()?, about, Done::Length, |bytes| frame.width.write(length, frame.syntax, bytes))?;
        }
        self.grow(frame.grows);
        Ok(())
    }

    /// A sequence or an item that goes has ended.
    fn cut(&mut self, frame: &Frame, goes: Goes) -> Result<(), ErrorKind> {
        let span = Span::between(goes.from, self.at).ok_or(ErrorKind::OtherResult)?;
        let grows = self.splices.push(span, goes.about, goes.done, |bytes| {
            if goes.done == Done::Remove {
                return Ok(());
            }
            let inside = if goes.has_code { code(goes.about.vr, frame.syntax)? } else { Vec::new() };
            frame.width.write(size_of_slice(&inside), frame.syntax, bytes)?;
            bytes.extend(inside);
            Ok(())
        })?;
        self.grow(grows);
        Ok(())
    }

    /// What is written in the innermost frame is so much longer than what goes.
    fn grow(&mut self, by: i128) {
        if let Some(open) = self.open.last_mut() {
            let frame = open.item.as_mut().unwrap_or(&mut open.frame);
            frame.grows = frame.grows.saturating_add(by);
        }
    }

    fn sequence(&mut self, frame: Frame) {
        self.open.push(Open { frame, item: None, begun: 0 });
    }

    /// Adds what comes before an element `tag` of the data set itself, or takes its place.
    fn insert_before(&mut self, tag: Tag, at: u64) -> Result<(), ErrorKind> {
        while let Some((insert, rest)) = self.inserts.split_first().filter(|(insert, _)| insert.tag() <= tag) {
            self.insert(insert, at)?;
            self.inserts = rest;
        }
        Ok(())
    }

    fn insert(&mut self, insert: &Insert, at: u64) -> Result<(), ErrorKind> {
        self.spend()?;
        let about = About { tag: insert.tag(), vr: Vr::UN, item: ItemRef::ROOT, lead: 0 };
        let syntax = self.syntax;
        self.splices.push(Span::of_value(at, 0), about, Done::Insert, |bytes| {
            bytes.extend_from_slice(insert.written(syntax));
            Ok(())
        })?;
        Ok(())
    }

    fn spend(&mut self) -> Result<(), ErrorKind> {
        self.left = self.left.checked_sub(1).ok_or(ErrorKind::TooManyEdits { limit: self.limit })?;
        Ok(())
    }

    /// Where a frame begins, and the way to it.
    fn place(&self, frame: &Frame) -> (u64, Vec<Step>) {
        let item = |open: &Open| open.begun.checked_sub(1);
        let around = self.open.iter().map(|open| Step { tag: open.frame.tag, item: item(open) });
        let own = (!frame.tag.is_framing()).then_some(Step { tag: frame.tag, item: None });
        (frame.header.start(), around.chain(own).collect())
    }
}

/// What a splice is about that treats `element` so; `item` is where it stands.
fn about(element: &Element, item: ItemRef, fate: Fate) -> About {
    let width = if fate == Fate::Removed { 0 } else { Width::of(element).bytes() };
    About { tag: element.tag, vr: element.vr, item, lead: u8::try_from(width).unwrap_or_default() }
}

/// An error of an element, whose place the walk knows.
fn bare(kind: ErrorKind) -> Stop {
    (kind, None)
}
