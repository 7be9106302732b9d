//! Deflated files are inflated, blanked and deflated again: in place by a new file that replaces the old one, by copy,
//! and in memory.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::common::build::MODALITY;
use crate::common::{
    DEFLATED_UID, NAME, PIXELS, Scratch, deflate, element, head, named, order, row, rules, run, run_with,
    with_existing, with_hard_links,
};
use dicomblank_core::{Error, ErrorClass, ErrorKind, SliceSource, Tag, audit};
use dicomblank_files::{
    Existing, FileError, HardLinks, Keying, Order, Outcome, Verdict, Watch, blank_buffer, blank_bytes, compare,
    plan_bytes, plan_file,
};
use flate2::Compression;
use flate2::bufread::DeflateDecoder;
use flate2::write::{DeflateEncoder, ZlibEncoder};

/// The beginning of a deflated file, before its stream.
fn meta() -> Vec<u8> {
    head(DEFLATED_UID)
}

/// A deflated file: its stream, and what follows it.
fn file_of(stream: &[u8], trailer: &[u8]) -> Vec<u8> {
    [&meta(), stream, trailer].concat()
}

fn data_set(name: &[u8], pixels: &[u8]) -> Vec<u8> {
    let elements = [element(MODALITY, "CS", b"CT"), element(NAME, "PN", name), element(PIXELS, "OW", pixels)];
    elements.concat()
}

/// Bytes that don't deflate well.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn deflated(name: &[u8]) -> Vec<u8> {
    file_of(&deflate(&data_set(name, &noise(200_000))), &[])
}

/// The inflated data set of a file that ends with its stream, or with a NUL that makes it even.
fn inflated(file: &[u8]) -> Vec<u8> {
    let stream = file.strip_prefix(&meta()[..]).expect("the file meta information is as it was");
    let mut data = Vec::new();
    let mut decoder = DeflateDecoder::new(stream);
    decoder.read_to_end(&mut data).unwrap();
    let trailer = &stream[usize::try_from(decoder.total_in()).unwrap()..];
    assert!(trailer.is_empty() || trailer == [0], "{trailer:?} behind the stream");
    assert_eq!(stream.len() % 2, 0);
    data
}

fn gzip_trailer(data: &[u8]) -> [u8; 8] {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    let [sum, size] = [crc.sum(), u32::try_from(data.len()).unwrap()].map(u32::to_le_bytes);
    [sum, size].concat().try_into().unwrap()
}

#[test]
fn what_follows_the_stream_is_known_or_refused() {
    let scratch = Scratch::new();
    let data = data_set(b"Doe^Jane", &noise(1000));
    let after = data_set(b"        ", &noise(1000));
    let stream = deflate(&data);
    let end = meta().len() + stream.len();
    let gzip = gzip_trailer(&data);
    let refused = |count: usize| Some(format!("{count} trailing bytes that are no element at {end:#x}"));
    let wrong_sum = gzip.map(|byte| byte ^ 1);
    for (what, trailer, reason) in [
        ("nothing", &[][..], None),
        ("a NUL", &[0], None),
        ("the end of gzip", &gzip, None),
        ("that and a NUL", &[&gzip[..], &[0]].concat(), None),
        ("another byte", b"J", refused(1)),
        ("two NULs", &[0, 0], refused(2)),
        ("the end of another gzip", &wrong_sum, refused(8)),
        ("a name", b"Doe^Jane", refused(8)),
        ("that and a NUL, and a byte", &[&gzip[..], &[0, 0]].concat(), refused(10)),
        ("much", &noise(100_000), refused(100_000)),
    ] {
        let bytes = file_of(&stream, trailer);
        let path = scratch.write("in/a.dcm", &bytes);
        let outcome = if reason.is_some() { "refused" } else { "anonymized" };
        let expected = [row("a.dcm", outcome, reason.as_deref().unwrap_or_default())];
        assert_eq!(run(order(&[scratch.path("in")], Some(scratch.path("out")))), expected, "{what}");
        assert_eq!(run(order(&[&path], None)), expected, "{what}");
        if reason.is_some() {
            assert!(scratch.read("in/a.dcm") == bytes && !scratch.exists("out/a.dcm"), "{what}");
        } else {
            assert!(inflated(&scratch.read("in/a.dcm")) == after, "{what}");
            assert!(scratch.read("out/a.dcm") == scratch.read("in/a.dcm"), "{what}");
            fs::remove_dir_all(scratch.path("out")).unwrap();
        }
        assert_eq!(scratch.files("in"), ["a.dcm"]);
    }
}

