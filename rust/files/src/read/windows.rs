//! A file as the core's [`Source`]: headers are read through windows, values are hopped over.

use std::io;

use dicomblank_core::{MAX_LEND, Source, Span, Unreadable};

use super::read_at::{ReadAt, ReadError};
use crate::watch::Watch;

/// Bytes of the first read. It has the whole header of nearly every file, so that a second look at it, for the audit,
/// costs nothing.
const HEAD: usize = 16 * 1024;
/// Bytes of a read behind a hop: a header, and as much around it as a page costs anyway.
const HOP: usize = 4096;
/// Bytes of a read that goes on where the last one ended: a long header.
const RUN: usize = 64 * 1024;
/// Bytes of a read that goes on behind the first one and is kept beside it.
const NEXT: usize = 48 * 1024;
/// How long the first window may become where all but the pixels is read in the end. Beyond it stand long private values, whose bytes are
/// looked at once.
const REACH: usize = 256 * 1024;

/// The buffers of one worker, used for one file after the other.
pub(crate) struct Windows {
    /// The first bytes of the file, kept while it is walked.
    head: Window,
    /// How many of them are read at first.
    first: usize,
    /// The last read behind them.
    rest: Window,
    /// How long a read behind a hop is.
    hop: usize,
    /// How long a read is that goes on where the last one ended.
    run: usize,
    /// Asked before each read behind the head, since there may be many.
    pub(crate) watch: Watch,
}

#[derive(Debug)]
struct Window {
    /// The buffer, of which the first `filled` bytes are of the file.
    bytes: Box<[u8]>,
    /// The offset of the first of them in the file.
    start: u64,
    filled: usize,
}

impl Windows {
    pub(crate) fn new(watch: Watch) -> Self {
        Self::of([HEAD, HOP, RUN], watch)
    }

    /// Windows for files that are searched as well: what is read next to the first bytes is kept with them, and read
    /// once.
    pub(crate) fn of_searched(watch: Watch) -> Self {
        Self { head: Window::new(REACH), ..Self::new(watch) }
    }

    /// Windows of other sizes, in bytes: the first read, a read behind a hop, a read that goes on where the last one
    /// ended.
    pub(crate) fn of([head, hop, run]: [usize; 3], watch: Watch) -> Self {
        let longest = usize::try_from(MAX_LEND).unwrap_or(RUN);
        Self { head: Window::new(head), first: head, rest: Window::new(run.max(hop).max(longest)), hop, run, watch }
    }

    /// The first bytes of the file that was walked last, as far as they were read.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head.bytes[..self.head.filled]
    }

    /// The bytes in memory of the file that was walked last, each part with its offset: the first bytes, and the last
    /// read.
    pub(crate) fn in_memory(&mut self) -> [(u64, &mut [u8]); 2] {
        let Self { head, rest, .. } = self;
        [head, rest].map(|window| (window.start, &mut window.bytes[..window.filled]))
    }
}

impl Window {
    fn new(size: usize) -> Self {
        Self { bytes: vec![0; size].into_boxed_slice(), start: 0, filled: 0 }
    }

    fn end(&self) -> u64 {
        self.start + self.filled as u64
    }

    /// Empties the window. Its place is forgotten, too: else a hop to about there in the next file would count as a
    /// read that goes on, and be sixteen times as long.
    fn forget(&mut self) {
        self.start = 0;
        self.filled = 0;
    }

    /// Where in the window `span` lies, if it lies in it.
    #[inline]
    fn place(&self, span: Span) -> Option<std::ops::Range<usize>> {
        let offset = span.start().checked_sub(self.start)?;
        if span.end() > self.end() {
            return None;
        }
        // Both fit: they are within the window.
        let offset = usize::try_from(offset).ok()?;
        Some(offset..offset + usize::try_from(span.len()).ok()?)
    }

    /// The bytes in the window from `start` on.
    #[inline]
    fn from(&self, start: u64) -> &[u8] {
        let offset = start.checked_sub(self.start).and_then(|offset| usize::try_from(offset).ok());
        offset.and_then(|offset| self.bytes[..self.filled].get(offset..)).unwrap_or_default()
    }

    /// Reads on from its end, so that `least` bytes or more are added, and `wanted` at most.
    fn grow(&mut self, bytes: &impl ReadAt, least: usize, wanted: usize) -> io::Result<usize> {
        let free = &mut self.bytes[self.filled..][..wanted];
        let read = bytes.read_at(self.start + self.filled as u64, free, least)?;
        self.filled += read;
        Ok(read)
    }
}

