//! Blanking a file where it stands.

use std::ffi::OsStr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use dicomblank_core::{ApplyError, apply};

use crate::error::FileError;
use crate::file::{Lock, Opened, Planned, until_untouched};
use crate::in_hand::{Held, InHand};
use crate::job::{HardLinks, Job, Syncing};
use crate::replace::{folder_of, replace};
use crate::row::{Fate, Located, Place};
use crate::sink::{FileSink, Joined};
use crate::source::Windows;
use crate::sources::Kind;
use crate::stop::Stop;
use crate::temporary::remove_left_overs;
use crate::unix;
use crate::validate::{Validator, ask};

/// Blanks a file. What is blank already is not written to.
pub(crate) fn blank(
    file: Located<'_>,
    job: &Job,
    in_hand: &InHand,
    windows: &mut Windows,
    validator: Option<&Validator<'_>>,
) -> Result<Fate, FileError> {
    until_untouched(|| attempt(file, job, in_hand, windows, validator))
}

fn attempt(
    file: Located<'_>,
    job: &Job,
    in_hand: &InHand,
    windows: &mut Windows,
    validator: Option<&Validator<'_>>,
) -> Result<Fate, FileError> {
    let Located { place, path, .. } = file;
    let (mut opened, _held) = take_in_hand(file, in_hand, &windows.stop)?;
    let mut source = opened.source(windows);
    let Planned { plan, inflated } = opened.plan(&mut source, &job.rules)?;
    let left = opened.audit(&mut source, inflated.as_ref(), &plan)?;
    ask(validator, path, &plan)?;
    let fate = Fate::done(&plan, left.len());
    if left.is_empty() {
        sync(&opened, job)?;
        return Ok(fate);
    }
    let now = opened.check_unchanged()?;
    check_annex(place)?;
    check_links(now.links, job.hard_links)?;
    if let Some(error) = opened.read_only.take() {
        return Err(FileError::io(path, error));
    }
    if let Some(mut inflated) = inflated {
        if place.source.kind == Kind::File {
            // Of a folder, each is looked at when it is listed.
            remove_left_overs(folder_of(path));
        }
        inflated.blank(&plan.only_at(&left))?;
        return replace(&opened, &inflated, &windows.stop).map(|warning| fate.warned(warning));
    }
    let joined = if opened.lock == Lock::Held { Joined::Near } else { Joined::Adjacent };
    let mut sink = FileSink::new(&opened.file, opened.stat.size, windows.in_memory(), joined);
    match apply(&plan.only_at(&left), &mut sink) {
        Ok(()) => sink.finish().map_err(|error| FileError::io(path, error))?,
        Err(ApplyError::SizeChanged { .. }) => return Err(FileError::Changed),
        Err(ApplyError::Sink(error)) => return Err(FileError::io(path, error)),
    }
    sync(&opened, job)?;
    Ok(fate)
}

/// Opens the file when no other worker is at it, and no other run.
fn take_in_hand<'p, 'h>(
    file: Located<'p>,
    in_hand: &'h InHand,
    stop: &Stop,
) -> Result<(Opened<'p>, Held<'h>), FileError> {
    let mut opened = Opened::to_edit(file.path, file.at)?;
    loop {
        let taken = opened.stat.id;
        let held = if let Some(held) = in_hand.try_take(taken) {
            held
        } else {
            // Without its lock, for which the worker that has the file may be waiting.
            drop(opened);
            let held = in_hand.take(taken);
            opened = Opened::to_edit(file.path, file.at)?;
            held
        };
        opened = wait_for_lock(opened, file, stop)?;
        if opened.stat.id == taken {
            return Ok((opened, held));
        }
    }
}

/// Opens the file again until it has the lock. Whoever had it may have put a new file in its place, a deflated one: then the old one has
/// no name any more.
fn wait_for_lock<'p>(mut opened: Opened<'p>, file: Located<'p>, stop: &Stop) -> Result<Opened<'p>, FileError> {
    let mut waiting = Waiting::default();
    while opened.lock == Lock::Busy || opened.stat.links == 0 {
        let before = opened.stat.id;
        if opened.lock == Lock::Busy {
            waiting.pause(stop)?;
        }
        opened = Opened::to_edit(file.path, file.at)?;
        if opened.lock != Lock::Busy && opened.stat.id == before {
            break; // a file system that counts no names
        }
    }
    Ok(opened)
}

