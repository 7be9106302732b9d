//! Trees are compared with what became of them: what each file is found to be, and by whom.

use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::common::{Rows, Scratch, blanked, cut, named, order, row, run, run_with, usage_error};
use dicomblank_core::Plan;
use dicomblank_files::{
    Compared, Finding, Job, MOST_WORKERS, Objection, Observer, Order, Outcome, Progress, Pydicom, Report, Row, Task,
    Validate,
};

const NOT_REGULAR: &str = "no longer a regular file";
const CUT: &str = "the file is cut short, or a length in it is wrong at 0xb0 in (0010,4000)";

fn verify<P: AsRef<Path>>(sources: &[P], after: PathBuf) -> Order {
    Order { task: Task::Verify { after, others: Vec::new(), pydicom: Pydicom::Ask }, ..order(sources, None) }
}

fn rows(scratch: &Scratch) -> Vec<(String, String, String)> {
    run(verify(&[scratch.path("in")], scratch.path("out")))
}

/// Files, links and folders on both sides.
#[test]
fn what_became_of_each_file() {
    let scratch = Scratch::new();
    let both = |path: &str, before: &[u8], after: &[u8]| {
        scratch.write(&format!("in/{path}"), before);
        scratch.write(&format!("out/{path}"), after);
    };
    let before = |path: &str, bytes: &[u8]| drop(scratch.write(&format!("in/{path}"), bytes));
    let after = |path: &str, bytes: &[u8]| drop(scratch.write(&format!("out/{path}"), bytes));
    let link = |path: &str| symlink("ok", scratch.path(path)).unwrap();
    let name = || named(b"Doe^Jane");
    both("ok", &name(), &blanked(8));
    both("leak", &name(), &name());
    both("changed", &name(), &blanked(10));
    both("unreadable", &cut(), &cut());
    both("notes", b"hello", b"hello");
    both("other-notes", b"hello", b"hella");
    both("folder-to-file/x", &name(), b"");
    fs::remove_dir_all(scratch.path("out/folder-to-file")).unwrap();
    after("folder-to-file", b"");
    before("folder-to-link/notes", b"hello");
    link("out/folder-to-link");
    before("file-to-folder", b"hello");
    after("file-to-folder/x", b"");
    before("file-to-link", &name());
    link("out/file-to-link");
    link("in/link-to-file");
    after("link-to-file", &blanked(8));
    link("in/link-to-link");
    link("out/link-to-link");
    link("in/link-to-nothing");
    link("out/nothing-to-link");
    before("copied-not", b"hello");
    before("missing", &name());
    before("refused", &cut());
    after("extra", b"");
    before(".dicomblank-0123456789abcdef.part", &name());
    both(".dicomblank-0123456789abcdee.part", &name(), &name());
    after(".dicomblank-0123456789abcded.part", b"");
    assert_eq!(
        rows(&scratch),
        [
            row(".dicomblank-0123456789abcded.part", "extra", ""),
            row("changed", "changed", "264 bytes, 262 before"),
            row("copied-not", "not-dicom", ""),
            row("extra", "extra", ""),
            row("file-to-folder", "changed", NOT_REGULAR),
            row("file-to-folder/x", "extra", ""),
            row("file-to-link", "changed", NOT_REGULAR),
            row("folder-to-file", "extra", ""),
            row("folder-to-file/x", "missing", ""),
            row("folder-to-link", "extra", ""),
            row("folder-to-link/notes", "not-dicom", ""),
            row("leak", "leak", "1 value left to blank, the first is (0010,0010) at 0xb2"),
            row("link-to-file", "extra", ""),
            row("missing", "missing", ""),
            row("notes", "not-dicom", ""),
            row("nothing-to-link", "extra", ""),
            row("ok", "ok", ""),
            row("other-notes", "changed", "a byte that was not to be blanked differs at 0x4"),
            row("refused", "refused", &format!("the original is refused: {CUT}")),
            row("unreadable", "unreadable", &format!("before: {CUT}")),
        ]
    );
}

