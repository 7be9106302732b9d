//! Deflated data sets (PS3.5 §A.5): inflated whole in memory, blanked there, and deflated again.
//!
//! A blanked value deflates to another length, and all that follows it to other bytes. So such a file can only be
//! written anew.
//!
//! In memory, because only at its end is it known whether the data set can be walked. Rejected: to inflate it a second
//! time for writing. The file could have changed.

use std::path::Path;

use dicomblank_core::{
    ApplyError, Error, ErrorKind, Limits, Plan, Rules, SliceSink, SliceSource, TagPath, apply, plan_inflated,
};
use flate2::{Compress, Compression, Crc, Decompress, FlushCompress, FlushDecompress, Status};

use super::read_at::ReadAt;
use super::turn::Turn;
use crate::error::FileError;
use crate::watch::{Begun, Watch};

/// The largest inflated form, in bytes. Deflate makes up to a thousand bytes of one: a file of half a megabyte could
/// fill any memory. Reports and presentation states stay far below, and a thousand CT slices in one file still fit.
pub const LIMIT: usize = 512 * 1024 * 1024;
/// Inflated forms larger than this, in bytes, are in memory one at a time, so that not each worker of a run needs the
/// limit.
const LARGE: usize = 16 * 1024 * 1024;
/// Bytes read, inflated, deflated and written at a time.
const CHUNK: usize = 64 * 1024;
/// zlib's default, and that of nearly every writer: 30 ns a byte. Level 9 takes twice as long for 2 % less, level 1
/// half as long for 28 % more.
const LEVEL: u32 = 6;

/// A deflated file, as it is stored.
pub(crate) struct Stored<'a> {
    pub(crate) bytes: &'a dyn ReadAt,
    /// The path of the file, for errors.
    pub(crate) path: &'a Path,
    pub(crate) watch: &'a Watch,
    pub(crate) turns: Turns,
}

impl Stored<'_> {
    fn size(&self) -> u64 {
        self.bytes.size()
    }

    fn read_exactly(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FileError> {
        self.bytes.read_exactly(offset, buffer).map_err(|error| error.about(self.path))
    }

    /// The next bytes from `at` on, up to a chunk, and none from `end` on.
    fn piece<'b>(&self, buffer: &'b mut [u8], at: u64, end: u64) -> Result<&'b [u8], FileError> {
        let here = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
        let piece = &mut buffer[..here.min(CHUNK)];
        self.read_exactly(at, piece)?;
        Ok(piece)
    }
}

/// Whether a large file waits until no other is in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turns {
    /// It waits.
    Taken,
    /// It does not wait, and no other waits for it.
    Ignored,
}

/// The inflated form of a deflated file: the file meta information as it is stored, and behind it the data set,
/// inflated. All offsets of its plan count in this form.
pub(crate) struct Inflated {
    bytes: Vec<u8>,
    /// Where the data set begins.
    data_set: usize,
    /// Kept by a large form for as long as it is in memory.
    turn: Option<Turn>,
}

impl Inflated {
    /// Inflates a file whose data set begins at the offset `data_set`.
    pub(crate) fn read(stored: &Stored<'_>, data_set: u64) -> Result<Self, FileError> {
        let mut inflated = Self { bytes: Vec::new(), data_set: 0, turn: None };
        let work = stored.watch.begin(stored.size());
        let mut input = vec![0; CHUNK];
        let mut at = 0;
        while at < data_set {
            let piece = stored.piece(&mut input, at, data_set)?;
            inflated.push(stored, piece, at)?;
            at += piece.len() as u64;
        }
        inflated.data_set = inflated.bytes.len();
        inflated.inflate(stored, data_set, &mut input, &work)?;
        Ok(inflated)
    }

    fn inflate(
        &mut self,
        stored: &Stored<'_>,
        data_set: u64,
        input: &mut [u8],
        work: &Begun<'_>,
    ) -> Result<(), FileError> {
        let mut inflater = Decompress::new(false);
        let mut output = vec![0; CHUNK];
        let mut at = data_set;
        let mut rest: &[u8] = &[];
        loop {
            if rest.is_empty() {
                rest = stored.piece(input, at, stored.size())?;
                at += rest.len() as u64;
                work.advance(rest.len() as u64);
            }
            let step = Step::inflate(&mut inflater, rest, &mut output);
            let position = data_set + inflater.total_in();
            let step = step.ok_or_else(|| refused(ErrorKind::NotDeflated, position))?;
            self.push(stored, &output[..step.made], position)?;
            if step.is_end {
                return self.check_trailer(stored, position);
            }
            if step.taken == 0 && step.made == 0 && at == stored.size() {
                return Err(refused(ErrorKind::DeflatedCutShort, stored.size()));
            }
            rest = &rest[step.taken..];
        }
    }

