//! For tests: a run that is killed after each of its changes of the disk, and what the next one makes of it.
//!
//! `tests/test_journal.py` kills real runs at random moments, and seldom hits those between two writes.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use dicomblank_core::{Rules, Selector, Tag, Treatment};
use dicomblank_pseudonym::{Key, Memory, Secrets};

use super::in_place::{self, Editing};
use super::journal::{FOLDER, Journal};
use super::record;
use super::recovery::{self, Unfinished};
use super::tools::{Looking, Tools};
use crate::error::FileError;
use crate::order::choices::{HardLinks, Leftovers, Syncing, Unmarked};
use crate::order::inputs::Kind;
use crate::read::keyed::Keying;
use crate::read::leftovers::Looker;
use crate::read::windows::Windows;
use crate::report::outcome::{Fate, Outcome};
use crate::report::values::Counter;
use crate::testing::{Scratch, input, located, place};
use crate::unix::{Stat, steps};
use crate::watch::Watch;

/// A preamble with room for a mark.
pub(super) const MARKED: usize = 128;

/// A file in explicit VR little endian: for each gap, a value of so many bytes, then three values to replace.
pub(super) fn file(preamble: usize, gaps: &[usize]) -> Vec<u8> {
    let mut bytes = vec![0; preamble];
    if preamble > 0 {
        bytes.extend(b"DICM");
        bytes.extend(short(TRANSFER_SYNTAX, b"UI", b"1.2.840.10008.1.2.1\0"));
    }
    bytes.extend(short(MODALITY, b"CS", b"MR"));
    for gap in gaps {
        bytes.extend(b"\x09\0\x01\x10OB\0\0");
        bytes.extend(u32::try_from(*gap).unwrap().to_le_bytes());
        bytes.extend(vec![7; *gap]);
        bytes.extend(short(NAME, b"PN", b"Doe^Jane"));
        bytes.extend(short(PATIENT_ID, b"LO", b"1234567 "));
        bytes.extend(short(FRAME_OF_REFERENCE, b"UI", b"1.2.34567890"));
    }
    bytes
}

const TRANSFER_SYNTAX: Tag = Tag::new(0x0002, 0x0010);
const MODALITY: Tag = Tag::new(0x0008, 0x0060);
const NAME: Tag = Tag::new(0x0010, 0x0010);
const PATIENT_ID: Tag = Tag::new(0x0010, 0x0020);
const FRAME_OF_REFERENCE: Tag = Tag::new(0x0020, 0x0052);

fn short(tag: Tag, vr: &[u8], value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap();
    [&tag.group().to_le_bytes()[..], &tag.element().to_le_bytes(), vr, &length.to_le_bytes(), value].concat()
}

/// A name is blanked, an identifier and a UID become others.
fn rules() -> Rules {
    let keyed = [PATIENT_ID, FRAME_OF_REFERENCE].map(|tag| (Selector::Tag(tag), Treatment::Pseudonymize));
    Rules::with([(Selector::Tag(NAME), Treatment::Blank)].into_iter().chain(keyed)).unwrap()
}

/// How files are edited in a test.
pub(super) struct Case {
    rules: Rules,
    keying: Keying,
    sync: Syncing,
    leftovers: Leftovers,
    /// The sizes of the windows.
    sizes: [usize; 3],
}

const SIZES: [usize; 3] = [16 * 1024, 4096, 64 * 1024];

impl Case {
    fn new(sync: Syncing, sizes: [usize; 3]) -> Self {
        let rules = rules();
        let key = Key::from_bytes(&[7; 32]).unwrap();
        let keying = Keying::new(&rules, Some(Arc::new(Secrets::new(key))));
        Self { rules, keying, sync, leftovers: Leftovers::Ignore, sizes }
    }

    /// One that writes over what is left, too.
    pub(super) fn replacing(sync: Syncing) -> Self {
        Self { leftovers: Leftovers::Replace, ..Self::new(sync, SIZES) }
    }

    /// The same without a key: values are blanked.
    pub(super) fn blanking(self) -> Self {
        let rules = Rules::new([NAME, PATIENT_ID, FRAME_OF_REFERENCE], []).unwrap();
        Self { rules, keying: Keying::none(), ..self }
    }

