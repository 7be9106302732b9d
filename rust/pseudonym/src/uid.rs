//! UIDs (PS3.5 §9): keyed values of the same form.
//!
//! The first two components and all dots stay, and the digits behind them are one string, enciphered inside its class:
//! the lengths of the components, and which of several digits begin with 0. What begins a component of several digits
//! is so either a zero that the class has, and is no part of the string, or a digit that isn't zero: a string with a
//! zero there is of another class, and is enciphered again (cycle walking). So a valid UID stays valid (§9.1: no
//! component of several digits begins with 0), one that is not valid stays apart from those that are, and deciphering
//! finds the way back.

use core::fmt;

use aes::Aes256;

use crate::ff1::{Ff1, Way};
use crate::keys::{Key, Purpose};
use crate::notes::{Note, Notes, Refusal};
use crate::number::Radix;
use crate::short::Short;
use crate::text::{trim_end, values, values_mut};

/// The UIDs that the standard itself registers (PS3.5 §9.2, PS3.6 annex A). They name no object of anybody.
const REGISTERED: &[u8] = b"1.2.840.10008.";

/// The first two components of a UID made of a UUID, which is the third (PS3.5 §B.2).
const UUID: &[u8] = b"2.25.";

/// 2^128, which no UUID reaches: the only number of 39 digits, or less, that a component behind 2.25 has to be below.
const UUIDS: &[u8; 39] = b"340282366920938463463374607431768211456";

/// The most digits that are enciphered, and the most components behind the first two. A valid UID has less than both.
const MOST_DIGITS: usize = 76;
const MOST_COMPONENTS: usize = 64;

/// With fewer digits than this, there are less than 10^6 values of a class.
const LONG: usize = 6;

/// Enciphers UIDs.
pub struct Uids {
    ff1: Ff1<Aes256>,
}

impl Uids {
    /// Under this key.
    #[must_use]
    pub fn new(key: &Key) -> Self {
        Self { ff1: Ff1::new((&*key.sub_key(Purpose::Uids)).into()) }
    }

    /// Writes over each value of the element the keyed one. Padding and separators stay as they are, and so do empty
    /// values and the UIDs below 1.2.840.10008. Where it refuses, no byte has changed.
    pub fn encipher(&self, bytes: &mut [u8]) -> Result<Notes, Refusal> {
        self.each(bytes, Way::There)
    }

    /// The way back: what [`encipher`](Self::encipher) made becomes again what it was.
    pub fn decipher(&self, bytes: &mut [u8]) -> Result<Notes, Refusal> {
        self.each(bytes, Way::Back)
    }

    fn each(&self, bytes: &mut [u8], way: Way) -> Result<Notes, Refusal> {
        // The first one is looked at in the loop below, before any is written.
        for value in values(bytes).skip(1) {
            Uid::parse(value)?;
        }
        let mut notes = Notes::default();
        for value in values_mut(bytes) {
            if let Some(mut uid) = Uid::parse(value)? {
                self.walk(&mut uid, way)?;
                uid.write(value);
                if uid.digits.len() < LONG {
                    notes.add(Note::ShortDomain);
                }
            }
        }
        Ok(notes)
    }

    fn walk(&self, uid: &mut Uid, way: Way) -> Result<(), Refusal> {
        let Uid { class, digits } = uid;
        // What is too short or too long was refused before.
        let tweak = class.components.as_slice();
        let permutation = self.ff1.over(Radix::Ten, digits.len(), tweak).map_err(|_| Refusal::ShortUid)?;
        permutation.walk(digits.as_mut_slice(), way, |digits| class.has(digits));
        Ok(())
    }
}

impl fmt::Debug for Uids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Uids")
    }
}

/// What stays of a UID.
struct Class {
    /// The length of each component behind the first two, and [`ZERO`] if it has several digits and begins with 0. This
    /// is the tweak.
    components: Short<MOST_COMPONENTS>,
    /// Which digits begin a component of several: they are not 0.
    first: Short<MOST_DIGITS>,
    beside: Beside,
}

const ZERO: u8 = 0x80;

/// What else is a class of its own, among the UIDs with the same components.
#[derive(Clone, Copy)]
enum Beside {
    Nothing,
    /// The UIDs below 1.2.840.10008 have this form, and never change: none may become one of them.
    Registered,
    /// Behind 2.25 and of 39 digits: below 2^128, or not.
    Uuid {
        is_below: bool,
    },
}

impl Class {
    /// Whether these digits are of it.
    fn has(&self, digits: &[u8]) -> bool {
        self.first.as_slice().iter().all(|at| digits.get(usize::from(*at)).is_none_or(|digit| *digit != 0))
            && match self.beside {
                Beside::Nothing => true,
                Beside::Registered => !digits.starts_with(&[8, 4, 0, 1, 0, 0, 0, 8]),
                Beside::Uuid { is_below } => is_below == is_below_2_128(digits),
            }
    }
}

/// Whether the first 39 digits are below 2^128.
fn is_below_2_128(digits: &[u8]) -> bool {
    digits.iter().take(UUIDS.len()).map(|digit| digit.wrapping_add(b'0')).lt(UUIDS.iter().copied())
}

