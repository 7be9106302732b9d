//! Running a job: one thread lists, some threads work, the caller's thread counts, writes the report file and tells the
//! observer.

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::job::Job;
use super::progress::Observer;
use super::queue::Queue;
use super::shared::{Shared, TICK};
use super::{lister, worker};
use crate::order::inputs::Inputs;
use crate::order::known::Known;
use crate::report::counts::Report;
use crate::report::jsonl::{ReportFile, Run};
use crate::report::row::Row;
use crate::write::validator::Validator;

/// The observer is told of the progress at most this often.
const PROGRESS: Duration = Duration::from_millis(100);
/// The report file says how far the run is at most this often.
const PACE: Duration = Duration::from_secs(1);
/// This many lists of rows may wait for the caller's thread.
const MESSAGES: usize = 16;

/// Why a run ended early.
#[derive(Debug)]
pub enum RunError {
    /// The report file can't be written. An edit in place that was begun is finished, a copy that was begun is dropped.
    Report {
        /// The report file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// No thread could be started. No file was written.
    Threads(io::Error),
}

impl Job {
    /// What the first row of its report says, as JSON.
    #[must_use]
    pub fn first_row(&self) -> String {
        self.asked().to_string()
    }

    fn asked(&self) -> Run<'_> {
        Run {
            level: self.level.as_deref(),
            rules: &self.rules,
            key: self.keying.key_id(),
            task: &self.task,
            leftovers: self.leftovers,
            known: self.known.as_ref().map_or(0, Known::count),
            list: self.list.as_ref().map(|list| &list.name),
            exclude: self.exclude.given(),
            sources: self.inputs.iter().map(|input| input.given.as_path()).collect(),
            start: SystemTime::now(),
        }
    }

    /// Does the job, to its end or until `observer` cancels it. `validator` is asked about each file.
    ///
    /// # Errors
    /// [`RunError`] if the run itself fails. What is wrong with a file is in its row.
    pub fn run(mut self, validator: Option<&Validator<'_>>, observer: &mut dyn Observer) -> Result<Report, RunError> {
        let start = Instant::now();
        let file = self.report.take();
        let shared = Shared::new(&self, validator);
        // Asked before any file is begun: the caller may have cancelled already.
        let is_cancelled = observer.tick().is_break();
        if is_cancelled {
            shared.queue.stop();
        }
        let mut caller = Caller { file, observer, is_cancelled, report: Report::default(), failure: None };
        caller.begin(&self, &shared);
        thread::scope(|scope| {
            // On a panic of the observer, too: the scope waits for the other threads.
            let _stop_at_end = StopAtEnd(&shared.queue);
            let (sender, receiver) = sync_channel(MESSAGES);
            let to_caller = sender.clone();
            let shared = &shared;
            worker::spawn(scope, move || lister::list(shared, &to_caller)).map_err(RunError::Threads)?;
            worker::hire(scope, shared, &sender).map_err(RunError::Threads)?;
            drop(sender);
            caller.watch(&receiver, shared, start);
            Ok(())
        })?;
        caller.finish(&self.inputs, start.elapsed())
    }
}

/// Stops the queue when it is dropped.
struct StopAtEnd<'a>(&'a Queue);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// The caller's thread: it takes rows.
struct Caller<'a> {
    file: Option<ReportFile>,
    observer: &'a mut dyn Observer,
    is_cancelled: bool,
    /// The counts.
    report: Report,
    failure: Option<RunError>,
}

impl Caller<'_> {
    fn begin(&mut self, job: &Job, shared: &Shared<'_>) {
        let written = self.file.as_mut().map_or(Ok(()), |file| file.begin(&job.asked()));
        self.check_report(written, shared);
    }

    /// Takes rows until no thread is left that could send one.
    fn watch(&mut self, rows: &Receiver<Vec<Row>>, shared: &Shared<'_>, start: Instant) {
        let (mut last_tick, mut last_progress, mut last_pace) = (Instant::now(), Instant::now(), start);
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
            if last_pace.elapsed() >= PACE {
                last_pace = Instant::now();
                let (files, in_flight) = (self.report.files(), shared.crew.present());
                let written = self.file.as_mut().map_or(Ok(()), |file| file.pace(start.elapsed(), files, in_flight));
                self.check_report(written, shared);
            }
            if last_progress.elapsed() >= PROGRESS {
                last_progress = Instant::now();
                self.flush(shared);
                let progress = shared.progress(self.report.files());
                self.tell(shared, |observer| observer.progress(progress));
            }
        }
        let progress = shared.progress(self.report.files());
        self.tell(shared, |observer| observer.progress(progress));
        self.flush(shared);
    }

    fn take(&mut self, rows: Vec<Row>, shared: &Shared<'_>) {
        let written = self.file.as_mut().map_or(Ok(()), |file| file.add(&rows));
        self.check_report(written, shared);
        if self.observer.rows(&rows).is_break() {
            self.cancel(shared);
        }
        for row in rows {
            self.report.add(row);
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
        let flushed = self.file.as_mut().map_or(Ok(()), ReportFile::flush);
        self.check_report(flushed, shared);
    }

    /// A report file that can't be written ends the run: it could no longer be known what was done.
    fn check_report(&mut self, written: io::Result<()>, shared: &Shared<'_>) {
        if let Err(error) = written {
            let path = self.file.take().map_or_else(PathBuf::new, ReportFile::into_path);
            self.failure = Some(RunError::Report { path, error });
            shared.queue.stop();
        }
    }

    fn finish(mut self, inputs: &Inputs, took: Duration) -> Result<Report, RunError> {
        let report = std::mem::take(&mut self.report).finish(inputs, self.is_cancelled, took);
        if let (Some(mut file), None) = (self.file.take(), &self.failure)
            && let Err(error) = file.end(&report)
        {
            self.failure = Some(RunError::Report { path: file.into_path(), error });
        }
        self.failure.map_or(Ok(report), Err)
    }
}
