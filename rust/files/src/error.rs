//! Why a file was not blanked, or not looked at. No message holds the value of an element.

mod class;
mod kinds;
mod object;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use dicomblank_core::{Error, ErrorClass};

use crate::archive::Archive;
use crate::leftover::Remains;
use crate::text::{Shown, system_words};

pub use class::FileErrorClass;
pub use kinds::kinds;
pub use object::ObjectFault;

/// What came in between.
#[derive(Debug)]
pub enum FileError {
    /// The core can't blank it, and says why. This includes that it is no DICOM file.
    Core(Error),
    /// Its name says DICOM, its bytes don't.
    Damaged,
    /// Its name says DICOM, and there are no bytes.
    Empty,
    /// An archive or a compressed file, which was not looked into.
    Archive(Archive),
    /// What macOS keeps beside a file on a disk of another system.
    Companion,
    /// The system would not let us.
    Io {
        /// The file that it said it of.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// The target exists.
    Exists {
        /// The target.
        target: PathBuf,
        /// Why it stays as it is.
        reason: String,
    },
    /// The target lies in a source, to which a link leads.
    LeadsIntoSource {
        /// The target.
        target: PathBuf,
    },
    /// The file is not what it was when it was read.
    Changed,
    /// Something about the file is, while size and time are as they were: it is looked at again, and this is told to nobody.
    Touched,
    /// Another program has a lock on the file.
    Locked,
    /// It has other names, under which it would change as well, or not change.
    HardLinks {
        /// All its names.
        count: u64,
        /// Whether a new file would take its place, under one name only: it is deflated, or its length changes.
        is_replaced: bool,
    },
    /// Content of git-annex.
    Annexed,
    /// Values are to be replaced in it, and there is no room for the mark that says so.
    NoRoomForMark,
    /// What is to be written to it could not be written down first.
    Journal {
        /// The folder of the journal.
        folder: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A new file would take its place, and can't have what it has.
    NotRestored {
        /// Its owner, attributes or mode.
        what: &'static str,
        /// What the system said.
        error: io::Error,
    },
    /// The old file of a deflated one, which was replaced, still has its bytes.
    OldFileKept(String),
    /// Neither file nor folder.
    NotRegular(&'static str),
    /// A symbolic link that was named itself, in place.
    NamedLink {
        /// What it leads to.
        target: PathBuf,
    },
    /// A symbolic link, met in a folder: not followed.
    Link {
        /// What it points to.
        target: PathBuf,
    },
    /// A folder on the way to a file of a list is a link.
    LinkOnTheWay {
        /// The path that the list leads to.
        folder: PathBuf,
        /// What that is.
        target: PathBuf,
    },
    /// A name of a list leads elsewhere than into the folder of the list.
    OutsideFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// A name of a list has ".." in it.
    ParentInName,
    /// A list can't be read to its end, for this reason.
    BrokenList(&'static str),
    /// The caller wants it passed over.
    Excluded,
    /// A temporary file of dicomblank.
    Temporary {
        /// Whether it was left over, and is gone.
        is_removed: bool,
    },
    /// Values that are blanked or replaced stand elsewhere, too, and such a file is refused.
    Leftovers(Box<Remains>),
    /// What is wrong with an object of a store, or with the store; the sentence says it.
    Object(ObjectFault, String),
    /// The validator says no.
    Invalid(String),
    /// The validator did not come to a result.
    NotValidated(String),
    /// The run was cancelled before anything was written of this file, or while it was copied or deflated: that is dropped.
    Interrupted,
    /// There is not enough memory to inflate it.
    NoMemory,
    /// A bug of dicomblank, caught.
    Panicked,
}

/// What is to blame for an error: the file, or the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The file, which is refused: it would be again.
    File,
    /// The system, or the moment: another try may do.
    System,
}

impl FileError {
    /// The system's error about `path`.
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }

    /// Whether the bytes are simply not DICOM.
    #[must_use]
    pub fn is_not_dicom(&self) -> bool {
        match self {
            Self::Core(error) => error.kind.class() == ErrorClass::NotDicom,
            Self::Archive(_) | Self::Companion => true,
            _ => false,
        }
    }

    /// Whether the file is refused or has failed.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Io { .. }
            | Self::Journal { .. }
            | Self::Changed
            | Self::Touched
            | Self::Locked
            | Self::NotValidated(_)
            | Self::BrokenList(_)
            | Self::Interrupted
            | Self::NoMemory
            | Self::Panicked => Blame::System,
            Self::Object(fault, _) => fault.blame(),
            _ => Blame::File,
        }
    }

