//! One row of the table of repeating elements.

use crate::vr::Vr;

/// An element that stands in many groups, such as the overlays of (60xx,3000): one wherever `tag & mask == value`.
pub(super) struct Repeater {
    pub(super) mask: u32,
    pub(super) value: u32,
    pub(super) vr: Vr,
    pub(super) keyword: &'static str,
}
