//! What a rule says.

/// What the rules say of one tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Every byte of the value becomes padding; of a sequence, every leaf below it.
    Blank,
    /// The value stays, also inside a blanked sequence.
    Keep,
}
