//! Bytes in memory that may be a deflated file. All others are the core's own.

use dicomblank_core::{Error, ErrorKind, Limits, Plan, Rules, SliceSink, SliceSource, apply, audit, plan};

use crate::cancel::Cancel;
use crate::error::FileError;
use crate::read::inflated::Inflated;
use crate::read::inflated::Stored;
use crate::read::inflated::Turns;

/// What would be overwritten in `bytes`; in their inflated form if their data set is deflated.
///
/// # Errors
/// [`FileError`] as [`plan_file`](crate::plan_file) has it, but for what the system may say.
pub fn plan_bytes(bytes: &[u8], rules: &Rules) -> Result<Plan, FileError> {
    match plan(&mut SliceSource::new(bytes), rules, &Limits::default()) {
        Err(Error { kind: ErrorKind::Deflated, offset, .. }) => {
            Ok(inflate(bytes, offset, &Cancel::default())?.plan(rules)?)
        }
        other => Ok(other?),
    }
}

/// Blanks `bytes` where they stand.
///
/// # Errors
/// [`FileError`] as for [`plan_bytes`]; a deflated data set is [`ErrorKind::Deflated`], and no byte has changed.
pub fn blank_buffer(bytes: &mut [u8], rules: &Rules) -> Result<Plan, FileError> {
    let plan = plan(&mut SliceSource::new(bytes), rules, &Limits::default())?;
    apply(&plan, &mut SliceSink::new(bytes)).map_err(|_| FileError::Panicked)?;
    Ok(plan)
}

/// Blanks `bytes`, whose data set is deflated and begins at `data_set`: the offset of [`ErrorKind::Deflated`]. `None` if there is nothing
/// left to blank.
///
/// # Errors
/// [`FileError`] as for [`plan_bytes`], and [`FileError::Interrupted`] where `stop` says so.
pub fn blank_deflated(bytes: &[u8], data_set: u64, rules: &Rules, stop: &Cancel) -> Result<Option<Vec<u8>>, FileError> {
    let mut inflated = inflate(bytes, data_set, stop)?;
    let plan = inflated.plan(rules)?;
    let left = audit(&plan, &mut inflated.source())?;
    if left.is_empty() {
        return Ok(None);
    }
    inflated.blank(&plan.only(&left))?;
    let mut blanked = Vec::new();
    inflated.deflate(stop, |piece| {
        blanked.try_reserve(piece.len()).map_err(|_| FileError::NoMemory)?;
        blanked.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(Some(blanked))
}

fn inflate(bytes: &[u8], data_set: u64, stop: &Cancel) -> Result<Inflated, FileError> {
    let read = |buffer: &mut [u8], at: u64| {
        let start = usize::try_from(at).map_err(|_| FileError::Panicked)?;
        let found = bytes.get(start..).and_then(|rest| rest.get(..buffer.len())).ok_or(FileError::Panicked)?;
        buffer.copy_from_slice(found);
        Ok(())
    };
    // A caller of Python's may hold its lock, for which one who has the turn may wait.
    let stored = Stored { size: bytes.len() as u64, read: &read, stop, turns: Turns::Ignored };
    Inflated::read(&stored, data_set)
}
