//! What a survey finds.

use crate::plan::Plan;
use crate::tag::Tag;
use crate::warning::Warnings;

/// What becomes of a source.
#[derive(Clone, Copy, Debug)]
pub struct Becomes<'p> {
    /// As it is told.
    pub plan: &'p Plan,
    /// The head that it gets, where lengths change.
    pub head: NewHead,
}

/// A head that is written anew: what stood in the old one goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewHead {
    /// How many bytes the old one has; 0 where none is written.
    pub old: u64,
    /// Whether it repeats what the object is called, which stays: Media Storage SOP Instance UID (PS3.10 §7.1).
    pub repeats_instance: bool,
}

impl<'p> From<&'p Plan> for Becomes<'p> {
    fn from(plan: &'p Plan) -> Self {
        Self { plan, head: NewHead::default() }
    }
}

/// What was found in one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The numbers of what stands there, sorted; each with whether the plan leaves some of it. See [`Subjects`](crate::Subjects).
    pub numbers: Vec<(u16, bool)>,
    /// Names and dates that no subject is about, sorted; each with the same.
    pub unlisted: Vec<(Unlisted, bool)>,
    /// What is out of order in the source.
    pub warnings: Warnings,
    /// Values that begin like items and can't be walked to their end.
    pub opaque: u32,
}

/// Public elements of a VR that tells what they hold, and that no subject is about; `None` for tags that the dictionary
/// does not have. In a file that is read wrongly these could be bytes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unlisted {
    /// Of VR PN (PS3.5 §6.2).
    Name(Option<Tag>),
    /// Of VR DA or DT (PS3.5 §6.2).
    Date(Option<Tag>),
}
