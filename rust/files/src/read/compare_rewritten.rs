//! Comparing a file with what it was before, where lengths have changed: the result is made anew, and every byte compared.

use std::path::Path;

use dicomblank_core::{ErrorKind, Rules};

use super::keyed::Keyed;
use super::leftovers::Looking;
use super::opened::Opened;
use super::rewriting::Rewriting;
use super::sides::{Chunks, ComparedAndLooked, Reading, Side, Verdict, difference, of_one, reading};
use super::windows::Windows;
use crate::error::FileError;
use crate::finding::Finding;
use crate::leftover::Remains;
use crate::watch::Watch;

/// As [`compare_through`](super::compare::compare_through), by rules that change lengths.
pub(super) fn compare_rewritten(
    (before, after): (&Opened<'_>, &Opened<'_>),
    rules: &Rules,
    keyed: &mut Keyed<'_, '_>,
    (windows, chunks): (&mut Windows, &mut Chunks),
    looking: Option<(&Path, Looking<'_>)>,
) -> Result<ComparedAndLooked, FileError> {
    let found = |verdict, finding| Ok((verdict, finding, None));
    let others = &mut Windows::new(Watch::default());
    let read_before = reading(before.rewriting(&mut before.source(windows), rules, keyed.keying()))?;
    let read_after = reading(after.rewriting(&mut after.source(windows), rules, keyed.keying()))?;
    let (of_before, of_after) = match (read_before, read_after) {
        (Reading::Plan(before), Reading::Plan(after)) => (before, after),
        (Reading::NotDicom, Reading::NotDicom) => {
            let difference = difference(&Side::of(before, None), &Side::of(after, None), &[], (windows, chunks))?;
            let verdict = if difference.is_some() { Verdict::Changed } else { Verdict::NotDicom };
            return found(verdict, difference);
        }
        (Reading::Refused(error), _) => return found(Verdict::Unreadable, Some(of_one("before", before, &error))),
        (_, Reading::Refused(error)) => {
            let verdict = if is_about_mark(&error) { Verdict::Changed } else { Verdict::Unreadable };
            return found(verdict, Some(of_one("after", after, &error)));
        }
        (Reading::NotDicom, _) => {
            return found(Verdict::Changed, Some(Finding::new("was-not-dicom", "was not a DICOM file before")));
        }
        (_, Reading::NotDicom) => {
            return found(Verdict::Unreadable, Some(Finding::new("not-dicom", "after: not a DICOM file")));
        }
    };
    let mut source = before.source(windows);
    let pieces = match of_before.pieces(&mut source, rules, keyed) {
        Ok(pieces) => pieces,
        Err(error) => {
            return match before.explain(error, &mut source) {
                error @ FileError::Core(_) => found(Verdict::Unreadable, Some(of_one("before", before, &error))),
                error => Err(error),
            };
        }
    };
    let compared = match of_after.inflated() {
        _ if of_before.inflated().is_some() != of_after.inflated().is_some() => {
            return found(Verdict::Changed, Some(other_result(0)));
        }
        Some(inflated) => of_before.compare(&pieces, &mut source, &mut inflated.source(), rules),
        None => of_before.compare(&pieces, &mut source, &mut after.source(others), rules),
    };
    match compared {
        Ok(()) => {}
        Err(error) if error.kind == ErrorKind::OtherResult => {
            return match leak(&of_after) {
                Some(leak) => found(Verdict::Leak, Some(leak)),
                None => found(Verdict::Changed, Some(other_result(error.offset))),
            };
        }
        Err(error) => return Err(before.explain(error, &mut source)),
    }
    let Some((below, looking)) = looking else { return found(Verdict::Ok, None) };
    let mut again = before.source(others);
    let looked = of_before.look(&pieces, &mut source, &mut again, below, looking);
    let remains: Remains =
        looked.map_err(|error| before.explain_either(error.into(), &mut source, &mut again))?.remains;
    Ok((Verdict::Ok, None, Some(Box::new(remains))))
}

/// Whether the file is one that somebody else has made, by what it says.
fn is_about_mark(error: &FileError) -> bool {
    let FileError::Core(error) = error else { return false };
    matches!(
        error.kind,
        ErrorKind::OtherKey
            | ErrorKind::OtherRules
            | ErrorKind::DamagedMark
            | ErrorKind::MarkLost
            | ErrorKind::HalfDone
    )
}

/// What is left to treat in a result, if anything.
fn leak(after: &Rewriting) -> Option<Finding> {
    let (first, count) = after.first_left()?;
    let (path, start) = (after.told().tag_path(first), first.span().start());
    let count = if count == 1 { "1 value".to_owned() } else { format!("{count} values") };
    let message = format!("{count} left to treat, the first is {path} at {start:#x}");
    Some(Finding { offset: Some(start), tag_path: Some(format!("{path:#}")), ..Finding::new("value-left", message) })
}

/// A result that is another one, from what stands at `offset` of the original on.
fn other_result(offset: u64) -> Finding {
    let message = format!("is not what the rules make of the original, from {offset:#x} of that on");
    Finding { offset: Some(offset), ..Finding::new(ErrorKind::OtherResult.word(), message) }
}
