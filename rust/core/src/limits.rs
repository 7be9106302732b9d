//! What one file may cost. A limit is spent, never just compared, so that nothing is counted twice or forgotten.

use crate::error::ErrorKind;

/// Budgets for one source. Each number says where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nesting of sequences. Structured reports reach about ten; pydicom, whose reader recurses, gives up between 100 and 200 levels.
    /// What its users can read, we can, twice over.
    pub depth: u32,
    /// Headers read, those of failed tries included. A DICOMDIR of a million records has about twenty million; at some 30 ns each
    /// the limit bounds a hostile file to seconds. A source has room for a header in every 8 bytes, and may have each of them read 16
    /// times if that is less: tries inside tries double the work at each level, and this keeps it in proportion to the file's size.
    /// Four levels that fail in both syntaxes fit; real files have one.
    pub elements: u64,
    /// Values to blank. An edit is 24 bytes and its place in the path at most 12 more, which keeps a plan below 20 MB.
    pub edits: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 384, elements: 64 * 1024 * 1024, edits: 512 * 1024 }
    }
}

/// What is left of the headers that may be read, and of the looks ahead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    headers: u64,
    limit: u64,
    looks: u64,
    looks_limit: u64,
    /// Where was looked last.
    near: u64,
}

impl Budget {
    /// What a source of `size` bytes may cost.
    pub(crate) fn new(limits: &Limits, size: u64) -> Self {
        /// No header is shorter (PS3.5 §7.1).
        const HEADER: u64 = 8;
        const TIMES: u64 = 4;
        /// So many looks are never too many.
        const LEAST: u64 = 4096;
        let limit = limits.elements.min(TIMES.saturating_mul(size.div_ceil(HEADER)));
        let looks_limit = limit.max(LEAST);
        Self { headers: limit, limit, looks: looks_limit, looks_limit, near: 0 }
    }

    /// Pays for one header.
    #[inline]
    pub(crate) fn spend(&mut self) -> Result<(), ErrorKind> {
        self.headers = self.headers.checked_sub(1).ok_or(ErrorKind::TooManyElements { limit: self.limit })?;
        Ok(())
    }

    /// Pays for a look at `at`: as for a header where that is near the last look, and as for the bytes of a window where it is not, since
    /// those are read for it.
    pub(crate) fn spend_look(&mut self, at: u64) -> Result<(), ErrorKind> {
        const WINDOW: u64 = 4096;
        const FAR: u64 = WINDOW / 8;
        let is_near = at.abs_diff(self.near) < WINDOW;
        self.near = at;
        self.spend_looks(if is_near { 1 } else { FAR })
    }

    /// Pays for `count` bytes that are looked through.
    pub(crate) fn spend_bytes(&mut self, count: u64) -> Result<(), ErrorKind> {
        /// Zeros and tags are found many times as fast as headers are read.
        const BYTES: u64 = 64;
        self.spend_looks(count.div_ceil(BYTES))
    }

    fn spend_looks(&mut self, count: u64) -> Result<(), ErrorKind> {
        self.looks = self.looks.checked_sub(count).ok_or(ErrorKind::TooManyElements { limit: self.looks_limit })?;
        Ok(())
    }
}
