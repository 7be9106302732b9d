//! Which tags a walk is made for.

use core::fmt;

use crate::dictionary;
use crate::tag::Tag;

/// The tags that must not be missed. The same bytes can often be read in more than one way, and readers differ in which they take: a walk
/// goes on in one of them only where no other would show an element of these tags somewhere else.
pub trait Listed: fmt::Debug {
    /// Whether an element of `tag` must not be missed. Where that takes more than the tag to tell, it is so.
    fn is_listed(&self, tag: Tag) -> bool;
}

/// Every element that the dictionary has (PS3.6): for a walk without rules.
#[derive(Clone, Copy, Debug)]
pub struct EveryPublicTag;

impl Listed for EveryPublicTag {
    fn is_listed(&self, tag: Tag) -> bool {
        tag.group() != 0 && dictionary::is_known(tag)
    }
}
