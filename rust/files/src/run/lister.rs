//! The thread that lists: files go to the queue; what is not to be done becomes a row.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;

use super::comparing;
use super::job::Work;
use super::listed;
use super::listing::{self, Batch, Found};
use super::shared::Shared;
use crate::error::FileError;
use crate::order::after::After;
use crate::order::inputs::Kind;
use crate::order::place::Place;
use crate::report::outcome::{Fate, Outcome};
use crate::report::row::Row;
use crate::write::writer::Target;

/// What the listing thread does: it lists all sources of a run.
pub(super) fn list(shared: &Shared<'_>, rows: &SyncSender<Vec<Row>>) {
    let lister = Lister { shared, rows };
    let _ = match &shared.job.work {
        Work::Write(target) => lister.list_all(Some(target)),
        Work::Plan(_) | Work::Inspect(..) => lister.list_all(None),
        Work::Compare(comparing) => lister.list_to_compare(&comparing.after),
    };
    shared.is_listing.store(false, Ordering::Release);
    shared.queue.complete();
}

struct Lister<'a> {
    shared: &'a Shared<'a>,
    rows: &'a SyncSender<Vec<Row>>,
}

impl Lister<'_> {
    /// Lists the sources. Without a `target`, nothing is written to them.
    fn list_all(&self, target: Option<&Target>) -> ControlFlow<()> {
        let inputs = &self.shared.job.inputs;
        if let Some(target) = target {
            target.begin(inputs);
        }
        self.list_sources(|item| match item {
            Found::Files(batch) => self.hand_on(batch),
            Found::Row(row) => self.send(row),
            Found::Excluded(place) => self.send(Row::new(place, Fate::skipped(FileError::Excluded))),
            Found::Temporary(place) => {
                // A left-over file in a source is removed only if this run writes there: in place.
                let is_removed = !self.shared.queue.is_stopped() && target.is_some_and(|target| target.removes(&place));
                self.send(Row::new(place, Fate::skipped(FileError::Temporary { is_removed })))
            }
            Found::Folder(input, relative) => {
                if let Some(target) = target {
                    target.enter(&input, &relative);
                }
                self.go_on()
            }
        })
    }

    /// Lists the originals, and then the copies, for those without an original.
    fn list_to_compare(&self, after: &After) -> ControlFlow<()> {
        self.list_sources(|item| match item {
            Found::Files(batch) => self.hand_on(batch),
            Found::Row(row) => self.send_some(comparing::of_listing(row)),
            Found::Temporary(_) | Found::Excluded(_) => ControlFlow::Continue(()),
            Found::Folder(..) => self.go_on(),
        })?;
        // A list names some of the originals. Of the others there may be copies, too.
        if after.root.kind != Kind::Folder || self.shared.job.list.is_some() {
            return ControlFlow::Continue(());
        }
        let exclude = &self.shared.job.exclude;
        listing::list(std::slice::from_ref(&after.root), exclude, |item| match item {
            Found::Files(Batch { input, folder, names }) => names.into_iter().try_for_each(|name| {
                let place = Place { input: input.clone(), folder: folder.clone(), name };
                self.send_some(comparing::extra(after, place, true))
            }),
            Found::Temporary(place) => self.send_some(comparing::extra(after, place, true)),
            Found::Row(row) if row.outcome() == Outcome::Skipped => {
                self.send_some(comparing::extra(after, row.into_place(), false))
            }
            Found::Row(row) => self.send(row.into_unreadable()),
            Found::Folder(..) | Found::Excluded(_) => self.go_on(),
        })
    }

    /// Lists the sources, or reads the list of them.
    fn list_sources(&self, take: impl FnMut(Found) -> ControlFlow<()>) -> ControlFlow<()> {
        let job = self.shared.job;
        match &job.list {
            Some(list) => listed::list(list, &job.exclude, || !self.shared.queue.is_stopped(), take),
            None => listing::list(&job.inputs, &job.exclude, take),
        }
    }

    fn hand_on(&self, batch: Batch) -> ControlFlow<()> {
        self.count(batch.names.len());
        self.shared.queue.add(batch)
    }

    fn send_some(&self, row: Option<Row>) -> ControlFlow<()> {
        row.map_or(self.go_on(), |row| self.send(row))
    }

    fn send(&self, row: Row) -> ControlFlow<()> {
        self.count(1);
        // This fails only when the caller's thread has gone.
        if self.rows.send(vec![row]).is_err() { ControlFlow::Break(()) } else { self.go_on() }
    }

    fn count(&self, files: usize) {
        self.shared.found.fetch_add(files as u64, Ordering::Relaxed);
    }

    fn go_on(&self) -> ControlFlow<()> {
        if self.shared.queue.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
