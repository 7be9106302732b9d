//! What stands in files: each is looked into, nothing is written, and the counts are those of the rows.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use crate::common::{
    NAME, Scratch, cut, deflated_dicom, dicom, element, named, order, row, run, run_with, usage_error,
};
use dicomblank_core::{Rules, Sign, Tag, Tags};
use dicomblank_files::{Against, Catalogue, Order, Sections, Task};

const COMMENTS: Tag = Tag::new(0x0010, 0x4000);
const READER: Tag = Tag::new(0x0008, 0x1060);
const PRIVATE: Tag = Tag::new(0x0009, 0x1001);

fn catalogue() -> Arc<Catalogue> {
    let names =
        [("attributes", "PatientName"), ("attributes", "PatientComments"), ("", "helper"), ("bytes", "preamble")];
    let signs = [
        (0, Sign::Stands(Tags::of(NAME))),
        (1, Sign::Stands(Tags::of(COMMENTS))),
        (2, Sign::Stands(Tags::of(NAME))),
        (3, Sign::Preamble),
    ];
    let names = names.map(|(section, word)| (section.to_owned(), word.to_owned()));
    Arc::new(Catalogue::new(names.into(), signs, &["ACME".to_owned()]).unwrap())
}

fn inspect<P: AsRef<Path>>(sources: &[P], against: Against) -> Order {
    Order { task: Task::Inspect { catalogue: catalogue(), against }, ..order(sources, None) }
}

fn sections(all: &[(&str, &str, u64, u64)]) -> Sections {
    let mut sections = Sections::new();
    for (section, word, files, left) in all {
        let words: &mut BTreeMap<_, _> = sections.entry((*section).to_owned()).or_default();
        words.insert((*word).to_owned(), (*files, *left));
    }
    sections
}

#[test]
fn what_becomes_of_each_file() {
    let scratch = Scratch::new();
    let mut with_preamble = named(b"Doe^Jane");
    with_preamble[0] = 1;
    for (path, bytes) in [
        ("in/a", named(b"Doe^Jane")),
        ("in/b/c", with_preamble),
        ("in/blank", named(b"        ")),
        ("in/cut", cut()),
        ("in/deflated", deflated_dicom(&[element(NAME, "PN", b"Doe^Jane"), element(READER, "PN", b"Roe ")])),
        ("in/notes", b"hello".to_vec()),
        ("in/packed", b"PK\x03\x04".to_vec()),
        ("in/.dicomblank-0123456789abcdef.part", named(b"Doe^Jane")),
    ] {
        scratch.write(path, &bytes);
    }
    symlink("a", scratch.path("in/link")).unwrap();
    let before = fs::read(scratch.path("in/a")).unwrap();
    let (rows, report) = run_with(inspect(&[scratch.path("in")], Against::Nothing), None);
    let outcomes: Vec<_> = rows.iter().map(|(path, outcome, _)| (&**path, &**outcome)).collect();
    assert_eq!(
        outcomes,
        [
            (".dicomblank-0123456789abcdef.part", "skipped"),
            ("a", "inspected"),
            ("b/c", "inspected"),
            ("blank", "inspected"),
            ("cut", "refused"),
            ("deflated", "inspected"),
            ("link", "skipped"),
            ("notes", "not-dicom"),
            ("packed", "archive"),
        ]
    );
    let expected = [
        ("attributes", "PatientName", 3, 3),
        ("bytes", "preamble", 1, 1),
        ("names", "NameOfPhysiciansReadingStudy", 1, 1),
    ];
    assert_eq!(report.found(), sections(&expected));
    assert_eq!((report.faults.len(), report.without_dicom.len(), report.edits()), (1, 0, 0));
    assert_eq!(fs::read(scratch.path("in/a")).unwrap(), before);
    assert!(scratch.path("in/.dicomblank-0123456789abcdef.part").exists());
}

