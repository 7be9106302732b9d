//! Files are blanked where they stand, and nothing else about them changes.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::common::{
    COMMENTS, NAME, PRIVATE, Rows, Scratch, blanked, cut, dicom, element, named, order, row, run, run_with,
    with_hard_links, write_named,
};
use dicomblank_core::{Limits, SliceSink, SliceSource, Tag, apply, plan};
use dicomblank_files::{HardLinks, Job, Objection, Order, Outcome, Watch, plan_file};

#[test]
fn each_file_has_its_outcome() {
    let scratch = Scratch::new();
    let opaque = element(PRIVATE, "UN", b"\xFE\xFF\x00\xE0\xFF\x00\x00\x00");
    let warned = dicom(&[opaque, element(NAME, "PN", b"Doe^Jane")]);
    for (name, bytes, outcome, reason, after) in [
        ("name.dcm", named(b"Doe^Jane"), "anonymized", "", blanked(8)),
        ("no-suffix", named(b"Doe^Jane"), "anonymized", "", blanked(8)),
        ("blank.dcm", blanked(8), "unchanged", "", blanked(8)),
        ("empty-name.dcm", named(b""), "unchanged", "", named(b"")),
        ("meta-only", dicom(&[]), "unchanged", "", dicom(&[])),
        ("opaque", warned.clone(), "anonymized", "", {
            let mut after = warned;
            let start = after.len() - 8;
            after[start..].fill(b' ');
            after
        }),
        ("cut", cut(), "refused", "the file is cut short, or a length in it is wrong at 0xb0 in (0010,4000)", cut()),
        ("notes.txt", b"hello".to_vec(), "not-dicom", "", b"hello".to_vec()),
        ("empty", vec![], "not-dicom", "", vec![]),
        ("a.dcm", vec![], "refused", "empty: named like DICOM, but has no bytes", vec![]),
        ("b.dcm", vec![0], "refused", "damaged: named like DICOM, but can't be read as DICOM", vec![0]),
        ("c.dcm", b"PK\x03\x04".to_vec(), "archive", "an archive (zip): not looked into", b"PK\x03\x04".to_vec()),
        ("c", b"\x1F\x8B\x08".to_vec(), "archive", "an archive (gzip): not looked into", b"\x1F\x8B\x08".to_vec()),
        ("._a.dcm", b"\x00\x05\x16\x07".to_vec(), "not-dicom", "", b"\x00\x05\x16\x07".to_vec()),
        (
            "b.DCM.gz",
            b"\x1F\x8B".to_vec(),
            "refused",
            "damaged: named like DICOM, but can't be read as DICOM",
            b"\x1F\x8B".to_vec(),
        ),
    ] {
        let path = scratch.write(&format!("one/{name}"), &bytes);
        // Named itself, and in a folder that is named.
        for source in [path.clone(), scratch.path("one")] {
            fs::write(&path, &bytes).unwrap();
            assert_eq!(run(order(&[source], None)), [row(name, outcome, reason)], "{name}");
            assert!(fs::read(&path).unwrap() == after, "{name}");
        }
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn counts_add_up_and_warnings_are_told() {
    let scratch = Scratch::new();
    let opaque = element(PRIVATE, "UN", b"\xFE\xFF\x00\xE0\xFF\x00\x00\x00");
    let two_names = dicom(&[opaque, element(NAME, "PN", b"Doe^Jane"), element(NAME, "PN", b"Doe^John")]);
    scratch.write("in/a", &two_names);
    scratch.write("in/b/c", &named(b"Doe^Jane"));
    scratch.write("in/b/d", &blanked(8));
    scratch.write("in/b/e", &cut());
    scratch.write("in/f", b"hello");
    let (_, summary) = run_with(order(&[scratch.path("in")], None), None);
    let counts = [
        summary.count(Outcome::Anonymized),
        summary.count(Outcome::Unchanged),
        summary.count(Outcome::Refused),
        summary.count(Outcome::NotDicom),
        summary.count(Outcome::Failed),
    ];
    assert_eq!((summary.files(), counts), (5, [2, 1, 1, 1, 0]));
    assert_eq!((summary.edits(), summary.warnings, summary.faults.len(), summary.is_cancelled), (3, 1, 1, false));
}

#[test]
fn what_is_blank_is_not_written_to() {
    let scratch = Scratch::new();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for (bytes, is_written) in [(blanked(8), false), (named(b"Doe^Jane"), true), (cut(), false)] {
        let path = scratch.write("a.dcm", &bytes);
        File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
        run(order(&[&path], None));
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap() != long_ago, is_written);
    }
}

#[test]
fn a_file_that_may_not_be_written_fails_only_if_it_has_to_be() {
    let scratch = Scratch::new();
    let clean = scratch.write("clean", &blanked(8));
    let name = scratch.write("name", &named(b"Doe^Jane"));
    for path in [&clean, &name] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o444)).unwrap();
    }
    if File::options().write(true).open(&name).is_ok() {
        eprintln!("skipped: this user may write to everything");
        return;
    }
    let rows = run(order(&[clean, name], None));
    assert_eq!(rows, [row("clean", "unchanged", ""), row("name", "failed", "Permission denied")]);
}

