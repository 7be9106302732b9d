//! The events of a walk, from the first to the last, and whether they can be true.

use dicomblank_core::{Body, Element, Error, Event, Length, Limits, NoTag, Source, Span, Tag, Walker, Warning};

/// A walk from its first event to its last.
#[derive(Debug, PartialEq)]
pub struct Met {
    pub events: Vec<Event>,
    pub end: Result<Vec<Warning>, Error>,
}

/// Walks `source` to its end or its error.
pub fn tell<S: Source>(source: &mut S, limits: &Limits) -> Met {
    let mut events = Vec::new();
    let mut walk = || {
        let mut walker = Walker::new(source, &NoTag, limits)?;
        while let Some(event) = walker.next()? {
            events.push(event);
        }
        Ok(walker.warnings().iter().collect())
    };
    let end = walk();
    Met { events, end }
}

impl Met {
    /// The elements as they are once each try is kept, made again or given up.
    #[must_use]
    pub fn settled(&self) -> Vec<Element> {
        let (mut elements, mut tries) = (Vec::new(), Vec::new());
        for event in &self.events {
            match event {
                Event::Element(element) => elements.push(*element),
                Event::Tried(element) => {
                    tries.push(elements.len());
                    elements.push(*element);
                }
                Event::TriedAgain(element) => {
                    elements.truncate(tries.last().copied().unwrap_or_default());
                    elements.push(*element);
                }
                Event::Opaque(element) => {
                    elements.truncate(tries.pop().unwrap_or_default());
                    elements.push(*element);
                }
                Event::Kept => drop(tries.pop()),
            }
        }
        elements
    }

    /// The events tile `bytes`: each begins where the one before ended, apart from delimiters, and lies within the ends
    /// around it. A try is kept, made again or given up. Then the walk goes on where the tried value ended, or where it
    /// began.
    pub fn is_consistent(&self, bytes: &[u8], limits: &Limits) {
        let size = u64::try_from(bytes.len()).expect("memory is narrower than offsets");
        let mut story = Story { bytes, at: None, open: Vec::new(), tries: Vec::new() };
        for event in &self.events {
            story.take(event, limits, size);
        }
        // A header is counted once, and gives one event. A try can give two more: at its end, and for what the value
        // then is.
        let count = u64::try_from(self.events.len()).expect("memory is narrower than offsets");
        assert!(count <= 3 * limits.elements, "{count} events");
        match &self.end {
            Ok(warnings) => story.ends(warnings, size),
            Err(error) => assert!(error.offset <= size, "a fault behind the end: {error:?}"),
        }
    }
}

/// The place of the walk after some of its events.
struct Story<'a> {
    bytes: &'a [u8],
    /// Where the next header must begin. Unknown before the first.
    at: Option<u64>,
    /// The sequences around the walk. Each has two ends, where they are defined: its own, and that of its current item.
    open: Vec<[Option<u64>; 2]>,
    /// The elements that are being tried, each with the end of its value.
    tries: Vec<(Element, u64)>,
}

