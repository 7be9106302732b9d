//! Objects that are looked at, and not written: what a dry run does to each.

use dicomblank_core::{SliceSource, Source};

use super::planning::Planning;
use crate::error::FileError;
use crate::order::place::Place;
use crate::read::inflated::Inflated;
use crate::read::read_at::ReadAt;
use crate::read::windows::{WindowedSource, Windows};
use crate::report::outcome::Fate;
use crate::write::object::{self, Done, ObjectTools};

/// What a run would do to an object of which all bytes are here.
pub(super) fn plan_whole(
    bytes: &[u8],
    place: &Place,
    tools: &mut ObjectTools<'_>,
    planning: &mut Planning,
) -> Result<Done, FileError> {
    let (path, watch) = (&place.path(), tools.watch);
    let mut source = SliceSource::new(bytes);
    if tools.rules.rewrite() {
        let fate = rewritten(bytes, place, tools, planning);
        return fate.map(Done::told).map_err(|error| object::explained(error, path, &mut source));
    }
    let inflate = |data_set| object::inflated(bytes, path, watch, data_set);
    let fate = planned(&mut source, place, tools, planning, inflate);
    fate.map(Done::told).map_err(|error| object::explained(error, path, &mut source))
}

/// The same of an object that is read by ranges.
pub(super) fn plan_ranges(
    bytes: impl ReadAt,
    place: &Place,
    tools: &mut ObjectTools<'_>,
    windows: &mut Windows,
    planning: &mut Planning,
) -> Result<Done, FileError> {
    if tools.rules.rewrite() {
        return Err(object::rewritten_and_large());
    }
    let mut source = WindowedSource::new(bytes, windows);
    let fate = planned(&mut source, place, tools, planning, |_| Err(object::deflated_and_large()));
    fate.map(Done::told).map_err(|error| object::explained_of_ranges(error, &place.path(), &mut source))
}

fn rewritten(
    bytes: &[u8],
    place: &Place,
    tools: &mut ObjectTools<'_>,
    planning: &mut Planning,
) -> Result<Fate, FileError> {
    let ObjectTools { rules, keyed, counter, looking, watch } = tools;
    let rewriting = object::rewriting(bytes, &place.path(), (rules, keyed.keying()), watch)?;
    let [mut source, mut again] = [SliceSource::new(bytes); 2];
    planning.of_rewriting(rewriting, (&mut source, &mut again), place, (rules, keyed), (counter, looking))
}

fn planned<S: Source>(
    source: &mut S,
    place: &Place,
    tools: &mut ObjectTools<'_>,
    planning: &mut Planning,
    inflate: impl FnOnce(u64) -> Result<Inflated, FileError>,
) -> Result<Fate, FileError> {
    let planned = object::planned(source, tools, inflate)?;
    let ObjectTools { rules, keyed, counter, looking, .. } = tools;
    Ok(planning.fate(planned, source, place, (rules, keyed), (counter, looking))?)
}
