//! What a run tells its caller while it goes on.

use std::ops::ControlFlow;

use crate::report::row::Row;

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Files that have a row.
    pub done: u64,
    /// Files found so far.
    pub found: u64,
    /// Whether folders are still being listed, so that more may be found.
    pub is_listing: bool,
    /// How many workers there are: at most so many files are in flight.
    pub in_flight: usize,
    /// Bytes done of the large files (64 MiB and more) at work; 0 if there are none.
    pub bytes_done: u64,
    /// All bytes of these files.
    pub bytes_total: u64,
}

/// The caller, who watches a run. Called on the thread that called [`Job::run`](crate::Job::run).
///
/// To break is to cancel. No new file is begun; an edit in place that was begun is finished, a copy that was begun is
/// dropped. The observer is still told of the rows of these files, and of nothing else.
pub trait Observer {
    /// What became of some files. Every file that was done is in one of these calls, however the run ends.
    fn rows(&mut self, rows: &[Row]) -> ControlFlow<()>;
    /// How far the run is. Called at most ten times a second, and at the end.
    fn progress(&mut self, progress: Progress) -> ControlFlow<()>;
    /// Called at least every 50 ms, unless the other two take longer.
    fn tick(&mut self) -> ControlFlow<()>;
}
