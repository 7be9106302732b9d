//! A file where it stands whose length changes: a new file takes its place, as that of a deflated one does.

use std::io;

use super::annex::check_annex;
use super::left_over::remove_left_overs;
use super::pieces::To;
use super::replace::replace_by;
use super::rewritten::{Body, Made, made, result};
use super::tools::Tools;
use super::validator::ask;
use crate::error::FileError;
use crate::order::choices::{Syncing, Unmarked};
use crate::order::inputs::Kind;
use crate::order::place::Place;
use crate::read::opened::Opened;
use crate::report::outcome::Fate;
use crate::unix;

/// Rewrites a file, which nobody else works on. One that would become what it is already is not written to.
pub(super) fn rewrite(
    (opened, read_only): (&Opened<'_>, Option<io::Error>),
    place: &Place,
    (unmarked, syncing): (Unmarked, Syncing),
    tools: &mut Tools<'_>,
) -> Result<Fate, FileError> {
    let Tools { rules, keyed, windows, others, counter, validator, looking } = tools;
    let mut source = opened.source(windows);
    let rewriting = opened.rewriting(&mut source, rules, keyed.keying())?;
    ask(*validator, opened.path, rewriting.told())?;
    let mut again = opened.source(others);
    let made = made(&rewriting, (&mut source, &mut again), place, (rules, keyed), (counter, looking));
    let Made { pieces, fate, is_same } = made.map_err(|error| opened.explain_either(error, &mut source, &mut again))?;
    if is_same {
        opened.sync(syncing)?;
        return Ok(fate);
    }
    if rewriting.is_unmarked() && unmarked == Unmarked::Refuse {
        return Err(FileError::NoRoomForMark);
    }
    check_annex(place)?;
    if let Some(error) = read_only {
        return Err(FileError::io(opened.path, error));
    }
    if place.input.kind == Kind::File {
        // In a folder that was named, left-over files are removed by the listing.
        remove_left_overs(unix::folder_of(opened.path));
    }
    let body = if rewriting.inflated().is_some() {
        let result = result(&rewriting, &pieces, &[])?;
        drop(pieces);
        Body::Form(rewriting.into_form(result)?)
    } else {
        Body::Pieces(pieces)
    };
    let target = opened.path;
    let kept = replace_by(opened, |file| {
        // It is flushed in the end, in any case.
        let to = To { file, target, sync: Syncing::All, watch: again.watch() };
        body.write((opened, &mut source), to, &mut Vec::new())
    })?;
    Ok(fate.despite(kept))
}
