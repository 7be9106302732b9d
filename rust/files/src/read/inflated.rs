//! Deflated data sets (PS3.5 §A.5): inflated whole in memory, blanked there, and deflated again.
//!
//! A blanked value deflates to another length, and everything behind it to other bytes: such a file can only be written anew. In
//! memory, since whether the data set can be walked to its end is known at its end, and what is inflated twice could differ.

use std::path::Path;

use dicomblank_core::{
    ApplyError, Error, ErrorKind, Limits, Plan, Rules, SliceSink, SliceSource, TagPath, apply, plan_inflated,
};
use flate2::{Compress, Compression, Crc, Decompress, FlushCompress, FlushDecompress, Status};

use super::read_at::ReadAt;
use super::turn::Turn;
use crate::error::FileError;
use crate::watch::{Begun, Watch};

/// The largest inflated form in bytes. Deflate makes up to a thousand bytes of one, so that a file of half a megabyte could fill any
/// memory. Reports and presentation states stay far below, and a thousand CT slices in one file still fit.
pub const LIMIT: usize = 512 * 1024 * 1024;
/// Files larger than this are inflated one at a time: a run needs little more memory than the limit, whatever its workers.
const LARGE: usize = 16 * 1024 * 1024;
/// Bytes read, inflated, deflated and written at a time.
const CHUNK: usize = 64 * 1024;
/// zlib's default, and that of nearly every writer: 30 ns a byte. Level 9 takes twice as long for 2 % less, level 1 half for 28 % more.
const LEVEL: u32 = 6;

/// A deflated file as it stands.
pub(crate) struct Stored<'a> {
    pub(crate) bytes: &'a dyn ReadAt,
    /// The name of the file, for errors.
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

    /// The next bytes from `at` on, before `end`.
    fn piece<'b>(&self, buffer: &'b mut [u8], at: u64, end: u64) -> Result<&'b [u8], FileError> {
        let here = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
        let piece = &mut buffer[..here.min(CHUNK)];
        self.read_exactly(at, piece)?;
        Ok(piece)
    }
}

/// Whether a large file waits for its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turns {
    /// It does, until no other thread has one.
    Taken,
    /// It does not, nor does another wait for it.
    Ignored,
}

/// A deflated file in its inflated form: the file meta information as it stands, and the data set behind it inflated. All offsets of
/// its plan count in this form.
pub(crate) struct Inflated {
    bytes: Vec<u8>,
    data_set: usize,
    /// That of a large one, while it is in memory.
    turn: Option<Turn>,
}

impl Inflated {
    /// Inflates a file whose data set begins at `data_set`.
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

    /// Adds bytes that were found before `position` of the file.
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

    /// What may stand behind the stream, in bytes that follow from the rest: a NUL to an even length (PS3.5 §A.5), and the end of a
    /// gzip file (RFC 1952 §2.3.1), which some writers leave there. Anything else could hold something.
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

    fn gzip_trailer(&self) -> [u8; 8] {
        let mut crc = Crc::new();
        crc.update(self.data_set());
        let (sum, size) = (u64::from(crc.sum()), u64::from(crc.amount()));
        (size << 32 | sum).to_le_bytes()
    }

    fn data_set(&self) -> &[u8] {
        &self.bytes[self.data_set..]
    }

    /// Bytes of the inflated form.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn source(&self) -> SliceSource<'_> {
        SliceSource::new(&self.bytes)
    }

    /// Walks the data set.
    pub(crate) fn plan(&self, rules: &Rules) -> Result<Plan, Error> {
        plan_inflated(&mut self.source(), self.data_set as u64, rules, &Limits::default())
    }

    /// Carries out its own plan, in memory.
    pub(crate) fn blank(&mut self, plan: &Plan) -> Result<(), FileError> {
        apply(plan, &mut SliceSink::new(&mut self.bytes)).map_err(|_: ApplyError<_>| FileError::Panicked)
    }

    /// Hands the file to `write` piece by piece, with its data set deflated, of even length and without any other trailer. What is handed
    /// over is inflated at once and held to what it was made from.
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

/// Inflates what was deflated, against what it was deflated from.
struct Mirror<'a> {
    inflater: Decompress,
    output: Vec<u8>,
    /// What is yet to come.
    left: &'a [u8],
}

impl Mirror<'_> {
    /// Takes the next bytes of the stream, and says whether it is whole with them.
    fn take(&mut self, mut deflated: &[u8]) -> Result<bool, FileError> {
        loop {
            let step = Step::inflate(&mut self.inflater, deflated, &mut self.output).ok_or(FileError::Panicked)?;
            let made = &self.output[..step.made];
            self.left = self.left.strip_prefix(made).ok_or(FileError::Panicked)?;
            deflated = &deflated[step.taken..];
            if step.is_end {
                return Ok(self.left.is_empty() && deflated.is_empty());
            }
            // There may be more to come out than fits at once.
            if deflated.is_empty() && step.made < self.output.len() {
                return Ok(false);
            }
        }
    }
}

/// What one call of the library did.
struct Step {
    taken: usize,
    made: usize,
    is_end: bool,
}

impl Step {
    /// `None` where the stream is no stream.
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

    /// Lengths around the pieces in which it is done; what deflates well and what doesn't.
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
    fn a_cancelled_run_is_heard_of_in_every_part() {
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

    /// One of four megabytes is larger than reports and presentation states, which are nearly all that is deflated.
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

    /// As a library could go wrong: another byte, too few, too many, no end, no stream.
    #[test]
    fn what_comes_out_otherwise_is_seen() {
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
        // More comes out than fits at once, when all is taken in.
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