    /// What a run does that has one source, the folder, and one file, `in/file`.
    pub(super) fn run(&self, folder: &Path) -> Result<Fate, FileError> {
        let source = input(folder, Kind::Folder);
        let place = place(&source, "in", "file");
        let editing = Editing::new(HardLinks::Refuse, Unmarked::Write, self.sync);
        recovery::finish_around(&source, &editing.unfinished);
        let (mut windows, mut memory) = (Windows::of(self.sizes, Watch::default()), Memory::default());
        let tools = &mut Tools {
            rules: &self.rules,
            keyed: self.keying.with(&mut memory),
            windows: &mut windows,
            others: &mut Windows::new(Watch::default()),
            counter: &mut Counter::default(),
            validator: None,
            looking: Looking { leftovers: self.leftovers, known: None, looker: &mut Looker::default() },
        };
        in_place::blank(located(&place, &place.path()), &editing, &mut Journal::default(), tools)
    }
}

/// Files whose edits are one write, or several; the first bytes of some are not all in memory.
fn files() -> Vec<(&'static str, Vec<u8>, [usize; 3])> {
    vec![
        ("one page", file(MARKED, &[10]), SIZES),
        ("two pages", file(MARKED, &[4000]), SIZES),
        ("far apart", file(MARKED, &[10, 6000, 10_000, 70_000]), SIZES),
        ("behind the first bytes", file(MARKED, &[20_000, 100]), SIZES),
        ("one page, not all of which is in memory", file(MARKED, &[300, 300]), [140, 200, 200]),
        ("no preamble, one page", file(0, &[10, 20]), SIZES),
        ("no preamble, far apart", file(0, &[10, 6000, 10_000]), SIZES),
        ("no preamble, one page that is not in memory", file(0, &[20_000, 200, 200]), SIZES),
        ("no preamble, one page in parts", file(0, &[9000, 300, 300]), [8192, 200, 200]),
    ]
}

pub(super) fn fresh(scratch: &Scratch, bytes: &[u8]) {
    let _ = fs::remove_dir_all(scratch.path(FOLDER));
    scratch.write("in/file", bytes);
}

pub(super) fn undisturbed(case: &Case, bytes: &[u8]) -> Vec<u8> {
    let scratch = Scratch::new();
    fresh(&scratch, bytes);
    assert_eq!(case.run(&scratch.path("")).unwrap().outcome, Outcome::Anonymized);
    assert_eq!(scratch.names(), ["in"]);
    let after = scratch.read("in/file");
    assert!(after.len() == bytes.len() && after != bytes);
    after
}

/// A mark is not needed for this: the records of files without one are carried out as well.
#[test]
fn the_next_run_finishes_what_was_begun() {
    for (what, bytes, sizes) in files() {
        for sync in [Syncing::None, Syncing::All] {
            let case = &Case::new(sync, sizes);
            let after = undisturbed(case, &bytes);
            let scratch = Scratch::new();
            let folder = &scratch.path("");
            for changes in 0.. {
                let at = format!("{what}, {sync:?}, killed after {changes}");
                fresh(&scratch, &bytes);
                let (done, is_killed) = steps::killed_after(changes, || case.run(folder));
                if !is_killed {
                    assert!(done.is_ok() && changes > 0, "{at}");
                    break;
                }
                // As a run at any level does, before its first file.
                recovery::finish(folder, &Unfinished::default());
                let found = scratch.read("in/file");
                assert!(found == after || found == bytes, "{at}: half done");
                assert_eq!(scratch.names(), ["in"], "{at}");
                if bytes.starts_with(&[0; MARKED]) {
                    let again = case.run(folder).unwrap().outcome;
                    let expected = if found == after { Outcome::Unchanged } else { Outcome::Anonymized };
                    assert_eq!((again, scratch.read("in/file") == after), (expected, true), "{at}");
                }
            }
        }
    }
}

