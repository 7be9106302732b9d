//! Identifiers, as `PatientID` is one: keyed values of the same form.
//!
//! What is no ASCII letter or digit stays where it is. The others are one string, enciphered inside its class: its
//! length, and the narrowest alphabet that has all its characters and gives 10^6 strings or more. That are the digits
//! from 6 characters on, and else the digits and capitals, or these and the small letters. A string of another class is
//! enciphered again (cycle walking), so that classes never meet and deciphering finds the way back.
//!
//! Nothing but the string decides what it becomes: an identifier that stands in two elements stays equal in both.

use core::fmt;

use aes::Aes256;

use crate::ff1::{Ff1, Way};
use crate::keys::{Key, Purpose};
use crate::notes::{Note, Notes, Refusal};
use crate::number::Radix;
use crate::short::Short;
use crate::text::{ESCAPE, trim, trim_mut, values, values_mut};

/// The most characters that are enciphered: as many as [`Radix::max_length`] says of the digits.
const MOST: usize = 76;

/// From so many digits on, they are enciphered among digits: 10^6 strings.
const LONG_OF_DIGITS: usize = 6;

/// With fewer characters, there are less than 10^6 strings.
const LONG: usize = 4;

/// Enciphers identifiers.
pub struct Identifiers {
    ff1: Ff1<Aes256>,
}

impl Identifiers {
    /// Under this key.
    #[must_use]
    pub fn new(key: &Key) -> Self {
        Self { ff1: Ff1::new((&*key.sub_key(Purpose::Identifiers)).into()) }
    }

    /// Writes over each value of the element the keyed one. Padding and separators stay as they are. What can't be
    /// enciphered is blanked, with spaces. Where it refuses, no byte has changed.
    pub fn encipher(&self, bytes: &mut [u8]) -> Result<Notes, Refusal> {
        self.each(bytes, Way::There)
    }

    /// The way back: what [`encipher`](Self::encipher) made becomes again what it was. Of what was blanked there is
    /// none.
    pub fn decipher(&self, bytes: &mut [u8]) -> Result<Notes, Refusal> {
        self.each(bytes, Way::Back)
    }

    fn each(&self, bytes: &mut [u8], way: Way) -> Result<Notes, Refusal> {
        let has_escape = bytes.contains(&ESCAPE);
        // The first one is looked at in the loop below, before any is written.
        for value in values(bytes).skip(1) {
            Identifier::parse(trim(value), has_escape)?;
        }
        let mut notes = Notes::default();
        for value in values_mut(bytes) {
            let text = trim_mut(value);
            if text.is_empty() {
                continue;
            }
            let Some(mut identifier) = Identifier::parse(text, has_escape)? else {
                text.fill(b' ');
                notes.add(Note::NoDomain);
                continue;
            };
            self.walk(&mut identifier, way)?;
            identifier.write(text);
            if identifier.numerals.len() < LONG {
                notes.add(Note::ShortDomain);
            }
        }
        Ok(notes)
    }

    fn walk(&self, identifier: &mut Identifier, way: Way) -> Result<(), Refusal> {
        let Identifier { radix, numerals } = identifier;
        // What is too long was refused before.
        let refusal = Refusal::LongIdentifier { limit: radix.max_length() };
        let permutation = self.ff1.over(*radix, numerals.len(), &[]).map_err(|_| refusal)?;
        permutation.walk(numerals.as_mut_slice(), way, |numerals| class(numerals) == *radix);
        Ok(())
    }
}

impl fmt::Debug for Identifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identifiers")
    }
}

/// The letters and digits of one identifier.
struct Identifier {
    radix: Radix,
    numerals: Short<MOST>,
}

impl Identifier {
    /// The identifier; `None` where it is to be blanked. Behind an escape sequence, letters may be parts of other
    /// characters.
    fn parse(text: &[u8], has_escape: bool) -> Result<Option<Self>, Refusal> {
        if has_escape || !text.is_ascii() {
            return Ok(None);
        }
        let mut numerals = Short::new();
        for numeral in text.iter().filter_map(|byte| numeral(*byte)) {
            numerals.push(numeral).ok_or(Refusal::LongIdentifier { limit: MOST })?;
        }
        let radix = class(numerals.as_slice());
        if numerals.len() > radix.max_length() {
            return Err(Refusal::LongIdentifier { limit: radix.max_length() });
        }
        Ok((numerals.len() > 1).then_some(Self { radix, numerals }))
    }

    /// Writes the letters and digits where the text has its own.
    fn write(&self, text: &mut [u8]) {
        let places = text.iter_mut().filter(|byte| numeral(**byte).is_some());
        for (place, numeral) in places.zip(self.numerals.as_slice()) {
            *place = letter(*numeral);
        }
    }
}

/// The alphabet that numerals are enciphered over: with the length, their class.
fn class(numerals: &[u8]) -> Radix {
    match numerals.iter().max() {
        Some(36..) => Radix::SixtyTwo,
        Some(10..) => Radix::ThirtySix,
        _ if numerals.len() < LONG_OF_DIGITS => Radix::ThirtySix,
        _ => Radix::Ten,
    }
}

fn numeral(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => letter.checked_sub(b'0'),
        b'A'..=b'Z' => letter.checked_sub(b'A')?.checked_add(10),
        b'a'..=b'z' => letter.checked_sub(b'a')?.checked_add(36),
        _ => None,
    }
}

