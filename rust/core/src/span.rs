//! Where bytes stand, in offsets of 64 bits, however wide memory is.

use core::fmt;
use core::ops::Range;

/// A run of bytes, `start..end`, counted from the first byte of the source. `start <= end` always holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    start: u64,
    end: u64,
}

impl Span {
    /// The `len` bytes from `start`; `None` where the end would pass the largest offset.
    #[must_use]
    pub const fn new(start: u64, len: u64) -> Option<Self> {
        match start.checked_add(len) {
            Some(end) => Some(Self { start, end }),
            None => None,
        }
    }

    /// The bytes from `start` up to, not including, `end`; `None` where they are the wrong way round.
    #[must_use]
    pub const fn between(start: u64, end: u64) -> Option<Self> {
        if start <= end { Some(Self { start, end }) } else { None }
    }

    /// The value of `length` bytes at `start`. Where its end would pass the largest offset, it is the largest: no
    /// source is as long.
    #[must_use]
    #[allow(clippy::as_conversions)] // widening, and `u64::from` is not const
    pub(crate) const fn of_value(start: u64, length: u32) -> Self {
        Self { start, end: start.saturating_add(length as u64) }
    }

    /// Offset of the first byte.
    #[must_use]
    pub const fn start(self) -> u64 {
        self.start
    }

    /// Offset behind the last byte.
    #[must_use]
    pub const fn end(self) -> u64 {
        self.end
    }

    /// Number of bytes.
    #[must_use]
    pub const fn len(self) -> u64 {
        // Cannot wrap: `start <= end` by construction.
        self.end.saturating_sub(self.start)
    }

    /// Whether there is no byte in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The span as indices of a slice in memory; `None` where memory is narrower than the offsets.
    #[must_use]
    pub fn range(self) -> Option<Range<usize>> {
        Some(usize::try_from(self.start).ok()?..usize::try_from(self.end).ok()?)
    }

    /// The span in pieces of at most `size` bytes, in order. A `size` of zero counts as one.
    pub fn pieces(self, size: u64) -> impl Iterator<Item = Self> {
        let mut rest = self;
        core::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let cut = rest.start.saturating_add(size.max(1)).min(rest.end);
            let piece = Self { start: rest.start, end: cut };
            rest.start = cut;
            Some(piece)
        })
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}..{:#x}", self.start, self.end)
    }
}

/// The length of bytes in memory, as an offset.
#[must_use]
pub fn size_of_slice(bytes: &[u8]) -> u64 {
    // No machine that Rust runs on has slices beyond 2^64 bytes; saturating keeps this total.
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn construction() {
        for (made, expected) in [
            (Span::new(2, 3), Some((2, 5))),
            (Span::new(u64::MAX, 1), None),
            (Span::between(5, 5), Some((5, 5))),
            (Span::between(6, 5), None),
        ] {
            assert_eq!(made.map(|span| (span.start(), span.end())), expected);
        }
    }

    #[test]
    fn pieces_cover_the_span_in_order() {
        let lengths = |start, len, size| {
            Span::new(start, len).into_iter().flat_map(|span| span.pieces(size)).map(Span::len).collect::<Vec<_>>()
        };
        assert_eq!(lengths(7, 10, 4), [4, 4, 2]);
        assert_eq!(lengths(7, 8, 4), [4, 4]);
        assert_eq!(lengths(7, 0, 4), [0_u64; 0]);
        assert_eq!(lengths(7, 2, 0), [1, 1]);
    }
}
