//! What becomes of each element in a rewrite.

use crate::plan::Action;
use crate::rules::Number;
use crate::tag::Tag;

/// What becomes of one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays as it is; of a sequence, the header does, and each element below has a fate of its own.
    Stays,
    /// It is a part of a sequence that goes.
    Gone,
    /// It goes, header and value; of a sequence, up to its end.
    Removed,
    /// Its value goes, or all of its items.
    Emptied,
    /// Its value is overwritten by as many bytes.
    Edited(Action),
    /// Its value becomes this text of the rules.
    Set(Number),
    /// Its value becomes what this table of the rules has for it.
    Mapped(Number),
    /// Its value becomes a dummy of these bytes.
    Dummy(&'static [u8]),
    /// Of a sequence of codes, the items become one with a dummy of a code.
    DummyCode,
}

/// What the elements of a sequence inherit from the rules on the sequences around them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Inherits {
    #[default]
    Nothing,
    /// They are blanked, whatever their own rule says but for one that keeps, empties or removes.
    Blank,
    /// Those without a rule of their own become dummies.
    Dummy,
    /// They go with it.
    Gone,
}

impl Fate {
    /// Whether nothing of a value with this fate is left.
    pub(super) const fn treats_value(self) -> bool {
        matches!(
            self,
            Self::Removed
                | Self::Emptied
                | Self::Edited(Action::Pad(_))
                | Self::Set(_)
                | Self::Mapped(_)
                | Self::Dummy(_)
        )
    }

    /// Whether it can't be done a second time.
    pub(super) const fn is_once(self) -> bool {
        match self {
            Self::Edited(action) => action.is_once(),
            Self::Mapped(_) => true,
            _ => false,
        }
    }

    /// What the elements of a sequence with this fate inherit; `asked` is what the rules on it and around it say.
    pub(super) const fn hands_on(self, asked: Inherits) -> Inherits {
        match self {
            Self::Gone | Self::Removed | Self::Emptied | Self::DummyCode => Inherits::Gone,
            _ => asked,
        }
    }
}

/// Whether the class of an object, or what it is called, stands in an element of the data set itself: the file meta
/// information repeats it.
pub(super) const fn is_repeated(tag: Tag) -> bool {
    matches!((tag.group(), tag.element()), (0x0008, 0x0016 | 0x0018))
}
