//! Finishing what a killed run began: the records of its journals are carried out.
//!
//! A record counts only for the very file that it was made for, and only where that is half done: its mark says so. Of
//! a file without a mark, the bytes between the values do. Whatever else stands there is left as it is, and the journal
//! with it.
//!
//! Anybody can make a folder of the journals' name where the sources are, or around them: what is no journal is not
//! touched, and one that is not trusted is not carried out.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dicomblank_core::mark_span;

use super::in_place_sink::write_apart;
use super::journal::{FOLDER, remove};
use super::left_over::is_temporary;
use super::record::{self, Edit, Record};
use crate::order::inputs::{Input, Kind};
use crate::unix::{self, At, Stat};

/// Journals are small: a record has some kilobytes. What is longer than any record is none.
const LONGEST: u64 = 64 * 1024 * 1024;

/// What could not be finished of files that have no mark: nothing in such a file says that it is half done.
#[derive(Debug, Default)]
pub(crate) struct Unfinished {
    is_any: AtomicBool,
    records: Mutex<Vec<Record>>,
}

impl Unfinished {
    /// Whether the open file is one of them.
    pub(crate) fn has(&self, file: &File, stat: &Stat) -> io::Result<bool> {
        if !self.is_any.load(Ordering::Acquire) {
            return Ok(false);
        }
        for record in self.records().iter().filter(|record| is_about(record, stat)) {
            if matches!(state(file, record)?, State::Begun) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn add(&self, record: Record) {
        let mut records = self.records();
        records.retain(|other| other.inode != record.inode);
        records.push(record);
        self.is_any.store(true, Ordering::Release);
    }

    fn remove(&self, inode: u64) {
        self.records().retain(|record| record.inode != inode);
    }

    fn records(&self) -> MutexGuard<'_, Vec<Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finishes what was begun in `input`, and in the folders around it, of which it may have been a part.
pub(crate) fn finish_around(input: &Input, unfinished: &Unfinished) {
    let start = match input.kind {
        Kind::Folder => &input.canonical,
        _ => unix::folder_of(&input.canonical),
    };
    for folder in start.ancestors() {
        finish(folder, unfinished);
    }
}

/// Finishes what was begun by journals around the file `path`, which is without links. Says whether another run is
/// about to finish this file: a moment later it is done.
pub(crate) fn finish_for(path: &Path, unfinished: &Unfinished) -> bool {
    let mut is_in_use = false;
    for folder in path.ancestors().skip(1) {
        finish_all(folder, unfinished, |busy| is_in_use |= busy == path);
    }
    is_in_use
}

/// Finishes what the journals beside the files of `folder` say.
pub(crate) fn finish(folder: &Path, unfinished: &Unfinished) {
    finish_all(folder, unfinished, |_| {});
}

fn finish_all(folder: &Path, unfinished: &Unfinished, mut is_busy: impl FnMut(&Path)) {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let journals = folder.join(FOLDER);
    // One call for nearly every folder: there is none.
    if !unix::is_folder(&journals) {
        return;
    }
    let entries = fs::read_dir(&journals).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_temporary(&entry.file_name())) {
        // What can't be finished says so itself: its file is refused as half done.
        if let Ok(Some(busy)) = finish_one(folder, &entry.path(), unfinished) {
            is_busy(&busy);
        }
    }
    // A run may have been killed before a journal was in it. If one is, this does nothing.
    let _ = unix::remove_folder(&journals);
}

/// Carries out one journal. What is locked is in use, by a run that will finish it itself: then its file is returned.
fn finish_one(folder: &Path, path: &Path, unfinished: &Unfinished) -> io::Result<Option<PathBuf>> {
    let (mut journal, _) = unix::open_to_edit(At::path(path))?;
    let (is_locked, is_ours) = match journal.try_lock() {
        Ok(()) => (false, true),
        Err(TryLockError::WouldBlock) => (true, false),
        Err(TryLockError::Error(_)) => (false, false), // nobody can tell whether it is in use
    };
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    (&mut journal).take(LONGEST).read_to_end(&mut bytes)?;
    let Some(record) = record::read(&bytes) else {
        // Nothing was written to a file before its record was whole. What is no journal at all is somebody's.
        if is_ours && record::is_begun(&bytes) && unix::is_name_of(path, &journal)? {
            remove(path);
        }
        return Ok(None);
    };
    let file = folder.join(&record.path);
    if is_locked {
        return Ok(Some(file));
    }
    let done = redo(folder, &file, &journal, &record);
    match done {
        Ok(Redone::Done) => {
            unfinished.remove(record.inode);
            if is_ours && unix::is_name_of(path, &journal)? {
                remove(path);
            }
            Ok(None)
        }
        Ok(Redone::Not) => Ok(None),
        Ok(Redone::Busy | Redone::Missing) | Err(_) => {
            let is_busy = matches!(done, Ok(Redone::Busy));
            if record.marks.is_none() {
                unfinished.add(record);
            }
            Ok(is_busy.then_some(file))
        }
    }
}

/// What has become of a record.
enum Redone {
    /// It is of no use any more.
    Done,
    /// Nothing: it is not trusted, or the file is not what it was made for.
    Not,
    /// Nothing: the file has another place, or is gone.
    Missing,
    /// Nothing: another program has locked the file.
    Busy,
}

fn redo(folder: &Path, path: &Path, journal: &File, record: &Record) -> io::Result<Redone> {
    if path.components().any(|part| part == Component::ParentDir) {
        return Ok(Redone::Not);
    }
    let (file, read_only) = match unix::open_to_edit(At::path(path)) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Redone::Missing),
        Err(error) => return Err(error),
    };
    if !is_inside(folder, path)? || !unix::may_tell(journal, &file)? {
        return Ok(Redone::Not);
    }
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        return Ok(Redone::Busy);
    }
    if !Stat::of(&file)?.is_some_and(|stat| is_about(record, &stat)) {
        return Ok(Redone::Not);
    }
    match state(&file, record)? {
        State::Whole => return Ok(Redone::Done),
        State::Other => return Ok(Redone::Not),
        State::Begun => {}
    }
    if let Some(error) = read_only {
        return Err(error);
    }
    for fill in record.edits.iter().filter_map(Edit::fill) {
        write_apart(&file, fill)?;
    }
    unix::sync_data(&file)?;
    if let (Some([_, done]), Some(span)) = (record.marks, mark_span()) {
        unix::write_at(&file, &done, span.start())?;
        // The journal is removed next: the disk may not do that first.
        unix::sync_data(&file)?;
    }
    Ok(Redone::Done)
}

