//! Files whose length changes: as copies, in place, in memory, compared and planned. What they become is the same by every
//! road.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use crate::common::build::MODALITY;
use crate::common::{
    NAME, PIXELS, Scratch, cut, deflated_dicom, dicom, element, order, pixels, row, run, run_with, usage_error,
    with_existing, with_hard_links,
};
use dicomblank_core::{Additions, Insert, Rules, Selector, Table, Tag, Treatment, Vr};
use dicomblank_files::{
    Destination, Existing, FileError, HardLinks, Keying, Leftovers, Order, Plans, Pydicom, Task, Unmarked, Verdict,
    Watch, blank_buffer, compare, dry_run, plan_bytes, rewrite_bytes,
};

const METHOD: Tag = Tag::new(0x0012, 0x0063);
const STUDY: Tag = Tag::new(0x0020, 0x0010);
const COMMENTS: Tag = Tag::new(0x0020, 0x4000);

/// Names go, and a method comes. With a table, something is done that can't be done twice.
fn rules(has_table: bool) -> Rules {
    let method = Insert::text(METHOD, Vr::LO, "dicomblank by a test").unwrap();
    let additions = Additions::new("1.2.3", "TEST", vec![method]).unwrap();
    let table = Table::new([("one", "another one")]).unwrap();
    let table = has_table.then_some((Selector::Tag(STUDY), Treatment::Map(table)));
    let all = [(Selector::Tag(NAME), Treatment::Remove)].into_iter().chain(table);
    Rules::with(all).unwrap().adding(Arc::new(additions))
}

fn elements(name: &[u8], pixels: Vec<u8>) -> Vec<Vec<u8>> {
    vec![element(MODALITY, "CS", b"CT"), element(NAME, "PN", name), element(STUDY, "SH", b"one "), pixels]
}

fn file(length: usize) -> Vec<u8> {
    dicom(&elements(b"Doe^Jane", element(PIXELS, "OW", &vec![7; length])))
}

