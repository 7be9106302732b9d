//! Runs beside each other, and beside other programs: none undoes what another has done.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::common::{
    COMMENTS, NAME, PIXELS, Scratch, blanked, deflated_dicom, dicom, element, named, order, row, run, run_with,
    with_existing,
};
use dicomblank_core::{Rules, Tag};
use dicomblank_files::{Existing, Order, Watch, plan_file};

const NUMBER: Tag = Tag::new(0x0010, 0x0020);

/// Between the values that one run blanks stands one that only the other run blanks.
fn three_values() -> Vec<Vec<u8>> {
    vec![
        element(NAME, "PN", b"Doe^Jane"),
        element(NUMBER, "LO", b"12345678"),
        element(COMMENTS, "LT", b"a comment"),
        element(PIXELS, "OW", &[7; 64]),
    ]
}

fn deflated() -> Vec<u8> {
    deflated_dicom(&three_values())
}

/// In every order in which two runs can come to a file: all that either blanks is blank, and both say that it is done.
#[test]
fn what_a_run_at_another_level_has_blanked_stays_blank() {
    const LONG_ENOUGH: Duration = Duration::from_millis(300); // for the other to be done, if nothing kept it
    let scratch = Scratch::new();
    let less = || Rules::new([NAME, COMMENTS], []).unwrap();
    let more = || Rules::new([NAME, COMMENTS, NUMBER], []).unwrap();
    for (what, bytes) in [("plain", dicom(&three_values())), ("deflated", deflated())] {
        for (first, second) in [(less(), more()), (more(), less())] {
            let path = scratch.write("a.dcm", &bytes);
            let other = Mutex::new(Some(second));
            let (rows, of_other) = thread::scope(|scope| {
                let beside = Mutex::new(None);
                let validator = |_: &Path, _: &_| {
                    // The file is read and not yet written.
                    if let Some(rules) = other.lock().unwrap().take() {
                        let order = Order { rules, ..order(&[&path], None) };
                        *beside.lock().unwrap() = Some(scope.spawn(|| run(order)));
                        thread::sleep(LONG_ENOUGH);
                    }
                    Ok(())
                };
                let (rows, _) = run_with(Order { rules: first, ..order(&[&path], None) }, Some(&validator));
                let beside = beside.lock().unwrap().take().unwrap();
                (rows, beside.join().unwrap())
            });
            assert_eq!(rows, [row("a.dcm", "anonymized", "")], "{what}");
            let plan = plan_file(&path, &more(), Watch::default()).unwrap();
            assert_eq!(plan.edits().len(), 3);
            assert_eq!(
                run(Order { rules: more(), ..order(&[&path], None) }),
                [row("a.dcm", "unchanged", "")],
                "{what}"
            );
            // The second has blanked what was left, if anything was.
            assert!(of_other[0].1 == "anonymized" || of_other[0].1 == "unchanged", "{what}: {of_other:?}");
        }
    }
}

/// A lock belongs to the process that took it, and may be that of another program. When it is free, the file that is
/// then at the path is done.
#[test]
fn a_locked_file_is_waited_for_and_then_opened_anew() {
    let scratch = Scratch::new();
    let path = scratch.write("a.dcm", &named(b"Doe^Jane"));
    let locked = File::open(&path).unwrap();
    locked.lock().unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| run(order(&[&path], None)));
        thread::sleep(Duration::from_millis(200));
        assert!(!waiting.is_finished());
        let new = scratch.write("new", &named(b"Doe^John^F"));
        fs::rename(new, &path).unwrap();
        drop(locked);
        assert_eq!(waiting.join().unwrap(), [row("a.dcm", "anonymized", "")]);
    });
    assert_eq!(scratch.read("a.dcm"), blanked(10));
}

