//! What a rule reports: a finding, where it stands, and what would mend it.

mod fingerprint;
mod fix;

use std::fmt;
use std::ops::Range;

pub use fingerprint::{Fingerprint, stamp};
pub use fix::{FixHint, PolicyOwner};

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
    /// Severity of the rule's findings where nothing says otherwise; a rule may compute another.
    pub severity: Severity,
    /// Whether it runs where nobody turns it on or off.
    pub on: bool,
    /// Rules whose findings explain this one's: what has the same subject is not reported again.
    pub follows: &'static [&'static str],
    /// What can be set about it in `rolecall.toml`.
    pub options: &'static [RuleOption],
    /// First version that has the rule.
    pub since: &'static str,
    /// Why it matters, as Markdown.
    pub explanation: &'static str,
    /// What to do, as Markdown.
    pub remediation: &'static str,
    /// Addresses of what the rule stands on.
    pub references: &'static [&'static str],
}

/// A number that can be set about a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleOption {
    /// Its key: `max_roles`.
    pub name: &'static str,
    /// The number where none is set.
    pub default: i64,
    /// What it means, with its unit: `roles a user may see`.
    pub meaning: &'static str,
}

/// What to underline on the line of a place: a value as the model holds it, or a part of it.
///
/// Where a line stands is known to the model, where on it a value stands only to its source: the report
/// looks the value up there, and underlines the whole line where it is spelled in another way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mark {
    /// The value; empty for the whole line.
    pub value: String,
    /// Bytes of the value; the whole of it where there is none.
    pub part: Option<Range<usize>>,
    /// Bytes of the line before which it does not stand, where that is known: a line may have it twice.
    pub from: usize,
}

/// A place with what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The line.
    pub place: Place,
    /// What to underline on it.
    pub mark: Mark,
    /// What stands there: `the Group Filter`; may be empty at the primary place.
    pub message: String,
}

impl Label {
    /// Says what stands at a place.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, mark: Mark::default(), message: message.into() }
    }

    /// Underlines a value on the line.
    #[must_use]
    pub fn mark(self, value: impl Into<String>) -> Self {
        Self { mark: Mark { value: value.into(), ..Mark::default() }, ..self }
    }

    /// Underlines bytes of a value on the line.
    #[must_use]
    pub fn mark_part(self, value: impl Into<String>, part: Range<usize>) -> Self {
        Self { mark: Mark { value: value.into(), part: Some(part), from: 0 }, ..self }
    }

    /// Looks for the value from a byte of the line on, where lines are not records of values.
    #[must_use]
    pub fn from(mut self, byte: usize) -> Self {
        self.mark.from = byte;
        self
    }
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
    /// Further subjects: a finding of a rule that this one follows, about any of them, explains it too.
    pub stems_from: Vec<String>,
    /// Further things it is about, such as the same role in other accounts: it explains what follows from it
    /// about any of them.
    pub also: Vec<String>,
    /// Where it is wrong.
    pub primary: Label,
    /// What else has a part in it.
    pub related: Vec<Label>,
    /// What to do about this one.
    pub help: Vec<String>,
    /// The change that would mend it, where there is one.
    pub fix: Option<FixHint>,
    /// What it is known by from run to run; the run gives it.
    pub fingerprint: Fingerprint,
}

impl Finding {
    /// A finding of a rule, with its usual severity and nothing beside the message.
    pub fn new(rule: &RuleInfo, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            rule: rule.id,
            severity: rule.severity,
            subject: subject.into(),
            message: message.into(),
            stems_from: Vec::new(),
            also: Vec::new(),
            primary: Label::new(Place::NOWHERE, ""),
            related: Vec::new(),
            help: Vec::new(),
            fix: None,
            fingerprint: Fingerprint::default(),
        }
    }

    /// With another severity than the rule's usual one.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// Wrong at this place.
    #[must_use]
    pub fn at(self, primary: Label) -> Self {
        Self { primary, ..self }
    }

    /// With a place that has a part in it; nowhere is no place.
    #[must_use]
    pub fn related(mut self, label: Label) -> Self {
        if label.place != Place::NOWHERE {
            self.related.push(label);
        }
        self
    }

    /// With something to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// With the change that would mend it.
    #[must_use]
    pub fn fix(self, fix: FixHint) -> Self {
        Self { fix: Some(fix), ..self }
    }

    /// About another thing too.
    #[must_use]
    pub fn also(mut self, subject: impl Into<String>) -> Self {
        self.also.push(subject.into());
        self
    }

    /// Explained too by a finding about another subject.
    #[must_use]
    pub fn stems_from(mut self, subject: impl Into<String>) -> Self {
        self.stems_from.push(subject.into());
        self
    }
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
