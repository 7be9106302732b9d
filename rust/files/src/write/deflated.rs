//! Deflating an inflated form again, once it is blanked.

use flate2::{Compress, Compression, Decompress, FlushCompress};

use crate::error::FileError;
use crate::read::flate::{CHUNK, Step};
use crate::read::inflated::Inflated;
use crate::watch::Watch;

/// zlib's default, and that of nearly every writer: 30 ns a byte. Level 9 takes twice as long for 2 % less, level 1
/// half as long for 28 % more.
const LEVEL: u32 = 6;

/// Gives the file to `write` piece by piece, with its data set deflated. The stream is padded to an even length and
/// has no other trailer. Each piece is inflated at once and compared with what it was made from, before it is
/// written.
pub(crate) fn deflate(
    inflated: &Inflated,
    watch: &Watch,
    mut write: impl FnMut(&[u8]) -> Result<(), FileError>,
) -> Result<(), FileError> {
    #[cfg(test)]
    crate::unix::steps::note("deflate");
    let (file_meta, data_set) = inflated.parts();
    write(file_meta)?;
    let mut deflater = Compress::new(Compression::new(LEVEL), false);
    let mut mirror = Mirror { inflater: Decompress::new(false), output: vec![0; CHUNK], left: data_set };
    let mut output = vec![0; CHUNK];
    let mut rest = data_set;
    let work = watch.begin(rest.len() as u64);
    loop {
        if watch.is_cancelled() {
            return Err(FileError::Interrupted);
        }
        let piece = &rest[..rest.len().min(CHUNK)];
        let flush = if piece.len() == rest.len() { FlushCompress::Finish } else { FlushCompress::None };
        let done = Step::deflate(&mut deflater, piece, &mut output, flush).ok_or(FileError::Panicked)?;
        let is_whole = mirror.take(&output[..done.made])?;
        write(&output[..done.made])?;
        rest = &rest[done.taken..];
        work.advance(done.taken as u64);
        if done.is_end {
            break if is_whole { Ok(()) } else { Err(FileError::Panicked) };
        }
    }?;
    if deflater.total_out() % 2 == 1 { write(&[0]) } else { Ok(()) }
}

/// The bytes of a file whose inflated form was edited.
pub(crate) fn deflated(inflated: &Inflated, watch: &Watch) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    deflate(inflated, watch, |piece| {
        bytes.try_reserve(piece.len()).map_err(|_| FileError::NoMemory)?;
        bytes.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(bytes)
}

/// Inflates what was deflated, and compares it with the original.
struct Mirror<'a> {
    inflater: Decompress,
    output: Vec<u8>,
    /// The bytes of the original that are still to come.
    left: &'a [u8],
}

impl Mirror<'_> {
    /// Takes the next bytes of the stream. Says whether the stream ends with them, and the original with it.
    fn take(&mut self, mut deflated: &[u8]) -> Result<bool, FileError> {
        loop {
            let step = Step::inflate(&mut self.inflater, deflated, &mut self.output).ok_or(FileError::Panicked)?;
            let made = &self.output[..step.made];
            self.left = self.left.strip_prefix(made).ok_or(FileError::Panicked)?;
            deflated = &deflated[step.taken..];
            if step.is_end {
                return Ok(self.left.is_empty() && deflated.is_empty());
            }
            // If the output is full, there may be more to come.
            if deflated.is_empty() && step.made < self.output.len() {
                return Ok(false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use flate2::Status;

    use super::*;
    use crate::read::inflated::{Stored, Turns};

    /// Inflates a stream behind four bytes of file meta information.
    fn inflate(bytes: &[u8]) -> Inflated {
        let watch = &Watch::default();
        Inflated::read(
            &Stored { bytes: &bytes, path: Path::new(""), watch, turns: Turns::Ignored, limit: usize::MAX },
            4,
        )
        .unwrap()
    }

    fn inflated(data_set: &[u8]) -> Inflated {
        inflate(&[b"meta", &stream(data_set)[..]].concat())
    }

    fn stream(data_set: &[u8]) -> Vec<u8> {
        let mut stream = Vec::with_capacity(data_set.len() + 1000);
        let mut deflater = Compress::new(Compression::new(LEVEL), false);
        let status = deflater.compress_vec(data_set, &mut stream, FlushCompress::Finish);
        assert_eq!(status.unwrap(), Status::StreamEnd);
        stream
    }

    fn deflated(inflated: &Inflated, watch: &Watch) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::new();
        deflate(inflated, watch, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }

    /// Lengths at the ends of chunks; bytes that deflate well, and bytes that do not.
    #[test]
    fn what_is_deflated_inflates_to_what_it_was() {
        let noise: Vec<u8> =
            (0..3_u32 * 65_536).map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        for length in [0, 1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 7] {
            for data_set in [&noise[..length], &vec![0; length][..]] {
                let bytes = deflated(&inflated(data_set), &Watch::default()).unwrap();
                assert!(inflate(&bytes).parts() == (&b"meta"[..], data_set), "{length}");
                assert_eq!(bytes.len() % 2, 0);
            }
        }
    }

    #[test]
    fn a_cancelled_run_deflates_nothing() {
        assert!(matches!(deflated(&inflated(&[7; 1000]), &Watch::when(|| true)), Err(FileError::Interrupted)));
    }

    /// All that could go wrong in the library: another byte, too few, too many, no end, no stream.
    #[test]
    fn a_stream_that_inflates_to_something_else_is_noticed() {
        let data_set = [1, 2, 3, 4, 5, 6, 7, 8];
        let whole = stream(&data_set);
        let check = |stream: &[u8]| {
            let mut mirror = Mirror { inflater: Decompress::new(false), output: vec![0; 4], left: &data_set };
            mirror.take(stream).ok()
        };
        // More comes out than fits into the output at once, after the last byte is taken.
        for length in 1..600 {
            let zeros = vec![0; length];
            let mut mirror = Mirror { inflater: Decompress::new(false), output: vec![0; 4], left: &zeros };
            assert!(mirror.take(&stream(&zeros)).unwrap(), "{length}");
        }
        for (what, stream, expected) in [
            ("as it was", whole.clone(), Some(true)),
            ("another byte", stream(&[1, 2, 3, 4, 5, 6, 7, 9]), None),
            ("too few", stream(&data_set[..7]), Some(false)),
            ("too many", stream(&[1, 2, 3, 4, 5, 6, 7, 8, 9]), None),
            ("no end", whole[..whole.len() - 1].to_vec(), Some(false)),
            ("more behind it", [&whole[..], &[0]].concat(), Some(false)),
            ("no stream", vec![0b111], None),
        ] {
            assert_eq!(check(&stream), expected, "{what}");
        }
    }
}
