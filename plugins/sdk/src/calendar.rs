//! Days and months in UTC: proleptic Gregorian, as ISO 8601. The conversions are those of Neri and Schneider (Euclidean
//! affine functions and their application to calendar algorithms, 2022): years count from March, so that a leap day is the
//! last of its year, and there is no branch and no table.

use crate::bindings::plugin::{Date, Instant};

/// Seconds in a day; POSIX time has no leap seconds.
pub const DAY_SECONDS: i64 = 86_400;

/// Days from 0000-03-01, from which the conversions count, to 1970-01-01.
const EPOCH_DAYS: i32 = 719_468;
/// The last day that the conversions accept: 9999-12-31.
const LAST_DAY: u32 = 3_652_364;

/// The day of `instant`, in UTC.
#[must_use]
pub fn date_of(instant: Instant) -> Date {
    clamp(instant.div_euclid(DAY_SECONDS))
}

/// 00:00 of `date`.
#[must_use]
pub fn start_of(date: Date) -> Instant {
    i64::from(date) * DAY_SECONDS
}

/// `date` moved by whole months; a day that the month lacks becomes its last (2024-02-29 + 12 months = 2025-02-28).
#[must_use]
pub fn plus_months(date: Date, months: u32) -> Date {
    let (year, month, day) = civil(date);
    let month = (year * 12 + month - 1).saturating_add(months).min(9_999 * 12 + 11);
    let (year, month) = (month / 12, month % 12 + 1);
    days(year, month, day.min(month_days(year, month)))
}

fn clamp(days: i64) -> Date {
    Date::try_from(days).unwrap_or(if days < 0 { Date::MIN } else { Date::MAX })
}

/// Days since 1970-01-01, for years 1 to 9999.
fn days(year: u32, month: u32, day: u32) -> Date {
    let early = month <= 2;
    let year = year - u32::from(early);
    let month = if early { month + 12 } else { month };
    let century = year / 100;
    let days = 1_461 * year / 4 - century + century / 4 + (979 * month - 2_919) / 32 + day - 1;
    days.cast_signed() - EPOCH_DAYS
}

/// Year 1 to 9999, month 1 to 12, day 1 to 31; a date beyond those years counts as the nearest one within.
fn civil(date: Date) -> (u32, u32, u32) {
    let first = 306;
    let days = date.saturating_add(EPOCH_DAYS).max(first).cast_unsigned().min(LAST_DAY);
    let quarters = 4 * days + 3;
    let century = quarters / 146_097;
    let quarters = (quarters % 146_097) | 3;
    let (year_of_century, day_of_year) = (quarters / 1_461, quarters % 1_461 / 4);
    let shifted = 2_141 * day_of_year + 197_913;
    let (month, day) = (shifted >> 16, (shifted & 0xffff) / 2_141 + 1);
    let late = day_of_year >= 306;
    (100 * century + year_of_century + u32::from(late), if late { month - 12 } else { month }, day)
}

/// `date` moved back by whole months, as [`plus_months`] moves it forward; not before the year 1.
#[must_use]
pub fn minus_months(date: Date, months: u32) -> Date {
    let (year, month, day) = civil(date);
    let month = (year * 12 + month - 1).saturating_sub(months).max(12);
    let (year, month) = (month / 12, month % 12 + 1);
    days(year, month, day.min(month_days(year, month)))
}

fn month_days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        let mut parts = text.splitn(3, '-').map(|part| part.parse::<u32>().expect("a number"));
        let mut next = || parts.next().expect("YYYY-MM-DD");
        days(next(), next(), next())
    }

    #[test]
    fn days_count_from_1970() {
        for (text, expected) in [("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2026-05-10", 20_583)]
        {
            assert_eq!(date(text), expected, "{text}");
        }
        // Every day of the years 1 to 9999, counted one by one.
        let (mut expected, first, last) = ((1, 1, 1), date("0001-01-01"), date("9999-12-31"));
        for day in first..=last {
            assert_eq!(civil(day), expected);
            assert_eq!(days(expected.0, expected.1, expected.2), day);
            expected = match expected {
                (year, 12, 31) => (year + 1, 1, 1),
                (year, month, day) if day == month_days(year, month) => (year, month + 1, 1),
                (year, month, day) => (year, month, day + 1),
            };
        }
        assert_eq!((civil(Date::MIN), civil(Date::MAX)), ((1, 1, 1), (9999, 12, 31)));
    }

    #[test]
    fn months_clamp() {
        for (from, months, expected) in [
            ("2024-02-29", 12, "2025-02-28"),
            ("2025-11-30", 3, "2026-02-28"),
            ("2023-11-30", 3, "2024-02-29"),
            ("2025-05-10", 12, "2026-05-10"),
            ("2025-12-31", 1, "2026-01-31"),
            ("2025-10-31", 36, "2028-10-31"),
            ("9999-12-31", 12, "9999-12-31"),
        ] {
            assert_eq!(plus_months(date(from), months), date(expected), "{from} + {months} months");
        }
    }

    #[test]
    fn months_clamp_on_the_way_back() {
        for (from, months, expected) in [
            ("2025-02-28", 12, "2024-02-28"),
            ("2024-03-31", 1, "2024-02-29"),
            ("2026-05-10", 0, "2026-05-10"),
            ("2026-05-10", 12, "2025-05-10"),
            ("2026-01-31", 2, "2025-11-30"),
            ("0001-03-31", 2, "0001-01-31"),
            ("0001-03-31", u32::MAX, "0001-01-31"),
        ] {
            assert_eq!(minus_months(date(from), months), date(expected), "{from} - {months} months");
        }
    }

    #[test]
    fn an_instant_lies_in_its_day() {
        assert_eq!(date_of(-1), -1);
        assert_eq!(date_of(start_of(20_583)), 20_583);
        assert_eq!(date_of(start_of(20_583) - 1), 20_582);
    }
}
