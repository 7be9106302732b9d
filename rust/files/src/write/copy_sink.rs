//! The bytes of a copy on their way: what is edited goes through memory, the rest from file to file by the system.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use dicomblank_core::{Fill, Sink};

use crate::error::FileError;
use crate::order::choices::Syncing;
use crate::read::opened::Opened;
use crate::unix;
use crate::watch::{Begun, Watch};

/// Bytes read, edited and written at a time where the system does not copy.
pub(crate) const CHUNK: usize = 256 * 1024;

/// The same where it does: about a header, and a multiple of the blocks that file systems can share between files.
const NEAR: usize = 16 * 1024;
const BLOCK: u64 = 4096;
/// Up to here a file is read and written in one piece: two calls, and the system's way has as many.
const SMALL: u64 = 64 * 1024;

/// Bytes after which a copy that is to be synced is synced already, so that the last call has few to write: it can't be interrupted.
pub(crate) const SYNC_AFTER: u64 = 32 * 1024 * 1024;

/// A copy under way, as the core's [`Sink`]: a chunk of the source in memory at a time, which is edited before it is written. The edits
/// come in order, so that the chunks only move forward. What lies far between two edits, or behind the last, the system copies
/// (`copy_file_range`), which shares the blocks where the file system can. To share all of them and overwrite then was the other road: on
/// the target's disk there would be names for a while.
pub(crate) struct CopySink<'a> {
    opened: &'a Opened<'a>,
    to: &'a File,
    target: &'a Path,
    watch: &'a Watch,
    work: Begun<'a>,
    sync: Syncing,
    chunk: &'a mut [u8],
    /// Where in the file the chunk starts.
    start: u64,
    filled: usize,
    /// Whether the system copies, as far as is known.
    hands_over: bool,
}

impl<'a> CopySink<'a> {
    /// From the file `opened` to the new file `to`, which will be `target`; through `chunk`, whose length is what is read at a time.
    pub(crate) fn new(
        opened: &'a Opened<'a>,
        to: &'a File,
        target: &'a Path,
        watch: &'a Watch,
        sync: Syncing,
        chunk: &'a mut [u8],
    ) -> Self {
        let hands_over = opened.stat.size > SMALL;
        let work = watch.begin(opened.stat.size);
        Self { opened, to, target, watch, work, sync, chunk, start: 0, filled: 0, hands_over }
    }

    /// Takes the first bytes of the file from `head`, where they are from the walk, and reads what else the chunk holds.
    pub(crate) fn begin(&mut self, head: &[u8]) -> Result<(), FileError> {
        let known = head.len().min(self.chunk.len());
        self.chunk[..known].copy_from_slice(&head[..known]);
        self.read(known)
    }

    fn end(&self) -> u64 {
        self.start + self.filled as u64
    }

    /// Writes the chunk, and what is far before `offset`, and reads the next one.
    fn step(&mut self, offset: u64) -> Result<(), FileError> {
        self.flush()?;
        self.hand_over(offset - offset % BLOCK)?;
        if self.watch.is_cancelled() {
            return Err(FileError::Interrupted);
        }
        if self.start == self.opened.stat.size {
            return Err(FileError::Changed); // of which the plan says that there is more
        }
        self.read(0)
    }

    /// Fills the chunk, of which the first `known` bytes are there.
    fn read(&mut self, known: usize) -> Result<(), FileError> {
        let here = usize::try_from(self.opened.stat.size - self.start).unwrap_or(usize::MAX);
        let wanted = if self.hands_over { self.chunk.len().min(NEAR) } else { self.chunk.len() };
        let length = wanted.min(here);
        if known < length {
            let rest = &mut self.chunk[known..length];
            self.opened.read_exactly(self.start + known as u64, rest)?;
        }
        self.filled = length;
        Ok(())
    }

    /// Writes the chunk. Of a sparse file, zeros become a hole: they are one there, or were blanked to what they were.
    fn flush(&mut self) -> Result<(), FileError> {
        let end = self.end();
        let chunk = &self.chunk[..self.filled];
        if self.opened.stat.is_sparse && chunk.iter().all(|byte| *byte == 0) {
            return self.skip(end);
        }
        self.to.write_all(chunk).map_err(|error| FileError::io(self.target, error))?;
        self.filled = 0;
        self.advance(end)
    }