#[test]
fn what_is_no_stream_is_refused() {
    let data = data_set(b"Doe^Jane", &noise(1000));
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::new(6));
    zlib.write_all(&data).unwrap();
    let at = meta().len() as u64;
    for (what, bytes, kind, offset) in [
        ("with a header of zlib", file_of(&zlib.finish().unwrap(), &[]), ErrorKind::NotDeflated, at..at + 8),
        ("not deflated at all", file_of(&data, &[]), ErrorKind::NotDeflated, at..at + 8),
        ("a reserved block type", file_of(&[0b111], &[]), ErrorKind::NotDeflated, at..at + 2),
        ("a byte", file_of(&[0], &[]), ErrorKind::DeflatedCutShort, at + 1..at + 2),
    ] {
        let error = core_error(plan_bytes(&bytes, &rules()));
        assert_eq!(error.kind, kind, "{what}");
        assert!(offset.contains(&error.offset), "{what}: {:#x}", error.offset);
    }
    let cut = file_of(&deflate(&element(NAME, "PN", b"Doe^Jane")[..12]), &[]);
    let error = core_error(plan_bytes(&cut, &rules()));
    assert_eq!((error.kind, error.offset), (ErrorKind::Truncated, at));
}

fn core_error<T: std::fmt::Debug>(result: Result<T, FileError>) -> Error {
    match result.unwrap_err() {
        FileError::Core(error) => error,
        other => panic!("{other}"),
    }
}

/// A stream that is cut anywhere has no end: the file is refused.
#[test]
fn every_prefix_is_refused() {
    let whole = file_of(&deflate(&data_set(b"Doe^Jane", &noise(300))), &[]);
    let start = meta().len();
    for length in start + 1..whole.len() {
        let error = core_error(plan_bytes(&whole[..length], &rules()));
        assert_eq!((error.kind, error.offset), (ErrorKind::DeflatedCutShort, length as u64));
        assert_eq!(error.kind.class(), ErrorClass::Truncated);
    }
    assert_eq!(plan_bytes(&whole[..start], &rules()).unwrap().edits().len(), 0, "a file without a data set");
}

#[test]
fn the_roads_agree_on_the_inflated_form() {
    let scratch = Scratch::new();
    let bytes = deflated(b"Doe^Jane");
    let path = scratch.write("a.dcm", &bytes);
    let plan = plan_bytes(&bytes, &rules()).unwrap();
    assert_eq!(plan_file(&path, &rules(), Watch::default()).unwrap(), plan);
    let data = inflated(&[&bytes[..], &[0][..bytes.len() % 2]].concat());
    assert_eq!(plan.source_size(), (meta().len() + data.len()) as u64);
    let form = [meta(), data].concat();
    let [edit] = plan.edits() else { panic!("one name") };
    assert_eq!(&form[edit.span().range().unwrap()], b"Doe^Jane");

    let error = core_error(blank_buffer(&mut bytes.clone(), &rules(), &Keying::none()));
    assert_eq!((error.kind, error.offset), (ErrorKind::Deflated, meta().len() as u64));
    let blanked = blank_bytes(&mut bytes.clone(), &rules(), &Keying::none(), &Watch::default()).unwrap().unwrap();
    assert_eq!(run(order(&[&path], None)), [row("a.dcm", "anonymized", "")]);
    assert!(scratch.read("a.dcm") == blanked);
    assert_eq!(blank_bytes(&mut blanked.clone(), &rules(), &Keying::none(), &Watch::default()).unwrap(), None);
}

