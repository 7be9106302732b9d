//! Dates, alone and with a time (PS3.5 §6.2, DA and DT): shifted by whole days, the same number for each date of a
//! patient.

use core::fmt;
use core::num::NonZeroU16;

use zeroize::Zeroizing;

use crate::calendar::Date;
use crate::keys::{Key, Purpose, derive};
use crate::notes::{Note, Notes};
use crate::text::{trim, trim_end, trim_mut, values_mut};

/// The most days that a date is shifted by: ten years.
const MOST_DAYS: u16 = 3652;

/// Tells by how many days a patient's dates are shifted.
pub struct Dates {
    key: Zeroizing<[u8; 32]>,
}

impl Dates {
    /// Under this key.
    #[must_use]
    pub fn new(key: &Key) -> Self {
        Self { key: key.sub_key(Purpose::Dates) }
    }

    /// The days by which the dates of a file are shifted: of its `PatientID`, or where that is empty of its
    /// `StudyInstanceUID`, both as they were, with padding or without it. `None` where both are empty: nothing would
    /// tell two patients apart.
    #[must_use]
    pub fn days(&self, patient_id: &[u8], study_instance_uid: &[u8]) -> Option<Days> {
        match (trim(patient_id), trim_end(study_instance_uid)) {
            ([], []) => None,
            ([], uid) => self.of(b"study ", uid),
            (id, _) => self.of(b"patient ", id),
        }
    }

    fn of(&self, what: &[u8], text: &[u8]) -> Option<Days> {
        let mut number = [0; 8];
        derive(self.key.as_slice(), &[what, text], &mut number);
        // Of 2^64 numbers none is so much likelier than another that it could be told.
        let days = u64::from_be_bytes(number).checked_rem(u64::from(MOST_DAYS))?.checked_add(1)?;
        Days::new(u16::try_from(days).ok()?)
    }
}

impl fmt::Debug for Dates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dates")
    }
}

/// By how many days dates are shifted, 1 to 3,652. It is as secret as the dates are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Days(NonZeroU16);

impl Days {
    /// So many days; `None` where there are none or too many.
    #[must_use]
    pub const fn new(days: u16) -> Option<Self> {
        match NonZeroU16::new(days) {
            Some(days) if days.get() <= MOST_DAYS => Some(Self(days)),
            _ => None,
        }
    }

    /// How many.
    #[must_use]
    pub const fn count(self) -> u16 {
        self.0.get()
    }

    /// Writes over each date of the element the date so many days earlier. What stands behind a date (the time and its
    /// zone) stays as it is, and so do padding, separators and empty values. What can't be shifted is blanked, with
    /// spaces.
    #[must_use]
    pub fn shift(self, bytes: &mut [u8]) -> Notes {
        each(bytes, |date| date.earlier(self.count()))
    }

    /// The way back: what [`shift`](Self::shift) made becomes again what it was. Of what was blanked there is none.
    #[must_use]
    pub fn unshift(self, bytes: &mut [u8]) -> Notes {
        each(bytes, |date| date.later(self.count()))
    }
}

impl fmt::Debug for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Days")
    }
}

fn each(bytes: &mut [u8], shifted: impl Fn(Date) -> Option<Date>) -> Notes {
    let mut notes = Notes::default();
    for value in values_mut(bytes) {
        let text = trim_mut(value);
        if text.is_empty() {
            continue;
        }
        match parse(text).and_then(|date| shifted(date).ok_or(Note::OutOfCalendar)) {
            Ok(date) => write(date, text),
            Err(note) => {
                text.fill(b' ');
                notes.add(note);
            }
        }
    }
    notes
}

/// The date of the text: YYYYMMDD, YYYY.MM.DD (as before DICOM 3.0), or with a time, a fraction of a second and a zone.
fn parse(text: &[u8]) -> Result<Date, Note> {
    let (digits, rest) = text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count());
    let (year, month, day) = match (digits, rest) {
        ([y0, y1, y2, y3], [b'.', m0, m1, b'.', d0, d1]) => ([y0, y1, y2, y3], [m0, m1], [d0, d1]),
        ([y0, y1, y2, y3, m0, m1, d0, d1, time @ ..], rest) if is_time(time, rest) => {
            ([y0, y1, y2, y3], [m0, m1], [d0, d1])
        }
        ([_, _, _, _], rest) if is_zone(rest) => return Err(Note::NoDay),
        ([_, _, _, _, m0, m1], rest) if is_within([m0, m1], 1, 12) && is_zone(rest) => return Err(Note::NoDay),
        _ => return Err(Note::NoDate),
    };
    number(year)
        .zip(number(month).and_then(|month| u8::try_from(month).ok()))
        .zip(number(day).and_then(|day| u8::try_from(day).ok()))
        .and_then(|((year, month), day)| Date::new(year, month, day))
        .ok_or(Note::NoDate)
}

