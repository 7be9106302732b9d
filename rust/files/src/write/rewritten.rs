//! Files whose length changes: elements are removed, emptied, made dummies or added. In memory, or from one file to a
//! new one.

use std::io::Write;
use std::path::Path;

use dicomblank_core::{
    Compared, Error, ErrorKind, Limits, Piece, Pieces, Rewrite, Rewritten, Rules, SliceSource, check_rewrite, rewrite,
};

use super::existing::{EXISTS, exists};
use super::pieces::write_pieces;
use super::temporary::Temporary;
use crate::error::FileError;
use crate::order::choices::Syncing;
use crate::read::inflated::{Inflated, LIMIT, Stored, Turns};
use crate::read::keyed::Keying;
use crate::read::opened::Opened;
use crate::read::windows::Windows;
use crate::unix::{self, Renamed};
use crate::watch::Watch;
use crate::write::deflated::deflate;
use crate::write::memory::deflated;

/// What `bytes` become by rules of any kind: the bytes of a new file. A deflated one is deflated again.
///
/// # Errors
/// [`FileError`] where the bytes can't be walked, a value can't become what the rules say, or the result would not read
/// back as that; and [`FileError::Interrupted`] if `watch` gave up.
pub fn rewrite_bytes(bytes: &[u8], rules: &Rules, keying: &Keying, watch: &Watch) -> Result<Vec<u8>, FileError> {
    match rewrite(&mut SliceSource::new(bytes), rules, &Limits::default()) {
        Ok(rewrite) => Ok(result(bytes, &rewrite, rules, keying)?.0),
        Err(Error { kind: ErrorKind::Deflated, offset, .. }) => {
            // No turn is taken, for the reason that `planned` gives.
            let stored = Stored { bytes: &bytes, path: Path::new(""), watch, turns: Turns::Ignored, limit: LIMIT };
            let inflated = Inflated::read(&stored, offset)?;
            let rewrite = inflated.rewrite(rules)?;
            let (bytes, data_set) = result(inflated.bytes(), &rewrite, rules, keying)?;
            drop(inflated);
            deflated(&Inflated::of(bytes, data_set)?, watch)
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes of the file at `path` a new one at `target`, where none is, by rules of any kind. It gets its name when it is
/// whole and was read back, and with [`Syncing::All`] when it is on the disk.
///
/// # Errors
/// [`FileError`], as of [`rewrite_bytes`], and of the system; [`FileError::Exists`]. Then there is no new file.
pub fn rewrite_file(
    (path, target): (&Path, &Path),
    rules: &Rules,
    keying: &Keying,
    sync: Syncing,
    watch: &Watch,
) -> Result<(), FileError> {
    let opened = Opened::to_read(path)?;
    let folder = unix::folder_of(target);
    let of_target = |error| FileError::io(target, error);
    let new = Temporary::create(folder).map_err(of_target)?;
    match fill(&opened, rules, keying, (&new, target), watch) {
        Err(FileError::Core(Error { kind: ErrorKind::Deflated, offset, .. })) => {
            let inflated = opened.inflate(&opened.source(&mut Windows::new(Watch::default())), offset)?;
            let rewrite = inflated.rewrite(rules)?;
            let (bytes, data_set) = result(inflated.bytes(), &rewrite, rules, keying)?;
            drop(inflated);
            let mut to = new.file();
            deflate(&Inflated::of(bytes, data_set)?, watch, |piece| to.write_all(piece).map_err(of_target))?;
        }
        filled => filled?,
    }
    opened.check_unchanged()?;
    unix::set_permissions(new.file(), opened.stat.permissions(unix::umask())).map_err(of_target)?;
    if sync == Syncing::All {
        new.sync().map_err(of_target)?;
    }
    match new.rename(target).map_err(of_target)? {
        Renamed::Exists => Err(exists(target, EXISTS)),
        Renamed::Done if sync == Syncing::All => unix::sync_folder(folder).map_err(of_target),
        Renamed::Done => Ok(()),
    }
}

/// Writes what a file that is not deflated becomes, once it is known how that reads.
fn fill(
    opened: &Opened<'_>,
    rules: &Rules,
    keying: &Keying,
    (new, target): (&Temporary, &Path),
    watch: &Watch,
) -> Result<(), FileError> {
    let (mut windows, mut others) = (Windows::new(Watch::default()), Windows::new(Watch::default()));
    let mut source = opened.source(&mut windows);
    let rewrite = rewrite(&mut source, rules, &Limits::default());
    let rewrite = rewrite.map_err(|error| opened.explain(error, &mut source))?;
    let mut memory = keying.memory();
    let pieces = Pieces::resolve(&rewrite, rules, &mut source, &mut keying.with(&mut memory));
    drop(memory);
    let pieces = pieces.map_err(|error| opened.explain(error, &mut source))?;
    let mut shown = Rewritten::new(opened.source(&mut others), &pieces);
    let checked = check_rewrite(&mut source, &mut shown, rules, &pieces, Compared::Headers, &Limits::default());
    checked.map_err(|error| opened.explain(error, &mut source))?;
    write_pieces((opened, &mut source), &pieces, (new.file(), target), watch)
}

/// The result, and where its data set begins. It is read back before it is given out.
fn result(bytes: &[u8], rewrite: &Rewrite, rules: &Rules, keying: &Keying) -> Result<(Vec<u8>, u64), FileError> {
    let mut memory = keying.memory();
    let pieces = Pieces::resolve(rewrite, rules, &mut SliceSource::new(bytes), &mut keying.with(&mut memory))?;
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
    check_rewrite(&mut source, &mut written, rules, &pieces, Compared::Headers, &Limits::default())?;
    let data_set = pieces.data_set();
    Ok((result, data_set))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use dicomblank_core::{Additions, Insert, Selector, Tag, Treatment, Vr};

    use super::*;
    use crate::testing::{Scratch, deflated as deflated_sample, sample};

    const NAME: Tag = Tag::new(0x0010, 0x0010);
    const METHOD: Tag = Tag::new(0x0012, 0x0063);

    fn rules(treatment: Treatment) -> Rules {
        let method = Insert::text(METHOD, Vr::LO, "by a test").unwrap();
        let additions = Additions::new("1.2.3", "TEST", vec![method]).unwrap();
        Rules::with([(Selector::Tag(NAME), treatment)]).unwrap().adding(Arc::new(additions))
    }

    fn rewritten(bytes: &[u8], treatment: Treatment) -> Result<Vec<u8>, FileError> {
        let rules = rules(treatment);
        let keying = Keying::new(&rules, None);
        rewrite_bytes(bytes, &rules, &keying, &Watch::default())
    }

    fn holds(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn a_name_goes_and_a_method_comes() {
        let (bytes, _) = sample();
        assert!(holds(&bytes, b"\x10\0\x10\0LO"));
        let result = rewritten(&bytes, Treatment::Remove).unwrap();
        assert!(!holds(&result, b"\x10\0\x10\0LO") && holds(&result, b"by a test "));
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
        assert!(holds(&before, b"\x10\0\x10\0PN\x08\0Doe") && !holds(&before, b"by a test "));
        assert!(holds(&after, b"\x10\0\x10\0PN\0\0") && holds(&after, b"by a test "));
        assert!(!holds(&result, b"by a test "));
    }

    /// A file becomes what its bytes become: short and long pieces, deflated or not. One that is there stays.
    #[test]
    fn a_file_is_rewritten_as_its_bytes_are() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let rules = rules(Treatment::Remove);
        let keying = Keying::new(&rules, None);
        let watch = Watch::default();
        let (short, _) = sample();
        let value =
            |length: u32| [&b"\xE0\x7F\x10\0OB\0\0"[..], &length.to_le_bytes(), &vec![7; length as usize]].concat();
        for (what, bytes) in [
            ("short", short.clone()),
            ("near", [&short[..], &value(16_000)].concat()),
            ("far", [&short[..], &value(300_000)].concat()),
            ("deflated", deflated_sample()),
        ] {
            let [path, target] = [format!("{what} before"), format!("{what} after")].map(|name| folder.join(name));
            fs::write(&path, &bytes).unwrap();
            let make = || rewrite_file((&path, &target), &rules, &keying, Syncing::None, &watch);
            make().unwrap();
            let expected = rewrite_bytes(&bytes, &rules, &keying, &watch).unwrap();
            assert!(fs::read(&target).unwrap() == expected && expected != bytes, "{what}");
            assert!(matches!(make(), Err(FileError::Exists { .. })), "{what}");
            assert!(fs::read(&target).unwrap() == expected && fs::read(&path).unwrap() == bytes, "{what}");
        }
        // A file that is refused leaves nothing behind.
        let [path, target] = ["damaged", "none"].map(|name| folder.join(name));
        fs::write(&path, &short[..short.len() - 3]).unwrap();
        let before = fs::read_dir(&folder).unwrap().count();
        let refused = rewrite_file((&path, &target), &rules, &keying, Syncing::All, &watch);
        assert!(matches!(refused, Err(FileError::Core(_))));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), before);
    }

    #[test]
    fn what_cannot_be_rewritten_is_an_error() {
        let (bytes, _) = sample();
        assert!(matches!(rewritten(&bytes[..bytes.len() - 3], Treatment::Remove), Err(FileError::Core(_))));
        let rules = Rules::new([NAME], []).unwrap();
        let cancelled = Watch::when(|| true);
        let stored = deflated_sample();
        let found = rewrite_bytes(&stored, &rules, &Keying::none(), &cancelled);
        assert!(matches!(found, Err(FileError::Interrupted)));
    }
}
