//! What an inspection looks for: the core's subjects, and what each is called.

use dicomblank_core::{Sign, Subjects};

/// Subjects with their names. A name is a section and a word in it; without a section it is not told.
#[derive(Debug)]
pub struct Catalogue {
    pub(crate) subjects: Subjects,
    /// By number: subjects, then creators, then all other creators.
    names: Vec<(Box<str>, Box<str>)>,
}

/// The section of private creators.
const PRIVATE: &str = "private";
/// What creators are called whose names are not told: a file may have anything there.
const OTHERS: &str = "others";

impl Catalogue {
    /// Subjects called `names`, numbered from 0 on, with their signs; and private creators whose names may be told.
    /// `None` where there are too many, or a sign has no subject.
    #[must_use]
    pub fn new(
        names: Vec<(String, String)>,
        signs: impl IntoIterator<Item = (u16, Sign)>,
        creators: &[String],
    ) -> Option<Self> {
        let count = u16::try_from(names.len()).ok()?;
        let subjects = Subjects::new(count, signs, creators.iter().map(String::as_str))?;
        let private = creators.iter().map(String::as_str).chain([OTHERS]).map(|name| (PRIVATE.into(), name.into()));
        let names = names.into_iter().map(|(section, word)| (section.into(), word.into())).chain(private).collect();
        Some(Self { subjects, names })
    }

    /// The section and the word of a number; `None` for one that is not told.
    pub(crate) fn name(&self, number: u16) -> Option<(&str, &str)> {
        let (section, word) = self.names.get(usize::from(number))?;
        (!section.is_empty()).then_some((section, word))
    }
}