/// Writes the date over that of the text.
fn write(date: Date, text: &mut [u8]) {
    let [y0, y1] = two_digits(date.year() / 100);
    let [y2, y3] = two_digits(date.year() % 100);
    let [m0, m1] = two_digits(u16::from(date.month()));
    let [d0, d1] = two_digits(u16::from(date.day()));
    // The first eight digits are those of the date, in every form.
    let places = text.iter_mut().filter(|byte| byte.is_ascii_digit());
    for (place, digit) in places.zip([y0, y1, y2, y3, m0, m1, d0, d1]) {
        *place = digit;
    }
}

/// Whether it is a time as it may follow a date (hours, minutes, seconds, each with those before it) and what may
/// follow it: a fraction of the seconds, a zone.
fn is_time(digits: &[u8], rest: &[u8]) -> bool {
    let (hours, minutes, seconds) = match digits {
        [] => return is_zone(rest),
        [h0, h1] => ([h0, h1], [&b'0'; 2], [&b'0'; 2]),
        [h0, h1, m0, m1] => ([h0, h1], [m0, m1], [&b'0'; 2]),
        [h0, h1, m0, m1, s0, s1] => ([h0, h1], [m0, m1], [s0, s1]),
        _ => return false,
    };
    let zone = match rest {
        [b'.', rest @ ..] if digits.len() == 6 => {
            let fraction = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=6).contains(&fraction) {
                return false;
            }
            rest.get(fraction..).unwrap_or_default()
        }
        rest => rest,
    };
    // The 60th second is a leap second.
    is_within(hours, 0, 23) && is_within(minutes, 0, 59) && is_within(seconds, 0, 60) && is_zone(zone)
}

/// Whether it is an offset from Coordinated Universal Time, or nothing.
fn is_zone(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b'+' | b'-', h0, h1, m0, m1] => is_within([h0, h1], 0, 14) && is_within([m0, m1], 0, 59),
        _ => false,
    }
}

fn is_within(digits: [&u8; 2], least: u16, most: u16) -> bool {
    number(digits).is_some_and(|number| (least..=most).contains(&number))
}

fn number<const LENGTH: usize>(digits: [&u8; LENGTH]) -> Option<u16> {
    digits.into_iter().try_fold(0_u16, |number, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        number.checked_mul(10)?.checked_add(u16::try_from(digit).ok()?)
    })
}

