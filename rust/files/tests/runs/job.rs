//! Errors of usage are found before anything is written. A run can be watched and cancelled. Its report is complete.

use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::symlink;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::common::{
    Rows, Scratch, blanked, cut, named, order, run, run_with, usage_error, with_existing, write_named,
};
use dicomblank_files::{
    Destination, Existing, HardLinks, Job, MOST_WORKERS, Observer, Order, Outcome, Progress, Row, Task, Unmarked,
};

#[test]
fn errors_of_usage() {
    let scratch = Scratch::new();
    for path in ["in/a.dcm", "in/x/b.dcm", "other/a.dcm", "single/a.dcm", "single/x", "twin/x/y"] {
        scratch.write(path, &named(b"Doe^Jane"));
    }
    scratch.write("file", b"hello");
    symlink("in", scratch.path("link")).unwrap();
    symlink("nowhere", scratch.path("dangling")).unwrap();
    let before = scratch.files("");
    for (sources, output, report, expected) in [
        (vec!["missing"], None, None, "missing: No such file or directory"),
        (vec!["in", "dangling"], None, None, "dangling: No such file or directory"),
        (vec!["in/a.dcm/x"], None, None, "in/a.dcm/x: Not a directory"),
        (vec!["in"], Some("in"), None, "is the source"),
        (vec!["in"], Some("link"), None, "is the source"),
        (vec!["link"], Some("in"), None, "is the source"),
        (vec!["in"], Some("in/new/out"), None, "lies inside the source"),
        (vec!["in"], Some("link/out"), None, "lies inside the source"),
        (vec!["in"], Some("new/../in/out"), None, "lies inside the source"),
        (vec!["in"], Some("other/../in/out"), None, "lies inside the source"),
        (vec!["in/x"], Some("in"), None, "holds the source"),
        (vec!["other", "in/x/b.dcm"], Some("link"), None, "holds the source"),
        (vec!["in/a.dcm"], Some("in"), None, "holds the source"),
        (vec!["in"], Some("file"), None, "is not a folder"),
        (vec!["in"], Some("file/out"), None, "file/out: Not a directory"),
        (vec!["in"], Some("dangling"), None, "is a link to nothing"),
        (vec!["in"], Some("dangling/out"), None, "is a link to nothing"),
        (vec![], None, None, "no source was given"),
        (vec!["in/a.dcm", "other/a.dcm"], Some("out"), None, "would both be copied to a.dcm: name one at a time"),
        (vec!["in/x", "other", "twin/x"], Some("out"), None, "would both be copied to x: name one at a time"),
        (vec!["single/x", "in/x"], Some("out"), None, "would both be copied to x: name one at a time"),
        (vec!["in"], None, Some("file"), "file exists already"),
        (vec!["in"], None, Some("in/r.jsonl"), "would lie in the source"),
        (vec!["in"], None, Some("link/x/r.jsonl"), "would lie in the source"),
        (vec!["in"], Some("out"), Some("out/r.jsonl"), "would lie in the output"),
        (vec!["in"], Some("out"), Some("new/../out/x/r.jsonl"), "would lie in the output"),
        (vec!["in"], None, Some("new/r.jsonl"), "new/r.jsonl: No such file or directory"),
        (vec!["in"], None, Some("dangling"), "is a link to nothing"),
    ] {
        let sources: Vec<_> = sources.iter().map(|source| scratch.path(source)).collect();
        let report = report.map(|report| scratch.path(report));
        let destination = match output.map(|output| scratch.path(output)) {
            Some(output) => Destination::Copies { output, existing: Existing::Refuse },
            None => Destination::InPlace { hard_links: HardLinks::Refuse, unmarked: Unmarked::Refuse },
        };
        let message = usage_error(Order { task: Task::Anonymize(destination), report, ..order(&sources, None) });
        assert!(message.contains(expected), "{message}, not {expected}");
        assert_eq!(scratch.files(""), before, "{expected}");
    }
}

