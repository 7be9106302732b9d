//! The pieces of a rewrite on their way to a new file: what is short goes through memory, the system copies the rest.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use dicomblank_core::{MAX_LEND, Piece, Pieces, Source, Span};

use super::transfer::{NEAR, SYNC_AFTER};
use crate::error::FileError;
use crate::order::choices::Syncing;
use crate::read::opened::{FileSource, Opened};
use crate::read::read_at::{ReadAt, ReadError};
use crate::unix;
use crate::watch::{Begun, Watch};

/// Bytes that are gathered before they are written, and that are read and written at a time where the system does not
/// copy.
const CHUNK: usize = 256 * 1024;
/// No more at a time than a person who presses Ctrl-C would wait for.
const AT_ONCE: u64 = 32 * 1024 * 1024;

/// Where pieces go: a new file, the path that it will get, and what is flushed.
#[derive(Clone, Copy)]
pub(super) struct To<'a> {
    pub(super) file: &'a File,
    pub(super) target: &'a Path,
    pub(super) sync: Syncing,
    pub(super) watch: &'a Watch,
}

/// Writes `pieces` of the file `opened` to a new one. `source` is that file, and `gathered` a buffer.
pub(super) fn write_pieces(
    (opened, source): (&Opened<'_>, &mut FileSource<'_>),
    pieces: &Pieces<'_>,
    to: To<'_>,
    gathered: &mut Vec<u8>,
) -> Result<(), FileError> {
    gathered.clear();
    gathered.extend_from_slice(pieces.front());
    let work = to.watch.begin(pieces.size());
    let mut writer = Writer { opened, source, to, work, gathered, done: 0, hands_over: true };
    pieces.each_from(pieces.front().len() as u64, |piece| writer.take(piece))?;
    writer.flush()?;
    if opened.stat.is_sparse {
        // A hole at the end comes only with the size.
        to.file.set_len(pieces.size()).map_err(|error| FileError::io(to.target, error))?;
    }
    Ok(())
}

/// Whether `result` is what `pieces` of `source` say, byte for byte.
pub(super) fn are_in(
    pieces: &Pieces<'_>,
    source: &dyn ReadAt,
    result: &dyn ReadAt,
    watch: &Watch,
) -> Result<bool, ReadError> {
    if result.size() != pieces.size() {
        return Ok(false);
    }
    let mut at = 0;
    let (mut wanted, mut found) = (Vec::new(), Vec::new());
    let mut is_here = |piece: Piece<'_>| {
        let (start, length) = match piece {
            Piece::Copy(span) => (span.start(), span.len()),
            Piece::Write(bytes) => (0, bytes.len() as u64),
        };
        let mut done = 0;
        while done < length {
            if watch.is_cancelled() {
                return Err(Some(ReadError::Cancelled));
            }
            let count = usize::try_from(length - done).map_or(CHUNK, |rest| rest.min(CHUNK));
            found.resize(count, 0);
            result.read_exactly(at, &mut found).map_err(Some)?;
            let is_same = match piece {
                Piece::Copy(_) => {
                    wanted.resize(count, 0);
                    source.read_exactly(start + done, &mut wanted).map_err(Some)?;
                    wanted == found
                }
                Piece::Write(bytes) => {
                    usize::try_from(done).ok().and_then(|done| bytes.get(done..)?.get(..count)) == Some(&found[..])
                }
            };
            if !is_same {
                return Err(None);
            }
            done += count as u64;
            at += count as u64;
        }
        Ok(())
    };
    match pieces.each(&mut is_here) {
        Ok(()) => Ok(true),
        Err(None) => Ok(false),
        Err(Some(error)) => Err(error),
    }
}

struct Writer<'a, 's, 'w> {
    opened: &'a Opened<'a>,
    source: &'s mut FileSource<'w>,
    to: To<'a>,
    work: Begun<'a>,
    /// What is still to be written.
    gathered: &'s mut Vec<u8>,
    /// How many bytes are written.
    done: u64,
    /// Whether the system copies, as far as is known.
    hands_over: bool,
}

