//! What AWS takes for a session: names, tags, how long it may last.

use std::ops::RangeInclusive;

/// Shortest and longest `SessionDuration`, in seconds.
pub const DURATION: RangeInclusive<i64> = 900..=43_200;
/// `SessionDuration` where none is sent, in seconds.
pub const USUAL_DURATION: i64 = 3_600;
/// Most session tags.
pub const TAGS: usize = 50;
/// Longest key of a tag, in characters.
pub const TAG_KEY: usize = 128;
/// Longest value of a tag, in characters.
pub const TAG_VALUE: usize = 256;
/// Lengths of a session name, and of a source identity.
pub const NAME: RangeInclusive<usize> = 2..=64;

/// A character of a session name: one of `a-zA-Z_0-9+=,.@-`.
pub const fn is_of_names(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '=' | ',' | '.' | '@' | '-')
}

/// `[a-zA-Z_0-9+=,.@-]{2,64}`.
pub fn is_session_name(text: &str) -> bool {
    NAME.contains(&text.len()) && text.chars().all(is_of_names)
}

/// A session name that does not begin `aws:`.
pub fn is_source_identity(text: &str) -> bool {
    is_session_name(text) && !text.starts_with("aws:")
}

/// A character of a tag's key or value: one of `\p{L}\p{Z}\p{N}_.:/=+\-@`.
pub fn is_of_tags(c: char) -> bool {
    c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_name_is_two_to_sixty_four_of_the_characters_in_aws_s_message() {
        for name in ["ab", "nora.lind@x.test", "a_b+c=d,e-f", &"a".repeat(64)] {
            assert!(is_session_name(name), "{name}");
        }
        for name in ["", "a", "o'neil", "a b", "é@x.test", "a#b", &"a".repeat(65)] {
            assert!(!is_session_name(name), "{name}");
        }
        assert!(is_session_name("aws+x") && !is_source_identity("aws:x"));
    }
}