#[test]
fn what_is_blank_is_not_written_to_and_copied_as_it_is() {
    let scratch = Scratch::new();
    // Deflated at another level than ours.
    let stored = {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::none());
        encoder.write_all(&data_set(b"        ", &noise(100_000))).unwrap();
        file_of(&encoder.finish().unwrap(), &[])
    };
    let path = scratch.write("in/a.dcm", &stored);
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    let before = fs::metadata(&path).unwrap();
    assert_eq!(run(order(&[&path], None)), [row("a.dcm", "unchanged", "")]);
    let after = fs::metadata(&path).unwrap();
    assert_eq!((after.modified().unwrap(), after.ino()), (long_ago, before.ino()));
    assert_eq!(run(order(&[&path], Some(scratch.path("out")))), [row("a.dcm", "unchanged", "")]);
    assert!(scratch.read("out/a.dcm") == stored && scratch.read("in/a.dcm") == stored);
}

#[test]
fn a_new_file_takes_its_place_with_the_same_mode() {
    let scratch = Scratch::new();
    for mode in [0o600, 0o640, 0o664, 0o751] {
        let path = scratch.write("in/a.dcm", &deflated(b"Doe^Jane"));
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        for output in [Some(scratch.path("out")), None] {
            let before = fs::metadata(&path).unwrap();
            let target = output.clone().map_or(path.clone(), |folder| folder.join("a.dcm"));
            assert_eq!(run(order(&[&path], output)), [row("a.dcm", "anonymized", "")]);
            let after = fs::metadata(&target).unwrap();
            assert_ne!(after.ino(), before.ino());
            assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
            // The mode of a copy is tested in `umask.rs`.
            assert!(target != path || after.mode() == before.mode());
        }
        assert_eq!(scratch.files("in"), ["a.dcm"], "nothing is left beside it");
        fs::remove_dir_all(scratch.path("out")).unwrap();
    }
}

/// Freed blocks can be read from the disk, and a program that has the old file open still sees it. Both show the bytes
/// of the new file.
#[test]
fn the_old_file_is_overwritten_once_nothing_leads_to_it() {
    let scratch = Scratch::new();
    for (what, names) in [("no other name", 1), ("another one since it was read", 2)] {
        let bytes = deflated(b"Doe^Jane");
        let path = scratch.write("a.dcm", &bytes);
        let mut old = File::open(&path).unwrap();
        let validator = |path: &Path, _: &_| {
            // This fails when it is asked again: the name is there.
            (1..names).for_each(|_| drop(fs::hard_link(path, scratch.path("other"))));
            Ok(())
        };
        let order = with_hard_links(HardLinks::Write, order(&[&path], None));
        let (rows, _) = run_with(order, Some(&validator));
        assert_eq!(rows[0].1, if names == 1 { "anonymized" } else { "refused" }, "{what}");
        let mut after = Vec::new();
        old.read_to_end(&mut after).unwrap();
        assert!(after == if names == 1 { scratch.read("a.dcm") } else { bytes.clone() }, "{what}");
        assert_eq!(after == bytes, names != 1, "{what}");
    }
}

/// A left-over file has no name in it, but is of no use. If nothing is deflated, nothing is made and nothing is looked
/// for.
#[test]
fn what_a_killed_run_has_left_is_removed() {
    const LEFT: &str = "in/.dicomblank-0123456789abcdef.part";
    const REMOVED: &str = "a left-over temporary file of dicomblank: removed";
    let scratch = Scratch::new();
    let path = scratch.write("in/a.dcm", &deflated(b"Doe^Jane"));
    scratch.write(LEFT, b"half");
    assert_eq!(run(order(&[&path], None)), [row("a.dcm", "anonymized", "")]);
    assert_eq!(scratch.files("in"), ["a.dcm"]);
    scratch.write(LEFT, b"half");
    scratch.write("in/a.dcm", &named(b"Doe^Jane"));
    assert_eq!(run(order(&[&path], None)), [row("a.dcm", "anonymized", "")]);
    assert_eq!(scratch.files("in").len(), 2);
    scratch.write("in/a.dcm", &deflated(b"Doe^Jane"));
    let rows = run(order(&[scratch.path("in")], None));
    assert_eq!(rows, [row(".dicomblank-0123456789abcdef.part", "skipped", REMOVED), row("a.dcm", "anonymized", "")]);
    assert_eq!(scratch.files("in"), ["a.dcm"]);
}

