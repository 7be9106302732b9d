//! What tells whose the dates of a data set are, and those of a record of a DICOMDIR: where it stands.

use crate::error::ErrorKind;
use crate::limits::Limits;
use crate::plan::Owner;
use crate::span::Span;
use crate::tag::Tag;

/// In the order of the walk.
pub(super) struct Owners {
    all: Vec<Owner>,
    left: u32,
    limit: u32,
}

/// Where such an element counts.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    DataSet,
    /// The number of the record.
    Record(u32),
}

impl Owners {
    pub(super) fn new(limits: &Limits) -> Self {
        // A record of a DICOMDIR has some five. At 24 bytes each these are 50 MB at most.
        let limit = limits.edits.saturating_mul(4);
        Self { all: Vec::new(), left: limit, limit }
    }

    /// Takes the element or item `tag`; not what is elsewhere.
    ///
    /// # Errors
    /// Where there are too many.
    #[cold]
    #[inline(never)]
    pub(super) fn take(&mut self, place: Option<Place>, tag: Tag, span: Span) -> Result<(), ErrorKind> {
        let record = match place {
            None => return Ok(()),
            Some(Place::DataSet) => None,
            Some(Place::Record(number)) => Some(number),
        };
        self.left = self.left.checked_sub(1).ok_or(ErrorKind::TooManyEdits { limit: self.limit })?;
        let length = u32::try_from(span.len()).unwrap_or(u32::MAX);
        self.all.push(Owner { tag, record, start: span.start(), length });
        Ok(())
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// Drops all but the first `count`.
    pub(super) fn truncate(&mut self, count: usize) {
        self.all.truncate(count);
    }

    pub(super) fn all(self) -> Vec<Owner> {
        self.all
    }
}