/// Only a file that would be written is refused. It can always be copied.
#[test]
fn a_file_of_several_names_is_written_only_where_that_is_allowed() {
    const REFUSED: &str = "has 2 names (hard links), and the file would change under all of them: copy it, or allow hard links to be written";
    let scratch = Scratch::new();
    for (hard_links, bytes, expected) in [
        (HardLinks::Refuse, named(b"Doe^Jane"), row("a.dcm", "refused", REFUSED)),
        (HardLinks::Write, named(b"Doe^Jane"), row("a.dcm", "anonymized", "")),
        (HardLinks::Refuse, blanked(8), row("a.dcm", "unchanged", "")),
        (
            HardLinks::Refuse,
            b"hello".to_vec(),
            row("a.dcm", "refused", "damaged: named like DICOM, but can't be read as DICOM"),
        ),
    ] {
        let path = scratch.write("in/a.dcm", &bytes);
        fs::hard_link(&path, scratch.path("other")).unwrap();
        assert_eq!(
            run(with_hard_links(hard_links, order(&[scratch.path("in")], None))),
            std::slice::from_ref(&expected)
        );
        let after = if expected.1 == "anonymized" { blanked(8) } else { bytes };
        assert_eq!((scratch.read("in/a.dcm"), scratch.read("other")), (after.clone(), after));
        fs::remove_file(scratch.path("other")).unwrap();
    }
    let path = scratch.write("in/a.dcm", &named(b"Doe^Jane"));
    fs::hard_link(&path, scratch.path("in/b.dcm")).unwrap();
    let rows = run(order(&[scratch.path("in")], Some(scratch.path("out"))));
    assert_eq!(rows, [row("a.dcm", "anonymized", ""), row("b.dcm", "anonymized", "")]);
    assert_eq!((scratch.read("out/b.dcm"), scratch.read("in/b.dcm")), (blanked(8), named(b"Doe^Jane")));
}

#[test]
fn a_file_of_several_names_is_done_once_by_several_workers() {
    let scratch = Scratch::new();
    let path = scratch.write("in/0", &named(b"Doe^Jane"));
    for index in 1..12 {
        fs::hard_link(&path, scratch.path(&format!("in/{index}"))).unwrap();
    }
    // Slow, so that every worker would be at the file at once.
    let now = AtomicUsize::new(0);
    let validator = |_: &Path, _: &_| {
        assert_eq!(now.fetch_add(1, Ordering::SeqCst), 0, "two workers are at one file");
        thread::sleep(Duration::from_millis(10));
        now.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    };
    let workers = Some(4);
    let order = Order { workers, ..with_hard_links(HardLinks::Write, order(&[scratch.path("in")], None)) };
    let (rows, summary) = run_with(order, Some(&validator));
    let counts = (summary.count(Outcome::Anonymized), summary.count(Outcome::Unchanged), summary.edits());
    assert_eq!((counts, scratch.read("in/7")), ((1, 11, 1), blanked(8)), "{rows:?}");
}

/// A worker that waits for a file must not wait for ever.
#[test]
fn a_file_of_several_names_is_let_go_in_a_panic() {
    let scratch = Scratch::new();
    let path = scratch.write("in/0", &named(b"Doe^Jane"));
    for index in 1..12 {
        fs::hard_link(&path, scratch.path(&format!("in/{index}"))).unwrap();
    }
    let validator = |_: &Path, _: &_| {
        thread::sleep(Duration::from_millis(5));
        panic!("on purpose");
    };
    let (_, summary) = run_with(order(&[scratch.path("in")], None), Some(&validator));
    assert_eq!((summary.files(), summary.count(Outcome::Failed)), (12, 12));
}

