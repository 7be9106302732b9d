//! Comparing files with what became of them: the work of `verify`.

use std::path::Path;

use super::job::Comparing;
use crate::error::{Blame, FileError};
use crate::finding::Finding;
use crate::order::after::{After, There};
use crate::order::choices::Leftovers;
use crate::order::place::Place;
use crate::read::compare::compare_through;
use crate::read::opened::check_through;
use crate::read::other_level::explaining;
use crate::read::sides::{Chunks, Verdict};
use crate::report::outcome::{Fate, Outcome};
use crate::report::row::Row;
use crate::write::tools::Tools;
use crate::write::validator::{Compared, ask_compared};

/// What one worker needs to compare one file after the other.
pub(super) struct Comparer<'a> {
    of: &'a Comparing,
    chunks: Chunks,
}

impl<'a> Comparer<'a> {
    pub(super) fn new(of: &'a Comparing) -> Self {
        Self { of, chunks: Chunks::new() }
    }

    /// What became of an original.
    pub(super) fn check(&mut self, place: &Place, tools: &mut Tools<'_>) -> Fate {
        let copy = self.of.after.copy_of(place);
        let found = match self.of.after.there(&copy) {
            Ok(There::RegularFile) => self.compared(place, &copy, tools),
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

    /// The core's opinion, and that of the bytes. Where both find nothing, pydicom's.
    fn compared(&mut self, place: &Place, copy: &Path, tools: &mut Tools<'_>) -> Result<Fate, FileError> {
        let below = place.relative();
        let buffers = (&mut *tools.windows, &mut self.chunks);
        let looking = (below.as_path(), (&mut *tools.looking.looker, tools.looking.known));
        let looking = (tools.looking.leftovers != Leftovers::Ignore).then_some(looking);
        let (verdict, finding, remains) =
            compare_through(&place.path(), copy, tools.rules, &mut tools.keyed, buffers, looking)?;
        match (verdict, finding) {
            (Verdict::Ok, _) => {
                let fate = third_opinion(place, copy, (Outcome::Ok, Compared::Ok), tools)?;
                Ok(fate.with(remains))
            }
            (Verdict::NotDicom, _) => third_opinion(place, copy, (Outcome::BothNotDicom, Compared::NotDicom), tools),
            (Verdict::Leak, finding) => Ok(self.explained(place, copy, (Outcome::Leak, finding), tools)),
            (Verdict::Changed, finding) => Ok(self.explained(place, copy, (Outcome::Changed, finding), tools)),
            (Verdict::Unreadable, finding) => Ok(Fate::compared(Outcome::Unreadable, finding)),
        }
    }

    /// A fault, unless it is what other levels make of the original.
    fn explained(
        &mut self,
        place: &Place,
        copy: &Path,
        (outcome, finding): (Outcome, Option<Finding>),
        tools: &mut Tools<'_>,
    ) -> Fate {
        /// What a level can explain.
        const KINDS: [&str; 5] = ["value-left", "other-value", "byte-changed", "other-size", "other-result"];
        let Some(finding) = finding else { return Fate::compared(outcome, None) };
        if !KINDS.contains(&finding.kind) {
            return Fate::compared(outcome, Some(finding));
        }
        let buffers = (&mut *tools.windows, &mut self.chunks);
        let levels = explaining(&place.path(), copy, &self.of.others, buffers);
        let Some(first) = levels.first() else { return Fate::compared(outcome, Some(finding)) };
        let names: Vec<_> = levels.iter().map(|level| level.name.clone()).collect();
        let made = if first.is_keyed() {
            format!("it is marked as pseudonymized, and only what the level {} changes is changed", names.join(" or "))
        } else {
            format!("this is what the level {} makes of the original", names.join(" or "))
        };
        let message = format!("{}: {made}", finding.message);
        Fate::of_other_levels(names, Finding { message, ..finding })
    }
}

/// What the caller's third opinion makes of a file of which the other two say this.
fn third_opinion(
    place: &Place,
    copy: &Path,
    (outcome, asked): (Outcome, Compared),
    tools: &Tools<'_>,
) -> Result<Fate, FileError> {
    Ok(match ask_compared(tools.validator, copy, &place.path(), asked)? {
        None => Fate::compared(outcome, None),
        Some((outcome, finding)) => Fate::compared(outcome, Some(finding)),
    })
}

/// An original without a copy: what is no DICOM is not copied, and what is refused neither.
fn missing(place: &Place, tools: &mut Tools<'_>) -> Result<Fate, FileError> {
    let path = place.path();
    match check_through(&path, tools.rules, &mut tools.keyed, tools.windows) {
        Ok(()) => Ok(Fate::compared(Outcome::Missing, None)),
        Err(error) if error.is_not_dicom() => {
            Ok(match ask_compared(tools.validator, &path, &path, Compared::NotCopied)? {
                None => Fate::compared(Outcome::BothNotDicom, None),
                Some((outcome, finding)) => Fate::compared(outcome, Some(finding)),
            })
        }
        Err(error) if error.blame() == Blame::File => {
            let finding = error.finding(&path);
            let message = format!("the original is refused: {}", finding.message);
            Ok(Fate::compared(Outcome::Refused, Some(Finding { message, ..finding })))
        }
        Err(error) => Err(error),
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