/// Waiting for another program's lock: shorter at first, since a small file takes microseconds.
struct Waiting {
    pause: Duration,
    left: Duration,
}

impl Default for Waiting {
    fn default() -> Self {
        // The largest deflated file takes half of it.
        Self { pause: Duration::from_micros(50), left: Duration::from_secs(60) }
    }
}

impl Waiting {
    const LONGEST: Duration = Duration::from_millis(10);

    fn pause(&mut self, stop: &Stop) -> Result<(), FileError> {
        if stop.is_wanted() {
            return Err(FileError::Interrupted);
        }
        self.left = self.left.checked_sub(self.pause).ok_or(FileError::Locked)?;
        thread::sleep(self.pause);
        self.pause = (2 * self.pause).min(Self::LONGEST);
        Ok(())
    }
}

/// Content that git-annex keeps is named by the checksum of its bytes, and is of every clone and commit that has a file of it.
fn check_annex(place: &Place) -> Result<(), FileError> {
    let may_be = [place.source.canonical.as_os_str(), place.folder.as_os_str()].into_iter().any(names_a_repository);
    if !may_be || !is_annexed(&place.canonical()) {
        return Ok(());
    }
    let reason = "is content of git-annex, under the checksum of its bytes: copy it, or run git annex unlock on the file and name that";
    Err(FileError::Unsupported(reason.to_owned()))
}

/// Whether a part of a path may end in `.git`: that is asked of every file, and the path itself is built of few.
fn names_a_repository(path: &OsStr) -> bool {
    unix::bytes(path).windows(4).any(|four| four == b".git")
}

/// Whether a path without links lies in `.git/annex/objects`, that of a submodule (`.git/modules/name/annex/objects`) or of a bare
/// repository (`name.git/annex/objects`).
fn is_annexed(path: &Path) -> bool {
    let parts: Vec<_> = path.iter().map(unix::bytes).collect();
    let repository = parts.iter().position(|part| part.ends_with(b".git"));
    repository.is_some_and(|at| parts[at..].windows(2).any(|pair| pair == [b"annex".as_slice(), b"objects".as_slice()]))
}

fn sync(opened: &Opened<'_>, job: &Job) -> Result<(), FileError> {
    match job.sync {
        Syncing::None => Ok(()),
        Syncing::All => unix::sync_data(&opened.file).map_err(|error| FileError::io(opened.path, error)),
    }
}

