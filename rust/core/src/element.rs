//! What a walk meets: positions, not bytes.

use crate::header::Length;
use crate::span::Span;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;

/// One element, item or fragment: positions, not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its tag.
    pub tag: Tag,
    /// Its value representation as the file states it; in implicit VR the dictionary's, UN where it knows none.
    pub vr: Vr,
    /// How its header is written: in implicit VR none is stated. Of an item, the syntax around it.
    pub syntax: Syntax,
    /// How many sequences it is inside of.
    pub depth: usize,
    /// Where the header stands.
    pub header: Span,
    /// What follows the header.
    pub body: Body,
}

/// What follows a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// A value.
    Value(Span),
    /// Items, which are walked next (PS3.5 §7.5).
    Sequence(Length),
    /// The elements of an item, which are walked next (PS3.5 §7.5).
    Item(Length),
    /// The fragments of encapsulated pixel data, which come next (PS3.5 §A.4).
    Fragments,
    /// One of those fragments.
    Fragment(Span),
    /// A delimiter of length zero that closes nothing.
    StrayDelimiter,
}

/// What the walk meets, in the order of the bytes.
///
/// Delimiters that close something give no event: the depth of the next element says that a sequence has ended.
///
/// ```
/// use dicomblank_core::{Event, Limits, NoTag, SliceSource, Walker};
///
/// let data_set = [
///     &b"\x10\0\x10\0PN\x04\0Doe "[..],                 // (0010,0010) PN, 4 bytes
///     b"\x40\0\x75\x02SQ\0\0\xFF\xFF\xFF\xFF",          // (0040,0275) SQ, of undefined length
///     b"\xFE\xFF\x00\xE0\x0A\0\0\0",                    // an item, 10 bytes
///     b"\x40\0\x07\0LO\x02\0ab",                       // (0040,0007) LO, 2 bytes
///     b"\xFE\xFF\xDD\xE0\0\0\0\0",                      // the delimiter of the sequence
///     b"\x41\0\x01\x10UN\0\0\x12\0\0\0",                // (0041,1001) UN, 18 bytes: one item
///     b"\xFE\xFF\x00\xE0\x0A\0\0\0",                    // an item, 10 bytes
///     b"\x10\0\x20\0\x02\0\0\x0012",                    // (0010,0020), 2 bytes
///     b"\x41\0\x02\x10UN\0\0\x08\0\0\0",                // (0041,1002) UN, 8 bytes: one item, it seems
///     b"\xFE\xFF\x00\xE0\x0A\0\0\0",                    // an item of 10 bytes, which are not there
/// ]
/// .concat();
///
/// let (mut source, mut events) = (SliceSource::new(&data_set), Vec::new());
/// let mut walker = Walker::new(&mut source, &NoTag, &Limits::default())?;
/// while let Some(event) = walker.next()? {
///     events.push(match event {
///         Event::Element(element) => format!("depth {}: {} {}", element.depth, element.tag, element.vr),
///         Event::Tried(element) => format!("tried: {}", element.tag),
///         Event::Kept => "kept".to_owned(),
///         Event::TriedAgain(element) => format!("tried again: {}", element.tag),
///         Event::Opaque(element) => format!("opaque: {}", element.tag),
///     });
/// }
/// assert_eq!(
///     events,
///     [
///         "depth 0: (0010,0010) PN",
///         "depth 0: (0040,0275) SQ",
///         "depth 1: (FFFE,E000) UN",
///         "depth 1: (0040,0007) LO",
///         "tried: (0041,1001)", // in implicit VR
///         "depth 1: (FFFE,E000) UN",
///         "depth 1: (0010,0020) LO",
///         "kept",
///         "tried: (0041,1002)",       // in implicit VR
///         "tried again: (0041,1002)", // in explicit VR
///         "opaque: (0041,1002)",
///     ]
/// );
/// # Ok::<(), dicomblank_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An element, item, fragment or stray delimiter.
    Element(Element),
    /// A value that is walked as a sequence from here on, and may turn out to be none. Until then its events are on
    /// trial.
    Tried(Element),
    /// The innermost try succeeded: it was a sequence.
    Kept,
    /// The innermost try failed: drop its events. The value is tried in another syntax from here on.
    TriedAgain(Element),
    /// The innermost try failed: drop its events. This is the element as a value.
    Opaque(Element),
}
