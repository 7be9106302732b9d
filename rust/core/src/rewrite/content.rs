//! Content items (PS3.3 §C.17.3): what becomes of each, by its concept name and value type.
//!
//! What tells stands in the item, and not always in front of its value.

use super::finder::Finder;
use crate::element::{Body, Element};
use crate::error::ErrorKind;
use crate::rules::{OfItem, Rules, unpadded};
use crate::source::Source;
use crate::span::Span;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::walk::Walker;

/// Value Type.
const VALUE_TYPE: Tag = Tag::new(0x0040, 0xA040);
/// Concept Name Code Sequence.
const CONCEPT_NAME: Tag = Tag::new(0x0040, 0xA043);
/// Coding Scheme Designator.
const SCHEME: Tag = Tag::new(0x0008, 0x0102);
/// Code Value, Long Code Value, URN Code Value: a code has one of them (PS3.3 §8.1).
const CODES: [Tag; 3] = [Tag::new(0x0008, 0x0100), Tag::new(0x0008, 0x0119), Tag::new(0x0008, 0x0120)];

/// What values consist of (PS3.3 Tables 10-2, C.17.3-7, C.18.1-1 to C.18.9-1, C.10.10-1).
const VALUES: [Tag; 25] = [
    Tag::new(0x0008, 0x1199), // referenced SOP
    Tag::new(0x0040, 0x08EA), // measurement units
    Tag::new(0x0040, 0xA0B0), // referenced waveform channels
    Tag::new(0x0040, 0xA120), // date and time
    Tag::new(0x0040, 0xA121), // date
    Tag::new(0x0040, 0xA122), // time
    Tag::new(0x0040, 0xA123), // person name
    Tag::new(0x0040, 0xA124), // UID
    Tag::new(0x0040, 0xA130), // temporal range type
    Tag::new(0x0040, 0xA132), // referenced sample positions
    Tag::new(0x0040, 0xA136), // referenced frame numbers
    Tag::new(0x0040, 0xA138), // referenced time offsets
    Tag::new(0x0040, 0xA13A), // referenced date and time
    Tag::new(0x0040, 0xA160), // text
    Tag::new(0x0040, 0xA161), // floating point value
    Tag::new(0x0040, 0xA162), // rational numerator
    Tag::new(0x0040, 0xA163), // rational denominator
    Tag::new(0x0040, 0xA168), // concept code
    Tag::new(0x0040, 0xA300), // measured value
    Tag::new(0x0040, 0xA301), // qualifier of a numeric value
    Tag::new(0x0040, 0xA30A), // numeric value
    Tag::new(0x0070, 0x0006), // unformatted text
    Tag::new(0x0070, 0x0022), // graphic data
    Tag::new(0x0070, 0x0023), // graphic type
    Tag::new(0x3006, 0x0024), // referenced frame of reference
];

/// Whether an element that stands in a content item itself is a part of the item's value. The others say what kind of
/// item it is and where it belongs, or who observed it and when.
pub(super) fn is_value(tag: Tag) -> bool {
    VALUES.contains(&tag)
}

/// What becomes of each content item of one source.
#[derive(Debug, Default)]
pub(super) struct Items(Vec<Found>);

#[derive(Debug)]
struct Found {
    /// Where its header stands.
    at: u64,
    /// How the header is written.
    syntax: Syntax,
    of: Option<OfItem>,
}

impl Items {
    /// What becomes of an item in a sequence of content items.
    ///
    /// # Errors
    /// [`ErrorKind::AmbiguousValue`] for one that was not found: it is one in another reading only.
    pub(super) fn of(&self, item: &Element) -> Result<Option<OfItem>, ErrorKind> {
        let place = self.0.binary_search_by_key(&item.header.start(), |found| found.at).ok();
        let found = place.and_then(|place| self.0.get(place)).filter(|found| found.syntax == item.syntax);
        found.map(|found| found.of).ok_or(ErrorKind::AmbiguousValue)
    }
}

/// Finds the content items, and what they are.
pub(super) struct FindItems<'r> {
    rules: &'r Rules,
    /// How many may be found.
    limit: u32,
    found: Vec<Found>,
    /// The sequences around the current element.
    open: Vec<Open>,
    /// Where tries began, innermost last.
    marks: Vec<Mark>,
}

struct Open {
    sequence: Tag,
    /// The current item, where the sequence is one of content items.
    item: Option<Item>,
}

/// What is known of a content item so far.
#[derive(Clone, Default)]
struct Item {
    /// Which of those that were found.
    place: usize,
    value_type: Said,
    /// Concept names, and their codes.
    names: u32,
    scheme: Said,
    codes: Vec<Box<[u8]>>,
    is_unclear: bool,
}

/// What an element says that should be there once.
type Said = Option<Box<[u8]>>;

struct Mark {
    found: usize,
    open: usize,
    item: Option<Item>,
}

impl<'r> FindItems<'r> {
    /// At most `limit` items.
    pub(super) const fn new(rules: &'r Rules, limit: u32) -> Self {
        Self { rules, limit, found: Vec::new(), open: Vec::new(), marks: Vec::new() }
    }

    pub(super) fn finish(self) -> Items {
        Items(self.found)
    }

