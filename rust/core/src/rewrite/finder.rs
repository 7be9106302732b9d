//! Who looks for something ahead of the walk proper.

use crate::element::Element;
use crate::error::ErrorKind;
use crate::source::Source;
use crate::walk::Walker;

/// Who looks for something.
pub(super) trait Finder {
    /// The next element is inside `depth` sequences.
    fn come_to(&mut self, depth: usize);

    /// Takes an element.
    fn element<S: Source>(&mut self, element: &Element, walker: &mut Walker<'_, S>) -> Result<(), ErrorKind>;

    /// A try begins.
    fn mark(&mut self);

    /// The innermost try has succeeded.
    fn keep(&mut self);

    /// The innermost try has failed.
    fn undo(&mut self);

    /// The walk has ended with an error: nothing is known of what is open.
    fn drop_open(&mut self);
}
