//! Moments, as seconds since 1970: read from what people and documents write, shown in UTC.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// Seconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// Seconds of a day.
pub const DAY: i64 = 86_400;

impl Moment {
    /// Reads a date, which is its first second in UTC, or a date and time of RFC 3339 and of XML Schema,
    /// which may leave the zone out and then means UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return Some(Self(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()));
        }
        if let Ok(zoned) = DateTime::parse_from_rfc3339(text) {
            return Some(Self(zoned.timestamp()));
        }
        let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
        Some(Self(naive.and_utc().timestamp()))
    }

    /// Whole days from an earlier moment to this one; negative where it comes before.
    pub const fn days_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(DAY)
    }

    /// So many days later.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(DAY)))
    }
}

impl fmt::Display for Moment {
    /// The day where it is a day's first second, otherwise day and time: `2026-11-24T10:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(time) = DateTime::from_timestamp(self.0, 0) else {
            return write!(f, "{} s after 1970", self.0);
        };
        if self.0.rem_euclid(DAY) == 0 {
            write!(f, "{}", time.format("%Y-%m-%d"))
        } else {
            write!(f, "{}", time.format("%Y-%m-%dT%H:%M:%SZ"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_read_and_shown_in_utc() {
        let shown = |text: &str| Moment::parse(text).map(|moment| moment.to_string());
        for (text, expected) in [
            ("2026-11-24", "2026-11-24"),
            ("2026-11-24T22:03:00Z", "2026-11-24T22:03:00Z"),
            ("2026-11-24T22:03:00.5Z", "2026-11-24T22:03:00Z"),
            ("2026-11-24T23:03:00+01:00", "2026-11-24T22:03:00Z"),
            ("2026-11-24T22:03:00", "2026-11-24T22:03:00Z"),
            ("1969-12-31T00:00:00Z", "1969-12-31"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "now", "2026-13-01", "2026-02-29", "24.11.2026", "1764021780"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_counted_whole_and_a_moment_far_away_is_shown() {
        let day = Moment(10 * DAY);
        assert_eq!(day.days_since(Moment(DAY + 1)), 8);
        assert_eq!(Moment(0).days_since(day), -10);
        assert_eq!(day.plus_days(2), Moment(12 * DAY));
        assert!(Moment(i64::MAX).to_string().ends_with("after 1970"));
    }
}