/// A worker that has waited reads the file again: the worker before may have changed a part of it.
#[test]
fn a_file_that_another_worker_has_changed_is_looked_at_again() {
    let scratch = Scratch::new();
    let path = scratch.write("in/0", &named(b"Doe^Jane"));
    fs::hard_link(&path, scratch.path("in/1")).unwrap();
    let calls = AtomicUsize::new(0);
    let validator = |path: &Path, _: &_| {
        if calls.fetch_add(1, Ordering::SeqCst) == 0 {
            thread::sleep(Duration::from_millis(300)); // until the other worker waits
            File::options().write(true).open(path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
            panic!("on purpose");
        }
        Ok(())
    };
    let workers = Some(2);
    let order = Order { workers, ..with_hard_links(HardLinks::Write, order(&[scratch.path("in")], None)) };
    let (rows, summary) = run_with(order, Some(&validator));
    assert_eq!(
        ((summary.count(Outcome::Failed), summary.count(Outcome::Anonymized)), scratch.read("in/1")),
        ((1, 1), blanked(8)),
        "{rows:?}"
    );
}

#[test]
fn a_name_that_is_added_meanwhile_is_seen_and_is_no_change() {
    let scratch = Scratch::new();
    for (output, outcome) in [(None, "refused"), (Some(scratch.path("out")), "anonymized")] {
        let path = scratch.write("a.dcm", &named(b"Doe^Jane"));
        let validator = |path: &Path, _: &_| {
            let _ = fs::hard_link(path, scratch.path("other")); // fails when it is asked again: the name is there
            Ok(())
        };
        let (rows, _) = run_with(order(&[&path], output), Some(&validator));
        assert_eq!((rows[0].1.as_str(), scratch.read("other")), (outcome, named(b"Doe^Jane")), "{rows:?}");
        fs::remove_file(scratch.path("other")).unwrap();
    }
}

#[test]
fn links_and_special_files_are_never_opened() {
    let scratch = Scratch::new();
    scratch.write("elsewhere/a.dcm", &named(b"Doe^Jane"));
    fs::create_dir(scratch.path("in")).unwrap();
    symlink("../elsewhere/a.dcm", scratch.path("in/file")).unwrap();
    symlink("../elsewhere", scratch.path("in/folder")).unwrap();
    symlink("nowhere", scratch.path("in/nothing")).unwrap();
    let _socket = UnixListener::bind(scratch.path("in/socket")).unwrap();
    let rows = run(order(&[scratch.path("in")], None));
    assert_eq!(
        rows,
        [
            row("file", "skipped", "a symbolic link to ../elsewhere/a.dcm: not followed"),
            row("folder", "skipped", "a symbolic link to ../elsewhere: not followed"),
            row("nothing", "skipped", "a symbolic link to nowhere: not followed"),
            row("socket", "skipped", "a socket: not opened"),
        ]
    );
    // Named itself, it is meant to be a file.
    for output in [None, Some(scratch.path("out"))] {
        let rows = run(order(&[scratch.path("in/socket")], output));
        assert_eq!(rows, [row("socket", "refused", "a socket: not opened")]);
    }
    assert_eq!(scratch.read("elsewhere/a.dcm"), named(b"Doe^Jane"));
}

#[test]
fn a_temporary_file_is_no_source_and_goes_when_it_is_left_over() {
    let scratch = Scratch::new();
    let name = ".dicomblank-0123456789abcdef.part";
    let path = scratch.write(&format!("in/{name}"), &named(b"Doe^Jane"));
    assert_eq!(run(order(&[&path], None)), [row(name, "refused", "a temporary file of dicomblank")]);
    let passed_over = [row(name, "skipped", "a temporary file of dicomblank")];
    let in_use = fs::File::open(&path).unwrap();
    in_use.try_lock().unwrap();
    assert_eq!(run(order(&[scratch.path("in")], None)), passed_over);
    drop(in_use);
    assert_eq!(run(order(&[scratch.path("in")], Some(scratch.path("out")))), passed_over);
    assert_eq!(fs::read(&path).unwrap(), named(b"Doe^Jane"));
    let other = ".dicomblank-0123456789abcdeX.part";
    scratch.write(&format!("other/{other}"), &named(b"Doe^Jane"));
    assert_eq!(run(order(&[scratch.path("other")], None)), [row(other, "anonymized", "")]);
    assert_eq!(scratch.read(&format!("other/{other}")), blanked(8));
    let removed = [row(name, "skipped", "a left-over temporary file of dicomblank: removed")];
    assert_eq!(run(order(&[scratch.path("in")], None)), removed);
    assert!(!path.exists());
}

#[test]
fn a_link_named_as_a_source_is_refused_with_what_it_points_to() {
    let scratch = Scratch::new();
    let file = scratch.write("in/a.dcm", &named(b"Doe^Jane"));
    symlink(&file, scratch.path("file")).unwrap();
    symlink(scratch.path("in"), scratch.path("folder")).unwrap();
    let folder = scratch.path("in");
    for (link, name, target) in [
        ("file", "file", &file),
        ("folder", "folder", &folder),
        ("folder/", "folder", &folder),
        ("folder/.", "folder", &folder),
    ] {
        let reason = format!("a symbolic link to {}: name that in its place", target.display());
        assert_eq!(run(order(&[scratch.path(link)], None)), [row(name, "refused", &reason)]);
    }
    assert_eq!(scratch.read("in/a.dcm"), named(b"Doe^Jane"));
}

#[test]
fn a_file_that_becomes_a_link_is_not_followed() {
    let scratch = Scratch::new();
    let path = scratch.write("in/a.dcm", &named(b"Doe^Jane"));
    let elsewhere = scratch.write("elsewhere", &named(b"Doe^Jane"));
    let job = Job::new(order(&[&path], None)).unwrap();
    fs::remove_file(&path).unwrap();
    symlink(&elsewhere, &path).unwrap();
    let summary = job.run(None, &mut Rows::default()).unwrap();
    assert_eq!((summary.count(Outcome::Refused), scratch.read("elsewhere")), (1, named(b"Doe^Jane")));
}

#[test]
fn a_file_that_changes_before_it_is_written_has_failed() {
    type Change = fn(&Path);
    let scratch = Scratch::new();
    let changes: [(&str, Change); 3] = [
        ("grows", |path| fs::write(path, [named(b"Doe^Jane"), vec![0; 8]].concat()).unwrap()),
        ("shrinks", |path| File::options().write(true).open(path).unwrap().set_len(200).unwrap()),
        ("is touched", |path| {
            File::options().write(true).open(path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        }),
    ];
    for output in [None, Some(scratch.path("out"))] {
        for (what, change) in changes {
            let path = scratch.write("a.dcm", &named(b"Doe^Jane"));
            // The validator is called after the walk and before the writing.
            let validator = |path: &Path, _: &_| {
                change(path);
                Ok(())
            };
            let (rows, _) = run_with(order(&[&path], output.clone()), Some(&validator));
            assert_eq!(rows, [row("a.dcm", "failed", "changed while being read")], "{what}");
            let after = fs::read(&path).unwrap();
            assert!(after.windows(4).any(|bytes| bytes == b"Jane"), "{what}");
            assert_eq!(scratch.files("out"), [""; 0], "{what}");
        }
    }
}

#[test]
fn an_objection_is_a_refusal_and_a_broken_validator_a_failure() {
    let scratch = Scratch::new();
    for output in [None, Some(scratch.path("out"))] {
        for (objection, outcome) in [
            (Objection::Disagrees("no agreement".to_owned()), "refused"),
            (Objection::Broke("no agreement".to_owned()), "failed"),
        ] {
            // A file with nothing to blank is validated, too.
            for bytes in [named(b"Doe^Jane"), blanked(8)] {
                let path = scratch.write("a.dcm", &bytes);
                let validator = |_: &Path, _: &_| Err(objection.clone());
                let (rows, _) = run_with(order(&[&path], output.clone()), Some(&validator));
                assert_eq!(rows, [row("a.dcm", outcome, "no agreement")]);
                assert_eq!((fs::read(&path).unwrap(), scratch.exists("out")), (bytes, false));
            }
        }
    }
}

#[test]
fn a_panic_is_a_failed_row_and_the_others_go_on() {
    let scratch = Scratch::new();
    write_named(&scratch, 40);
    let calls = AtomicUsize::new(0);
    let validator = |_: &Path, _: &_| {
        assert!(calls.fetch_add(1, Ordering::Relaxed) % 10 != 3, "on purpose");
        Ok(())
    };
    let (rows, summary) = run_with(order(&[scratch.path("in")], None), Some(&validator));
    assert_eq!((rows.len(), summary.count(Outcome::Anonymized), summary.count(Outcome::Failed)), (40, 36, 4));
    assert!(summary.faults.iter().all(|row| row.finding().unwrap().message.starts_with("a bug in dicomblank")));
}

#[test]
fn a_folder_that_cannot_be_listed_is_a_row_of_its_own() {
    let scratch = Scratch::new();
    scratch.write("in/a.dcm", &named(b"Doe^Jane"));
    scratch.write("in/closed/b.dcm", &named(b"Doe^Jane"));
    fs::set_permissions(scratch.path("in/closed"), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(scratch.path("in/closed")).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    let rows = run(order(&[scratch.path("in")], None));
    fs::set_permissions(scratch.path("in/closed"), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(rows, [row("a.dcm", "anonymized", ""), row("closed", "failed", "Permission denied")]);
}

#[test]
#[cfg(target_os = "linux")] // macOS takes UTF-8 names only
fn names_of_any_bytes_and_any_length_are_done() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let scratch = Scratch::new();
    fs::create_dir(scratch.path("in")).unwrap();
    let long = "x".repeat(255);
    for name in [b"M\xFCller\n".as_slice(), long.as_bytes()] {
        fs::write(scratch.path("in").join(OsStr::from_bytes(name)), named(b"Doe^Jane")).unwrap();
    }
    let rows = run(order(&[scratch.path("in")], Some(scratch.path("out"))));
    assert_eq!(rows, [row("M\u{fffd}ller\n", "anonymized", ""), row(&long, "anonymized", "")]);
    assert_eq!(fs::read(scratch.path("out").join(OsStr::from_bytes(b"M\xFCller\n"))).unwrap(), blanked(8));
}

/// Headers across the ends of the windows through which a file is read, and edits longer than a write.
#[test]
fn a_file_reads_as_its_bytes_do() {
    let scratch = Scratch::new();
    let sizes = [4096, 16 * 1024, 16 * 1024 + 4096, 80 * 1024, 200 * 1024];
    for (index, size) in sizes.into_iter().flat_map(|size| size - 180..size - 120).enumerate() {
        let bytes = dicom(&[
            element(Tag::new(0x0009, 0x1001), "OB", &vec![1; size / 2]),
            element(Tag::new(0x0009, 0x1002), "OB", &vec![1; size - size / 2]),
            element(NAME, "PN", b"Doe^Jane"),
            element(COMMENTS, "LT", &[b'x'; 9000]),
            crate::common::pixels(),
        ]);
        let rules = dicomblank_core::Rules::new([NAME, COMMENTS], []).unwrap();
        let from_bytes = plan(&mut SliceSource::new(&bytes), &rules, &Limits::default()).unwrap();
        let path = scratch.write(&format!("{index}"), &bytes);
        assert_eq!(plan_file(&path, &rules, Watch::default()).unwrap(), from_bytes);
        let mut expected = bytes.clone();
        apply(&from_bytes, &mut SliceSink::new(&mut expected)).unwrap();
        for output in [Some(scratch.path("out")), None] {
            let mut order = order(&[&path], output.clone());
            order.rules = rules.clone();
            assert_eq!(run(order)[0].1, "anonymized");
            let written = if output.is_some() { scratch.path(&format!("out/{index}")) } else { path.clone() };
            assert!(fs::read(written).unwrap() == expected, "{size}");
        }
    }
}

/// The folder can be opened by its path, and a file in it only by its name in the open folder.
#[cfg(target_os = "linux")]
#[test]
fn a_path_may_be_longer_than_the_system_takes_at_once() {
    use rustix::fs::{Mode, OFlags, mkdirat, open, openat};

    const LONGEST: usize = 4096;
    let scratch = Scratch::new();
    let (root, name) = (scratch.path("in"), "x".repeat(200));
    fs::create_dir(&root).unwrap();
    let mut folder = open(&root, OFlags::DIRECTORY, Mode::empty()).unwrap();
    let mut length = root.as_os_str().len();
    while length + 1 + name.len() < LONGEST {
        mkdirat(&folder, &name, Mode::RWXU).unwrap();
        folder = openat(&folder, &name, OFlags::DIRECTORY, Mode::empty()).unwrap();
        length += 1 + name.len();
    }
    let file = openat(&folder, &name, OFlags::CREATE | OFlags::RDWR, Mode::RWXU).unwrap();
    let file = File::from(file);
    file.write_all_at(&named(b"Doe^Jane"), 0).unwrap();
    assert_eq!(run(order(&[&root], None))[0].1, "anonymized");
    let mut bytes = vec![0; blanked(8).len()];
    file.read_exact_at(&mut bytes, 0).unwrap();
    assert!(bytes == blanked(8));
}
