//! An open file as the core's [`Sink`]: values that are near each other become one write.

use std::fs::File;
use std::io;
use std::ops::Range;

use dicomblank_core::{Fill, Sink, Span};

use crate::unix;

/// An open file that is edited where it stands.
///
/// A file has some twenty values to blank within a few kilobytes, and a call for each would cost more than all other
/// work on the file. So the values are blanked in memory first, in the bytes that the walk has read. Then these are
/// written from the first to the last value, as far as [`Joined`] allows.
pub(crate) struct InPlaceSink<'a> {
    file: &'a File,
    size: u64,
    joined: Joined,
    /// The parts of the file that are in memory, each with its offset.
    memory: [(u64, &'a mut [u8]); 2],
    /// What is blanked in memory and not yet written: in which part, and where in it.
    pending: (usize, Range<usize>),
}

/// Which values become one write. The bytes between two values are written as they were read: meanwhile no other run
/// may have blanked a value there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joined {
    /// Values that are near each other: the file is locked, so that no other run edits it.
    Near,
    /// Values with nothing but headers between them: no run changes a header.
    Adjacent,
}

impl Joined {
    /// The longest gap between two values of one write, in bytes.
    const fn gap(self) -> usize {
        match self {
            // A write over a longer gap would touch pages of the file with nothing to blank.
            Self::Near => 4095,
            // Two headers of 8 bytes, or one of 12. A value in the gap would have a header before it and one behind it:
            // of 8 bytes at least, each.
            Self::Adjacent => 16,
        }
    }
}

impl<'a> InPlaceSink<'a> {
    /// A sink of `size` bytes, some of which are in `memory`.
    pub(crate) fn new(file: &'a File, size: u64, memory: [(u64, &'a mut [u8]); 2], joined: Joined) -> Self {
        Self { file, size, joined, memory, pending: (0, 0..0) }
    }

    /// Writes what is still pending. Without this the last edits are not made.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        let (part, pending) = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return Ok(());
        }
        let (start, bytes) = &self.memory[part];
        unix::write_at(self.file, &bytes[pending.clone()], start + pending.start as u64)
    }

    /// In which part of the memory `span` lies, and where in it.
    fn place(&self, span: Span) -> Option<(usize, Range<usize>)> {
        self.memory.iter().enumerate().find_map(|(part, (start, bytes))| {
            let place = span.start().checked_sub(*start)?..span.end().checked_sub(*start)?;
            let is_in = place.end <= bytes.len() as u64;
            is_in.then_some((part, usize::try_from(place.start).ok()?..usize::try_from(place.end).ok()?))
        })
    }
}

impl Sink for InPlaceSink<'_> {
    type Error = io::Error;

    fn size(&self) -> u64 {
        self.size
    }

    fn write(&mut self, fill: Fill<'_>) -> io::Result<()> {
        let Some((part, place)) = self.place(fill.span()) else {
            self.finish()?;
            return write_apart(self.file, fill);
        };
        let (last, pending) = &self.pending;
        // A mark comes first, and a value in the preamble may stand before it.
        let gap = place.start.saturating_sub(pending.end).max(pending.start.saturating_sub(place.end));
        if *last != part || gap > self.joined.gap() {
            self.finish()?;
        }
        let (last, pending) = &mut self.pending;
        if *pending == (0..0) {
            (*last, *pending) = (part, place);
        } else {
            *pending = pending.start.min(place.start)..pending.end.max(place.end);
        }
        let (start, bytes) = &mut self.memory[part];
        fill.write_over(*start, bytes);
        Ok(())
    }
}

/// Writes a value that is not in memory.
pub(super) fn write_apart(to: &File, fill: Fill<'_>) -> io::Result<()> {
    /// Bytes of one call: more than nearly every value has.
    const PIECE: usize = 4096;
    let mut bytes = [0; PIECE];
    for piece in fill.span().pieces(PIECE as u64) {
        let length = usize::try_from(piece.len()).unwrap_or(PIECE).min(PIECE);
        fill.write_over(piece.start(), &mut bytes[..length]);
        unix::write_at(to, &bytes[..length], piece.start())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::testing::Scratch;

    /// Values at the ends of what is in memory, across its ends and outside it, far and near; with any parts of the
    /// file in memory, also parts that overlap.
    #[test]
    fn only_the_values_are_written() {
        let size = 30_000;
        let values: [Range<usize>; 12] = [
            0..1,
            3..3,
            3..9,
            9..20,
            37..39, // one more byte than two headers before it
            55..57, // two headers
            5000..5002,
            9096..9098,
            9097 + 4097..13_200,
            16_380..16_390,
            16_390..16_400,
            19_000..28_000, // more than two pieces
        ];
        let before: Vec<u8> = (1..=250).cycle().take(size).collect();
        let given: Vec<u8> = before.iter().rev().copied().collect();
        let mut expected = before.clone();
        for (index, value) in values.iter().enumerate() {
            fill(index, value, &given).write_over(0, &mut expected);
        }
        let scratch = Scratch::new();
        let path = scratch.path("file");
        let heads = [0, 1, 5, 20, 5001, 9000, 13_000, 16_384, size];
        let rests = [0..0, 0..30, 10..9097, 5001..16_395, 9000..9098, 13_100..size, 16_384..16_400, size..size];
        for (head, rest) in heads.iter().flat_map(|head| rests.iter().map(move |rest| (*head, rest.clone()))) {
            // What another program writes meanwhile is not written over: far from every value, or wherever another
            // value may be.
            for (joined, others) in [(Joined::Near, &[100, 11_000][..]), (Joined::Adjacent, &[21, 36, 4999, 5020])] {
                // In order, and with one in front of those before it, as a mark is.
                for first in [0, 3] {
                    fs::write(&path, &before).unwrap();
                    let file = File::options().write(true).open(&path).unwrap();
                    let mut read = before.clone();
                    for other in others {
                        read[*other] = 0;
                    }
                    let (mut one, mut other) = (read[..head].to_vec(), read[rest.clone()].to_vec());
                    let memory = [(0, &mut one[..]), (rest.start as u64, &mut other[..])];
                    let mut sink = InPlaceSink::new(&file, size as u64, memory, joined);
                    let before_it = (0..values.len()).filter(|index| *index != first);
                    for index in std::iter::once(first).chain(before_it) {
                        sink.write(fill(index, &values[index], &given)).unwrap();
                    }
                    sink.finish().unwrap();
                    assert!(fs::read(&path).unwrap() == expected, "{head} and {rest:?}, {joined:?}");
                }
            }
        }
    }

    /// A byte repeated, or bytes of `given`.
    fn fill<'g>(index: usize, value: &Range<usize>, given: &'g [u8]) -> Fill<'g> {
        let span = Span::between(value.start as u64, value.end as u64).unwrap();
        match index % 3 {
            0 => Fill::repeat(span, b' '),
            1 => Fill::repeat(span, 0),
            _ => Fill::bytes(span, &given[value.clone()]).unwrap(),
        }
    }
}