/// A link that is named is followed; one that takes the place of a file meanwhile is not, as elsewhere.
#[test]
fn a_file_that_is_named() {
    let scratch = Scratch::new();
    scratch.write("a", &named(b"Doe^Jane"));
    scratch.write("notes", b"hello");
    symlink("a", scratch.path("link")).unwrap();
    assert_eq!(run(inspect(&[scratch.path("link")], Against::Nothing)), [row("link", "inspected", "")]);
    let (_, report) = run_with(inspect(&[scratch.path("notes")], Against::Nothing), None);
    assert_eq!(report.faults.len(), 1);
    fs::create_dir(scratch.path("empty")).unwrap();
    let (_, report) = run_with(inspect(&[scratch.path("empty")], Against::Nothing), None);
    assert_eq!(report.without_dicom, [scratch.path("empty")]);
}

#[test]
fn what_rules_leave() {
    let scratch = Scratch::new();
    let comments = || element(COMMENTS, "LT", b"abcdef");
    scratch.write("in/0", &named(b"Doe^Jane"));
    scratch.write("in/1", &dicom(&[element(NAME, "PN", b"Doe^Jane"), comments()]));
    scratch.write("in/2", &dicom(&[element(PRIVATE, "LO", b"ab"), comments()]));
    scratch.write("in/3", &deflated_dicom(&[element(NAME, "PN", b"Doe^Jane"), comments()]));
    for (blank, expected) in [
        (NAME, [("PatientComments", 3, 3), ("PatientName", 3, 0)]),
        (COMMENTS, [("PatientComments", 3, 0), ("PatientName", 3, 3)]),
    ] {
        let rules = Rules::new([blank], []).unwrap();
        let order = Order { rules, ..inspect(&[scratch.path("in")], Against::Rules) };
        let (_, report) = run_with(order, None);
        let expected = expected.map(|(word, files, left)| ("attributes", word, files, left));
        assert_eq!(report.found(), sections(&[&expected[..], &[("private", "others", 1, 1)]].concat()));
    }
}

/// A key is for values that are replaced: none are.
#[test]
fn no_key_is_asked_for() {
    let scratch = Scratch::new();
    scratch.write("in/0", &named(b"Doe^Jane"));
    let rules = Rules::with([(NAME.into(), dicomblank_core::Treatment::Pseudonymize)]).unwrap();
    let order = Order { rules, ..inspect(&[scratch.path("in")], Against::Rules) };
    let (_, report) = run_with(order, None);
    assert_eq!(report.found(), sections(&[("attributes", "PatientName", 1, 0)]));
}

#[test]
fn the_report_file() {
    let scratch = Scratch::new();
    for number in 0..3 {
        scratch.write(&format!("in/{number}"), &named(b"Doe^Jane"));
    }
    scratch.write("in/3", &dicom(&[element(COMMENTS, "LT", b"abcdef")]));
    for (against, run_row, file_row, end_row) in [
        (
            Against::Nothing,
            "\"inspect\": {\"left\": false}",
            "\"outcome\": \"inspected\", \"edits\": 0, \"found\": {\"attributes\": [\"PatientName\"]}}",
            "\"values\": {}, \"files_with\": {}, \"found\": {\"attributes\": {\"PatientComments\": 1, \"PatientName\": 3}}}",
        ),
        (
            Against::Rules,
            "\"inspect\": {\"left\": true}",
            "\"edits\": 0, \"found\": {\"attributes\": [\"PatientName\"]}, \"left\": {}}",
            "\"found\": {\"attributes\": {\"PatientComments\": 1, \"PatientName\": 3}}, \"left\": {\"attributes\": {\"PatientComments\": 1}}}",
        ),
    ] {
        let report = scratch.path(run_row.get(11..).unwrap().trim_matches(['{', '}', '"']));
        let order = Order { report: Some(report.clone()), ..inspect(&[scratch.path("in")], against) };
        run(order);
        let text = fs::read_to_string(&report).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 6);
        assert!(lines[0].contains(run_row), "{}", lines[0]);
        assert_eq!(lines[1..5].iter().filter(|line| line.ends_with(file_row)).count(), 3, "{text}");
        assert!(lines[5].ends_with(end_row), "{}", lines[5]);
        let order = Order { report: Some(scratch.path("in/run.jsonl")), ..inspect(&[scratch.path("in")], against) };
        assert!(usage_error(order).contains("would lie in the source"));
    }
}
