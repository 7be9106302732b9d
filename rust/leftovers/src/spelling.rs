//! The bytes in which a text may stand: its cases, without its accents, and in the encodings that files have.

use encoding_rs::Encoding;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

/// The bytes of one spelling, and what must not stand beside them.
pub(crate) struct Spelled {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    pub(crate) form: Form,
}

/// How the characters of a spelling are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// One byte for each ASCII character: ASCII, UTF-8, Latin-1, and the character set of the value.
    Bytes,
    /// UTF-16 in either byte order, without the zero before the first character or behind the last one: so the bytes are
    /// the same in both.
    Wide,
    /// UTF-16 with characters beyond Latin-1, little endian.
    WideLittle,
    /// The same, big endian.
    WideBig,
}

/// The case of the letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    AsItStands,
    Upper,
    Lower,
    Title,
}

pub(crate) const CASES: [Case; 4] = [Case::AsItStands, Case::Upper, Case::Lower, Case::Title];

impl Case {
    pub(crate) fn of(self, text: &str) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::AsItStands => text.to_owned(),
            Self::Upper => text.to_uppercase(),
            Self::Lower => text.to_lowercase(),
            Self::Title => title(text),
        })
    }
}

/// Each word with a capital, and small letters behind it.
fn title(text: &str) -> String {
    let mut made = String::with_capacity(text.len().saturating_mul(2));
    let mut is_inside = false;
    for character in text.chars() {
        if is_inside {
            made.extend(character.to_lowercase());
        } else {
            made.extend(character.to_uppercase());
        }
        is_inside = character.is_alphabetic();
    }
    made
}

/// The text, and what it becomes without accents: `Müller`, `Mueller`, `Muller`.
pub(crate) fn accents(text: &str) -> Vec<Zeroizing<String>> {
    let mut made = vec![Zeroizing::new(text.to_owned())];
    if text.is_ascii() {
        return made;
    }
    let composed: Zeroizing<String> = Zeroizing::new(text.nfc().collect());
    if *composed != text {
        made.push(composed.clone());
    }
    let spelled_out: Zeroizing<String> = Zeroizing::new(composed.chars().map(spelled_out).collect::<Vec<_>>().concat());
    for from in [&composed, &spelled_out] {
        let plain: String = from.nfd().filter(|character| !is_combining_mark(*character)).map(plain).collect();
        if plain.is_ascii() && made.iter().all(|known| known.as_str() != plain) {
            made.push(Zeroizing::new(plain));
        }
    }
    made
}

/// A letter whose accent is written as another letter, in German and the Nordic languages.
fn spelled_out(letter: char) -> String {
    let letters = match letter {
        'ä' | 'æ' => "ae",
        'ö' | 'ø' => "oe",
        'ü' => "ue",
        'å' => "aa",
        'ß' => "ss",
        'Ä' | 'Æ' => "Ae",
        'Ö' | 'Ø' => "Oe",
        'Ü' => "Ue",
        'Å' => "Aa",
        other => return other.to_string(),
    };
    letters.to_owned()
}

/// A letter whose accent is a part of it.
fn plain(letter: char) -> char {
    match letter {
        'ø' => 'o',
        'Ø' => 'O',
        'ł' => 'l',
        'Ł' => 'L',
        'đ' => 'd',
        'Đ' => 'D',
        'ı' => 'i',
        'ß' => 's',
        other => other,
    }
}

/// The bytes of `text` in each encoding; `own` is that of the value.
pub(crate) fn spelled(text: &str, own: &'static Encoding) -> Vec<Spelled> {
    let bytes = |bytes: Vec<u8>| Spelled { bytes: Zeroizing::new(bytes), form: Form::Bytes };
    let mut made = vec![bytes(text.as_bytes().to_vec())];
    let latin: Option<Zeroizing<Vec<u8>>> = text
        .chars()
        .all(|character| u8::try_from(character).is_ok())
        .then(|| Zeroizing::new(text.chars().filter_map(|character| u8::try_from(character).ok()).collect()));
    if text.is_ascii() {
        made.extend(latin.map(|latin| wide(&latin)));
        return made;
    }
    made.push(bytes(text.nfd().collect::<String>().into_bytes())); // as names of files are on macOS
    if let Some(latin) = latin {
        made.push(wide(&latin));
        made.push(bytes(latin.to_vec()));
    } else {
        let units = || text.encode_utf16();
        let all = |of: fn(u16) -> [u8; 2]| Zeroizing::new(units().flat_map(of).collect::<Vec<u8>>());
        made.push(Spelled { bytes: all(u16::to_le_bytes), form: Form::WideLittle });
        made.push(Spelled { bytes: all(u16::to_be_bytes), form: Form::WideBig });
    }
    let (encoded, _, has_failed) = own.encode(text);
    if !has_failed {
        made.push(bytes(encoded.into_owned()));
    }
    made
}

/// Latin-1 with zeros between the characters.
fn wide(latin: &[u8]) -> Spelled {
    let mut bytes: Vec<u8> = latin.iter().flat_map(|byte| [*byte, 0]).collect();
    bytes.pop();
    Spelled { bytes: Zeroizing::new(bytes), form: Form::Wide }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{ISO_8859_5, UTF_8};

    use super::*;

    #[test]
    fn cases() {
        for (text, expected) in [
            ("doe^JANE", ["doe^JANE", "DOE^JANE", "doe^jane", "Doe^Jane"]),
            ("o'neill", ["o'neill", "O'NEILL", "o'neill", "O'Neill"]),
            ("Ömer", ["Ömer", "ÖMER", "ömer", "Ömer"]),
        ] {
            assert_eq!(CASES.map(|case| case.of(text).to_string()), expected);
        }
    }

    #[test]
    fn letters_without_accents() {
        for (text, expected) in [
            ("Doe", &["Doe"][..]),
            ("Müller", &["Müller", "Muller", "Mueller"]),
            ("Mu\u{308}ller", &["Mu\u{308}ller", "Müller", "Muller", "Mueller"]),
            ("José", &["José", "Jose"]),
            ("Søren Æbelø", &["Søren Æbelø", "Soeren Aebeloe"]),
            ("Łukasz", &["Łukasz", "Lukasz"]),
            ("Strauß", &["Strauß", "Straus", "Strauss"]),
            ("Иван", &["Иван"]),
        ] {
            let found: Vec<_> = accents(text).iter().map(|text| text.to_string()).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn encodings() {
        let all = |text: &str, own| {
            spelled(text, own).into_iter().map(|spelled| (spelled.form, spelled.bytes.to_vec())).collect::<Vec<_>>()
        };
        assert_eq!(all("ab", UTF_8), [(Form::Bytes, b"ab".to_vec()), (Form::Wide, b"a\0b".to_vec())]);
        let found = all("ü1", UTF_8);
        for expected in [
            (Form::Bytes, &b"\xC3\xBC1"[..]),
            (Form::Bytes, b"u\xCC\x881"),
            (Form::Bytes, b"\xFC1"),
            (Form::Wide, b"\xFC\x001"),
        ] {
            assert!(found.contains(&(expected.0, expected.1.to_vec())), "{expected:?}");
        }
        let found = all("Ив", ISO_8859_5);
        for expected in
            [(Form::Bytes, &b"\xB8\xD2"[..]), (Form::WideLittle, b"\x18\x042\x04"), (Form::WideBig, b"\x04\x18\x042")]
        {
            assert!(found.contains(&(expected.0, expected.1.to_vec())), "{expected:?}");
        }
    }
}
