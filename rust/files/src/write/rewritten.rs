//! What becomes of a file, or of bytes, where lengths change: known whole, and read back, before a byte of it is written.

use std::io::Write;

use dicomblank_core::{Piece, Pieces, Rules, Source, Warning};

use super::deflated::{deflate, deflated};
use super::pieces::{To, are_in, write_pieces};
use super::tools::Looking;
use crate::error::FileError;
use crate::order::place::Place;
use crate::read::inflated::Inflated;
use crate::read::keyed::Keyed;
use crate::read::opened::{FileSource, Opened};
use crate::read::rewriting::Rewriting;
use crate::read::windows::Windows;
use crate::report::outcome::Fate;
use crate::report::values::Counter;
use crate::watch::Watch;

/// The result, and what is told of it.
pub(crate) struct Made<'r> {
    pub(crate) pieces: Pieces<'r>,
    pub(crate) fate: Fate,
    /// Whether it is the file as it is.
    pub(crate) is_same: bool,
}

/// The steps that all roads have in common. `again` is another source of the same file. An error of the core is not yet
/// explained.
///
/// # Errors
/// [`FileError`] where a value can't become what the rules say, the result would not read back as that, or a file with
/// leftovers is refused.
pub(crate) fn made<'r, S: Source, R: Source>(
    rewriting: &'r Rewriting,
    (source, again): (&mut S, &mut R),
    place: &Place,
    (rules, keyed): (&Rules, &mut Keyed<'_, '_>),
    (counter, looking): (&mut Counter, &mut Looking<'_>),
) -> Result<Made<'r>, FileError> {
    let pieces = rewriting.pieces(source, rules, keyed)?;
    let is_same = rewriting.is_same(&pieces, source)?;
    if !is_same {
        rewriting.check(&pieces, source, &mut *again, rules)?;
    }
    let found = looking.look_in_result(rewriting, &pieces, (source, again), place)?;
    let mut warnings = pieces.warnings();
    if rewriting.is_unmarked() {
        warnings.add(Warning::Unmarked);
    }
    let fate = Fate::done(rewriting.told(), &rewriting.left(), counter).rewritten(is_same);
    Ok(Made { pieces, fate: fate.noticed(warnings).with(found), is_same })
}

/// The result on its way to a file.
pub(super) enum Body<'r> {
    /// Pieces of the file, as it stands.
    Pieces(Pieces<'r>),
    /// The inflated form of the result, which is to be deflated.
    Form(Inflated),
}

impl Body<'_> {
    pub(super) const fn is_deflated(&self) -> bool {
        matches!(self, Self::Form(_))
    }

    /// Writes it to a new file. `source` is the file `opened`, and `gathered` a buffer.
    pub(super) fn write(
        &self,
        (opened, source): (&Opened<'_>, &mut FileSource<'_>),
        to: To<'_>,
        gathered: &mut Vec<u8>,
    ) -> Result<(), FileError> {
        match self {
            Self::Pieces(pieces) => write_pieces((opened, source), pieces, to, gathered),
            Self::Form(form) => {
                let mut file = to.file;
                deflate(form, to.watch, |piece| file.write_all(piece).map_err(|error| FileError::io(to.target, error)))
            }
        }
    }

    /// Whether the file `there` is the result of `opened`, byte for byte; a deflated one may be deflated in another way.
    pub(super) fn is_in(&self, opened: &Opened<'_>, there: &Opened<'_>, watch: &Watch) -> Result<bool, FileError> {
        match self {
            Self::Pieces(pieces) => {
                are_in(pieces, &opened.bytes(), &there.bytes(), watch).map_err(|error| error.about(there.path))
            }
            Self::Form(form) => {
                let (head, _) = form.parts();
                let mut found = vec![0; head.len()];
                let has_head = there.stat.size >= head.len() as u64 && {
                    there.read_exactly(0, &mut found)?;
                    found == head
                };
                if !has_head {
                    return Ok(false);
                }
                let mut windows = Windows::new(Watch::default());
                let inflated = there.inflate(&there.source(&mut windows), head.len() as u64)?;
                Ok(inflated.bytes() == form.bytes())
            }
        }
    }
}

/// The bytes of a result that is made of `bytes`, or of the inflated form where there is one, and where its data set
/// begins.
pub(super) fn result(rewriting: &Rewriting, pieces: &Pieces<'_>, bytes: &[u8]) -> Result<(Vec<u8>, u64), FileError> {
    let bytes = rewriting.inflated().map_or(bytes, Inflated::bytes);
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
    Ok((result, pieces.data_set()))
}

/// A result of `bytes` as the bytes of a file: one that was deflated is deflated again.
pub(super) fn stored(rewriting: Rewriting, result: (Vec<u8>, u64), watch: &Watch) -> Result<Vec<u8>, FileError> {
    if rewriting.inflated().is_none() { Ok(result.0) } else { deflated(&rewriting.into_form(result)?, watch) }
}
