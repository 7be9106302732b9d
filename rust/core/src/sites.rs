//! Where every value of a source stands: what a search needs to say where it found something, and to tell a value's
//! edges from its middle.

use crate::element::{Body, Element, Event};
use crate::error::{Error, ErrorKind};
use crate::limits::{Count, Limits};
use crate::plan::{Edit, Item, ItemRef, Plan, path_of};
use crate::rules::Rules;
use crate::source::Source;
use crate::span::Span;
use crate::tag::{Tag, TagPath};
use crate::vr::Vr;
use crate::walk::{Taker, Walker};

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

/// Walks the whole data set of `source`, of which `plan` is the plan by these `rules`: as it was walked then.
///
/// # Errors
/// [`Error`] where it can't be walked to its end, or has more values than `limits` allow.
pub fn sites<S: Source>(source: &mut S, (rules, plan): (&Rules, &Plan), limits: &Limits) -> Result<Sites, Error> {
    let mut meta = Vec::new();
    let walker = Walker::with_meta(source, rules, limits, Some(&mut meta))?;
    Collector::new(limits).walk(walker, &meta, plan.edits())
}

/// As [`sites`], of a deflated file whose data set is inflated in `source` and begins at `data_set`: see
/// [`Walker::inflated`].
///
/// # Errors
/// [`Error`] as for [`sites`].
pub fn sites_inflated<S: Source>(
    source: &mut S,
    data_set: u64,
    (rules, plan): (&Rules, &Plan),
    limits: &Limits,
) -> Result<Sites, Error> {
    let mut meta = Vec::new();
    let walker = Walker::inflated_with_meta(source, data_set, rules, limits, Some(&mut meta))?;
    Collector::new(limits).walk(walker, &meta, plan.edits())
}

struct Collector {
    sites: Vec<Site>,
    items: Vec<Item>,
    pixels: Vec<Span>,
    open: Vec<Open>,
    /// What to go back to where a value that is tried as a sequence is none, innermost last.
    marks: Vec<(usize, usize, Count)>,
    left: Count,
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
    fn new(limits: &Limits) -> Self {
        let left = Count::new(limits.sites);
        Self { sites: Vec::new(), items: Vec::new(), pixels: Vec::new(), open: Vec::new(), marks: Vec::new(), left }
    }

    fn walk<S: Source>(mut self, mut walker: Walker<'_, S>, meta: &[Element], edits: &[Edit]) -> Result<Sites, Error> {
        let mut first = None;
        for element in meta {
            first = first.or(Some(element.header.start()));
            if let Body::Value(value) = element.body {
                self.add_site(element.tag, element.vr, value).map_err(|kind| error(kind, element))?;
            }
        }
        let mut first = first.unwrap_or_else(|| walker.position());
        loop {
            if let Some(depth) = walker.depth() {
                self.open.truncate(depth);
                walker.pass_over(&mut self);
            }
            let Some(mut event) = walker.next()? else { break };
            if let Event::Tried(element) = event
                && edits.binary_search_by_key(&element.header.end(), |edit| edit.span().start()).is_ok()
            {
                // It is written over whole, however its bytes can be read.
                event = Event::Element(walker.pass_whole().unwrap_or(element));
            }
            let (Event::Element(element) | Event::Tried(element) | Event::TriedAgain(element) | Event::Opaque(element)) =
                event
            else {
                self.marks.pop();
                continue;
            };
            first = first.min(element.header.start());
            match event {
                Event::Tried(_) => self.mark(),
                Event::TriedAgain(_) => {
                    self.undo();
                    self.mark();
                }
                Event::Opaque(_) => self.undo(),
                _ => {}
            }
            self.element(&element).map_err(|kind| error(kind, &element))?;
            if walker.has_claims() {
                // What another reading comes to is blanked: the plan has seen to that.
                let passed = edits.partition_point(|edit| edit.span().start() < walker.position());
                let last = passed.checked_sub(1).and_then(|last| edits.get(last));
                last.map(Edit::span).into_iter().for_each(|span| walker.is_blanked(span));
            }
        }
        let Self { sites, items, pixels, .. } = self;
        Ok(Sites { sites, items, pixels, first, size: walker.size() })
    }

    fn element(&mut self, element: &Element) -> Result<(), ErrorKind> {
        self.open.truncate(element.depth);
        match element.body {
            Body::Value(value) => self.add_site(element.tag, element.vr, value),
            Body::Sequence(_) | Body::Fragments => {
                let is_pixel_data = self.open.is_empty() && element.tag.is_pixel_data();
                let parent = self.item();
                self.open.push(Open { tag: element.tag, parent, item: parent, begun: 0, is_pixel_data });
                Ok(())
            }
            Body::Item(_) => self.begin_item(),
            Body::Fragment(value) if self.open.last().is_some_and(|open| open.is_pixel_data) => {
                self.leave_out(value);
                Ok(())
            }
            Body::Fragment(value) => {
                self.begin_item()?;
                self.add_site(element.tag, element.vr, value)
            }
            Body::StrayDelimiter => Ok(()),
        }
    }

    fn item(&self) -> ItemRef {
        self.open.last().map_or(ItemRef::ROOT, |open| open.item)
    }

    fn begin_item(&mut self) -> Result<(), ErrorKind> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        self.left.spend()?;
        let item = Item { parent: open.parent, sequence: open.tag, index: open.begun };
        open.item = ItemRef::next(self.items.len(), u32::MAX).unwrap_or(open.parent);
        open.begun = open.begun.saturating_add(1);
        self.items.push(item);
        Ok(())
    }

    fn add_site(&mut self, tag: Tag, vr: Vr, value: Span) -> Result<(), ErrorKind> {
        if value.is_empty() {
            return Ok(());
        }
        if self.open.is_empty() && tag.is_pixel_data() {
            self.leave_out(value);
            return Ok(());
        }
        self.left.spend()?;
        // No value is longer than 32 bits can say (PS3.5 §7.1.1).
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        self.sites.push(Site { start: value.start(), length, tag, item: self.item(), vr });
        Ok(())
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
        self.marks.push((self.sites.len(), self.items.len(), self.left));
    }

    fn undo(&mut self) {
        if let Some((sites, items, left)) = self.marks.pop() {
            self.sites.truncate(sites);
            self.items.truncate(items);
            self.left = left;
        }
    }
}

impl Taker for Collector {
    #[inline]
    fn pass(&mut self, tag: Tag, vr: Vr, value: Span) -> bool {
        self.add_site(tag, vr, value).is_ok()
    }
}

#[cold]
fn error(kind: ErrorKind, element: &Element) -> Error {
    Error { kind, offset: element.header.start(), tag_path: TagPath::default() }
}
