//! What is out of order in a source but leaves no byte in which a value could hide.

use core::fmt;

/// One such thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The file ends at the end of an element with sequences or items of undefined length open (PS3.5 §7.5).
    MissingDelimiters,
    /// Encapsulated pixel data ends with the file, without a delimiter (PS3.5 §A.4).
    FragmentsWithoutDelimiter,
    /// Top-level pixel data is longer than the file.
    PixelDataCutShort,
    /// A delimiter of length zero closes nothing (PS3.5 §7.5).
    StrayDelimiters,
    /// Zeros stand behind the last element.
    TrailingZeros,
    /// The data set is written in another syntax than the file meta information says.
    OtherTransferSyntax,
    /// The delimiter that ends the file has an undefined length (PS3.5 §7.5).
    DelimiterOfUndefinedLength,
    /// Bytes of group FFFF, which no element may use, end the file (PS3.5 §7.8.1), with no listed tag among them.
    UnknownTail,
}

impl Warning {
    const ALL: [Self; 8] = [
        Self::MissingDelimiters,
        Self::FragmentsWithoutDelimiter,
        Self::PixelDataCutShort,
        Self::StrayDelimiters,
        Self::TrailingZeros,
        Self::OtherTransferSyntax,
        Self::DelimiterOfUndefinedLength,
        Self::UnknownTail,
    ];

    const fn bit(self) -> u8 {
        match self {
            Self::MissingDelimiters => 1,
            Self::FragmentsWithoutDelimiter => 2,
            Self::PixelDataCutShort => 4,
            Self::StrayDelimiters => 8,
            Self::TrailingZeros => 16,
            Self::OtherTransferSyntax => 32,
            Self::DelimiterOfUndefinedLength => 64,
            Self::UnknownTail => 128,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingDelimiters => "delimiters are missing at the end of the file",
            Self::FragmentsWithoutDelimiter => "the fragments of the pixel data have no delimiter",
            Self::PixelDataCutShort => "the pixel data is cut short by the end of the file",
            Self::StrayDelimiters => "delimiters that close nothing",
            Self::TrailingZeros => "zeros behind the last element",
            Self::OtherTransferSyntax => "the data set is written in another transfer syntax than the file states",
            Self::DelimiterOfUndefinedLength => "the last delimiter has an undefined length",
            Self::UnknownTail => "an element of group FFFF, which none may use, at the end of the file",
        })
    }
}

/// A set of [`Warning`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Warnings(u8);

impl Warnings {
    pub(crate) const fn add(&mut self, warning: Warning) {
        self.0 |= warning.bit();
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The warnings of the set.
    pub fn iter(self) -> impl Iterator<Item = Warning> {
        Warning::ALL.into_iter().filter(move |warning| self.0 & warning.bit() != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_warning_is_its_own() {
        for warning in Warning::ALL {
            let mut set = Warnings::default();
            assert!(set.is_empty());
            set.add(warning);
            assert_eq!((set.is_empty(), set.iter().collect::<Vec<_>>()), (false, vec![warning]));
        }
    }
}
