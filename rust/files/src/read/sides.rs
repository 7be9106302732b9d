//! Two files side by side: how each reads, and where their bytes differ.

use std::path::Path;

use dicomblank_core::Span;

use super::opened::Opened;
use super::planned::Planned;
use super::read_at::ReadAt;
use super::windows::Windows;
use crate::error::FileError;
use crate::finding::Finding;
use crate::leftover::Remains;

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

/// A verdict and what was found, where it is a fault.
pub type Comparison = (Verdict, Option<Finding>);

/// The same, and what is left of the original's values, where that was looked for.
pub(crate) type ComparedAndLooked = (Verdict, Option<Finding>, Option<Box<Remains>>);

/// The buffers through which the bytes of two files are compared, one pair after the other.
///
/// Rejected: new ones for each pair. They are as long as what the allocator asks the system for, and gives back.
pub(crate) struct Chunks {
    before: Box<[u8]>,
    after: Box<[u8]>,
}

impl Chunks {
    pub(crate) fn new() -> Self {
        let chunk = || vec![0; CHUNK].into_boxed_slice();
        Self { before: chunk(), after: chunk() }
    }
}

/// How a file reads.
pub(super) enum Reading<P> {
    Plan(P),
    NotDicom,
    Refused(FileError),
}

pub(super) fn reading<P>(planned: Result<P, FileError>) -> Result<Reading<P>, FileError> {
    match planned {
        Ok(plan) => Ok(Reading::Plan(plan)),
        Err(error) if error.is_not_dicom() => Ok(Reading::NotDicom),
        Err(error @ (FileError::Core(_) | FileError::Damaged | FileError::Empty)) => Ok(Reading::Refused(error)),
        Err(error) => Err(error),
    }
}

/// What is wrong with one of the two, `which`.
pub(super) fn of_one(which: &str, opened: &Opened<'_>, error: &FileError) -> Finding {
    let finding = error.finding(opened.path);
    Finding { message: format!("{which}: {}", finding.message), ..finding }
}

/// One of the two files, in its inflated form if it is deflated.
pub(super) struct Side<'a> {
    path: &'a Path,
    pub(super) bytes: Box<dyn ReadAt + 'a>,
    /// Whether it has holes worth looking for.
    is_sparse: bool,
}

impl<'a> Side<'a> {
    pub(super) fn of(opened: &'a Opened<'a>, planned: Option<&'a Planned>) -> Self {
        match planned {
            Some(Planned::Inflated(_, inflated)) => {
                Self { path: opened.path, bytes: Box::new(inflated.bytes()), is_sparse: false }
            }
            _ => Self { path: opened.path, bytes: Box::new(opened.bytes()), is_sparse: opened.stat.is_sparse },
        }
    }

    /// Up to where, from `start` on, it is known to be zero: the end of a hole.
    fn zeros_until(&self, start: u64) -> u64 {
        if self.is_sparse { self.bytes.data_from(start).start } else { start }
    }

    pub(super) fn read(&self, start: u64, buffer: &mut [u8]) -> Result<(), FileError> {
        self.bytes.read_exactly(start, buffer).map_err(|error| error.about(self.path))
    }
}

/// Where the bytes of the two differ outside `free`, if they do.
pub(super) fn difference(
    before: &Side<'_>,
    after: &Side<'_>,
    mut free: &[Span],
    (windows, chunks): (&Windows, &mut Chunks),
) -> Result<Option<Finding>, FileError> {
    let watch = &windows.watch;
    let (size, now) = (before.bytes.size(), after.bytes.size());
    if size != now {
        return Ok(Some(Finding::new("other-size", format!("{now} bytes, {size} before"))));
    }
    let work = watch.begin(size);
    let mut start = 0;
    while start < size {
        if watch.is_cancelled() {
            return Err(FileError::Interrupted);
        }
        let hole = before.zeros_until(start).min(after.zeros_until(start));
        if hole > start {
            work.advance(hole - start);
            start = hole;
            continue;
        }
        let length = usize::try_from(size - start).map_or(CHUNK, |rest| rest.min(CHUNK));
        let (left, right) = (&mut chunks.before[..length], &mut chunks.after[..length]);
        before.read(start, left)?;
        after.read(start, right)?;
        if let Some(offset) = first_difference(left, right, start, &mut free) {
            let message = format!("a byte that was not to be blanked differs at {offset:#x}");
            return Ok(Some(Finding { offset: Some(offset), ..Finding::new("byte-changed", message) }));
        }
        work.advance(length as u64);
        start += length as u64;
    }
    Ok(None)
}

/// The first offset outside `free` at which two pieces of the same length differ that begin at `start`. Takes from
/// `free` what lies before their end.
///
/// What lies between two of `free` is compared as a whole: byte by byte it took two thirds of the time of a comparison.
fn first_difference(left: &[u8], right: &[u8], start: u64, free: &mut &[Span]) -> Option<u64> {
    let mut at = 0;
    while at < left.len() {
        let here =
            |offset: u64| usize::try_from(offset.saturating_sub(start)).map_or(left.len(), |at| at.min(left.len()));
        let (end, next) = match free.split_first() {
            Some((span, rest)) if here(span.end()) <= at => {
                *free = rest;
                continue;
            }
            Some((span, _)) => (here(span.start()).max(at), here(span.end())),
            None => (left.len(), left.len()),
        };
        let (one, other) = (&left[at..end], &right[at..end]);
        if one != other {
            let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
            return Some(start + (at + same) as u64);
        }
        at = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_that_differs_outside_what_is_free() {
        // Ten bytes at 100. Where they differ, what is free, and what is found; how many spans are left for what follows.
        #[allow(clippy::type_complexity)]
        let rows: [(&[u64], &[(u64, u64)], Option<u64>, usize); 14] = [
            (&[], &[], None, 0),
            (&[100], &[], Some(100), 0),
            (&[109], &[], Some(109), 0),
            (&[103, 105], &[], Some(103), 0),
            (&[103], &[(103, 104)], None, 0),
            (&[103], &[(102, 103)], Some(103), 0),
            (&[103], &[(104, 105)], Some(103), 1),
            (&[103, 104, 107], &[(103, 105), (107, 108)], None, 0),
            (&[103, 106], &[(103, 105), (107, 108)], Some(106), 1),
            (&[103, 104], &[(103, 104), (104, 105)], None, 0),
            (&[100], &[(90, 101)], None, 0),
            (&[100], &[(90, 100)], Some(100), 0),
            (&[109], &[(108, 120), (130, 131)], None, 2),
            (&[109], &[(90, 95), (96, 120)], None, 1),
        ];
        for (places, spans, expected, rest) in rows {
            let one = [7; 10];
            let mut other = one;
            for place in places {
                other[usize::try_from(place - 100).unwrap()] = 8;
            }
            let spans: Vec<Span> = spans.iter().map(|(start, end)| Span::between(*start, *end).unwrap()).collect();
            let mut free = &spans[..];
            assert_eq!(first_difference(&one, &other, 100, &mut free), expected, "{places:?} {spans:?}");
            assert_eq!(free.len(), rest, "{places:?} {spans:?}");
        }
    }
}
