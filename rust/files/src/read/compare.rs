//! Comparing a file with what it was before: nothing is left to blank, and nothing else has changed.

use std::path::Path;

use dicomblank_core::{Once, Plan, Rules, Span};
use dicomblank_pseudonym::Memory;

use super::keyed::{Keyed, Keying};
use super::opened::Opened;
use super::planned::Planned;
use super::read_at::ReadAt;
use super::remaining::{self, Looking};
use super::replaced::{Replaced, Wrong};
use super::windows::Windows;
use crate::error::FileError;
use crate::finding::Finding;
use crate::leftover::Remains;
use crate::watch::Watch;

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

/// Compares the file `after` with `before`.
///
/// # Errors
/// [`FileError::Io`] where a file can't be had, [`FileError::Changed`] where one changes meanwhile, [`FileError::Interrupted`] where
/// `watch` says so.
pub fn compare(
    before: &Path,
    after: &Path,
    rules: &Rules,
    keying: &Keying,
    watch: Watch,
) -> Result<Comparison, FileError> {
    let mut memory = Memory::default();
    let (windows, chunks) = (&mut Windows::new(watch), &mut Chunks::new());
    let found = compare_through(before, after, rules, &mut keying.with(&mut memory), (windows, chunks), None)?;
    Ok((found.0, found.1))
}