#[test]
fn what_only_looks_like_an_error_of_usage() {
    let scratch = Scratch::new();
    scratch.write("in/a.dcm", &named(b"Doe^Jane"));
    scratch.write("in2/b.dcm", &named(b"Doe^Jane"));
    scratch.write("in2/a.dcm", &named(b"Doe^Jane"));
    scratch.write("in2/in/b.dcm", &named(b"Doe^Jane"));
    for (sources, output) in [
        (vec!["in"], Some("in-out")), // a name that begins like the source's
        (vec!["in"], Some("new/../out")),
        (vec!["in/a.dcm"], Some("in/out")), // beside a single file
        (vec!["in", "in2"], Some("out")),
        (vec!["in", "in2/a.dcm"], Some("out")), // each goes under its name
        (vec!["in", "in2/in"], None),
        (vec!["in2/b.dcm", "in"], Some("out")),
        (vec!["in", "in"], None),
    ] {
        let sources: Vec<_> = sources.iter().map(|source| scratch.path(source)).collect();
        assert_eq!(usage_error(order(&sources, output.map(|output| scratch.path(output)))), "no error");
    }
    assert_eq!(run(order(&[scratch.path("in")], Some(scratch.path("new/../out")))).len(), 1);
    assert_eq!((scratch.read("out/a.dcm"), scratch.exists("new")), (blanked(8), false));
}

#[test]
fn more_workers_than_make_sense_are_an_error_of_usage() {
    let scratch = Scratch::new();
    let single = [scratch.write("a.dcm", &named(b"Doe^Jane"))];
    for (workers, expected) in
        [(0, "from 1 to 1024"), (1, "no error"), (1024, "no error"), (1025, "from 1 to 1024"), (usize::MAX, "1024")]
    {
        let message = usage_error(Order { workers: Some(workers), ..order(&single, None) });
        assert!(message.contains(expected), "{workers}: {message}");
    }
}

#[test]
fn a_folder_without_dicom_is_told_whatever_else_is_there() {
    let scratch = Scratch::new();
    scratch.write("good/x", &named(b"Doe^Jane"));
    scratch.write("damaged/x", &cut());
    scratch.write("notes/x", b"hello");
    scratch.write("archive/x/y", b"PK\x03\x04");
    fs::create_dir_all(scratch.path("bare/x")).unwrap();
    fs::create_dir(scratch.path("links")).unwrap();
    symlink("../good/x", scratch.path("links/x")).unwrap();
    let all = ["good", "bare", "damaged", "notes", "archive", "links", "good/x"].map(|name| scratch.path(name));
    let copies = |existing| with_existing(existing, order(&all, Some(scratch.path("out"))));
    for order in [order(&all, None), copies(Existing::Overwrite), copies(Existing::Skip)] {
        let expected = ["bare", "notes", "archive", "links"].map(|name| scratch.path(name).display().to_string());
        assert_eq!(run_with(order, None).1.without_dicom, expected);
    }
    let cancelled = Job::new(order(&all, None)).unwrap().run(None, &mut Cancelled { after_ticks: 0 }).unwrap();
    assert!(cancelled.is_cancelled && cancelled.without_dicom.is_empty());
}

#[test]
fn the_report_file_has_a_row_for_the_run_for_every_file_and_for_the_end() {
    let scratch = Scratch::new();
    scratch.write("in/x/a \"b\".dcm", &named(b"Doe^Jane"));
    scratch.write("in/cut", &cut());
    scratch.write("in/readme", b"hello");
    let single = scratch.write("single", &blanked(8));
    let report = scratch.path("report.jsonl");
    run(Order { report: Some(report.clone()), ..order(&[scratch.path("in"), single], None) });
    let text = fs::read_to_string(report).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let [first, files @ .., last] = &lines[..] else { panic!("{text}") };
    let here = scratch.path("").display().to_string();
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        r#"{{"row": "run", "version": "{version}", "level": null, "rules": {{"blank": ["PatientName"], "keep": [], "pseudonymize": [], "shift": [], "set": [], "map": [], "remove": [], "empty": [], "dummy": [], "by_type": [], "by_concept": []}}, "key": null, "leftovers": "ignore", "known": 0, "destination": {{"in_place": true, "hard_links": "refuse", "unmarked": "refuse"}}, "sources": ["{here}/in", "{here}/single"], "start": "20"#
    );
    assert!(first.starts_with(&expected) && first.ends_with("Z\"}"), "{first}");
    let mut files: Vec<_> = files.iter().map(|line| line.replace(&here, "")).collect();
    files.sort();
    assert_eq!(
        files,
        [
            r#"{"row": "file", "source": "/in", "path": "cut", "outcome": "refused", "edits": 0, "kind": "truncated", "offset": 176, "tag_path": "(0010,4000)", "error": "the file is cut short, or a length in it is wrong at 0xb0 in (0010,4000)"}"#,
            r#"{"row": "file", "source": "/in", "path": "readme", "outcome": "not-dicom", "edits": 0}"#,
            r#"{"row": "file", "source": "/in", "path": "x/a \"b\".dcm", "outcome": "anonymized", "edits": 1}"#,
            r#"{"row": "file", "source": "/single", "path": "single", "outcome": "unchanged", "edits": 0}"#,
        ]
    );
    let (counts, rest) = last.split_once(", \"seconds\": ").unwrap();
    let expected = r#"{"row": "end", "end": "complete", "counts": {"files": 4, "anonymized": 1, "unchanged": 1, "not-dicom": 1, "refused": 1, "edits": 1}"#;
    let tags = r#""values": {"PatientName": 1}, "files_with": {"PatientName": 1}}"#;
    assert_eq!((counts, rest.split_once(", ").unwrap().1), (expected, tags));
}