/// The trees as a caller may name them: by a link, with a slash, through "..", each inside the other, and the same one twice.
#[test]
fn however_the_trees_are_named() {
    let scratch = Scratch::new();
    scratch.write("t/in/x", &named(b"Doe^Jane"));
    scratch.write("t/out/x", &blanked(8));
    symlink("out", scratch.path("t/link")).unwrap();
    let ok = || vec![row("x", "ok", "")];
    for (before, after, expected) in [
        ("t/in", "t/out", ok()),
        ("t/in/", "t/out/", ok()),
        ("t/in", "t/link", ok()),
        ("t/in", "t/link/", ok()),
        ("t/in/.", "t/in/../out/.", ok()),
        ("t/in/x", "t/out/x", ok()),
        ("t/in/x", "t/link/x", ok()),
        ("t/in/x", "t/out", ok()),
        ("t/out", "t/out", ok()),
        ("t/link", "t/out", ok()),
        (
            "t/in",
            "t",
            vec![
                row("in/x", "extra", ""),
                row("link", "extra", ""),
                row("out/x", "extra", ""),
                row("x", "missing", ""),
            ],
        ),
        ("t", "t/out", vec![row("in/x", "missing", ""), row("out/x", "missing", ""), row("x", "extra", "")]),
    ] {
        let found = run(verify(&[scratch.path(before)], scratch.path(after)));
        assert_eq!(found, expected, "{before} {after}");
    }
}

/// Of several each is below its own name; what is a link there is no copy of a folder.
#[test]
fn several_originals() {
    let scratch = Scratch::new();
    for path in ["a/x", "b/x", "c", "d/x"] {
        scratch.write(path, &named(b"Doe^Jane"));
    }
    for path in ["out/a/x", "out/c", "out/stray", "far/x"] {
        scratch.write(path, &blanked(8));
    }
    symlink("../far", scratch.path("out/d")).unwrap();
    let mut found = Sources::default();
    let sources = ["a", "b", "c", "d"].map(|name| scratch.path(name));
    let report = Job::new(verify(&sources, scratch.path("out"))).unwrap().run(None, &mut found).unwrap();
    found.0.sort();
    let below = |path: &Path| path.strip_prefix(scratch.path("")).unwrap().display().to_string();
    let shown = found.0.iter().map(|(path, outcome, output)| {
        format!("{} {outcome} {}", below(path), output.as_deref().map(below).unwrap_or_default())
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            "a/x ok out/a/x",
            "b/x missing ",
            "c ok out/c",
            "d/x missing ",
            "out/d extra out/d",
            "out/stray extra out/stray"
        ]
    );
    assert_eq!((report.files(), report.count(Outcome::Ok), report.faults.len()), (6, 2, 4));
}

