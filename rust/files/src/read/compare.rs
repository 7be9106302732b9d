//! Holding a file to what it was before: nothing is left to blank, and nothing else has changed.

use std::fmt;
use std::path::Path;

use dicomblank_core::{Edit, Plan, Rules};

use crate::cancel::Cancel;
use crate::error::FileError;
use crate::read::inflated::Inflated;
use crate::read::opened::Opened;
use crate::read::opened::Planned;
use crate::read::windows::Windows;
use crate::unix;

/// Bytes of each file in memory at a time.
const CHUNK: usize = 128 * 1024;

/// What two files are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is left to blank, and only what was to be blanked has changed.
    Ok,
    /// There is still something to blank.
    Leak,
    /// Something else has changed.
    Changed,
    /// One of them can't be walked.
    Unreadable,
    /// Both are not DICOM, and equal.
    NotDicom,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::Leak => "leak",
            Self::Changed => "changed",
            Self::Unreadable => "unreadable",
            Self::NotDicom => "not-dicom",
        })
    }
}

/// A verdict and the reason for it, where it is a fault.
pub type Comparison = (Verdict, Option<String>);

/// Holds `after` to `before`.
///
/// # Errors
/// [`FileError::Io`] where a file can't be had, [`FileError::Changed`] where one changes meanwhile, [`FileError::Interrupted`] where
/// `stop` says so.
pub fn compare(before: &Path, after: &Path, rules: &Rules, stop: Cancel) -> Result<Comparison, FileError> {
    let (before, after) = (Opened::to_read(before)?, Opened::to_read(after)?);
    let mut windows = Windows::new(stop);
    let plan_before = before.plan(&mut before.source(&mut windows), rules);
    let plan_after = after.plan(&mut after.source(&mut windows), rules);
    let (plan_before, plan_after) = match (reading(plan_before)?, reading(plan_after)?) {
        (Reading::Plan(before), Reading::Plan(after)) => (before, after),
        (Reading::NotDicom, Reading::NotDicom) => {
            return Ok(match difference(Side::of(&before, None), Side::of(&after, None), &[], &windows.stop)? {
                None => (Verdict::NotDicom, None),
                Some(difference) => (Verdict::Changed, Some(difference)),
            });
        }
        (Reading::Refused(reason), _) => return Ok((Verdict::Unreadable, Some(format!("before: {reason}")))),
        // Said first: it says more than what a file with bytes too few or too many can't be read for. A deflated one may have other
        // bytes, and how many it has inflated is not known yet.
        (Reading::Plan(Planned { inflated: None, .. }) | Reading::NotDicom, _)
            if before.stat.size != after.stat.size =>
        {
            return Ok((
                Verdict::Changed,
                difference(Side::of(&before, None), Side::of(&after, None), &[], &windows.stop)?,
            ));
        }
        (_, Reading::Refused(reason)) => return Ok((Verdict::Unreadable, Some(format!("after: {reason}")))),
        (Reading::NotDicom, _) => return Ok((Verdict::Changed, Some("was not a DICOM file before".to_owned()))),
        (_, Reading::NotDicom) => return Ok((Verdict::Unreadable, Some("after: not a DICOM file".to_owned()))),
    };
    let left = Side::of(&before, plan_before.inflated.as_ref());
    let right = Side::of(&after, plan_after.inflated.as_ref());
    if left.size() != right.size() {
        return Ok((Verdict::Changed, difference(left, right, &[], &windows.stop)?));
    }
    if let Some(leak) = leak(right, &plan_after.plan, &mut windows)? {
        return Ok((Verdict::Leak, Some(leak)));
    }
    if let Some(difference) = difference(left, right, plan_before.plan.edits(), &windows.stop)? {
        return Ok((Verdict::Changed, Some(difference)));
    }
    // The two plans are the same now, unless a blanked value told how to read another one: ask the first as well.
    Ok(match leak(right, &plan_before.plan, &mut windows)? {
        Some(leak) => (Verdict::Leak, Some(leak)),
        None => (Verdict::Ok, None),
    })
}

