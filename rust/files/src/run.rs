//! Doing a job: one thread lists, some threads work, the caller's thread counts, writes the report and tells the observer.

use std::io;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::copy::Copier;
use crate::error::FileError;
use crate::in_hand::InHand;
use crate::in_place;
use crate::job::Job;
use crate::queue::Queue;
use crate::report::Report;
use crate::row::{Fate, Located, Place, Row};
use crate::source::Windows;
use crate::sources::{Kind, Sources};
use crate::stop::Stop;
use crate::summary::Summary;
use crate::temporary::remove_left_over;
use crate::tree::{self, Batch, Found, OF_OURS};
use crate::unix::{At, Folder};
use crate::validate::{self, Validator};

/// How often the observer is asked at least whether to go on: soon enough for a person who presses Ctrl-C.
const TICK: Duration = Duration::from_millis(50);
/// How often it is told of the progress at most.
const PROGRESS: Duration = Duration::from_millis(100);
/// Rows go to the caller's thread so many at a time, or after a tick: waking it costs as much as a small file.
const ROWS: usize = 256;
/// Such messages that may wait.
const MESSAGES: usize = 16;

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Files with a row.
    pub done: u64,
    /// Files found so far.
    pub found: u64,
    /// Whether folders are still being listed, so that more may be found.
    pub is_listing: bool,
}

/// Who watches a run, on the thread that called for it. To break is to cancel: no new file is begun, and of those in hand an edit in
/// place is finished and a copy is dropped. The observer is then told of their rows and of nothing else.
pub trait Observer {
    /// What became of some files. Every file that was done is in one of these calls, however the run ends.
    fn rows(&mut self, rows: &[Row]) -> ControlFlow<()>;
    /// How far the run is: at most ten times a second, and at the end.
    fn progress(&mut self, progress: Progress) -> ControlFlow<()>;
    /// At least every 50 ms, as far as the other two return.
    fn tick(&mut self) -> ControlFlow<()>;
}

/// Why a run came to no end.
#[derive(Debug)]
pub enum RunError {
    /// The report can't be written. Files in hand were finished.
    Report {
        /// The report file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// No thread could be started. Nothing was done.
    Threads(io::Error),
}

impl Job {
    /// Does the job, to its end or until `observer` cancels it.
    ///
    /// # Errors
    /// [`RunError`] where the run itself fails; what is wrong with a file is in its row.
    pub fn run(mut self, validator: Option<&Validator<'_>>, observer: &mut dyn Observer) -> Result<Summary, RunError> {
        let start = Instant::now();
        let report = self.report.take();
        let shared = Shared::new(&self, validator);
        // Before anything is begun: who is to stop a run may have done so already.
        let is_cancelled = observer.tick().is_break();
        if is_cancelled {
            shared.queue.stop();
        }
        let mut caller = Caller { report, observer, is_cancelled, summary: Summary::default(), failure: None };
        thread::scope(|scope| {
            // Also when this thread panics, in the observer: the scope waits for the others.
            let _stop_at_end = StopAtEnd(&shared.queue);
            let (sender, receiver) = sync_channel(MESSAGES);
            let lister = sender.clone();
            let shared = &shared;
            spawn(scope, move || shared.list(&lister)).map_err(RunError::Threads)?;
            for started in 0..self.workers_needed() {
                let sender = sender.clone();
                match spawn(scope, || shared.work(sender)) {
                    Err(error) if started == 0 => return Err(RunError::Threads(error)),
                    // Fewer than asked for will do.
                    Err(_) => break,
                    Ok(()) => {}
                }
            }
            drop(sender);
            caller.watch(&receiver, shared);
            Ok(())
        })?;
        caller.finish(&self.sources, start.elapsed())
    }

    /// How many workers can have something to do: for single files there need not be more than files.
    fn workers_needed(&self) -> usize {
        let has_folder = self.sources.iter().any(|source| source.kind == Kind::Folder);
        if has_folder { self.workers.get() } else { self.workers.get().min(self.sources.len().max(1)) }
    }
}

fn spawn<'scope>(scope: &'scope thread::Scope<'scope, '_>, work: impl FnOnce() + Send + 'scope) -> io::Result<()> {
    thread::Builder::new().name("dicomblank".to_owned()).spawn_scoped(scope, work).map(drop)
}

