//! UTC time in whole seconds, and calendar dates. Validity is half-open: `[from, until)`.

use jiff::{SignedDuration, Span, Timestamp, civil, fmt::temporal::DateTimeParser};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};

/// Seconds in a day; UTC as the daemon keeps it has no leap seconds (POSIX time).
pub const DAY_SECONDS: i64 = 86_400;

/// A moment in UTC, in whole seconds since 1970-01-01T00:00:00Z. A fraction of a second is cut off when parsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A calendar date in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

/// The text is neither a date nor an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time: write a date as 2026-05-09 or an instant as 2026-05-09T14:30:00Z (RFC 3339)")]
pub struct NotATime(pub String);

impl Instant {
    /// The earliest instant that an attestation can name: 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_135_596_800);
    /// The latest instant that an attestation can name: 9999-12-31T23:59:59Z, which registers write for "without end". It
    /// is the end of the calendar, 26 hours after that of `jiff`'s own timestamps.
    pub const MAX: Self = Self(253_402_300_799);

    /// The instant `seconds` after 1970-01-01T00:00:00Z, clamped to the range of the calendar.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0
    }

    /// The present time by the wall clock. Only the edges of the daemon call this; everything else takes the time as an argument.
    #[must_use]
    pub fn now() -> Self {
        Self(Timestamp::now().as_second())
    }

    /// This instant moved by `seconds`, clamped to the range of the calendar.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_unix_seconds(self.0.saturating_add(seconds))
    }

    /// This instant moved by whole days.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days.saturating_mul(DAY_SECONDS))
    }

    /// The day of this instant, in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        Date(civil::date(1970, 1, 1).saturating_add(SignedDuration::from_secs(self.midnight().0)))
    }

    /// 00:00 of the day of this instant.
    #[must_use]
    pub fn midnight(self) -> Self {
        Self(self.0 - self.0.rem_euclid(DAY_SECONDS))
    }

    /// Parses the start of something: a date means its 00:00.
    ///
    /// # Errors
    /// [`NotATime`] when the text is neither a date nor an RFC 3339 instant.
    pub fn parse_start(text: &str) -> Result<Self, NotATime> {
        if text.len() == 10 { Ok(text.parse::<Date>()?.start()) } else { text.parse() }
    }

    /// Parses the end of something, exclusive: a date means the 00:00 after it.
    ///
    /// # Errors
    /// [`NotATime`] when the text is neither a date nor an RFC 3339 instant.
    pub fn parse_end(text: &str) -> Result<Self, NotATime> {
        if text.len() == 10 { Ok(text.parse::<Date>()?.end()) } else { text.parse() }
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.0 - self.midnight().0;
        write!(f, "{}T{:02}:{:02}:{:02}Z", self.date(), second / 3600, second / 60 % 60, second % 60)
    }
}

impl FromStr for Instant {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        static PARSER: DateTimeParser = DateTimeParser::new();
        let refuse = || NotATime(text.to_owned());
        let pieces = PARSER.parse_pieces(text).map_err(|_| refuse())?;
        let (time, offset) = pieces.time().zip(pieces.to_numeric_offset()).ok_or_else(refuse)?;
        let minute = i64::from(time.hour()) * 60 + i64::from(time.minute());
        let second = minute * 60 + i64::from(time.second()) - i64::from(offset.seconds());
        Ok(Self::from_unix_seconds(Date(pieces.date()).days_since_1970() * DAY_SECONDS + second))
    }
}