#[derive(Default)]
struct Sources(Vec<(PathBuf, &'static str, Option<PathBuf>)>);

impl Observer for Sources {
    fn rows(&mut self, rows: &[Row]) -> ControlFlow<()> {
        let told = |row: &Row| (row.full_path(), row.outcome().word(), row.output().map(Path::to_owned));
        self.0.extend(rows.iter().map(told));
        ControlFlow::Continue(())
    }

    fn progress(&mut self, _: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn tick(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// What is named itself is compared or is a fault, and never passed over in silence.
#[test]
fn what_is_named_and_is_no_file() {
    let scratch = Scratch::new();
    scratch.write("file", &named(b"Doe^Jane"));
    let temporary = scratch.write(".dicomblank-0123456789abcdef.part", &named(b"Doe^Jane"));
    let _listener = std::os::unix::net::UnixListener::bind(scratch.path("socket")).unwrap();
    let socket = scratch.path("socket");
    for (before, after, expected) in [
        (&socket, "file", "a socket: not opened"),
        (&socket, "socket", "a socket: not opened"),
        (&temporary, "file", "a temporary file of dicomblank"),
    ] {
        let name = before.file_name().unwrap().to_str().unwrap();
        assert_eq!(run(verify(&[before], scratch.path(after))), [row(name, "unreadable", expected)]);
    }
    let found = run(verify(&[scratch.path("file")], socket.clone()));
    assert_eq!((found.len(), &*found[0].1), (1, "unreadable"));
    assert!(found[0].2.starts_with(&*socket.to_string_lossy()), "{found:?}");
}

type Answer = Result<Option<(Outcome, Finding)>, Objection>;
type Answerer = dyn Fn() -> Answer + Sync;
type Asked = Vec<(String, Compared)>;

/// A second opinion that answers one thing, and keeps what it was asked.
struct Opinion<F>(F, Mutex<Asked>);

impl<F> Opinion<F> {
    const fn new(answer: F) -> Self {
        Self(answer, Mutex::new(Vec::new()))
    }
}

impl<F: Fn() -> Answer + Sync> Validate for Opinion<F> {
    fn plan(&self, _: &Path, _: &Plan) -> Result<(), Objection> {
        unreachable!("nothing is written")
    }

    fn compared(&self, path: &Path, _original: &Path, asked: Compared) -> Answer {
        let names: Vec<_> = path.iter().rev().take(2).map(|name| name.to_string_lossy().into_owned()).collect();
        self.1.lock().unwrap().push((format!("{}/{}", names[1], names[0]), asked));
        (self.0)()
    }
}

/// One file for each question, and two that need none.
fn questions() -> Scratch {
    let scratch = Scratch::new();
    for (path, before, after) in [
        ("leak", named(b"Doe^Jane"), named(b"Doe^Jane")),
        ("ok", named(b"Doe^Jane"), blanked(8)),
        ("notes", b"hello".to_vec(), b"hello".to_vec()),
    ] {
        scratch.write(&format!("in/{path}"), &before);
        scratch.write(&format!("out/{path}"), &after);
    }
    scratch.write("in/lost", &named(b"Doe^Jane"));
    scratch.write("in/not-copied", b"hello");
    scratch
}

fn with_opinion<F>(answer: F) -> (Asked, Vec<(String, String, String)>, Report)
where
    F: Fn() -> Answer + Sync,
{
    let scratch = questions();
    let opinion = Opinion::new(answer);
    let (rows, report) = run_with(verify(&[scratch.path("in")], scratch.path("out")), Some(&opinion));
    let mut asked = opinion.1.into_inner().unwrap();
    asked.sort_by(|one, other| one.0.cmp(&other.0));
    (asked, rows, report)
}

#[test]
fn the_second_opinion_is_asked_where_all_is_well_so_far() {
    let (asked, rows, report) = with_opinion(|| Ok(None));
    let ask = |path: &str, asked| (path.to_owned(), asked);
    assert_eq!(
        asked,
        [ask("in/not-copied", Compared::NotCopied), ask("out/notes", Compared::NotDicom), ask("out/ok", Compared::Ok)]
    );
    let outcomes: Vec<_> = rows.iter().map(|(path, outcome, _)| format!("{path} {outcome}")).collect();
    assert_eq!(outcomes, ["leak leak", "lost missing", "not-copied not-dicom", "notes not-dicom", "ok ok"]);
    assert_eq!((report.faults.len(), report.without_dicom.len()), (2, 0));
}

fn seen() -> Finding {
    Finding { kind: "value-seen", message: "seen".into(), offset: None, tag_path: None }
}

/// What it finds, that it breaks, and that it panics: each is a row of that file, and the others are compared.
#[test]
fn the_second_opinion_is_told() {
    let answers: [(&str, &Answerer, &str, &str); 4] = [
        ("leak", &|| Ok(Some((Outcome::Leak, seen()))), "value-seen", "seen"),
        ("unreadable", &|| Err(Objection::Broke("broken".into())), "not-validated", "broken"),
        ("unreadable", &|| Err(Objection::Disagrees("no".into())), "disputed", "no"),
        ("unreadable", &|| panic!("for a test"), "bug", "a bug in dicomblank: please report it"),
    ];
    for (outcome, answer, kind, message) in answers {
        let (_, rows, report) = with_opinion(answer);
        let lost = rows.iter().filter(|(_, outcome, _)| outcome == "missing").count();
        assert_eq!((rows.len(), lost), (5, 1));
        for path in ["not-copied", "notes", "ok"] {
            assert!(rows.contains(&row(path, outcome, message)), "{path}: {rows:?}");
        }
        let kinds = report.faults.iter().filter_map(|row| row.finding().map(|finding| finding.kind));
        assert_eq!(kinds.filter(|found| *found == kind).count(), 3);
    }
}

/// A comparison that is given up is no fault, and no verdict.
#[test]
fn an_interrupted_comparison_is_skipped() {
    let (_, rows, report) = with_opinion(|| Err(Objection::Interrupted));
    for path in ["not-copied", "notes", "ok"] {
        assert!(rows.contains(&row(path, "skipped", "interrupted: not compared")), "{rows:?}");
    }
    assert_eq!((report.count(Outcome::Skipped), report.faults.len()), (3, 2));
}

/// By the observer, before a file was looked at.
#[test]
fn a_cancelled_run_says_so() {
    struct Never(Rows);
    impl Observer for Never {
        fn rows(&mut self, rows: &[Row]) -> ControlFlow<()> {
            self.0.rows(rows)
        }

        fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
            self.0.progress(progress)
        }

        fn tick(&mut self) -> ControlFlow<()> {
            ControlFlow::Break(())
        }
    }
    let scratch = questions();
    let mut observer = Never(Rows::default());
    let job = Job::new(verify(&[scratch.path("in")], scratch.path("out"))).unwrap();
    let report = job.run(None, &mut observer).unwrap();
    assert!(report.is_cancelled && report.without_dicom.is_empty());
    assert_eq!(observer.0.0.len() as u64, report.files());
    assert!(observer.0.0.iter().all(|(_, outcome, _)| outcome == "extra" || outcome == "unreadable"));
}

/// As many workers as are asked for come to the same, and no file is done twice.
#[test]
fn many_files_by_some_workers() {
    let scratch = Scratch::new();
    for index in 0..600 {
        scratch.write(&format!("in/{}/{index}", index % 7), &named(b"Doe^Jane"));
        if index % 10 > 0 {
            scratch.write(&format!("out/{}/{index}", index % 7), &blanked(8));
        }
        if index % 50 == 0 {
            scratch.write(&format!("out/{}/{index}x", index % 7), &blanked(8));
        }
    }
    for workers in [1, 2, 5] {
        let order = Order { workers: Some(workers), ..verify(&[scratch.path("in")], scratch.path("out")) };
        let (mut rows, report) = run_with(order, None);
        let counts = [Outcome::Ok, Outcome::Missing, Outcome::Extra].map(|outcome| report.count(outcome));
        assert_eq!((rows.len(), report.files(), counts), (612, 612, [540, 60, 12]));
        rows.dedup();
        assert_eq!(rows.len(), 612);
    }
}

#[test]
fn folders_without_dicom_are_told() {
    let scratch = Scratch::new();
    scratch.write("a/x", &named(b"Doe^Jane"));
    scratch.write("b/notes", b"hello");
    scratch.write("out/a/x", &blanked(8));
    fs::create_dir_all(scratch.path("c")).unwrap();
    let sources = ["a", "b", "c"].map(|name| scratch.path(name));
    let (_, report) = run_with(verify(&sources, scratch.path("out")), None);
    assert_eq!((report.faults.len(), &report.without_dicom[..]), (0, &sources[1..]));
}

#[test]
fn what_can_not_be_asked() {
    let scratch = Scratch::new();
    for path in ["in/x", "twin/in/x", "file", "other", "out/x"] {
        scratch.write(path, &named(b"Doe^Jane"));
    }
    let path = |name: &str| scratch.path(name);
    let report = |name: &str| Order { report: Some(path(name)), ..verify(&[path("in")], path("out")) };
    for (order, expected) in vec![
        (verify(&[path("in")], path("file")), "two files or two trees"),
        (verify(&[path("in"), path("file")], path("other")), "AFTER is none"),
        (verify(&[path("in"), path("twin/in")], path("out")), "would both be copied to in"),
        (verify(&[path("in")], path("nowhere")), "No such file or directory"),
        (verify(&[path("nowhere")], path("out")), "No such file or directory"),
        (verify::<PathBuf>(&[], path("out")), "no source was given"),
        (report("in/report"), "would lie in the source"),
        (report("out/report"), "would lie in the output"),
        (report("file"), "exists already"),
        (Order { workers: Some(MOST_WORKERS + 1), ..verify(&[path("in")], path("out")) }, "workers: a number from 1"),
    ] {
        let said = usage_error(order);
        assert!(said.contains(expected), "{said}, not {expected}");
    }
    assert!(!scratch.exists("in/report") && !scratch.exists("out/report"));
}
