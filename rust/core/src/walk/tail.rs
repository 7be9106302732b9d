//! What stands at the end of a file: zeros behind the last element, a fragment that runs past it.

use super::Walker;
use super::frame::Kind;
use crate::error::{ErrorKind, RawError};
use crate::source::{MAX_LEND, Source};
use crate::span::Span;
use crate::tag::Tag;
use crate::warning::Warning;

impl<S: Source> Walker<'_, S> {
    /// Whether zeros stand where an element is expected. At the end of the data set they are padding. Anywhere else
    /// they are an error, since a wrong length easily leads there: pixels and private values are full of zeros.
    #[cold]
    pub(super) fn is_trailing_zeros(&mut self) -> Result<bool, RawError> {
        let at = self.position;
        let rest = Span::between(at, self.size).ok_or(ErrorKind::Unreadable.at(at))?;
        let trailing = ErrorKind::TrailingBytes { count: rest.len() }.at(at);
        let first = Span::between(at, self.top.end.min(at.saturating_add(8))).unwrap_or(rest);
        if !self.is_zero(first)? {
            return if self.top.kind == Kind::DataSet && first.len() < 8 { Err(trailing) } else { Ok(false) };
        }
        if self.top.kind != Kind::DataSet || !self.is_zero(rest)? || self.may_have_swallowed()? {
            return Err(trailing);
        }
        self.warnings.add(Warning::TrailingZeros);
        self.position = self.size;
        Ok(true)
    }

    /// Whether the last value ends amid zeros, and so may have a wrong length: elements may be inside it, and its end
    /// in black pixels.
    pub(super) fn may_have_swallowed(&mut self) -> Result<bool, RawError> {
        /// From here on zeros are ordinary: pixels, and data set trailing padding. Elements that a wrong length could
        /// jump over come before.
        const PIXELS: Tag = Tag::new(0x7FE0, 0x0000);
        /// So few bytes have no room for a patient's name and an image behind it.
        const HARMLESS: u64 = 64;
        let (tag, value) = self.last;
        if tag >= PIXELS || value.len() <= HARMLESS {
            return Ok(false);
        }
        let tail = Span::between(value.end().saturating_sub(2), value.end()).unwrap_or(value);
        // A value of zeros alone was blanked, or held nothing.
        Ok(self.is_zero(tail)? && !self.is_zero(value)?)
    }

    /// Whether all that is left from `at` on is zeros.
    pub(super) fn is_zero_from(&mut self, at: u64) -> Result<bool, RawError> {
        let rest = Span::between(at, self.size).ok_or(ErrorKind::Unreadable.at(at))?;
        self.is_zero(rest)
    }

    pub(super) fn is_zero(&mut self, span: Span) -> Result<bool, RawError> {
        let mut at = span.start();
        while at < span.end() {
            let Some(piece) = Span::between(at, at.saturating_add(MAX_LEND).min(span.end())) else { break };
            let bytes = self.source.lend(piece).map_err(|_| ErrorKind::Unreadable.at(at))?;
            if bytes.iter().any(|byte| *byte != 0) {
                return Ok(false);
            }
            at = piece.end();
            if at < span.end() {
                // A hole of a sparse file may be petabytes of zeros, and take one block on the disk.
                at = at.max(self.source.zeros_until(at));
            }
        }
        Ok(true)
    }
}
