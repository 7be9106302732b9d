//! Copies are blanked on their way, are whole when they get their name, and never replace another file unasked.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::common::{
    Scratch, blanked, cut, dicom, element, named, order, row, run, run_with, usage_error, with_existing,
};
use dicomblank_core::Tag;
use dicomblank_files::{Destination, Existing, Order, Task};

#[test]
fn a_tree_is_mirrored_without_what_is_refused_or_not_dicom() {
    let scratch = Scratch::new();
    for (path, bytes) in [
        ("in/a.dcm", named(b"Doe^Jane")),
        ("in/1/2/b", named(b"Doe^John^F")),
        ("in/1/clean", blanked(8)),
        ("in/1/cut.dcm", cut()),
        ("in/notes/readme.txt", b"hello".to_vec()),
        ("in/1/.dicomblank-0123456789abcdef.part", named(b"Doe^Jane")),
    ] {
        scratch.write(path, &bytes);
    }
    let before = scratch.read("in/a.dcm");
    run(order(&[scratch.path("in")], Some(scratch.path("new/out"))));
    assert_eq!(scratch.files("new/out"), ["1/2/b", "1/clean", "a.dcm"]);
    assert_eq!(scratch.read("new/out/a.dcm"), blanked(8));
    assert_eq!(scratch.read("new/out/1/2/b"), blanked(10));
    assert_eq!(scratch.read("new/out/1/clean"), blanked(8));
    assert!(!scratch.exists("new/out/notes"), "a folder nothing is copied to is not made");
    assert_eq!(scratch.read("in/a.dcm"), before);
}

#[test]
fn a_preamble_that_is_not_empty_is_copied_too() {
    let scratch = Scratch::new();
    let with = |mut bytes: Vec<u8>| {
        bytes[..128].fill(b'p');
        bytes
    };
    let source = scratch.write("in/a.dcm", &with(named(b"Doe^Jane")));
    run(order(&[source], Some(scratch.path("out"))));
    assert_eq!(scratch.read("out/a.dcm"), with(blanked(8)));
}

/// A file that has the name of a temporary one, and its content.
const LEFT: &str = ".dicomblank-0123456789abcdef.part";

#[test]
fn what_a_killed_run_left_goes_but_what_a_run_beside_it_uses_stays() {
    let scratch = Scratch::new();
    scratch.write("in/1/2/b", &named(b"Doe^Jane"));
    let single = scratch.write("single/a.dcm", &named(b"Doe^Jane"));
    for sources in [vec![scratch.path("in")], vec![single]] {
        let folder = if sources[0].is_dir() { "out/1/2" } else { "out" };
        scratch.write(&format!("{folder}/{LEFT}"), b"left");
        let live = ".dicomblank-1123456789abcdef.part";
        let in_use = fs::File::open(scratch.write(&format!("{folder}/{live}"), b"in use")).unwrap();
        in_use.try_lock().unwrap();
        assert_eq!(run(order(&sources, Some(scratch.path("out"))))[0].1, "anonymized");
        let found = scratch.files(folder);
        assert!(found.iter().any(|name| name == live) && !found.iter().any(|name| name == LEFT), "{found:?}");
        drop(in_use);
        assert_eq!(run(order(&sources, Some(scratch.path("out"))))[0].1, "refused");
        assert!(!scratch.exists(&format!("{folder}/{live}")));
        fs::remove_dir_all(scratch.path("out")).unwrap();
    }
}

#[test]
fn a_copy_removes_nothing_from_a_source() {
    let scratch = Scratch::new();
    let left = scratch.write(&format!("in/x/{LEFT}"), b"left");
    scratch.write("in/x/a.dcm", &named(b"Doe^Jane"));
    fs::create_dir(scratch.path("out")).unwrap();
    symlink(scratch.path("in/x"), scratch.path("out/x")).unwrap();
    run(order(&[scratch.path("in")], Some(scratch.path("out"))));
    assert!(left.exists());
}

#[test]
fn a_single_file_keeps_its_name_and_a_link_to_it_the_links() {
    let scratch = Scratch::new();
    let path = scratch.write("in/a.dcm", &named(b"Doe^Jane"));
    symlink(&path, scratch.path("link")).unwrap();
    assert_eq!(run(order(&[&path], Some(scratch.path("out")))), [row("a.dcm", "anonymized", "")]);
    assert_eq!(run(order(&[scratch.path("link")], Some(scratch.path("out")))), [row("link", "anonymized", "")]);
    assert_eq!(scratch.files("out"), ["a.dcm", "link"]);
}

