//! Which tags a walk is made for.

use core::fmt;

use crate::tag::Tag;

/// The tags that must not be missed. The same bytes can often be read in more than one way, and readers differ in which
/// they take. The walk goes on in one of them only where no other reading shows an element of these tags somewhere
/// else.
pub trait Listed: fmt::Debug {
    /// Whether an element of `tag` must not be missed. Where the tag alone can't tell, the answer is yes.
    fn is_listed(&self, tag: Tag) -> bool;

    /// The same of a reading of a whole data set, or of all behind a place. Read wrongly, it may have any number as a
    /// tag; if it is right, it has listed ones among its public elements.
    fn is_listed_in_data_sets(&self, tag: Tag) -> bool {
        self.is_listed(tag)
    }
}

/// What is listed in data sets as a whole.
#[derive(Debug)]
pub(crate) struct InDataSets<'a>(pub(crate) &'a dyn Listed);

impl Listed for InDataSets<'_> {
    fn is_listed(&self, tag: Tag) -> bool {
        self.0.is_listed_in_data_sets(tag)
    }
}

/// No element at all: for a walk without rules, which goes on in the likelier reading.
#[derive(Clone, Copy, Debug)]
pub struct NoTag;

impl Listed for NoTag {
    fn is_listed(&self, _: Tag) -> bool {
        false
    }
}

/// Every element: below a sequence that is listed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EveryTag;

impl Listed for EveryTag {
    fn is_listed(&self, _: Tag) -> bool {
        true
    }
}
