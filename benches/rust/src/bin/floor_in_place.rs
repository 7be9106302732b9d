//! The least that blanking in place costs: per file one open, one read of 64 KB, a walk over the first top-level groups, one write, one
//! close. It counts nothing, checks nothing and blanks one value alone.
//!
//!     floor_in_place FOLDER THREADS

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use dicomblank_benches::{files, in_threads, patient_name};

fn main() -> io::Result<()> {
    let [folder, threads] = std::env::args().skip(1).collect::<Vec<_>>().try_into().expect("FOLDER THREADS");
    let threads = threads.parse().expect("a number of threads");
    in_threads(&files(Path::new(&folder))?, threads, blank)
}

fn blank(path: &Path, buffer: &mut [u8]) -> io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let read = file.read_at(buffer, 0)?;
    let Some((start, length)) = patient_name(&buffer[..read]) else {
        return Err(io::Error::other("no patient's name in the first 64 KB"));
    };
    let value = &mut buffer[start..start + length];
    value.fill(b' ');
    file.write_all_at(value, start as u64)
}