    /// Adds bytes of the inflated form. They were stored before `position`.
    fn push(&mut self, stored: &Stored<'_>, bytes: &[u8], position: u64) -> Result<(), FileError> {
        check(stored.watch)?;
        if bytes.len() > LIMIT - self.bytes.len() {
            return Err(refused(ErrorKind::InflatedTooLarge { limit: LIMIT as u64 }, position));
        }
        if stored.turns == Turns::Taken && self.turn.is_none() && self.bytes.len() + bytes.len() > LARGE {
            self.turn = Some(Turn::wait(stored.watch)?);
        }
        self.bytes.try_reserve(bytes.len()).map_err(|_| FileError::NoMemory)?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Checks what stands behind the stream. It may be a NUL that makes the length even (PS3.5 §A.5), and the end of a
    /// gzip file (RFC 1952 §2.3.1), which some writers leave there. Both follow from the other bytes. Anything else
    /// could hold a value, and is refused.
    fn check_trailer(&self, stored: &Stored<'_>, end: u64) -> Result<(), FileError> {
        let count = stored.size() - end;
        let mut trailer = [0; 9];
        let known = usize::try_from(count).ok().and_then(|count| trailer.get_mut(..count));
        let is_known = match known {
            Some(trailer) => {
                stored.read_exactly(end, trailer)?;
                match trailer {
                    [] | [0] => true,
                    [gzip @ .., 0] if gzip.len() == 8 => gzip == self.gzip_trailer(),
                    gzip => gzip == self.gzip_trailer(),
                }
            }
            None => false,
        };
        if is_known { Ok(()) } else { Err(refused(ErrorKind::TrailingBytes { count }, end)) }
    }

    /// The end of a gzip file with this data set: checksum and length.
    fn gzip_trailer(&self) -> [u8; 8] {
        let mut crc = Crc::new();
        crc.update(self.data_set());
        let (sum, size) = (u64::from(crc.sum()), u64::from(crc.amount()));
        (size << 32 | sum).to_le_bytes()
    }

    fn data_set(&self) -> &[u8] {
        &self.bytes[self.data_set..]
    }

    /// The whole inflated form.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn source(&self) -> SliceSource<'_> {
        SliceSource::new(&self.bytes)
    }

    /// Walks the data set and plans its edits.
    pub(crate) fn plan(&self, rules: &Rules) -> Result<Plan, Error> {
        plan_inflated(&mut self.source(), self.data_set as u64, rules, &Limits::default())
    }

    /// Makes the edits of `plan`, which is of this form.
    pub(crate) fn blank(&mut self, plan: &Plan) -> Result<(), FileError> {
        apply(plan, &mut SliceSink::new(&mut self.bytes)).map_err(|_: ApplyError<_>| FileError::Panicked)
    }

