//! A worker: it takes files from the queue, and sends a row for each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread::{self, Scope};
use std::time::Instant;
use std::{io, mem};

use dicomblank_pseudonym::Memory;

use super::comparing::{self, Comparer};
use super::inspecting::Inspector;
use super::job::Work;
use super::listing::Batch;
use super::planning::Planning;
use super::shared::{Shared, TICK};
use crate::error::FileError;
use crate::order::choices::Leftovers;
use crate::order::inputs::Kind;
use crate::order::place::{Located, Place};
use crate::read::leftovers::Looker;
use crate::read::windows::Windows;
use crate::report::outcome::Fate;
use crate::report::row::Row;
use crate::report::values::Counter;
use crate::unix::{At, Folder};
use crate::watch::{Pulse, Watch};
use crate::write::tools::{Looking, Tools};
use crate::write::validator;
use crate::write::writer::Writer;

/// This many rows go to the caller's thread at once, or fewer after a tick. To wake that thread costs as much as a
/// small file.
const ROWS: usize = 256;
/// And fewer where they have plans of so many edits together: these are 24 bytes each, and lists wait for that thread.
const EDITS: usize = 32 * 1024;

/// Starts as many workers as are wanted and not there yet. If no thread can be started, fewer will do.
///
/// # Errors
/// Where there is no worker at all.
pub(super) fn hire<'scope>(
    scope: &'scope Scope<'scope, '_>,
    shared: &'scope Shared<'_>,
    sender: &SyncSender<Vec<Row>>,
) -> io::Result<()> {
    while shared.crew.join() {
        let sender = sender.clone();
        if let Err(error) = spawn(scope, move || work(scope, shared, sender)) {
            return if shared.crew.make_do() == 0 { Err(error) } else { Ok(()) };
        }
    }
    Ok(())
}

/// Starts a thread of the run.
pub(super) fn spawn<'scope>(scope: &'scope Scope<'scope, '_>, work: impl FnOnce() + Send + 'scope) -> io::Result<()> {
    thread::Builder::new().name("dicomblank".to_owned()).spawn_scoped(scope, work).map(drop)
}

/// What a worker thread does, until no file is left or there is one worker too many.
fn work<'scope>(scope: &'scope Scope<'scope, '_>, shared: &'scope Shared<'_>, sender: SyncSender<Vec<Row>>) {
    let watch = Watch::of(shared.queue.pulse());
    let is_searched = shared.job.leftovers != Leftovers::Ignore;
    let mut worker = Worker {
        shared,
        windows: if is_searched { Windows::of_searched(watch) } else { Windows::new(watch) },
        others: Windows::new(Watch::of(shared.queue.pulse())),
        counter: Counter::default(),
        memory: Memory::default(),
        looker: Looker::default(),
        method: Method::of(&shared.job.work, shared.queue.pulse()),
    };
    let mut rows = Rows { sender, collected: Vec::new(), edits: 0, since: Instant::now() };
    while let Some(batch) = shared.queue.take(shared.crew.wanted(), || rows.send()) {
        let Batch { input, folder, names } = batch;
        // Opened anew for each batch, so that a folder that someone replaces meanwhile is not used for long. If it
        // can't be opened, the files in it get the error.
        let open = if input.kind == Kind::Folder { Folder::open(&input.path_of(&folder)).ok() } else { None };
        for name in names {
            if shared.queue.is_stopped() {
                break;
            }
            let place = Place { input: input.clone(), folder: folder.clone(), name };
            rows.add(worker.row(place, open.as_ref()));
            if shared.crew.done(|wanted| shared.queue.has_more_than(wanted)) {
                let _ = hire(scope, shared, &rows.sender); // never without any worker: there is this one
            }
        }
        if shared.crew.leave_if_too_many() {
            rows.send();
            return;
        }
    }
    rows.send();
    shared.crew.leave_at_end();
}

/// The rows of one worker that are not yet sent to the caller's thread.
struct Rows {
    sender: SyncSender<Vec<Row>>,
    collected: Vec<Row>,
    /// Of the plans that they have.
    edits: usize,
    /// When rows were last sent.
    since: Instant,
}

