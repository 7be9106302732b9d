//! Days of the Gregorian calendar, from 0001-01-01 to 9999-12-31, before its introduction as well (PS3.5 §6.2, DA).

/// One of these days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day; `None` where no calendar has it.
    pub(crate) const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let is_day = 1 <= day && day <= days_of_month(year, month);
        if is_day && 1 <= year && year <= 9999 { Some(Self { year, month, day }) } else { None }
    }

    pub(crate) const fn year(self) -> u16 {
        self.year
    }

    pub(crate) const fn month(self) -> u8 {
        self.month
    }

    pub(crate) const fn day(self) -> u8 {
        self.day
    }

    /// So many days earlier; `None` where that is before the first day.
    pub(crate) fn earlier(self, days: u16) -> Option<Self> {
        let (mut year, mut day) = (self.year, self.day_of_year());
        let mut left = days;
        while left >= day {
            // The last day of the year before.
            left = left.checked_sub(day)?;
            year = year.checked_sub(1).filter(|year| *year > 0)?;
            day = days_of_year(year);
        }
        Self::of_year(year, day.checked_sub(left)?)
    }

    /// So many days later; `None` where that is behind the last day.
    pub(crate) fn later(self, days: u16) -> Option<Self> {
        let (mut year, mut day) = (self.year, self.day_of_year().checked_add(days)?);
        while day > days_of_year(year) {
            day = day.checked_sub(days_of_year(year))?;
            year = year.checked_add(1)?;
        }
        Self::of_year(year, day)
    }

    /// The day of the year, from 1.
    fn day_of_year(self) -> u16 {
        let before: u16 = (1..self.month).map(|month| u16::from(days_of_month(self.year, month))).sum();
        before.saturating_add(u16::from(self.day))
    }

    fn of_year(year: u16, day_of_year: u16) -> Option<Self> {
        let mut day = day_of_year;
        for month in 1..=12 {
            let days = days_of_month(year, month);
            match day.checked_sub(u16::from(days)) {
                Some(left) if left > 0 => day = left,
                _ => return Self::new(year, month, u8::try_from(day).ok()?),
            }
        }
        None
    }
}

const fn is_leap(year: u16) -> bool {
    (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400)
}

const fn days_of_year(year: u16) -> u16 {
    if is_leap(year) { 366 } else { 365 }
}

const fn days_of_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: u16, month: u8, day: u8) -> Date {
        Date::new(year, month, day).unwrap()
    }

    #[test]
    fn days_that_no_calendar_has() {
        for (year, month, day, is_day) in [
            (2024, 2, 29, true),
            (2023, 2, 29, false),
            (1900, 2, 29, false),
            (2000, 2, 29, true),
            (2023, 2, 30, false),
            (2023, 4, 31, false),
            (2023, 12, 31, true),
            (2023, 0, 1, false),
            (2023, 13, 1, false),
            (2023, 1, 0, false),
            (0, 1, 1, false),
            (1, 1, 1, true),
            (9999, 12, 31, true),
            (10000, 1, 1, false),
        ] {
            assert_eq!(Date::new(year, month, day).is_some(), is_day, "{year}-{month}-{day}");
        }
    }

    /// Day by day through all years: each follows the one before, and there are as many as there should be.
    #[test]
    fn each_day_follows_the_one_before() {
        let mut today = date(1, 1, 1);
        let mut count = 1;
        while let Some(next) = today.later(1) {
            assert!(next > today);
            assert_eq!(next.earlier(1), Some(today));
            (today, count) = (next, count + 1);
        }
        assert_eq!((today, count), (date(9999, 12, 31), 3_652_059));
    }

    #[test]
    fn many_days_are_as_so_many_times_one() {
        for start in [date(2024, 2, 29), date(2000, 3, 1), date(1900, 12, 31), date(11, 1, 1)] {
            let mut expected = start;
            for days in 0..=3652 {
                assert_eq!(start.earlier(days), Some(expected), "{start:?}, {days}");
                assert_eq!(expected.later(days), Some(start), "{start:?}, {days}");
                if days < 3652 {
                    expected = expected.earlier(1).unwrap();
                }
            }
        }
    }

    #[test]
    fn the_first_day_and_the_last() {
        assert_eq!(date(1, 1, 11).earlier(10), Some(date(1, 1, 1)));
        assert_eq!(date(1, 1, 11).earlier(11), None);
        assert_eq!(date(9999, 12, 21).later(10), Some(date(9999, 12, 31)));
        assert_eq!(date(9999, 12, 21).later(11), None);
    }
}
