//! Blanking a file where it stands, in the order of its steps: see `attempt`.

use std::thread;
use std::time::Duration;

use dicomblank_core::{ApplyError, Error, ErrorKind, Fill, Marks, Patch, Plan, Sink, apply_patch};

use crate::error::FileError;
use crate::order::choices::{HardLinks, Syncing, Unmarked};
use crate::order::inputs::Kind;
use crate::order::place::Located;
use crate::read::opened::{Lock, Opened, until_untouched};
use crate::read::planned::{Planned, Ready, once};
use crate::read::windows::Windows;
use crate::report::outcome::Fate;
use crate::unix;
use crate::watch::Watch;
use crate::write::annex::check_annex;
use crate::write::busy::{Busy, BusyFiles};
use crate::write::in_place_sink::{InPlaceSink, Joined, write_apart};
use crate::write::journal::Journal;
use crate::write::left_over::remove_left_overs;
use crate::write::recovery::{self, Unfinished};
use crate::write::replace::replace;
use crate::write::rewriting_in_place::rewrite;
use crate::write::tools::Tools;
use crate::write::validator::ask;

/// How the files of a run are edited where they stand.
#[derive(Debug)]
pub(crate) struct Editing {
    hard_links: HardLinks,
    unmarked: Unmarked,
    sync: Syncing,
    busy: BusyFiles,
    pub(crate) unfinished: Unfinished,
}

impl Editing {
    pub(crate) fn new(hard_links: HardLinks, unmarked: Unmarked, sync: Syncing) -> Self {
        Self { hard_links, unmarked, sync, busy: BusyFiles::default(), unfinished: Unfinished::default() }
    }
}

/// Blanks a file. If nothing is left to blank, it is not written to.
pub(crate) fn blank(
    file: Located<'_>,
    editing: &Editing,
    journal: &mut Journal,
    tools: &mut Tools<'_>,
) -> Result<Fate, FileError> {
    let mut waiting = Waiting::default();
    loop {
        let done = until_untouched(|| attempt(file, editing, journal, tools));
        if !matches!(done, Err(FileError::Core(Error { kind: ErrorKind::HalfDone, .. }))) {
            return done;
        }
        if !recovery::finish_for(&file.place.canonical(), &editing.unfinished) {
            return until_untouched(|| attempt(file, editing, journal, tools));
        }
        waiting.pause(&tools.windows.watch)?;
    }
}

fn attempt(
    file: Located<'_>,
    editing: &Editing,
    journal: &mut Journal,
    tools: &mut Tools<'_>,
) -> Result<Fate, FileError> {
    let Tools { rules, keyed, windows, counter, validator, looking, .. } = tools;
    let Located { place, path, .. } = file;
    let (mut opened, _busy) = open_alone(file, &editing.busy, &windows.watch)?;
    if editing.unfinished.has(&opened.file, &opened.stat).map_err(|error| FileError::io(path, error))? {
        return Err(FileError::Core(Error {
            kind: ErrorKind::HalfDone,
            offset: 0,
            tag_path: [].into_iter().collect(),
        }));
    }
    if rules.rewrite() {
        let read_only = opened.read_only.take();
        return rewrite((&opened, read_only), place, (editing.unmarked, editing.sync), tools);
    }
    let mut source = opened.source(windows);
    let (planned, sites) = looking.plan(&opened, &mut source, rules)?;
    let marked = opened.marked(&mut source, &planned, keyed.keying())?;
    let left = opened.left(&mut source, &planned, (rules, once(marked)))?;
    ask(*validator, path, planned.plan())?;
    let fate = Fate::done(planned.plan(), &left, counter);
    if left.is_empty() {
        let found = looking.look(&mut source, &planned, (sites, place));
        let found = found.map_err(|error| opened.explain_core(error, &mut source))?;
        opened.sync(editing.sync)?;
        return Ok(fate.with(found));
    }
    let ready = opened.resolve(&mut source, planned, (&left, marked), rules, keyed)?;
    let looked = looking.look_ready(&mut source, &ready, (sites, place));
    let (found, replacements) = looked.map_err(|error| opened.explain_core(error, &mut source))?;
    if ready.is_unmarked() && editing.unmarked == Unmarked::Refuse {
        return Err(FileError::NoRoomForMark);
    }
    let fate = fate.noticed(ready.warnings()).with(found);
    let (before, replacements) = if ready.is_once || ready.planned.is_inflated() {
        (None, replacements) // written together: a journal finishes them, or a new file has them
    } else {
        (ready.before(&replacements)?, Vec::new())
    };
    let Ready { planned, patch, marks, is_once } = ready.and(&replacements)?;
    let now = opened.check_unchanged()?;
    check_annex(place)?;
    check_links(now.links, editing.hard_links)?;
    if let Some(error) = opened.read_only.take() {
        return Err(FileError::io(path, error));
    }
    let plan = match planned {
        Planned::AsItStands(plan) => plan,
        Planned::Inflated(plan, mut inflated) => {
            if place.input.kind == Kind::File {
                // In a folder that was named, left-over files are removed by the listing.
                remove_left_overs(unix::folder_of(path));
            }
            inflated.edit(&plan, &patch, marks)?;
            return replace(&opened, &inflated, &windows.watch).map(|kept| fate.despite(kept));
        }
    };
    if let Some((plan, patch)) = &before {
        // A run that is killed here leaves the values by which the next one finds the rest.
        Edits { plan, patch }.write(&opened, windows, None)?;
        opened.sync(editing.sync)?;
    }
    let edits = Edits { plan: &plan, patch: &patch };
    let is_alone = opened.lock == Lock::Held && editing.sync == Syncing::None;
    if is_once && !(is_alone && fits_one_write(&plan, marks, windows)) {
        journal.begin(place, &opened, (&plan, &patch), marks, editing.sync)?;
        edits.write_marked(&opened, windows, marks, editing.sync).inspect_err(|_| journal.keep())?;
        journal.end(marks.is_some(), editing.sync);
    } else {
        edits.write(&opened, windows, marks.and_then(Marks::done))?;
        opened.sync(editing.sync)?;
    }
    Ok(fate)
}

