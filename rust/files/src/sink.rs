//! An open file as the core's [`Sink`]: values near each other become one write.

use std::fs::File;
use std::io;
use std::ops::Range;

use dicomblank_core::{Padding, Sink, Span};

use crate::unix;

/// An open file that is edited where it stands.
///
/// A file has some twenty values to blank within a few kilobytes, and a call for each costs more than all the rest of its treatment. So
/// those that lie in the head of the file, which is in memory from the walk, are blanked there first, and the head is written from the first
/// to the last of them. The bytes in between are written as they were read: it was looked at just now whether the file has changed since.
pub(crate) struct FileSink<'a> {
    file: &'a File,
    size: u64,
    /// The first bytes of the file.
    head: &'a mut [u8],
    /// What of the head is blanked and not yet written.
    pending: Range<usize>,
}

impl<'a> FileSink<'a> {
    /// A sink of `size` bytes, the first of which are `head`.
    pub(crate) fn new(file: &'a File, size: u64, head: &'a mut [u8]) -> Self {
        Self { file, size, head, pending: 0..0 }
    }

    /// Writes what is still pending: without this the last edits are not made.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return Ok(());
        }
        let start = pending.start as u64;
        unix::write_at(self.file, &self.head[pending], start)
    }

    /// Where in the head `span` lies, if it does.
    fn place(&self, span: Span) -> Option<Range<usize>> {
        if span.end() > self.head.len() as u64 {
            return None;
        }
        Some(usize::try_from(span.start()).ok()?..usize::try_from(span.end()).ok()?)
    }
}

impl Sink for FileSink<'_> {
    type Error = io::Error;

    fn size(&self) -> u64 {
        self.size
    }

    fn write(&mut self, span: Span, padding: Padding) -> io::Result<()> {
        /// Over a longer gap a write would touch pages of the file that hold nothing to blank.
        const GAP: usize = 4096;
        let Some(place) = self.place(span) else {
            self.finish()?;
            return write_apart(self.file, span, padding);
        };
        if place.start.saturating_sub(self.pending.end) >= GAP {
            self.finish()?;
        }
        if self.pending.is_empty() {
            self.pending.start = place.start;
        }
        self.pending.end = place.end;
        self.head[place].fill(padding.byte());
        Ok(())
    }
}

/// Writes a value behind the head.
fn write_apart(file: &File, span: Span, padding: Padding) -> io::Result<()> {
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
        unix::write_at(file, &bytes[..length], piece.start())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Values at the ends of the head, across its end and behind it, far and near; whatever part of the file the head is.
    #[test]
    fn only_the_values_are_written() {
        let size = 20_000;
        let values: [Range<usize>; 10] = [
            0..1,
            3..3,
            3..9,
            9..20,
            5000..5002,
            9096..9098,
            9097 + 4097..13_200,
            16_380..16_390,
            16_390..16_400,
            19_000..20_000,
        ];
        let before: Vec<u8> = (1..=250).cycle().take(size).collect();
        let mut expected = before.clone();
        for (index, value) in values.iter().enumerate() {
            expected[value.clone()].fill(padding(index).byte());
        }
        let path = std::env::temp_dir().join(format!("dicomblank-sink-{}", std::process::id()));
        for head in [0, 1, 5, 20, 5001, 9000, 13_000, 16_384, size] {
            fs::write(&path, &before).unwrap();
            let file = File::options().write(true).open(&path).unwrap();
            // What another program writes meanwhile, far from every value, stays.
            let mut bytes = before[..head].to_vec();
            for far in [100, 11_000] {
                if let Some(byte) = bytes.get_mut(far) {
                    *byte = 0;
                }
            }
            let mut sink = FileSink::new(&file, size as u64, &mut bytes);
            for (index, value) in values.iter().enumerate() {
                let span = Span::between(value.start as u64, value.end as u64).unwrap();
                sink.write(span, padding(index)).unwrap();
            }
            sink.finish().unwrap();
            assert!(fs::read(&path).unwrap() == expected, "head of {head}");
        }
        fs::remove_file(path).unwrap();
    }

    fn padding(index: usize) -> Padding {
        if index.is_multiple_of(2) { Padding::Space } else { Padding::Nul }
    }
}
