//! What a place becomes: the bytes of the same length that its value itself became.

use encoding_rs::UTF_8;

use crate::charset::Charsets;
use crate::dates::{Date, STYLES};
use crate::search::{Hit, Manner, Search, What};
use crate::spelling::{CASES, Form, spelled};
use crate::template::templates;
use crate::value::Value;

/// What stands around a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// Text alone.
    Text,
    /// Bytes of a program, which may read the digits in them as a number.
    Program,
}

impl Search {
    /// What `hit`, whose bytes are `found`, becomes where `old` became `new`: the same part of it in the same spelling.
    /// Where that has another length, where the value became padding, and where it is no ASCII, padding: spaces for
    /// letters and, in the bytes of a program, zeros for digits. What is no letter and no digit stays.
    #[must_use]
    pub fn replacement(&self, hit: &Hit, found: &[u8], old: Value<'_>, new: Option<&[u8]>, around: Around) -> Vec<u8> {
        let spelled = new.and_then(|new| self.spelled_like(hit, old, new)).filter(|bytes| bytes.len() == found.len());
        spelled.unwrap_or_else(|| padding(found, hit.form, around))
    }

    fn spelled_like(&self, hit: &Hit, old: Value<'_>, new: &[u8]) -> Option<Vec<u8>> {
        let text = match hit.what {
            What::Uid(at, length) => core::str::from_utf8(new.get(at..at.checked_add(length)?)?).ok()?.to_owned(),
            What::Spelling(origin) => match self.origins.get(origin)?.manner {
                Manner::Whole => return None,
                Manner::Date { style } => Date::of(new)?.spelled(*STYLES.get(style)?).0.to_string(),
                Manner::Text { template, case } => {
                    // The parts of the old text are at the same places of the new one.
                    let old =
                        Charsets::default().texts(old.bytes).into_iter().next().filter(|_| old.bytes.is_ascii())?.0;
                    let new = core::str::from_utf8(new).ok().filter(|new| new.is_ascii())?;
                    let text = templates(self.kind_of(origin)?, &old).get(template)?.of(new)?;
                    CASES.get(case)?.of(&text).to_string()
                }
            },
        };
        spelled(&text, UTF_8).into_iter().find(|spelled| spelled.form == hit.form).map(|spelled| spelled.bytes.to_vec())
    }
}

/// Padding over text, with what separates its parts.
fn padding(found: &[u8], form: Form, around: Around) -> Vec<u8> {
    let pad = |byte: u8| match (byte, around) {
        (b'0'..=b'9', Around::Program) => b'0',
        (b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | 0x80.., _) => b' ',
        (other, _) => other,
    };
    let wide =
        |is_low: fn(usize) -> bool| found.iter().enumerate().map(|(at, _)| if is_low(at) { b' ' } else { 0 }).collect();
    match form {
        // Of other character sets what looks like ASCII may be half a character, or an escape sequence.
        Form::Bytes if !found.is_ascii() || found.contains(&0x1B) => vec![b' '; found.len()],
        Form::Bytes => found.iter().copied().map(pad).collect(),
        Form::Wide => found.iter().enumerate().map(|(at, byte)| if at & 1 == 0 { pad(*byte) } else { *byte }).collect(),
        Form::WideLittle => wide(|at| at & 1 == 0),
        Form::WideBig => wide(|at| at & 1 == 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uids::Uids;
    use crate::value::Kind;

    fn replaced(kind: Kind, old: &[u8], new: Option<&[u8]>, haystack: &[u8], around: Around) -> Vec<u8> {
        let values = [Value { kind, bytes: old }];
        let uids = Uids::of(&values);
        let search = Search::new(&values, &Charsets::default(), &uids);
        let mut result = haystack.to_vec();
        search.find(haystack, 0..haystack.len(), &uids, &mut |hit| {
            let found = &haystack[hit.start..hit.end];
            let bytes = search.replacement(hit, found, values[0], new, around);
            result[hit.start..hit.end].copy_from_slice(&bytes);
            true
        });
        result
    }

    #[test]
    fn what_a_place_becomes() {
        const NAME: &[u8] = b"Doe^Jonathan";
        const NEW_NAME: Option<&[u8]> = Some(b"Qxz^Uvwxyzab");
        for (kind, old, new, haystack, expected) in [
            (Kind::Name, NAME, None, &b"(Doe^Jonathan)"[..], &b"(   ^        )"[..]),
            (Kind::Name, NAME, NEW_NAME, b"(DOE^JONATHAN)", b"(QXZ^UVWXYZAB)"),
            (Kind::Name, NAME, NEW_NAME, b"jonathan, doe", b"uvwxyzab, qxz"),
            (Kind::Name, NAME, NEW_NAME, b"Jonathan", b"Uvwxyzab"),
            (Kind::Name, b"M\xFCller", None, b"M\xFCller MUELLER M\xC3\xBCller", b"                      "),
            (Kind::Identifier, b"AB-12345", None, b"x AB-12345 x", b"x   -00000 x"),
            (Kind::Identifier, b"AB-12345 ", Some(b"KX-90876 "), b"ab-12345", b"kx-90876"),
            (Kind::Identifier, b"111112\\222223", Some(b"333334\\444445"), b"222223", b"444445"),
            (Kind::Date, b"19700102", None, b"02.01.1970", b"00.00.0000"),
            (Kind::Date, b"19700102", Some(b"19681231"), b"02.01.1970 1970-01-02", b"31.12.1968 1968-12-31"),
            (Kind::Date, b"19700102", Some(b"        "), b"1970-01-02", b"0000-00-00"),
            (
                Kind::Uid,
                b"1.2.840.113619.2.5",
                Some(b"1.2.776.302425.0.1"),
                b"1.2.840.113619.2.5",
                b"1.2.776.302425.0.1",
            ),
            (Kind::Uid, b"1.2.840.113619.2.5", None, b"1.2.840.113619.2.5", b"0.0.000.000000.0.0"),
        ] {
            assert_eq!(replaced(kind, old, new, haystack, Around::Program), expected);
            let wide = |bytes: &[u8]| bytes.iter().flat_map(|byte| [*byte, 0]).collect::<Vec<_>>();
            if haystack.is_ascii() {
                assert_eq!(replaced(kind, old, new, &wide(haystack), Around::Program), wide(expected));
            }
        }
        assert_eq!(replaced(Kind::Date, b"19700102", None, b"1970-01-02", Around::Text), b"    -  -  ");
    }
}
