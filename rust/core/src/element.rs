//! What a walk meets: positions, not bytes.

use crate::header::Length;
use crate::span::Span;
use crate::tag::Tag;
use crate::vr::Vr;

/// One element, item or fragment: positions, not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its tag.
    pub tag: Tag,
    /// Its value representation as the file states it; in implicit VR the dictionary's, UN where it knows none.
    pub vr: Vr,
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
    /// One of them.
    Fragment(Span),
    /// A delimiter of length zero that closes nothing.
    StrayDelimiter,
}

/// What the walk meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An element for certain.
    Element(Element),
    /// A value that is walked as a sequence from here on, and may turn out to be none.
    Tried(Element),
    /// The innermost try succeeded: it was a sequence.
    Kept,
    /// The innermost try failed: its events are void, and it is tried in another syntax from here on.
    TriedAgain(Element),
    /// The innermost try failed: its events are void, and this is the element as a value.
    Opaque(Element),
}