fn two_digits(number: u16) -> [u8; 2] {
    [number / 10, number % 10].map(|digit| u8::try_from(digit).map_or(b'0', |digit| digit.saturating_add(b'0')))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn dates() -> Dates {
        Dates::new(&Key::from_bytes(&[7; 32]).unwrap())
    }

    fn shift(days: u16, value: &str) -> (String, Vec<Note>) {
        let mut bytes = value.as_bytes().to_vec();
        let days = Days::new(days).unwrap();
        let notes: Vec<_> = days.shift(&mut bytes).iter().collect();
        let output = String::from_utf8(bytes.clone()).unwrap();
        if notes.is_empty() {
            assert!(days.unshift(&mut bytes).is_empty());
            assert_eq!(bytes, value.as_bytes());
        }
        (output, notes)
    }

    #[test]
    fn every_form() {
        for (value, output) in [
            ("20240301", "20240229"),
            ("20230301 ", "20230228 "),
            (" 20240101", " 20231231"),
            ("2024.03.01", "2024.02.29"),
            ("2024030123", "2024022923"),
            ("202403012359", "202402292359"),
            ("20240301235960", "20240229235960"),
            ("20240301000000.5", "20240229000000.5"),
            ("20240301000000.000001", "20240229000000.000001"),
            ("20240301000000.123456+1400", "20240229000000.123456+1400"),
            ("20240301000000-1200", "20240229000000-1200"),
            ("20240301+0545", "20240229+0545"),
            ("2024030112-0000", "2024022912-0000"),
            ("20240301\\ 19000301\0\\", "20240229\\ 19000228\0\\"),
            ("00010102", "00010101"),
            ("99991231", "99991230"),
            ("", ""),
            ("  ", "  "),
            ("\0", "\0"),
        ] {
            assert_eq!(shift(1, value), (output.into(), vec![]), "{value}");
        }
        assert_eq!(shift(3652, "20240229").0, "20140301");
    }

    #[test]
    fn what_is_blanked() {
        for (value, note) in [
            ("2024", Note::NoDay),
            ("202403", Note::NoDay),
            ("2024+0100", Note::NoDay),
            ("202403-0500", Note::NoDay),
            ("202413", Note::NoDate),
            ("20230230", Note::NoDate),
            ("2023.02.30", Note::NoDate),
            ("20230001", Note::NoDate),
            ("00000101", Note::NoDate),
            ("99999999", Note::NoDate),
            ("2024030", Note::NoDate),
            ("240301", Note::NoDay), // of the year 2403
            ("240331", Note::NoDate),
            ("2024.3.1", Note::NoDate),
            ("2024.03.01.", Note::NoDate),
            ("2024.03", Note::NoDate),
            ("2024-03-01", Note::NoDate),
            ("2024/03/01", Note::NoDate),
            ("20240301-20240302", Note::NoDate),
            ("202403011", Note::NoDate),
            ("2024030124", Note::NoDate),
            ("202403012360", Note::NoDate),
            ("20240301235961", Note::NoDate),
            ("2024030123595", Note::NoDate),
            ("2024030123595959", Note::NoDate),
            ("20240301.5", Note::NoDate),
            ("202403012359.5", Note::NoDate),
            ("20240301235959.", Note::NoDate),
            ("20240301235959.1234567", Note::NoDate),
            ("20240301+1500", Note::NoDate),
            ("20240301+0160", Note::NoDate),
            ("20240301+01", Note::NoDate),
            ("20240301 12", Note::NoDate),
            ("yesterday", Note::NoDate),
            ("\u{662}\u{660}240301", Note::NoDate),
            ("00010101", Note::OutOfCalendar),
        ] {
            assert_eq!(shift(1, value), (" ".repeat(value.len()), vec![note]), "{value}");
        }
        let (output, notes) = shift(1, "20240301\\2024 \\never\\20240101");
        assert_eq!(output, "20240229\\     \\     \\20231231");
        assert_eq!(notes, [Note::NoDay, Note::NoDate]);
        let mut last = *b"99991231";
        assert_eq!(Days::new(1).unwrap().unshift(&mut last).iter().collect::<Vec<_>>(), [Note::OutOfCalendar]);
    }

    #[test]
    fn days() {
        let (dates, uid) = (dates(), b"1.2.840.113619.2.1");
        let of = |patient: &[u8], study: &[u8]| dates.days(patient, study).map(Days::count);
        assert_eq!(of(b"", b""), None);
        assert_eq!(of(b"  ", b"\0"), None);
        for (patient, study) in [(&b"123 "[..], &uid[..]), (b" 123", b""), (b"123\0", b"1.2")] {
            assert_eq!(of(patient, study), of(b"123", b"1"));
        }
        assert_eq!(of(b"", b"1.2.840.113619.2.1\0"), of(b" ", uid));
        assert_ne!(of(b"1.2.840.113619.2.1", b""), of(b"", uid));
        for (days, is_valid) in [(0, false), (1, true), (3652, true), (3653, false)] {
            assert_eq!(Days::new(days).is_some(), is_valid, "{days}");
        }
    }

    /// Of 4,000 patients few have the same number of days: of random numbers, 2,431 different ones are expected.
    #[test]
    fn days_are_spread() {
        let dates = dates();
        let of = |patient: u16| dates.days(patient.to_string().as_bytes(), b"").unwrap().count();
        let met: BTreeSet<_> = (0..4000).map(of).collect();
        assert!((2300..2560).contains(&met.len()), "{}", met.len());
        assert!(met.first().unwrap() < &20 && met.last().unwrap() > &3632);
    }

    #[test]
    fn nothing_shows() {
        assert_eq!(format!("{:?} {:?}", dates(), Days::new(1)), "Dates Some(Days)");
    }
}
