//! A dry run says what a run would do, and how far each value is, and touches nothing.

use std::ops::ControlFlow;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::common::build::{ID, SEX};
use crate::common::{
    COMMENTS, NAME, Scratch, blanked, cut, deflated_dicom, dicom, element, named, order, row, run_with,
};
use dicomblank_core::{Rules, Selector, State, Table, Tag, Text, Treatment};
use dicomblank_files::{
    Job, Keying, Observer, Order, Outcome, Plans, Progress, Row, StateCounts, Task, Watch, dry_run, dry_run_bytes,
};

fn dry<P: AsRef<Path>>(sources: &[P], plans: Plans) -> Order {
    Order { task: Task::Plan(plans), ..order(sources, None) }
}

fn of(all: impl IntoIterator<Item = (Tag, Treatment)>) -> Rules {
    Rules::with(all.into_iter().map(|(tag, treatment)| (Selector::Tag(tag), treatment))).unwrap()
}

#[test]
fn what_a_run_would_do() {
    let scratch = Scratch::new();
    let twice = dicom(&[element(NAME, "PN", b"Doe^Jane"), element(NAME, "PN", b"    ")]);
    let left_over = ".dicomblank-0123456789abcdef.part";
    for (path, bytes) in [
        ("in/a", named(b"Doe^Jane")),
        ("in/b", blanked(8)),
        ("in/c", twice),
        ("in/cut", cut()),
        ("in/deflated", deflated_dicom(&[element(NAME, "PN", b"Doe^Jane")])),
        ("in/notes", b"hello".to_vec()),
        (&*format!("in/{left_over}"), named(b"Doe^Jane")),
        ("single", named(b"Doe^Jane")),
    ] {
        scratch.write(path, &bytes);
    }
    symlink("a", scratch.path("in/link")).unwrap();
    let before = scratch.files("");
    let (rows, report) = run_with(dry(&[scratch.path("in"), scratch.path("single")], Plans::Count), None);
    let outcomes: Vec<_> = rows.iter().map(|(path, outcome, _)| (&**path, &**outcome)).collect();
    let expected = [
        (left_over, "skipped"),
        ("a", "planned"),
        ("b", "unchanged"),
        ("c", "planned"),
        ("cut", "refused"),
        ("deflated", "planned"),
        ("link", "skipped"),
        ("notes", "not-dicom"),
        ("single", "planned"),
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(scratch.files(""), before);
    let counts = StateCounts { files: 5, values: 6, to_do: 4, blank: 2, done: 0 };
    assert_eq!(report.states().into_iter().collect::<Vec<_>>(), [("PatientName".to_owned(), counts)]);
    assert_eq!((report.edits(), report.count(Outcome::Planned), report.count(Outcome::Anonymized)), (4, 4, 0));
    let (_, done) = run_with(order(&[scratch.path("in"), scratch.path("single")], Some(scratch.path("out"))), None);
    assert_eq!((done.edits(), done.values()), (report.edits(), report.values()));
    assert!(done.states().is_empty());
}

/// Looks at the plans that rows have.
#[derive(Default)]
struct Kept(Vec<(String, Option<Vec<State>>)>);

impl Observer for Kept {
    fn rows(&mut self, rows: &[Row]) -> ControlFlow<()> {
        let states = |row: &Row| row.dry_run().map(|dry_run| dry_run.states.clone());
        self.0.extend(rows.iter().map(|row| (row.path().to_string_lossy().into_owned(), states(row))));
        ControlFlow::Continue(())
    }

    fn progress(&mut self, _: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn tick(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

#[test]
fn a_row_has_its_plan_where_that_is_asked_for() {
    let scratch = Scratch::new();
    scratch.write("in/a", &named(b"Doe^Jane"));
    scratch.write("in/b", &blanked(8));
    scratch.write("in/cut", &cut());
    for plans in [Plans::Count, Plans::Keep] {
        let mut kept = Kept::default();
        Job::new(dry(&[scratch.path("in")], plans)).unwrap().run(None, &mut kept).unwrap();
        kept.0.sort_by(|one, other| one.0.cmp(&other.0));
        let states = |state| (plans == Plans::Keep).then(|| vec![state]);
        let expected = [("a", states(State::ToDo)), ("b", states(State::Blank)), ("cut", None)];
        assert_eq!(kept.0, expected.map(|(path, states)| (path.to_owned(), states)));
    }
}

/// A table needs no key: its file is marked when it is done, and what the table does not have is refused.
#[test]
fn what_can_not_be_done_twice_is_told_by_the_mark() {
    let scratch = Scratch::new();
    let table = Table::new([("1234", "x")]).unwrap();
    let rules = of([
        (ID, Treatment::Map(table)),
        (NAME, Treatment::Set(Text::new("No one").unwrap())),
        (SEX, Treatment::Blank),
        (COMMENTS, Treatment::Blank),
    ]);
    let file = |id: &[u8]| {
        dicom(&[
            element(NAME, "PN", b"Doe^Jane"),
            element(ID, "LO", id),
            element(SEX, "CS", b"  "),
            element(COMMENTS, "LT", b"none"),
        ])
    };
    let path = scratch.write("in/a", &file(b"1234"));
    let keying = Keying::of_dry_run(&rules, None).unwrap();
    let states = || dry_run(&path, &rules, &keying, Watch::default()).unwrap().states;
    assert_eq!(states(), [State::ToDo, State::ToDo, State::Blank, State::ToDo]);
    run_with(Order { rules: rules.clone(), ..order(&[scratch.path("in")], None) }, None);
    assert_eq!(states(), [State::Done, State::Done, State::Blank, State::Blank]);
    let refused = dry_run_bytes(&file(b"5678"), &rules, &keying).unwrap_err();
    assert_eq!(refused.finding(&path).kind, "not-in-table");
}

/// Without a key it is what the file says of itself.
#[test]
fn without_a_key_the_mark_is_believed() {
    let rules = of([(NAME, Treatment::Pseudonymize), (ID, Treatment::Pseudonymize)]);
    let keying = Keying::of_dry_run(&rules, None).unwrap();
    let mut bytes = dicom(&[element(NAME, "PN", b"Doe^Jane"), element(ID, "LO", b"    ")]);
    let states = |bytes: &[u8]| dry_run_bytes(bytes, &rules, &keying).unwrap().states;
    assert_eq!(states(&bytes), [State::ToDo, State::Blank]);
    bytes[96..106].copy_from_slice(b"DICOMblk\x01D");
    assert_eq!(states(&bytes), [State::Done, State::Blank]);
    let (rows, report) = {
        let scratch = Scratch::new();
        scratch.write("in/a", &bytes);
        run_with(Order { rules, ..dry(&[scratch.path("in")], Plans::Count) }, None)
    };
    assert_eq!(rows, [row("a", "unchanged", "")]);
    let counts: Vec<_> =
        report.states().into_values().map(|counts| (counts.to_do, counts.blank, counts.done)).collect();
    assert_eq!(counts, [(0, 1, 0), (0, 0, 1)]);
}

/// Cancels at once.
struct Cancels;

impl Observer for Cancels {
    fn rows(&mut self, _: &[Row]) -> ControlFlow<()> {
        ControlFlow::Break(())
    }

    fn progress(&mut self, _: Progress) -> ControlFlow<()> {
        ControlFlow::Break(())
    }

    fn tick(&mut self) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

#[test]
fn a_run_that_is_cancelled() {
    let scratch = Scratch::new();
    scratch.write("in/a", &named(b"Doe^Jane"));
    let report = Job::new(dry(&[scratch.path("in")], Plans::Keep)).unwrap().run(None, &mut Cancels).unwrap();
    assert_eq!((report.is_cancelled, report.files()), (true, 0));
}
