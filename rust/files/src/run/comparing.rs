//! Comparing files with what became of them: the work of `verify`.

use dicomblank_core::Rules;

use crate::error::FileError;
use crate::finding::Finding;
use crate::order::after::{After, There};
use crate::order::place::Place;
use crate::read::compare::{Verdict, compare_through};
use crate::read::opened::plan_through;
use crate::read::windows::Windows;
use crate::report::outcome::{Fate, Outcome};
use crate::report::row::Row;
use crate::write::validator::{Compared, Validator, ask_compared};

/// What became of an original.
pub(super) fn check(
    place: &Place,
    after: &After,
    rules: &Rules,
    windows: &mut Windows,
    validator: Option<&Validator<'_>>,
) -> Fate {
    let copy = after.copy_of(place);
    let found = match after.there(&copy) {
        There::RegularFile => compared(place, &copy, rules, windows, validator),
        There::SomethingElse => {
            let finding = Finding::new("not-regular", "no longer a regular file");
            Ok(Fate::compared(Outcome::Changed, Some(finding)))
        }
        There::Nothing => return missing(place, rules, windows, validator),
    };
    found.unwrap_or_else(|error| unreadable(place, &error)).copied(copy)
}

fn compared(
    place: &Place,
    copy: &std::path::Path,
    rules: &Rules,
    windows: &mut Windows,
    validator: Option<&Validator<'_>>,
) -> Result<Fate, FileError> {
    let (verdict, finding) = compare_through(&place.path(), copy, rules, windows)?;
    let (outcome, asked) = match verdict {
        Verdict::Ok => (Outcome::Ok, Compared::Ok),
        Verdict::NotDicom => (Outcome::BothNotDicom, Compared::NotDicom),
        Verdict::Leak => return Ok(Fate::compared(Outcome::Leak, finding)),
        Verdict::Changed => return Ok(Fate::compared(Outcome::Changed, finding)),
        Verdict::Unreadable => return Ok(Fate::compared(Outcome::Unreadable, finding)),
    };
    Ok(match ask_compared(validator, copy, asked)? {
        None => Fate::compared(outcome, None),
        Some((outcome, finding)) => Fate::compared(outcome, Some(finding)),
    })
}

/// An original without a copy: what is no DICOM is not copied.
fn missing(place: &Place, rules: &Rules, windows: &mut Windows, validator: Option<&Validator<'_>>) -> Fate {
    let path = place.path();
    match plan_through(&path, rules, windows) {
        Ok(_) => Fate::compared(Outcome::Missing, None),
        Err(error) if error.is_not_dicom() => match ask_compared(validator, &path, Compared::NotCopied) {
            Ok(None) => Fate::compared(Outcome::BothNotDicom, None),
            Ok(Some((outcome, finding))) => Fate::compared(outcome, Some(finding)),
            Err(error) => unreadable(place, &error),
        },
        Err(error) => {
            let finding = error.finding(&path);
            let message = format!("the original is refused: {}", finding.message);
            Fate::compared(Outcome::Missing, Some(Finding { message, ..finding }))
        }
    }
}

fn unreadable(place: &Place, error: &FileError) -> Fate {
    Fate::compared(Outcome::Unreadable, Some(error.finding(&place.path())))
}

/// The row of an original that the listing does not hand on as a file: one that can't be read. Links and the like are no originals.
pub(super) fn of_listing(row: Row) -> Option<Row> {
    (row.outcome() != Outcome::Skipped).then(|| row.into_unreadable())
}

/// The row of something in the tree of the copies, if there is no original of it.
pub(super) fn extra(after: &After, place: Place, is_regular: bool) -> Option<Row> {
    let is_extra = match after.original_of(&place.relative()) {
        There::Nothing => true,
        There::SomethingElse => is_regular,
        There::RegularFile => false,
    };
    is_extra.then(|| {
        let copy = place.path();
        Row::new(place, Fate::compared(Outcome::Extra, None).copied(copy))
    })
}
