//! Bytes of open files: at an offset, and from file to file.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Reads at least `least` bytes at `offset` into `buffer`, and as many more as the same call gives. Fewer only at the
/// end of the file.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], least: usize, offset: u64) -> io::Result<usize> {
    read_by(|rest, at| file.read_at(rest, at), buffer, least, offset)
}

/// As [`read_at`], by a call that may give fewer bytes than there are. A call that a signal interrupts does so, and so
/// do some file systems.
fn read_by(
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
    buffer: &mut [u8],
    least: usize,
    offset: u64,
) -> io::Result<usize> {
    let mut count = 0;
    while count < least {
        match read(&mut buffer[count..], offset + count as u64) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

/// Whether reading from `file` gives something, or its end, without waiting; asked for a twentieth of a second.
pub(crate) fn is_ready(file: &File) -> io::Result<bool> {
    const WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&WAIT)) {
        Err(Errno::INTR) => Ok(false),
        ready => Ok(ready? > 0),
    }
}

/// Has the system copy up to `length` bytes at `start` of `from` to the position of `to`. Returns how many it copied.
#[cfg(target_os = "linux")]
pub(crate) fn copy_range(from: &File, start: u64, to: &File, length: u64) -> io::Result<u64> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let count = rustix::fs::copy_file_range(from, Some(&mut { start }), to, None, length)?;
    Ok(count as u64)
}

/// Copies nothing: there is no such call.
#[cfg(not(target_os = "linux"))]
pub(crate) fn copy_range(_: &File, _: u64, _: &File, _: u64) -> io::Result<u64> {
    Ok(0)
}

/// Writes all of `bytes` at `offset`.
pub(crate) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    #[cfg(test)]
    return super::steps::write_at(file, bytes, offset);
    #[cfg(not(test))]
    file.write_all_at(bytes, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_reads_are_read_on() {
        let bytes: Vec<u8> = (0..100).collect();
        for (what, longest, least, wanted, offset, expected) in [
            ("in one", 100, 20, 20, 0, Ok(20)),
            ("byte by byte", 1, 20, 50, 7, Ok(20)),
            ("until there are enough", 7, 20, 50, 7, Ok(21)),
            ("more than asked for", 50, 20, 50, 7, Ok(50)),
            ("to the end", 7, 50, 50, 90, Ok(10)),
            ("behind the end", 7, 50, 50, 100, Ok(0)),
            ("an error", 7, 50, 50, 20, Err(io::ErrorKind::PermissionDenied)),
        ] {
            let mut calls = 0;
            let read = |rest: &mut [u8], at: u64| {
                calls += 1;
                match calls {
                    1 => Err(io::ErrorKind::Interrupted.into()),
                    3 if what == "an error" => Err(io::ErrorKind::PermissionDenied.into()),
                    _ => {
                        let from = &bytes[usize::try_from(at).unwrap()..];
                        let count = rest.len().min(longest).min(from.len());
                        rest[..count].copy_from_slice(&from[..count]);
                        Ok(count)
                    }
                }
            };
            let mut buffer = vec![0; wanted];
            let count = read_by(read, &mut buffer, least, offset).map_err(|error| error.kind());
            assert_eq!(count, expected, "{what}");
            if let Ok(count) = count {
                let start = usize::try_from(offset).unwrap();
                assert_eq!(buffer[..count], bytes[start..start + count], "{what}");
            }
        }
    }
}