/// The folder is listed while new files come and go in it. There is no row of those, and one row of each other file.
#[test]
fn a_folder_of_deflated_files_has_a_row_for_each_and_no_other() {
    const COUNT: usize = 300;
    let scratch = Scratch::new();
    let small = file_of(&deflate(&data_set(b"Doe^Jane", &noise(10))), &[]);
    for number in 0..COUNT {
        scratch.write(&format!("in/{number:03}"), &small);
    }
    let (rows, summary) = run_with(order(&[scratch.path("in")], None), None);
    let names: Vec<_> = rows.iter().map(|(path, ..)| path.clone()).collect();
    assert_eq!(names, scratch.files("in"));
    assert_eq!((summary.count(Outcome::Anonymized), summary.files()), (COUNT as u64, COUNT as u64));
}

/// To replace it under one of its names would leave the old file, with all names in it, to the others.
#[test]
fn a_file_of_several_names_is_refused_even_where_they_may_be_written() {
    const REPLACED: &str = "has 2 names (hard links), and a new file would take its place under one of them only: copy it, or remove the others";
    const LINKS: &str = "has 2 names (hard links), and the file would change under all of them: copy it, or allow hard links to be written";
    let scratch = Scratch::new();
    let bytes = deflated(b"Doe^Jane");
    let path = scratch.write("a.dcm", &bytes);
    fs::hard_link(&path, scratch.path("other")).unwrap();
    for (hard_links, reason) in [(HardLinks::Refuse, LINKS), (HardLinks::Write, REPLACED)] {
        assert_eq!(run(with_hard_links(hard_links, order(&[&path], None))), [row("a.dcm", "refused", reason)]);
        assert!(scratch.read("a.dcm") == bytes && scratch.read("other") == bytes);
    }
    assert_eq!(run(order(&[&path], Some(scratch.path("out")))), [row("a.dcm", "anonymized", "")]);
    assert_eq!(scratch.files(""), ["a.dcm", "other", "out/a.dcm"]);
}

