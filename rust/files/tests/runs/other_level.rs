//! A result that is not as it should be is told from one that another level has made.

use std::ops::ControlFlow;

use crate::common::{COMMENTS, NAME, Scratch, deflated_dicom, dicom, element, order};
use dicomblank_core::{Marks, Rules, Tag, Treatment};
use dicomblank_files::{Job, NamedLevel, Observer, Order, Outcome, Progress, Pydicom, Row, Task};

const PATIENT_ID: Tag = Tag::new(0x0010, 0x0020);

/// The levels of these tests.
fn level(name: &str) -> NamedLevel {
    let rules = match name {
        "some" => Rules::new([NAME], []),
        "more" | "the-same" => Rules::new([NAME, COMMENTS], []),
        "keyed" => Rules::with([(NAME.into(), Treatment::Blank), (PATIENT_ID.into(), Treatment::Pseudonymize)]),
        _ => Rules::new([], []),
    };
    NamedLevel { name: name.to_owned(), rules: rules.unwrap() }
}

fn elements(name: &str, id: &str, comments: &str) -> [Vec<u8>; 3] {
    [
        element(NAME, "PN", name.as_bytes()),
        element(PATIENT_ID, "LO", id.as_bytes()),
        element(COMMENTS, "LT", comments.as_bytes()),
    ]
}

fn file(name: &str, id: &str, comments: &str) -> Vec<u8> {
    dicom(&elements(name, id, comments))
}

/// The file with a mark, made by whatever key.
fn marked(mut file: Vec<u8>) -> Vec<u8> {
    let marks = Marks::new([1; 8], [2; 6], |_| [3; 8]);
    let mark = marks.done().unwrap();
    mark.write_over(mark.span().start(), &mut file[96..128]);
    file
}

#[derive(Default)]
struct Only(Option<(Outcome, Vec<String>, String)>);

impl Observer for Only {
    fn rows(&mut self, rows: &[Row]) -> ControlFlow<()> {
        for row in rows {
            let said = row.finding().map(|finding| finding.message).unwrap_or_default();
            assert!(self.0.replace((row.outcome(), row.levels().to_vec(), said)).is_none());
            assert_eq!(row.is_fault(), row.outcome() != Outcome::Ok);
        }
        ControlFlow::Continue(())
    }

    fn progress(&mut self, _: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn tick(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

fn found(before: &[u8], after: &[u8], asked: &str, others: &[&str]) -> (Outcome, Vec<String>, String) {
    let scratch = Scratch::new();
    let (before, after) = (scratch.write("before", before), scratch.write("after", after));
    let others = others.iter().map(|name| level(name)).collect();
    let task = Task::Verify { after, others, pydicom: Pydicom::LeaveOut };
    let order = Order { task, rules: level(asked).rules, ..order(&[before], None) };
    let mut only = Only::default();
    Job::new(order).unwrap().run(None, &mut only).unwrap();
    only.0.unwrap()
}

#[test]
fn whose_result_a_file_is() {
    let jane = || file("Doe^Jane", "PAT-4711", "a word");
    let some = || file("        ", "PAT-4711", "a word");
    let more = || file("        ", "PAT-4711", "      ");
    let keyed = || marked(file("        ", "QRS-0815", "a word"));
    let mut unfinished = keyed();
    unfinished[96 + 9] = b'B';
    let deflated = |comments| deflated_dicom(&elements("        ", "PAT-4711", comments));
    let unfit = |name: &str| {
        let [name, _, comments] = elements(name, "", "a word");
        dicom(&[name, element(PATIENT_ID, "OB", b"PAT-4711"), comments])
    };
    // What was asked about and what else there is; the original and the result; what is found.
    #[rustfmt::skip]
    #[allow(clippy::type_complexity)]
    let rows: [(&str, &[&str], Vec<u8>, Vec<u8>, Outcome, &[&str]); 21] = [
        ("more", &["some"], jane(), more(), Outcome::Ok, &[]),
        ("more", &["some"], jane(), some(), Outcome::OtherLevel, &["some"]),
        ("some", &["more"], jane(), more(), Outcome::OtherLevel, &["more"]),
        ("none", &["some", "more"], jane(), more(), Outcome::OtherLevel, &["more"]),
        ("some", &["the-same", "keyed", "more"], jane(), more(), Outcome::OtherLevel, &["the-same", "more"]),
        ("more", &["some"], deflated("a word"), deflated("     "), Outcome::Changed, &[]),
        ("none", &["some", "more"], deflated("a word"), deflated("      "), Outcome::OtherLevel, &["more"]),
        // By a level that is not asked about it would be refused.
        ("more", &["keyed", "some"], unfit("Doe^Jane"), unfit("        "), Outcome::OtherLevel, &["some"]),
        // Without a sign of any level.
        ("more", &[], jane(), some(), Outcome::Leak, &[]),
        ("more", &["none", "some"], jane(), jane(), Outcome::Leak, &[]),
        ("more", &["none", "some"], some(), some(), Outcome::Leak, &[]),
        // One byte that no level changes.
        ("more", &["some"], jane(), file("        ", "PAT-4712", "a word"), Outcome::Leak, &[]),
        ("some", &["more"], jane(), file("        ", "PAT-4711", "     ?"), Outcome::Changed, &[]),
        ("more", &["some"], jane(), file("        ", "PAT-4711", "a word  "), Outcome::Changed, &[]),
        // What only a key could show is told by its mark.
        ("more", &["some", "keyed"], jane(), keyed(), Outcome::OtherLevel, &["keyed"]),
        ("more", &["keyed"], jane(), file("        ", "QRS-0815", "a word"), Outcome::Leak, &[]),
        ("none", &["keyed"], jane(), marked(file("Doe^Jane", "QRS-0815", "a word")), Outcome::Changed, &[]),
        ("none", &["keyed"], jane(), marked(file("        ", "QRS-0815", "A word")), Outcome::Changed, &[]),
        ("more", &["keyed"], marked(jane()), keyed(), Outcome::Leak, &[]),
        ("none", &["keyed"], marked(jane()), keyed(), Outcome::Changed, &[]),
        ("more", &["keyed"], jane(), unfinished, Outcome::Unreadable, &[]),
    ];
    for (number, (asked, others, before, after, outcome, levels)) in rows.into_iter().enumerate() {
        let found = found(&before, &after, asked, others);
        assert_eq!((number, found.0, found.1), (number, outcome, levels.iter().map(ToString::to_string).collect()));
    }
}

/// What was found first, and whose result it is; of a mark no more than what it shows.
#[test]
fn what_is_said_of_it() {
    let jane = file("Doe^Jane", "PAT-4711", "a word");
    for (asked, others, after, expected) in [
        (
            "more",
            &["some"][..],
            file("        ", "PAT-4711", "a word"),
            "1 value left to blank, the first is (0010,4000) at 0xc8: this is what the level some makes of the original",
        ),
        (
            "none",
            &["more", "the-same"],
            file("        ", "PAT-4711", "      "),
            "a byte that was not to be blanked differs at 0xa8: this is what the level more or the-same makes of the original",
        ),
        (
            "none",
            &["keyed"],
            marked(file("        ", "QRS-0815", "a word")),
            "a byte that was not to be blanked differs at 0x60: it is marked as pseudonymized, and only what the level keyed changes is changed",
        ),
    ] {
        assert_eq!(found(&jane, &after, asked, others).2, expected);
    }
}
