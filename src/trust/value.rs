//! Numbers, dates and addresses, compared as what they are.

use std::cmp::Ordering;
use std::net::IpAddr;

/// A decimal number of any length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: Vec<u8>,
    /// How many digits stand before the point.
    point: i64,
}

impl Decimal {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let mut digits = [whole, fraction].concat().into_bytes();
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let mut point = i64::try_from(whole.len()).ok()? + i64::from(exponent);
        while digits.pop_if(|last| *last == b'0').is_some() {}
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..zeros);
        point -= i64::try_from(zeros).ok()?;
        let zero = digits.is_empty();
        Some(Self {
            negative: !zero && mantissa.starts_with('-'),
            digits,
            point: if zero { 0 } else { point },
        })
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sign().cmp(&other.sign()).then_with(|| {
            let size = self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits));
            if self.negative { size.reverse() } else { size }
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant(i128);

impl Instant {
    /// ISO 8601 as W3C profiles it, or seconds since 1970; four digits are a year.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let seconds = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !whole.is_empty() && text.len() != 4 && digits(whole) && digits(fraction) {
            let size =
                whole.parse::<i64>().ok().map(i128::from)? * BILLION + nanoseconds(fraction)?;
            return Some(Self(if text.starts_with('-') { -size } else { size }));
        }
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let mut parts = date.split('-');
        let year = number(parts.next()?, 4)?;
        let month = parts.next().map_or(Some(1), |part| number(part, 2))?;
        let day = parts.next().map_or(Some(1), |part| number(part, 2))?;
        if parts.next().is_some() || !(1..=12).contains(&month) {
            return None;
        }
        if !(1..=days_in(year, month)).contains(&day) || (time.is_some() && date.len() != 10) {
            return None;
        }
        let midnight = i128::from(days(year, month, day)) * 86_400 * BILLION;
        Some(Self(midnight + time.map_or(Some(0), time_of_day)?))
    }
}

/// Seconds since 1970 of a moment as condition values write them: ISO 8601, or such seconds.
pub fn epoch_seconds(text: &str) -> Option<i64> {
    i64::try_from(Instant::parse(text)?.0.div_euclid(BILLION)).ok()
}

const BILLION: i128 = 1_000_000_000;

/// A number of so many digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    let fits = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

/// The digits behind a point, as nanoseconds.
fn nanoseconds(fraction: &str) -> Option<i128> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nine: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    nine.parse().ok()
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s` with a zone, without one in UTC.
fn time_of_day(text: &str) -> Option<i128> {
    let (clock, offset) = match text.find(['Z', '+', '-']) {
        Some(at) => (text.get(..at)?, zone(text.get(at..)?)?),
        None => (text, 0),
    };
    let mut parts = clock.split(':');
    let hour = number(parts.next()?, 2)?;
    let minute = number(parts.next()?, 2)?;
    let (second, fraction) = match parts.next() {
        None => (0, 0),
        Some(part) => match part.split_once('.') {
            None => (number(part, 2)?, 0),
            Some((_, "")) => return None,
            Some((second, fraction)) => (number(second, 2)?, nanoseconds(fraction)?),
        },
    };
    if parts.next().is_some() || hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    if hour == 24 && (minute, second, fraction) != (0, 0, 0) {
        return None;
    }
    Some(i128::from(hour * 3600 + minute * 60 + second - offset) * BILLION + fraction)
}

/// Seconds east of UTC.
fn zone(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let behind = text.get(1..)?;
    let (hours, minutes) = match behind.split_once(':') {
        Some(parts) => parts,
        None => behind.split_at_checked(2)?,
    };
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let size = hours * 3600 + minutes * 60;
    Some(if text.starts_with('-') { -size } else { size })
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year.div_euclid(400) * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// An address range; an address alone is a range of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(text) if (1..=3).contains(&text.len()) => {
                number(text, text.len())?.try_into().ok()?
            }
            Some(_) => return None,
        };
        (prefix <= longest).then_some(Self { address, prefix })
    }

    /// Whether an address of the same family is in the range.
    pub(super) fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differ = u32::from(own) ^ u32::from(other);
                differ.leading_zeros() >= self.prefix
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differ = u128::from(own) ^ u128::from(other);
                differ.leading_zeros() >= self.prefix
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_value_at_any_length() {
        let number = |text| Decimal::parse(text).unwrap();
        assert_eq!(number("10"), number("10.0"));
        assert_eq!(number("+.50"), number("5e-1"));
        assert_eq!(number("-0"), number("0"));
        assert!(number("9") < number("10") && number("-9") > number("-10"));
        assert!(number("9007199254740993") > number("9007199254740992"));
        assert!(number("-1") < number("0") && number("0.09") < number("0.1"));
        for bad in ["", ".", "ten", "10abc", "1e", "0x10", " 1", "1_0", "--1"] {
            assert_eq!(Decimal::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_are_instants_in_every_spelling() {
        let instant = |text| Instant::parse(text).unwrap();
        assert_eq!(instant("1795521600"), instant("2026-11-24T12:00:00Z"));
        assert_eq!(instant("2026-11-24T14:00+02:00"), instant("2026-11-24T12:00:00.000Z"));
        assert_eq!(instant("2024"), instant("2024-01-01"));
        assert_eq!(instant("2024-03"), instant("2024-02-29T24:00:00Z"));
        assert_eq!(instant("0"), instant("1970-01-01"));
        assert!(instant("-1") < instant("0") && instant("1.5") > instant("1"));
        for bad in [
            "",
            "not a date",
            "2026-11-24T12:00:*",
            "2026-02-29",
            "2026-13-01",
            "2026-11-24T",
            "2026-11-24T25:00Z",
            "2026-11-24T12:00:00.Z",
            "2026-11T12:00Z",
            "2026-11-24T12:00+2",
        ] {
            assert_eq!(Instant::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_range_holds_addresses_of_its_family_only() {
        let holds = |range, address: &str| {
            Network::parse(range).unwrap().contains(address.parse().unwrap())
        };
        assert!(holds("0.0.0.0/0", "8.8.8.8") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("::/0", "2001:db8::1") && !holds("::/0", "8.8.8.8"));
        assert!(
            holds("203.0.113.77/24", "203.0.113.1") && !holds("203.0.113.0/25", "203.0.113.128")
        );
        assert!(holds("2001:DB8:0:0::1", "2001:db8::1") && !holds("10.0.0.1", "10.0.0.2"));
        for bad in
            ["10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/", "::/129", "10.0.0/8", "x", "010.0.0.1"]
        {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