impl Writer<'_, '_, '_> {
    fn take(&mut self, piece: Piece<'_>) -> Result<(), FileError> {
        match piece {
            Piece::Write(bytes) => self.gather(bytes),
            Piece::Copy(span) if span.len() < NEAR as u64 => self.copy_near(span),
            Piece::Copy(span) => self.copy_far(span),
        }
    }

    fn gather(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        if self.gathered.len() + bytes.len() > CHUNK {
            self.flush()?;
        }
        self.gathered.extend_from_slice(bytes);
        Ok(())
    }

    /// Copies what the walk has in memory, most likely.
    fn copy_near(&mut self, span: Span) -> Result<(), FileError> {
        if self.gathered.len() + NEAR > CHUNK {
            self.flush()?;
        }
        for part in span.pieces(MAX_LEND) {
            match self.source.lend(part) {
                Ok(bytes) => self.gathered.extend_from_slice(bytes),
                Err(_) => return Err(self.source.take_error().about(self.opened.path)),
            }
        }
        Ok(())
    }

    fn copy_far(&mut self, span: Span) -> Result<(), FileError> {
        self.flush()?;
        let (file, mut at, end) = (&self.opened.file, span.start(), span.end());
        while at < end {
            self.check_cancelled()?;
            let mut until = end;
            if self.opened.stat.is_sparse {
                let data = unix::data_from(file, at, end);
                if data > at {
                    self.skip(data - at)?;
                    at = data;
                    continue;
                }
                until = unix::hole_from(file, at, end);
            }
            at = self.copy_some(at, until)?;
        }
        Ok(())
    }

    /// Copies some bytes from `at` on, and none behind `until`; returns where it stopped.
    fn copy_some(&mut self, at: u64, until: u64) -> Result<u64, FileError> {
        if self.hands_over {
            // An error, or nothing copied, means nothing yet: reading and writing meet it again, and tell of which file.
            match unix::copy_range(&self.opened.file, at, self.to.file, (until - at).min(AT_ONCE)) {
                Ok(count) if count > 0 => return self.advance(count).map(|()| at + count),
                _ => self.hands_over = false,
            }
        }
        let count = usize::try_from(until - at).map_or(CHUNK, |rest| rest.min(CHUNK));
        self.gathered.resize(count, 0);
        self.opened.read_exactly(at, self.gathered)?;
        self.flush().map(|()| at + count as u64)
    }

    /// Leaves a hole.
    fn skip(&mut self, count: u64) -> Result<(), FileError> {
        let (mut to, behind) = (self.to.file, self.done + count);
        to.seek(SeekFrom::Start(behind)).map_err(|error| self.of_target(error))?;
        self.advance(count)
    }

    fn flush(&mut self) -> Result<(), FileError> {
        let mut to = self.to.file;
        to.write_all(self.gathered).map_err(|error| self.of_target(error))?;
        let count = self.gathered.len() as u64;
        self.gathered.clear();
        self.advance(count)
    }

    /// So many bytes more are written. A long file that will be flushed is flushed on its way, so that the last flush,
    /// which can't be interrupted, is short.
    fn advance(&mut self, count: u64) -> Result<(), FileError> {
        let end = self.done + count;
        if self.to.sync == Syncing::All && self.done / SYNC_AFTER != end / SYNC_AFTER {
            unix::sync_data(self.to.file).map_err(|error| self.of_target(error))?;
        }
        self.work.advance(count);
        self.done = end;
        Ok(())
    }

    fn of_target(&self, error: io::Error) -> FileError {
        FileError::io(self.to.target, error)
    }

    fn check_cancelled(&self) -> Result<(), FileError> {
        if self.to.watch.is_cancelled() { Err(FileError::Interrupted) } else { Ok(()) }
    }
}
