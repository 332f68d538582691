//! Whether two filters read every name alike, and names that they do not.
//!
//! A naming grammar is compared to a filter in the same way: its automaton comes from the grammar itself.
//!
//! Names are of one line: `$` is the end.

mod search;

use std::cell::RefCell;
use std::fmt;
use std::fmt::Write as _;

use super::super::grammar::{GrammarReader, NamingGrammar, Part};
use super::super::group_filter::{GroupFilter, MatchMode};
use super::super::java::Pattern;
use super::super::java::ast::{Assertion, Group, Kind, NodeId};
use super::automaton::{Automaton, State, Unclear};
use super::{Analysis, Witness};
use search::{Search, Side};

/// Most states of a filter that is compared.
const STATES: usize = 100_000;

/// Most pairs of lists that are looked at.
const PLACES: usize = 30_000;

/// The same where one is a grammar, which never has more than one thread worth following.
const GRAMMAR_PLACES: usize = 300_000;

/// How two filters differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Whether they do.
    pub verdict: Verdict,
    /// Names that they read otherwise: one that only the first matches, one that only the second does, one
    /// from which they read another role or account; as far as there are such.
    pub names: Vec<ReadTwice>,
}

/// Whether two filters read every name of one line alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// They do.
    Equivalent,
    /// They do not.
    Different,
    /// It cannot be told.
    Undecided(Why),
}

/// Why it cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// One of the filters cannot be reasoned on.
    Unclear(Unclear),
    /// One asks for word boundaries.
    WordBoundary,
    /// One captures within a repetition.
    RepeatedCapture,
    /// There is too much to look at.
    TooMuch,
    /// The automata differ about a name, and the filters themselves do not.
    Unproven,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unclear(unclear) => return unclear.fmt(f),
            Self::WordBoundary => {
                "cannot decide, because the Group Filter asks for word boundaries"
            }
            Self::RepeatedCapture => {
                "cannot decide, because the Group Filter captures within a repetition"
            }
            Self::TooMuch => "cannot decide, because there is too much to look at",
            Self::Unproven => "cannot decide, because no name was found that shows a difference",
        })
    }
}

/// A name as two filters read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadTwice {
    /// The name.
    pub name: String,
    /// What the first reads; `None` where it does not match.
    pub old: Option<Witness>,
    /// What the second reads.
    pub new: Option<Witness>,
}

impl ReadTwice {
    /// What both filters' own engines read from a name, where that is not the same.
    pub fn of(old: &Analysis<'_>, new: &Analysis<'_>, name: &str) -> Option<Self> {
        let (one, other) = (old.read(name), new.read(name));
        (one != other).then(|| Self { name: name.to_owned(), old: one, new: other })
    }
}

/// Compares two filters.
pub fn compare(
    (old, old_mode): (&GroupFilter, MatchMode),
    (new, new_mode): (&GroupFilter, MatchMode),
) -> Comparison {
    let automaton = |filter| Automaton::within(filter, STATES);
    let prepared = automaton(old).and_then(|one| Ok((one, automaton(new)?)));
    let (one, other) = match prepared {
        Ok(both) => both,
        Err(unclear) => return undecided(Why::Unclear(unclear)),
    };
    if let Some(why) = objection(old, &one).or_else(|| objection(new, &other)) {
        return undecided(why);
    }
    let (read_old, read_new) = (reading(old, old_mode), reading(new, new_mode));
    let old = Side { automaton: &one, mode: old_mode, read: &read_old };
    let new = Side { automaton: &other, mode: new_mode, read: &read_new };
    Search::new(&old, &new, PLACES).run()
}

/// Compares a grammar, as what was, to a filter.
pub fn compare_grammar(
    grammar: &NamingGrammar,
    (filter, mode): (&GroupFilter, MatchMode),
) -> Comparison {
    let automaton = match Automaton::within(filter, STATES) {
        Ok(automaton) => automaton,
        Err(unclear) => return undecided(Why::Unclear(unclear)),
    };
    if let Some(why) = objection(filter, &automaton) {
        return undecided(why);
    }
    let reader = RefCell::new(GrammarReader::new(grammar));
    let own = reader.borrow().automaton().clone();
    let read_grammar = |name: &str| grammar_witness(&mut reader.borrow_mut(), name);
    let read_filter = reading(filter, mode);
    let old = Side { automaton: &own, mode: MatchMode::Full, read: &read_grammar };
    let new = Side { automaton: &automaton, mode, read: &read_filter };
    Search::new(&old, &new, GRAMMAR_PLACES).run()
}

/// What a grammar reads from a name.
pub fn grammar_witness(reader: &mut GrammarReader<'_>, name: &str) -> Option<Witness> {
    let read = reader.read(name)?;
    let part = |part| read.text(name, part).unwrap_or_default().to_owned();
    Some(Witness { name: name.to_owned(), role: part(Part::Role), account: part(Part::AccountId) })
}

/// A filter that captures this role and account alone, whatever else a name has.
pub fn narrowed(filter: &GroupFilter, role: &str, account: &str) -> Option<GroupFilter> {
    let mut parts = [(GroupFilter::ROLE, role), (GroupFilter::ACCOUNT_ID, account)]
        .map(|(name, value)| Some((filter.capture_span(name)?, name, value)));
    parts.sort_by_key(|part| part.as_ref().map(|part| part.0.start));
    let mut text = String::new();
    let mut from = 0;
    for (span, name, value) in parts.into_iter().flatten() {
        text.push_str(filter.text().get(from..span.start)?);
        // Writing to memory cannot fail.
        let _ = write!(text, "(?{{{{{name}}}}}{})", literal(value));
        from = span.end;
    }
    text.push_str(filter.text().get(from..)?);
    GroupFilter::parse(&text).ok()
}

/// A text as a pattern that takes it alone.
fn literal(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        if !c.is_alphanumeric() {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

const fn undecided(why: Why) -> Comparison {
    Comparison { verdict: Verdict::Undecided(why), names: Vec::new() }
}

/// What a filter's own engine reads.
fn reading(filter: &GroupFilter, mode: MatchMode) -> impl Fn(&str) -> Option<Witness> {
    let reader = RefCell::new(filter.reader());
    move |name: &str| Witness::read(&mut reader.borrow_mut(), name, mode)
}

/// Why a filter cannot be run as a list of threads.
fn objection(filter: &GroupFilter, automaton: &Automaton) -> Option<Why> {
    if automaton.holds_on {
        return Some(Why::Unclear(Unclear::NothingGivenBack));
    }
    let boundary = |state: &State| matches!(state, State::Check(Assertion::WordBoundary { .. }, _));
    if automaton.states.iter().any(boundary) {
        return Some(Why::WordBoundary);
    }
    let pattern = filter.pattern();
    captures_within(pattern, pattern.root(), false).then_some(Why::RepeatedCapture)
}

/// Whether role or account are captured within a repetition.
fn captures_within(pattern: &Pattern, at: NodeId, repeated: bool) -> bool {
    let wanted = [GroupFilter::ROLE, GroupFilter::ACCOUNT_ID].map(|name| pattern.group_index(name));
    match &pattern.node(at).kind {
        Kind::Concat(parts) | Kind::Alternate(parts) => {
            parts.iter().any(|&part| captures_within(pattern, part, repeated))
        }
        Kind::Group(Group::Capture { index, .. }, _)
            if repeated && wanted.contains(&Some(*index)) =>
        {
            true
        }
        Kind::Group(_, body) => captures_within(pattern, *body, repeated),
        Kind::Repeat(_, body) => captures_within(pattern, *body, true),
        _ => false,
    }
}
