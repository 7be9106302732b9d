//! From the walk's events to what was found.

use super::blocks::Blocks;
use super::bytes::{Bytes, InMemory, is_short, unreadable};
use super::found::{Becomes, NewHead, Survey, Unlisted};
use super::nest::{Nest, What};
use super::seen::{FOUND, LEFT, Seen};
use super::subjects::{Entry, Sign, Subjects};
use crate::dictionary;
use crate::element::{Body, Element, Event};
use crate::error::Error;
use crate::mark::is_mark;
use crate::plan::Edit;
use crate::rules::{Block, block};
use crate::sites::{Beside, Collector, Sites};
use crate::source::Source;
use crate::span::Span;
use crate::tag::Tag;
use crate::vr::Vr;
use crate::walk::{Taker, Walker};
use crate::warning::{Warning, Warnings};

pub(super) struct Surveyor<'s> {
    subjects: &'s Subjects,
    /// The edits of the plan, if there is one.
    edits: Option<&'s [Edit]>,
    head: NewHead,
    /// What has to be known of a subject, so that it need not be looked for any more.
    enough: u8,
    seen: Seen,
    /// The sequences around the current element.
    nest: Nest,
    blocks: Blocks,
    opaque: u32,
    readings: Readings,
    marks: Vec<Mark>,
    sites: Collector,
}

/// In how many ways the source can be read, so that subjects differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Readings {
    One,
    Several,
}

/// What to go back to when a value that is tried as a sequence turns out to be none.
#[derive(Clone, Copy)]
struct Mark {
    changes: usize,
    opaque: u32,
}

impl<'s> Surveyor<'s> {
    pub(super) fn new(
        subjects: &'s Subjects,
        becomes: Option<Becomes<'s>>,
        readings: Readings,
        sites: Collector,
    ) -> Self {
        Self {
            subjects,
            edits: becomes.map(|becomes| becomes.plan.edits()),
            head: becomes.map(|becomes| becomes.head).unwrap_or_default(),
            enough: if becomes.is_some() { FOUND | LEFT } else { FOUND },
            seen: Seen::new(subjects.numbers()),
            nest: Nest::default(),
            blocks: Blocks::default(),
            opaque: 0,
            readings,
            marks: Vec::new(),
            sites,
        }
    }

    pub(super) fn look_at_preamble<S: Source>(&mut self, walker: &mut Walker<'_, S>) -> Result<(), Error> {
        const PREAMBLE: u64 = 128;
        const MARK: usize = 96;
        let Some(span) = Span::new(0, PREAMBLE.saturating_add(4)).filter(|span| span.end() <= walker.size()) else {
            return Ok(());
        };
        let bytes = walker.lend(span).map_err(|_| unreadable(0))?;
        let Some((preamble, b"DICM")) = bytes.split_last_chunk::<4>() else { return Ok(()) };
        let (own, mark) = preamble.split_at_checked(MARK).unwrap_or((preamble, &[]));
        let is_zero = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
        if !is_zero(own) || !(is_zero(mark) || is_mark(mark)) {
            let bits = if self.head.old >= span.end() { FOUND } else { FOUND | LEFT };
            self.add_others(&Sign::Preamble, bits);
        }
        Ok(())
    }

    pub(super) fn walk<S: Source>(
        mut self,
        mut walker: Walker<'_, S>,
        meta: &[Element],
    ) -> Result<(Survey, Option<Sites>), Error> {
        for element in meta {
            self.element(&mut walker, element)?;
        }
        loop {
            if let Some(depth) = walker.depth() {
                self.come_to(depth);
                self.sites.come_to(depth);
                walker.pass_over(&mut self);
            }
            let Some(event) = walker.next()? else { break };
            self.sites.follow(event);
            self.sites.take(event);
            self.take(&mut walker, event)?;
        }
        Ok(self.finish(walker.size(), walker.warnings()))
    }

    fn finish(mut self, size: u64, warnings: Warnings) -> (Survey, Option<Sites>) {
        if self.opaque > 0 {
            self.add_others(&Sign::Opaque, FOUND | LEFT);
        }
        if self.readings == Readings::Several {
            self.add_others(&Sign::Ambiguous, FOUND | LEFT);
        }
        if warnings.iter().any(|warning| warning == Warning::UnknownTail) {
            self.add_others(&Sign::Trailing, FOUND | LEFT);
        }
        for (sign, number) in &self.subjects.others {
            if let Sign::Deduced { all, none } = sign {
                let is_there = |number: &u16| self.seen.of(*number) & FOUND != 0;
                if all.iter().all(is_there) && !none.iter().any(is_there) {
                    self.seen.add(*number, FOUND | LEFT);
                }
            }
        }
        let (numbers, unlisted) = self.seen.finish();
        (Survey { numbers, unlisted, warnings, opaque: self.opaque }, self.sites.finish(size).ok())
    }

