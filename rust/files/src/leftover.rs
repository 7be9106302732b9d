//! What is left: places where a value stands that was to be taken out elsewhere.

use std::fmt;

use dicomblank_core::{Tag, TagPath, dictionary};

/// How many of a file are told one by one; the rest are counted.
pub const MOST_LEFTOVERS: usize = 100;

/// One of them. It never holds the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Where it stands.
    pub place: Where,
    /// The same in bytes from the start of the file, of a deflated one in its inflated form; `None` in a path.
    pub offset: Option<u64>,
    /// How many bytes of it there are.
    pub length: u64,
    /// Whose value it is.
    pub of: Of,
}

/// Where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// In front of the first element (PS3.10 §7.1).
    Preamble,
    /// In the value of an element.
    Element(TagPath),
    /// Behind the last element.
    Trailing,
    /// In the path of the file below its source.
    Path,
}

impl Where {
    /// The same for all items of a sequence: what places are counted by.
    #[must_use]
    pub fn folded(&self) -> String {
        match self {
            Self::Element(path) => path.steps().iter().map(|step| step.tag.to_string()).collect::<Vec<_>>().join("."),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Preamble => f.write_str("preamble"),
            Self::Element(path) => write!(f, "{path:#}"),
            Self::Trailing => f.write_str("trailing"),
            Self::Path => f.write_str("path"),
        }
    }
}

/// Whose value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// That of an element.
    Element(Tag),
    /// A name or an identifier of the list of known ones.
    Known,
}

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Element(tag) => match dictionary::keyword(*tag) {
                Some(keyword) => f.write_str(keyword),
                None => write!(f, "{tag}"),
            },
            Self::Known => f.write_str("known"),
        }
    }
}

/// What was looked for in a file, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remains {
    /// The first [`MOST_LEFTOVERS`].
    pub all: Vec<Leftover>,
    /// How many there are.
    pub count: u64,
    /// How many values were not looked for: they are too short to be told from other text, or spelled in too many ways.
    pub not_searched: u64,
    /// Whether anything was looked for.
    pub is_searched: bool,
    /// How many were overwritten.
    pub replaced: u64,
}

impl Remains {
    pub(crate) fn add(&mut self, leftover: impl FnOnce() -> Leftover) {
        self.count += 1;
        if self.all.len() < MOST_LEFTOVERS {
            self.all.push(leftover());
        }
    }
}
