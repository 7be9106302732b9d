//! A record of the journal: which file is written, and what it is to hold.
//!
//! All numbers are little endian:
//!
//! ```text
//! magic 8, length of what follows u32, its CRC-32 u32
//! inode u64, size u64, CRC-32 of the bytes between the edits u32, length of the path u32, path
//! has marks u8, the mark of what is begun 32, the mark of what is done 32
//! edits u32; an edit: start u64, length u32, 0 and the byte that is repeated, or 1 and its bytes
//! ```
//!
//! The number of the device is not in it: a network share or a disk that is mounted again can have another one.

use std::fmt;
use std::path::{Path, PathBuf};

use crc32fast::Hasher;
use dicomblank_core::{Fill, Marks, Plan, Span, mark_span};
use zeroize::{Zeroize, Zeroizing};

use crate::error::FileError;
use crate::read::opened::Opened;
use crate::unix;

/// What every record begins with.
pub(super) const MAGIC: &[u8; 8] = b"DBredo 1";

/// Magic, length and checksum.
const HEAD: usize = 16;

/// How long a mark is, in bytes.
const MARK: usize = 32;

/// Which file a record is about.
pub(super) struct Of<'a> {
    /// From the folder beside which the journal is.
    pub(super) path: &'a Path,
    pub(super) inode: u64,
    pub(super) size: u64,
}

/// A record that was read.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) path: PathBuf,
    pub(super) inode: u64,
    pub(super) size: u64,
    /// Over the bytes that are not written, of a file that has no marks.
    pub(super) sum: u32,
    /// Of what is begun, and of what is done.
    pub(super) marks: Option<[[u8; MARK]; 2]>,
    pub(super) edits: Vec<Edit>,
}

/// What is written where.
pub(super) struct Edit {
    span: Span,
    /// The byte that is repeated, or the bytes.
    content: Result<u8, Zeroizing<Vec<u8>>>,
}

/// Never the bytes.
impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Edit at {:#x}", self.span.start())
    }
}

impl Edit {
    pub(super) const fn span(&self) -> Span {
        self.span
    }

    /// What it writes; `None` for what no record that was read has.
    pub(super) fn fill(&self) -> Option<Fill<'_>> {
        match &self.content {
            Ok(byte) => Some(Fill::repeat(self.span, *byte)),
            Err(bytes) => Fill::bytes(self.span, bytes),
        }
    }
}

/// Writes a record over `bytes`. `sum` is asked where there are no marks.
pub(super) fn write<'f>(
    bytes: &mut Vec<u8>,
    of: &Of<'_>,
    marks: Option<&Marks>,
    fills: impl Iterator<Item = Fill<'f>>,
    sum: impl FnOnce() -> Result<u32, FileError>,
) -> Result<(), FileError> {
    bytes.zeroize();
    bytes.extend([0; HEAD]);
    for number in [of.inode, of.size] {
        bytes.extend(number.to_le_bytes());
    }
    let sum = if marks.is_some() { 0 } else { sum()? };
    bytes.extend(sum.to_le_bytes());
    let path = unix::bytes(of.path.as_os_str());
    bytes.extend(length_of(path)?);
    bytes.extend(path);
    bytes.push(u8::from(marks.is_some()));
    for mark in [marks.and_then(Marks::begun), marks.and_then(Marks::done)] {
        let start = bytes.len();
        bytes.resize(start + MARK, 0);
        if let (Some(mark), Some(span)) = (mark, mark_span()) {
            mark.write_over(span.start(), &mut bytes[start..]);
        }
    }
    let count = bytes.len();
    bytes.extend([0; 4]);
    let mut edits = 0_u32;
    for fill in fills {
        bytes.extend(fill.span().start().to_le_bytes());
        let length = u32::try_from(fill.span().len()).map_err(|_| FileError::Panicked)?;
        bytes.extend(length.to_le_bytes());
        if let Some(byte) = fill.repeated() {
            bytes.extend([0, byte]);
        } else {
            bytes.push(1);
            let start = bytes.len();
            bytes.resize(start + length as usize, 0);
            fill.write_over(fill.span().start(), &mut bytes[start..]);
        }
        edits += 1;
    }
    bytes[count..count + 4].copy_from_slice(&edits.to_le_bytes());
    let mut crc = Hasher::new();
    crc.update(&bytes[HEAD..]);
    let length = length_of(&bytes[HEAD..])?;
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..12].copy_from_slice(&length);
    bytes[12..HEAD].copy_from_slice(&crc.finalize().to_le_bytes());
    Ok(())
}

fn length_of(bytes: &[u8]) -> Result<[u8; 4], FileError> {
    u32::try_from(bytes.len()).map(u32::to_le_bytes).map_err(|_| FileError::Panicked)
}

/// The checksum of the bytes between the values that `plan` writes.
pub(super) fn sum_of(opened: &Opened<'_>, plan: &Plan) -> Result<u32, FileError> {
    sum_between(plan.edits().iter().map(dicomblank_core::Edit::span), |start, bytes| opened.read_exactly(start, bytes))
}

/// The checksum of the bytes between `spans`, which are sorted.
pub(super) fn sum_between<E>(
    spans: impl Iterator<Item = Span>,
    read: impl Fn(u64, &mut [u8]) -> Result<(), E>,
) -> Result<u32, E> {
    /// Bytes before each value that count: its header, and what is around it.
    const NEAR: usize = 64;
    let (mut crc, mut end, mut bytes) = (Hasher::new(), 0, [0; NEAR]);
    for span in spans {
        let start = span.start().saturating_sub(NEAR as u64).max(end);
        let near = &mut bytes[..usize::try_from(span.start().saturating_sub(start)).unwrap_or(0)];
        read(start, near)?;
        crc.update(near);
        end = span.end();
    }
    Ok(crc.finalize())
}

