//! Reading at an offset: the one way in which bytes are read, wherever they are.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use crate::error::FileError;
use crate::unix;

/// Bytes that can be read at any offset: those of an open file, or in memory.
pub(crate) trait ReadAt {
    /// How many bytes there are.
    fn size(&self) -> u64;

    /// Reads at least `least` bytes at `offset` into `buffer`, and as many more as come with them. Fewer only at the
    /// end.
    fn read_at(&self, offset: u64, buffer: &mut [u8], least: usize) -> io::Result<usize>;

    /// From `start` on, the first range that is in no hole of a sparse file, as far as that is known. All before the
    /// range is zero.
    fn data_from(&self, start: u64) -> Range<u64> {
        start..self.size()
    }

    /// Fills `buffer` with the bytes at `offset`.
    fn read_exactly(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let count = self.read_at(offset, buffer, buffer.len()).map_err(ReadError::Io)?;
        if count < buffer.len() { Err(ReadError::Shrunk) } else { Ok(()) }
    }
}

/// Why bytes could not be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The system's error.
    Io(io::Error),
    /// The file has become shorter.
    Shrunk,
    /// The run was cancelled.
    Cancelled,
}

impl ReadError {
    /// The same, as an error about the file `path`.
    pub(crate) fn about(self, path: &Path) -> FileError {
        match self {
            Self::Io(error) => FileError::io(path, error),
            Self::Shrunk => FileError::Changed,
            Self::Cancelled => FileError::Interrupted,
        }
    }
}

/// The bytes of an open file.
#[derive(Clone, Copy)]
pub(crate) struct FileBytes<'a> {
    pub(crate) file: &'a File,
    /// As `fstat` gave it.
    pub(crate) size: u64,
}

impl ReadAt for FileBytes<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8], least: usize) -> io::Result<usize> {
        unix::read_at(self.file, buffer, least, offset)
    }

    fn data_from(&self, start: u64) -> Range<u64> {
        let start = unix::data_from(self.file, start, self.size);
        start..unix::hole_from(self.file, start, self.size)
    }
}

impl ReadAt for &[u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8], _: usize) -> io::Result<usize> {
        let here = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let count = here.len().min(buffer.len());
        buffer[..count].copy_from_slice(&here[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;

    /// Of a file and in memory: within, over the end and behind it.
    #[test]
    fn bytes_are_read_alike_wherever_they_are() {
        let bytes: Vec<u8> = (0..100).collect();
        let scratch = Scratch::new();
        let file = File::open(scratch.write("file", &bytes)).unwrap();
        let of_file = FileBytes { file: &file, size: 100 };
        let in_memory = bytes.as_slice();
        for (offset, wanted, expected) in
            [(0, 10, 10), (95, 10, 5), (100, 1, 0), (200, 1, 0), (7, 0, 0), (u64::MAX, 1, 0)]
        {
            for bytes in [&of_file as &dyn ReadAt, &in_memory] {
                let mut buffer = vec![0xFF; wanted];
                let Ok(count) = bytes.read_at(offset, &mut buffer, wanted) else {
                    assert_eq!(offset, u64::MAX); // the system refuses an offset that no file can have
                    continue;
                };
                assert_eq!((offset, count), (offset, expected));
                assert!(buffer[..count].iter().zip(offset..).all(|(byte, at)| u64::from(*byte) == at));
                assert_eq!(bytes.read_exactly(offset, &mut buffer).is_ok(), expected == wanted, "{offset}");
                assert_eq!(bytes.size(), 100);
            }
        }
    }
}
