//! What the programs of this folder have in common.

use std::fs::read_dir;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The one read of a file: more than nearly every header.
pub const READ: usize = 64 * 1024;

/// Every file below `folder`.
///
/// # Errors
/// What the system says of a folder.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() { &mut folders } else { &mut found }.push(entry.path());
        }
    }
    Ok(found)
}

/// Has `work` done on every file, by so many threads; each has a buffer of its own.
///
/// # Errors
/// The first that a thread met.
///
/// # Panics
/// If `work` does.
pub fn in_threads<F>(files: &[PathBuf], threads: usize, work: F) -> io::Result<()>
where
    F: Fn(&Path, &mut [u8]) -> io::Result<()> + Sync,
{
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut buffer = vec![0; READ];
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(file, &mut buffer)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(worker)).collect();
        let mine = worker();
        others.into_iter().map(|other| other.join().expect("no thread panics")).fold(mine, io::Result::and)
    })
}

/// Where the value of (0010,0010) stands, found by a walk over the first top-level groups of an explicit little endian file.
pub fn patient_name(data: &[u8]) -> Option<(usize, usize)> {
    let mut at = 132;
    loop {
        let header = data.get(at..at + 8)?;
        let tag = (u16::from_le_bytes([header[0], header[1]]), u16::from_le_bytes([header[2], header[3]]));
        let long = matches!(&header[4..6], b"OB" | b"OW" | b"SQ" | b"UN" | b"UT");
        let (start, length) = if long {
            let length = data.get(at + 8..at + 12)?;
            (at + 12, u32::from_le_bytes([length[0], length[1], length[2], length[3]]))
        } else {
            (at + 8, u32::from(u16::from_le_bytes([header[6], header[7]])))
        };
        if tag == (0x0010, 0x0010) {
            return Some((start, length as usize));
        }
        at = if length == u32::MAX { end_of_sequence(data, start)? } else { start + length as usize };
    }
}

/// The floor hops over a sequence of undefined length by looking for its delimiter: it has no need to be right.
fn end_of_sequence(data: &[u8], start: usize) -> Option<usize> {
    let delimiter = b"\xfe\xff\xdd\xe0\0\0\0\0";
    data.get(start..)?
        .windows(delimiter.len())
        .position(|window| window == delimiter)
        .map(|at| start + at + delimiter.len())
}

#[cfg(test)]
mod tests {
    use super::patient_name;

    #[test]
    fn the_name_is_found_behind_sequences_of_both_kinds() {
        let mut data = vec![0; 132];
        data.extend(b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\xdd\xe0\0\0\0\0");
        data.extend(b"\x08\0\x41\x11SQ\0\0\x08\0\0\0\xfe\xff\0\xe0\0\0\0\0");
        data.extend(b"\x10\0\x10\0PN\x02\0AB");
        assert_eq!(patient_name(&data), Some((data.len() - 2, 2)));
        assert_eq!(patient_name(&data[..140]), None);
    }
}
