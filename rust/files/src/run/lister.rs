//! The thread that lists: files go to the queue, and what is not to be done becomes a row.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;

use super::listing::{self, Found, OF_OURS};
use super::shared::Shared;
use crate::error::FileError;
use crate::order::place::Place;
use crate::report::outcome::Fate;
use crate::report::row::Row;

/// Lists all sources of a run.
pub(super) fn list(shared: &Shared<'_>, rows: &SyncSender<Vec<Row>>) {
    let Shared { job, queue, .. } = shared;
    let found = |count: usize| shared.found.fetch_add(count as u64, Ordering::Relaxed);
    let send = |row| {
        found(1);
        // The caller's thread has gone if this fails.
        if queue.is_stopped() || rows.send(vec![row]).is_err() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    };
    job.target.begin(&job.inputs);
    let _ = listing::list(&job.inputs, |item| match item {
        Found::Files(batch) => {
            found(batch.names.len());
            queue.add(batch)
        }
        Found::Row(row) => send(row),
        Found::Temporary(place) => send(temporary(shared, place)),
        Found::Folder(input, relative) => {
            job.target.enter(&input, &relative);
            if queue.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    });
    shared.is_listing.store(false, Ordering::Release);
    queue.complete();
}

/// A temporary file in a source: what is left over is removed where this run writes, and that is in place.
fn temporary(shared: &Shared<'_>, place: Place) -> Row {
    let is_removed = !shared.queue.is_stopped() && shared.job.target.removes(&place);
    let reason = if is_removed { "a left-over temporary file of dicomblank: removed" } else { OF_OURS };
    Row::new(place, Fate::skipped(FileError::Unsupported(reason.to_owned())))
}
