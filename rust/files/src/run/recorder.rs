//! The caller's thread of a run over objects: it counts rows and writes the report file.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::driver::RunError;
use super::job::create_report_file;
use crate::order::inputs::Inputs;
use crate::order::usage::UsageError;
use crate::report::counts::Report;
use crate::report::jsonl::{ReportFile, Run};
use crate::report::row::Row;

/// The report file says how far the run is at most this often.
const PACE: Duration = Duration::from_secs(1);

/// Counts rows and writes the report file: what the caller's thread does in a run over files.
#[derive(Debug)]
pub struct Recorder {
    file: Option<ReportFile>,
    report: Report,
    inputs: Arc<Inputs>,
    start: Instant,
    last_pace: Instant,
}

impl Recorder {
    pub(super) fn new(file: Option<ReportFile>, inputs: Arc<Inputs>) -> Self {
        let now = Instant::now();
        Self { file, report: Report::default(), inputs, start: now, last_pace: now }
    }

    /// Whether the report file is the process's standard output.
    #[must_use]
    pub fn reports_to_stdout(&self) -> bool {
        self.file.as_ref().is_some_and(ReportFile::is_stdout)
    }

    /// Creates the report file of a run that was made without one: in a ledger, where no object is.
    ///
    /// # Errors
    /// [`UsageError`].
    pub fn report_to(&mut self, path: &Path) -> Result<(), UsageError> {
        self.file = Some(create_report_file(path, None, None)?);
        Ok(())
    }

    /// Writes what the run is asked to do. Its time begins now.
    pub(super) fn begin(&mut self, run: &Run<'_>) -> Result<(), RunError> {
        (self.start, self.last_pace) = (Instant::now(), Instant::now());
        self.written(|file| file.begin(run))
    }

    /// Counts a row. It is in the report file once that is flushed.
    ///
    /// # Errors
    /// [`RunError::Report`].
    pub fn add(&mut self, row: Row) -> Result<(), RunError> {
        let written = self.written(|file| file.add(std::slice::from_ref(&row)));
        self.report.add(row);
        written
    }

    /// Says how far the run is, if it is time, and flushes the report file.
    ///
    /// # Errors
    /// [`RunError::Report`].
    pub fn tick(&mut self, in_flight: usize) -> Result<(), RunError> {
        let (took, files) = (self.start.elapsed(), self.report.files());
        if self.last_pace.elapsed() >= PACE {
            self.last_pace = Instant::now();
            self.written(|file| file.pace(took, files, in_flight))?;
        }
        self.written(ReportFile::flush)
    }

    /// The counts, at the end of the run.
    ///
    /// # Errors
    /// [`RunError::Report`].
    pub fn finish(mut self, is_cancelled: bool) -> Result<Report, RunError> {
        let report = std::mem::take(&mut self.report).finish(&self.inputs, is_cancelled, self.start.elapsed());
        self.written(|file| file.end(&report))?;
        Ok(report)
    }

    fn written(&mut self, write: impl FnOnce(&mut ReportFile) -> io::Result<()>) -> Result<(), RunError> {
        let written = self.file.as_mut().map_or(Ok(()), write);
        written.map_err(|error| {
            let path = self.file.take().map_or_else(PathBuf::new, ReportFile::into_path);
            RunError::Report { path, error }
        })
    }
}
