//! What a run tells while it goes on, and to whom.

use std::ops::ControlFlow;

use crate::report::row::Row;

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Files with a row.
    pub done: u64,
    /// Files found so far.
    pub found: u64,
    /// Whether folders are still being listed, so that more may be found.
    pub is_listing: bool,
    /// Bytes done of the large files at work; none where no large file is at work.
    pub bytes_done: u64,
    /// All bytes of them.
    pub bytes_total: u64,
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