/// What is written to a file.
#[derive(Clone, Copy)]
struct Edits<'a> {
    plan: &'a Plan,
    patch: &'a Patch,
}

impl Edits<'_> {
    /// Writes them, and `mark` with the first of them.
    fn write(self, opened: &Opened<'_>, windows: &mut Windows, mark: Option<Fill<'_>>) -> Result<(), FileError> {
        let failed = |error| FileError::io(opened.path, error);
        let joined = if opened.lock == Lock::Held { Joined::Near } else { Joined::Adjacent };
        let mut sink = InPlaceSink::new(&opened.file, opened.stat.size, windows.in_memory(), joined);
        mark.map_or(Ok(()), |mark| sink.write(mark)).map_err(failed)?;
        match apply_patch(self.plan, self.patch, &mut sink) {
            Ok(()) => sink.finish().map_err(failed),
            Err(ApplyError::SizeChanged { .. }) => Err(FileError::Changed),
            Err(ApplyError::Unresolved) => Err(FileError::Panicked),
            Err(ApplyError::Sink(error)) => Err(failed(error)),
        }
    }

    /// Writes them between two marks: that they are begun, with the first of them, and that they are done.
    fn write_marked(
        self,
        opened: &Opened<'_>,
        windows: &mut Windows,
        marks: Option<&Marks>,
        syncing: Syncing,
    ) -> Result<(), FileError> {
        let failed = |error| FileError::io(opened.path, error);
        let mark = |mark: Option<Fill<'_>>| mark.map_or(Ok(()), |mark| write_apart(&opened.file, mark)).map_err(failed);
        let begun = marks.and_then(Marks::begun);
        if syncing == Syncing::All {
            // The disk may write the pages of a file in any order.
            mark(begun)?;
            opened.sync(syncing)?;
        }
        self.write(opened, windows, begun)?;
        opened.sync(syncing)?;
        mark(marks.and_then(Marks::done))?;
        opened.sync(syncing)
    }
}

/// Whether all edits and the mark are one write that no signal can cut in two, if they may be joined: they lie in one
/// page of the file, and all of them in its first bytes in memory. What is not there is written apart.
fn fits_one_write(plan: &Plan, marks: Option<&Marks>, windows: &Windows) -> bool {
    /// The smallest page there is. The system looks for signals between pages.
    const PAGE: u64 = 4096;
    let (Some(first), Some(last)) = (plan.edits().first(), plan.edits().last()) else { return true };
    let (start, end) = (if marks.is_some() { 0 } else { first.span().start() }, last.span().end());
    start / PAGE == end.saturating_sub(1) / PAGE && end <= windows.head().len() as u64
}

/// Opens the file when no other worker and no other run works on it.
fn open_alone<'p, 'h>(
    file: Located<'p>,
    busy: &'h BusyFiles,
    watch: &Watch,
) -> Result<(Opened<'p>, Busy<'h>), FileError> {
    let mut opened = Opened::to_edit(file.path, file.at)?;
    loop {
        let taken = opened.stat.id;
        let held = if let Some(held) = busy.try_take(taken) {
            held
        } else {
            // Closed, so that its lock is free: the worker that has the file may be waiting for it.
            drop(opened);
            let held = busy.take(taken);
            opened = Opened::to_edit(file.path, file.at)?;
            held
        };
        opened = wait_for_lock(opened, file, watch)?;
        if opened.stat.id == taken {
            return Ok((opened, held));
        }
    }
}

/// Opens the file again until it has the lock. The run that had it may have put a new file in its place, as for a
/// deflated one. Then the opened file has no name any more.
fn wait_for_lock<'p>(mut opened: Opened<'p>, file: Located<'p>, watch: &Watch) -> Result<Opened<'p>, FileError> {
    let mut waiting = Waiting::default();
    while opened.lock == Lock::Busy || opened.stat.links == 0 {
        let before = opened.stat.id;
        if opened.lock == Lock::Busy {
            waiting.pause(watch)?;
        }
        opened = Opened::to_edit(file.path, file.at)?;
        if opened.lock != Lock::Busy && opened.stat.id == before {
            break; // the file system does not count names
        }
    }
    Ok(opened)
}