/// Whether `bytes`, which are no record, may be what is left of one: the first writing of it was cut short, or what it
/// says was done.
pub(super) fn is_begun(bytes: &[u8]) -> bool {
    let magic = &bytes[..bytes.len().min(MAGIC.len())];
    MAGIC.starts_with(magic) || magic.iter().all(|byte| *byte == 0)
}

/// The record that `bytes` are; `None` where they are none, or one that was not written to its end.
pub(super) fn read(bytes: &[u8]) -> Option<Record> {
    let mut rest = Rest(bytes);
    if rest.take::<8>()? != *MAGIC {
        return None;
    }
    let (length, sum) = (rest.u32()?, rest.u32()?);
    let mut rest = Rest(rest.bytes(length)?);
    let mut crc = Hasher::new();
    crc.update(rest.0);
    if crc.finalize() != sum {
        return None;
    }
    let (inode, size, sum) = (rest.u64()?, rest.u64()?, rest.u32()?);
    let length = rest.u32()?;
    let path = PathBuf::from(unix::name(rest.bytes(length)?));
    let [has_marks] = rest.take()?;
    let marks = [rest.take()?, rest.take()?];
    let mut edits = Vec::new();
    for _ in 0..rest.u32()? {
        let (start, length) = (rest.u64()?, rest.u32()?);
        let [is_given] = rest.take()?;
        let content = if is_given == 1 {
            Err(Zeroizing::new(rest.bytes(length)?.to_vec()))
        } else {
            let [byte] = rest.take()?;
            Ok(byte)
        };
        let span = Span::new(start, u64::from(length)).filter(|span| span.end() <= size)?;
        edits.push(Edit { span, content });
    }
    let marks = (has_marks == 1).then_some(marks);
    rest.0.is_empty().then_some(Record { path, inode, size, sum, marks, edits })
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn bytes(&mut self, count: u32) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(count).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
}

/// For tests: the record with another path.
#[cfg(test)]
pub(super) fn renamed(bytes: &[u8], path: &Path) -> Vec<u8> {
    let length = u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize;
    let path = unix::bytes(path.as_os_str());
    let old = u32::from_le_bytes(bytes[HEAD + 20..HEAD + 24].try_into().unwrap()) as usize;
    let content = [&bytes[HEAD..HEAD + 20], &length_of(path).unwrap(), path, &bytes[HEAD + 24 + old..HEAD + length]];
    let content = content.concat();
    let mut crc = Hasher::new();
    crc.update(&content);
    [&MAGIC[..], &length_of(&content).unwrap(), &crc.finalize().to_le_bytes(), &content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Vec<u8> {
        let marks = Marks::new([1; 8], [2; 6], |_| [3; 8]);
        let span = |start, length| Span::new(start, length).unwrap();
        let fills = [Fill::repeat(span(10, 3), b' '), Fill::bytes(span(20, 2), b"ab").unwrap()];
        let of = Of { path: Path::new("a/b"), inode: 6, size: 30 };
        let mut bytes = b"what was here before".to_vec();
        write(&mut bytes, &of, Some(&marks), fills.into_iter(), || Ok(7)).unwrap();
        bytes
    }

    #[test]
    fn a_record_comes_back() {
        let bytes = record();
        // What a longer one has left behind it does not count.
        let read = read(&[&bytes[..], b"the rest of another"].concat()).unwrap();
        assert_eq!((read.path.to_str(), read.inode, read.size, read.sum), (Some("a/b"), 6, 30, 0));
        let mut written = [0; 30];
        read.edits.iter().for_each(|edit| edit.fill().unwrap().write_over(0, &mut written));
        assert_eq!((&written[8..14], &written[19..23]), (&b"\0\0   \0"[..], &b"\0ab\0"[..]));
        let [begun, done] = read.marks.unwrap();
        assert_eq!((&begun[..8], &done[..8], begun == done), (&b"DICOMblk"[..], &b"DICOMblk"[..], false));
    }

    #[test]
    fn what_was_not_written_to_its_end_is_no_record() {
        let bytes = record();
        for at in 0..bytes.len() {
            assert!(read(&bytes[..at]).is_none(), "cut at {at}");
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert!(read(&flipped).is_none(), "flipped at {at}");
        }
    }

    #[test]
    fn a_sum_tells_what_stands_between_the_values() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let sum = |change: Option<usize>| {
            let mut bytes = bytes.clone();
            if let Some(at) = change {
                bytes[at] ^= 1;
            }
            let spans = [(10, 5), (20, 10), (500, 100)].map(|(start, length)| Span::new(start, length).unwrap());
            sum_between(spans.into_iter(), |start, place: &mut [u8]| {
                let start = usize::try_from(start).unwrap();
                place.copy_from_slice(&bytes[start..start + place.len()]);
                Ok::<_, ()>(())
            })
        };
        for (at, counts) in [(0, true), (9, true), (10, false), (14, false), (15, true), (25, false), (499, true)] {
            assert_eq!(sum(Some(at)) != sum(None), counts, "{at}");
        }
        assert_eq!(sum(Some(600)), sum(None));
    }
}
