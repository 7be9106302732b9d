//! The character sets of values (PS3.3 §C.12.1.1.2).

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6,
    ISO_8859_7, ISO_8859_8, ISO_8859_15, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1252, WINDOWS_1254,
};
use zeroize::Zeroizing;

/// Those that a file names, for values that are not ASCII.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Charsets(Vec<&'static Encoding>);

/// Enough for any file that means it: more are left out.
const MOST: usize = 8;

/// Begins an escape sequence, which changes the character set (PS3.5 §6.1.2.5).
const ESCAPE: u8 = 0x1B;

impl Charsets {
    /// Adds those of a value of Specific Character Set (0008,0005).
    pub fn add(&mut self, value: &[u8]) {
        for term in value.split(|byte| *byte == b'\\') {
            let known = encoding(term.trim_ascii()).filter(|known| !self.0.contains(known));
            if let Some(known) = known.filter(|_| self.0.len() < MOST) {
                self.0.push(known);
            }
        }
    }

    /// What the bytes may say, each with what writes it again; none where they are no text in any of the sets. Files
    /// name wrong sets, or none: so UTF-8 is tried first, and Latin-1 last.
    pub(crate) fn texts(&self, bytes: &[u8]) -> Vec<(Zeroizing<String>, &'static Encoding)> {
        if bytes.is_ascii() && !bytes.contains(&ESCAPE) {
            return core::str::from_utf8(bytes)
                .map(|text| vec![(Zeroizing::new(text.to_owned()), UTF_8)])
                .unwrap_or_default();
        }
        let mut texts: Vec<(Zeroizing<String>, &'static Encoding)> = Vec::new();
        let utf_8 = core::str::from_utf8(bytes).is_ok();
        let named = self.0.iter().copied();
        let tried = utf_8.then_some(UTF_8).into_iter().chain(named).chain((!utf_8).then_some(WINDOWS_1252));
        for encoding in tried {
            let bytes = without_escapes(bytes, encoding);
            if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(&bytes)
                && texts.iter().all(|(known, _)| known.as_str() != text)
            {
                texts.push((Zeroizing::new(text.into_owned()), encoding));
            }
        }
        texts
    }

    /// Bytes that tell the same sets: a part of what a search is remembered by.
    pub(crate) fn key(&self) -> impl Iterator<Item = u8> {
        self.0.iter().flat_map(|encoding| encoding.name().bytes().chain([0]))
    }
}

/// The bytes without escape sequences, for sets that are known without them. Three bytes, or four where the set has
/// two bytes for each character (PS3.3 Table C.12-3, C.12-4).
fn without_escapes(bytes: &[u8], encoding: &'static Encoding) -> Zeroizing<Vec<u8>> {
    let mut kept = Zeroizing::new(Vec::with_capacity(bytes.len()));
    if encoding == ISO_2022_JP {
        kept.extend_from_slice(bytes);
        return kept;
    }
    let mut rest = bytes;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if let (&ESCAPE, [b'$', b'(' | b')', _, behind @ ..] | [_, _, behind @ ..]) = (byte, behind) {
            rest = behind;
        } else {
            kept.push(*byte);
        }
    }
    kept
}

/// The encoding of a defined term (PS3.3 §C.12.1.1.2), with or without code extensions.
fn encoding(term: &[u8]) -> Option<&'static Encoding> {
    Some(match term {
        b"ISO_IR 100" | b"ISO 2022 IR 100" => WINDOWS_1252,
        b"ISO_IR 101" | b"ISO 2022 IR 101" => ISO_8859_2,
        b"ISO_IR 109" | b"ISO 2022 IR 109" => ISO_8859_3,
        b"ISO_IR 110" | b"ISO 2022 IR 110" => ISO_8859_4,
        b"ISO_IR 144" | b"ISO 2022 IR 144" => ISO_8859_5,
        b"ISO_IR 127" | b"ISO 2022 IR 127" => ISO_8859_6,
        b"ISO_IR 126" | b"ISO 2022 IR 126" => ISO_8859_7,
        b"ISO_IR 138" | b"ISO 2022 IR 138" => ISO_8859_8,
        b"ISO_IR 148" | b"ISO 2022 IR 148" => WINDOWS_1254,
        b"ISO_IR 203" | b"ISO 2022 IR 203" => ISO_8859_15,
        b"ISO_IR 13" | b"ISO 2022 IR 13" => SHIFT_JIS,
        b"ISO_IR 166" | b"ISO 2022 IR 166" => WINDOWS_874,
        b"ISO 2022 IR 87" | b"ISO 2022 IR 159" => ISO_2022_JP,
        b"ISO 2022 IR 149" => EUC_KR,
        b"ISO_IR 192" => UTF_8,
        b"GB18030" => GB18030,
        b"GBK" | b"ISO 2022 IR 58" => GBK,
        b"BIG5" => BIG5, // no defined term, and met
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_each_character_set() {
        for (sets, bytes, expected) in [
            (&b""[..], &b"Doe^Jane"[..], &["Doe^Jane"][..]),
            (b"", b"M\xFCller", &["Müller"]),
            (b"ISO_IR 100", b"M\xFCller", &["Müller"]),
            (b"ISO_IR 192", b"M\xC3\xBCller", &["Müller"]),
            (b"ISO_IR 100", b"M\xC3\xBCller", &["Müller", "MÃ¼ller"]),
            (b"ISO_IR 144 ", b"\xB8\xD2\xD0\xDD", &["Иван", "¸ÒÐÝ"]),
            (b"ISO_IR 126", b"\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2", &["Διονυσιος", "Äéïíõóéïò"]),
            (b"\\ISO 2022 IR 87", b"\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B", &["山田^太郎"]),
            (b"\\ISO 2022 IR 149", b"\x1B$)C\xB1\xE8^\x1B$)C\xC8\xF1\xC1\xDF", &["김^희중"]),
            (b"GB18030", b"\xCD\xF5^\xD0\xA1\xB6\xAB", &["王^小东"]),
            (b"nonsense", b"\xFF", &["ÿ"]),
        ] {
            let mut charsets = Charsets::default();
            charsets.add(sets);
            let texts: Vec<_> = charsets.texts(bytes).into_iter().map(|(text, _)| text.to_string()).collect();
            assert!(
                expected.iter().all(|expected| texts.iter().any(|text| text == expected)),
                "{expected:?} {texts:?}"
            );
            assert!(texts.len() <= 2);
        }
    }
}
