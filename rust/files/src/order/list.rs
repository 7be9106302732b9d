//! A list of files, in the place of folders that are listed.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::inputs::{Input, Kind};
use super::usage::UsageError;
use crate::text::Shown;
use crate::unix;

/// The files to be done, by their names.
#[derive(Clone, Debug)]
pub struct List {
    /// Where the names are.
    pub from: ListFrom,
    /// The folder in which all of them lie, and below which the paths of copies begin. `None` is the current folder.
    pub relative_to: Option<PathBuf>,
}

/// Where names are.
#[derive(Clone, Debug)]
pub enum ListFrom {
    /// In a file, or "-", the process's standard input. Its names are paths from the current folder.
    File {
        /// The list.
        path: PathBuf,
        /// What stands behind each name.
        ends: NameEnd,
    },
    /// In memory: the keys of a shard. Each is a path below the folder, and ends with a NUL.
    Shard {
        /// Which shard.
        shard: Shard,
        /// The keys.
        keys: Vec<u8>,
    },
}

/// Some of the files of a data set, as a manifest lists them.
#[derive(Clone, Debug)]
pub struct Shard {
    /// What it is called.
    pub name: String,
    /// The digest of its manifest, for the report.
    pub sha256: String,
}

/// What a list is called.
#[derive(Debug)]
pub(crate) enum ListName {
    File(PathBuf),
    Shard(Shard),
}

impl ListName {
    /// The name by which messages call it.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Shard(shard) => Path::new(&shard.name),
        }
    }
}

/// What stands behind each name of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameEnd {
    /// The end of a line. No name has one in it.
    Newline,
    /// A NUL, which no name can have in it: `find -print0`.
    Nul,
}

impl NameEnd {
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Newline => b'\n',
            Self::Nul => 0,
        }
    }
}

/// A list that is open. It is read once.
pub(crate) struct OpenList {
    /// The folder in which its files lie.
    pub(crate) folder: Arc<Input>,
    pub(crate) name: ListName,
    /// What its paths begin with, if they are not relative to the folder: the current folder, without links and `..`.
    pub(crate) from: Option<PathBuf>,
    pub(crate) ends: NameEnd,
    reader: Mutex<Option<Names>>,
}

/// The bytes of a list.
pub(crate) enum Names {
    File(BufReader<File>),
    Memory(Cursor<Vec<u8>>),
}

/// The standard input, where a list is read. A file that is called "-" can be named as "./-".
pub(crate) const STDIN: &str = "-";

impl List {
    /// Opens it, and finds its folder.
    pub(crate) fn open(self) -> Result<OpenList, UsageError> {
        let folder = self.relative_to.unwrap_or_else(|| PathBuf::from("."));
        let folder = Arc::new(Input::find(folder, true)?);
        if folder.kind != Kind::Folder {
            let shown = Shown(folder.given.as_os_str());
            return Err(UsageError::Invalid(format!("the files of a list lie in a folder, and {shown} is none")));
        }
        let (name, from, ends, reader) = match self.from {
            ListFrom::Shard { shard, keys } => {
                (ListName::Shard(shard), None, NameEnd::Nul, Names::Memory(Cursor::new(keys)))
            }
            ListFrom::File { path, ends } => {
                let failed = |error| UsageError::Io { path: path.clone(), error };
                let file = if path.as_os_str() == STDIN { unix::stdin() } else { File::open(&path) };
                let file = file.map_err(failed)?;
                if file.metadata().map_err(failed)?.is_dir() {
                    let shown = Shown(path.as_os_str());
                    return Err(UsageError::Invalid(format!("{shown} is a folder, and not a list of files")));
                }
                let here = Path::new(".").canonicalize().map_err(|error| UsageError::Io { path: ".".into(), error })?;
                (ListName::File(path), Some(here), ends, Names::File(BufReader::with_capacity(64 * 1024, file)))
            }
        };
        Ok(OpenList { folder, name, from, ends, reader: Mutex::new(Some(reader)) })
    }
}

impl OpenList {
    /// What is to be read. `None` if it was read before.
    pub(crate) fn take(&self) -> Option<Names> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl std::fmt::Debug for OpenList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenList").field("folder", &self.folder).field("name", &self.name).finish_non_exhaustive()
    }
}

impl Names {
    /// Waits until there is something to read, or the end, for as long as `goes_on`. Says whether there is.
    pub(crate) fn wait(&self, mut goes_on: impl FnMut() -> bool) -> std::io::Result<bool> {
        let Self::File(reader) = self else { return Ok(true) };
        while goes_on() {
            if unix::is_ready(reader.get_ref())? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Bytes that were read and not yet taken.
    pub(crate) fn buffered(&self) -> &[u8] {
        match self {
            Self::File(reader) => reader.buffer(),
            Self::Memory(cursor) => {
                let start = usize::try_from(cursor.position()).unwrap_or(usize::MAX);
                cursor.get_ref().get(start..).unwrap_or_default()
            }
        }
    }
}

impl Read for Names {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File(reader) => reader.read(bytes),
            Self::Memory(cursor) => cursor.read(bytes),
        }
    }
}

impl BufRead for Names {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        match self {
            Self::File(reader) => reader.fill_buf(),
            Self::Memory(cursor) => cursor.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        match self {
            Self::File(reader) => reader.consume(amount),
            Self::Memory(cursor) => cursor.consume(amount),
        }
    }
}
