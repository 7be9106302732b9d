//! One open file on its way to another, from front to back: bytes that are given, ranges that the system copies, holes.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use crate::error::FileError;
use crate::order::choices::Syncing;
use crate::read::opened::Opened;
use crate::unix;
use crate::watch::{Begun, Watch};

/// What the system is not asked to copy, in bytes: less than this is read and written. About a header.
pub(super) const NEAR: usize = 16 * 1024;
/// A file of up to this many bytes is read and written in one piece: two calls, and the system would need as many.
const SMALL: u64 = 64 * 1024;
/// After this many bytes, a copy that will be flushed is flushed already. So the last flush, which can't be
/// interrupted, is short.
pub(crate) const SYNC_AFTER: u64 = 32 * 1024 * 1024;

/// A file that is being copied. All that is done is before one offset, which only moves forward.
pub(crate) struct Transfer<'a> {
    pub(super) opened: &'a Opened<'a>,
    to: &'a File,
    /// The path that `to` will get, for errors.
    target: &'a Path,
    watch: &'a Watch,
    work: Begun<'a>,
    sync: Syncing,
    /// The offset before which all is written.
    pub(super) done: u64,
    /// Whether the system copies, as far as is known.
    pub(super) hands_over: bool,
}

impl<'a> Transfer<'a> {
    /// From the file `opened` to the new file `to`, which will get the path `target`.
    pub(crate) fn new(opened: &'a Opened<'a>, to: &'a File, target: &'a Path, watch: &'a Watch, sync: Syncing) -> Self {
        let hands_over = opened.stat.size > SMALL;
        let work = watch.begin(opened.stat.size);
        Self { opened, to, target, watch, work, sync, done: 0, hands_over }
    }

    /// The size of the file.
    pub(super) fn size(&self) -> u64 {
        self.opened.stat.size
    }

    /// An error if the run is cancelled.
    pub(super) fn check_cancelled(&self) -> Result<(), FileError> {
        if self.watch.is_cancelled() { Err(FileError::Interrupted) } else { Ok(()) }
    }

    /// Writes the next bytes. In the copy of a sparse file, bytes that are all zero become a hole, which reads the
    /// same.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let end = self.done + bytes.len() as u64;
        if self.opened.stat.is_sparse && bytes.iter().all(|byte| *byte == 0) {
            return self.skip(end);
        }
        self.to.write_all(bytes).map_err(|error| FileError::io(self.target, error))?;
        self.advance(end)
    }

    /// Leaves a hole up to `end`.
    fn skip(&mut self, end: u64) -> Result<(), FileError> {
        let moved = self.to.seek(SeekFrom::Start(end));
        moved.map_err(|error| FileError::io(self.target, error))?;
        self.advance(end)
    }

    /// Has the system copy up to `end`, or up to where the rest is too short to be worth it. Holes of a sparse file
    /// stay holes.
    pub(super) fn hand_over(&mut self, end: u64) -> Result<(), FileError> {
        while self.done < end {
            let mut until = end;
            if self.opened.stat.is_sparse {
                let data = unix::data_from(&self.opened.file, self.done, end);
                if data > self.done {
                    self.skip(data)?;
                    continue;
                }
                until = unix::hole_from(&self.opened.file, self.done, end);
            }
            if until - self.done < NEAR as u64 || !self.copy_range(until)? {
                break;
            }
        }
        Ok(())
    }

    /// Has the system copy up to `end`. Says whether it did. An error, or nothing copied, means nothing yet: reading
    /// and writing meet it again, and tell which file it is of.
    fn copy_range(&mut self, end: u64) -> Result<bool, FileError> {
        while self.hands_over && self.done < end && !self.watch.is_cancelled() {
            // No more at a time than a person who presses Ctrl-C would wait for.
            let count = unix::copy_range(&self.opened.file, self.done, self.to, (end - self.done).min(SYNC_AFTER));
            match count {
                Ok(count) if count > 0 => self.advance(self.done + count)?,
                _ => self.hands_over = false,
            }
        }
        Ok(self.done == end)
    }

    /// Moves on to `end`: all before it is written.
    fn advance(&mut self, end: u64) -> Result<(), FileError> {
        if self.sync == Syncing::All && self.done / SYNC_AFTER != end / SYNC_AFTER {
            unix::sync_data(self.to).map_err(|error| FileError::io(self.target, error))?;
        }
        self.work.advance(end - self.done);
        self.done = end;
        Ok(())
    }

    /// Gives the new file its size, after the last byte.
    pub(super) fn finish(self) -> Result<(), FileError> {
        if self.opened.stat.is_sparse {
            // A hole at the end comes only with the size.
            self.to.set_len(self.size()).map_err(|error| FileError::io(self.target, error))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::testing::{Scratch, sample};

    #[test]
    fn a_copy_is_synced_where_it_passes_so_many_bytes() {
        const AFTER: u64 = SYNC_AFTER;
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (from, target) = (folder.join("from"), folder.join("to"));
        fs::write(&from, sample().0).unwrap();
        let (opened, to) = (Opened::to_read(&from).unwrap(), File::create(&target).unwrap());
        let watch = Watch::default();
        for (sync, start, end, expected) in [
            (Syncing::All, 0, AFTER - 1, vec![]),
            (Syncing::All, AFTER - 1, AFTER, vec!["sync data"]),
            (Syncing::All, AFTER, 2 * AFTER - 1, vec![]),
            (Syncing::All, AFTER + 1, 2 * AFTER + 1, vec!["sync data"]),
            (Syncing::All, 1, 5 * AFTER, vec!["sync data"]),
            (Syncing::None, 0, AFTER, vec![]),
        ] {
            let mut transfer = Transfer::new(&opened, &to, &target, &watch, sync);
            transfer.done = start;
            transfer.advance(end).unwrap();
            assert_eq!(transfer.done, end);
            assert_eq!(unix::steps::take(), expected);
        }
    }
}
