//! Files in memory: bytes that are planned and blanked, also those of a deflated file.

use std::path::Path;

use dicomblank_core::{Limits, Plan, Rules, SliceSink, SliceSource, apply, audit_positions, plan};

use crate::error::FileError;
use crate::read::inflated::{Inflated, Stored, Turns};
use crate::read::planned::Planned;
use crate::watch::Watch;
use crate::write::deflated::deflate;

/// The edits that blanking `bytes` would make. If the data set is deflated, their offsets count in the inflated form.
///
/// # Errors
/// [`FileError`], as of [`plan_file`](crate::plan_file), but none of the system.
pub fn plan_bytes(bytes: &[u8], rules: &Rules) -> Result<Plan, FileError> {
    Ok(planned(bytes, rules, &Watch::default())?.into_plan())
}

/// Blanks `bytes` where they stand.
///
/// # Errors
/// [`FileError`], as of [`plan_bytes`]. A deflated data set is an error, too:
/// [`Deflated`](dicomblank_core::ErrorKind::Deflated). On an error no byte has changed.
pub fn blank_buffer(bytes: &mut [u8], rules: &Rules) -> Result<Plan, FileError> {
    let plan = plan(&mut SliceSource::new(bytes), rules, &Limits::default())?;
    make(&plan, bytes)?;
    Ok(plan)
}

/// Blanks `bytes` where they stand. Those of a deflated file stay: the blanked file has another length and is returned,
/// or `None` if nothing is left to blank.
///
/// # Errors
/// [`FileError`], as of [`plan_bytes`], and [`FileError::Interrupted`] if `watch` gave up.
pub fn blank_bytes(bytes: &mut [u8], rules: &Rules, watch: &Watch) -> Result<Option<Vec<u8>>, FileError> {
    match planned(bytes, rules, watch)? {
        Planned::AsItStands(plan) => make(&plan, bytes).map(|()| None),
        Planned::Inflated(plan, inflated) => blank_inflated(plan, inflated, watch),
    }
}

fn planned(bytes: &[u8], rules: &Rules, watch: &Watch) -> Result<Planned, FileError> {
    Planned::of(&mut SliceSource::new(bytes), rules, |_, data_set| {
        // No turn is taken. The caller may hold Python's lock, and the thread that has the turn may wait for that lock.
        let stored = Stored { bytes: &bytes, path: Path::new(""), watch, turns: Turns::Ignored };
        Inflated::read(&stored, data_set)
    })
}

fn make(plan: &Plan, bytes: &mut [u8]) -> Result<(), FileError> {
    apply(plan, &mut SliceSink::new(bytes)).map_err(|_| FileError::Panicked)
}

fn blank_inflated(plan: Plan, mut inflated: Inflated, watch: &Watch) -> Result<Option<Vec<u8>>, FileError> {
    let left = audit_positions(&plan, &mut inflated.source())?;
    if left.is_empty() {
        return Ok(None);
    }
    inflated.blank(&plan.only_at(&left))?;
    let mut blanked = Vec::new();
    deflate(&inflated, watch, |piece| {
        blanked.try_reserve(piece.len()).map_err(|_| FileError::NoMemory)?;
        blanked.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(Some(blanked))
}