struct StopAtEnd<'a>(&'a Queue);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// What all threads of a run see.
struct Shared<'a> {
    job: &'a Job,
    validator: Option<&'a Validator<'a>>,
    queue: Queue,
    in_hand: InHand,
    found: AtomicU64,
    is_listing: AtomicBool,
}

impl<'a> Shared<'a> {
    fn new(job: &'a Job, validator: Option<&'a Validator<'a>>) -> Self {
        let queue = Queue::new(job.workers.get());
        let in_hand = InHand::default();
        Self { job, validator, queue, in_hand, found: AtomicU64::new(0), is_listing: AtomicBool::new(true) }
    }

    fn progress(&self, done: u64) -> Progress {
        let is_listing = self.is_listing.load(Ordering::Acquire);
        Progress { done, found: self.found.load(Ordering::Relaxed), is_listing }
    }

    /// The listing thread.
    fn list(&self, rows: &SyncSender<Vec<Row>>) {
        let found = |count: usize| self.found.fetch_add(count as u64, Ordering::Relaxed);
        let send = |row| {
            found(1);
            // The caller's thread has gone if this fails.
            if self.queue.is_stopped() || rows.send(vec![row]).is_err() {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        self.tidy_for_single_files();
        let _ = tree::list(&self.job.sources, |item| match item {
            Found::Files(batch) => {
                found(batch.names.len());
                self.queue.add(batch)
            }
            Found::Row(row) => send(row),
            Found::Temporary(place) => send(self.temporary(place)),
            Found::Folder(source, relative) => {
                if let Some(output) = &self.job.output {
                    output.tidy(&output.target(&source, &relative));
                }
                if self.queue.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }
        });
        self.is_listing.store(false, Ordering::Release);
        self.queue.complete();
    }

    /// All of them go to one folder: it is looked through once, and not for each.
    fn tidy_for_single_files(&self) {
        let has_single = self.job.sources.iter().any(|source| source.kind != Kind::Folder);
        if let Some(output) = self.job.output.as_ref().filter(|_| has_single) {
            output.tidy(&output.root);
        }
    }

    /// A temporary file in a source: what is left over is removed where this run writes, and that is in place.
    fn temporary(&self, place: Place) -> Row {
        let is_removed =
            self.job.output.is_none() && !self.queue.is_stopped() && remove_left_over(&place.path()).unwrap_or(false);
        let reason = if is_removed { "a left-over temporary file of dicomblank: removed" } else { OF_OURS };
        Row::new(place, Fate::skipped(FileError::Unsupported(reason.to_owned())))
    }

    /// A worker thread.
    fn work(&self, sender: SyncSender<Vec<Row>>) {
        let mut worker = Worker {
            shared: self,
            windows: Windows::new(Stop::on(self.queue.stop_flag())),
            copier: self.job.output.as_ref().map(|output| Copier::new(output, self.queue.stop_flag())),
        };
        let mut rows = Rows { sender, collected: Vec::new(), since: Instant::now() };
        while let Some(batch) = self.queue.take(|| rows.send()) {
            let Batch { source, folder, names } = batch;
            // Anew for each batch: a folder that someone exchanges meanwhile is not held on to for long. If it can't be opened, its
            // files will tell.
            let open = if source.kind == Kind::Folder { Folder::open(&source.path_of(&folder)).ok() } else { None };
            for name in names {
                if self.queue.is_stopped() {
                    break;
                }
                let place = Place { source: source.clone(), folder: folder.clone(), name };
                rows.add(worker.row(place, open.as_ref()));
            }
        }
        rows.send();
    }
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
            let _ = self.sender.send(std::mem::take(&mut self.collected));
        }
    }
}

/// What one thread needs to do files, one after the other.
struct Worker<'a> {
    shared: &'a Shared<'a>,
    windows: Windows,
    copier: Option<Copier<'a>>,
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
        let Shared { job, validator, in_hand, .. } = self.shared;
        let path = &place.path();
        let at = open.map_or(At::path(path), |folder| folder.at(&place.name));
        let file = Located { place, path, at };
        match &mut self.copier {
            None => in_place::blank(file, job, in_hand, &mut self.windows, *validator),
            Some(copier) => copier.copy(file, &job.rules, &mut self.windows, *validator),
        }
        .map_err(|error| validate::ask_not_dicom(*validator, path, error))
    }
}