    /// Adds what no edit takes care of.
    fn add_others(&mut self, wanted: &Sign, bits: u8) {
        for (sign, number) in &self.subjects.others {
            if sign == wanted {
                self.seen.add(*number, bits);
            }
        }
    }

    fn take<S: Source>(&mut self, walker: &mut Walker<'_, S>, event: Event) -> Result<(), Error> {
        match event {
            Event::Element(element) => self.element(walker, &element),
            Event::Tried(element) => {
                self.begin_try();
                self.element(walker, &element)
            }
            Event::TriedAgain(element) => {
                self.end_try(Tried::Undone);
                self.begin_try();
                self.element(walker, &element)
            }
            Event::Opaque(element) => {
                self.end_try(Tried::Undone);
                self.opaque = self.opaque.saturating_add(1);
                self.element(walker, &element)
            }
            Event::Kept => {
                self.end_try(Tried::Kept);
                Ok(())
            }
        }
    }

    fn begin_try(&mut self) {
        self.marks.push(Mark { changes: self.seen.changes(), opaque: self.opaque });
        self.seen.tries = self.seen.tries.saturating_add(1);
    }

    fn end_try(&mut self, tried: Tried) {
        let Some(mark) = self.marks.pop() else { return };
        self.seen.tries = self.seen.tries.saturating_sub(1);
        if tried == Tried::Undone {
            let has_changed = self.seen.go_back(mark.changes);
            self.opaque = mark.opaque;
            if has_changed {
                self.ask_again();
            }
        }
        if self.marks.is_empty() {
            self.seen.forget();
        }
    }

    /// The next element is inside `depth` sequences.
    #[inline]
    fn come_to(&mut self, depth: usize) {
        if self.nest.depth() > depth {
            self.nest.leave(depth);
            self.blocks.leave(depth);
        }
    }

    /// Something has changed: what is still to be known of the sequences that are open.
    fn ask_again(&mut self) {
        let (subjects, seen, enough) = (self.subjects, &self.seen, self.enough);
        self.nest.refresh(|what| missing(what, subjects, seen, enough));
    }

    /// What is still to be known of an element.
    fn missing(&self, what: What) -> u8 {
        missing(what, self.subjects, &self.seen, self.enough)
    }

    fn element<S: Source>(&mut self, walker: &mut Walker<'_, S>, element: &Element) -> Result<(), Error> {
        self.come_to(element.depth);
        match element.body {
            Body::Value(value) => self.value((element.tag, element.vr), value, walker),
            Body::Sequence(_) | Body::Fragments => {
                let entry = self.subjects.find(element.tag);
                self.add_present(entry);
                let what = What { tag: element.tag, entry, creator: self.creator(element.tag) };
                self.nest.open(what, self.missing(what));
                Ok(())
            }
            Body::Item(_) => {
                self.blocks.leave(self.nest.depth().saturating_sub(1));
                Ok(())
            }
            Body::Fragment(value) => {
                let bits = self.bits_of(element.tag, value);
                if self.nest.missing() & bits != 0 && !walker.is_padding(value)? {
                    self.add_around(bits);
                }
                Ok(())
            }
            Body::StrayDelimiter => Ok(()),
        }
    }

    /// An element that is no group length (PS3.5 §7.2), with something in it.
    fn value(&mut self, (tag, vr): (Tag, Vr), value: Span, bytes: &mut impl Bytes) -> Result<(), Error> {
        if value.is_empty() || tag.is_group_length() {
            return Ok(());
        }
        let entry = self.subjects.find(tag);
        self.add_present(entry);
        if self.nest.depth() == 0 && entry.and_then(|entry| self.subjects.entry_at(entry)).is_some_and(Entry::has_codes)
        {
            self.add_codes(tag, value, bytes)?;
        }
        if let Some(Block::Creator(number)) = block(tag) {
            let name = if is_short(value) { bytes.short(value)? } else { &[] };
            self.blocks.reserve(self.nest.depth(), tag.group(), number, self.subjects.creator(name));
        }
        let own = What { tag, entry, creator: self.creator(tag) };
        let unlisted = self.unlisted(own, vr);
        let of_unlisted = unlisted.map_or(0, |unlisted| self.enough & !self.seen.of_tag(unlisted));
        let bits = self.bits_of(tag, value);
        let wanted = (self.missing(own) | of_unlisted | self.nest.missing()) & bits;
        if wanted == 0 || bytes.is_padding(value)? {
            return Ok(());
        }
        self.add(own, bits);
        if let Some(unlisted) = unlisted {
            self.seen.add_tag(unlisted, bits);
        }
        if self.nest.missing() & bits != 0 {
            self.add_around(bits);
        }
        Ok(())
    }

