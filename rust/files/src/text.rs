//! Text for messages: names, times, and the system's errors.

use std::ffi::OsStr;
use std::fmt::{self, Write};
use std::io;
use std::time::SystemTime;

use crate::unix;

/// A name as a message shows it: bytes that are not UTF-8 as `\xNN`, control characters escaped, so that none reaches a
/// terminal.
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

/// A time as text: to the second, in UTC (RFC 3339).
pub(crate) struct Utc(pub(crate) SystemTime);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let (days, second) = (seconds / 86_400, seconds % 86_400);
        // Days are counted from 0000-03-01, so that a leap day is the last day of its year. 400 years have 146,097
        // days.
        let days = days + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let (day, month) = (day - (153 * month + 2) / 5 + 1, (month + 2) % 12 + 1);
        let year = 400 * era + year + u64::from(month <= 2);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// The system's words for an error, without Rust's "(os error 13)".
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
    use std::time::Duration;

    use super::*;

    #[test]
    fn names_in_messages() {
        for (name, expected) in [
            (b"a b.dcm".as_slice(), "a b.dcm"),
            (b"M\xFCller", "M\\xfcller"),
            ("Müller".as_bytes(), "Müller"),
            (b"a\nb\x1b[1m", "a\\nb\\u{1b}[1m"),
            (b"\xFF", "\\xff"),
        ] {
            assert_eq!(Shown(OsStr::from_bytes(name)).to_string(), expected);
        }
    }

    /// The expected texts are those of `date -u -d @SECONDS`.
    #[test]
    fn times_in_utc() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_798_761_599, "2026-12-31T23:59:59Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(Utc(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).to_string(), expected);
        }
    }

    #[test]
    fn system_errors_say_no_numbers() {
        assert_eq!(system_words(&io::Error::from_raw_os_error(2)), "No such file or directory");
        assert_eq!(system_words(&io::Error::other("so")), "so");
    }
}