#[test]
fn a_target_that_exists_stays_unless_it_is_to_be_replaced() {
    let scratch = Scratch::new();
    let longer = dicom(&[element(Tag::new(0x0008, 0x0060), "CS", b"CTMR")]);
    let out = scratch.path("out");
    let reason = |words: &str| format!("{} {words}", out.join("a.dcm").display());
    for (existing, target, outcome, words, is_replaced) in [
        (Existing::Refuse, blanked(8), "refused", "exists already", false),
        (Existing::Skip, blanked(8), "skipped", "", false),
        (Existing::Skip, longer.clone(), "refused", "exists already, with another size", false),
        (Existing::Skip, named(b"Doe^John"), "refused", "exists already, with values left to blank", false),
        (Existing::Skip, vec![0; blanked(8).len()], "refused", "exists already, but damaged", false),
        (Existing::Overwrite, longer, "anonymized", "", true),
        (Existing::Overwrite, b"hello".to_vec(), "anonymized", "", true),
    ] {
        let source = scratch.write("in/a.dcm", &named(b"Doe^Jane"));
        scratch.write("out/a.dcm", &target);
        let rows = run(with_existing(existing, order(&[source], Some(out.clone()))));
        let expected = if words.is_empty() { String::new() } else { reason(words) };
        assert!(rows[0].1 == outcome && rows[0].2.starts_with(&expected), "{rows:?}, {outcome}, {expected}");
        assert_eq!(rows[0].2.is_empty(), expected.is_empty());
        assert!(scratch.read("out/a.dcm") == if is_replaced { blanked(8) } else { target });
        assert_eq!(scratch.files("out"), ["a.dcm"]);
    }
}

#[test]
fn a_target_that_is_no_file_stays_in_any_case() {
    let scratch = Scratch::new();
    let source = scratch.write("in/a.dcm", &named(b"Doe^Jane"));
    scratch.write("elsewhere", b"hello");
    fs::create_dir_all(scratch.path("folder/a.dcm")).unwrap();
    fs::create_dir(scratch.path("link")).unwrap();
    symlink(scratch.path("elsewhere"), scratch.path("link/a.dcm")).unwrap();
    for out in ["folder", "link"] {
        for existing in [Existing::Refuse, Existing::Skip, Existing::Overwrite] {
            let order = order(&[&source], Some(scratch.path(out)));
            assert_eq!(run(with_existing(existing, order))[0].1, "refused");
        }
    }
    assert_eq!(scratch.read("elsewhere"), b"hello");
    assert!(scratch.path("link/a.dcm").is_symlink() && scratch.path("folder/a.dcm").is_dir());
}

#[test]
fn a_file_that_appears_meanwhile_is_not_replaced() {
    let scratch = Scratch::new();
    let source = scratch.write("in/a.dcm", &named(b"Doe^Jane"));
    for existing in [Existing::Refuse, Existing::Skip] {
        // The validator is called after the target was looked at, and before anything is written.
        let validator = |_: &Path, _: &_| {
            scratch.write("out/a.dcm", b"hello");
            Ok(())
        };
        let order = with_existing(existing, order(&[&source], Some(scratch.path("out"))));
        let (rows, _) = run_with(order, Some(&validator));
        assert!(rows[0].1 == "refused" && rows[0].2.contains("a.dcm exists already"), "{rows:?}");
        assert_eq!((scratch.files("out"), scratch.read("out/a.dcm")), (vec!["a.dcm".to_owned()], b"hello".to_vec()));
        fs::remove_dir_all(scratch.path("out")).unwrap();
    }
}

#[test]
fn several_sources_have_their_names_in_the_output() {
    let scratch = Scratch::new();
    for (path, name) in [("m/one/x/a.dcm", b"Doe^Jane"), ("m/two/x/a.dcm", b"Doe^John"), ("x", b"Doe^Mary")] {
        scratch.write(path, &named(name));
    }
    let left_over = ".dicomblank-0123456789abcdef.part";
    let sources = ["m/one", "m/two", "x"].map(|path| scratch.path(path));
    for existing in [Existing::Refuse, Existing::Overwrite, Existing::Skip] {
        for folder in ["out", "out/one", "out/two/x"] {
            scratch.write(&format!("{folder}/{left_over}"), b"hello");
        }
        let done = if existing == Existing::Skip { "skipped" } else { "anonymized" };
        let rows = run(with_existing(existing, order(&sources, Some(scratch.path("out")))));
        assert_eq!(rows, [row("x", done, ""), row("x/a.dcm", done, ""), row("x/a.dcm", done, "")]);
        assert_eq!(scratch.files("out"), ["one/x/a.dcm", "two/x/a.dcm", "x"]);
    }
    let again = run(order(&sources, Some(scratch.path("out"))));
    assert!(again.iter().all(|row| row.1 == "refused" && row.2.ends_with(" exists already")), "{again:?}");
}