impl Rows {
    fn add(&mut self, row: Row) {
        self.edits += row.dry_run().map_or(0, |dry_run| dry_run.states.len());
        self.collected.push(row);
        if self.collected.len() >= ROWS || self.edits >= EDITS || self.since.elapsed() >= TICK {
            self.send();
        }
    }

    fn send(&mut self) {
        self.since = Instant::now();
        self.edits = 0;
        if !self.collected.is_empty() {
            // This fails only when the caller's thread has gone. Then the queue is stopped.
            let _ = self.sender.send(mem::replace(&mut self.collected, Vec::with_capacity(ROWS)));
        }
    }
}

/// What one thread needs to do one file after the other.
struct Worker<'a> {
    shared: &'a Shared<'a>,
    windows: Windows,
    others: Windows,
    counter: Counter,
    memory: Memory,
    looker: Looker,
    method: Method<'a>,
}

/// What a worker does to each file.
enum Method<'a> {
    Write(Writer<'a>),
    Compare(Comparer<'a>),
    Plan(Planning),
    Inspect(Inspector),
}

impl<'a> Method<'a> {
    fn of(work: &'a Work, pulse: &Arc<Pulse>) -> Self {
        match work {
            Work::Write(target) => Self::Write(target.writer(pulse)),
            Work::Compare(comparing) => Self::Compare(Comparer::new(comparing)),
            Work::Plan(plans) => Self::Plan(Planning::new(*plans)),
            Work::Inspect(catalogue, against) => Self::Inspect(Inspector::new(catalogue, *against)),
        }
    }
}

impl Worker<'_> {
    fn row(&mut self, place: Place, open: Option<&Folder>) -> Row {
        // A panic can leave only a window or a chunk half done, and those are filled anew for every file.
        let fate = catch_unwind(AssertUnwindSafe(|| self.fate(&place, open)))
            .unwrap_or(Err(FileError::Panicked))
            .unwrap_or_else(|error| match self.method {
                Method::Write(_) | Method::Plan(_) | Method::Inspect(_) => Fate::from(error),
                Method::Compare(_) => comparing::failed(&place, &error),
            });
        Row::new(place, fate)
    }

    fn fate(&mut self, place: &Place, open: Option<&Folder>) -> Result<Fate, FileError> {
        let Shared { job, validator, .. } = self.shared;
        let path = &place.path();
        let at = open.map_or(At::path(path), |folder| folder.at(&place.name));
        let file = Located { place, path, at };
        let (windows, others, counter) = (&mut self.windows, &mut self.others, &mut self.counter);
        let keyed = job.keying.with(&mut self.memory);
        let looking = Looking { leftovers: job.leftovers, known: job.known.as_ref(), looker: &mut self.looker };
        let tools = &mut Tools { rules: &job.rules, keyed, windows, others, counter, validator: *validator, looking };
        match &mut self.method {
            Method::Write(writer) => {
                let written = writer.write(file, tools);
                written.map_err(|error| validator::ask_not_dicom(*validator, path, error))
            }
            Method::Compare(comparer) => Ok(comparer.check(place, tools)),
            Method::Plan(planning) => planning.check(file, tools),
            Method::Inspect(inspector) => inspector.inspect(file, tools),
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

    /// A row goes at once if the last were sent a tick ago. Others wait until there are enough.
    #[test]
    fn rows_are_collected_for_a_tick() {
        let source = input(Path::new("/a"), Kind::File);
        let row = || Row::new(place(&source, "", "a"), Fate::copied_already());
        let (sender, receiver) = sync_channel(2 * ROWS);
        let sent = || receiver.try_recv().map_or(0, |rows: Vec<Row>| rows.len());
        let mut rows = Rows { sender, collected: Vec::new(), edits: 0, since: Instant::now() };
        thread::sleep(TICK);
        rows.add(row());
        assert_eq!(sent(), 1);
        rows.since = Instant::now() + Duration::from_secs(3600); // so that no tick is over
        for _ in 1..ROWS {
            rows.add(row());
        }
        assert_eq!(sent(), 0);
        rows.add(row());
        assert_eq!((sent(), rows.collected.len()), (ROWS, 0));
    }
}