fn is_about(record: &Record, stat: &Stat) -> bool {
    (record.inode, record.size) == (stat.id.inode, stat.size)
}

/// Whether the path leads to a file in the folder, and through no link out of it: else a journal could write anywhere.
fn is_inside(folder: &Path, path: &Path) -> io::Result<bool> {
    Ok(path.canonicalize()?.starts_with(folder.canonicalize()?))
}

/// How far the file of a record is.
enum State {
    /// Nothing was written, or everything.
    Whole,
    /// Some of it was written, or may have been.
    Begun,
    /// It is not the file that the record was made for.
    Other,
}

fn state(file: &File, record: &Record) -> io::Result<State> {
    let read = |start: u64, bytes: &mut [u8]| {
        let count = unix::read_at(file, bytes, bytes.len(), start)?;
        if count < bytes.len() { Err(io::Error::from(io::ErrorKind::UnexpectedEof)) } else { Ok(()) }
    };
    let (Some([begun, done]), Some(span)) = (record.marks, mark_span()) else {
        let spans = record.edits.iter().map(Edit::span);
        let is_same = record::sum_between(spans, read)? == record.sum;
        return Ok(if is_same { State::Begun } else { State::Other });
    };
    let mut mark = [0; 32];
    read(span.start(), &mut mark)?;
    Ok(if mark == begun {
        State::Begun
    } else if mark == done || mark == [0; 32] {
        State::Whole
    } else {
        State::Other
    })
}