/// A run that waits for a lock can still be stopped.
#[test]
fn a_locked_file_keeps_no_run_from_ending() {
    use std::ops::ControlFlow;

    struct Impatient(usize, Vec<String>);
    impl dicomblank_files::Observer for Impatient {
        fn rows(&mut self, rows: &[dicomblank_files::Row]) -> ControlFlow<()> {
            self.1.extend(rows.iter().map(|row| row.outcome().to_string()));
            ControlFlow::Continue(())
        }
        fn progress(&mut self, _: dicomblank_files::Progress) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
        fn tick(&mut self) -> ControlFlow<()> {
            self.0 += 1;
            if self.0 > 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    let scratch = Scratch::new();
    let path = scratch.write("a.dcm", &named(b"Doe^Jane"));
    let locked = File::open(&path).unwrap();
    locked.lock().unwrap();
    let mut observer = Impatient(0, Vec::new());
    let summary = dicomblank_files::Job::new(order(&[&path], None)).unwrap().run(None, &mut observer).unwrap();
    assert_eq!((observer.1, summary.is_cancelled), (vec!["failed".to_owned()], true));
    assert_eq!(scratch.read("a.dcm"), named(b"Doe^Jane"));
}

/// Size and time are as they were: only the time of the last change of anything tells. One such change is tolerated. If
/// they go on, the file has failed.
#[test]
fn a_writer_that_sets_the_time_back_is_not_undone() {
    let scratch = Scratch::new();
    let place = dicom(&three_values()[..1]).len() as u64 + 8;
    for (times, outcome, reason) in [(1, "anonymized", ""), (usize::MAX, "failed", "changed while being read")] {
        for output in [None, Some(scratch.path("out"))] {
            for bytes in [dicom(&three_values()), deflated()] {
                let is_plain = bytes == dicom(&three_values());
                let path = scratch.write("a.dcm", &bytes);
                let calls = AtomicUsize::new(0);
                let validator = |path: &Path, _: &_| {
                    let call = calls.fetch_add(1, Ordering::Relaxed);
                    if call < times {
                        let file = File::options().write(true).open(path).unwrap();
                        let time = file.metadata().unwrap().modified().unwrap();
                        // Long enough for a file system that counts time in milliseconds.
                        thread::sleep(Duration::from_millis(20));
                        let new = if is_plain { b"87654321" } else { &bytes[128 - 8..128] };
                        file.write_all_at(new, if is_plain { place } else { 120 }).unwrap();
                        file.set_modified(time).unwrap();
                    }
                    Ok(())
                };
                let rules = Rules::new([NAME, COMMENTS], []).unwrap();
                let (rows, _) = run_with(Order { rules, ..order(&[&path], output.clone()) }, Some(&validator));
                assert_eq!(rows, [row("a.dcm", outcome, reason)]);
                let target = if output.is_some() { "out/a.dcm" } else { "a.dcm" };
                if is_plain && outcome == "anonymized" {
                    let at = usize::try_from(place).unwrap();
                    assert_eq!(&scratch.read(target)[at..at + 8], b"87654321");
                }
                if outcome == "failed" {
                    assert!(!scratch.exists("out/a.dcm"));
                    assert_eq!(scratch.files(""), ["a.dcm"], "nothing is left over");
                }
                let _ = fs::remove_dir_all(scratch.path("out"));
            }
        }
    }
}

/// A copy that another run has made since this one has looked is done. Anything else stays as it is, and is not taken
/// for a copy.
#[test]
fn a_copy_that_another_run_finishes_meanwhile_is_skipped() {
    let scratch = Scratch::new();
    let source = scratch.write("in/a.dcm", &named(b"Doe^Jane"));
    for (existing, target, outcome, reason) in [
        (Existing::Skip, blanked(8), "skipped", ""),
        (Existing::Skip, named(b"Doe^Jane"), "refused", "a.dcm exists already, with values left to blank"),
        (Existing::Skip, blanked(10), "refused", "a.dcm exists already, with another size"),
        (Existing::Skip, b"hello".to_vec(), "refused", "a.dcm exists already, with another size"),
        (Existing::Refuse, blanked(8), "refused", "a.dcm exists already"),
    ] {
        let validator = |_: &Path, _: &_| {
            scratch.write("out/a.dcm", &target);
            Ok(())
        };
        let order = with_existing(existing, order(&[&source], Some(scratch.path("out"))));
        let (rows, _) = run_with(order, Some(&validator));
        assert!(rows[0].1 == outcome && rows[0].2.ends_with(reason), "{rows:?}");
        assert_eq!(rows[0].2.is_empty(), reason.is_empty(), "{rows:?}");
        assert!((scratch.files("out"), scratch.read("out/a.dcm")) == (vec!["a.dcm".to_owned()], target));
        fs::remove_dir_all(scratch.path("out")).unwrap();
    }
}