/// Short and long files, of which the system copies a part, and one that is deflated.
fn files() -> [(&'static str, Vec<u8>); 5] {
    [
        ("deflated", deflated_dicom(&elements(b"Doe^Jane", pixels()))),
        ("far", file(300_000)),
        ("near", file(16_000)),
        ("short", file(64)),
        ("without a name", dicom(&[element(MODALITY, "CS", b"CT"), element(STUDY, "SH", b"one ")])),
    ]
}

fn becomes(bytes: &[u8], rules: &Rules) -> Vec<u8> {
    rewrite_bytes(bytes, rules, &Keying::new(rules, None), &Watch::default()).unwrap()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn copying(scratch: &Scratch, rules: &Rules, existing: Existing) -> Order {
    let order = order(&[scratch.path("in")], Some(scratch.path("out")));
    Order { rules: rules.clone(), ..with_existing(existing, order) }
}

fn in_place(scratch: &Scratch, rules: &Rules) -> Order {
    Order { rules: rules.clone(), ..order(&[scratch.path("in")], None) }
}

fn written(has_table: bool) -> (Scratch, Rules) {
    let (scratch, rules) = (Scratch::new(), rules(has_table));
    for (name, bytes) in files() {
        scratch.write(&format!("in/{name}"), &bytes);
    }
    (scratch, rules)
}

fn of_all(outcome: &str) -> Vec<(String, String, String)> {
    files().map(|(name, _)| row(name, outcome, "")).to_vec()
}

#[test]
fn a_copy_is_what_its_bytes_become() {
    for has_table in [false, true] {
        let (scratch, rules) = written(has_table);
        fs::set_permissions(scratch.path("in/short"), fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(run(copying(&scratch, &rules, Existing::Refuse)), of_all("anonymized"));
        for (name, bytes) in files() {
            let copy = fs::read(scratch.path("out").join(name)).unwrap();
            assert!(copy == becomes(&bytes, &rules) && copy != bytes, "{name}");
            assert!(!holds(&copy, b"Doe^Jane") && fs::read(scratch.path("in").join(name)).unwrap() == bytes, "{name}");
            assert_eq!(holds(&copy[..132], b"DICOMblk"), has_table, "{name}");
        }
        assert_eq!(fs::metadata(scratch.path("out/short")).unwrap().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_copy_that_is_there_is_skipped_if_it_is_the_result() {
    let (scratch, rules) = written(true);
    run(copying(&scratch, &rules, Existing::Refuse));
    let skipped = |order| run(order).into_iter().map(|(path, outcome, _)| (path, outcome)).collect::<Vec<_>>();
    let all = |outcome: &str| files().map(|(name, _)| (name.to_owned(), outcome.to_owned())).to_vec();
    assert_eq!(skipped(copying(&scratch, &rules, Existing::Refuse)), all("refused"));
    assert_eq!(skipped(copying(&scratch, &rules, Existing::Skip)), all("skipped"));
    for (name, _) in files() {
        let path = scratch.path("out").join(name);
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1; // of the same length
        fs::write(path, bytes).unwrap();
    }
    let rows = run(copying(&scratch, &rules, Existing::Skip));
    assert!(rows.iter().all(|(_, outcome, reason)| outcome == "refused" && reason.contains("exists already")));
    assert_eq!(run(copying(&scratch, &rules, Existing::Overwrite)), of_all("anonymized"));
    assert_eq!(skipped(copying(&scratch, &rules, Existing::Skip)), all("skipped"));
}

/// A new file takes the place of the old one, with its mode; the second run changes nothing.
#[test]
fn in_place_a_new_file_is_what_the_bytes_become() {
    let (scratch, rules) = written(true);
    fs::set_permissions(scratch.path("in/far"), fs::Permissions::from_mode(0o604)).unwrap();
    assert_eq!(run(in_place(&scratch, &rules)), of_all("anonymized"));
    let state = || files().map(|(name, _)| fs::metadata(scratch.path("in").join(name)).unwrap());
    for (name, bytes) in files() {
        assert!(fs::read(scratch.path("in").join(name)).unwrap() == becomes(&bytes, &rules), "{name}");
    }
    assert_eq!(state()[1].mode() & 0o777, 0o604);
    let before = state().map(|of| (of.ino(), of.mtime_nsec()));
    assert_eq!(run(in_place(&scratch, &rules)), of_all("unchanged"));
    assert_eq!(state().map(|of| (of.ino(), of.mtime_nsec())), before);
    assert_eq!(fs::read_dir(scratch.path("in")).unwrap().count(), files().len());
}

#[test]
fn what_cannot_be_rewritten_in_place_stays() {
    let scratch = Scratch::new();
    let (keyed, plain) = (rules(true), rules(false));
    let bare =
        [element(MODALITY, "CS", b"CT"), element(NAME, "PN", b"Doe^Jane"), element(STUDY, "SH", b"one ")].concat();
    let linked = file(64);
    scratch.write("in/bare", &bare);
    scratch.write("in/cut", &cut());
    let path = scratch.write("in/linked", &linked);
    fs::hard_link(&path, scratch.path("other")).unwrap();
    for hard_links in [HardLinks::Refuse, HardLinks::Write] {
        let found = run(with_hard_links(hard_links, in_place(&scratch, &keyed)));
        let reasons = ["no room for the mark", "cut short", "a new file would take its place under one of them only"];
        for ((_, outcome, reason), part) in found.iter().zip(reasons) {
            assert!(outcome == "refused" && reason.contains(part), "{reason}");
        }
        assert!(fs::read(scratch.path("in/bare")).unwrap() == bare && fs::read(&path).unwrap() == linked);
    }
    // Allowed, or where nothing is done that can't be done twice.
    let allowed = Task::Anonymize(Destination::InPlace { hard_links: HardLinks::Refuse, unmarked: Unmarked::Write });
    run(Order { task: allowed, ..in_place(&scratch, &keyed) });
    assert!(holds(&fs::read(scratch.path("in/bare")).unwrap(), b"another one"));
    assert_eq!(run(in_place(&scratch, &plain))[0], row("bare", "unchanged", ""));
}

/// With its mark, what can't be done twice stays, and all else is done. Without it, nobody knows.
#[test]
fn a_result_is_done_once() {
    let rules = rules(true);
    let once = becomes(&file(64), &rules);
    assert!(holds(&once, b"another one") && becomes(&once, &rules) == once);
    let marked = |bytes: &[u8]| rewrite_bytes(bytes, &rules, &Keying::new(&rules, None), &Watch::default());
    let with_name = [&once[..], &element(NAME, "PN", b"Doe^Jane")].concat();
    assert!(marked(&with_name).unwrap() == once);
    let at = once.windows(11).position(|window| window == b"another one").unwrap();
    let mut lost = [&once[..at - 2], &[4, 0], b"one ", &once[at + 12..]].concat();
    lost[96..128].fill(0);
    let kind = |found: Result<Vec<u8>, FileError>| found.unwrap_err().kind();
    assert_eq!(kind(marked(&lost)), "mark-lost");
    let mut other = lost.clone();
    other[100] ^= 1;
    assert_eq!(kind(marked(&other)), "mark-lost"); // something else stands there
    let others = Rules::with([(Selector::Tag(Tag::new(8, 0x50)), Treatment::Map(Table::new([("a", "b")]).unwrap()))]);
    let others = others.unwrap().adding(Arc::new(Additions::new("1.2.3", "TEST", vec![]).unwrap()));
    let with_number = [&once[..], &element(Tag::new(8, 0x50), "SH", b"a ")].concat();
    assert_eq!(
        kind(rewrite_bytes(&with_number, &others, &Keying::new(&others, None), &Watch::default())),
        "other-rules"
    );
    // Rules that do nothing of that kind leave the mark where it is.
    assert!(holds(&becomes(&once, &self::rules(false)), b"DICOMblk"));
    // Rules that keep lengths heed it, too.
    let table = Table::new([("one", "two")]).unwrap();
    let plain = Rules::with([(Selector::Tag(STUDY), Treatment::Map(table))]).unwrap();
    let found = dicomblank_files::blank_bytes(&mut lost, &plain, &Keying::new(&plain, None), &Watch::default());
    assert_eq!(found.unwrap_err().kind(), "mark-lost");
}

#[test]
fn a_result_is_compared_byte_for_byte() {
    let (scratch, rules) = written(true);
    run(copying(&scratch, &rules, Existing::Refuse));
    let task = || Task::Verify { after: scratch.path("out"), others: Vec::new(), pydicom: Pydicom::LeaveOut };
    let verify = || run(Order { task: task(), rules: rules.clone(), ..order(&[scratch.path("in")], None) });
    assert_eq!(verify(), of_all("ok"));
    let keying = Keying::new(&rules, None);
    let found = |bytes: &[u8]| {
        let (before, after) = (scratch.write("before", &file(64)), scratch.write("after", bytes));
        let (verdict, finding) = compare(&before, &after, &rules, &keying, Watch::default()).unwrap();
        (verdict, finding.map(|finding| finding.kind))
    };
    let result = becomes(&file(64), &rules);
    let changed = |part: &[u8], new: &[u8]| {
        let at = result.windows(part.len()).position(|window| window == part).unwrap();
        [&result[..at], new, &result[at + part.len()..]].concat()
    };
    for (what, bytes, expected) in [
        ("the result", result.clone(), (Verdict::Ok, None)),
        ("the original", file(64), (Verdict::Leak, Some("value-left"))),
        ("a pixel", changed(&[7; 64], &[&[7; 63][..], &[8]].concat()), (Verdict::Changed, Some("other-result"))),
        ("another text", changed(b"another one", b"another two"), (Verdict::Changed, Some("other-result"))),
        ("a name more", [&result[..], &element(NAME, "PN", b"Doe^Jane")].concat(), (Verdict::Leak, Some("value-left"))),
        (
            "a comment more",
            [&result[..], &element(COMMENTS, "LT", b"abcd")].concat(),
            (Verdict::Changed, Some("other-result")),
        ),
        ("no mark", [&vec![0; 128][..], &result[128..]].concat(), (Verdict::Unreadable, Some("not-in-table"))),
        ("cut short", result[..result.len() - 70].to_vec(), (Verdict::Unreadable, Some("trailing-bytes"))),
        ("no scan", b"hello".to_vec(), (Verdict::Unreadable, Some("not-dicom"))),
    ] {
        assert_eq!((what, found(&bytes)), (what, expected));
    }
}

#[test]
fn a_dry_run_tells_what_becomes_of_elements() {
    let (scratch, rules) = written(true);
    let planned =
        || run(Order { task: Task::Plan(Plans::Count), rules: rules.clone(), ..order(&[scratch.path("in")], None) });
    assert_eq!(planned(), of_all("planned"));
    let found = dry_run(&scratch.path("in/short"), &rules, &Keying::new(&rules, None), Watch::default()).unwrap();
    let told = |plan: &dicomblank_core::Plan| {
        plan.edits().iter().map(|edit| (edit.tag(), edit.action().word(), edit.span().len())).collect::<Vec<_>>()
    };
    assert_eq!(told(&found.plan), [(NAME, "remove", 16), (STUDY, "map", 4)]);
    let span = found.plan.edits()[0].span();
    assert_eq!(&file(64)[span.range().unwrap()], element(NAME, "PN", b"Doe^Jane"));
    assert_eq!(plan_bytes(&file(64), &rules).unwrap(), found.plan);
    assert!(dicomblank_core::Plan::from_bytes(&found.plan.to_bytes()).is_ok());
    run(in_place(&scratch, &rules));
    assert_eq!(planned(), of_all("unchanged"));
    // Without the additions alone, there is no value to treat, and still something to do.
    scratch.write("in/short", &dicom(&[element(MODALITY, "CS", b"CT")]));
    assert_eq!(planned()[3], row("short", "planned", ""));
}

#[test]
fn values_are_looked_for_in_the_result() {
    let scratch = Scratch::new();
    let rules = rules(false);
    let comment = |text: &[u8]| dicom(&[element(NAME, "PN", b"Doe^Jane"), element(COMMENTS, "LT", text)]);
    scratch.write("in/clean", &comment(b"of a foot "));
    scratch.write("in/left", &comment(b"of Jane Doe "));
    let with = |leftovers| Order { leftovers, ..copying(&scratch, &rules, Existing::Overwrite) };
    let (rows, report) = run_with(with(Leftovers::Warn), None);
    assert_eq!(rows, [row("clean", "anonymized", ""), row("left", "anonymized", "")]);
    assert_eq!(report.leftovers().map(|(_, places, _)| places.clone()), Some([("(0020,4000)".to_owned(), 1)].into()));
    let rows = run(with(Leftovers::Refuse));
    assert_eq!(rows.iter().map(|(_, outcome, _)| outcome.as_str()).collect::<Vec<_>>(), ["anonymized", "refused"]);
    assert!(usage_error(with(Leftovers::Replace)).contains("can't be replaced where"));
}

#[test]
fn nothing_is_left_of_a_file_that_is_refused() {
    let scratch = Scratch::new();
    scratch.write("in/cut", &cut());
    let mut buffer = file(64);
    assert_eq!(run(copying(&scratch, &rules(false), Existing::Refuse))[0].1, "refused");
    assert!(!Path::new(&scratch.path("out")).exists() || fs::read_dir(scratch.path("out")).unwrap().count() == 0);
    let refused = blank_buffer(&mut buffer, &rules(false), &Keying::none()).unwrap_err();
    assert!(refused.kind() == "lengths" && buffer == file(64));
}
