//! Dates as people and programs spell them.

use zeroize::Zeroizing;

/// A day of the calendar, as its digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    year: [u8; 4],
    month: [u8; 2],
    day: [u8; 2],
}

/// What stands first in a spelling.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Year,
    Day,
    Month,
}

/// The order of its parts, and what stands between them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style(First, &'static str);

/// YYYYMMDD first, behind which a time may stand (VR DT).
pub(crate) const STYLES: [Style; 12] = [
    Style(First::Year, ""),
    Style(First::Year, "-"),
    Style(First::Year, "."),
    Style(First::Year, "/"),
    Style(First::Day, ""),
    Style(First::Day, "."),
    Style(First::Day, "/"),
    Style(First::Day, "-"),
    Style(First::Month, ""),
    Style(First::Month, "."),
    Style(First::Month, "/"),
    Style(First::Month, "-"),
];

impl Date {
    /// The date of a value of VR DA or DT, or of an old date with dots (PS3.5 §6.2); `None` where it has no day.
    pub(crate) fn of(value: &[u8]) -> Option<Self> {
        let value = value.trim_ascii();
        let digits: Vec<u8> = match value {
            [y1, y2, y3, y4, b'.', m1, m2, b'.', d1, d2] => vec![*y1, *y2, *y3, *y4, *m1, *m2, *d1, *d2],
            _ => value.get(..8)?.to_vec(),
        };
        let [y1, y2, y3, y4, m1, m2, d1, d2] = digits.try_into().ok()?;
        let date = Self { year: [y1, y2, y3, y4], month: [m1, m2], day: [d1, d2] };
        let is_digits = [y1, y2, y3, y4, m1, m2, d1, d2].iter().all(u8::is_ascii_digit);
        let is_day = (*b"01"..=*b"12").contains(&date.month) && (*b"01"..=*b"31").contains(&date.day);
        (is_digits && is_day).then_some(date)
    }

    /// How it is spelled in one of the [`STYLES`], and at which character the year stands in it.
    pub(crate) fn spelled(self, Style(first, between): Style) -> (Zeroizing<String>, usize) {
        let (year, month, day) = (&self.year[..], &self.month[..], &self.day[..]);
        let parts = match first {
            First::Year => [year, month, day],
            First::Day => [day, month, year],
            First::Month => [month, day, year],
        };
        let text = parts.iter().map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>().join(between);
        let at = if first == First::Year { 0 } else { between.len().saturating_mul(2).saturating_add(4) };
        (Zeroizing::new(text), at)
    }
}

/// Whether the bytes behind a date in digits are a time of the day, as in a value of VR DT: then the date ends where it
/// seems to go on.
pub(crate) fn begins_with_time(behind: &[u8]) -> bool {
    let digits = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let in_range = |at: usize, most: [u8; 2]| behind.get(at..at.saturating_add(2)).is_some_and(|two| *two <= most[..]);
    match digits {
        2 => in_range(0, *b"23"),
        4 => in_range(0, *b"23") && in_range(2, *b"59"),
        6.. => in_range(0, *b"23") && in_range(2, *b"59") && in_range(4, *b"60"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_dates() {
        for (value, expected) in [
            (&b"19700102"[..], Some("1970-01-02")),
            (b"19700102 ", Some("1970-01-02")),
            (b"1970.01.02", Some("1970-01-02")),
            (b"19700102030405.123+0100", Some("1970-01-02")),
            (b"1970", None),
            (b"197001", None),
            (b"        ", None),
            (b"19701302", None),
            (b"19700100", None),
            (b"1970-1-2", None),
        ] {
            let found = Date::of(value).map(|date| date.spelled(STYLES[1]).0.to_string());
            assert_eq!(found.as_deref(), expected);
        }
    }

    #[test]
    fn each_spelling_has_its_year_where_it_is_said_to_be() {
        let date = Date::of(b"19700102").unwrap();
        let spelled: Vec<_> = STYLES.iter().map(|style| date.spelled(*style)).collect();
        assert!(spelled.iter().all(|(text, at)| text.get(*at..at + 4) == Some("1970")));
        let texts: Vec<_> = spelled.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "19700102",
                "1970-01-02",
                "1970.01.02",
                "1970/01/02",
                "02011970",
                "02.01.1970",
                "02/01/1970",
                "02-01-1970",
                "01021970",
                "01.02.1970",
                "01/02/1970",
                "01-02-1970"
            ]
        );
    }

    #[test]
    fn a_time_behind_a_date() {
        for (behind, expected) in [
            (&b"1234"[..], true),
            (b"123456.78", true),
            (b"12 ", true),
            (b"1", false),
            (b"123", false),
            (b"2460", false),
            (b"1260", false),
            (b"", false),
            (b"x", false),
        ] {
            assert_eq!(begins_with_time(behind), expected);
        }
    }
}
