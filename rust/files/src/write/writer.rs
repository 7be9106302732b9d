//! Where the results of a run go, and what a worker writes them with: in place, or as copies.

use std::path::Path;
use std::sync::Arc;

use super::copy::Copier;
use super::in_place::{self, Editing};
use super::journal::{Journal, is_journal};
use super::left_over::remove_left_over;
use super::output::Output;
use super::recovery;
use crate::error::FileError;
use crate::order::choices::{HardLinks, Syncing, Unmarked};
use crate::order::inputs::{Input, Inputs, Kind};
use crate::order::place::{Located, Place};
use crate::report::outcome::Fate;
use crate::unix;
use crate::watch::Pulse;
use crate::write::tools::Tools;

/// Where the results of a run go, checked.
#[derive(Debug)]
pub(crate) enum Target {
    InPlace(Editing),
    Copies(Output),
}

impl Target {
    pub(crate) fn in_place(hard_links: HardLinks, unmarked: Unmarked, sync: Syncing) -> Self {
        Self::InPlace(Editing::new(hard_links, unmarked, sync))
    }

    /// Called before the first file of the run.
    pub(crate) fn begin(&self, inputs: &Inputs) {
        let has_single = inputs.iter().any(|input| input.kind != Kind::Folder);
        match self {
            // All single files go to one folder. It is tidied once, and not for each of them.
            Self::Copies(output) if has_single => output.tidy(&output.root),
            Self::Copies(_) => {}
            Self::InPlace(editing) => {
                inputs.iter().for_each(|input| recovery::finish_around(input, &editing.unfinished));
            }
        }
    }

    /// Called before the first file of the folder `relative` of `input`.
    pub(crate) fn enter(&self, input: &Input, relative: &Path) {
        match self {
            Self::Copies(output) => output.tidy(&output.target(input, relative)),
            Self::InPlace(editing) => recovery::finish(&input.path_of(relative), &editing.unfinished),
        }
    }

    /// Removes a temporary file that was found in a source, if it was left over and this run writes there. Says whether
    /// it did. A journal has such a name, too: where its folder is named as a source, it stays.
    pub(crate) fn removes(&self, place: &Place) -> bool {
        let is_journal = || unix::folder_of(&place.canonical()).file_name().is_some_and(is_journal);
        matches!(self, Self::InPlace(_)) && !is_journal() && remove_left_over(&place.path()).unwrap_or(false)
    }

    /// What one worker writes with.
    pub(crate) fn writer<'a>(&'a self, pulse: &Arc<Pulse>) -> Writer<'a> {
        match self {
            Self::InPlace(editing) => Writer::InPlace(editing, Journal::default()),
            Self::Copies(output) => Writer::Copies(Box::new(Copier::new(output, pulse))),
        }
    }
}

/// What one worker writes with, one file after the other.
pub(crate) enum Writer<'a> {
    InPlace(&'a Editing, Journal),
    Copies(Box<Copier<'a>>),
}

impl Writer<'_> {
    /// Blanks a file, or its copy.
    pub(crate) fn write(&mut self, file: Located<'_>, tools: &mut Tools<'_>) -> Result<Fate, FileError> {
        match self {
            Self::InPlace(editing, journal) => in_place::blank(file, editing, journal, tools),
            Self::Copies(copier) => copier.copy(file, tools),
        }
    }
}
