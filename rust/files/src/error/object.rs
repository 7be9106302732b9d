//! What can be wrong with an object of a store, beside its bytes.

use super::{Blame, FileErrorClass};

/// What is wrong. Each has a word of [`kinds`](crate::kinds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectFault {
    /// The object, or the store's folder of objects, is not there.
    NotFound,
    /// The store does not permit it.
    NoPermission,
    /// The store failed, and did so each time that it was tried.
    Store,
    /// What it has beside its bytes can't be kept.
    NotKept,
    /// It is too large to be written at one time.
    TooLarge,
    /// Its key is one that can't be used.
    Key,
}

impl ObjectFault {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::NotFound, Self::NoPermission, Self::Store, Self::NotKept, Self::TooLarge, Self::Key];

    /// One word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::NoPermission => "no-permission",
            Self::Store => "store",
            Self::NotKept => "not-kept",
            Self::TooLarge => "too-large",
            Self::Key => "key",
        }
    }

    pub(super) const fn blame(self) -> Blame {
        match self {
            Self::NotFound | Self::NoPermission | Self::Store => Blame::System,
            Self::NotKept | Self::TooLarge | Self::Key => Blame::File,
        }
    }

    pub(super) const fn class(self) -> FileErrorClass {
        match self {
            Self::NotFound | Self::NoPermission | Self::Store => FileErrorClass::System,
            Self::NotKept | Self::TooLarge | Self::Key => FileErrorClass::Unsupported,
        }
    }
}