/// One UID that is enciphered.
struct Uid {
    class: Class,
    digits: Short<MOST_DIGITS>,
}

impl Uid {
    /// The UID; `None` where it stays as it is.
    fn parse(value: &[u8]) -> Result<Option<Self>, Refusal> {
        let text = trim_end(value);
        if !text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.')) {
            return Err(Refusal::NoUid);
        }
        if text.is_empty() || text.starts_with(REGISTERED) {
            return Ok(None);
        }
        let start = behind_two_components(text).ok_or(Refusal::ShortUid)?;
        let mut uid = Self {
            class: Class { components: Short::new(), first: Short::new(), beside: Beside::Nothing },
            digits: Short::new(),
        };
        for component in text.get(start..).unwrap_or_default().split(|byte| *byte == b'.') {
            uid.add(component).ok_or(Refusal::LongUid { limit: MOST_COMPONENTS })?;
        }
        if uid.digits.len() < 2 {
            return Err(Refusal::ShortUid);
        }
        uid.class.beside = match uid.class.components.as_slice() {
            [3, 5, _, ..] if text.starts_with(b"1.2.") => Beside::Registered,
            [39, ..] if text.starts_with(UUID) => Beside::Uuid { is_below: is_below_2_128(uid.digits.as_slice()) },
            _ => Beside::Nothing,
        };
        Ok(Some(uid))
    }

    /// Adds a component; `None` where there are too many, or too many digits.
    fn add(&mut self, component: &[u8]) -> Option<()> {
        let mut length = u8::try_from(component.len()).ok()?;
        let digits = match component {
            [b'0', rest @ ..] if !rest.is_empty() => {
                length |= ZERO;
                rest
            }
            [_, _, ..] => {
                self.class.first.push(u8::try_from(self.digits.len()).ok()?)?;
                component
            }
            _ => component,
        };
        self.class.components.push(length)?;
        digits.iter().try_for_each(|digit| self.digits.push(digit.wrapping_sub(b'0')))
    }

    /// Writes the digits where the value has its own.
    fn write(&self, value: &mut [u8]) {
        let mut digits = self.digits.as_slice().iter();
        let Some(start) = behind_two_components(value) else { return };
        for at in start..value.len() {
            if is_enciphered(value, at)
                && let Some(place) = value.get_mut(at)
                && let Some(digit) = digits.next()
            {
                *place = digit.wrapping_add(b'0');
            }
        }
    }
}

/// Whether the byte behind the first two components is one of the string: a digit, unless it is the 0 that a component
/// of several digits begins with.
fn is_enciphered(value: &[u8], at: usize) -> bool {
    let is_digit = |at: usize| value.get(at).is_some_and(u8::is_ascii_digit);
    let is_first = || value.get(at.saturating_sub(1)) == Some(&b'.');
    let is_zero = || value.get(at) == Some(&b'0');
    is_digit(at) && !(is_zero() && is_first() && is_digit(at.saturating_add(1)))
}

