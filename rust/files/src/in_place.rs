//! Blanking a file where it stands.

use std::fs::File;
use std::io;
use std::path::Path;

use dicomblank_core::{ApplyError, Padding, Sink, Span, apply};

use crate::error::FileError;
use crate::file::Opened;
use crate::job::{HardLinks, Job};
use crate::row::Fate;
use crate::source::Windows;
use crate::unix;
use crate::validate::{Validator, ask};

/// Blanks the file `path`. What is blank already is not written to.
pub(crate) fn blank(
    path: &Path,
    job: &Job,
    windows: &mut Windows,
    validator: Option<&Validator<'_>>,
) -> Result<Fate, FileError> {
    let opened = Opened::to_edit(path)?;
    let mut source = opened.source(windows);
    let plan = opened.plan(&mut source, &job.rules)?;
    let left = opened.audit(&mut source, &plan)?;
    ask(validator, path, &plan)?;
    let fate = Fate::done(&plan, left.len());
    if left.is_empty() {
        return Ok(fate);
    }
    let now = opened.check_unchanged()?;
    check_links(now.links, job.hard_links)?;
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

/// Only what would be written is refused: nothing happens to the other names of a file that is blank already.
fn check_links(links: u64, hard_links: HardLinks) -> Result<(), FileError> {
    if links <= 1 || hard_links == HardLinks::Write {
        return Ok(());
    }
    let reason = format!(
        "has {links} names (hard links), and the file would change under all of them: copy it, or allow hard links to be written"
    );
    Err(FileError::Unsupported(reason))
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