impl Date {
    /// The date of a year, month and day, if the calendar has it.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().map(Self)
    }

    /// 00:00 of this day; [`Instant::MAX`] where the calendar of instants has ended.
    #[must_use]
    pub fn start(self) -> Instant {
        Instant::from_unix_seconds(self.days_since_1970() * DAY_SECONDS)
    }

    /// 00:00 of the next day: where something that expires on this date ends.
    #[must_use]
    pub fn end(self) -> Instant {
        self.start().plus_days(1)
    }

    /// Whole days since 1970-01-01.
    #[must_use]
    pub fn days_since_1970(self) -> i64 {
        i64::from((self.0 - civil::date(1970, 1, 1)).get_days())
    }

    /// The date `months` later; a day that the month lacks becomes its last (2024-02-29 + 12 = 2025-02-28).
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        Self(self.0.saturating_add(Span::new().months(months)))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Date {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let refuse = || NotATime(text.to_owned());
        if text.len() != 10 {
            return Err(refuse());
        }
        text.parse().map(Self).map_err(|_| refuse())
    }
}

macro_rules! serde_as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    };
}
serde_as_text!(Instant);
serde_as_text!(Date);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Compares with `jiff`'s own timestamps, within their range.
        #[test]
        fn instants_are_those_of_the_calendar(second in -62_135_596_800_i64..=253_402_207_200) {
            let timestamp = Timestamp::from_second(second).expect("within its range");
            let at = Instant::from_unix_seconds(second);
            prop_assert_eq!(at.to_string(), timestamp.to_string());
            prop_assert_eq!(at.date().to_string(), timestamp.to_string()[..10].to_owned());
            prop_assert_eq!(timestamp.to_string().parse(), Ok(at));
            prop_assert_eq!(at.date().start(), at.midnight());
        }
    }

    #[test]
    fn a_date_means_its_start_or_its_end() {
        let shown = |text: Result<Instant, NotATime>| text.map_or_else(|error| error.to_string(), |at| at.to_string());
        assert_eq!(shown(Instant::parse_start("2026-05-09")), "2026-05-09T00:00:00Z");
        assert_eq!(shown(Instant::parse_end("2026-05-09")), "2026-05-10T00:00:00Z");
        assert_eq!(shown(Instant::parse_end("2026-05-09T12:00:00.9+01:00")), "2026-05-09T11:00:00Z");
        assert_eq!(shown(Instant::parse_end("1969-12-31T23:59:59.5Z")), "1969-12-31T23:59:59Z");
        assert!(shown(Instant::parse_start("2026-02-30")).contains("is not a time: write"));
    }

    /// The instant that registers write for "without end", and those before it.
    #[test]
    fn the_calendar_ends_with_its_last_second() {
        let shown = |text: &str| text.parse::<Instant>().map_or_else(|error| error.to_string(), |at| at.to_string());
        for (text, expected) in [
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59Z"),
            ("9999-12-31T00:00:00+00:00", "9999-12-31T00:00:00Z"),
            ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z"),
            ("9999-12-30T22:00:01Z", "9999-12-30T22:00:01Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
            ("2026-05-09t12:00:00z", "2026-05-09T12:00:00Z"),
            ("2024-02-29T23:59:60Z", "2024-02-29T23:59:59Z"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
        for text in
            ["2026-05-09T12:00:00", "2026-05-09", "10000-01-01T00:00:00Z", "2026-05-09T25:00:00Z", "12:00:00Z", ""]
        {
            assert!(shown(text).contains("is not a time"), "{text}: {}", shown(text));
        }
        assert_eq!(Instant::parse_end("9999-12-31").map(|end| end.to_string()).as_deref(), Ok("9999-12-31T23:59:59Z"));
        assert_eq!(
            (Instant::MAX.date().to_string().as_str(), Instant::MIN.to_string().as_str()),
            ("9999-12-31", "0001-01-01T00:00:00Z")
        );
    }

    #[test]
    fn adding_months_clamps() {
        let plus = |date: &str, months| date.parse::<Date>().map(|date| date.plus_months(months).to_string());
        assert_eq!(plus("2024-02-29", 12).as_deref(), Ok("2025-02-28"));
        assert_eq!(plus("2025-11-30", 3).as_deref(), Ok("2026-02-28"));
    }
}
