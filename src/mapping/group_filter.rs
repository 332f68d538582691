//! Okta's Group Filter: a Java pattern whose groups `role` and `accountid` are read from a
//! group's name.

use std::fmt;
use std::ops::Range;

use thiserror::Error;

use super::java::{self, Matcher, MatcherMemory, Outcome};

/// The filter of a new app.
pub const DEFAULT_GROUP_FILTER: &str = r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)";

/// How much of a name a filter has to match. Okta does not say which it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum MatchMode {
    /// Any part of the name (`Matcher.find`).
    #[default]
    Find,
    /// The whole name (`Matcher.matches`).
    Full,
}

/// Which engine reads names for a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// An automaton: time linear in the name.
    Linear,
    /// Bounded backtracking.
    Backtracking,
    /// None: the pattern holds something that is not modelled, and this is why.
    Undecidable(&'static str),
}

/// Why a filter text is no filter: Java refuses it, or it is over a limit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct FilterError {
    /// Byte offset in the filter text, where Java points or near it.
    pub offset: usize,
    /// What is wrong there: lower case, one sentence.
    pub message: String,
}

/// Why it cannot be said whether a name matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecided {
    /// The pattern holds something that is not modelled.
    Pattern(&'static str),
    /// The name needs more work than one name is given.
    Steps,
    /// Java releases give different answers for this name.
    Releases(&'static str),
    /// The match would begin or end within an astral character.
    SplitCharacter,
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot decide, because ")?;
        match self {
            Self::Pattern(reason) | Self::Releases(reason) => f.write_str(reason),
            Self::Steps => write!(f, "the name needs more than {} steps", java::STEP_LIMIT),
            Self::SplitCharacter => f.write_str("the match would split a surrogate pair"),
        }
    }
}

/// What a filter reads from a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading<'n> {
    /// The filter matches.
    Match(Captures<'n>),
    /// The filter does not match.
    NoMatch,
    /// It cannot be said.
    Undecided(Undecided),
}

/// The parts of a name a match captured. The other groups: [`FilterReader::group`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captures<'n> {
    /// The bytes of the name that were matched.
    pub whole: Range<usize>,
    /// What the group `role` captured; `None` when there is no such group or it took no part.
    pub role: Option<&'n str>,
    /// What the group `accountid` captured; `None` when there is no such group or it took no part.
    pub account_id: Option<&'n str>,
}

/// A Group Filter, compiled.
#[derive(Debug)]
pub struct GroupFilter {
    text: String,
    matcher: Matcher,
    role: Option<usize>,
    account_id: Option<usize>,
}

impl GroupFilter {
    /// Name of the group that captures the role.
    pub const ROLE: &'static str = "role";
    /// Name of the group that captures the account id.
    pub const ACCOUNT_ID: &'static str = "accountid";

    /// Compiles a filter in Okta's syntax (`(?{{name}}…)`), or Java's (`(?<name>…)`).
    ///
    /// A filter that cannot be decided here still parses; see [`Self::engine`].
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let pattern = java::parse(text)
            .map_err(|java::ParseError { offset, message }| FilterError { offset, message })?;
        let role = pattern.group_index(Self::ROLE);
        let account_id = pattern.group_index(Self::ACCOUNT_ID);
        Ok(Self { text: text.to_owned(), matcher: Matcher::new(pattern), role, account_id })
    }

    /// The filter as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the filter has a group of this name.
    pub fn has_capture(&self, name: &str) -> bool {
        self.pattern().group_index(name).is_some()
    }

    /// Where in the filter the group of a name stands, its parentheses included.
    pub fn capture_span(&self, name: &str) -> Option<Range<usize>> {
        let pattern = self.pattern();
        let index = pattern.group_index(name)?;
        pattern.capture_span(index)
    }

    /// The names of the filter's groups with their numbers, sorted by name.
    pub fn capture_names(&self) -> impl Iterator<Item = (&str, usize)> {
        self.pattern().group_names()
    }

    /// Which engine reads names for this filter.
    pub fn engine(&self) -> Engine {
        self.matcher.engine()
    }

    /// The parsed pattern.
    pub fn pattern(&self) -> &java::Pattern {
        self.matcher.pattern()
    }

    /// A reader with its own scratch memory: one a thread.
    pub fn reader(&self) -> FilterReader<'_> {
        FilterReader { filter: self, memory: MatcherMemory::default() }
    }
}

/// Reads names with a filter; takes no memory a name once it has seen the longest.
#[derive(Debug)]
pub struct FilterReader<'f> {
    filter: &'f GroupFilter,
    memory: MatcherMemory,
}

impl FilterReader<'_> {
    /// Reads one name.
    pub fn read<'n>(&mut self, name: &'n str, mode: MatchMode) -> Reading<'n> {
        let filter = self.filter;
        match filter.matcher.run(&mut self.memory, name, mode == MatchMode::Full) {
            Outcome::NoMatch => Reading::NoMatch,
            Outcome::Undecided(reason) => Reading::Undecided(reason),
            Outcome::Match => {
                let part = |index: Option<usize>| name.get(self.group(index?)?);
                Reading::Match(Captures {
                    whole: self.group(0).unwrap_or_default(),
                    role: part(filter.role),
                    account_id: part(filter.account_id),
                })
            }
        }
    }

    /// The bytes a group captured in the name read last, where that matched; group 0 is the whole.
    pub fn group(&self, index: usize) -> Option<Range<usize>> {
        self.memory.group(index)
    }

    /// Number of groups, the whole match not counted.
    pub fn group_count(&self) -> usize {
        self.filter.pattern().group_count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$";

    fn read<'n>(filter: &str, name: &'n str) -> Option<(Option<&'n str>, Option<&'n str>)> {
        let filter = GroupFilter::parse(filter).unwrap();
        match filter.reader().read(name, MatchMode::Find) {
            Reading::Match(captures) => Some((captures.role, captures.account_id)),
            Reading::NoMatch => None,
            Reading::Undecided(reason) => panic!("{reason}"),
        }
    }

    #[test]
    fn the_guides_filter_reads_role_and_account() {
        assert_eq!(
            read(GUIDE, "aws#prod#Admin-1#123456789012"),
            Some((Some("Admin-1"), Some("123456789012")))
        );
        assert_eq!(read(GUIDE, "aws#prod#Ops.Lead#123456789012"), None);
    }

    #[test]
    fn dollar_also_stands_before_a_final_line_end() {
        assert!(read(GUIDE, "aws#prod#Admin#123456789012\r\n").is_some());
        assert!(read(GUIDE, "aws#prod#Admin#123456789012\n\n").is_none());
    }

    #[test]
    fn digits_and_letters_are_ascii() {
        assert_eq!(read(GUIDE, "aws#prod#Admin#12345678901\u{663}"), None);
        assert_eq!(read(GUIDE, "aws#prod#Adm\u{e9}n#123456789012"), None);
    }

    #[test]
    fn a_second_group_of_a_name_is_refused_with_its_place() {
        let error = GroupFilter::parse("(?{{role}}a)(?{{role}}b)").unwrap_err();
        assert_eq!(error.message, "the group name `role` is already taken");
        assert_eq!(error.offset, 20);
    }
}