    /// Leaves a hole up to `end`.
    fn skip(&mut self, end: u64) -> Result<(), FileError> {
        self.filled = 0;
        let moved = self.to.seek(SeekFrom::Start(end));
        moved.map_err(|error| FileError::io(self.target, error))?;
        self.advance(end)
    }

    /// Has the system copy up to `end`, without the holes of a sparse file, and up to where less is left than it is worth.
    fn hand_over(&mut self, end: u64) -> Result<(), FileError> {
        while self.start < end {
            let mut until = end;
            if self.opened.stat.is_sparse {
                let data = unix::data_from(&self.opened.file, self.start, end);
                if data > self.start {
                    self.skip(data)?;
                    continue;
                }
                until = unix::hole_from(&self.opened.file, self.start, end);
            }
            if until - self.start < NEAR as u64 || !self.copy_range(until)? {
                break;
            }
        }
        Ok(())
    }

    /// Has the system copy up to `end`, and says whether it did. An error, or nothing copied, is no news yet: to read and to write meets it
    /// again, and tells whose it is.
    fn copy_range(&mut self, end: u64) -> Result<bool, FileError> {
        while self.hands_over && self.start < end && !self.watch.is_cancelled() {
            // Not more at a time than a person who presses Ctrl-C would wait for.
            let count = unix::copy_range(&self.opened.file, self.start, self.to, (end - self.start).min(SYNC_AFTER));
            match count {
                Ok(count) if count > 0 => self.advance(self.start + count)?,
                _ => self.hands_over = false,
            }
        }
        Ok(self.start == end)
    }

    /// What is before `end` is written.
    fn advance(&mut self, end: u64) -> Result<(), FileError> {
        if self.sync == Syncing::All && self.start / SYNC_AFTER != end / SYNC_AFTER {
            unix::sync_data(self.to).map_err(|error| FileError::io(self.target, error))?;
        }
        self.work.advance(end - self.start);
        self.start = end;
        Ok(())
    }

    /// Writes what is behind the last edit.
    pub(crate) fn finish(mut self) -> Result<(), FileError> {
        let size = self.opened.stat.size;
        self.flush()?;
        self.hand_over(size)?;
        while self.start < size {
            if self.watch.is_cancelled() {
                return Err(FileError::Interrupted);
            }
            self.read(0)?;
            self.flush()?;
            self.hand_over(size)?;
        }
        if self.opened.stat.is_sparse {
            // A hole at the end is none until the file has its size.
            self.to.set_len(size).map_err(|error| FileError::io(self.target, error))?;
        }
        Ok(())
    }
}