/// Whatever a killed run leaves is told from what is whole: it has the mark of what is begun, or is as it was, or has
/// the mark of what is done and is so.
#[test]
fn what_is_half_done_says_so() {
    for (what, bytes, sizes) in files().into_iter().filter(|(_, bytes, _)| bytes.starts_with(&[0; MARKED])) {
        let case = &Case::new(Syncing::None, sizes);
        let after = undisturbed(case, &bytes);
        let scratch = Scratch::new();
        for changes in 0.. {
            fresh(&scratch, &bytes);
            if !steps::killed_after(changes, || case.run(&scratch.path(""))).1 {
                break;
            }
            let found = scratch.read("in/file");
            // Without its journal it stays as it is.
            fs::remove_dir_all(scratch.path(FOLDER)).ok();
            let again = case.run(&scratch.path(""));
            let is_refused = matches!(again, Err(FileError::Core(error)) if error.kind.word() == "half-done");
            assert_eq!(is_refused, found != after && found != bytes, "{what}, killed after {changes}");
            assert!(scratch.read("in/file") == if is_refused { &found[..] } else { &after }, "{what}, {changes}");
        }
    }
}

/// The run that finishes is killed as well, after each of its changes.
#[test]
fn a_run_that_is_killed_while_it_finishes_is_finished() {
    for (what, bytes) in [("marked", file(MARKED, &[6000, 9000])), ("unmarked", file(0, &[6000, 9000]))] {
        let case = &Case::new(Syncing::None, SIZES);
        let after = undisturbed(case, &bytes);
        let scratch = Scratch::new();
        let folder = &scratch.path("");
        let mut killed_twice = 0;
        for changes in 0.. {
            let begin = || {
                fresh(&scratch, &bytes);
                steps::killed_after(changes, || case.run(folder)).1
            };
            if !begin() {
                break;
            }
            for then in 0.. {
                begin();
                let is_killed = steps::killed_after(then, || recovery::finish(folder, &Unfinished::default())).1;
                killed_twice += usize::from(is_killed);
                recovery::finish(folder, &Unfinished::default());
                let found = scratch.read("in/file");
                assert!(found == after || found == bytes, "{what}, killed after {changes} and {then}");
                assert_eq!(scratch.names(), ["in"], "{what}, killed after {changes} and {then}");
                if !is_killed {
                    break;
                }
            }
        }
        assert!(killed_twice > 10, "{what}: {killed_twice}");
    }
}

/// Runs until one page of the file is written. The folder and the journal are made before, and its record is one page.
fn kill(case: &Case, folder: &Path) {
    assert!(steps::killed_after(4, || case.run(folder)).1);
}

/// Nothing in a file without a mark says that it is half done. Where its record can't be carried out, it is refused as
/// long as that is so.
#[test]
fn what_can_not_be_finished_is_refused() {
    let bytes = file(0, &[6000, 9000]);
    let case = &Case::new(Syncing::None, SIZES);
    let after = undisturbed(case, &bytes);
    let scratch = Scratch::new();
    let folder = &scratch.path("");
    let refused = |unfinished: &Unfinished| {
        let file = fs::File::open(scratch.path("in/file")).unwrap();
        unfinished.has(&file, &Stat::of(&file).unwrap().unwrap()).unwrap()
    };
    fresh(&scratch, &bytes);
    kill(case, folder);
    let found = scratch.read("in/file");
    assert!(found != bytes && found != after);

    let unfinished = Unfinished::default();
    let locked = fs::File::open(scratch.path("in/file")).unwrap();
    locked.lock().unwrap();
    recovery::finish(folder, &unfinished);
    assert!(refused(&unfinished));
    assert!(recovery::finish_for(&scratch.path("in/file"), &unfinished), "it will be finished soon");
    drop(locked);
    assert!(!recovery::finish_for(&scratch.path("in/file"), &unfinished));
    assert!(!refused(&unfinished) && scratch.read("in/file") == after);
    assert_eq!(scratch.names(), ["in"]);

    // It has another name, by which it is refused; with its own again it is finished.
    fresh(&scratch, &bytes);
    kill(case, folder);
    fs::rename(scratch.path("in/file"), scratch.path("aside")).unwrap();
    let unfinished = Unfinished::default();
    recovery::finish(folder, &unfinished);
    scratch.write("in/other", &after);
    fs::rename(scratch.path("aside"), scratch.path("in/file")).unwrap();
    assert!(refused(&unfinished));
    // What somebody has written there since is another file.
    scratch.write("in/file", &vec![1; bytes.len()]);
    assert!(!refused(&unfinished));
    scratch.write("in/file", &found);
    assert_eq!(case.run(folder).map(|fate| fate.outcome).ok(), Some(Outcome::Anonymized));
    assert!(!scratch.exists(FOLDER));
}

