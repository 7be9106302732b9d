//! What there is to say of values that were replaced, and why others can't be.

use core::fmt;

/// What is to be told of a value that was replaced or blanked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// Enciphered, among so few values of its form that one who has some of the pairs can guess others: SP 800-38G,
    /// appendix A, recommends 10^6 or more.
    ShortDomain,
    /// Blanked: an identifier of less than two letters or digits, or not of ASCII characters alone.
    NoDomain,
    /// Blanked: a date without a day, by which it could be shifted.
    NoDay,
    /// Blanked: no date, or none of any calendar (as the 30th of February is).
    NoDate,
    /// Blanked: a date that would be shifted before the year 1, or, back again, behind the year 9999.
    OutOfCalendar,
}

impl Note {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::ShortDomain, Self::NoDomain, Self::NoDay, Self::NoDate, Self::OutOfCalendar];

    /// The note in one word, for programs. A word never changes its meaning.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ShortDomain => "short-domain",
            Self::NoDomain => "no-domain",
            Self::NoDay => "date-without-day",
            Self::NoDate => "no-date",
            Self::OutOfCalendar => "date-out-of-calendar",
        }
    }

    /// What the word means, in one sentence.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::ShortDomain => "Values were enciphered that are so short that they may be guessed.",
            Self::NoDomain => "Identifiers were blanked that are too short to encipher, or are not ASCII.",
            Self::NoDay => "Dates without a day were blanked.",
            Self::NoDate => "Values were blanked that stand where a date should, and are none.",
            Self::OutOfCalendar => "Dates were blanked that can't be shifted inside the years 1 to 9999.",
        }
    }

    /// Whether the value was blanked: it can't be revealed.
    #[must_use]
    pub const fn is_blanked(self) -> bool {
        !matches!(self, Self::ShortDomain)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::ShortDomain => 1,
            Self::NoDomain => 2,
            Self::NoDay => 4,
            Self::NoDate => 8,
            Self::OutOfCalendar => 16,
        }
    }
}

/// A set of [`Note`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes(u8);

impl Notes {
    /// Adds one.
    pub const fn add(&mut self, note: Note) {
        self.0 |= note.bit();
    }

    /// Adds those of another set.
    pub const fn join(&mut self, others: Self) {
        self.0 |= others.0;
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The notes of the set.
    pub fn iter(self) -> impl Iterator<Item = Note> {
        Note::ALL.into_iter().filter(move |note| self.0 & note.bit() != 0)
    }
}

/// Why values can't be replaced: no byte of them is changed. Nothing here tells a character of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Something else than digits and dots in a UID (PS3.5 §9.1).
    NoUid,
    /// A UID with less than two digits to encipher behind its first two components.
    ShortUid,
    /// A UID with more digits, or more components, than are enciphered.
    LongUid {
        /// How many there may be.
        limit: usize,
    },
    /// An identifier with more letters and digits than are enciphered.
    LongIdentifier {
        /// How many there may be, of an identifier of these characters.
        limit: usize,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoUid => f.write_str("a UID that has other characters than digits and dots"),
            Self::ShortUid => {
                f.write_str("a UID with less than two digits to encipher behind its first two components")
            }
            Self::LongUid { limit } => {
                write!(f, "a UID with more than {limit} digits or components behind its first two components")
            }
            Self::LongIdentifier { limit } => write!(f, "an identifier with more than {limit} letters and digits"),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_note_is_its_own() {
        for note in Note::ALL {
            let mut set = Notes::default();
            assert!(set.is_empty());
            set.add(note);
            let mut joined = Notes::default();
            joined.join(set);
            assert_eq!((joined.is_empty(), joined.iter().collect::<Vec<_>>()), (false, vec![note]));
            assert_eq!(note.is_blanked(), note.meaning().contains("blanked"), "{}", note.word());
        }
    }
}
