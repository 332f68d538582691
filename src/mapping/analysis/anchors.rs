//! What a filter matches only because it is not tied to the start or the end of a name.

use super::super::group_filter::{GroupFilter, MatchMode, Reading};

/// What may stand before a name that the filter matches.
const BEFORE: [&str; 4] = ["x", "not-", "#", " "];
/// What may stand behind it.
const BEHIND: [&str; 6] = ["x", "-x", "#x", ".x", " x", "é"];

/// Names that a filter matches, and would not with an anchor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Anchors {
    /// One that it would not match with `^`.
    pub start: Option<String>,
    /// One that it would not match with `$`.
    pub end: Option<String>,
}

impl Anchors {
    /// Whether the filter is tied to both ends as far as can be told.
    pub fn is_tied(&self) -> bool {
        self.start.is_none() && self.end.is_none()
    }
}

/// Tries names around `seeds`, which the filter should match. `None` where the filter cannot be taken
/// as a part of another.
pub(super) fn missing<'n>(
    filter: &GroupFilter,
    seeds: impl IntoIterator<Item = &'n str>,
) -> Option<Anchors> {
    let text = filter.text();
    let tied = |before: &str, behind: &str| {
        let tied = GroupFilter::parse(&format!("{before}(?:{text}){behind}")).ok()?;
        (tied.pattern().group_count() == filter.pattern().group_count()).then_some(tied)
    };
    let (start, end) = (tied(r"\A", "")?, tied("", r"\z")?);
    let (mut free, mut at_start, mut at_end) = (filter.reader(), start.reader(), end.reader());
    let mut found = Anchors::default();
    for seed in seeds {
        let mut differs = |name: &str, tied: &mut super::super::group_filter::FilterReader<'_>| {
            matches!(free.read(name, MatchMode::Find), Reading::Match(_))
                && tied.read(name, MatchMode::Find) == Reading::NoMatch
        };
        if found.start.is_none() {
            let mut names = BEFORE.iter().map(|before| format!("{before}{seed}"));
            found.start = names.find(|name| differs(name, &mut at_start));
        }
        if found.end.is_none() {
            let mut names = BEHIND.iter().map(|behind| format!("{seed}{behind}"));
            found.end = names.find(|name| differs(name, &mut at_end));
        }
        if found.start.is_some() && found.end.is_some() {
            break;
        }
    }
    Some(found)
}
