//! JSON strings (RFC 8259 §7).

use std::ffi::OsStr;
use std::fmt::{self, Write};

use crate::unix;

/// A text.
pub(super) struct Json<T>(pub(super) T);

impl<T: AsRef<str>> fmt::Display for Json<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        escaped(f, self.0.as_ref())?;
        f.write_char('"')
    }
}

/// The name of a file. A byte 0xNN that is not UTF-8 is the escape \\udcNN (PEP 383), which no text has: the name can be had back.
pub(super) struct Name<'a>(pub(super) &'a OsStr);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for chunk in unix::bytes(self.0).utf8_chunks() {
            escaped(f, chunk.valid())?;
            for byte in chunk.invalid() {
                write!(f, "\\udc{byte:02x}")?;
            }
        }
        f.write_char('"')
    }
}

fn escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for character in text.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            // JSON asks it of controls below 0x20 only. But a report is also read on a terminal, and by programs that end a line at
            // each of these.
            _ if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') => {
                write!(f, "\\u{:04x}", u32::from(character))?;
            }
            _ => f.write_char(character)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn strings_and_names() {
        for (text, expected) in [
            ("a b/c.dcm", r#""a b/c.dcm""#),
            ("M\\xfcller \"x\"", r#""M\\xfcller \"x\"""#),
            ("a\nb\u{1b}\u{7f}\u{9b}", r#""a\u000ab\u001b\u007f\u009b""#),
            ("Müller", r#""Müller""#),
            ("a\u{85}b\u{2028}c\u{2029}", r#""a\u0085b\u2028c\u2029""#),
        ] {
            assert_eq!(
                (Json(text).to_string().as_str(), Name(OsStr::new(text)).to_string().as_str()),
                (expected, expected)
            );
        }
        for (name, expected) in [
            (&b"M\xFCller"[..], r#""M\udcfcller""#),
            (b"\xED\xB3\xBC", r#""\udced\udcb3\udcbc""#), // the escape itself, written as bytes
            (b"\xFF\n", r#""\udcff\u000a""#),
        ] {
            assert_eq!(Name(OsStr::from_bytes(name)).to_string(), expected);
        }
    }
}
