//! Windows security identifiers (MS-DTYP 2.4.2).

use std::fmt::Write as _;

/// `S-1-…` from text or from the binary form.
pub(super) fn parse(value: &[u8]) -> Option<String> {
    if value.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"S-")) {
        let text = std::str::from_utf8(value).ok()?.trim();
        let numbers = text.get(2..)?;
        let fits = numbers.split('-').all(|number| number.parse::<u64>().is_ok());
        return (fits && numbers.contains('-')).then(|| format!("S-{numbers}"));
    }
    from_binary(value)
}

/// Revision, count, a 48-bit authority (big endian), then so many 32-bit numbers (little endian).
fn from_binary(value: &[u8]) -> Option<String> {
    let (&[revision, count], rest) = value.split_first_chunk::<2>()?;
    let (authority, rest) = rest.split_first_chunk::<6>()?;
    let (numbers, tail) = rest.as_chunks::<4>();
    if revision != 1 || numbers.len() != usize::from(count) || !tail.is_empty() {
        return None;
    }
    let authority = authority.iter().fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
    let mut text = format!("S-1-{authority}");
    for number in numbers {
        let _ = write!(text, "-{}", u32::from_le_bytes(*number));
    }
    Some(text)
}

/// The SID of the group with this relative id in the domain of an account.
pub(super) fn sibling(account: &str, relative: u32) -> Option<String> {
    let (domain, _) = account.rsplit_once('-')?;
    Some(format!("{domain}-{relative}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_and_text_are_the_same_identifier() {
        let mut binary = vec![1, 5, 0, 0, 0, 0, 0, 5];
        for number in [21_u32, 891_245_851, 973_874_301, 4_143_834_481, 1106] {
            binary.extend(number.to_le_bytes());
        }
        let text = "S-1-5-21-891245851-973874301-4143834481-1106";
        assert_eq!(parse(&binary).as_deref(), Some(text));
        assert_eq!(parse(text.as_bytes()).as_deref(), Some(text));
        assert_eq!(parse(b"s-1-5-32-545").as_deref(), Some("S-1-5-32-545"));
    }

    #[test]
    fn anything_else_is_none() {
        for value in [
            &b""[..],
            b"S-",
            b"S-1",
            b"S-1-x",
            b"\x01\x02\0\0\0\0\0\x05\x15\0\0\0",
            b"\x02\0\0\0\0\0\0\x05",
        ] {
            assert_eq!(parse(value), None, "{value:?}");
        }
    }

    #[test]
    fn the_primary_group_is_in_the_accounts_domain() {
        assert_eq!(sibling("S-1-5-21-1-2-3-1106", 513).as_deref(), Some("S-1-5-21-1-2-3-513"));
        assert_eq!(sibling("", 513), None);
    }
}
