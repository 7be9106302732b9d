//! What is open around the place where the walk is.

use crate::element::Element;
use crate::span::Span;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::warning::Warnings;

/// A data set, sequence, item or run of fragments that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) syntax: Syntax,
    /// Whether it is in a value that may be no sequence, or has the VR UN: readers differ in the syntax they take
    /// there.
    pub(super) is_tried: bool,
    /// Of a sequence, whether one of its items was in another syntax: some readers go on in that one, and some decide
    /// for each item.
    pub(super) is_mixed: bool,
    /// Whether it is in a sequence that is listed.
    pub(super) is_listed: bool,
    /// Of fragments, where the first of them begins.
    pub(super) start: u64,
    /// The innermost defined end, its own or that of a frame around it: nothing in it may reach beyond.
    pub(super) end: u64,
    pub(super) ends: Ends,
    /// The element whose items or fragments these are; of an item, that of its sequence.
    pub(super) tag: Tag,
    /// Items or fragments begun; of an item, those of its sequence.
    pub(super) items: u32,
    /// Sequences around its contents.
    pub(super) depth: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The root: elements follow each other.
    DataSet,
    /// Elements follow each other up to a delimiter or defined end.
    Item,
    /// Items follow each other.
    Sequence,
    /// Fragments follow each other.
    Fragments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// At its own defined length.
    AtLength,
    /// At a delimiter.
    AtDelimiter,
}

/// A value that is tried as a sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Try {
    /// What it is if the try fails.
    pub(super) opaque: Element,
    pub(super) value: Span,
    /// How it is tried next if this try fails.
    pub(super) next: Option<Syntax>,
    /// The frame it stands in, and how many there are around that one.
    pub(super) frame: Frame,
    pub(super) outer: usize,
    pub(super) warnings: Warnings,
}
