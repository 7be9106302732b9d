//! Names and the system's errors as text.

use std::ffi::OsStr;
use std::fmt::{self, Write};
use std::io;

use crate::unix;

/// A name as text that another program can take apart: bytes that are not UTF-8 as `\xNN`, all else as it is.
pub(crate) fn text(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in unix::bytes(name).utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}"); // a String takes everything
        }
    }
    text
}

/// A name in a message: as [`text`], and no control character reaches a terminal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a>(pub(crate) &'a OsStr);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in unix::bytes(self.0).utf8_chunks() {
            for character in chunk.valid().chars() {
                if character.is_control() {
                    write!(f, "{}", character.escape_default())?;
                } else {
                    f.write_char(character)?;
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// What the system calls an error, without Rust's "(os error 13)".
#[must_use]
pub fn system_words(error: &io::Error) -> String {
    let words = error.to_string();
    match words.rfind(" (os error ") {
        Some(end) => words[..end].to_owned(),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn names_as_text_and_in_messages() {
        for (name, as_text, in_message) in [
            (b"a b.dcm".as_slice(), "a b.dcm", "a b.dcm"),
            (b"M\xFCller", "M\\xfcller", "M\\xfcller"),
            ("Müller".as_bytes(), "Müller", "Müller"),
            (b"a\nb\x1b[1m", "a\nb\u{1b}[1m", "a\\nb\\u{1b}[1m"),
            (b"\xFF", "\\xff", "\\xff"),
        ] {
            let name = OsStr::from_bytes(name);
            assert_eq!((text(name).as_str(), Shown(name).to_string().as_str()), (as_text, in_message));
        }
    }

    #[test]
    fn system_errors_say_no_numbers() {
        assert_eq!(system_words(&io::Error::from_raw_os_error(2)), "No such file or directory");
        assert_eq!(system_words(&io::Error::other("so")), "so");
    }
}
