//! What pads a value to its length (PS3.5 §6.2): the byte that a blanked value consists of.

/// The byte that a blanked value consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Padding {
    /// 0x20, for text.
    Space,
    /// 0x00, for UI and everything binary.
    Nul,
}

impl Padding {
    /// The byte itself.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Space => b' ',
            Self::Nul => 0,
        }
    }
}
