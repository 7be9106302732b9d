//! Where bytes come from and where they go: traits without I/O, and their forms in memory.

use crate::fill::Fill;
use crate::span::{Span, size_of_slice};

/// The longest span a [`Source`] is ever asked to lend, in bytes: what is longer is looked through in pieces.
pub const MAX_LEND: u64 = 4096;

/// Bytes that can be looked at, a small span at a time.
pub trait Source {
    /// Number of bytes, fixed for as long as the source is used.
    fn size(&self) -> u64;

    /// The bytes of `span`, which lies inside the source and is at most [`MAX_LEND`] long.
    ///
    /// # Errors
    /// [`Unreadable`] where the bytes can't be had. The source keeps the reason, if the system gave one.
    fn lend(&mut self, span: Span) -> Result<&[u8], Unreadable>;

    /// The bytes from `start` on that are in memory already: as many as there are, perhaps none. They are the same that
    /// [`lend`](Self::lend) would lend.
    #[inline]
    fn at_hand(&self, _start: u64) -> &[u8] {
        &[]
    }

    /// Up to where every byte from `start` on is zero, as far as that is known without reading: a hole of a sparse
    /// file. `start` where nothing is known.
    #[inline]
    fn zeros_until(&mut self, start: u64) -> u64 {
        start
    }
}

impl<S: Source> Source for &mut S {
    #[inline]
    fn size(&self) -> u64 {
        (**self).size()
    }

    #[inline]
    fn lend(&mut self, span: Span) -> Result<&[u8], Unreadable> {
        (**self).lend(span)
    }

    #[inline]
    fn at_hand(&self, start: u64) -> &[u8] {
        (**self).at_hand(start)
    }

    #[inline]
    fn zeros_until(&mut self, start: u64) -> u64 {
        (**self).zeros_until(start)
    }
}

/// A source could not lend what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Bytes that can be overwritten where they stand.
pub trait Sink {
    /// What may go wrong while writing.
    type Error;

    /// Number of bytes, which no write changes.
    fn size(&self) -> u64;

    /// Overwrites the bytes of the fill's span, which lies inside the sink.
    ///
    /// # Errors
    /// Whatever the sink reports: bytes of the span may be written then, and none outside it.
    fn write(&mut self, fill: Fill<'_>) -> Result<(), Self::Error>;
}

/// A [`Source`] of bytes in memory.
#[derive(Clone, Copy, Debug)]
pub struct SliceSource<'a>(&'a [u8]);

impl<'a> SliceSource<'a> {
    /// A source over `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl Source for SliceSource<'_> {
    #[inline]
    fn size(&self) -> u64 {
        size_of_slice(self.0)
    }

    #[inline]
    fn lend(&mut self, span: Span) -> Result<&[u8], Unreadable> {
        span.range().and_then(|range| self.0.get(range)).ok_or(Unreadable)
    }

    #[inline]
    fn at_hand(&self, start: u64) -> &[u8] {
        usize::try_from(start).ok().and_then(|start| self.0.get(start..)).unwrap_or_default()
    }
}

/// A [`Sink`] of bytes in memory.
#[derive(Debug)]
pub struct SliceSink<'a>(&'a mut [u8]);

impl<'a> SliceSink<'a> {
    /// A sink over `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a mut [u8]) -> Self {
        Self(bytes)
    }
}

impl Sink for SliceSink<'_> {
    type Error = Unreadable;

    fn size(&self) -> u64 {
        size_of_slice(self.0)
    }

    fn write(&mut self, fill: Fill<'_>) -> Result<(), Unreadable> {
        let bytes = fill.span().range().and_then(|range| self.0.get_mut(range)).ok_or(Unreadable)?;
        fill.write_whole(bytes);
        Ok(())
    }
}
