//! Sparse files: a hole costs neither time nor room.

use std::fs::{self, File};
use std::ops::ControlFlow;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::common::build::EL;
use crate::common::{NAME, PRIVATE, Scratch, blanked, named, order};
use dicomblank_core::Warning;
use dicomblank_files::{Job, Keying, Observer, Order, Progress, Row, Verdict, Watch, compare, plan_file};

const LONG: Duration = Duration::from_secs(20);

/// Cancels a run that takes too long.
struct Patience(Instant, Vec<(String, String)>);

impl Observer for Patience {
    fn rows(&mut self, rows: &[Row]) -> ControlFlow<()> {
        self.1.extend(
            rows.iter().map(|row| {
                (row.outcome().to_string(), row.finding().map(|finding| finding.message).unwrap_or_default())
            }),
        );
        ControlFlow::Continue(())
    }

    fn progress(&mut self, _: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn tick(&mut self) -> ControlFlow<()> {
        if self.0.elapsed() > LONG { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn run(order: Order) -> (String, String) {
    let mut patience = Patience(Instant::now(), Vec::new());
    Job::new(order).unwrap().run(None, &mut patience).unwrap();
    patience.1.remove(0)
}

/// The bytes that a file takes on the disk, whatever its size.
fn room(path: &Path) -> u64 {
    fs::metadata(path).unwrap().blocks() * 512
}

/// Writes bytes at offsets of a file of `size`, with holes between them. `None` if the file system has no holes.
#[allow(clippy::print_stderr)] // of a test
fn sparse(path: &Path, size: u64, pieces: &[(u64, &[u8])]) -> Option<()> {
    let file = File::create(path).unwrap();
    file.set_len(size).unwrap();
    for (at, bytes) in pieces {
        file.write_all_at(bytes, *at).unwrap();
    }
    file.sync_all().unwrap();
    if room(path) < size / 2 {
        return Some(());
    }
    eprintln!("skipped: no sparse files here");
    None
}

#[test]
fn trailing_zeros_on_no_disk_cost_nothing() {
    const SIZE: u64 = 1 << 40;
    let scratch = Scratch::new();
    let path = scratch.path("a.dcm");
    let (before, after) = (named(b"Doe^Jane"), blanked(8));
    let soon = || {
        let start = Instant::now();
        Watch::when(move || start.elapsed() > LONG)
    };
    for output in [Some(scratch.path("out")), None] {
        let Some(()) = sparse(&path, SIZE, &[(0, &before)]) else { return };
        let plan = plan_file(&path, &crate::common::rules(), soon()).unwrap();
        assert!(plan.warnings().iter().any(|warning| warning == Warning::TrailingZeros));
        let is_copied = output.is_some();
        let target = output.as_ref().map_or(path.clone(), |folder| folder.join("a.dcm"));
        assert_eq!(run(order(&[&path], output)), ("anonymized".to_owned(), String::new()));
        assert_eq!(fs::metadata(&target).unwrap().len(), SIZE);
        assert!(room(&target) < 1 << 20, "{}", room(&target));
        if is_copied {
            assert_eq!(
                compare(&path, &target, &crate::common::rules(), &Keying::none(), soon()).unwrap(),
                (Verdict::Ok, None)
            );
            File::options().write(true).open(&path).unwrap().write_all_at(&[1], SIZE / 2).unwrap();
            let compared = compare(&target, &path, &crate::common::rules(), &Keying::none(), soon()).unwrap();
            assert_eq!(compared.0, Verdict::Unreadable);
            File::options().write(true).open(&path).unwrap().write_all_at(&[0], SIZE / 2).unwrap();
        }
        let mut head = vec![0; after.len() + 8];
        File::open(target).unwrap().read_exact_at(&mut head, 0).unwrap();
        assert_eq!(head, [&after[..], &[0; 8]].concat());
    }
}

/// Holes between elements, in values that stay, and in values whose blank is zeros.
#[test]
fn holes_stay_holes_in_a_copy() {
    const HOLE: u32 = 200 << 20;
    let scratch = Scratch::new();
    let path = scratch.path("a.dcm");
    let begin = crate::common::dicom(&[EL.header(PRIVATE, "OB", HOLE)]);
    let end = named(b"Doe^Jane").split_off(128 + 4 + 28); // the elements of its data set
    let size = begin.len() as u64 + u64::from(HOLE) + end.len() as u64 + (1 << 30);
    let behind = begin.len() as u64 + u64::from(HOLE);
    // A few bytes within the hole, which stay where they are.
    let Some(()) = sparse(&path, size, &[(0, &begin), (100 << 20, &[5; 5000]), (behind, &end)]) else { return };
    for tags in [vec![NAME], vec![NAME, PRIVATE]] {
        let rules = dicomblank_core::Rules::new(tags.clone(), []).unwrap();
        let order = Order { rules, ..order(&[&path], Some(scratch.path("out"))) };
        let ended = run(order);
        assert_eq!(ended, ("anonymized".to_owned(), String::new()));
        let target = scratch.path("out/a.dcm");
        assert_eq!(fs::metadata(&target).unwrap().len(), size);
        assert!(room(&target) < 1 << 20, "{} of {}", room(&target), room(&path));
        let (from, to) = (File::open(&path).unwrap(), File::open(&target).unwrap());
        let at = |file: &File, at: u64| {
            let mut bytes = vec![0; 6000];
            file.read_exact_at(&mut bytes, at).unwrap();
            bytes
        };
        assert_eq!(at(&to, 0), at(&from, 0));
        let amid = if tags.contains(&PRIVATE) { vec![0; 6000] } else { at(&from, (100 << 20) - 500) };
        assert!(at(&to, (100 << 20) - 500) == amid);
        let mut blank = at(&from, behind);
        let name = blank.windows(8).position(|bytes| bytes == b"Doe^Jane").unwrap();
        blank[name..name + 8].fill(b' ');
        assert!(at(&to, behind) == blank);
        fs::remove_dir_all(scratch.path("out")).unwrap();
    }
}
