//! The bytes of a value that a survey looks at, in memory already or not yet.

use super::subjects::LONGEST;
use crate::error::{Error, ErrorKind};
use crate::source::{MAX_LEND, Source};
use crate::span::{Span, size_of_slice};
use crate::tag::TagPath;
use crate::walk::Walker;

pub(super) trait Bytes {
    /// All of a [short](is_short) value.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`].
    fn short(&mut self, value: Span) -> Result<&[u8], Error>;

    /// Whether there is nothing but spaces and NULs in a value.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`].
    fn is_padding(&mut self, value: Span) -> Result<bool, Error>;
}

/// The value that is meant, whole.
pub(super) struct InMemory<'a>(pub(super) &'a [u8]);

impl Bytes for InMemory<'_> {
    fn short(&mut self, _: Span) -> Result<&[u8], Error> {
        Ok(self.0)
    }

    #[inline]
    fn is_padding(&mut self, _: Span) -> Result<bool, Error> {
        Ok(are_padding(self.0))
    }
}

impl<S: Source> Bytes for Walker<'_, S> {
    fn short(&mut self, value: Span) -> Result<&[u8], Error> {
        self.lend(value).map_err(|_| unreadable(value.start()))
    }

    fn is_padding(&mut self, value: Span) -> Result<bool, Error> {
        let mut at = value.start();
        while let Some(piece) = Span::between(at, at.saturating_add(MAX_LEND).min(value.end())) {
            if piece.is_empty() {
                break;
            }
            if !are_padding(self.lend(piece).map_err(|_| unreadable(at))?) {
                return Ok(false);
            }
            // A hole of a sparse file may be petabytes of zeros.
            at = piece.end().max(self.zeros_until(piece.end()));
        }
        Ok(true)
    }
}

fn are_padding(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' ' | 0))
}

/// Whether a value is short enough for a code or a creator.
pub(super) fn is_short(value: Span) -> bool {
    value.len() <= size_of_slice(&[0; LONGEST])
}

#[cold]
pub(super) fn unreadable(offset: u64) -> Error {
    Error { kind: ErrorKind::Unreadable, offset, tag_path: TagPath::default() }
}
