//! The pieces of a rewrite on their way to a new file: what is short goes through memory, the system copies the rest.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use dicomblank_core::{MAX_LEND, Piece, Pieces, Source, Span};

use super::transfer::NEAR;
use crate::error::FileError;
use crate::read::opened::{FileSource, Opened};
use crate::unix;
use crate::watch::Watch;

/// Bytes that are gathered before they are written, and that are read and written at a time where the system does not
/// copy.
const CHUNK: usize = 256 * 1024;
/// No more at a time than a person who presses Ctrl-C would wait for.
const AT_ONCE: u64 = 32 * 1024 * 1024;

/// Writes `pieces` of the file `opened` to the new file `to`, which will get the path `target`. `source` is that file.
pub(super) fn write_pieces(
    (opened, source): (&Opened<'_>, &mut FileSource<'_>),
    pieces: &Pieces<'_>,
    (to, target): (&File, &Path),
    watch: &Watch,
) -> Result<(), FileError> {
    let hands_over = true;
    let mut writer = Writer { opened, source, to, target, watch, gathered: Vec::with_capacity(CHUNK), hands_over };
    pieces.each(|piece| writer.take(piece))?;
    writer.flush()
}

struct Writer<'a, 's, 'w> {
    opened: &'a Opened<'a>,
    source: &'s mut FileSource<'w>,
    to: &'a File,
    target: &'a Path,
    watch: &'a Watch,
    /// What is still to be written.
    gathered: Vec<u8>,
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
        let mut at = span.start();
        while self.hands_over && at < span.end() {
            self.check_cancelled()?;
            // An error, or nothing copied, means nothing yet: reading and writing meet it again, and tell of which file.
            match unix::copy_range(&self.opened.file, at, self.to, (span.end() - at).min(AT_ONCE)) {
                Ok(count) if count > 0 => at += count,
                _ => self.hands_over = false,
            }
        }
        while at < span.end() {
            self.check_cancelled()?;
            let count = usize::try_from(span.end() - at).map_or(CHUNK, |rest| rest.min(CHUNK));
            self.gathered.resize(count, 0);
            self.opened.read_exactly(at, &mut self.gathered)?;
            self.flush()?;
            at += count as u64;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), FileError> {
        let mut to = self.to;
        to.write_all(&self.gathered).map_err(|error| FileError::io(self.target, error))?;
        self.gathered.clear();
        Ok(())
    }

    fn check_cancelled(&self) -> Result<(), FileError> {
        if self.watch.is_cancelled() { Err(FileError::Interrupted) } else { Ok(()) }
    }
}
