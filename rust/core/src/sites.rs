//! Where every value of a source stands: what a search needs to say where it found something, and to tell a value's
//! edges from its middle.

use crate::element::{Body, Element, Event};
use crate::error::{Error, ErrorKind};
use crate::limits::{Count, Limits};
use crate::plan::{Item, ItemRef, path_of};
use crate::span::Span;
use crate::tag::{Tag, TagPath};
use crate::vr::Vr;

/// One value, of an element of the data set or of the file meta information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    start: u64,
    length: u32,
    tag: Tag,
    item: ItemRef,
    vr: Vr,
}

impl Site {
    /// The element's tag; (FFFE,E000) for a fragment.
    #[must_use]
    pub const fn tag(&self) -> Tag {
        self.tag
    }

    /// The value representation as the file states it; in implicit VR the dictionary's, UN where it knows none.
    #[must_use]
    pub const fn vr(&self) -> Vr {
        self.vr
    }

    /// Where the value stands.
    #[must_use]
    pub const fn span(&self) -> Span {
        Span::of_value(self.start, self.length)
    }

    /// Whether it is a value of the data set itself, or of the file meta information, and not of an item.
    #[must_use]
    pub fn is_outermost(&self) -> bool {
        self.item == ItemRef::ROOT
    }
}

/// What stands at an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot<'s> {
    /// Bytes before the first element: the preamble (PS3.10 §7.1).
    Preamble,
    /// A byte of a value.
    Value(&'s Site),
    /// A byte of a header; it stands before this value.
    Header(&'s Site),
    /// Bytes behind the last value.
    Trailing,
}

/// Every value of one source, in the order of their offsets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_field_names)] // the sites are its sites
pub struct Sites {
    sites: Vec<Site>,
    items: Vec<Item>,
    /// The pixel data of the data set itself, which is not searched.
    pixels: Vec<Span>,
    /// Where the first header stands.
    first: u64,
    size: u64,
}

impl Sites {
    /// What stands at `offset`.
    #[must_use]
    pub fn at(&self, offset: u64) -> Spot<'_> {
        let behind = self.sites.partition_point(|site| site.span().end() <= offset);
        match self.sites.get(behind) {
            _ if offset < self.first => Spot::Preamble,
            Some(site) if site.start <= offset => Spot::Value(site),
            Some(site) => Spot::Header(site),
            None => Spot::Trailing,
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Site] {
        &self.sites
    }

    /// The values of an element, wherever it stands.
    pub fn of(&self, tag: Tag) -> impl Iterator<Item = &Site> {
        self.sites.iter().filter(move |site| site.tag == tag)
    }

    /// The way to a value's element.
    #[must_use]
    pub fn tag_path(&self, site: &Site) -> TagPath {
        path_of(&self.items, site.tag, site.item)
    }

    /// All bytes but the pixel data of the data set itself, in order: everything where a name may stand as text.
    pub fn searched(&self) -> impl Iterator<Item = Span> {
        let starts = core::iter::once(0).chain(self.pixels.iter().map(|pixels| pixels.end()));
        let ends = self.pixels.iter().map(|pixels| pixels.start()).chain(core::iter::once(self.size));
        starts.zip(ends).filter_map(|(start, end)| Span::between(start, end)).filter(|span| !span.is_empty())
    }
}

/// Who is told what another consumer of the walk takes.
pub(crate) trait Beside {
    /// The next element is inside `depth` sequences.
    fn come_to(&mut self, depth: usize);
    /// What an event says of what came before it: to be told of each event, before its element is taken.
    fn follow(&mut self, event: Event);
    /// The element of an event, which the other has taken.
    fn take(&mut self, event: Event);
    /// An element that has a value and nothing more, at the depth last come to.
    fn pass(&mut self, tag: Tag, vr: Vr, value: Span);
}

/// Nobody.
#[allow(clippy::inline_always)] // nothing of it may be left
impl Beside for () {
    #[inline(always)]
    fn come_to(&mut self, _: usize) {}
    #[inline(always)]
    fn follow(&mut self, _: Event) {}
    #[inline(always)]
    fn take(&mut self, _: Event) {}
    #[inline(always)]
    fn pass(&mut self, _: Tag, _: Vr, _: Span) {}
}

/// Takes down where every value stands, beside another consumer of the walk: what that takes, as it takes it. So a
/// value is here what it is there, also where the other would not have it walked as a sequence.
pub(crate) struct Collector {
    sites: Vec<Site>,
    items: Vec<Item>,
    pixels: Vec<Span>,
    open: Vec<Open>,
    /// What to go back to where a value that is tried as a sequence is none, innermost last.
    marks: Vec<Mark>,
    left: Count,
    /// The first value or item that there was no room for.
    missed: Option<Missed>,
    first: u64,
}

#[derive(Clone, Copy)]
struct Missed {
    kind: ErrorKind,
    offset: u64,
}

#[derive(Clone, Copy)]
struct Mark {
    sites: usize,
    items: usize,
    left: Count,
    missed: Option<Missed>,
}

/// A sequence that is open.
struct Open {
    tag: Tag,
    /// The item that it stands in.
    parent: ItemRef,
    /// The current item.
    item: ItemRef,
    begun: u32,
    is_pixel_data: bool,
}

impl Collector {
    /// Of a source with these elements of its file meta information, in which the walk stands at `position`.
    pub(crate) fn new(limits: &Limits, meta: &[Element], position: u64) -> Self {
        let mut collector = Self {
            sites: Vec::new(),
            items: Vec::new(),
            pixels: Vec::new(),
            open: Vec::new(),
            marks: Vec::new(),
            left: Count::new(limits.sites),
            missed: None,
            first: meta.first().map_or(position, |element| element.header.start()),
        };
        for element in meta {
            if let Body::Value(value) = element.body {
                collector.add_site(element.tag, element.vr, value);
            }
        }
        collector
    }

    /// All of it, of a source of `size` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::TooManyElements`] where there are more values and items than the limit.
    pub(crate) fn finish(self, size: u64) -> Result<Sites, Error> {
        let Self { sites, items, pixels, missed, first, .. } = self;
        match missed {
            Some(Missed { kind, offset }) => Err(Error { kind, offset, tag_path: TagPath::default() }),
            None => Ok(Sites { sites, items, pixels, first, size }),
        }
    }

    fn item(&self) -> ItemRef {
        self.open.last().map_or(ItemRef::ROOT, |open| open.item)
    }

    fn begin_item(&mut self, at: u64) {
        if self.open.is_empty() || !self.has_room(at) {
            return;
        }
        let Some(open) = self.open.last_mut() else { return };
        let item = Item { parent: open.parent, sequence: open.tag, index: open.begun };
        open.item = ItemRef::next(self.items.len(), u32::MAX).unwrap_or(open.parent);
        open.begun = open.begun.saturating_add(1);
        self.items.push(item);
    }

    #[inline]
    fn add_site(&mut self, tag: Tag, vr: Vr, value: Span) {
        if value.is_empty() {
            return;
        }
        if self.open.is_empty() && tag.is_pixel_data() {
            self.leave_out(value);
            return;
        }
        if !self.has_room(value.start()) {
            return;
        }
        // No value is longer than 32 bits can say (PS3.5 §7.1.1).
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        self.sites.push(Site { start: value.start(), length, tag, item: self.item(), vr });
    }

    /// Whether one more may be kept; if not, it is noted that what stands at `offset` is missing.
    #[inline]
    fn has_room(&mut self, offset: u64) -> bool {
        match self.left.spend() {
            Ok(()) => true,
            Err(kind) => {
                self.missed.get_or_insert(Missed { kind, offset });
                false
            }
        }
    }

    /// Fragments follow each other, with nothing but a header of 8 bytes between them.
    fn leave_out(&mut self, pixels: Span) {
        if let Some(last) = self.pixels.last_mut()
            && pixels.start().saturating_sub(last.end()) <= 8
            && let Some(both) = Span::between(last.start(), pixels.end())
        {
            *last = both;
            return;
        }
        self.pixels.push(pixels);
    }

    fn mark(&mut self) {
        let Self { sites, items, left, missed, .. } = self;
        self.marks.push(Mark { sites: sites.len(), items: items.len(), left: *left, missed: *missed });
    }

    fn undo(&mut self) {
        if let Some(mark) = self.marks.pop() {
            self.sites.truncate(mark.sites);
            self.items.truncate(mark.items);
            self.left = mark.left;
            self.missed = mark.missed;
        }
    }
}

impl Beside for Collector {
    #[inline]
    fn come_to(&mut self, depth: usize) {
        self.open.truncate(depth);
    }

    #[inline]
    fn follow(&mut self, event: Event) {
        match event {
            Event::Element(_) => {}
            Event::Tried(_) => self.mark(),
            Event::TriedAgain(_) => {
                self.undo();
                self.mark();
            }
            Event::Opaque(_) => self.undo(),
            Event::Kept => drop(self.marks.pop()),
        }
    }

    fn take(&mut self, event: Event) {
        let (Event::Element(element) | Event::Tried(element) | Event::TriedAgain(element) | Event::Opaque(element)) =
            event
        else {
            return;
        };
        let at = element.header.start();
        self.first = self.first.min(at);
        self.come_to(element.depth);
        match element.body {
            Body::Value(value) => self.add_site(element.tag, element.vr, value),
            Body::Sequence(_) | Body::Fragments => {
                let is_pixel_data = self.open.is_empty() && element.tag.is_pixel_data();
                let parent = self.item();
                self.open.push(Open { tag: element.tag, parent, item: parent, begun: 0, is_pixel_data });
            }
            Body::Item(_) => self.begin_item(at),
            Body::Fragment(value) if self.open.last().is_some_and(|open| open.is_pixel_data) => self.leave_out(value),
            Body::Fragment(value) => {
                self.begin_item(at);
                self.add_site(element.tag, element.vr, value);
            }
            Body::StrayDelimiter => {}
        }
    }

    #[inline]
    fn pass(&mut self, tag: Tag, vr: Vr, value: Span) {
        self.add_site(tag, vr, value);
    }
}
