//! One walk over a source that is rewritten: each element with its fate, given to who asks.

use super::ahead::Ahead;
use super::fate::Fate;
use super::stated::Others;
use super::treater::Treater;
use crate::audit::Once;
use crate::element::{Body, Element, Event};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::listed::Listed;
use crate::rules::{Rules, unpadded};
use crate::source::Source;
use crate::span::Span;
use crate::syntax::Syntax;
use crate::tag::{Step, Tag};
use crate::vr::Vr;
use crate::walk::{Taker, Walker, presentable};

/// Media Storage SOP Class UID (PS3.10 §7.1).
pub(super) const MEDIA_CLASS: Tag = Tag::new(0x0002, 0x0002);

/// Begins a walk, and takes down the elements of the file meta information.
pub(super) type Begin<'b, S> =
    &'b dyn for<'w> Fn(&'w mut S, &'w dyn Listed, &mut Vec<Element>) -> Result<Walker<'w, S>, Error>;

pub(super) struct Way<'w, 'r, S> {
    pub(super) walker: Walker<'w, S>,
    pub(super) treater: Treater<'r>,
    /// The class of the object, where that was asked and is known.
    pub(super) class: Option<Vec<u8>>,
    pub(super) meta: Vec<Element>,
    /// Values that stay, and could be sequences.
    opaque: u32,
    /// How many there were when a try began, innermost last.
    marks: Vec<u32>,
}

/// The class of the object, by which types are looked up.
pub(super) enum Class {
    /// It is to be read.
    Asked,
    /// It was.
    Known(Option<Vec<u8>>),
}

/// Why it can't go on, and where, if that is not the element at hand.
pub(super) type Stop = (ErrorKind, Option<(u64, Vec<Step>)>);

/// The error of what has ended, outside a try.
pub(super) fn located((offset, steps): (u64, Vec<Step>), kind: ErrorKind) -> Error {
    Error { kind, offset, tag_path: presentable(steps.into_iter()) }
}

/// Who is given each element with its fate.
pub(super) trait Consumer<'r, S: Source> {
    /// Takes a value without a walk's event: one that stays, or goes with a sequence, and of the data set itself also one that
    /// is removed or emptied. Says no where it is to be given.
    fn pass(&mut self, plain: &Plain<'_>, fate: Fate) -> bool;

    /// The next element is inside `depth` sequences, and nothing but delimiters stands before `next`. Elements are
    /// written in `syntax` here.
    fn come_to(&mut self, depth: usize, syntax: Syntax, next: u64) -> Result<(), Stop>;

    /// A try begins with `element`. `items` are listed now.
    fn mark(&mut self, element: &Element, items: usize) -> Result<(), Stop>;

    /// The innermost try has succeeded.
    fn keep(&mut self);

    /// The innermost try has failed, of a value with this header; returns how many items were listed before.
    fn undo(&mut self, header: Span) -> Option<usize>;

    /// Takes an element.
    fn take(
        &mut self,
        element: &Element,
        fate: Fate,
        treater: &Treater<'r>,
        walker: &mut Walker<'_, S>,
    ) -> Result<(), Stop>;
}

/// A value that is nothing else, with a header of 8 bytes, and what it is made of.
pub(super) struct Plain<'b> {
    pub(super) tag: Tag,
    pub(super) vr: Vr,
    pub(super) value: Span,
    pub(super) bytes: &'b [u8],
}

impl Plain<'_> {
    /// It as an element of the data set itself, which is written in `syntax`.
    pub(super) fn element(&self, syntax: Syntax) -> Option<Element> {
        let Self { tag, vr, value, .. } = *self;
        let header = Span::between(value.start().checked_sub(8)?, value.start())?;
        Some(Element { tag, vr, syntax, depth: 0, header, body: Body::Value(value) })
    }
}

