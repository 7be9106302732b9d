//! A worker: takes files from the queue, and sends a row for each.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Instant;

use super::comparing;
use super::job::Work;
use super::listing::Batch;
use super::shared::{Shared, TICK};
use crate::error::FileError;
use crate::order::after::After;
use crate::order::inputs::Kind;
use crate::order::place::{Located, Place};
use crate::read::windows::Windows;
use crate::report::outcome::Fate;
use crate::report::row::Row;
use crate::report::values::Counter;
use crate::unix::{At, Folder};
use crate::watch::{Pulse, Watch};
use crate::write::tools::Tools;
use crate::write::validator;
use crate::write::writer::Writer;

/// Rows go to the caller's thread so many at a time, or after a tick: waking it costs as much as a small file.
const ROWS: usize = 256;

/// A worker thread.
pub(super) fn work(shared: &Shared<'_>, sender: SyncSender<Vec<Row>>) {
    let mut worker = Worker {
        shared,
        windows: Windows::new(Watch::of(shared.queue.pulse())),
        counter: Counter::default(),
        hand: Hand::of(&shared.job.work, shared.queue.pulse()),
    };
    let mut rows = Rows { sender, collected: Vec::new(), since: Instant::now() };
    while let Some(batch) = shared.queue.take(|| rows.send()) {
        let Batch { input, folder, names } = batch;
        // Anew for each batch: a folder that someone exchanges meanwhile is not held on to for long. If it can't be opened, its
        // files will tell.
        let open = if input.kind == Kind::Folder { Folder::open(&input.path_of(&folder)).ok() } else { None };
        for name in names {
            if shared.queue.is_stopped() {
                break;
            }
            let place = Place { input: input.clone(), folder: folder.clone(), name };
            rows.add(worker.row(place, open.as_ref()));
        }
    }
    rows.send();
}

/// The rows of one worker on their way to the caller's thread.
struct Rows {
    sender: SyncSender<Vec<Row>>,
    collected: Vec<Row>,
    since: Instant,
}

impl Rows {
    fn add(&mut self, row: Row) {
        self.collected.push(row);
        if self.collected.len() >= ROWS || self.since.elapsed() >= TICK {
            self.send();
        }
    }

    fn send(&mut self) {
        self.since = Instant::now();
        if !self.collected.is_empty() {
            // The caller's thread has gone if this fails, and the queue is stopped.
            let _ = self.sender.send(mem::replace(&mut self.collected, Vec::with_capacity(ROWS)));
        }
    }
}

/// What one thread needs to do files, one after the other.
struct Worker<'a> {
    shared: &'a Shared<'a>,
    windows: Windows,
    counter: Counter,
    hand: Hand<'a>,
}

/// What a worker does to each file.
enum Hand<'a> {
    Write(Writer<'a>),
    Compare(&'a After),
}

impl<'a> Hand<'a> {
    fn of(work: &'a Work, pulse: &Arc<Pulse>) -> Self {
        match work {
            Work::Write(target) => Self::Write(target.writer(pulse)),
            Work::Compare(after) => Self::Compare(after),
        }
    }
}

impl Worker<'_> {
    fn row(&mut self, place: Place, open: Option<&Folder>) -> Row {
        // Whatever a panic leaves half done is a window or a chunk, and those are filled anew for every file.
        let fate = catch_unwind(AssertUnwindSafe(|| self.fate(&place, open)))
            .unwrap_or(Err(FileError::Panicked))
            .unwrap_or_else(Fate::from);
        Row::new(place, fate)
    }

    fn fate(&mut self, place: &Place, open: Option<&Folder>) -> Result<Fate, FileError> {
        let Shared { job, validator, .. } = self.shared;
        let path = &place.path();
        let at = open.map_or(At::path(path), |folder| folder.at(&place.name));
        let file = Located { place, path, at };
        match &mut self.hand {
            Hand::Write(writer) => {
                let (windows, counter) = (&mut self.windows, &mut self.counter);
                let tools = &mut Tools { rules: &job.rules, windows, counter, validator: *validator };
                let written = writer.write(file, tools);
                written.map_err(|error| validator::ask_not_dicom(*validator, path, error))
            }
            Hand::Compare(after) => Ok(comparing::check(place, after, &job.rules, &mut self.windows, *validator)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc::sync_channel;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::testing::{input, place};

    /// Rows of what was done long ago go at once, others when there are enough.
    #[test]
    fn rows_are_collected_for_a_tick() {
        let source = input(Path::new("/a"), Kind::File);
        let row = || Row::new(place(&source, "", "a"), Fate::copied_already());
        let (sender, receiver) = sync_channel(2 * ROWS);
        let sent = || receiver.try_recv().map_or(0, |rows: Vec<Row>| rows.len());
        let mut rows = Rows { sender, collected: Vec::new(), since: Instant::now() };
        thread::sleep(TICK);
        rows.add(row());
        assert_eq!(sent(), 1);
        rows.since = Instant::now() + Duration::from_secs(3600); // it never gets late
        for _ in 1..ROWS {
            rows.add(row());
        }
        assert_eq!(sent(), 0);
        rows.add(row());
        assert_eq!((sent(), rows.collected.len()), (ROWS, 0));
    }
}