/// How a file reads.
enum Reading {
    Plan(Planned),
    NotDicom,
    Refused(String),
}

fn reading(planned: Result<Planned, FileError>) -> Result<Reading, FileError> {
    match planned {
        Ok(plan) => Ok(Reading::Plan(plan)),
        Err(error) if error.is_not_dicom() => Ok(Reading::NotDicom),
        Err(error @ (FileError::Core(_) | FileError::Damaged | FileError::Empty)) => {
            Ok(Reading::Refused(error.to_string()))
        }
        Err(error) => Err(error),
    }
}

/// One of the two files, in its inflated form if it is deflated.
#[derive(Clone, Copy)]
struct Side<'a> {
    opened: &'a Opened<'a>,
    inflated: Option<&'a Inflated>,
}

impl<'a> Side<'a> {
    fn of(opened: &'a Opened<'a>, inflated: Option<&'a Inflated>) -> Self {
        Self { opened, inflated }
    }

    fn size(&self) -> u64 {
        self.inflated.map_or(self.opened.stat.size, |inflated| inflated.bytes().len() as u64)
    }

    /// Up to where, from `start` on, it is known to be zero: the end of a hole.
    fn zeros_until(&self, start: u64) -> u64 {
        match self.inflated {
            None if self.opened.stat.is_sparse => unix::data_from(&self.opened.file, start, self.size()),
            _ => start,
        }
    }

    fn read(&self, buffer: &mut [u8], start: u64) -> Result<(), FileError> {
        let Some(inflated) = self.inflated else {
            return self.opened.read_exactly(buffer, start);
        };
        let found = usize::try_from(start).ok().and_then(|start| inflated.bytes().get(start..)?.get(..buffer.len()));
        buffer.copy_from_slice(found.ok_or(FileError::Changed)?);
        Ok(())
    }
}

/// The first edit of `plan` that is not made in the file, if any.
fn leak(side: Side<'_>, plan: &Plan, windows: &mut Windows) -> Result<Option<String>, FileError> {
    let left = side.opened.audit(&mut side.opened.source(windows), side.inflated, plan)?;
    let first = left.first().and_then(|position| plan.edits().get(usize::try_from(*position).ok()?));
    Ok(first.map(|edit| {
        let (path, start) = (plan.tag_path(edit), edit.span().start());
        format!("{} values left to blank, the first is {path} at {start:#x}", left.len())
    }))
}

/// Where the bytes of the two differ outside `edits`, if they do.
fn difference(
    before: Side<'_>,
    after: Side<'_>,
    mut edits: &[Edit],
    stop: &Cancel,
) -> Result<Option<String>, FileError> {
    let size = before.size();
    if size != after.size() {
        return Ok(Some(format!("{} bytes, {size} before", after.size())));
    }
    let (mut left, mut right) = (vec![0; CHUNK], vec![0; CHUNK]);
    let mut start = 0;
    while start < size {
        if stop.is_asked() {
            return Err(FileError::Interrupted);
        }
        let hole = before.zeros_until(start).min(after.zeros_until(start));
        if hole > start {
            start = hole;
            continue;
        }
        let length = usize::try_from(size - start).map_or(CHUNK, |rest| rest.min(CHUNK));
        let (left, right) = (&mut left[..length], &mut right[..length]);
        before.read(left, start)?;
        after.read(right, start)?;
        let mut at = 0;
        while let Some(next) = left[at..].iter().zip(&right[at..]).position(|(left, right)| left != right) {
            let offset = start + (at + next) as u64;
            while let Some((_, rest)) = edits.split_first().filter(|(edit, _)| edit.span().end() <= offset) {
                edits = rest;
            }
            match edits.first().map(Edit::span) {
                Some(span) if span.start() <= offset => {
                    at = usize::try_from(span.end() - start).map_or(length, |end| end.min(length));
                }
                _ => return Ok(Some(format!("a byte that was not to be blanked is another one at {offset:#x}"))),
            }
        }
        start += length as u64;
    }
    Ok(None)
}