/// The same through buffers that serve one pair after the other. Where nothing is wrong, what is left of the original's
/// values is looked for in the result, whose path below the folder of results is given.
pub(crate) fn compare_through(
    before: &Path,
    after: &Path,
    rules: &Rules,
    keyed: &mut Keyed<'_, '_>,
    (windows, chunks): (&mut Windows, &mut Chunks),
    looking: Option<(&Path, Looking<'_>)>,
) -> Result<ComparedAndLooked, FileError> {
    let found = |verdict, finding| Ok((verdict, finding, None));
    let (before, after) = (Opened::to_read(before)?, Opened::to_read(after)?);
    let read_before = reading(before.plan(&mut before.source(windows), rules))?;
    let read_after = reading(after.plan(&mut after.source(windows), rules))?;
    let (plan_before, plan_after) = match (read_before, read_after) {
        (Reading::Plan(before), Reading::Plan(after)) => (before, after),
        (Reading::NotDicom, Reading::NotDicom) => {
            let difference = difference(&Side::of(&before, None), &Side::of(&after, None), &[], (windows, chunks))?;
            let verdict = if difference.is_some() { Verdict::Changed } else { Verdict::NotDicom };
            return found(verdict, difference);
        }
        (Reading::Refused(error), _) => return found(Verdict::Unreadable, Some(of_one("before", &before, &error))),
        // Said first: it says more than what a file with bytes too few or too many can't be read for. A deflated one may have other
        // bytes, and how many it has inflated is not known yet.
        (Reading::Plan(Planned::AsItStands(_)) | Reading::NotDicom, _) if before.stat.size != after.stat.size => {
            let difference = difference(&Side::of(&before, None), &Side::of(&after, None), &[], (windows, chunks))?;
            return found(Verdict::Changed, difference);
        }
        (_, Reading::Refused(error)) => return found(Verdict::Unreadable, Some(of_one("after", &after, &error))),
        (Reading::NotDicom, _) => {
            return found(Verdict::Changed, Some(Finding::new("was-not-dicom", "was not a DICOM file before")));
        }
        (_, Reading::NotDicom) => {
            return found(Verdict::Unreadable, Some(Finding::new("not-dicom", "after: not a DICOM file")));
        }
    };
    let left = Side::of(&before, Some(&plan_before));
    let right = Side::of(&after, Some(&plan_after));
    if left.bytes.size() != right.bytes.size() {
        return found(Verdict::Changed, difference(&left, &right, &[], (windows, chunks))?);
    }
    if let Some(leak) = leak(&after, &plan_after, plan_after.plan(), rules, windows)? {
        return found(Verdict::Leak, Some(leak));
    }
    let replaced = match Replaced::of(&before, &plan_before, rules, keyed, windows) {
        Ok(replaced) => replaced,
        Err(error @ FileError::Core(_)) => return found(Verdict::Unreadable, Some(of_one("before", &before, &error))),
        Err(error) => return Err(error),
    };
    let marked = match after.marked(&mut after.source(windows), &plan_after, keyed.keying()) {
        Ok(marked) => marked,
        Err(error @ FileError::Core(_)) => return found(Verdict::Changed, Some(of_one("after", &after, &error))),
        Err(error) => return Err(error),
    };
    let wrong = replaced.wrong(|start, bytes| left.read(start, bytes), |start, bytes| right.read(start, bytes))?;
    if let Some(wrong) = wrong {
        let (verdict, finding) = of_value(&wrong, plan_before.plan());
        return found(verdict, finding);
    }
    let mut free = replaced.free(plan_before.plan(), marked);
    let (read_before, mut looking, mut written_over) = ((&before, &plan_before), looking, 0);
    if let Some(different) = difference(&left, &right, &free, (windows, chunks))? {
        // A run may have written over what was left as well.
        let Some((_, (looker, known))) = &mut looking else { return found(Verdict::Changed, Some(different)) };
        let after = |start, bytes: &mut [u8]| right.read(start, bytes);
        let over = remaining::replaced(read_before, after, (rules, keyed), (windows, (looker, *known)))?;
        written_over = over.len() as u64;
        free.extend(over);
        free.sort_unstable_by_key(|span| span.start());
        if let Some(difference) = difference(&left, &right, &free, (windows, chunks))? {
            return found(Verdict::Changed, Some(difference));
        }
    }
    // The two plans are the same now, unless a blanked value told how to read another one: ask the first as well.
    if let Some(leak) = leak(&after, &plan_after, plan_before.plan(), rules, windows)? {
        return found(Verdict::Leak, Some(leak));
    }
    let Some((below, looking)) = looking else { return found(Verdict::Ok, None) };
    let read_after = (&after, &plan_after);
    let mut remains = remaining::remains(read_before, read_after, below, (rules, keyed), (windows, looking))?;
    remains.replaced = written_over;
    Ok((Verdict::Ok, None, Some(Box::new(remains))))
}

/// How a file reads.
enum Reading {
    Plan(Planned),
    NotDicom,
    Refused(FileError),
}

fn reading(planned: Result<Planned, FileError>) -> Result<Reading, FileError> {
    match planned {
        Ok(plan) => Ok(Reading::Plan(plan)),
        Err(error) if error.is_not_dicom() => Ok(Reading::NotDicom),
        Err(error @ (FileError::Core(_) | FileError::Damaged | FileError::Empty)) => Ok(Reading::Refused(error)),
        Err(error) => Err(error),
    }
}

/// What is wrong with a value that was to be replaced.
fn of_value(wrong: &Wrong, plan: &Plan) -> Comparison {
    let (verdict, kind, what, edit) = match wrong {
        Wrong::Left(edit) => (Verdict::Leak, "value-left", "is as it was", edit),
        Wrong::Other(edit) => (Verdict::Changed, "other-value", "is not what the key makes of the original", edit),
    };
    let (path, start) = (plan.tag_path(edit), edit.span().start());
    let message = format!("the value of {path} at {start:#x} {what}");
    let tag_path = Some(format!("{path:#}"));
    (verdict, Some(Finding { offset: Some(start), tag_path, ..Finding::new(kind, message) }))
}

/// What is wrong with one of the two, `which`.
fn of_one(which: &str, opened: &Opened<'_>, error: &FileError) -> Finding {
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

    fn read(&self, start: u64, buffer: &mut [u8]) -> Result<(), FileError> {
        self.bytes.read_exactly(start, buffer).map_err(|error| error.about(self.path))
    }
}

/// What is left to blank of `plan` in a file, if anything.
pub(super) fn leak(
    opened: &Opened<'_>,
    planned: &Planned,
    plan: &Plan,
    rules: &Rules,
    windows: &mut Windows,
) -> Result<Option<Finding>, FileError> {
    // What can't be done twice is compared with what it was.
    let left = opened.left_of(plan, &mut opened.source(windows), planned, (rules, Once::Done))?;
    let first = left.first().and_then(|position| plan.edits().get(usize::try_from(*position).ok()?));
    Ok(first.map(|edit| {
        let (path, start) = (plan.tag_path(edit), edit.span().start());
        let count = if left.len() == 1 { "1 value".to_owned() } else { format!("{} values", left.len()) };
        let message = format!("{count} left to blank, the first is {path} at {start:#x}");
        Finding { offset: Some(start), tag_path: Some(format!("{path:#}")), ..Finding::new("value-left", message) }
    }))
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
