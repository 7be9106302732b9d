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

    /// The word for what [`Plan::opaque`](crate::Plan::opaque) counts, which is no warning of the walk but told beside
    /// them.
    pub const OPAQUE_VALUES: &'static str = "opaque-values";

    /// The warning in one word, for programs: lower case, with hyphens, one of [`words`](Self::words). A word never
    /// changes its meaning.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::MissingDelimiters => "missing-delimiters",
            Self::FragmentsWithoutDelimiter => "fragments-without-delimiter",
            Self::PixelDataCutShort => "pixel-data-cut-short",
            Self::StrayDelimiters => "stray-delimiters",
            Self::TrailingZeros => "trailing-zeros",
            Self::OtherTransferSyntax => "other-transfer-syntax",
            Self::DelimiterOfUndefinedLength => "delimiter-of-undefined-length",
            Self::UnknownTail => "unknown-tail",
        }
    }

    /// Every word, that for opaque values too, and what it means in one sentence.
    pub fn words() -> impl Iterator<Item = (&'static str, &'static str)> {
        let opaque = "Values that could be sequences and can't be read as such: they stay as they are.";
        Self::ALL.into_iter().map(|warning| (warning.word(), warning.meaning())).chain([(Self::OPAQUE_VALUES, opaque)])
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::MissingDelimiters => "The file ends with sequences or items of undefined length open.",
            Self::FragmentsWithoutDelimiter => {
                "The fragments of the pixel data end with the file, without a delimiter."
            }
            Self::PixelDataCutShort => "The pixel data is cut short by the end of the file.",
            Self::StrayDelimiters => "Delimiters of length zero close nothing.",
            Self::TrailingZeros => "Zeros stand behind the last element.",
            Self::OtherTransferSyntax => "The data set is written in another transfer syntax than the file states.",
            Self::DelimiterOfUndefinedLength => "The delimiter that ends the file has an undefined length.",
            Self::UnknownTail => "Bytes of group FFFF, which no element may use, end the file.",
        }
    }

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

    /// The set as a number, a bit for each warning.
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    /// The set of that number. Every bit is a warning's.
    pub(crate) const fn from_bits(bits: u8) -> Self {
        Self(bits)
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
    fn each_word_is_its_own() {
        let all: Vec<_> = Warning::words().collect();
        for (word, meaning) in &all {
            let is_plain =
                word.split('-').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()));
            assert!(is_plain && meaning.ends_with('.'), "{word}: {meaning}");
        }
        let words: std::collections::BTreeSet<_> = all.iter().map(|(word, _)| word).collect();
        assert_eq!((words.len(), all.len()), (9, 9));
    }

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
