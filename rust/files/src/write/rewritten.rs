//! Files in memory whose length changes: elements are removed, emptied, made dummies or added.

use std::path::Path;

use dicomblank_core::{
    Additions, Compared, Error, ErrorKind, Limits, Piece, Pieces, Rewrite, Rules, SliceSource, check_rewrite, rewrite,
};

use crate::error::FileError;
use crate::read::inflated::{Inflated, LIMIT, Stored, Turns};
use crate::read::keyed::Keying;
use crate::watch::Watch;
use crate::write::memory::deflated;

/// What `bytes` become by rules of any kind, with `additions`: the bytes of a new file. A deflated one is deflated again.
///
/// # Errors
/// [`FileError`] where the bytes can't be walked, a value can't become what the rules say, or the result would not read
/// back as that; and [`FileError::Interrupted`] if `watch` gave up.
pub fn rewrite_bytes(
    bytes: &[u8],
    (rules, additions): (&Rules, &Additions),
    keying: &Keying,
    watch: &Watch,
) -> Result<Vec<u8>, FileError> {
    match rewrite(&mut SliceSource::new(bytes), rules, additions, &Limits::default()) {
        Ok(rewrite) => Ok(result(bytes, &rewrite, (rules, additions), keying)?.0),
        Err(Error { kind: ErrorKind::Deflated, offset, .. }) => {
            // No turn is taken, for the reason that `planned` gives.
            let stored = Stored { bytes: &bytes, path: Path::new(""), watch, turns: Turns::Ignored, limit: LIMIT };
            let inflated = Inflated::read(&stored, offset)?;
            let rewrite = inflated.rewrite(rules, additions)?;
            let (bytes, data_set) = result(inflated.bytes(), &rewrite, (rules, additions), keying)?;
            drop(inflated);
            deflated(&Inflated::of(bytes, data_set)?, watch)
        }
        Err(error) => Err(error.into()),
    }
}

/// The result, and where its data set begins. It is read back before it is given out.
fn result(
    bytes: &[u8],
    rewrite: &Rewrite,
    both: (&Rules, &Additions),
    keying: &Keying,
) -> Result<(Vec<u8>, u64), FileError> {
    let mut memory = keying.memory();
    let pieces = Pieces::resolve(rewrite, both, &mut SliceSource::new(bytes), &mut keying.with(&mut memory))?;
    drop(memory);
    let mut result = Vec::new();
    let size = usize::try_from(pieces.size()).map_err(|_| FileError::NoMemory)?;
    result.try_reserve_exact(size).map_err(|_| FileError::NoMemory)?;
    pieces.each(|piece| {
        let piece = match piece {
            Piece::Copy(span) => span.range().and_then(|range| bytes.get(range)),
            Piece::Write(bytes) => Some(bytes),
        };
        piece.map(|piece| result.extend_from_slice(piece)).ok_or(FileError::Panicked)
    })?;
    let [mut source, mut written] = [bytes, &result].map(SliceSource::new);
    check_rewrite(&mut source, &mut written, both, &pieces, Compared::Headers, &Limits::default())?;
    let data_set = pieces.data_set();
    Ok((result, data_set))
}

#[cfg(test)]
mod tests {
    use dicomblank_core::{Insert, Selector, Tag, Treatment, Vr};

    use super::*;
    use crate::testing::{deflated as deflated_sample, sample};

    const NAME: Tag = Tag::new(0x0010, 0x0010);
    const METHOD: Tag = Tag::new(0x0012, 0x0063);

    fn rewritten(bytes: &[u8], treatment: Treatment) -> Result<Vec<u8>, FileError> {
        let rules = Rules::with([(Selector::Tag(NAME), treatment)]).unwrap();
        let method = Insert::text(METHOD, Vr::LO, "by a test").unwrap();
        let additions = Additions::new("1.2.3", "TEST", vec![method]).unwrap();
        let keying = Keying::new(&rules, None);
        rewrite_bytes(bytes, (&rules, &additions), &keying, &Watch::default())
    }

    fn holds(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    const NAME_TAG: &[u8] = b"\x10\0\x10\0PN";

    #[test]
    fn a_name_goes_and_a_method_comes() {
        let (bytes, _) = sample();
        assert!(holds(&bytes, NAME_TAG));
        let result = rewritten(&bytes, Treatment::Remove).unwrap();
        assert!(!holds(&result, NAME_TAG) && holds(&result, b"by a test "));
    }

    #[test]
    fn a_deflated_file_is_deflated_again() {
        let watch = Watch::default();
        let stored = deflated_sample();
        let result = rewritten(&stored, Treatment::Empty).unwrap();
        let inflated = |bytes: &[u8]| {
            let offset = match rewritten(bytes, Treatment::Keep) {
                Ok(_) => dicomblank_core::plan(
                    &mut SliceSource::new(bytes),
                    &Rules::new([], []).unwrap(),
                    &Limits::default(),
                ),
                Err(error) => panic!("{error:?}"),
            };
            let offset = offset.unwrap_err().offset;
            let stored =
                Stored { bytes: &bytes, path: Path::new(""), watch: &watch, turns: Turns::Ignored, limit: LIMIT };
            Inflated::read(&stored, offset).unwrap().bytes().to_vec()
        };
        let (before, after) = (inflated(&stored), inflated(&result));
        assert!(holds(&before, NAME_TAG) && !holds(&before, b"by a test "));
        assert!(holds(&after, b"\x10\0\x10\0PN\0\0") && holds(&after, b"by a test "));
        assert!(!holds(&result, b"by a test "));
    }

    #[test]
    fn what_cannot_be_rewritten_is_an_error() {
        let (bytes, _) = sample();
        assert!(matches!(rewritten(&bytes[..bytes.len() - 3], Treatment::Remove), Err(FileError::Core(_))));
        let rules = Rules::new([NAME], []).unwrap();
        let additions = Additions::new("1.2.3", "TEST", vec![]).unwrap();
        let cancelled = Watch::when(|| true);
        let stored = deflated_sample();
        let found = rewrite_bytes(&stored, (&rules, &additions), &Keying::none(), &cancelled);
        assert!(matches!(found, Err(FileError::Interrupted)));
    }
}
