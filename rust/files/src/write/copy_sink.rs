//! The bytes of a copy on their way: a chunk with edits goes through memory, the system copies the rest from file to
//! file.

use dicomblank_core::{Fill, Sink};

use super::transfer::{NEAR, Transfer};
use crate::error::FileError;

/// Bytes read, edited and written at a time, if the system does not copy.
pub(crate) const CHUNK: usize = 256 * 1024;
/// File systems can share blocks of this size between files.
const BLOCK: u64 = 4096;
/// A copy that is being written, as the core's [`Sink`]. A chunk of the source at a time is in memory, and is edited
/// before it is written. The edits come in order, so that the chunks only move forward. What lies far between two
/// edits, or behind the last one, the system copies (`copy_file_range`): it shares the blocks, if the file system can.
///
/// Rejected: to share all blocks, and to overwrite the values then. For a while there would be names on the disk of the
/// target.
pub(crate) struct CopySink<'a> {
    transfer: Transfer<'a>,
    /// The buffer, of which the first `filled` bytes are the chunk. It follows what is written.
    chunk: &'a mut [u8],
    filled: usize,
}

impl<'a> CopySink<'a> {
    /// Copies by `transfer`, which has not begun. The length of `chunk` is what is read at a time.
    pub(crate) fn new(transfer: Transfer<'a>, chunk: &'a mut [u8]) -> Self {
        Self { transfer, chunk, filled: 0 }
    }

    /// Takes the first bytes of the file from `head`, where the walk has left them, and reads the rest of the chunk.
    pub(crate) fn begin(&mut self, head: &[u8]) -> Result<(), FileError> {
        let known = head.len().min(self.chunk.len());
        self.chunk[..known].copy_from_slice(&head[..known]);
        self.read(known)
    }

    fn end(&self) -> u64 {
        self.transfer.done + self.filled as u64
    }

    /// Writes the chunk, has the system copy up to the block of `offset` if that is far, and reads the next chunk.
    fn step(&mut self, offset: u64) -> Result<(), FileError> {
        self.flush()?;
        self.transfer.hand_over(offset - offset % BLOCK)?;
        self.transfer.check_cancelled()?;
        if self.transfer.done == self.transfer.size() {
            return Err(FileError::Changed); // the plan has a value behind the end
        }
        self.read(0)
    }

    /// Fills the chunk. Its first `known` bytes are there.
    fn read(&mut self, known: usize) -> Result<(), FileError> {
        let here = usize::try_from(self.transfer.size() - self.transfer.done).unwrap_or(usize::MAX);
        let wanted = if self.transfer.hands_over { self.chunk.len().min(NEAR) } else { self.chunk.len() };
        let length = wanted.min(here);
        if known < length {
            let start = self.transfer.done + known as u64;
            self.transfer.opened.read_exactly(start, &mut self.chunk[known..length])?;
        }
        self.filled = length;
        Ok(())
    }

    /// Writes the chunk.
    fn flush(&mut self) -> Result<(), FileError> {
        let filled = std::mem::take(&mut self.filled);
        self.transfer.write(&self.chunk[..filled])
    }

    /// Writes all that is behind the last edit.
    pub(crate) fn finish(mut self) -> Result<(), FileError> {
        let size = self.transfer.size();
        self.flush()?;
        self.transfer.hand_over(size)?;
        while self.transfer.done < size {
            self.transfer.check_cancelled()?;
            self.read(0)?;
            self.flush()?;
            self.transfer.hand_over(size)?;
        }
        self.transfer.finish()
    }
}

