//! Days and instants from texts.

use tierwatch_rule::{Date, Instant, plus_months, start_of};

/// 1 January of the year 1, in days since 1970-01-01.
pub(super) const FIRST_DAY: Date = -719_162;
/// 31 December of the year 9999.
pub(super) const LAST_DAY: Date = 2_932_896;

/// The day of `YYYY-MM-DD`.
pub(super) fn parse_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let [year, month, day] = [parts.next()?, parts.next()?, parts.next()?];
    if parts.next().is_some() || [year.len(), month.len(), day.len()] != [4, 2, 2] {
        return None;
    }
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 {
        return None;
    }
    let first = plus_months(FIRST_DAY, (year - 1) * 12 + month - 1);
    let next = plus_months(FIRST_DAY, (year - 1) * 12 + month);
    let date = first.saturating_add_unsigned(day - 1);
    // The month after 9999-12 is clamped to 9999-12 itself.
    let long_enough = date < next || (next == first && day <= 31);
    long_enough.then_some(date)
}

/// The day that a text means in another form: with a time, with other signs between, without zeros, or one that its month lacks.
pub(super) fn meant_day(text: &str) -> Option<String> {
    let day = text.split(['T', 't', ' ']).find(|part| !part.is_empty())?;
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let [year, month, day] = <[&str; 3]>::try_from(parts).ok()?;
    let (month, day) = (number(month)?, number(day)?);
    if year.len() != 4 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    (1..=day).rev().map(|day| format!("{year}-{month:02}-{day:02}")).find(|text| parse_date(text).is_some())
}

/// The second of an RFC 3339 time, as `2026-05-09T14:30:00+01:00`: parts of a second are cut off, and a leap second is the one
/// before it.
pub(super) fn parse_instant(text: &str) -> Option<Instant> {
    let (day, time) = text.split_at_checked(10)?;
    let time = time.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = time.split_at_checked(8)?;
    let seconds_of = |hours: &str, minutes: &str| {
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        (hours < 24 && minutes < 60).then_some(i64::from(hours * 3600 + minutes * 60))
    };
    let [hours, minutes, seconds] = three(clock)?;
    let seconds = two(seconds).filter(|seconds| *seconds <= 60)?.min(59);
    let offset = match rest.strip_prefix('.') {
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            (offset.len() < fraction.len()).then_some(offset)?
        }
        None => rest,
    };
    let offset = match offset {
        "Z" | "z" => 0,
        signed => {
            let sign = if signed.starts_with('-') { -1 } else { 1 };
            let (hours, minutes) = signed.strip_prefix(['+', '-'])?.split_once(':')?;
            sign * seconds_of(hours, minutes)?
        }
    };
    Some(start_of(parse_date(day)?) + seconds_of(hours, minutes)? + i64::from(seconds) - offset)
}

fn three(clock: &str) -> Option<[&str; 3]> {
    let mut parts = clock.split(':');
    let all = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(all)
}

fn two(digits: &str) -> Option<u32> {
    if digits.len() == 2 { number(digits) } else { None }
}

fn number(part: &str) -> Option<u32> {
    part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_they_are() {
        for (text, expected) in [
            ("1970-01-01", Some(0)),
            ("2026-05-10", Some(20_583)),
            ("2024-02-29", Some(19_782)),
            ("0001-01-01", Some(-719_162)),
            ("9999-12-31", Some(2_932_896)),
            ("2025-02-29", None),
            ("2026-13-01", None),
            ("2026-04-31", None),
            ("2026-5-10", None),
            ("2026-05-00", None),
            ("2026-05-10Z", None),
            ("+026-05-10", None),
        ] {
            assert_eq!(parse_date(text), expected, "{text}");
        }
    }

    #[test]
    fn another_form_of_a_day_is_one() {
        for (text, expected) in [
            ("2027-02-30", Some("2027-02-28")),
            ("2026-5-9", Some("2026-05-09")),
            ("2026/05/09", Some("2026-05-09")),
            ("2026-05-09T14:30:00Z", Some("2026-05-09")),
            ("09/05/2026", None),
            ("2026-13-01", None),
            ("2026-05-00", None),
            ("May", None),
        ] {
            assert_eq!(meant_day(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn instants_are_read_as_they_are() {
        const MAY_10: i64 = 20_583 * 86_400;
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-05-10T00:00:00Z", Some(MAY_10)),
            ("2026-05-10t14:30:05z", Some(MAY_10 + 52_205)),
            ("2026-05-10T14:30:05.999999Z", Some(MAY_10 + 52_205)),
            ("2026-05-10T00:30:00+01:00", Some(MAY_10 - 1_800)),
            ("2026-05-09T23:30:00-01:00", Some(MAY_10 + 1_800)),
            ("2026-05-09T23:59:60Z", Some(MAY_10 - 1)),
            ("2026-05-10", None),
            ("2026-05-10T24:00:00Z", None),
            ("2026-05-10T14:60:00Z", None),
            ("2026-05-10T14:30:61Z", None),
            ("2026-05-10T14:30:00", None),
            ("2026-05-10T14:30:00.Z", None),
            ("2026-05-10T14:30:00+0100", None),
            ("2026-05-10T14:30Z", None),
            ("2026-05-10T14:30:+1Z", None),
            ("10/05/2026 14:30:00Z", None),
            ("2026-05-1éT14:30:00Z", None),
        ] {
            assert_eq!(parse_instant(text), expected, "{text}");
        }
    }
}