    /// Whether an element tells nothing of a content item.
    #[inline]
    pub(super) fn leaves(tag: Tag) -> bool {
        !matches!(tag, VALUE_TYPE | CONCEPT_NAME | SCHEME) && !CODES.contains(&tag)
    }
}

impl Finder for FindItems<'_> {
    fn come_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.end_item();
            self.open.pop();
        }
    }

    fn element<S: Source>(&mut self, element: &Element, walker: &mut Walker<'_, S>) -> Result<(), ErrorKind> {
        match element.body {
            Body::Item(_) => self.begin_item(element)?,
            Body::Sequence(_) | Body::Fragments => {
                if let Some(item) = self.item().filter(|_| element.tag == CONCEPT_NAME) {
                    item.names = item.names.saturating_add(1);
                }
                self.open.push(Open { sequence: element.tag, item: None });
            }
            Body::Value(value) => self.value(element.tag, value, walker)?,
            Body::Fragment(_) | Body::StrayDelimiter => {}
        }
        Ok(())
    }

    fn mark(&mut self) {
        let item = self.open.last().and_then(|open| open.item.clone());
        self.marks.push(Mark { found: self.found.len(), open: self.open.len(), item });
    }

    fn keep(&mut self) {
        self.marks.pop();
    }

    fn undo(&mut self) {
        let Some(mark) = self.marks.pop() else { return };
        self.open.truncate(mark.open);
        self.found.truncate(mark.found);
        if let Some(open) = self.open.last_mut() {
            open.item = mark.item;
        }
    }

    fn drop_open(&mut self) {
        let first = self.open.iter().find_map(|open| open.item.as_ref());
        self.found.truncate(first.map_or(usize::MAX, |item| item.place));
        self.open.clear();
    }
}

impl FindItems<'_> {
    fn begin_item(&mut self, element: &Element) -> Result<(), ErrorKind> {
        self.end_item();
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        if self.rules.is_by_concept(open.sequence) {
            open.item = Some(Item { place: self.found.len(), ..Item::default() });
            if usize::try_from(self.limit).is_ok_and(|limit| self.found.len() >= limit) {
                return Err(ErrorKind::TooManyElements { limit: self.limit.into() });
            }
            self.found.push(Found { at: element.header.start(), syntax: element.syntax, of: None });
        } else if let Some(item) = self.item_named() {
            // The name has one item (PS3.3 §8.8).
            item.is_unclear |= item.scheme.is_some() || !item.codes.is_empty();
        }
        Ok(())
    }

    fn value<S: Source>(&mut self, tag: Tag, value: Span, walker: &mut Walker<'_, S>) -> Result<(), ErrorKind> {
        match tag {
            VALUE_TYPE => {
                if let Some(item) = self.item() {
                    let text = text(value, walker)?;
                    item.is_unclear |= !say(&mut item.value_type, text);
                }
            }
            // It can't be walked.
            CONCEPT_NAME => {
                if let Some(item) = self.item() {
                    item.is_unclear |= !value.is_empty();
                }
            }
            SCHEME => {
                if let Some(item) = self.item_named() {
                    let text = text(value, walker)?;
                    item.is_unclear |= !say(&mut item.scheme, text);
                }
            }
            _ if CODES.contains(&tag) => {
                if let Some(item) = self.item_named() {
                    item.codes.extend(text(value, walker)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The content item that the current element stands in itself.
    fn item(&mut self) -> Option<&mut Item> {
        self.open.last_mut()?.item.as_mut()
    }

    /// The content item of whose concept name the current element is.
    fn item_named(&mut self) -> Option<&mut Item> {
        let [.., around, name] = self.open.as_mut_slice() else { return None };
        around.item.as_mut().filter(|_| name.sequence == CONCEPT_NAME)
    }

    fn end_item(&mut self) {
        let Some(item) = self.open.last_mut().and_then(|open| open.item.take()) else { return };
        if let Some(found) = self.found.get_mut(item.place) {
            found.of = item.becomes(self.rules);
        }
    }
}

impl Item {
    fn becomes(&self, rules: &Rules) -> Option<OfItem> {
        if self.is_unclear || self.names > 1 {
            return Some(OfItem::Remove); // readers differ in what it is
        }
        let (scheme, value_type) = (self.scheme.as_deref()?, self.value_type.as_deref().unwrap_or_default());
        self.codes.iter().filter_map(|code| rules.concepts().of(scheme, code, value_type)).max()
    }
}

/// Notes what an element says; whether none has said something else before.
fn say(said: &mut Said, text: Said) -> bool {
    let Some(text) = text else { return true };
    said.get_or_insert_with(|| text.clone()) == &text
}

/// A value without padding; `None` where it is empty, or longer than what any table has.
fn text<S: Source>(value: Span, walker: &mut Walker<'_, S>) -> Result<Said, ErrorKind> {
    /// Codes are short: where they are long, they are URNs.
    const LONGEST: u64 = 1024;
    if value.len() > LONGEST {
        return Ok(None);
    }
    let text = unpadded(walker.lend(value).map_err(|_| ErrorKind::Unreadable)?);
    Ok((!text.is_empty()).then(|| text.into()))
}