/// Bytes as a [`Source`].
pub(crate) struct WindowedSource<'a, R> {
    bytes: R,
    windows: &'a mut Windows,
    error: Option<ReadError>,
    /// There is no hole from the offset that was last asked about up to here.
    dense_until: u64,
}

impl<'a, R: ReadAt> WindowedSource<'a, R> {
    pub(crate) fn new(bytes: R, windows: &'a mut Windows) -> Self {
        windows.head.forget();
        windows.rest.forget();
        Self { bytes, windows, error: None, dense_until: 0 }
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.windows.watch
    }

    /// Whether there is a reason for an [`Unreadable`].
    pub(crate) const fn has_error(&self) -> bool {
        self.error.is_some()
    }

    /// The reason for the last [`Unreadable`].
    pub(crate) fn take_error(&mut self) -> ReadError {
        self.error.take().unwrap_or_else(|| ReadError::Io(io::Error::other("can't be read")))
    }

    /// The part of `lend` that few headers need: what is not in the first window, or not yet. Kept apart, so that the
    /// rest is small enough to be inlined.
    #[inline(never)]
    fn lend_behind(&mut self, span: Span) -> Result<&[u8], Unreadable> {
        if self.windows.rest.place(span).is_none() {
            self.read(span).map_err(|error| {
                self.error = Some(error);
                Unreadable
            })?;
        }
        let Windows { head, rest, .. } = &*self.windows;
        let found = head.place(span).map(|place| &head.bytes[place]);
        found.or_else(|| rest.place(span).map(|place| &rest.bytes[place])).ok_or(Unreadable)
    }

    /// Reads so that a window has `span`.
    #[cold]
    fn read(&mut self, span: Span) -> Result<(), ReadError> {
        let Windows { head, first, rest, hop, run, watch } = &mut *self.windows;
        let is_next = (1..=*run as u64).contains(&(span.end().saturating_sub(head.end())));
        let (window, start, wanted) = if head.filled == 0 && span.end() <= *first as u64 {
            (head, 0, *first)
        } else if head.filled > 0 && is_next && span.end() <= head.bytes.len() as u64 {
            let (start, free) = (head.end(), head.bytes.len() - head.filled);
            (head, start, free.min(NEXT))
        } else {
            let goes_on = [head.end(), rest.end()].iter().any(|end| span.start().abs_diff(*end) <= MAX_LEND);
            rest.forget();
            rest.start = span.start();
            (rest, span.start(), if goes_on { *run } else { *hop })
        };
        if start > 0 && watch.is_cancelled() {
            return Err(ReadError::Cancelled);
        }
        let here = self.bytes.size().saturating_sub(start);
        let least = usize::try_from(span.end() - start).map_err(|_| ReadError::Shrunk)?;
        let wanted = wanted.max(least).min(usize::try_from(here).unwrap_or(wanted));
        if least > wanted || window.filled + wanted > window.bytes.len() {
            return Err(ReadError::Shrunk); // outside the source, or longer than is ever lent
        }
        let read = window.grow(&self.bytes, least, wanted).map_err(ReadError::Io)?;
        if read < least { Err(ReadError::Shrunk) } else { Ok(()) }
    }
}