/// Waiting for the lock of another program: in short pauses at first, since a small file takes microseconds.
struct Waiting {
    pause: Duration,
    left: Duration,
}

impl Default for Waiting {
    fn default() -> Self {
        // The largest deflated file takes half of this time.
        Self { pause: Duration::from_micros(50), left: Duration::from_secs(60) }
    }
}

impl Waiting {
    const LONGEST: Duration = Duration::from_millis(10);

    fn pause(&mut self, watch: &Watch) -> Result<(), FileError> {
        if watch.is_cancelled() {
            return Err(FileError::Interrupted);
        }
        self.left = self.left.checked_sub(self.pause).ok_or(FileError::Locked)?;
        thread::sleep(self.pause);
        self.pause = (2 * self.pause).min(Self::LONGEST);
        Ok(())
    }
}

/// Refuses a file with other names. Asked only if the file would be written: nothing happens to the other names of a
/// file that is blank already.
fn check_links(links: u64, hard_links: HardLinks) -> Result<(), FileError> {
    if links <= 1 || hard_links == HardLinks::Write {
        return Ok(());
    }
    Err(FileError::HardLinks { count: links, is_replaced: false })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use dicomblank_core::{Rules, Tag};
    use dicomblank_pseudonym::Memory;

    use super::*;
    use crate::order::choices::Leftovers;
    use crate::read::keyed::Keying;
    use crate::read::leftovers::Looker;
    use crate::read::windows::Windows;
    use crate::report::values::Counter;
    use crate::write::tools::Looking;

    use crate::testing::{Scratch, located, single};
    use crate::unix::steps;

    /// Another worker replaces a deflated file so: the file that was opened first then has no name, and is overwritten.
    #[test]
    fn after_waiting_the_file_at_the_path_is_opened() {
        let scratch = Scratch::new();
        let path = scratch.path("file");
        let new = path.with_extension("new");
        fs::write(&path, "old").unwrap();
        let place = single(&path);
        let file = located(&place, &path);
        let busy = BusyFiles::default();
        let held = busy.take(Opened::to_edit(&path, file.at).unwrap().stat.id);
        std::thread::scope(|scope| {
            let waiting =
                scope.spawn(|| open_alone(file, &busy, &Watch::default()).map(|(opened, _held)| opened.stat.id));
            while busy.waiting() == 0 {
                std::thread::yield_now();
            }
            fs::write(&new, "new").unwrap();
            fs::rename(&new, &path).unwrap();
            drop(held);
            assert_eq!(waiting.join().unwrap().unwrap(), unix::FileId::of(&path).unwrap());
        });
        assert_eq!(busy.waiting(), 0);
    }

    /// Between opening and locking, another run has replaced the file.
    #[test]
    fn a_file_without_a_name_is_not_what_is_done() {
        let scratch = Scratch::new();
        let path = scratch.path("file");
        let new = path.with_extension("new");
        fs::write(&path, "old").unwrap();
        let place = single(&path);
        let file = located(&place, &path);
        let mut opened = Opened::to_edit(&path, file.at).unwrap();
        fs::write(&new, "new").unwrap();
        fs::rename(&new, &path).unwrap();
        opened.stat = unix::Stat::of(&opened.file).unwrap().unwrap();
        let taken = wait_for_lock(opened, file, &Watch::default()).unwrap();
        assert_eq!((taken.stat.id, taken.lock), (unix::FileId::of(&path).unwrap(), Lock::Held));
    }

    /// Also if nothing is left to blank: an earlier run may not have flushed what it wrote.
    #[test]
    fn a_file_is_synced_before_it_counts_as_done() {
        let scratch = Scratch::new();
        let path = scratch.path("file");
        for (sync, expected) in [(Syncing::None, &[][..]), (Syncing::All, &["sync data"])] {
            fs::write(&path, b"\x10\0\x10\0PN\x02\0ab\x10\0\x20\0LO\x02\0ab").unwrap();
            let editing = Editing::new(HardLinks::Refuse, Unmarked::Refuse, sync);
            let rules = Rules::new([Tag::new(0x10, 0x10)], []).unwrap();
            let place = single(&path);
            let file = located(&place, &path);
            for edits in [1, 0] {
                let windows = &mut Windows::new(Watch::default());
                let done = blank(
                    file,
                    &editing,
                    &mut Journal::default(),
                    &mut Tools {
                        rules: &rules,
                        keyed: Keying::none().with(&mut Memory::default()),
                        windows,
                        counter: &mut Counter::default(),
                        validator: None,
                        looking: Looking { leftovers: Leftovers::Ignore, known: None, looker: &mut Looker::default() },
                    },
                );
                assert_eq!(done.unwrap().values.unwrap().count(), edits);
                assert_eq!(steps::take(), expected);
            }
        }
    }
}