/// Where the third component begins.
fn behind_two_components(text: &[u8]) -> Option<usize> {
    let mut dots = (0_usize..).zip(text).filter(|(_, byte)| **byte == b'.').map(|(at, _)| at);
    dots.nth(1)?.checked_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uids() -> Uids {
        Uids::new(&Key::from_bytes(&[7; 32]).unwrap())
    }

    /// What becomes of the value, after it has shown that deciphering gives it back.
    fn encipher(value: &str) -> Result<(String, Vec<Note>), Refusal> {
        let mut bytes = value.as_bytes().to_vec();
        let result = uids().encipher(&mut bytes);
        let output = String::from_utf8(bytes.clone()).unwrap();
        if result.is_ok() {
            assert_eq!(uids().decipher(&mut bytes), result);
        }
        assert_eq!(bytes, value.as_bytes());
        Ok((output, result?.iter().collect()))
    }

    #[test]
    fn what_stays_as_it_is() {
        for value in ["", "\0", " ", "\\\\", "1.2.840.10008.1.2.1", "1.2.840.10008.", "1.2.840.10008.5.1.4.1.1.4\0"] {
            assert_eq!(encipher(value), Ok((value.into(), vec![])));
        }
        // The name of all that is registered is not below itself.
        assert_ne!(encipher("1.2.840.10008").unwrap().0, "1.2.840.10008");
    }

    #[test]
    fn what_is_refused() {
        let limit = 64;
        for (value, refusal) in [
            ("1.2.840.10008.x".to_owned(), Refusal::NoUid),
            ("1.2.840.113619.1 2".into(), Refusal::NoUid),
            (" 1.2.840.113619.12".into(), Refusal::NoUid),
            ("1.2.840.113619.12\0\\1.2.840.x".into(), Refusal::NoUid),
            ("1.2.840.113619.\u{e4}".into(), Refusal::NoUid),
            ("1".into(), Refusal::ShortUid),
            ("123456789".into(), Refusal::ShortUid),
            ("1.23456789".into(), Refusal::ShortUid),
            ("1.2.3".into(), Refusal::ShortUid),
            ("1.2.3\\1.2.345678".into(), Refusal::ShortUid),
            ("1.2.345678\\1.2.3".into(), Refusal::ShortUid),
            ("1.2.03".into(), Refusal::ShortUid),
            ("1.2..".into(), Refusal::ShortUid),
            (format!("1.2.{}", "7".repeat(77)), Refusal::LongUid { limit }),
            (format!("1.2.3{}", ".7".repeat(64)), Refusal::LongUid { limit }),
            (format!("1.2.12{}", ".".repeat(64)), Refusal::LongUid { limit }),
        ] {
            assert_eq!(encipher(&value), Err(refusal));
        }
    }

    #[test]
    fn few_digits_are_enciphered_and_told() {
        for (value, notes) in [
            ("1.2.34", vec![Note::ShortDomain]),
            ("1.2.3.4", vec![Note::ShortDomain]),
            ("1.2.34567", vec![Note::ShortDomain]),
            ("1.2.034567", vec![Note::ShortDomain]),
            ("1.2.345678", vec![]),
            ("1.2.345678\\1.2.34", vec![Note::ShortDomain]),
            (&format!("1.2.{}", "7".repeat(76)), vec![]),
            (&format!("1.2.3{}", ".7".repeat(63)), vec![]),
        ] {
            assert_eq!(encipher(value).unwrap().1, notes, "{} bytes", value.len());
        }
    }

    /// Every UID of a form: each becomes another one of the form, and none becomes what another one becomes.
    #[test]
    fn small_classes_are_permuted() {
        for (form, count) in [("1.2.##", 90), ("1.2.0##", 100), ("1.2.#.#", 100), ("1.2.##.#", 900), ("1.2..#.#.", 100)]
        {
            let all: std::collections::BTreeSet<String> = strings(form).collect();
            let enciphered = all.iter().map(|value| encipher(value).unwrap().0).collect();
            assert_eq!((all.len(), all == enciphered), (count, true), "{form}");
        }
    }

    /// The form with any digits in the places of `#`, but for a 0 that begins a component of several digits.
    fn strings(form: &str) -> impl Iterator<Item = String> {
        let places = form.matches('#').count();
        (0..10_usize.pow(u32::try_from(places).unwrap()))
            .map(move |number| {
                format!("{number:0places$}")
                    .chars()
                    .fold(form.to_owned(), |text, digit| text.replacen('#', &digit.to_string(), 1))
            })
            .filter(move |text| {
                let zero = |text: &str| {
                    text.split('.').map(|part| part.len() > 1 && part.starts_with('0')).collect::<Vec<_>>()
                };
                zero(text) == zero(form)
            })
    }

    /// 10^-8 of the UIDs of this form are below 1.2.840.10008: what would become one of them is enciphered again.
    #[test]
    fn none_becomes_a_registered_one() {
        let uid = |text: &str| Uid::parse(text.as_bytes()).unwrap().unwrap();
        for (text, is_refused) in [
            ("1.2.123.45678.9", true),
            ("1.2.123.45678.", true),
            ("1.2.123.45678.9.10", true),
            ("1.2.123.45678", false),
            ("1.3.123.45678.9", false),
            ("1.2.12345678.9", false),
        ] {
            let class = uid(text).class;
            let digits: Vec<_> = (*b"8401000891").iter().map(|digit| digit - b'0').collect();
            assert_eq!(!class.has(&digits), is_refused, "{text}");
            assert!(class.has(&[8, 4, 0, 1, 0, 0, 0, 9, 9, 1]), "{text}");
        }
    }

    /// The same, of one that would become one.
    #[test]
    fn what_would_become_a_registered_one_becomes_another() {
        let uids = uids();
        let permutation = uids.ff1.over(Radix::Ten, 9, &[3, 5, 1]).unwrap();
        let mut digits = [8, 4, 0, 1, 0, 0, 0, 8, 5];
        permutation.walk(&mut digits, Way::Back, |digits| digits[0] != 0 && digits[3] != 0);
        let value =
            digits.iter().fold("1.2.###.#####.#".to_owned(), |text, digit| text.replacen('#', &digit.to_string(), 1));
        assert_ne!(encipher(&value).unwrap().0, "1.2.840.10008.5");
    }

    #[test]
    fn what_is_made_of_a_uuid_stays_below_2_128() {
        for (number, is_below) in [
            ("340282366920938463463374607431768211455", true),
            ("340282366920938463463374607431768211456", false),
            ("100000000000000000000000000000000000000", true),
            ("999999999999999999999999999999999999999", false),
        ] {
            for end in ["", ".1"] {
                let (output, _) = encipher(&format!("2.25.{number}{end}")).unwrap();
                let number: Result<u128, _> = output.split('.').nth(2).unwrap().parse();
                assert_eq!(number.is_ok(), is_below);
            }
        }
    }

    #[test]
    fn the_key_does_not_show() {
        assert_eq!(format!("{:?}", uids()), "Uids");
    }
}
