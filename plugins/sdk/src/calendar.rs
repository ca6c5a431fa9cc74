//! Days and months in UTC: proleptic Gregorian, as ISO 8601. The conversions are the well-known ones that count years
//! from March, so that a leap day is the last of its year.

use crate::{Date, Instant};

/// Seconds in a day; POSIX time has no leap seconds.
pub const DAY_SECONDS: i64 = 86_400;

/// Days in 400 years, after which the calendar repeats.
const ERA_DAYS: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_468;

/// The day that `instant` lies in.
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
    let month = year * 12 + month - 1 + i64::from(months);
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    clamp(days(year, month, day.min(month_days(year, month))))
}

fn clamp(days: i64) -> Date {
    Date::try_from(days).unwrap_or(if days < 0 { Date::MIN } else { Date::MAX })
}

/// Days since 1970-01-01.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    year.div_euclid(400) * ERA_DAYS + day_of_era - EPOCH_DAYS
}

/// Year, month 1 to 12, day 1 to 31.
fn civil(date: Date) -> (i64, i64, i64) {
    let days = i64::from(date) + EPOCH_DAYS;
    let day_of_era = days.rem_euclid(ERA_DAYS);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + days.div_euclid(ERA_DAYS) * 400 + i64::from(month <= 2), month, day)
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().expect("a number"));
        let mut next = || parts.next().expect("YYYY-MM-DD");
        clamp(days(next(), next(), next()))
    }

    #[test]
    fn days_count_from_1970() {
        for (text, expected) in [("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2026-05-10", 20_583)]
        {
            assert_eq!(date(text), expected, "{text}");
        }
        for day in -200_000..200_000 {
            let (year, month, day_of_month) = civil(day);
            assert_eq!(days(year, month, day_of_month), i64::from(day));
        }
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
        ] {
            assert_eq!(plus_months(date(from), months), date(expected), "{from} + {months} months");
        }
    }

    #[test]
    fn an_instant_lies_in_its_day() {
        assert_eq!(date_of(-1), -1);
        assert_eq!(date_of(start_of(20_583)), 20_583);
        assert_eq!(date_of(start_of(20_583) - 1), 20_582);
    }
}