    /// The reason in words; the path is said only where it is not `about` itself.
    #[must_use]
    pub fn reason(&self, about: &Path) -> String {
        match self {
            Self::Io { path, error } if path == about => system_words(error),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(error) => error.fmt(f),
            Self::Damaged => f.write_str("damaged: named like DICOM, but can't be read as DICOM"),
            Self::Empty => f.write_str("empty: named like DICOM, but has no bytes"),
            Self::Archive(archive) => write!(f, "an archive ({}): not looked into", archive.name()),
            Self::Companion => f.write_str("not a DICOM file, but what macOS keeps beside one"),
            Self::Io { path, error } => write!(f, "{}: {}", Shown(path.as_os_str()), system_words(error)),
            Self::Exists { target, reason } => write!(f, "{} {reason}", Shown(target.as_os_str())),
            Self::LeadsIntoSource { target } => {
                write!(f, "{} leads into a source, through a link", Shown(target.as_os_str()))
            }
            Self::Changed | Self::Touched => f.write_str("changed while being read"),
            Self::Locked => f.write_str("another program has locked it"),
            Self::HardLinks { count, is_replaced: false } => write!(
                f,
                "has {count} names (hard links), and the file would change under all of them: copy it, or allow hard links to be written"
            ),
            Self::HardLinks { count, is_replaced: true } => write!(
                f,
                "has {count} names (hard links), and a new file would take its place under one of them only: copy it, or remove the others"
            ),
            Self::Annexed => f.write_str(
                "is content of git-annex, under the checksum of its bytes: copy it, or run git annex unlock on the file and name that",
            ),
            Self::NoRoomForMark => f.write_str(
                "has no room for the mark of what was replaced, so that a second run would replace it again: copy it, or allow unmarked files to be written",
            ),
            Self::Journal { folder, error } => write!(
                f,
                "the journal in {} can't be written, without which a file that is half done could not be finished: {}",
                Shown(folder.as_os_str()),
                system_words(error)
            ),
            Self::NotRestored { what, error } => {
                let reason = system_words(error);
                write!(f, "a new file takes its place, and can't have its {what}: {reason}")
            }
            Self::NotRegular(what) => write!(f, "{what}: not opened"),
            Self::NamedLink { target } => {
                write!(f, "a symbolic link to {}: name that in its place", Shown(target.as_os_str()))
            }
            Self::Link { target } => write!(f, "a symbolic link to {}: not followed", Shown(target.as_os_str())),
            Self::LinkOnTheWay { folder, target } => {
                let [folder, target] = [folder, target].map(|path| Shown(path.as_os_str()));
                write!(f, "{folder} leads through a link, to {target}: name it by that path")
            }
            Self::OutsideFolder { folder } => {
                write!(f, "lies outside of {}, to which the list is relative", Shown(folder.as_os_str()))
            }
            Self::ParentInName => f.write_str("a name with \"..\" in it: write the path without"),
            Self::BrokenList(reason) => write!(f, "the list was not read to its end: {reason}"),
            Self::Excluded => f.write_str("excluded"),
            Self::Temporary { is_removed: false } => f.write_str("a temporary file of dicomblank"),
            Self::Temporary { is_removed: true } => f.write_str("a left-over temporary file of dicomblank: removed"),
            Self::OldFileKept(reason)
            | Self::Object(_, reason)
            | Self::Invalid(reason)
            | Self::NotValidated(reason) => f.write_str(reason),
            Self::Leftovers(found) => write!(f, "{}", Refused(found)),
            Self::Interrupted => f.write_str("interrupted: nothing was written"),
            Self::NoMemory => f.write_str("not enough memory to inflate it"),
            Self::Panicked => f.write_str("a bug in dicomblank: please report it"),
        }
    }
}

impl std::error::Error for FileError {}

/// Where values still stand, in words.
struct Refused<'a>(&'a Remains);

impl fmt::Display for Refused<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.count;
        let values = if count == 1 { "a value that is taken out stands" } else { "values that are taken out stand" };
        write!(f, "{values} elsewhere as well, in {count} place{}", if count == 1 { "" } else { "s" })?;
        let Some(first) = self.0.all.first() else { return Ok(()) };
        write!(f, ", the first of which is that of {} in {}", first.of, first.place)?;
        first.offset.map_or(Ok(()), |offset| write!(f, " at {offset:#x}"))
    }
}

impl From<Error> for FileError {
    /// For bytes in memory: an error on a file may have to be told otherwise, see `read/recognise.rs`.
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_names_only_the_path_that_is_not_known() {
        let error = io::Error::from(io::ErrorKind::PermissionDenied);
        let words = system_words(&error);
        let error = FileError::Io { path: "/a".into(), error };
        assert_eq!(error.reason(Path::new("/a")), words);
        assert_eq!(error.reason(Path::new("/b")), format!("/a: {words}"));
        assert_eq!(FileError::Empty.reason(Path::new("/a")), FileError::Empty.to_string());
    }
}
