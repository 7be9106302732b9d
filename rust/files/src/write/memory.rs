//! Files in memory: bytes that are planned and blanked, also those of a deflated file.

use std::path::Path;

use dicomblank_core::{Limits, Plan, Rules, SliceSource, plan, resolve};

use crate::error::FileError;
use crate::read::dry_run::DryRun;
use crate::read::inflated::{Inflated, LIMIT, Stored, Turns, edit};
use crate::read::keyed::Keying;
use crate::read::planned::{Planned, Ready, once};
use crate::watch::Watch;
use crate::write::deflated::deflate;

/// The edits that blanking `bytes` would make. If the data set is deflated, their offsets count in the inflated form.
///
/// # Errors
/// [`FileError`], as of [`plan_file`](crate::plan_file), but none of the system.
pub fn plan_bytes(bytes: &[u8], rules: &Rules) -> Result<Plan, FileError> {
    Ok(planned(bytes, rules, &Watch::default())?.into_plan())
}

/// The dry run: the same, with how far each value is.
///
/// # Errors
/// [`FileError`], as of [`dry_run`](crate::dry_run()), but none of the system.
pub fn dry_run_bytes(bytes: &[u8], rules: &Rules, keying: &Keying) -> Result<DryRun, FileError> {
    let planned = planned(bytes, rules, &Watch::default())?;
    let mut memory = keying.memory();
    let keyed = &mut keying.with(&mut memory);
    Ok(DryRun::of(planned, &mut SliceSource::new(bytes), rules, keyed, |_, _, _| Ok(()))?)
}

/// Edits `bytes` where they stand. The plan has what was noticed on the way.
///
/// # Errors
/// [`FileError`], as of [`plan_bytes`], and of a value that can't become what the rules say. A deflated data set is an
/// error, too: [`Deflated`](dicomblank_core::ErrorKind::Deflated). On an error no byte has changed.
pub fn blank_buffer(bytes: &mut [u8], rules: &Rules, keying: &Keying) -> Result<Plan, FileError> {
    let plan = plan(&mut SliceSource::new(bytes), rules, &Limits::default())?;
    if keying.marks().is_none() {
        // As it is: what is padding already becomes padding.
        let patch = resolve(&plan, rules, &mut SliceSource::new(bytes), &mut keying.with(&mut keying.memory()))?;
        edit(bytes, &plan, &patch, None)?;
        return Ok(plan);
    }
    let ready = ready(Planned::AsItStands(plan.clone()), &mut SliceSource::new(bytes), (rules, keying))?;
    edit(bytes, ready.planned.plan(), &ready.patch, ready.marks)?;
    Ok(plan.noticed(ready.warnings()))
}

/// Edits `bytes` where they stand. Those of a deflated file stay: the edited file has another length and is returned,
/// or `None` if nothing is left to edit.
///
/// # Errors
/// [`FileError`], as of [`blank_buffer`], and [`FileError::Interrupted`] if `watch` gave up.
pub fn blank_bytes(
    bytes: &mut [u8],
    rules: &Rules,
    keying: &Keying,
    watch: &Watch,
) -> Result<Option<Vec<u8>>, FileError> {
    let planned = planned(bytes, rules, watch)?;
    let Ready { planned, patch, marks, .. } = ready(planned, &mut SliceSource::new(bytes), (rules, keying))?;
    match planned {
        Planned::AsItStands(plan) => edit(bytes, &plan, &patch, marks).map(|()| None),
        Planned::Inflated(plan, _) if plan.edits().is_empty() => Ok(None),
        Planned::Inflated(plan, mut inflated) => {
            inflated.edit(&plan, &patch, marks)?;
            deflated(&inflated, watch).map(Some)
        }
    }
}

fn planned(bytes: &[u8], rules: &Rules, watch: &Watch) -> Result<Planned, FileError> {
    Planned::of(&mut SliceSource::new(bytes), rules, |_, data_set| {
        // No turn is taken. The caller may hold Python's lock, and the thread that has the turn may wait for that lock.
        let stored = Stored { bytes: &bytes, path: Path::new(""), watch, turns: Turns::Ignored, limit: LIMIT };
        Inflated::read(&stored, data_set)
    })
}

/// What is left to write, and what it is.
fn ready<'k>(
    planned: Planned,
    source: &mut SliceSource<'_>,
    (rules, keying): (&Rules, &'k Keying),
) -> Result<Ready<'k>, FileError> {
    let marked = planned.marked(source, keying)?;
    let left = planned.left_of(planned.plan(), source, (rules, once(marked)))?;
    let mut memory = keying.memory();
    let mut keyed = keying.with(&mut memory);
    Ok(planned.resolve((&left, marked), source, rules, &mut keyed)?)
}

/// The bytes of a file whose inflated form was edited.
pub(super) fn deflated(inflated: &Inflated, watch: &Watch) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    deflate(inflated, watch, |piece| {
        bytes.try_reserve(piece.len()).map_err(|_| FileError::NoMemory)?;
        bytes.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(bytes)
}
