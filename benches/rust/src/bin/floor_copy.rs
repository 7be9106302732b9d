//! The least that a blanked copy costs: per file the edited header is written, up to a page's end, `copy_file_range` does the rest; a
//! temporary name, the source's mode, a rename. Nothing is checked.
//!
//!     floor_copy SOURCE TARGET THREADS

use std::fs::{File, OpenOptions, create_dir_all, rename};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use dicomblank_benches::{files, in_threads, patient_name};
use rustix::fs::copy_file_range;

const PAGE: usize = 4096;

fn main() -> io::Result<()> {
    let [source, target, threads] =
        std::env::args().skip(1).collect::<Vec<_>>().try_into().expect("SOURCE TARGET THREADS");
    let threads = threads.parse().expect("a number of threads");
    let (source, target) = (Path::new(&source), Path::new(&target));
    let found = files(source)?;
    let mut last = None;
    for file in &found {
        let folder = file.parent();
        if folder != last {
            create_dir_all(target.join(below(folder.expect("a file is in a folder"), source)))?;
            last = folder;
        }
    }
    in_threads(&found, threads, |file, buffer| copy(file, &target.join(below(file, source)), buffer))
}

fn below<'p>(path: &'p Path, folder: &Path) -> &'p Path {
    path.strip_prefix(folder).expect("it was found there")
}

fn copy(source: &Path, target: &Path, buffer: &mut [u8]) -> io::Result<()> {
    let file = File::open(source)?;
    let metadata = file.metadata()?;
    let read = file.read_at(buffer, 0)?;
    let Some((start, length)) = patient_name(&buffer[..read]) else {
        return Err(io::Error::other("no patient's name in the first 64 KB"));
    };
    buffer[start..start + length].fill(b' ');
    let header = (start + length).next_multiple_of(PAGE).min(read);

    let temporary = target.with_extension("part");
    let mut copy = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    copy.write_all(&buffer[..header])?;
    copy_rest(&file, &copy, header as u64, metadata.len())?;
    copy.set_permissions(metadata.permissions())?;
    rename(temporary, target)
}

fn copy_rest(source: &File, target: &File, start: u64, end: u64) -> io::Result<()> {
    let (mut from, mut to) = (start, start);
    while from < end {
        let left = usize::try_from(end - from).unwrap_or(usize::MAX);
        if copy_file_range(source, Some(&mut from), target, Some(&mut to), left)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}