/// Where a copy was written, and what is out of order.
#[test]
fn a_row_says_where_the_copy_is_and_what_was_noticed() {
    let scratch = Scratch::new();
    scratch.write("in/a", &[&named(b"Doe^Jane")[..], &[0; 4]].concat());
    let report = scratch.path("report.jsonl");
    let copies = order(&[scratch.path("in")], Some(scratch.path("out")));
    run(Order { report: Some(report.clone()), level: Some("anonymize".to_owned()), ..copies });
    let text = fs::read_to_string(report).unwrap().replace(&scratch.path("").display().to_string(), "");
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].contains(r#""level": "anonymize", "#), "{text}");
    assert!(lines[0].contains(r#""destination": {"output": "/out/", "existing": "refuse"}"#), "{text}");
    let expected = r#"{"row": "file", "source": "/in", "path": "a", "outcome": "anonymized", "edits": 1, "output": "/out/a", "warnings": ["trailing-zeros"]}"#;
    assert_eq!(lines[1], expected);
}

#[test]
fn a_report_to_the_standard_output_has_it_alone() {
    let scratch = Scratch::new();
    let source = scratch.write("a.dcm", &named(b"Doe^Jane"));
    for (report, expected) in [
        (None, false),
        (Some(scratch.path("report")), false),
        (Some("-".into()), true),
        (Some("/dev/stdout".into()), true),
    ] {
        let order = Order { report: report.clone(), ..order(&[&source], None) };
        assert_eq!(Job::new(order).unwrap().reports_to_stdout(), expected, "{report:?}");
    }
}

/// Cancels at a given moment, and counts what it is told.
struct Impatient {
    cancel_after_rows: usize,
    rows: Rows,
    told: Vec<Progress>,
    ticks: Vec<Instant>,
}

impl Impatient {
    fn new(cancel_after_rows: usize) -> Self {
        Self { cancel_after_rows, rows: Rows::default(), told: Vec::new(), ticks: Vec::new() }
    }
}

impl Observer for Impatient {
    fn rows(&mut self, rows: &[Row]) -> ControlFlow<()> {
        self.rows.rows(rows)?;
        if self.rows.0.len() >= self.cancel_after_rows { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
        self.told.push(progress);
        ControlFlow::Continue(())
    }

    fn tick(&mut self) -> ControlFlow<()> {
        self.ticks.push(Instant::now());
        ControlFlow::Continue(())
    }
}

#[test]
fn a_cancelled_run_finishes_what_is_in_hand_and_reports_it() {
    let scratch = Scratch::new();
    let names: Vec<_> = (0..3000).map(|index| format!("in/{}/{index}", index % 7)).collect();
    for output in [None, Some(scratch.path("out"))] {
        for name in &names {
            scratch.write(name, &named(b"Doe^Jane"));
        }
        let report = scratch.path(if output.is_some() { "copied" } else { "in-place" });
        let order = Order { report: Some(report.clone()), ..order(&[scratch.path("in")], output.clone()) };
        let mut observer = Impatient::new(100);
        let summary = Job::new(order).unwrap().run(None, &mut observer).unwrap();
        assert!(summary.is_cancelled && summary.files() < 3000, "{}", summary.files());
        let target = |name: &String| if output.is_some() { name.replacen("in", "out", 1) } else { name.clone() };
        let done =
            names.iter().filter(|name| scratch.exists(&target(name)) && scratch.read(&target(name)) == blanked(8));
        assert_eq!(done.count() as u64, summary.count(Outcome::Anonymized));
        assert_eq!(fs::read_to_string(report).unwrap().lines().count() as u64, summary.files() + 2); // the rows of the run and of its end
    }
    assert!(scratch.files("out").iter().all(|name| !name.contains(".part")));
}

/// Cancels at the question of that number.
struct Cancelled {
    after_ticks: usize,
}

impl Observer for Cancelled {
    fn rows(&mut self, _: &[Row]) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn progress(&mut self, _: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn tick(&mut self) -> ControlFlow<()> {
        match self.after_ticks.checked_sub(1) {
            Some(left) => {
                self.after_ticks = left;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        }
    }
}

#[test]
fn no_file_is_begun_after_a_run_is_cancelled() {
    let scratch = Scratch::new();
    write_named(&scratch, 40);
    // The first question comes before the first file.
    for (after_ticks, expected) in [(0, 0..1), (1, 1..8)] {
        let begun = AtomicUsize::new(0);
        let slow = |_: &Path, _: &_| {
            begun.fetch_add(1, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(60));
            Ok(())
        };
        let order = Order { workers: Some(1), ..order(&[scratch.path("in")], None) };
        let summary = Job::new(order).unwrap().run(Some(&slow), &mut Cancelled { after_ticks }).unwrap();
        let begun = begun.into_inner();
        assert!(begun as u64 == summary.count(Outcome::Anonymized) && expected.contains(&begun), "{begun}");
    }
}

/// Panics at the first rows.
struct Broken;

impl Observer for Broken {
    fn rows(&mut self, _: &[Row]) -> ControlFlow<()> {
        panic::resume_unwind(Box::new("an observer that is broken"));
    }

    fn progress(&mut self, _: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn tick(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

#[test]
fn no_file_is_begun_after_the_observer_panics() {
    let scratch = Scratch::new();
    write_named(&scratch, 40);
    let begun = AtomicUsize::new(0);
    let slow = |_: &Path, _: &_| {
        begun.fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(60));
        Ok(())
    };
    let job = Job::new(Order { workers: Some(1), ..order(&[scratch.path("in")], None) }).unwrap();
    let ended = panic::catch_unwind(AssertUnwindSafe(|| job.run(Some(&slow), &mut Broken)));
    let begun = begun.into_inner();
    assert!(ended.is_err() && (1..40).contains(&begun), "{begun}");
}

#[test]
fn a_run_tells_how_far_it_is_and_asks_whether_to_go_on() {
    let scratch = Scratch::new();
    write_named(&scratch, 20);
    let slow = |_: &Path, _: &_| {
        thread::sleep(Duration::from_millis(40));
        Ok(())
    };
    let mut observer = Impatient::new(usize::MAX);
    let start = Instant::now();
    Job::new(order(&[scratch.path("in")], None)).unwrap().run(Some(&slow), &mut observer).unwrap();
    let took = start.elapsed();
    let last = observer.told.last().copied();
    let end = Progress { done: 20, found: 20, is_listing: false, in_flight: 0, bytes_done: 0, bytes_total: 0 };
    assert_eq!(last, Some(end));
    assert!(observer.told.iter().any(|progress| progress.in_flight > 0));
    assert!(observer.told.is_sorted_by_key(|progress| progress.done));
    assert!(observer.told.len() >= 3 && observer.told.len() as u128 <= took.as_millis() / 100 + 1, "{took:?}");
    let longest = observer.ticks.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(longest < Duration::from_millis(200), "{longest:?}"); // 50 ms, and some for a busy machine
}

#[test]
fn any_number_of_workers_does_all_files() {
    let scratch = Scratch::new();
    let single: Vec<PathBuf> = (0..300).map(|index| scratch.write(&format!("{index}"), &named(b"Doe^Jane"))).collect();
    for workers in [1, 2, 7, MOST_WORKERS] {
        let order = Order { workers: Some(workers), ..order(&single, Some(scratch.path("out"))) };
        assert_eq!(run(order).iter().filter(|row| row.1 == "anonymized").count(), 300);
        fs::remove_dir_all(scratch.path("out")).unwrap();
    }
}
