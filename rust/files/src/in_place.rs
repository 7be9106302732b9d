//! Blanking a file where it stands.

use std::fs::File;
use std::io;
use std::path::Path;

use dicomblank_core::{ApplyError, Padding, Rules, Sink, Span, apply};

use crate::error::FileError;
use crate::file::Opened;
use crate::row::Fate;
use crate::source::Windows;
use crate::unix;
use crate::validate::{Validator, ask};

/// Blanks the file `path`. What is blank already is not written to.
pub(crate) fn blank(
    path: &Path,
    rules: &Rules,
    windows: &mut Windows,
    validator: Option<&Validator<'_>>,
) -> Result<Fate, FileError> {
    let opened = Opened::to_edit(path)?;
    let mut source = opened.source(windows);
    let plan = opened.plan(&mut source, rules)?;
    let left = opened.audit(&mut source, &plan)?;
    ask(validator, path, &plan)?;
    let fate = Fate::done(&plan, left.len());
    if left.is_empty() {
        return Ok(fate);
    }
    opened.check_unchanged()?;
    if let Some(error) = opened.read_only {
        return Err(FileError::io(path, error));
    }
    let mut sink = FileSink { file: &opened.file, size: opened.stat.size };
    match apply(&plan.only(left), &mut sink) {
        Ok(()) => Ok(fate),
        Err(ApplyError::SizeChanged { .. }) => Err(FileError::Changed),
        Err(ApplyError::Sink(error)) => Err(FileError::io(path, error)),
    }
}

/// An open file as the core's [`Sink`].
struct FileSink<'a> {
    file: &'a File,
    size: u64,
}

impl Sink for FileSink<'_> {
    type Error = io::Error;

    fn size(&self) -> u64 {
        self.size
    }

    fn write(&mut self, span: Span, padding: Padding) -> io::Result<()> {
        /// Longer than nearly every value, so that one call writes it.
        const PIECE: usize = 4096;
        static SPACES: [u8; PIECE] = [Padding::Space.byte(); PIECE];
        static NULS: [u8; PIECE] = [Padding::Nul.byte(); PIECE];
        let bytes = match padding {
            Padding::Space => &SPACES,
            Padding::Nul => &NULS,
        };
        for piece in span.pieces(PIECE as u64) {
            let length = usize::try_from(piece.len()).unwrap_or(PIECE).min(PIECE);
            unix::write_at(self.file, &bytes[..length], piece.start())?;
        }
        Ok(())
    }
}