const fn letter(numeral: u8) -> u8 {
    match numeral {
        0..10 => numeral.wrapping_add(b'0'),
        10..36 => numeral.wrapping_add(b'A' - 10),
        _ => numeral.wrapping_add(b'a' - 36),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn identifiers() -> Identifiers {
        Identifiers::new(&Key::from_bytes(&[7; 32]).unwrap())
    }

    /// What becomes of the value, after it has shown that deciphering gives it back, unless it was blanked.
    fn encipher(value: &[u8]) -> Result<(Vec<u8>, Vec<Note>), Refusal> {
        let mut bytes = value.to_vec();
        let result = identifiers().encipher(&mut bytes);
        let output = bytes.clone();
        let notes: Vec<_> = result.into_iter().flat_map(Notes::iter).collect();
        if result.is_err() {
            assert_eq!(output, value);
        } else if !notes.contains(&Note::NoDomain) {
            assert_eq!(identifiers().decipher(&mut bytes), result);
            assert_eq!(bytes, value);
        }
        result.map(|_| (output, notes))
    }

    /// The form: digits, capitals and small letters each as one of them.
    fn form(value: &[u8]) -> String {
        let class = |byte: &u8| if byte.is_ascii_alphanumeric() { '#' } else { char::from(*byte) };
        value.iter().map(class).collect()
    }

    #[test]
    fn what_is_no_letter_or_digit_stays() {
        for value in ["123-45/6", " MR.0012345 ", "a b_c.D\0", "123456\\\\ AB-7C \\", "\t12345\n", "^12=34^"] {
            let (output, _) = encipher(value.as_bytes()).unwrap();
            assert_ne!(output, value.as_bytes());
            assert_eq!(form(&output), form(value.as_bytes()));
        }
        for value in ["", "  ", " \0", "\\ \\"] {
            assert_eq!(encipher(value.as_bytes()), Ok((value.into(), vec![])));
        }
    }

    #[test]
    fn what_is_blanked() {
        for (value, output) in [
            (&b"7"[..], &b" "[..]),
            (b" 7\0", b"  \0"),
            (b"-", b" "),
            (b"-7-", b"   "),
            (b"M\xfcller", b"      "),
            (b"123456\xa0", b"       "),
            (b"\x1b$B12345", b"        "),
            (b"\x1b$B12\\45\x1b(B", b"     \\     "),
        ] {
            assert_eq!(encipher(value), Ok((output.to_vec(), vec![Note::NoDomain])));
        }
        // One by one: what stands beside it is enciphered as it would be alone.
        let (output, notes) = encipher(b"123456\\\xe9 \\X").unwrap();
        assert_eq!(output, [&encipher(b"123456").unwrap().0[..], b"\\  \\ "].concat());
        assert_eq!(notes, [Note::NoDomain]);
    }

    #[test]
    fn few_characters_are_enciphered_and_told() {
        for (value, notes) in [
            ("12", vec![Note::ShortDomain]),
            ("a-b", vec![Note::ShortDomain]),
            ("123", vec![Note::ShortDomain]),
            ("1234", vec![]),
            ("1234\\1-2", vec![Note::ShortDomain]),
            ("1234\\1", vec![Note::NoDomain]),
        ] {
            assert_eq!(encipher(value.as_bytes()).unwrap().1, notes, "{value}");
        }
    }

    #[test]
    fn the_longest() {
        for (letter, limit) in [("7", 76), ("A", 48), ("a", 42)] {
            assert!(encipher(letter.repeat(limit).as_bytes()).is_ok());
            for value in [letter.repeat(limit + 1), format!("123456\\{}", letter.repeat(limit + 1))] {
                assert_eq!(encipher(value.as_bytes()), Err(Refusal::LongIdentifier { limit }));
            }
        }
        assert_eq!(encipher("a".repeat(77).as_bytes()), Err(Refusal::LongIdentifier { limit: 76 }));
    }

    #[test]
    fn padding_is_no_part_of_an_identifier() {
        let text = |value: &str| trim(&encipher(value.as_bytes()).unwrap().0).to_vec();
        for value in ["123 ", " 123", "123\0", " 123  "] {
            assert_eq!(text(value), text("123"));
        }
    }

    /// Every string of a class: each becomes another one of the class, and none becomes what another one becomes.
    #[test]
    fn small_classes_are_permuted() {
        let letters: Vec<u8> = (0..62).map(letter).collect();
        let all: Vec<Vec<u8>> = letters.iter().flat_map(|a| letters.iter().map(|b| vec![*a, *b])).collect();
        for (is_of_class, count) in [(false, 36 * 36), (true, 62 * 62 - 36 * 36)] {
            let class: BTreeSet<_> =
                all.iter().filter(|value| value.iter().any(u8::is_ascii_lowercase) == is_of_class).cloned().collect();
            let enciphered = class.iter().map(|value| encipher(value).unwrap().0).collect();
            assert_eq!((class.len(), class == enciphered), (count, true));
        }
    }

    #[test]
    fn classes() {
        for (value, radix) in [
            ("12345", Radix::ThirtySix),
            ("123456", Radix::Ten),
            ("12345Z", Radix::ThirtySix),
            ("A", Radix::ThirtySix),
            ("12a", Radix::SixtyTwo),
            ("12345z", Radix::SixtyTwo),
            ("Az", Radix::SixtyTwo),
        ] {
            let numerals: Vec<_> = value.bytes().filter_map(numeral).collect();
            assert_eq!(class(&numerals), radix, "{value}");
            assert_eq!(numerals.iter().map(|numeral| letter(*numeral)).collect::<Vec<_>>(), value.as_bytes());
        }
    }

    #[test]
    fn the_key_does_not_show() {
        assert_eq!(format!("{:?}", identifiers()), "Identifiers");
    }
}