impl<'w, 'r: 'w, S: Source> Way<'w, 'r, S> {
    pub(super) fn begin(
        source: &'w mut S,
        (rules, once, limits): (&'r Rules, Once, &Limits),
        class: Class,
        begin: Begin<'_, S>,
    ) -> Result<Self, Error> {
        let class = match class {
            Class::Known(class) => class,
            Class::Asked if rules.ask_types() => class_of(source, rules, begin)?,
            Class::Asked => None,
        };
        let ahead = if Ahead::is_asked(rules) {
            Ahead::look(begin(source, rules, &mut Vec::new())?, rules, limits)?
        } else {
            Ahead::default()
        };
        let mut meta = Vec::new();
        let walker = begin(source, rules, &mut meta)?;
        let treater = Treater::new(rules, once, class.as_deref(), ahead, limits.edits);
        Ok(Self { walker, treater, class, meta, opaque: 0, marks: Vec::new() })
    }

    fn take(&mut self, event: Event, consumer: &mut impl Consumer<'r, S>) -> Result<(), (Stop, Element)> {
        let (element, is_opaque) = match event {
            Event::Element(element) => (element, false),
            Event::Tried(element) => (self.begin_try(element, consumer)?, false),
            Event::TriedAgain(element) => {
                self.undo(&element, consumer);
                self.mark(&element, consumer)?;
                (element, false)
            }
            Event::Opaque(element) => {
                self.undo(&element, consumer);
                (element, true)
            }
            Event::Kept => {
                self.marks.pop();
                consumer.keep();
                return Ok(());
            }
        };
        let fate = self.fate(&element, is_opaque).map_err(|kind| ((kind, None), element))?;
        consumer.take(&element, fate, &self.treater, &mut self.walker).map_err(|stop| (stop, element))?;
        // What other readings come to in a value will be gone with it.
        if let (Body::Value(value), true) = (element.body, self.walker.has_claims() && fate.treats_value()) {
            self.walker.is_blanked(value);
        }
        Ok(())
    }

    fn fate(&mut self, element: &Element, is_opaque: bool) -> Result<Fate, ErrorKind> {
        if element.depth == 0 && element.tag == Tag::RECORDS {
            return Err(ErrorKind::Directory);
        }
        let fate = self.treater.take(element, &mut self.walker)?;
        if let (Fate::Stays, true, Body::Value(value)) = (fate, is_opaque, element.body) {
            self.opaque = self.opaque.saturating_add(1);
            // With another VR it is what that says. Without the bytes of a listed tag in it, no reader can show one.
            if element.vr == Vr::UN && self.walker.holds_listed(value)? {
                return Err(ErrorKind::AmbiguousValue);
            }
        }
        Ok(fate)
    }

    /// A value that may be a sequence: what it is taken for.
    fn begin_try(&mut self, element: Element, consumer: &mut impl Consumer<'r, S>) -> Result<Element, (Stop, Element)> {
        self.mark(&element, consumer)?;
        let takes_whole = self.treater.takes_whole(&element, &mut self.walker);
        if !takes_whole.map_err(|kind| ((kind, None), element))? {
            return Ok(element);
        }
        self.marks.pop();
        consumer.keep();
        Ok(self.walker.pass_whole().unwrap_or(element))
    }

    fn mark(&mut self, element: &Element, consumer: &mut impl Consumer<'r, S>) -> Result<(), (Stop, Element)> {
        self.marks.push(self.opaque);
        consumer.mark(element, self.treater.nest().listed()).map_err(|stop| (stop, *element))
    }

    fn undo(&mut self, element: &Element, consumer: &mut impl Consumer<'r, S>) {
        self.opaque = self.marks.pop().unwrap_or(self.opaque);
        if let Some(items) = consumer.undo(element.header) {
            self.treater.nest().truncate(items);
        }
    }
}

/// Gives all elements to `consumer`, and returns how many values stay that could be sequences.
pub(super) fn follow<'w, 'r: 'w, S: Source>(
    way: &mut Way<'w, 'r, S>,
    consumer: &mut impl Consumer<'r, S>,
) -> Result<u32, Error> {
    loop {
        if let Some(depth) = way.walker.depth() {
            way.treater.come_to(depth);
            let (syntax, next) = (way.walker.syntax(), way.walker.position());
            consumer
                .come_to(depth, syntax, next)
                .map_err(|(kind, place)| located(place.unwrap_or((next, Vec::new())), kind))?;
            way.walker.pass_over(&mut Both(&way.treater, consumer, core::marker::PhantomData::<S>));
        }
        let Some(mut event) = way.walker.next()? else { break };
        while let Err(((kind, place), element)) = way.take(event, consumer) {
            if let Some(place) = place {
                return Err(located(place, kind));
            }
            event = way.walker.reject(kind, &element)?;
        }
    }
    Ok(way.opaque)
}

struct Both<'b, 'r, C, S>(&'b Treater<'r>, &'b mut C, core::marker::PhantomData<S>);

impl<'r, S: Source, C: Consumer<'r, S>> Taker for Both<'_, 'r, C, S> {
    #[inline]
    fn pass(&mut self, tag: Tag, vr: Vr, value: Span, bytes: &[u8]) -> bool {
        let fate = self.0.of_plain(tag, vr);
        fate.is_some_and(|fate| self.1.pass(&Plain { tag, vr, value, bytes }, fate))
    }
}

/// The class of the object, as the data set says, or else the file meta information; `None` where they say different
/// things, or nothing that a class could be.
fn class_of<S: Source>(source: &mut S, rules: &Rules, begin: Begin<'_, S>) -> Result<Option<Vec<u8>>, Error> {
    const CLASS: Tag = Tag::new(0x0008, 0x0016);
    /// A UID has at most 64 bytes (PS3.5 §9.1).
    const LONGEST: u64 = 64;
    let mut meta = Vec::new();
    let mut walker = begin(source, rules, &mut meta)?;
    let mut said: Vec<Element> = meta.into_iter().filter(|element| element.tag == MEDIA_CLASS).collect();
    loop {
        if let Some(depth) = walker.depth() {
            walker.pass_over(&mut Others { tags: &[CLASS], depth });
        }
        let Some(event) = walker.next()? else { break };
        let Event::Element(element) = event else { continue };
        if element.depth == 0 && element.tag >= CLASS {
            said.extend(Some(element).filter(|element| element.tag == CLASS));
            break;
        }
    }
    let mut class: Option<Vec<u8>> = None;
    for element in said {
        let Body::Value(value) = element.body else { return Ok(None) };
        if value.len() > LONGEST {
            return Ok(None);
        }
        let here = Error { kind: ErrorKind::Unreadable, offset: value.start(), tag_path: [].into_iter().collect() };
        let uid = unpadded(walker.lend(value).map_err(|_| here)?).to_vec();
        if !uid.is_empty() && class.replace(uid.clone()).is_some_and(|before| before != uid) {
            return Ok(None);
        }
    }
    Ok(class)
}