/// What the caller's thread does.
struct Caller<'a> {
    report: Option<Report>,
    observer: &'a mut dyn Observer,
    is_cancelled: bool,
    summary: Summary,
    failure: Option<RunError>,
}

impl Caller<'_> {
    /// Takes rows until no thread is left that could send one.
    fn watch(&mut self, rows: &Receiver<Vec<Row>>, shared: &Shared<'_>) {
        let (mut last_tick, mut last_progress) = (Instant::now(), Instant::now());
        loop {
            match rows.recv_timeout(TICK.saturating_sub(last_tick.elapsed())) {
                Ok(rows) => self.take(rows, shared),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if last_tick.elapsed() >= TICK {
                last_tick = Instant::now();
                self.tell(shared, |observer| observer.tick());
            }
            if last_progress.elapsed() >= PROGRESS {
                last_progress = Instant::now();
                self.flush(shared);
                let progress = shared.progress(self.summary.files);
                self.tell(shared, |observer| observer.progress(progress));
            }
        }
        let progress = shared.progress(self.summary.files);
        self.tell(shared, |observer| observer.progress(progress));
        self.flush(shared);
    }

    fn take(&mut self, rows: Vec<Row>, shared: &Shared<'_>) {
        let written = self.report.as_mut().map_or(Ok(()), |report| report.add(&rows));
        self.check_report(written, shared);
        if self.observer.rows(&rows).is_break() {
            self.cancel(shared);
        }
        for row in rows {
            self.summary.add(row);
        }
    }

    fn tell(&mut self, shared: &Shared<'_>, what: impl FnOnce(&mut dyn Observer) -> ControlFlow<()>) {
        if !self.is_cancelled && what(self.observer).is_break() {
            self.cancel(shared);
        }
    }

    fn cancel(&mut self, shared: &Shared<'_>) {
        self.is_cancelled = true;
        shared.queue.stop();
    }

    fn flush(&mut self, shared: &Shared<'_>) {
        let flushed = self.report.as_mut().map_or(Ok(()), Report::flush);
        self.check_report(flushed, shared);
    }

    /// A report that can't be written ends the run: what was done could no longer be known.
    fn check_report(&mut self, written: io::Result<()>, shared: &Shared<'_>) {
        if let Err(error) = written {
            let path = self.report.take().map_or_else(PathBuf::new, Report::into_path);
            self.failure = Some(RunError::Report { path, error });
            shared.queue.stop();
        }
    }

    fn finish(self, sources: &Sources, took: Duration) -> Result<Summary, RunError> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.summary.finish(sources, self.is_cancelled, took)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use dicomblank_core::Rules;

    use super::*;
    use crate::job::{Existing, HardLinks, Order, Syncing};
    use crate::sources::Source;

    /// Rows of what was done long ago go at once, others when there are enough.
    #[test]
    fn rows_are_collected_for_a_tick() {
        let source = Arc::new(Source { given: "/a".into(), canonical: "/a".into(), kind: Kind::File });
        let row = || {
            Row::new(Place { source: source.clone(), folder: Path::new("").into(), name: "a".into() }, Fate::SKIPPED)
        };
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

    #[test]
    fn there_are_no_more_workers_than_can_have_something_to_do() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        for (sources, asked, needed) in [
            (&["Cargo.toml"][..], 8, 1),
            (&["Cargo.toml", "src/lib.rs", "src/run.rs"], 8, 3),
            (&["Cargo.toml", "src/lib.rs", "src/run.rs"], 2, 2),
            (&["src"], 8, 8),
            (&["Cargo.toml", "src"], 8, 8),
        ] {
            let order = Order {
                sources: sources.iter().map(|name| here.join(name)).collect(),
                output: None,
                rules: Rules::new([], []).unwrap(),
                existing: Existing::Refuse,
                hard_links: HardLinks::Refuse,
                sync: Syncing::None,
                workers: Some(asked),
                report: None,
            };
            assert_eq!(Job::new(order).unwrap().workers_needed(), needed, "{sources:?}");
        }
    }
}