impl Sink for CopySink<'_> {
    type Error = FileError;

    fn size(&self) -> u64 {
        self.opened.stat.size
    }

    fn write(&mut self, fill: Fill<'_>) -> Result<(), FileError> {
        let span = fill.span();
        while self.end() <= span.start() {
            self.step(span.start())?;
        }
        loop {
            fill.write_over(self.start, &mut self.chunk[..self.filled]);
            if span.end() <= self.end() {
                return Ok(());
            }
            self.step(self.end())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use dicomblank_core::{ApplyError, Limits, Rules, SliceSink, SliceSource, Span, Tag, apply, plan};

    use super::*;
    use crate::testing::{Scratch, sample};

    /// Every way in which edits can lie in chunks: within one, over the end of one, over several; and what was asked of the disk.
    #[test]
    fn chunks_of_any_size_make_the_same_copy() {
        let (bytes, rules) = sample();
        let plan = plan(&mut SliceSource::new(&bytes), &rules, &Limits::default()).unwrap();
        assert_eq!(plan.edits().len(), 3);
        let mut expected = bytes.clone();
        apply(&plan, &mut SliceSink::new(&mut expected)).unwrap();

        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (from, target) = (folder.join("from"), folder.join("to"));
        fs::write(&from, &bytes).unwrap();
        let opened = Opened::to_read(&from).unwrap();
        let (watch, sync) = (Watch::default(), Syncing::None);
        for (size, head) in (1..=bytes.len() + 1).flat_map(|size| [0, 1, 30, bytes.len()].map(|head| (size, head))) {
            let to = File::create(&target).unwrap();
            let (opened, target, chunk) = (&opened, target.as_path(), &mut vec![0; size][..]);
            let mut stream = CopySink::new(opened, &to, target, &watch, sync, chunk);
            stream.begin(&bytes[..head]).unwrap();
            apply(&plan, &mut stream).unwrap();
            stream.finish().unwrap();
            assert_eq!(fs::read(target).unwrap(), expected, "{size} and {head}");
        }
        let watch = Watch::when(|| true);
        let (to, chunk) = (File::create(&target).unwrap(), &mut [0; 8][..]);
        let mut stream = CopySink::new(&opened, &to, &target, &watch, sync, chunk);
        assert!(matches!(apply(&plan, &mut stream), Err(ApplyError::Sink(FileError::Interrupted))));
    }

    /// Bytes that are given, within one chunk, over the ends of chunks, and two values beside each other.
    #[test]
    fn given_bytes_are_written_over_the_ends_of_chunks() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (from, target) = (folder.join("from"), folder.join("to"));
        fs::write(&from, b"0123456789abcdef").unwrap();
        let opened = Opened::to_read(&from).unwrap();
        let (watch, sync) = (Watch::default(), Syncing::None);
        for size in 1..=17 {
            let (to, chunk) = (File::create(&target).unwrap(), &mut vec![0; size][..]);
            let mut stream = CopySink::new(&opened, &to, &target, &watch, sync, chunk);
            stream.begin(&[]).unwrap();
            for (start, bytes) in [(2, &b"CDEFGHI"[..]), (9, b"J"), (12, b"MNO")] {
                let span = Span::new(start, bytes.len() as u64).unwrap();
                stream.write(Fill::bytes(span, bytes).unwrap()).unwrap();
            }
            stream.finish().unwrap();
            assert_eq!((size, &*fs::read(&target).unwrap()), (size, &b"01CDEFGHIJabMNOf"[..]));
        }
    }

    #[test]
    fn a_source_that_has_become_shorter_is_noticed() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (from, target) = (folder.join("from"), folder.join("to"));
        fs::write(&from, sample().0).unwrap();
        let opened = Opened::to_read(&from).unwrap();
        File::options().write(true).open(&from).unwrap().set_len(opened.stat.size - 1).unwrap();
        let (to, watch) = (File::create(&target).unwrap(), Watch::default());
        let chunk = &mut vec![0; CHUNK][..];
        let mut stream = CopySink::new(&opened, &to, &target, &watch, Syncing::None, chunk);
        assert!(matches!(stream.begin(&[]), Err(FileError::Changed)));
    }

    /// Edits in the first chunk, behind a long way, at the ends of blocks, and a long way before the end; by the system and without it.
    #[test]
    fn the_system_copies_what_is_between_the_edits() {
        let name =
            |length: u16| [&b"\x10\0\x10\0LO"[..], &length.to_le_bytes(), &vec![b'x'; usize::from(length)]].concat();
        let far = |length: u32| {
            let pattern: Vec<u8> = (0..=250).cycle().take(length as usize).collect();
            [&b"\x11\0\x10\0OB\0\0"[..], &length.to_le_bytes(), &pattern].concat()
        };
        let parts = [name(10), far(70_000), name(4), far(9000), name(300), far(200_000), name(40_000), far(300_000)];
        let bytes = parts.concat();
        let rules = Rules::new([Tag::new(0x10, 0x10)], []).unwrap();
        let plan = plan(&mut SliceSource::new(&bytes), &rules, &Limits::default()).unwrap();
        assert_eq!(plan.edits().len(), 4);
        let mut expected = bytes.clone();
        apply(&plan, &mut SliceSink::new(&mut expected)).unwrap();

        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (from, target) = (folder.join("from"), folder.join("to"));
        fs::write(&from, &bytes).unwrap();
        let opened = Opened::to_read(&from).unwrap();
        let watch = Watch::default();
        for (hands_over, head) in [(true, 0), (true, NEAR), (false, 0), (false, NEAR)] {
            let (to, chunk) = (File::create(&target).unwrap(), &mut vec![0; CHUNK][..]);
            let mut stream = CopySink::new(&opened, &to, &target, &watch, Syncing::None, chunk);
            stream.hands_over &= hands_over;
            stream.begin(&bytes[..head]).unwrap();
            assert_eq!(stream.filled, if hands_over { NEAR } else { CHUNK });
            apply(&plan, &mut stream).unwrap();
            stream.finish().unwrap();
            assert!(fs::read(&target).unwrap() == expected, "{hands_over} and {head}");
        }
        // Up to the block that an edit is in, and no further.
        let (to, chunk, second) = (File::create(&target).unwrap(), &mut vec![0; CHUNK][..], plan.edits()[1].span());
        let mut stream = CopySink::new(&opened, &to, &target, &watch, Syncing::None, chunk);
        stream.begin(&[]).unwrap();
        stream.step(second.start()).unwrap();
        let is_able = unix::copy_range(&opened.file, 0, &File::create(folder.join("one")).unwrap(), 1).is_ok();
        assert_eq!(stream.hands_over, is_able);
        assert!(!is_able || (stream.start == second.start() / BLOCK * BLOCK && stream.filled == NEAR));
        // Of a file that has become shorter it copies nothing.
        File::options().write(true).open(&from).unwrap().set_len(second.start()).unwrap();
        assert!(matches!(stream.finish(), Err(FileError::Changed)));
    }

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
            let mut stream = CopySink::new(&opened, &to, &target, &watch, sync, &mut []);
            stream.start = start;
            stream.advance(end).unwrap();
            assert_eq!(stream.start, end);
            assert_eq!(unix::steps::take(), expected);
        }
    }

    /// By the system and without it, synced and not: the same bytes, and no more room than the source takes, but for the pieces that are read.
    #[test]
    fn holes_stay_holes_whoever_copies() {
        use std::os::unix::fs::{FileExt, MetadataExt};

        const HOLE: usize = 8 << 20;
        let name = b"\x10\0\x10\0LO\x02\0ab";
        let far = [&b"\x11\0\x10\0OB\0\0"[..], &u32::try_from(HOLE).unwrap().to_le_bytes()].concat();
        // Two bytes amid the hole, and one at the end of it; a hole that is blanked to what it was; one at the end of the file.
        let parts = [&name[..], &far, &vec![0; HOLE], name, &far, &vec![0; HOLE], name, &vec![0; HOLE + 5]];
        let mut bytes = parts.concat();
        let first = name.len() + far.len();
        for place in [first + HOLE / 2 + 100, first + HOLE / 2 + 8292, first + HOLE - 1] {
            bytes[place] = 1;
        }
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (from, target) = (folder.join("from"), folder.join("to"));
        let file = File::create(&from).unwrap();
        file.set_len(bytes.len() as u64).unwrap();
        for (number, block) in bytes.chunks(4096).enumerate().filter(|(_, block)| block.iter().any(|byte| *byte != 0)) {
            file.write_all_at(block, number as u64 * 4096).unwrap();
        }
        file.sync_all().unwrap();
        let opened = Opened::to_read(&from).unwrap();
        if !opened.stat.is_sparse {
            eprintln!("skipped: no sparse files here");
            return;
        }
        let (name, far) = (Tag::new(0x10, 0x10), Tag::new(0x11, 0x10));
        let watch = Watch::default();
        for tags in [vec![name], vec![name, far]] {
            let rules = Rules::new(tags, []).unwrap();
            let plan = plan(&mut SliceSource::new(&bytes), &rules, &Limits::default()).unwrap();
            let mut expected = bytes.clone();
            apply(&plan, &mut SliceSink::new(&mut expected)).unwrap();
            for (hands_over, sync) in [(true, Syncing::None), (false, Syncing::None), (true, Syncing::All)] {
                let (to, chunk) = (File::create(&target).unwrap(), &mut vec![0; CHUNK][..]);
                let mut stream = CopySink::new(&opened, &to, &target, &watch, sync, chunk);
                stream.hands_over &= hands_over;
                stream.begin(&[]).unwrap();
                apply(&plan, &mut stream).unwrap();
                stream.finish().unwrap();
                assert!(fs::read(&target).unwrap() == expected, "{hands_over}");
                let room = fs::metadata(&target).unwrap().blocks() * 512;
                assert!(room < 6 * CHUNK as u64, "{room}, {hands_over}");
            }
        }
    }
}
