//! Comparing values that were replaced with what the key makes of the original ones.

use dicomblank_core::{Edit, Fill, Marked, Patch, Plan, Rules, Span, mark_span, resolve};

use super::keyed::Keyed;
use super::opened::Opened;
use super::planned::Planned;
use super::windows::Windows;
use crate::error::FileError;

/// What is done to a file that can't be done twice, made anew of the original.
pub(super) struct Replaced {
    /// With only these edits; empty where they were made in the original already.
    plan: Plan,
    patch: Patch,
    original: Marked,
}

/// What is wrong with a value.
pub(super) enum Wrong {
    /// It is as it was.
    Left(Edit),
    /// It is neither as it was nor what it is to become.
    Other(Edit),
}

impl Replaced {
    /// Reads the values of the original, whose plan is `planned`, and makes what they are to become.
    ///
    /// # Errors
    /// Where one can't become what the rules say, or the original has another mark.
    pub(super) fn of(
        original: &Opened<'_>,
        planned: &Planned,
        rules: &Rules,
        keyed: &mut Keyed<'_, '_>,
        windows: &mut Windows,
    ) -> Result<Self, FileError> {
        let mut source = original.source(windows);
        let marked = original.marked(&mut source, planned, keyed.keying())?;
        let is_due = |edit: &Edit| marked != Marked::Done && edit.action().is_once();
        let edits = (0_u32..).zip(planned.plan().edits());
        let due: Vec<u32> = edits.filter(|(_, edit)| is_due(edit)).map(|(at, _)| at).collect();
        let plan = planned.plan().clone().only_at(&due);
        let patch = match planned {
            Planned::AsItStands(_) => resolve(&plan, rules, &mut source, keyed),
            Planned::Inflated(_, inflated) => resolve(&plan, rules, &mut inflated.source(), keyed),
        };
        let patch = patch.map_err(|error| original.explain(error, &mut source))?;
        Ok(Self { plan, patch, original: marked })
    }

    /// The first value of a result that is not what it is to be. `before` and `after` fill bytes from an offset on.
    pub(super) fn wrong(
        &self,
        before: impl Fn(u64, &mut [u8]) -> Result<(), FileError>,
        after: impl Fn(u64, &mut [u8]) -> Result<(), FileError>,
    ) -> Result<Option<Wrong>, FileError> {
        let fills = self.patch.fills(&self.plan).ok_or(FileError::Panicked)?;
        for (edit, fill) in self.plan.edits().iter().zip(fills) {
            if !is_there(&fill, &after)? {
                let is_left = is_same(fill.span(), &before, &after)?;
                return Ok(Some(if is_left { Wrong::Left(*edit) } else { Wrong::Other(*edit) }));
            }
        }
        Ok(None)
    }

    /// Where the bytes of the two may differ: the values of `plan`, the original's, and the mark where the result, which
    /// says `after` of itself, has one.
    pub(super) fn free(&self, plan: &Plan, after: Marked) -> Vec<Span> {
        let has_mark = self.original == Marked::No && after == Marked::Done;
        let mark = mark_span().filter(|_| has_mark);
        let is_free = |edit: &&Edit| self.original != Marked::Done || !edit.action().is_once();
        mark.into_iter().chain(plan.edits().iter().filter(is_free).map(Edit::span)).collect()
    }
}

/// Bytes looked at together.
const PIECE: usize = 4096;

fn is_there(fill: &Fill<'_>, read: impl Fn(u64, &mut [u8]) -> Result<(), FileError>) -> Result<bool, FileError> {
    each_piece(fill.span(), |start, found, wanted| {
        fill.write_over(start, wanted);
        read(start, found)
    })
}

fn is_same(
    span: Span,
    before: impl Fn(u64, &mut [u8]) -> Result<(), FileError>,
    after: impl Fn(u64, &mut [u8]) -> Result<(), FileError>,
) -> Result<bool, FileError> {
    each_piece(span, |start, one, other| {
        before(start, one)?;
        after(start, other)
    })
}

/// Whether the two that `fill` makes are the same, for each piece of `span`.
fn each_piece(
    span: Span,
    fill: impl Fn(u64, &mut [u8], &mut [u8]) -> Result<(), FileError>,
) -> Result<bool, FileError> {
    let (mut one, mut other) = ([0; PIECE], [0; PIECE]);
    for piece in span.pieces(PIECE as u64) {
        let length = usize::try_from(piece.len()).unwrap_or(PIECE).min(PIECE);
        let (one, other) = (&mut one[..length], &mut other[..length]);
        fill(piece.start(), one, other)?;
        if one != other {
            return Ok(false);
        }
    }
    Ok(true)
}