#[test]
fn a_file_that_changes_before_it_is_replaced_has_failed() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 4] = [
        ("longer", |path| File::options().append(true).open(path).unwrap().write_all(b"x").unwrap()),
        ("another time", |path| {
            File::options().write(true).open(path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        }),
        ("another file", |path| {
            fs::write(path.with_extension("new"), "new").unwrap();
            fs::rename(path.with_extension("new"), path).unwrap();
        }),
        ("another mode", |path| fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap()),
    ];
    let scratch = Scratch::new();
    for (what, change) in changes {
        let path = scratch.write("in/a.dcm", &deflated(b"Doe^Jane"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let validator = |path: &Path, _: &_| {
            change(path);
            Ok(())
        };
        let (rows, _) = run_with(order(&[&path], None), Some(&validator));
        // The other file is looked at in its turn, and this one can't be blanked.
        let (outcome, reason) = match what {
            "another file" => ("refused", "damaged: named like DICOM, but can't be read as DICOM"),
            _ => ("failed", "changed while being read"),
        };
        assert_eq!(rows, [row("a.dcm", outcome, reason)], "{what}");
        let mut expected = deflated(b"Doe^Jane");
        match what {
            "longer" => expected.push(b'x'),
            "another file" => expected = b"new".to_vec(),
            _ => {}
        }
        assert!(scratch.read("in/a.dcm") == expected, "{what}");
        assert_eq!(scratch.files("in"), ["a.dcm"], "{what}");
    }
}

#[test]
fn targets_that_exist_are_known_again_by_their_inflated_form() {
    const SIZE: &str = "exists already, with another size";
    const LEFT: &str = "exists already, with values left to blank";
    let scratch = Scratch::new();
    let source = deflated(b"Doe^Jane");
    let path = scratch.write("in/a.dcm", &source);
    let blank = data_set(b"        ", &noise(200_000));
    let plain_of_same_form = named(b"        ");
    for (what, target, expected) in [
        ("ours", None, Ok(())),
        ("deflated otherwise", Some(file_of(&deflate(&blank), &[0])), Ok(())),
        ("not blank", Some(source.clone()), Err(LEFT)),
        ("another data set", Some(file_of(&deflate(&data_set(b"    ", &noise(200_000))), &[])), Err(SIZE)),
        ("not deflated", Some(plain_of_same_form), Err(SIZE)),
        (
            "cut",
            Some(source[..source.len() - 9].to_vec()),
            Err("exists already, but the file is cut short: the deflated data set has no end at"),
        ),
    ] {
        let sources = order(&[&path], Some(scratch.path("out")));
        match &target {
            None => assert_eq!(run(sources), [row("a.dcm", "anonymized", "")]),
            Some(bytes) => drop(scratch.write("out/a.dcm", bytes)),
        }
        let before = scratch.read("out/a.dcm");
        let sources = || order(&[&path], Some(scratch.path("out")));
        let rows = run(with_existing(Existing::Skip, sources()));
        match expected {
            Ok(()) => assert_eq!(rows, [row("a.dcm", "skipped", "")], "{what}"),
            Err(reason) => assert!(rows[0].1 == "refused" && rows[0].2.contains(reason), "{what}: {rows:?}"),
        }
        assert!(scratch.read("out/a.dcm") == before, "{what}");
        assert_eq!(run(sources())[0].1, "refused", "{what}");
        assert_eq!(run(with_existing(Existing::Overwrite, sources())), [row("a.dcm", "anonymized", "")]);
        assert!(inflated(&scratch.read("out/a.dcm")) == blank, "{what}");
    }
    assert_eq!(scratch.files("out"), ["a.dcm"]);
}

/// Large forms are inflated one at a time. A worker with a large source may look at a large target all the same.
#[test]
fn large_files_wait_for_each_other_and_never_for_themselves() {
    let scratch = Scratch::new();
    let name = element(NAME, "PN", b"Doe^Jane");
    let large = file_of(&deflate(&[name, element(PIXELS, "OW", &vec![0; 17 << 20])].concat()), &[]);
    for number in 0..4 {
        scratch.write(&format!("in/{number}"), &large);
    }
    let all = |outcome| (0..4).map(|number| row(&number.to_string(), outcome, "")).collect::<Vec<_>>();
    let sources = || Order { workers: Some(4), ..order(&[scratch.path("in")], Some(scratch.path("out"))) };
    assert_eq!(run(sources()), all("anonymized"));
    assert_eq!(run(with_existing(Existing::Skip, sources())), all("skipped"));
    assert_eq!(run(order(&[scratch.path("in")], None)), all("anonymized"));
    assert_eq!(
        compare(&scratch.path("in/0"), &scratch.path("out/0"), &rules(), &Keying::none(), Watch::default()).unwrap(),
        (Verdict::Ok, None)
    );
}

#[test]
fn two_files_are_compared_in_their_inflated_form() {
    let scratch = Scratch::new();
    let of = |name: &[u8], pixels: &[u8]| file_of(&deflate(&data_set(name, pixels)), &[]);
    let before = of(b"Doe^Jane", &noise(1000));
    let mut other = noise(1000);
    other[999] ^= 1;
    let place = meta().len() + data_set(b"Doe^Jane", &other).len() - 1;
    let form = [meta(), data_set(b"        ", &noise(1000))].concat();
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 3].to_vec();
    for (what, after, expected) in [
        ("blanked", of(b"        ", &noise(1000)), (Verdict::Ok, String::new())),
        (
            "as it was",
            before.clone(),
            (Verdict::Leak, "1 value left to blank, the first is (0010,0010) at 0xb4".into()),
        ),
        (
            "a pixel",
            of(b"        ", &other),
            (Verdict::Changed, format!("a byte that was not to be blanked differs at {place:#x}")),
        ),
        (
            "fewer pixels",
            of(b"        ", &noise(998)),
            (Verdict::Changed, format!("{} bytes, {} before", form.len() - 2, form.len())),
        ),
        ("cut", cut(of(b"        ", &noise(1000))), (Verdict::Unreadable, "after: the file is cut short".into())),
        ("not DICOM", b"hello".to_vec(), (Verdict::Unreadable, "after: not a DICOM file".into())),
        ("not deflated", named(b"        "), (Verdict::Changed, "bytes".into())),
    ] {
        let (left, right) = (scratch.write("a", &before), scratch.write("b", &after));
        let (verdict, reason) = compare(&left, &right, &rules(), &Keying::none(), Watch::default()).unwrap();
        let reason = reason.map(|finding| finding.message).unwrap_or_default();
        assert!(verdict == expected.0 && reason.contains(&expected.1), "{what}: {verdict:?} {reason}");
    }
}

/// A stream has no checksum. Whatever inflates is read, if it can be walked; and what is then written is what was read.
#[test]
fn flipped_bytes_are_refused_or_blanked_and_nothing_else() {
    let text = element(Tag::new(0x0008, 0x0070), "LO", b"a value that repeats, a value that repeats");
    let data = [text, data_set(b"Doe^Jane", &noise(100))].concat();
    let whole = file_of(&deflate(&data), &[]);
    let (mut refused, mut blanked) = (0, 0);
    for (number, random) in noise(8 * 3000).chunks(8).enumerate() {
        let mut bytes = whole.clone();
        for flip in random.chunks(4).take(1 + number % 2) {
            let offset = usize::from(u16::from_le_bytes([flip[0], flip[1]])) % bytes.len();
            bytes[offset] ^= flip[2].max(1);
        }
        match plan_bytes(&bytes, &rules()) {
            Err(FileError::Core(_)) => refused += 1,
            Err(other) => panic!("{other}"),
            // The damaged transfer syntax may be another one.
            Ok(plan) if plan.source_size() == bytes.len() as u64 => {}
            Ok(plan) => {
                let Some(after) =
                    blank_bytes(&mut bytes.clone(), &rules(), &Keying::none(), &Watch::default()).unwrap()
                else {
                    continue;
                };
                blanked += 1;
                let again = plan_bytes(&after, &rules()).unwrap();
                assert_eq!(again, plan);
                let form =
                    [after[..meta().len()].to_vec(), inflated(&[meta(), after[meta().len()..].to_vec()].concat())]
                        .concat();
                assert!(audit(&plan, &mut SliceSource::new(&form)).unwrap().is_empty());
            }
        }
    }
    assert!(refused > 1000 && blanked > 100, "{refused} refused, {blanked} blanked");
}

/// A bind mount of the file itself, as containers have it, leads to the old file. There it is not lost, and no name
/// stays in it.
#[test]
#[cfg(target_os = "linux")]
fn a_bind_mount_of_the_old_file_shows_the_new_bytes() {
    let scratch = Scratch::new();
    let long_ago = deflated(b"Doe^Jane");
    let stored = {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::none());
        encoder.write_all(&data_set(b"Doe^Jane", &vec![7; 100_000])).unwrap();
        file_of(&encoder.finish().unwrap(), &[])
    };
    for bytes in [long_ago, stored] {
        let (path, mount) = (scratch.write("a.dcm", &bytes), scratch.write("mount", b""));
        let mount_with = |arguments: &[&Path]| std::process::Command::new("mount").args(arguments).status();
        if !mount_with(&[Path::new("--bind"), &path, &mount]).is_ok_and(|status| status.success()) {
            eprintln!("skipped: this user may not mount");
            return;
        }
        let rows = run(order(&[&path], None));
        let (new, there) = (scratch.read("a.dcm"), scratch.read("mount"));
        let unmounted = std::process::Command::new("umount").arg(&mount).status();
        assert_eq!(rows, [row("a.dcm", "anonymized", "")]);
        assert!(new == there && new != bytes && unmounted.unwrap().success());
    }
}
