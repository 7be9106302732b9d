//! Comparing files with what became of them: the work of `verify`.

use std::path::Path;

use crate::error::FileError;
use crate::finding::Finding;
use crate::order::after::{After, There};
use crate::order::place::Place;
use crate::read::compare::{Verdict, compare_through};
use crate::read::opened::plan_through;
use crate::report::outcome::{Fate, Outcome};
use crate::report::row::Row;
use crate::write::tools::Tools;
use crate::write::validator::{Compared, ask_compared};

/// What became of an original.
pub(super) fn check(place: &Place, after: &After, tools: &mut Tools<'_>) -> Fate {
    let copy = after.copy_of(place);
    let found = match after.there(&copy) {
        Ok(There::RegularFile) => compared(place, &copy, tools),
        Ok(There::Folder | There::SomethingElse) => {
            let finding = Finding::new("not-regular", "no longer a regular file");
            Ok(Fate::compared(Outcome::Changed, Some(finding)))
        }
        Ok(There::Nothing) => {
            return missing(place, tools).unwrap_or_else(|error| failed(place, &error));
        }
        Err(error) => Err(error),
    };
    found.unwrap_or_else(|error| failed(place, &error)).copied(copy)
}

fn compared(place: &Place, copy: &Path, tools: &mut Tools<'_>) -> Result<Fate, FileError> {
    let (verdict, finding) = compare_through(&place.path(), copy, tools.rules, &mut tools.keyed, tools.windows)?;
    let (outcome, asked) = match verdict {
        Verdict::Ok => (Outcome::Ok, Compared::Ok),
        Verdict::NotDicom => (Outcome::BothNotDicom, Compared::NotDicom),
        Verdict::Leak => return Ok(Fate::compared(Outcome::Leak, finding)),
        Verdict::Changed => return Ok(Fate::compared(Outcome::Changed, finding)),
        Verdict::Unreadable => return Ok(Fate::compared(Outcome::Unreadable, finding)),
    };
    Ok(match ask_compared(tools.validator, copy, &place.path(), asked)? {
        None => Fate::compared(outcome, None),
        Some((outcome, finding)) => Fate::compared(outcome, Some(finding)),
    })
}

/// An original without a copy: what is no DICOM is not copied.
fn missing(place: &Place, tools: &mut Tools<'_>) -> Result<Fate, FileError> {
    let path = place.path();
    match plan_through(&path, tools.rules, tools.windows) {
        Ok(_) => Ok(Fate::compared(Outcome::Missing, None)),
        Err(error) if error.is_not_dicom() => {
            Ok(match ask_compared(tools.validator, &path, &path, Compared::NotCopied)? {
                None => Fate::compared(Outcome::BothNotDicom, None),
                Some((outcome, finding)) => Fate::compared(outcome, Some(finding)),
            })
        }
        Err(FileError::Interrupted) => Err(FileError::Interrupted),
        Err(error) => {
            let finding = error.finding(&path);
            let message = format!("the original is refused: {}", finding.message);
            Ok(Fate::compared(Outcome::Missing, Some(Finding { message, ..finding })))
        }
    }
}

/// An original of which it is not known what became of it.
pub(super) fn failed(place: &Place, error: &FileError) -> Fate {
    match error {
        // As are all files that the run has not come to: nothing is said against it.
        FileError::Interrupted => {
            let finding = Finding { message: "interrupted: not compared".to_owned(), ..error.finding(&place.path()) };
            Fate::compared(Outcome::Skipped, Some(finding))
        }
        error => Fate::compared(Outcome::Unreadable, Some(error.finding(&place.path()))),
    }
}

/// The row of an original that the listing does not hand on as a file: one that can't be read. Links and the like are
/// no originals.
pub(super) fn of_listing(row: Row) -> Option<Row> {
    (row.outcome() != Outcome::Skipped).then(|| row.into_unreadable())
}

/// The row of something in the tree of the copies, if there is no original of it.
pub(super) fn extra(after: &After, place: Place, is_regular: bool) -> Option<Row> {
    let found = match after.original_of(&place.relative()) {
        // A folder has no row of its own: what took its place has.
        Ok(There::Nothing | There::Folder) => Fate::compared(Outcome::Extra, None),
        // A link that became a file is extra. A link that is still one is no copy, and had no original.
        Ok(There::SomethingElse) if is_regular => Fate::compared(Outcome::Extra, None),
        Ok(There::SomethingElse | There::RegularFile) => return None,
        Err(error) => failed(&place, &error),
    };
    let copy = place.path();
    Some(Row::new(place, found.copied(copy)))
}
