//! Bytes in memory, also those of a deflated file.

use std::path::Path;

use dicomblank_core::{Limits, Plan, Rules, SliceSink, SliceSource, apply, audit_positions, plan};

use crate::error::FileError;
use crate::read::inflated::{Inflated, Stored, Turns};
use crate::read::planned::Planned;
use crate::watch::Watch;

/// What would be overwritten in `bytes`; in their inflated form if their data set is deflated.
///
/// # Errors
/// [`FileError`] as [`plan_file`](crate::plan_file) has it, but for what the system may say.
pub fn plan_bytes(bytes: &[u8], rules: &Rules) -> Result<Plan, FileError> {
    Ok(planned(bytes, rules, &Watch::default())?.into_plan())
}

/// Blanks `bytes` where they stand.
///
/// # Errors
/// [`FileError`] as for [`plan_bytes`]; a deflated data set is [`Deflated`](dicomblank_core::ErrorKind::Deflated), and no byte has changed.
pub fn blank_buffer(bytes: &mut [u8], rules: &Rules) -> Result<Plan, FileError> {
    let plan = plan(&mut SliceSource::new(bytes), rules, &Limits::default())?;
    make(&plan, bytes)?;
    Ok(plan)
}

/// Blanks `bytes` where they stand; those of a deflated file stay, and the blanked file, which has another length, is returned, unless there is
/// nothing left to blank.
///
/// # Errors
/// [`FileError`] as for [`plan_bytes`], and [`FileError::Interrupted`] where `watch` says so.
pub fn blank_bytes(bytes: &mut [u8], rules: &Rules, watch: &Watch) -> Result<Option<Vec<u8>>, FileError> {
    match planned(bytes, rules, watch)? {
        Planned::AsItStands(plan) => make(&plan, bytes).map(|()| None),
        Planned::Inflated(plan, inflated) => deflate(plan, inflated, watch),
    }
}

fn planned(bytes: &[u8], rules: &Rules, watch: &Watch) -> Result<Planned, FileError> {
    Planned::of(&mut SliceSource::new(bytes), rules, |_, data_set| {
        // A caller of Python's may hold its lock, for which one who has the turn may wait.
        let stored = Stored { bytes: &bytes, path: Path::new(""), watch, turns: Turns::Ignored };
        Inflated::read(&stored, data_set)
    })
}

fn make(plan: &Plan, bytes: &mut [u8]) -> Result<(), FileError> {
    apply(plan, &mut SliceSink::new(bytes)).map_err(|_| FileError::Panicked)
}

fn deflate(plan: Plan, mut inflated: Inflated, watch: &Watch) -> Result<Option<Vec<u8>>, FileError> {
    let left = audit_positions(&plan, &mut inflated.source())?;
    if left.is_empty() {
        return Ok(None);
    }
    inflated.blank(&plan.only_at(&left))?;
    let mut blanked = Vec::new();
    inflated.deflate(watch, |piece| {
        blanked.try_reserve(piece.len()).map_err(|_| FileError::NoMemory)?;
        blanked.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(Some(blanked))
}