/// Only what would be written is refused: nothing happens to the other names of a file that is blank already.
fn check_links(links: u64, hard_links: HardLinks) -> Result<(), FileError> {
    if links <= 1 || hard_links == HardLinks::Write {
        return Ok(());
    }
    let reason = format!(
        "has {links} names (hard links), and the file would change under all of them: copy it, or allow hard links to be written"
    );
    Err(FileError::Unsupported(reason))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use dicomblank_core::{Rules, Tag};

    use super::*;
    use crate::job::{Existing, Order};
    use crate::sources::Source;
    use crate::unix::{At, steps};

    #[test]
    fn what_is_content_of_git_annex() {
        for (path, expected) in [
            ("/data/.git/annex/objects/X1/2Z/SHA256E-s4--ab.dcm/SHA256E-s4--ab.dcm", true),
            ("/data/.git/modules/sub/annex/objects/X1/2Z/k/k", true),
            ("/data/bare.git/annex/objects/X1/2Z/k/k", true),
            ("/data/.git/annex/unused", false),
            ("/data/annex/objects/a.dcm", false),
            ("/data/annex/objects/.git/a.dcm", false),
            ("/data/.github/annex/objects/a.dcm", false),
            ("/data/.git/annex/objects2/a.dcm", false),
        ] {
            assert_eq!(is_annexed(Path::new(path)), expected, "{path}");
            assert!(names_a_repository(Path::new(path).parent().unwrap().as_os_str()) || !expected, "{path}");
        }
    }

    /// As whoever blanks a deflated one leaves it: the file that was opened first has no name any more, and is wiped.
    #[test]
    fn who_has_waited_opens_the_file_that_is_there_then() {
        let path = std::env::temp_dir().join(format!("dicomblank-waited-{}", std::process::id()));
        let new = path.with_extension("new");
        fs::write(&path, "old").unwrap();
        let source = Arc::new(Source { given: path.clone(), canonical: path.clone(), kind: Kind::File });
        let place = &Place { name: source.name().to_owned(), folder: Path::new("").into(), source };
        let file = Located { place, path: &path, at: At::path(&path) };
        let in_hand = InHand::default();
        let held = in_hand.take(Opened::to_edit(&path, file.at).unwrap().stat.id);
        std::thread::scope(|scope| {
            let waiting =
                scope.spawn(|| take_in_hand(file, &in_hand, &Stop::default()).map(|(opened, _held)| opened.stat.id));
            while in_hand.waiting() == 0 {
                std::thread::yield_now();
            }
            fs::write(&new, "new").unwrap();
            fs::rename(&new, &path).unwrap();
            drop(held);
            assert_eq!(waiting.join().unwrap().unwrap(), unix::FileId::of(&path).unwrap());
        });
        assert_eq!(in_hand.waiting(), 0);
        fs::remove_file(path).unwrap();
    }

    /// Another run had it between the moment when it was opened and the one when it was locked, and has put a new one in its place.
    #[test]
    fn a_file_without_a_name_is_not_what_is_done() {
        let path = std::env::temp_dir().join(format!("dicomblank-nameless-{}", std::process::id()));
        let new = path.with_extension("new");
        fs::write(&path, "old").unwrap();
        let source = Arc::new(Source { given: path.clone(), canonical: path.clone(), kind: Kind::File });
        let place = &Place { name: source.name().to_owned(), folder: Path::new("").into(), source };
        let file = Located { place, path: &path, at: At::path(&path) };
        let mut opened = Opened::to_edit(&path, file.at).unwrap();
        fs::write(&new, "new").unwrap();
        fs::rename(&new, &path).unwrap();
        opened.stat = unix::Stat::of(&opened.file).unwrap().unwrap();
        let taken = wait_for_lock(opened, file, &Stop::default()).unwrap();
        assert_eq!((taken.stat.id, taken.lock), (unix::FileId::of(&path).unwrap(), Lock::Held));
        fs::remove_file(path).unwrap();
    }

    /// Also where nothing is left to blank: an earlier run may not have synced what it wrote.
    #[test]
    fn a_file_is_synced_before_it_counts_as_done() {
        let path = std::env::temp_dir().join(format!("dicomblank-synced-in-place-{}", std::process::id()));
        for (sync, expected) in [(Syncing::None, &[][..]), (Syncing::All, &["sync data"])] {
            fs::write(&path, b"\x10\0\x10\0PN\x02\0ab\x10\0\x20\0LO\x02\0ab").unwrap();
            let order = Order {
                sources: vec![path.clone()],
                output: None,
                rules: Rules::new([Tag::new(0x10, 0x10)], []).unwrap(),
                existing: Existing::Refuse,
                hard_links: HardLinks::Refuse,
                sync,
                workers: None,
                report: None,
            };
            let job = Job::new(order).unwrap();
            let source = job.sources[0].clone();
            let place = Place { name: source.name().to_owned(), folder: Path::new("").into(), source };
            let file = Located { place: &place, path: &path, at: At::path(&path) };
            for edits in [1, 0] {
                let done = blank(file, &job, &InHand::default(), &mut Windows::new(Stop::default()), None);
                assert_eq!(done.unwrap().edits, edits);
                assert_eq!(steps::take(), expected);
            }
        }
        fs::remove_file(path).unwrap();
    }
}
