//! Value representations (PS3.5 §6.2) and what pads them (PS3.5 §6.2, §7.1.1).

use core::fmt;

use crate::padding::Padding;

/// The value representations of PS3.5 Table 6.2-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the standard's table says what the letters stand for
#[rustfmt::skip]
pub enum Vr {
    AE, AS, AT, CS, DA, DS, DT, FD, FL, IS, LO, LT, OB, OD, OF, OL, OV,
    OW, PN, SH, SL, SQ, SS, ST, SV, TM, UC, UI, UL, UN, UR, US, UT, UV,
}

impl Vr {
    /// Every value representation with the two letters that state it.
    #[rustfmt::skip]
    pub const ALL: [(Self, &'static str); 34] = [
        (Self::AE, "AE"), (Self::AS, "AS"), (Self::AT, "AT"), (Self::CS, "CS"), (Self::DA, "DA"), (Self::DS, "DS"), (Self::DT, "DT"),
        (Self::FD, "FD"), (Self::FL, "FL"), (Self::IS, "IS"), (Self::LO, "LO"), (Self::LT, "LT"), (Self::OB, "OB"), (Self::OD, "OD"),
        (Self::OF, "OF"), (Self::OL, "OL"), (Self::OV, "OV"), (Self::OW, "OW"), (Self::PN, "PN"), (Self::SH, "SH"), (Self::SL, "SL"),
        (Self::SQ, "SQ"), (Self::SS, "SS"), (Self::ST, "ST"), (Self::SV, "SV"), (Self::TM, "TM"), (Self::UC, "UC"), (Self::UI, "UI"),
        (Self::UL, "UL"), (Self::UN, "UN"), (Self::UR, "UR"), (Self::US, "US"), (Self::UT, "UT"), (Self::UV, "UV"),
    ];

    /// The value representation that two bytes of an explicit header state; `None` for any other two bytes.
    #[must_use]
    #[inline]
    pub fn from_bytes(letters: [u8; 2]) -> Option<Self> {
        // A table and no match, which would be a dozen comparisons: this runs once an element.
        if u16::from_ne_bytes(letters) & !LETTERS != CAPITALS {
            return None;
        }
        *BY_LETTERS.get(place(letters))?
    }

    /// The two letters that state it.
    pub(crate) fn letters(self) -> [u8; 2] {
        let known = Self::ALL.iter().find(|(vr, _)| *vr == self);
        known.and_then(|(_, letters)| letters.as_bytes().try_into().ok()).unwrap_or_default()
    }

    /// Whether an explicit header gives the length in 32 bits behind two reserved bytes (PS3.5 §7.1.2).
    #[must_use]
    pub const fn has_long_length(self) -> bool {
        matches!(
            self,
            Self::OB
                | Self::OD
                | Self::OF
                | Self::OL
                | Self::OV
                | Self::OW
                | Self::SQ
                | Self::SV
                | Self::UC
                | Self::UN
                | Self::UR
                | Self::UT
                | Self::UV
        )
    }

    /// The most characters of one value of text, and what ends a value: the standard's number of each VR (PS3.5 Table
    /// 6.2-1). `None` where there is no such number.
    pub(crate) const fn longest(self) -> Option<(usize, Option<u8>)> {
        const SEVERAL: Option<u8> = Some(b'\\');
        match self {
            Self::AS => Some((4, SEVERAL)),
            Self::DA => Some((8, SEVERAL)),
            Self::IS => Some((12, SEVERAL)),
            Self::TM => Some((14, SEVERAL)),
            Self::AE | Self::CS | Self::DS | Self::SH => Some((16, SEVERAL)),
            Self::DT => Some((26, SEVERAL)),
            Self::LO | Self::UI => Some((64, SEVERAL)),
            Self::ST => Some((1024, None)),
            Self::LT => Some((10240, None)),
            _ => None,
        }
    }

    /// The byte that a blanked value consists of: SPACE for text, NUL for UI and everything binary (PS3.5 §6.2).
    #[must_use]
    pub const fn padding(self) -> Padding {
        match self {
            Self::AE
            | Self::AS
            | Self::CS
            | Self::DA
            | Self::DS
            | Self::DT
            | Self::IS
            | Self::LO
            | Self::LT
            | Self::PN
            | Self::SH
            | Self::ST
            | Self::TM
            | Self::UC
            | Self::UR
            | Self::UT => Padding::Space,
            _ => Padding::Nul,
        }
    }
}

/// The bits that tell one letter from another.
const LETTER: u8 = 0b0001_1111;
/// Those of two letters, in either byte order.
const LETTERS: u16 = u16::from_ne_bytes([LETTER; 2]);
/// What the other bits of two capital letters are.
const CAPITALS: u16 = u16::from_ne_bytes([0b0100_0000; 2]);

/// By [`place`].
static BY_LETTERS: [Option<Vr>; 1024] = by_letters();

// The compiler runs this: what overflows or reaches outside does not build.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
const fn by_letters() -> [Option<Vr>; 1024] {
    let mut table = [None; 1024];
    let mut index = 0;
    while index < Vr::ALL.len() {
        let (vr, letters) = Vr::ALL[index];
        table[place([letters.as_bytes()[0], letters.as_bytes()[1]])] = Some(vr);
        index += 1;
    }
    table
}

/// Where two capital letters stand in the table.
#[inline]
#[allow(clippy::as_conversions)] // widening, and `usize::from` is not const
const fn place([first, second]: [u8; 2]) -> usize {
    ((first & LETTER) as usize) << 5 | (second & LETTER) as usize
}

impl fmt::Display for Vr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_variants_agree() {
        for (vr, letters) in Vr::ALL {
            assert_eq!((vr.to_string(), vr.letters().as_slice()), (letters.into(), letters.as_bytes()));
            assert_eq!(letters.as_bytes().try_into().ok().and_then(Vr::from_bytes), Some(vr));
        }
        let known = (0..=u16::MAX).filter(|pair| Vr::from_bytes(pair.to_le_bytes()).is_some());
        assert_eq!(known.count(), Vr::ALL.len());
    }

    #[test]
    fn table_7_1_1_of_long_lengths() {
        let long: Vec<_> =
            Vr::ALL.into_iter().filter(|(vr, _)| vr.has_long_length()).map(|(_, letters)| letters).collect();
        assert_eq!(long, ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);
    }

    #[test]
    fn text_is_padded_with_spaces() {
        let text: Vec<_> =
            Vr::ALL.into_iter().filter(|(vr, _)| vr.padding() == Padding::Space).map(|(_, letters)| letters).collect();
        assert_eq!(
            text,
            ["AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UR", "UT"]
        );
    }
}
