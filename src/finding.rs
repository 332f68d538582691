//! What a rule reports: a finding, where it stands, and what would mend it.

use std::fmt;

use crate::text::Place;

/// Longest name, in characters, that a message shows whole.
const QUOTED: usize = 120;

/// How bad a finding is; the order is from harmless to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing, nothing to mend.
    Note,
    /// Wrong or risky, but somebody's access may still be as meant.
    Warning,
    /// Somebody does not get what was meant, or gets more.
    Error,
}

impl Severity {
    /// All severities, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Note];

    /// The severity as a word: `error`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What is known of a rule without running it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleInfo {
    /// `group/problem-name`; never used again for another problem.
    pub id: &'static str,
    /// The problem in one line.
    pub summary: &'static str,
    /// Severity of the rule's findings where nothing says otherwise.
    pub severity: Severity,
    /// First version that has the rule.
    pub since: &'static str,
    /// Why it matters, as Markdown.
    pub explanation: &'static str,
    /// What to do, as Markdown.
    pub remediation: &'static str,
    /// Addresses of what the rule stands on.
    pub references: &'static [&'static str],
}

/// A place with what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The line.
    pub place: Place,
    /// What stands there: `the Group Filter`.
    pub message: String,
}

impl Label {
    /// Says what stands at a place.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into() }
    }
}

/// A change that would mend a finding, for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FixHint {
    /// Another name for a group.
    RenameGroup {
        /// The name it has.
        from: String,
        /// The name that would do.
        to: String,
    },
}

/// One problem that a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about, such as the group's whole name: with the rule, what tells it from other findings.
    pub subject: String,
    /// What is wrong: lower case, one sentence, no full stop, input in backticks.
    pub message: String,
    /// Where it is wrong.
    pub primary: Place,
    /// What else has a part in it.
    pub related: Vec<Label>,
    /// What to do about this one.
    pub help: Vec<String>,
    /// The change that would mend it, where there is one.
    pub fix: Option<FixHint>,
}

/// Input in backticks, its middle left out if it is long.
///
/// Nothing is neutralised here: whoever writes the message does that.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = *self;
        if text.len() <= QUOTED || text.chars().count() <= QUOTED {
            return write!(f, "`{text}`");
        }
        let half = QUOTED / 2;
        let head = text.char_indices().nth(half).map_or(text.len(), |(at, _)| at);
        let tail = text.char_indices().nth_back(half - 1).map_or(0, |(at, _)| at);
        let (head, _) = text.split_at_checked(head).unwrap_or((text, ""));
        let (_, tail) = text.split_at_checked(tail).unwrap_or(("", ""));
        write!(f, "`{head}…{tail}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_order_from_harmless_to_bad() {
        assert!(Severity::Note < Severity::Warning && Severity::Warning < Severity::Error);
        assert!(Severity::ALL.is_sorted_by(|a, b| a > b));
    }

    #[test]
    fn a_short_name_is_quoted_whole() {
        assert_eq!(Quoted("aws#é").to_string(), "`aws#é`");
        let longest = "é".repeat(QUOTED);
        assert_eq!(Quoted(&longest).to_string(), format!("`{longest}`"));
    }

    #[test]
    fn a_long_name_keeps_its_start_and_its_end() {
        let name = format!("{}{}", "é".repeat(100), "z".repeat(100));
        let quoted = Quoted(&name).to_string();
        assert_eq!(quoted, format!("`{}…{}`", "é".repeat(60), "z".repeat(60)));
    }
}