impl<R: ReadAt> Source for WindowedSource<'_, R> {
    #[inline]
    fn size(&self) -> u64 {
        self.bytes.size()
    }

    #[inline]
    fn lend(&mut self, span: Span) -> Result<&[u8], Unreadable> {
        match self.windows.head.place(span) {
            Some(place) => Ok(&self.windows.head.bytes[place]),
            None => self.lend_behind(span),
        }
    }

    #[inline]
    fn at_hand(&self, start: u64) -> &[u8] {
        let Windows { head, rest, .. } = &*self.windows;
        if start < head.end() { head.from(start) } else { rest.from(start) }
    }

    #[cold]
    fn zeros_until(&mut self, start: u64) -> u64 {
        if start < self.dense_until {
            return start;
        }
        let data = self.bytes.data_from(start);
        self.dense_until = data.end;
        data.start
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;
    use crate::read::read_at::FileBytes;
    use crate::testing::Scratch;

    fn span(start: u64, end: u64) -> Span {
        Span::between(start, end).unwrap()
    }

    #[test]
    fn windows_are_of_one_file_and_a_shrunk_file_is_told() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let size = 3 * RUN;
        let mut windows = Windows::new(Watch::default());
        for byte in [1, 2] {
            let path = folder.join(byte.to_string());
            fs::write(&path, vec![byte; size]).unwrap();
            let file = File::open(path).unwrap();
            let mut source = WindowedSource::new(FileBytes { file: &file, size: size as u64 + 10 }, &mut windows);
            let far = 2 * RUN as u64;
            let past_end = span(size as u64 - 4, size as u64 + 4);
            // The last one leaves bytes that the first one of the next file must not get.
            for place in [span(far, far + 8), span(0, 8), past_end, span(far - 4, far + 4092), span(8, 8)] {
                match source.lend(place) {
                    Ok(lent) => assert_eq!(lent, vec![byte; usize::try_from(place.len()).unwrap()], "{place:?}"),
                    Err(Unreadable) => assert_eq!(place, past_end),
                }
            }
            assert!(matches!(source.take_error(), ReadError::Shrunk));
        }
    }

    /// What is read next to the first bytes stays beside them, and what is far away does not come between.
    #[test]
    fn the_first_window_grows_where_files_are_searched() {
        let scratch = Scratch::new();
        let path = scratch.path("file");
        let bytes: Vec<u8> = (0..=250).cycle().take(2 * REACH).collect();
        fs::write(&path, &bytes).unwrap();
        let file = File::open(&path).unwrap();
        let size = bytes.len() as u64;
        let (head, far, reach) = (HEAD as u64, HEAD as u64 + 2 * NEXT as u64, REACH as u64);
        let mut windows = Windows::of_searched(Watch::default());
        // Twice: the second file begins anew.
        for _ in 0..2 {
            let mut source = WindowedSource::new(FileBytes { file: &file, size }, &mut windows);
            let mut kept = 0;
            // Where is read, and how many bytes are kept from the first one on.
            for (place, expected) in [
                (span(0, 8), HEAD),
                (span(head - 4, head + 4), HEAD + NEXT),
                (span(size - 8, size), HEAD + NEXT),
                (span(far - 8, far), HEAD + 2 * NEXT),
                (span(reach + 8, reach + 16), HEAD + 2 * NEXT),
                (span(far + MAX_LEND, far + 2 * MAX_LEND), HEAD + 3 * NEXT),
                (span(far + NEXT as u64, far + NEXT as u64 + 8), HEAD + 4 * NEXT),
                (span(far + 2 * NEXT as u64, far + 2 * NEXT as u64 + 8), REACH),
                (span(reach - 4, reach + 4), REACH),
            ] {
                let range = place.range().unwrap();
                assert_eq!(source.lend(place), Ok(&bytes[range]), "{place:?}");
                kept = source.at_hand(0).len();
                assert_eq!(kept, expected, "{place:?}");
                assert!(source.at_hand(0) == &bytes[..kept]);
            }
            assert_eq!(kept, REACH);
        }
        let shrunk = File::options().write(true).open(&path).unwrap();
        let mut source = WindowedSource::new(FileBytes { file: &file, size }, &mut windows);
        assert!(source.lend(span(0, 8)).is_ok());
        shrunk.set_len(head + 4).unwrap();
        assert_eq!(source.lend(span(head, head + 8)), Err(Unreadable));
        assert!(matches!(source.take_error(), ReadError::Shrunk));
    }

    #[test]
    fn what_is_outside_or_too_long_is_not_lent_and_a_cancelled_run_reads_no_further() {
        let scratch = Scratch::new();
        let path = scratch.path("file");
        let size = 3 * RUN as u64;
        fs::write(&path, vec![7; 3 * RUN]).unwrap();
        let file = File::open(&path).unwrap();
        let mut windows = Windows::new(Watch::default());
        let mut source = WindowedSource::new(FileBytes { file: &file, size }, &mut windows);
        for place in [span(8, size), span(8, 8 + RUN as u64 + 1), span(size - 4, size + 4), span(size, size + 8)] {
            assert_eq!(source.lend(place), Err(Unreadable), "{place:?}");
            assert!(matches!(source.take_error(), ReadError::Shrunk));
        }
        let mut windows = Windows::new(Watch::when(|| true));
        let mut source = WindowedSource::new(FileBytes { file: &file, size }, &mut windows);
        assert!(source.lend(span(0, 8)).is_ok());
        assert_eq!(source.lend(span(size - 8, size)), Err(Unreadable));
        assert!(matches!(source.take_error(), ReadError::Cancelled));
    }
}