impl Story<'_> {
    fn take(&mut self, event: &Event, limits: &Limits, size: u64) {
        match event {
            Event::Element(element) => self.element(element),
            Event::Tried(element) => {
                let Body::Sequence(Length::Defined(length)) = element.body else {
                    panic!("tried as {:?}", element.body)
                };
                self.element(element);
                self.tries.push((*element, element.header.end() + u64::from(length)));
            }
            Event::TriedAgain(element) => {
                let (tried, _) = self.tries.last().expect("a try is open");
                assert_eq!(element, tried, "tried again as something else");
                self.open.truncate(element.depth);
                self.at = Some(element.header.start());
                self.element(element);
            }
            Event::Opaque(element) => {
                let (tried, end) = self.tries.pop().expect("a try is open");
                let value = Span::between(tried.header.end(), end).expect("in order");
                assert_eq!(*element, Element { body: Body::Value(value), ..tried }, "another element than was tried");
                self.open.truncate(element.depth);
                self.at = Some(element.header.start());
                self.element(element);
            }
            Event::Kept => {
                let (tried, end) = self.tries.pop().expect("a try is open");
                let at = self.at.expect("behind an element");
                assert!(self.is_delimiters(at, end), "kept before its end: {at:#x}, {tried:?}");
                self.open.truncate(tried.depth);
                self.at = Some(end);
            }
        }
        assert!(self.open.len() <= usize::try_from(limits.depth).expect("small"), "too deep");
        assert!(self.at.is_some_and(|at| at <= size), "behind the end: {event:?}");
    }

    fn element(&mut self, element: &Element) {
        let Element { header, depth, .. } = *element;
        assert!(matches!(header.len(), 8 | 12), "a header of {} bytes", header.len());
        if let Some(at) = self.at {
            assert!(self.is_delimiters(at, header.start()), "skipped {at:#x} up to {element:?}");
        }
        assert!(depth <= self.open.len(), "{element:?} in {} sequences", self.open.len());
        self.open.truncate(depth);
        match (element.body, self.open.last_mut()) {
            (Body::Item(_) | Body::Fragment(_), open) => open.expect("an item is in a sequence")[1] = None,
            // A stray delimiter may stand behind an item that has ended at its length.
            (Body::StrayDelimiter, Some([_, item])) if item.is_some_and(|end| end <= header.start()) => *item = None,
            _ => {}
        }
        let (mut end, mut opens) = (header.end(), None);
        match element.body {
            Body::Value(value) => {
                assert_eq!(value.start(), header.end(), "a value behind its header");
                end = value.end();
            }
            Body::Fragment(value) => {
                assert_eq!((value.start(), element.tag), (header.end(), Tag::ITEM), "a fragment behind its header");
                end = value.end();
            }
            Body::Sequence(length) => opens = Some([defined_end(header, length), None]),
            Body::Fragments => opens = Some([None; 2]),
            Body::Item(length) => {
                let own = defined_end(header, length);
                assert!(own.is_none_or(|own| self.innermost() >= own), "{element:?} is longer than what is around it");
                self.open.last_mut().expect("an item is in a sequence")[1] = own;
            }
            Body::StrayDelimiter => {}
        }
        let inner = opens.and_then(|[own, _]| own).unwrap_or(end);
        assert!(inner.max(end) <= self.innermost(), "{element:?} runs past {:#x}", self.innermost());
        self.open.extend(opens);
        self.at = Some(end);
    }

    /// The nearest of the defined ends around the walk.
    fn innermost(&self) -> u64 {
        let size = u64::try_from(self.bytes.len()).expect("memory is narrower than offsets");
        self.open.iter().flatten().flatten().copied().min().unwrap_or(size)
    }

    /// Whether nothing but delimiters of length zero stands from `start` to `end`.
    fn is_delimiters(&self, start: u64, end: u64) -> bool {
        let gap = Span::between(start, end).and_then(|gap| self.bytes.get(gap.range()?));
        gap.is_some_and(|gap| gap.len() % 8 == 0 && gap.chunks(8).all(is_delimiter))
    }

    fn ends(&self, warnings: &[Warning], size: u64) {
        assert!(self.tries.is_empty(), "a try is open at the end");
        let Some(at) = self.at else { return };
        let rest = &self.bytes[usize::try_from(at).expect("memory is narrower than offsets")..];
        let behind = rest.chunks(8).take_while(|piece| is_delimiter(piece)).count() * 8;
        let rest = &rest[behind.min(rest.len())..];
        let is_zero = warnings.contains(&Warning::TrailingZeros) && rest.iter().all(|byte| *byte == 0);
        // What is cut is the header of a fragment.
        let is_cut = warnings.contains(&Warning::PixelDataCutShort) && rest.len() < 8;
        let is_known = !warnings.contains(&Warning::UnknownTail);
        assert!(
            rest.is_empty() || is_zero || is_cut || !is_known,
            "{} bytes before {size:#x} were not walked",
            rest.len()
        );
    }
}

fn is_delimiter(piece: &[u8]) -> bool {
    let [little, big] = [b"\xFE\xFF\x0D\xE0\0\0\0\0", b"\xFF\xFE\xE0\x0D\0\0\0\0"];
    let [little_sequence, big_sequence] = [b"\xFE\xFF\xDD\xE0\0\0\0\0", b"\xFF\xFE\xE0\xDD\0\0\0\0"];
    [little, big, little_sequence, big_sequence].iter().any(|delimiter| piece == *delimiter)
}

fn defined_end(header: Span, length: Length) -> Option<u64> {
    match length {
        Length::Defined(length) => Some(header.end() + u64::from(length)),
        Length::Undefined => None,
    }
}