#[test]
fn a_link_in_the_output_leads_back_into_no_source() {
    let scratch = Scratch::new();
    let folder = scratch.path("in");
    scratch.write("in/x/a.dcm", &named(b"Doe^Jane"));
    let file = scratch.write("single/x.dcm", &named(b"Doe^Jane"));
    scratch.write("other/x.dcm", &named(b"Doe^John"));
    fs::create_dir(scratch.path("out")).unwrap();
    symlink(folder.join("x"), scratch.path("out/x")).unwrap();
    symlink(scratch.path("single"), scratch.path("out/other")).unwrap();
    for sources in [vec![folder], vec![file, scratch.path("other")]] {
        let order = order(&sources, Some(scratch.path("out")));
        let rows = run(with_existing(Existing::Overwrite, order));
        assert!(
            rows.iter().any(|row| row.1 == "refused" && row.2.ends_with("leads into a source, through a link")),
            "{rows:?}"
        );
    }
    assert_eq!(scratch.read("in/x/a.dcm"), named(b"Doe^Jane"));
    assert_eq!(scratch.read("single/x.dcm"), named(b"Doe^Jane"));
}

#[test]
fn a_source_inside_another_is_done_once() {
    let scratch = Scratch::new();
    let inner = scratch.write("in/x/a.dcm", &named(b"Doe^Jane"));
    symlink(scratch.path("in"), scratch.path("link")).unwrap();
    for sources in [
        vec![scratch.path("in"), scratch.path("in/x")],
        vec![scratch.path("in/x"), scratch.path("in"), inner.clone()],
        vec![scratch.path("in"), scratch.path("in/x/..")],
        vec![scratch.path("in"), scratch.path("link")],
    ] {
        assert_eq!(run(order(&sources, Some(scratch.path("out")))), [row("x/a.dcm", "anonymized", "")]);
        assert_eq!(scratch.files("out"), ["x/a.dcm"]);
        fs::remove_dir_all(scratch.path("out")).unwrap();
    }
}

#[test]
fn a_target_folder_that_cannot_be_made_is_a_failure_of_its_files_only() {
    let scratch = Scratch::new();
    scratch.write("in/a.dcm", &named(b"Doe^Jane"));
    scratch.write("in/x/b.dcm", &named(b"Doe^Jane"));
    scratch.write("out/x", b"a file where a folder is needed");
    let rows = run(order(&[scratch.path("in")], Some(scratch.path("out"))));
    assert_eq!((rows[0].1.as_str(), rows[1].1.as_str()), ("anonymized", "failed"));
    assert!(rows[1].2.starts_with(&*scratch.path("out/x").to_string_lossy()), "{rows:?}");
    assert_eq!(scratch.read("out/x"), b"a file where a folder is needed");
}

/// The output is the path of the copy, unless it is a folder or ends in a slash: as with `cp`.
#[test]
fn one_file_has_the_name_that_is_given() {
    for (output, is_folder, expected) in
        [("b.dcm", false, "b.dcm"), ("new/b.dcm", false, "new/b.dcm"), ("b/", false, "b/a.dcm"), ("b", true, "b/a.dcm")]
    {
        let scratch = Scratch::new();
        let source = scratch.write("a.dcm", &named(b"Doe^Jane"));
        if is_folder {
            std::fs::create_dir(scratch.path(output)).unwrap();
        }
        let copied = |existing| {
            run(Order {
                task: Task::Anonymize(Destination::Copies { output: scratch.path(output), existing }),
                ..order(&[&source], None)
            })
        };
        assert_eq!(copied(Existing::Refuse), [row("a.dcm", "anonymized", "")], "{output}");
        assert_eq!(scratch.read(expected), blanked(8), "{output}");
        let reason = format!("{} exists already", scratch.path(expected).display());
        assert_eq!(copied(Existing::Refuse), [row("a.dcm", "refused", &reason)], "{output}");
        assert_eq!(copied(Existing::Skip)[0].1, "skipped", "{output}");
        assert_eq!(copied(Existing::Overwrite)[0].1, "anonymized", "{output}");
        assert_eq!(scratch.read("a.dcm"), named(b"Doe^Jane"));
        assert_eq!(scratch.files("").len(), 2);
    }
}

/// The output may not be the source, by whatever name, nor a place where the files of a folder would meet.
#[test]
fn one_name_is_for_one_file_and_never_the_sources() {
    let scratch = Scratch::new();
    let source = scratch.write("in/a.dcm", &named(b"Doe^Jane"));
    std::fs::hard_link(&source, scratch.path("linked.dcm")).unwrap();
    scratch.write("there.dcm", b"");
    for (source, output, words) in [
        ("in/a.dcm", "in/a.dcm", "is the source"),
        ("in/a.dcm", "linked.dcm", "is the source"),
        ("in", "there.dcm", "is not a folder"),
    ] {
        let copies = Destination::Copies { output: scratch.path(output), existing: Existing::Overwrite };
        let error = usage_error(Order { task: Task::Anonymize(copies), ..order(&[scratch.path(source)], None) });
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(scratch.read("in/a.dcm"), named(b"Doe^Jane"));
}
