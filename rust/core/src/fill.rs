//! What is written over a value: one byte again and again, or bytes that are given. As long as the value, so that
//! nothing moves.

use core::fmt;

use crate::span::{Span, size_of_slice};

/// What is written over the bytes of a span, and always as many bytes as the span has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fill<'a> {
    span: Span,
    content: Content<'a>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Content<'a> {
    Repeat(u8),
    /// As many as the span has.
    Bytes(&'a [u8]),
}

impl<'a> Fill<'a> {
    /// `byte` over every byte of `span`.
    #[must_use]
    pub const fn repeat(span: Span, byte: u8) -> Self {
        Self { span, content: Content::Repeat(byte) }
    }

    /// `bytes` over those of `span`; `None` where they are more or fewer.
    #[must_use]
    pub fn bytes(span: Span, bytes: &'a [u8]) -> Option<Self> {
        (span.len() == size_of_slice(bytes)).then_some(Self { span, content: Content::Bytes(bytes) })
    }

    /// Where it is written.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// The byte that it repeats; `None` where it has bytes that are given.
    #[must_use]
    pub const fn repeated(&self) -> Option<u8> {
        match self.content {
            Content::Repeat(byte) => Some(byte),
            Content::Bytes(_) => None,
        }
    }

    /// The bytes that are given; `None` where it repeats one.
    pub(crate) const fn given(&self) -> Option<&'a [u8]> {
        match self.content {
            Content::Repeat(_) => None,
            Content::Bytes(bytes) => Some(bytes),
        }
    }

    /// Writes over `memory`, which is the span itself.
    #[inline]
    pub(crate) fn write_whole(&self, memory: &mut [u8]) {
        match self.content {
            Content::Repeat(byte) => memory.fill(byte),
            Content::Bytes(bytes) => memory.iter_mut().zip(bytes).for_each(|(byte, new)| *byte = *new),
        }
    }

    /// Writes over `memory`, whose first byte stands at offset `start`, as much of the fill as lies in it.
    pub fn write_over(&self, start: u64, memory: &mut [u8]) {
        // How much of the fill stands before the memory, and how much of the memory before the fill.
        let (before, free) = (start.saturating_sub(self.span.start()), self.span.start().saturating_sub(start));
        let (Ok(before), Ok(free)) = (usize::try_from(before), usize::try_from(free)) else { return };
        let Some(target) = memory.get_mut(free..) else { return };
        match self.content {
            Content::Repeat(byte) => {
                let left = usize::try_from(self.span.len()).unwrap_or(usize::MAX).saturating_sub(before);
                let count = left.min(target.len());
                target.get_mut(..count).unwrap_or_default().fill(byte);
            }
            Content::Bytes(bytes) => {
                for (byte, new) in target.iter_mut().zip(bytes.get(before..).unwrap_or_default()) {
                    *byte = *new;
                }
            }
        }
    }
}

/// Never the bytes: they may stand for a value.
impl fmt::Debug for Fill<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.content {
            Content::Repeat(_) => "a repeated byte",
            Content::Bytes(_) => "bytes",
        };
        write!(f, "{kind} over {:?}", self.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_as_many_as_their_span_has() {
        let span = Span::new(5, 3).unwrap();
        for (bytes, expected) in [(&b"ab"[..], None), (b"abc", Some(span)), (b"abcd", None)] {
            assert_eq!((bytes, Fill::bytes(span, bytes).map(|fill| fill.span())), (bytes, expected));
        }
        assert_eq!(Fill::bytes(Span::new(5, 0).unwrap(), b"").map(|fill| fill.span().len()), Some(0));
    }

    /// Where the memory begins, and what becomes of its six bytes, for bytes and for a repeated one over 10..14.
    #[test]
    fn what_lies_in_memory_is_written_over() {
        for (start, bytes, repeated) in [
            (0, b"......", b"......"),
            (4, b"......", b"......"),
            (5, b".....a", b".....*"),
            (8, b"..abcd", b"..****"),
            (9, b".abcd.", b".****."),
            (10, b"abcd..", b"****.."),
            (12, b"cd....", b"**...."),
            (13, b"d.....", b"*....."),
            (14, b"......", b"......"),
            (u64::MAX, b"......", b"......"),
        ] {
            let span = Span::new(10, 4).unwrap();
            for (fill, expected) in [(Fill::bytes(span, b"abcd").unwrap(), bytes), (Fill::repeat(span, b'*'), repeated)]
            {
                let mut memory = *b"......";
                fill.write_over(start, &mut memory);
                assert_eq!((start, &memory), (start, expected));
            }
        }
        let mut memory = *b"..";
        Fill::bytes(Span::new(10, 4).unwrap(), b"abcd").unwrap().write_over(11, &mut memory);
        assert_eq!(&memory, b"bc");
        Fill::repeat(Span::new(11, 0).unwrap(), b'*').write_over(11, &mut memory);
        assert_eq!(&memory, b"bc");
    }

    #[test]
    fn no_byte_is_shown() {
        let span = Span::new(16, 3).unwrap();
        assert_eq!(format!("{:?}", Fill::bytes(span, b"Doe").unwrap()), "bytes over 0x10..0x13");
        assert_eq!(format!("{:?}", Fill::repeat(span, b'D')), "a repeated byte over 0x10..0x13");
    }
}