impl Sink for CopySink<'_> {
    type Error = FileError;

    fn size(&self) -> u64 {
        self.transfer.size()
    }

    fn write(&mut self, fill: Fill<'_>) -> Result<(), FileError> {
        let span = fill.span();
        while self.end() <= span.start() {
            self.step(span.start())?;
        }
        loop {
            fill.write_over(self.transfer.done, &mut self.chunk[..self.filled]);
            if span.end() <= self.end() {
                return Ok(());
            }
            self.step(self.end())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::path::Path;

    use dicomblank_core::{ApplyError, Limits, Rules, SliceSink, SliceSource, Span, Tag, apply, plan};

    use super::*;
    use crate::order::choices::Syncing;
    use crate::read::opened::Opened;
    use crate::testing::{Scratch, sample};
    use crate::unix;
    use crate::watch::Watch;

    fn sink<'a>(
        opened: &'a Opened<'a>,
        to: &'a File,
        target: &'a Path,
        watch: &'a Watch,
        sync: Syncing,
        chunk: &'a mut [u8],
    ) -> CopySink<'a> {
        CopySink::new(Transfer::new(opened, to, target, watch, sync), chunk)
    }

    /// All positions of edits in chunks: within one, over the end of one, over several. And what is asked of the disk.
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
            let mut stream = sink(opened, &to, target, &watch, sync, chunk);
            stream.begin(&bytes[..head]).unwrap();
            apply(&plan, &mut stream).unwrap();
            stream.finish().unwrap();
            assert_eq!(fs::read(target).unwrap(), expected, "{size} and {head}");
        }
        let watch = Watch::when(|| true);
        let (to, chunk) = (File::create(&target).unwrap(), &mut [0; 8][..]);
        let mut stream = sink(&opened, &to, &target, &watch, sync, chunk);
        assert!(matches!(apply(&plan, &mut stream), Err(ApplyError::Sink(FileError::Interrupted))));
    }

    /// Given bytes: within one chunk, over the ends of chunks, and for two values beside each other.
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
            let mut stream = sink(&opened, &to, &target, &watch, sync, chunk);
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
        let mut stream = sink(&opened, &to, &target, &watch, Syncing::None, chunk);
        assert!(matches!(stream.begin(&[]), Err(FileError::Changed)));
    }

    /// Edits in the first chunk, far behind it, at the ends of blocks, and far before the end; by the system and
    /// without it.
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
            let mut stream = sink(&opened, &to, &target, &watch, Syncing::None, chunk);
            stream.transfer.hands_over &= hands_over;
            stream.begin(&bytes[..head]).unwrap();
            assert_eq!(stream.filled, if hands_over { NEAR } else { CHUNK });
            apply(&plan, &mut stream).unwrap();
            stream.finish().unwrap();
            assert!(fs::read(&target).unwrap() == expected, "{hands_over} and {head}");
        }
        // It copies up to the block that an edit is in, and no further.
        let (to, chunk, second) = (File::create(&target).unwrap(), &mut vec![0; CHUNK][..], plan.edits()[1].span());
        let mut stream = sink(&opened, &to, &target, &watch, Syncing::None, chunk);
        stream.begin(&[]).unwrap();
        stream.step(second.start()).unwrap();
        let is_able = unix::copy_range(&opened.file, 0, &File::create(folder.join("one")).unwrap(), 1).is_ok();
        assert_eq!(stream.transfer.hands_over, is_able);
        assert!(!is_able || (stream.transfer.done == second.start() / BLOCK * BLOCK && stream.filled == NEAR));
        // It copies nothing of a file that has become shorter.
        File::options().write(true).open(&from).unwrap().set_len(second.start()).unwrap();
        assert!(matches!(stream.finish(), Err(FileError::Changed)));
    }

    /// By the system and without it, flushed and not: the same bytes, and no more room than the source takes, but for
    /// the chunks that are read.
    #[test]
    fn holes_stay_holes_with_and_without_the_system() {
        use std::os::unix::fs::{FileExt, MetadataExt};

        const HOLE: usize = 8 << 20;
        let name = b"\x10\0\x10\0LO\x02\0ab";
        let far = [&b"\x11\0\x10\0OB\0\0"[..], &u32::try_from(HOLE).unwrap().to_le_bytes()].concat();
        // Two bytes within the hole, and one at the end of it; a hole that is a value to blank; a hole at the end of
        // the file.
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
                let mut stream = sink(&opened, &to, &target, &watch, sync, chunk);
                stream.transfer.hands_over &= hands_over;
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
