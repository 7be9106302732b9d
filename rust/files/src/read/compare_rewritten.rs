//! Comparing a file with what it was before, where lengths have changed: the result is made anew, and every byte compared.

use std::path::Path;

use dicomblank_core::{Error, ErrorKind, Rules};

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
    let of_before = match reading(before.rewriting(&mut before.source(windows), rules, keyed.keying()))? {
        Reading::Plan(rewriting) => rewriting,
        Reading::Refused(error) => return found(Verdict::Unreadable, Some(of_one("before", before, &error))),
        Reading::NotDicom => {
            let verdict = match reading(after.rewriting(&mut after.source(windows), rules, keyed.keying()))? {
                Reading::Plan(_) => {
                    return found(Verdict::Changed, Some(Finding::new("was-not-dicom", "was not a DICOM file before")));
                }
                Reading::Refused(error) => {
                    return found(Verdict::Unreadable, Some(of_one("after", after, &error)));
                }
                Reading::NotDicom => Verdict::NotDicom,
            };
            let difference = difference(&Side::of(before, None), &Side::of(after, None), &[], (windows, chunks))?;
            return found(if difference.is_some() { Verdict::Changed } else { verdict }, difference);
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
    // The bytes first: what a result without a mark says of itself does not matter then.
    let compared = match of_before.inflated() {
        None => of_before.compare(&pieces, &mut source, &mut after.source(others), rules),
        Some(_) => match after.inflate(&after.source(others), pieces.data_set().min(after.stat.size)) {
            Ok(inflated) => of_before.compare(&pieces, &mut source, &mut inflated.source(), rules),
            Err(FileError::Core(error)) => Err(Error { kind: ErrorKind::OtherResult, ..error }),
            Err(error) => return Err(error),
        },
    };
    if let Err(error) = compared {
        if error.kind != ErrorKind::OtherResult {
            return Err(before.explain(error, &mut source));
        }
        let (verdict, finding) = fault(after, error.offset, rules, keyed, others)?;
        return found(verdict, Some(finding));
    }
    let Some((below, looking)) = looking else { return found(Verdict::Ok, None) };
    let mut again = before.source(others);
    let looked = of_before.look(&pieces, &mut source, &mut again, below, looking);
    let remains: Remains =
        looked.map_err(|error| before.explain_either(error.into(), &mut source, &mut again))?.remains;
    Ok((Verdict::Ok, None, Some(Box::new(remains))))
}

/// Why a result is not what the rules make of the original. `offset`, in the original, is where they begin to differ.
fn fault(
    after: &Opened<'_>,
    offset: u64,
    rules: &Rules,
    keyed: &Keyed<'_, '_>,
    windows: &mut Windows,
) -> Result<(Verdict, Finding), FileError> {
    Ok(match reading(after.rewriting(&mut after.source(windows), rules, keyed.keying()))? {
        Reading::NotDicom => (Verdict::Unreadable, Finding::new("not-dicom", "after: not a DICOM file")),
        Reading::Refused(error) => {
            let verdict = if is_about_mark(&error) { Verdict::Changed } else { Verdict::Unreadable };
            (verdict, of_one("after", after, &error))
        }
        Reading::Plan(after) => match leak(&after) {
            Some(leak) => (Verdict::Leak, leak),
            None => (Verdict::Changed, other_result(offset)),
        },
    })
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

/// Nothing is left to treat, and other bytes differ, from `offset` in the original on.
fn other_result(offset: u64) -> Finding {
    let message = format!("is not what the rules make of the original, from {offset:#x} of that on");
    Finding { offset: Some(offset), ..Finding::new(ErrorKind::OtherResult.word(), message) }
}
