//! What is known of each file that was read, beside what it says.

use crate::text::SourceId;

/// A file as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Export {
    /// The file.
    pub source: SourceId,
    /// Whether it is a table (CSV), which spreadsheets and code pages spoil.
    pub is_table: bool,
    /// How its characters are written.
    pub encoding: TextEncoding,
    /// When it was made or changed, in seconds since 1970, where that is known.
    pub made: Option<i64>,
    /// How many users, groups and app assignments it states.
    pub records: usize,
    /// Numbers of records at which the program that exports ends a page, or stops.
    pub page_limits: &'static [usize],
    /// Numbers of members at which it ends a page of one group's list.
    pub member_limits: &'static [usize],
}

/// How the characters of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextEncoding {
    /// UTF-8 without a byte order mark.
    #[default]
    Utf8,
    /// UTF-8 behind a byte order mark.
    MarkedUtf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// As the user said.
    Told,
}

impl Export {
    /// When the export was made, in seconds since 1970: the day in its name, else when the file was made.
    ///
    /// The name comes first because a checkout gives every file its own time.
    pub fn time(&self, name: &str) -> Option<i64> {
        day_in_name(name).or(self.made)
    }
}

const DAY: i64 = 86_400;

/// The last day a file's name states, as the seconds at which it begins in UTC: `2026-11-24`, `20261124`.
pub fn day_in_name(name: &str) -> Option<i64> {
    let digits: Vec<&str> = name.split(|c: char| !c.is_ascii_digit()).collect();
    let joined = digits.iter().rev().filter(|piece| piece.len() == 8).find_map(|piece| {
        let (year, rest) = piece.split_at_checked(4)?;
        let (month, day) = rest.split_at_checked(2)?;
        start_of(year, month, day)
    });
    let parted = || {
        digits.windows(3).rev().find_map(|parts| match parts {
            [year, month, day] => start_of(year, month, day),
            _ => None,
        })
    };
    joined.or_else(parted)
}

/// The second at which a day of the Gregorian calendar begins; `None` where there is no such day.
fn start_of(year: &str, month: &str, day: &str) -> Option<i64> {
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    let (year, month, day): (i64, i64, i64) =
        (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1970..2100).contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    // Years that begin in March have their leap day at the end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some((days - 719_468) * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_in_a_name_is_the_exports() {
        assert_eq!(day_in_name("users-1970-01-02.csv"), Some(DAY));
        assert_eq!(day_in_name("2024-02-29/users_20260301.csv"), Some(1_772_323_200));
        assert_eq!(day_in_name("2024-02-29/users.csv"), Some(1_709_164_800));
        assert_eq!(day_in_name("a_2024_12_31_b"), Some(1_735_603_200));
    }

    #[test]
    fn what_is_no_day_is_none() {
        for name in [
            "",
            "users.csv",
            "418830275916-roles.json",
            "2026-02-29",
            "2026-13-01",
            "20261301",
            "2026-1-2",
        ] {
            assert_eq!(day_in_name(name), None, "{name}");
        }
    }
}