    /// Gives the file to `write` piece by piece, with its data set deflated. The stream is padded to an even length and
    /// has no other trailer. Each piece is inflated at once and compared with what it was made from, before it is
    /// written.
    pub(crate) fn deflate(
        &self,
        watch: &Watch,
        mut write: impl FnMut(&[u8]) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        #[cfg(test)]
        crate::unix::steps::note("deflate");
        write(&self.bytes[..self.data_set])?;
        let mut deflater = Compress::new(Compression::new(LEVEL), false);
        let mut mirror = Mirror { inflater: Decompress::new(false), output: vec![0; CHUNK], left: self.data_set() };
        let mut output = vec![0; CHUNK];
        let mut rest = self.data_set();
        let work = watch.begin(rest.len() as u64);
        loop {
            check(watch)?;
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

/// What one call of flate2 did.
struct Step {
    /// Bytes of the input that it read.
    taken: usize,
    /// Bytes of output that it wrote.
    made: usize,
    /// Whether the stream ended.
    is_end: bool,
}

impl Step {
    /// `None` if these are no bytes of a deflate stream.
    fn inflate(inflater: &mut Decompress, input: &[u8], output: &mut [u8]) -> Option<Self> {
        let before = (inflater.total_in(), inflater.total_out());
        let status = inflater.decompress(input, output, FlushDecompress::None).ok()?;
        Self::new(before, (inflater.total_in(), inflater.total_out()), status)
    }

    fn deflate(deflater: &mut Compress, input: &[u8], output: &mut [u8], flush: FlushCompress) -> Option<Self> {
        let before = (deflater.total_in(), deflater.total_out());
        let status = deflater.compress(input, output, flush).ok()?;
        Self::new(before, (deflater.total_in(), deflater.total_out()), status)
    }

    fn new(before: (u64, u64), after: (u64, u64), status: Status) -> Option<Self> {
        let taken = usize::try_from(after.0 - before.0).ok()?;
        let made = usize::try_from(after.1 - before.1).ok()?;
        Some(Self { taken, made, is_end: status == Status::StreamEnd })
    }
}

fn check(watch: &Watch) -> Result<(), FileError> {
    if watch.is_cancelled() { Err(FileError::Interrupted) } else { Ok(()) }
}

fn refused(kind: ErrorKind, offset: u64) -> FileError {
    FileError::Core(Error { kind, offset, tag_path: TagPath::default() })
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn inflated(data_set: &[u8]) -> Inflated {
        Inflated { bytes: [b"meta", data_set].concat(), data_set: 4, turn: None }
    }

    fn deflated(inflated: &Inflated, watch: &Watch) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::new();
        inflated.deflate(watch, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }

    fn stored<'a>(bytes: &'a dyn ReadAt, watch: &'a Watch, turns: Turns) -> Stored<'a> {
        Stored { bytes, path: Path::new(""), watch, turns }
    }

    fn read(bytes: &[u8], watch: &Watch) -> Result<Inflated, FileError> {
        Inflated::read(&stored(&bytes, watch, Turns::Taken), 4)
    }

    /// Lengths at the ends of chunks; bytes that deflate well, and bytes that do not.
    #[test]
    fn what_is_deflated_inflates_to_what_it_was() {
        let noise: Vec<u8> =
            (0..3_u32 * 65_536).map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        for length in [0, 1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 7] {
            for data_set in [&noise[..length], &vec![0; length]] {
                let before = inflated(data_set);
                let bytes = deflated(&before, &Watch::default()).unwrap();
                let after = read(&bytes, &Watch::default()).unwrap();
                assert!((after.bytes, after.data_set) == (before.bytes, 4), "{length}");
                assert_eq!(bytes.len() % 2, 0);
            }
        }
    }

    #[test]
    fn no_byte_more_than_the_limit_is_inflated() {
        let watch = Watch::default();
        let nothing: &[u8] = &[];
        let stored = stored(&nothing, &watch, Turns::Ignored);
        let mut whole = Inflated { bytes: vec![0; LIMIT - 4], data_set: 0, turn: None };
        let expected = ErrorKind::InflatedTooLarge { limit: LIMIT as u64 };
        let refused = whole.push(&stored, &[0; 5], 0);
        assert!(matches!(refused, Err(FileError::Core(error)) if error.kind == expected));
        assert!(whole.push(&stored, &[0; 4], 0).is_ok());
        assert_eq!(whole.bytes.len(), LIMIT);
    }

    #[test]
    fn every_part_asks_whether_the_run_is_cancelled() {
        let before = inflated(&[7; 1000]);
        let bytes = deflated(&before, &Watch::default()).unwrap();
        let watch = Watch::when(|| true);
        assert!(matches!(read(&bytes, &watch).map(drop), Err(FileError::Interrupted)));
        assert!(matches!(deflated(&before, &watch), Err(FileError::Interrupted)));
    }

    #[test]
    fn a_large_file_waits_for_its_turn_and_a_small_one_does_not() {
        const LONG_ENOUGH: Duration = Duration::from_millis(500); // to read it several times
        let of_zeros = |count| deflated(&inflated(&vec![0; count]), &Watch::default()).unwrap();
        let (large, small) = (of_zeros(LARGE + 1), of_zeros(LARGE / 2));
        let turn = Turn::wait(&Watch::default()).unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| read(&large, &Watch::default()).map(drop));
            assert!(scope.spawn(|| read(&small, &Watch::default()).map(drop)).join().unwrap().is_ok());
            thread::sleep(LONG_ENOUGH);
            assert!(!waiting.is_finished());
            drop(turn);
            assert!(waiting.join().unwrap().is_ok());
        });
    }

    /// Nearly all that is deflated is smaller than four megabytes: reports and presentation states.
    #[test]
    fn small_files_take_no_turn() {
        let bytes = deflated(&inflated(&vec![0; 4 * 1024 * 1024]), &Watch::default()).unwrap();
        assert!(read(&bytes, &Watch::default()).unwrap().turn.is_none());
        let watch = Watch::default();
        let nothing: &[u8] = &[];
        let stored = stored(&nothing, &watch, Turns::Taken);
        let mut largest = inflated(&vec![0; LARGE - 8]);
        largest.push(&stored, &[0; 4], 0).unwrap();
        assert!(largest.bytes.len() == LARGE && largest.turn.is_none());
    }

    /// All that could go wrong in the library: another byte, too few, too many, no end, no stream.
    #[test]
    fn a_stream_that_inflates_to_something_else_is_noticed() {
        let stream = |data_set: &[u8]| {
            let mut stream = Vec::with_capacity(100);
            let status = Compress::new(Compression::new(LEVEL), false).compress_vec(
                data_set,
                &mut stream,
                FlushCompress::Finish,
            );
            assert_eq!(status.unwrap(), Status::StreamEnd);
            stream
        };
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