    /// What is known of a value that holds something: it is left where the plan does not overwrite it.
    fn bits_of(&self, tag: Tag, value: Span) -> u8 {
        const MEDIA_INSTANCE: Tag = Tag::new(0x0002, 0x0003);
        let is_repeated = self.head.repeats_instance && tag == MEDIA_INSTANCE;
        let edits = self.edits.unwrap_or_default();
        let behind = edits.partition_point(|edit| edit.span().start() <= value.start());
        let edit = behind.checked_sub(1).and_then(|place| edits.get(place));
        // With an element or a sequence that goes, all that is in it does.
        let is_of_old_head = value.end() <= self.head.old && !is_repeated;
        let goes = is_of_old_head || edit.is_some_and(|edit| edit.span().end() >= value.end());
        if goes { FOUND } else { FOUND | LEFT }
    }

    /// Something stands in all sequences around the current element.
    fn add_around(&mut self, bits: u8) {
        for place in 0..self.nest.depth() {
            if let Some(what) = self.nest.at(place) {
                self.add(what, bits);
            }
        }
        self.ask_again();
    }

    fn add(&mut self, what: What, bits: u8) {
        let subjects = self.subjects;
        let entry = what.entry.and_then(|entry| subjects.entry_at(entry));
        for number in entry.into_iter().flat_map(|entry| &entry.stands) {
            self.seen.add(*number, bits);
        }
        for number in subjects.masked(what.tag) {
            self.seen.add(number, bits);
        }
        if let Some(number) = what.creator {
            self.seen.add(number, bits);
        }
    }

    fn add_present(&mut self, entry: Option<u16>) {
        let subjects = self.subjects;
        let entry = entry.filter(|_| self.nest.depth() == 0).and_then(|entry| subjects.entry_at(entry));
        for number in entry.into_iter().flat_map(|entry| &entry.present) {
            self.seen.add(*number, FOUND | LEFT);
        }
    }

    #[cold]
    #[inline(never)]
    fn add_codes(&mut self, tag: Tag, value: Span, bytes: &mut impl Bytes) -> Result<(), Error> {
        if is_short(value) {
            let subjects = self.subjects;
            for number in subjects.codes(tag, bytes.short(value)?) {
                self.seen.add(number, FOUND | LEFT);
            }
        }
        Ok(())
    }

    /// The number of the creator of a private element that is no creator itself.
    fn creator(&self, tag: Tag) -> Option<u16> {
        match block(tag) {
            Some(Block::Element(number, _)) => {
                let found = self.blocks.creator(self.nest.depth(), tag.group(), number);
                Some(found.unwrap_or(self.subjects.unknown_creator()))
            }
            Some(Block::Creator(_)) => None,
            None => (tag.is_private() && !tag.is_framing()).then_some(self.subjects.unknown_creator()),
        }
    }

    fn unlisted(&self, own: What, vr: Vr) -> Option<Unlisted> {
        let kind = unlisted(vr).filter(|_| !own.tag.is_private())?;
        let entry = own.entry.and_then(|entry| self.subjects.entry_at(entry));
        let is_listed =
            entry.is_some_and(|entry| !entry.stands.is_empty()) || self.subjects.masked(own.tag).next().is_some();
        (!is_listed).then(|| kind(dictionary::vr(own.tag).map(|_| own.tag)))
    }
}

impl Taker for Surveyor<'_> {
    #[inline]
    fn pass(&mut self, tag: Tag, vr: Vr, value: Span, bytes: &[u8]) -> bool {
        self.sites.pass(tag, vr, value);
        self.value((tag, vr), value, &mut InMemory(bytes)).is_ok() // as ever, in memory
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tried {
    Kept,
    Undone,
}

/// What is still to be known of an element.
fn missing(what: What, subjects: &Subjects, seen: &Seen, enough: u8) -> u8 {
    let entry = what.entry.and_then(|entry| subjects.entry_at(entry));
    let of_tag = entry.into_iter().flat_map(|entry| &entry.stands).copied();
    let numbers = of_tag.chain(subjects.masked(what.tag)).chain(what.creator);
    numbers.fold(0, |missing, number| missing | (enough & !seen.of(number)))
}

/// What a VR tells of a value.
fn unlisted(vr: Vr) -> Option<fn(Option<Tag>) -> Unlisted> {
    match vr {
        Vr::PN => Some(Unlisted::Name),
        Vr::DA | Vr::DT => Some(Unlisted::Date),
        _ => None,
    }
}
