//! What is out of order in a source but leaves no byte in which a value could hide, and what is to be told of values
//! that were replaced.

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
    /// Enciphered, among so few values of its form that it may be guessed.
    ShortDomain,
    /// An identifier that can't be enciphered was blanked.
    NoDomain,
    /// A date without a day was blanked.
    DateWithoutDay,
    /// What stands where a date should, and is none, was blanked.
    NoDate,
    /// A date was blanked that would be shifted out of the calendar.
    DateOutOfCalendar,
    /// Dates were blanked, since it can't be told whose they are.
    DatesOfNobody,
    /// Values were replaced, and there is no room for the mark that says so.
    Unmarked,
    /// What becomes of elements depends on their type, and the class of the object is not known.
    UnknownClass,
}

impl Warning {
    const ALL: [Self; 16] = [
        Self::MissingDelimiters,
        Self::FragmentsWithoutDelimiter,
        Self::PixelDataCutShort,
        Self::StrayDelimiters,
        Self::TrailingZeros,
        Self::OtherTransferSyntax,
        Self::DelimiterOfUndefinedLength,
        Self::UnknownTail,
        Self::ShortDomain,
        Self::NoDomain,
        Self::DateWithoutDay,
        Self::NoDate,
        Self::DateOutOfCalendar,
        Self::DatesOfNobody,
        Self::Unmarked,
        Self::UnknownClass,
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
            Self::ShortDomain => "short-domain",
            Self::NoDomain => "no-domain",
            Self::DateWithoutDay => "date-without-day",
            Self::NoDate => "no-date",
            Self::DateOutOfCalendar => "date-out-of-calendar",
            Self::DatesOfNobody => "dates-of-nobody",
            Self::Unmarked => "unmarked",
            Self::UnknownClass => "unknown-class",
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
            Self::ShortDomain => "Values were enciphered that are so short that they may be guessed.",
            Self::NoDomain => "Identifiers were blanked that are too short to encipher, or are not ASCII.",
            Self::DateWithoutDay => "Dates without a day were blanked.",
            Self::NoDate => "Values were blanked that stand where a date should, and are none.",
            Self::DateOutOfCalendar => "Dates were blanked that can't be shifted inside the years 1 to 9999.",
            Self::DatesOfNobody => {
                "Dates were blanked, since neither a PatientID nor a StudyInstanceUID tells whose they are."
            }
            Self::Unmarked => {
                "Values were replaced in a file that has no room for a mark: a second run would replace them again."
            }
            Self::UnknownClass => {
                "The class of the object is not known, on which it depends what becomes of elements: they were treated so that the file stays valid."
            }
        }
    }

    const fn bit(self) -> u16 {
        match self {
            Self::MissingDelimiters => 1,
            Self::FragmentsWithoutDelimiter => 2,
            Self::PixelDataCutShort => 4,
            Self::StrayDelimiters => 8,
            Self::TrailingZeros => 16,
            Self::OtherTransferSyntax => 32,
            Self::DelimiterOfUndefinedLength => 64,
            Self::UnknownTail => 0x80,
            Self::ShortDomain => 0x100,
            Self::NoDomain => 0x200,
            Self::DateWithoutDay => 0x400,
            Self::NoDate => 0x800,
            Self::DateOutOfCalendar => 0x1000,
            Self::DatesOfNobody => 0x2000,
            Self::Unmarked => 0x4000,
            Self::UnknownClass => 0x8000,
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
            Self::ShortDomain => "values so short that what they became may be guessed",
            Self::NoDomain => "identifiers that can't be enciphered",
            Self::DateWithoutDay => "dates without a day",
            Self::NoDate => "values that are no dates where one should be",
            Self::DateOutOfCalendar => "dates that can't be shifted",
            Self::DatesOfNobody => "dates that can't be shifted, since it can't be told whose they are",
            Self::Unmarked => "no room for a mark",
            Self::UnknownClass => "a class of objects that is not known",
        })
    }
}

/// A set of [`Warning`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Warnings(u16);

impl Warnings {
    /// Adds one.
    pub const fn add(&mut self, warning: Warning) {
        self.0 |= warning.bit();
    }

    /// Adds those of another set.
    pub const fn join(&mut self, others: Self) {
        self.0 |= others.0;
    }

    /// The set as a number, a bit for each warning.
    pub(crate) const fn bits(self) -> u16 {
        self.0
    }

    /// The set of that number.
    pub(crate) const fn from_bits(bits: u16) -> Self {
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
        assert_eq!((words.len(), all.len()), (17, 17));
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
