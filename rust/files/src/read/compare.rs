//! Comparing a file with what it was before: nothing is left to blank, and nothing else has changed.

use std::path::Path;

use dicomblank_core::{Once, Plan, Rules};
use dicomblank_pseudonym::Memory;

use super::compare_rewritten::compare_rewritten;
use super::keyed::{Keyed, Keying};
use super::leftovers::Looking;
use super::opened::Opened;
use super::planned::Planned;
use super::remaining;
use super::replaced::{Replaced, Wrong};
use super::sides::{Chunks, ComparedAndLooked, Comparison, Reading, Side, Verdict, difference, of_one, reading};
use super::windows::Windows;
use crate::error::FileError;
use crate::finding::Finding;
use crate::watch::Watch;

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
    if rules.rewrite() {
        return compare_rewritten((&before, &after), rules, keyed, (windows, chunks), looking);
    }
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
