//! How much is read of an input before it is refused: the defaults, and what raises them.

use std::fmt;

/// Largest file that is read record by record (CSV, LDIF, JSON Lines).
pub const FILE: usize = 2 << 30;
/// Largest file, or record with its members, that is held at once.
pub const TREE_FILE: usize = 256 << 20;
/// Largest CSV record, and LDIF entry or JSON record without its lists.
pub const RECORD: usize = 1 << 20;
/// Largest value.
pub const VALUE: usize = 64 << 10;
/// Deepest nesting of JSON, read or passed over.
pub const JSON_DEPTH: usize = 128;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`FILE`].
    File,
    /// [`TREE_FILE`].
    TreeFile,
    /// [`RECORD`].
    Record,
    /// [`VALUE`].
    Value,
    /// [`JSON_DEPTH`].
    JsonDepth,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 5] =
        [Self::File, Self::TreeFile, Self::Record, Self::Value, Self::JsonDepth];

    /// Every name, in the order of [`Self::ALL`].
    pub const NAMES: [&str; 5] = ["file", "tree-file", "record", "value", "json-depth"];

    /// Name on the command line and in `rolecall.toml`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::TreeFile => "tree-file",
            Self::Record => "record",
            Self::Value => "value",
            Self::JsonDepth => "json-depth",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|limit| limit.as_str() == name)
    }

    /// A value of this limit: a size such as `4MiB`, or a number of levels. What was expected, where the
    /// text is none.
    pub fn value(self, text: &str) -> Result<usize, &'static str> {
        if self == Self::JsonDepth {
            return text.parse().ok().filter(|&levels| levels > 0).ok_or("a number of levels");
        }
        size(text).filter(|&bytes| bytes > 0).ok_or("a size such as `65536`, `64KiB` or `4MiB`")
    }
}

/// Bytes of `65536`, `64KiB`, `4MiB` or `1GiB`.
fn size(text: &str) -> Option<usize> {
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("B", 0)];
    let (digits, shift) = units
        .into_iter()
        .find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, shift)))
        .unwrap_or((text, 0));
    let digits = digits.trim_end();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<usize>().ok()?.checked_mul(1 << shift)
}

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// [`Limit::File`].
    pub file: usize,
    /// [`Limit::TreeFile`].
    pub tree_file: usize,
    /// [`Limit::Record`].
    pub record: usize,
    /// [`Limit::Value`].
    pub value: usize,
    /// [`Limit::JsonDepth`].
    pub json_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: FILE,
            tree_file: TREE_FILE,
            record: RECORD,
            value: VALUE,
            json_depth: JSON_DEPTH,
        }
    }
}

impl Limits {
    /// Sets one limit.
    pub const fn set(&mut self, limit: Limit, value: usize) {
        match limit {
            Limit::File => self.file = value,
            Limit::TreeFile => self.tree_file = value,
            Limit::Record => self.record = value,
            Limit::Value => self.value = value,
            Limit::JsonDepth => self.json_depth = value,
        }
    }
}

/// Something over a limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} of more than {allowed} {}, expected {expected}; {}", self.unit(), Raise { limit: *limit, allowed: *allowed })]
pub struct OverLimit {
    /// What is over it, with its article.
    pub what: String,
    /// The limit.
    pub limit: Limit,
    /// What it allows.
    pub allowed: usize,
    /// What was expected.
    pub expected: &'static str,
}

impl OverLimit {
    /// Something that is larger than allowed.
    pub fn new(what: impl Into<String>, limit: Limit, allowed: usize) -> Self {
        let expected = match limit {
            Limit::Record => "it to end before",
            _ => "fewer",
        };
        Self { what: what.into(), limit, allowed, expected }
    }

    const fn unit(&self) -> &'static str {
        if matches!(self.limit, Limit::JsonDepth) { "levels" } else { "bytes" }
    }
}

/// Says what allows more.
struct Raise {
    limit: Limit,
    allowed: usize,
}

impl fmt::Display for Raise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = self.allowed.saturating_mul(2);
        write!(f, "`--limit {}=", self.limit.as_str())?;
        match more {
            _ if self.limit == Limit::JsonDepth => write!(f, "{more}")?,
            _ if more.is_multiple_of(1 << 30) => write!(f, "{}GiB", more >> 30)?,
            _ if more.is_multiple_of(1 << 20) => write!(f, "{}MiB", more >> 20)?,
            _ if more.is_multiple_of(1 << 10) => write!(f, "{}KiB", more >> 10)?,
            _ => write!(f, "{more}")?,
        }
        f.write_str("` allows more")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_bytes_or_carry_a_unit() {
        let read = |text| Limit::Record.value(text).ok();
        for (text, bytes) in
            [("65536", 65536), ("64KiB", 65536), ("4MiB", 4 << 20), ("3GiB", 3 << 30), ("9B", 9)]
        {
            assert_eq!(read(text), Some(bytes), "{text}");
        }
        for text in ["", "0", "MiB", "4MB", "-1", "+4", "4.5MiB", "99999999999999999999", "1 x"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Limit::JsonDepth.value("200"), Ok(200));
        assert_eq!(Limit::JsonDepth.value("2KiB"), Err("a number of levels"));
    }

    #[test]
    fn every_name_is_read_back_and_set() {
        assert_eq!(Limit::ALL.map(Limit::as_str), Limit::NAMES);
        for limit in Limit::ALL {
            assert_eq!(Limit::parse(limit.as_str()), Some(limit));
            let mut limits = Limits::default();
            limits.set(limit, 7);
            assert_ne!(limits, Limits::default());
        }
    }

    #[test]
    fn what_is_over_a_limit_says_what_allows_more() {
        assert_eq!(
            OverLimit::new("a record", Limit::Record, RECORD).to_string(),
            "a record of more than 1048576 bytes, expected it to end before; `--limit record=2MiB` allows more"
        );
        assert_eq!(
            OverLimit::new("JSON", Limit::JsonDepth, 128).to_string(),
            "JSON of more than 128 levels, expected fewer; `--limit json-depth=256` allows more"
        );
    }
}