/// A journal that another run has locked is left to that one, which is waited for if the journal is about this file.
#[test]
fn a_journal_in_use_is_left_alone() {
    let bytes = file(MARKED, &[6000, 9000]);
    let case = &Case::new(Syncing::None, SIZES);
    let after = undisturbed(case, &bytes);
    let scratch = Scratch::new();
    let folder = &scratch.path("");
    fresh(&scratch, &bytes);
    kill(case, folder);
    let found = scratch.read("in/file");
    assert!(found != bytes && found != after);
    let name = scratch.files(FOLDER).remove(0);
    let journal = fs::File::open(scratch.path(FOLDER).join(name)).unwrap();
    journal.lock().unwrap();
    let unfinished = Unfinished::default();
    assert!(recovery::finish_for(&scratch.path("in/file"), &unfinished));
    assert!(!recovery::finish_for(&scratch.path("in/other"), &unfinished));
    assert!(scratch.read("in/file") == found);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| case.run(folder).map(|fate| fate.outcome));
        std::thread::sleep(std::time::Duration::from_millis(20));
        drop(journal);
        assert_eq!(waiting.join().unwrap().ok(), Some(Outcome::Unchanged));
    });
    assert!(scratch.read("in/file") == after);
    assert_eq!(scratch.names(), ["in"]);
}

/// A record says where it is carried out: nowhere but in the folder of the journal, and in the very file.
#[test]
fn a_record_is_for_one_file_in_its_folder() {
    let bytes = file(MARKED, &[6000, 9000]);
    let case = &Case::new(Syncing::None, SIZES);
    let scratch = Scratch::new();
    let top = &scratch.path("top");
    for (what, spoil) in [
        ("moved out of the folder, and named from there", &(|| rename(&scratch, "in/file", "../file")) as &dyn Fn()),
        ("moved out of the folder, behind a link", &|| {
            fs::rename(scratch.path("top/in"), scratch.path("out")).unwrap();
            symlink("../out", scratch.path("top/in")).unwrap();
        }),
        ("the file became a link", &|| {
            fs::rename(scratch.path("top/in/file"), scratch.path("top/in/other")).unwrap();
            symlink("other", scratch.path("top/in/file")).unwrap();
        }),
        ("another file", &|| {
            let copy = scratch.read("top/in/file");
            fs::rename(scratch.path("top/in/file"), scratch.path("top/in/other")).unwrap();
            scratch.write("top/in/file", &copy);
        }),
        ("another size", &|| {
            scratch.write("top/in/file", &[&scratch.read("top/in/file")[..], b"\0"].concat());
        }),
        ("another mark", &|| {
            let mut bytes = scratch.read("top/in/file");
            bytes[100] ^= 1;
            scratch.write("top/in/file", &bytes);
        }),
        ("a folder", &|| {
            fs::rename(scratch.path("top/in/file"), scratch.path("top/in/other")).unwrap();
            fs::create_dir(scratch.path("top/in/file")).unwrap();
        }),
        ("gone", &|| fs::remove_file(scratch.path("top/in/file")).unwrap()),
    ] {
        for name in ["top", "out", "file"] {
            let path = scratch.path(name);
            fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path)).ok();
        }
        scratch.write("top/in/file", &bytes);
        kill(case, top);
        assert_eq!(scratch.read("top/in/file")[96..106], *b"DICOMblk\x01B", "{what}");
        spoil();
        let before = contents(&scratch);
        recovery::finish(top, &Unfinished::default());
        assert!(contents(&scratch) == before, "{what}");
        assert!(before.iter().any(|(path, _)| path.contains(FOLDER)), "{what}");
    }
}

fn contents(scratch: &Scratch) -> Vec<(String, Option<Vec<u8>>)> {
    scratch.files("").into_iter().map(|path| (path.clone(), fs::read(scratch.path(&path)).ok())).collect()
}

/// Moves a file, and has the journal name it so.
fn rename(scratch: &Scratch, from: &str, to: &str) {
    let top = scratch.path("top");
    fs::rename(top.join(from), top.join(to)).unwrap();
    let journal = top.join(FOLDER).join(scratch.files(&format!("top/{FOLDER}")).remove(0));
    let bytes = fs::read(&journal).unwrap();
    fs::write(journal, record::renamed(&bytes, Path::new(to))).unwrap();
}
