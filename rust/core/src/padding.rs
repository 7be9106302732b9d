//! What pads a value to its length (PS3.5 §6.2): the byte that a blanked value consists of.

use crate::fill::Fill;
use crate::span::Span;

/// The byte that a blanked value consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Padding {
    /// 0x20, for text.
    Space,
    /// 0x00, for UI and everything binary.
    Nul,
}

impl Padding {
    /// The padding over every byte of `span`.
    #[must_use]
    pub const fn fill(self, span: Span) -> Fill<'static> {
        Fill::repeat(span, self.byte())
    }

    /// The padding whose byte it is.
    pub(crate) const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            b' ' => Some(Self::Space),
            0 => Some(Self::Nul),
            _ => None,
        }
    }

    /// The byte itself.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Space => b' ',
            Self::Nul => 0,
        }
    }
}
