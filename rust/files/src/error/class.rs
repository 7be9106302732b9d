//! What a caller does about an error: the groups that Python's exceptions name.

use dicomblank_core::ErrorClass;

use super::FileError;

/// The group of an error. Each is an exception class in Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileErrorClass {
    /// Not DICOM, or not looked into.
    NotDicom,
    /// The bytes can't be walked.
    Parse,
    /// The file is cut short.
    Truncated,
    /// A budget is spent.
    Limit,
    /// DICOM that is not treated, or not where it is.
    Unsupported,
    /// The validator says no.
    Validation,
    /// The file is not what it was.
    Changed,
    /// One of dicomblank without a group: nothing can be said against the file.
    Other,
    /// The system's own.
    System,
    /// Something has the name of the target.
    Exists,
    /// There is not enough memory.
    NoMemory,
    /// A bug of dicomblank.
    Bug,
}

impl FileError {
    /// The group that this error belongs to.
    #[must_use]
    pub fn class(&self) -> FileErrorClass {
        match self {
            Self::Core(error) => match error.kind.class() {
                ErrorClass::NotDicom => FileErrorClass::NotDicom,
                ErrorClass::Truncated => FileErrorClass::Truncated,
                ErrorClass::Limit => FileErrorClass::Limit,
                ErrorClass::Unsupported => FileErrorClass::Unsupported,
                ErrorClass::Changed => FileErrorClass::Changed,
                ErrorClass::Unreadable => FileErrorClass::System,
                ErrorClass::Parse => FileErrorClass::Parse,
            },
            Self::Damaged | Self::Empty => FileErrorClass::Parse,
            Self::Archive(_) | Self::Companion => FileErrorClass::NotDicom,
            Self::Io { .. } | Self::Journal { .. } => FileErrorClass::System,
            Self::Exists { .. } | Self::LeadsIntoSource { .. } => FileErrorClass::Exists,
            Self::Changed | Self::Touched => FileErrorClass::Changed,
            Self::HardLinks { .. }
            | Self::Annexed
            | Self::NoRoomForMark
            | Self::Leftovers(_)
            | Self::NotRestored { .. }
            | Self::OldFileKept(_)
            | Self::NotRegular(_)
            | Self::NamedLink { .. }
            | Self::Link { .. }
            | Self::LinkOnTheWay { .. }
            | Self::OutsideFolder { .. }
            | Self::ParentInName
            | Self::Excluded
            | Self::Temporary { .. } => FileErrorClass::Unsupported,
            Self::Object(fault, _) => fault.class(),
            Self::Invalid(_) => FileErrorClass::Validation,
            Self::NotValidated(_) | Self::Locked | Self::Interrupted | Self::BrokenList(_) => FileErrorClass::Other,
            Self::NoMemory => FileErrorClass::NoMemory,
            Self::Panicked => FileErrorClass::Bug,
        }
    }
}
