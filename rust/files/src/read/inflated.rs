//! Deflated data sets (PS3.5 §A.5): inflated whole in memory, and blanked there. `write/deflated.rs` deflates them
//! again.
//!
//! A blanked value deflates to another length, and all that follows it to other bytes. So such a file can only be
//! written anew.
//!
//! In memory, because only at its end is it known whether the data set can be walked. Rejected: to inflate it a second
//! time for writing. The file could have changed.

use std::path::Path;

use dicomblank_core::{
    ApplyError, Becomes, Error, ErrorKind, Limits, Marks, Once, Patch, Plan, Rewrite, Rules, Sink, Sites, SliceSink,
    SliceSource, Subjects, Survey, Tag, TagPath, apply_patch, plan_and_sites_inflated, plan_inflated, rewrite_inflated,
    stated_inflated, survey_inflated,
};
use flate2::{Crc, Decompress};

use super::flate::{CHUNK, Step};
use super::method::{METHOD, names_us};
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

/// A deflated file, as it is stored.
pub(crate) struct Stored<'a> {
    pub(crate) bytes: &'a dyn ReadAt,
    /// The path of the file, for errors.
    pub(crate) path: &'a Path,
    pub(crate) watch: &'a Watch,
    pub(crate) turns: Turns,
    /// The largest inflated form, in bytes.
    pub(crate) limit: usize,
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

    /// The form of what becomes of it: `bytes`, with the data set from the offset `data_set` on. It keeps the turn.
    pub(crate) fn becoming(self, bytes: Vec<u8>, data_set: u64) -> Result<Self, FileError> {
        let data_set = usize::try_from(data_set).ok().filter(|data_set| *data_set <= bytes.len());
        Ok(Self { bytes, data_set: data_set.ok_or(FileError::Panicked)?, turn: self.turn })
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
        if bytes.len() > stored.limit.saturating_sub(self.bytes.len()) {
            return Err(refused(ErrorKind::InflatedTooLarge { limit: stored.limit as u64 }, position));
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

    /// The file meta information as it is stored, and the data set.
    pub(crate) fn parts(&self) -> (&[u8], &[u8]) {
        self.bytes.split_at(self.data_set)
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

    /// Walks the data set and says what becomes of it where lengths change.
    pub(crate) fn rewrite(&self, rules: &Rules, once: Once) -> Result<Rewrite, Error> {
        rewrite_inflated(&mut self.source(), self.data_set as u64, rules, once, &Limits::default())
    }

    /// Whether the data set says that dicomblank has de-identified it.
    pub(crate) fn is_ours(&self) -> Result<bool, Error> {
        self.stated(&[METHOD]).map(|found| names_us(&found))
    }

    /// What the data set states in elements of its own.
    pub(crate) fn stated(&self, tags: &[Tag]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        stated_inflated(&mut self.source(), self.data_set as u64, tags, &Limits::default())
    }

    /// Walks the data set and plans its edits.
    pub(crate) fn plan(&self, rules: &Rules) -> Result<Plan, Error> {
        plan_inflated(&mut self.source(), self.data_set as u64, rules, &Limits::default())
    }

    /// The same, and where every value stands.
    pub(crate) fn plan_and_sites(&self, rules: &Rules) -> Result<(Plan, Sites), Error> {
        plan_and_sites_inflated(&mut self.source(), self.data_set as u64, rules, &Limits::default())
    }

    /// Walks the data set and looks for `subjects`; and where every value stands.
    pub(crate) fn survey(
        &self,
        subjects: &Subjects,
        becomes: Option<Becomes<'_>>,
    ) -> Result<(Survey, Option<Sites>), Error> {
        survey_inflated(&mut self.source(), self.data_set as u64, subjects, becomes, &Limits::default())
    }

    /// Makes the edits of `plan`, which is of this form, and marks it.
    pub(crate) fn edit(&mut self, plan: &Plan, patch: &Patch, marks: Option<&Marks>) -> Result<(), FileError> {
        edit(&mut self.bytes, plan, patch, marks)
    }
}

/// Makes the edits of `plan` in `bytes`, and marks them.
pub(crate) fn edit(bytes: &mut [u8], plan: &Plan, patch: &Patch, marks: Option<&Marks>) -> Result<(), FileError> {
    let mut sink = SliceSink::new(bytes);
    apply_patch(plan, patch, &mut sink).map_err(|_: ApplyError<_>| FileError::Panicked)?;
    let mark = marks.and_then(Marks::done);
    mark.map_or(Ok(()), |mark| sink.write(mark)).map_err(|_| FileError::Panicked)
}

fn check(watch: &Watch) -> Result<(), FileError> {
    if watch.is_cancelled() { Err(FileError::Interrupted) } else { Ok(()) }
}

fn refused(kind: ErrorKind, offset: u64) -> FileError {
    FileError::Core(Error { kind, offset, tag_path: TagPath::default() })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::thread;
    use std::time::Duration;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;

    fn deflated(data_set: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(b"meta".to_vec(), Compression::new(6));
        encoder.write_all(data_set).unwrap();
        encoder.finish().unwrap()
    }

    fn stored<'a>(bytes: &'a dyn ReadAt, watch: &'a Watch, turns: Turns) -> Stored<'a> {
        Stored { bytes, path: Path::new(""), watch, turns, limit: LIMIT }
    }

    fn read(bytes: &[u8], watch: &Watch) -> Result<Inflated, FileError> {
        Inflated::read(&stored(&bytes, watch, Turns::Taken), 4)
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
    fn a_cancelled_run_inflates_nothing() {
        assert!(matches!(read(&deflated(&[7; 1000]), &Watch::when(|| true)).map(drop), Err(FileError::Interrupted)));
    }

    #[test]
    fn a_large_file_waits_for_its_turn_and_a_small_one_does_not() {
        const LONG_ENOUGH: Duration = Duration::from_millis(500); // to read it several times
        let of_zeros = |count| deflated(&vec![0; count]);
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
        let bytes = deflated(&vec![0; 4 * 1024 * 1024]);
        assert!(read(&bytes, &Watch::default()).unwrap().turn.is_none());
        let watch = Watch::default();
        let nothing: &[u8] = &[];
        let stored = stored(&nothing, &watch, Turns::Taken);
        let mut largest = Inflated { bytes: vec![0; LARGE - 4], data_set: 0, turn: None };
        largest.push(&stored, &[0; 4], 0).unwrap();
        assert!(largest.bytes.len() == LARGE && largest.turn.is_none());
    }
}
