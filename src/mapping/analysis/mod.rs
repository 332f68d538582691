//! Questions about every name a Group Filter could meet, asked of its automaton.
//!
//! An answer is a name, and the filter's own engine has read that name before it is given: the automaton
//! only guesses. No answer means that there is no such name as far as the automaton tells.

mod anchors;
pub(super) mod automaton;
pub mod compare;
pub mod escapes;
mod growth;
mod letters;
#[cfg(test)]
mod properties;
mod search;
mod splits;
#[cfg(test)]
mod tests;
pub(super) mod trail;

use std::ops::Range;

pub use anchors::Anchors;
pub use automaton::Unclear;

use super::group_filter::{FilterReader, GroupFilter, MatchMode, Reading};
use super::java::class::CharSet;
use automaton::{Automaton, Mark, StateId, showable};
use search::{Special, Wish, shortest};

/// The account in names made here, where no better one is known.
pub const ACCOUNT: &str = "123456789012";

/// How often a pump stands in a name that shows it.
const ROUNDS: usize = 30;

/// A Group Filter that can be reasoned on.
#[derive(Debug)]
pub struct Analysis<'f> {
    filter: &'f GroupFilter,
    mode: MatchMode,
    automaton: Automaton,
}

/// A name, and what the filter reads from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The name.
    pub name: String,
    /// The captured role; empty where there is none.
    pub role: String,
    /// The captured account; empty where there is none.
    pub account: String,
}

impl Witness {
    /// What a filter's engine reads from a name; `None` where it does not match, or cannot tell.
    pub fn read(reader: &mut FilterReader<'_>, name: &str, mode: MatchMode) -> Option<Self> {
        let Reading::Match(captures) = reader.read(name, mode) else { return None };
        Some(Self {
            name: name.to_owned(),
            role: captures.role.unwrap_or_default().to_owned(),
            account: captures.account_id.unwrap_or_default().to_owned(),
        })
    }
}

/// A repeated class that takes the separator behind it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The class, in bytes of the filter.
    pub class: Range<usize>,
    /// The separator, in bytes of the filter.
    pub behind: Range<usize>,
    /// The separator.
    pub separator: char,
    /// Whether the class belongs to the role or the account.
    pub captured: bool,
    /// A name in which the class takes a separator.
    pub witness: Witness,
}

/// A name with more than one way to read role and account from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ambiguity {
    /// What the filter reads.
    pub witness: Witness,
    /// Another role and account that the same filter would allow.
    pub other: (String, String),
}

/// A loop with exponentially many ways round.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// A part of the loop, in bytes of the filter.
    pub part: Range<usize>,
    /// What goes round the loop.
    pub pump: String,
    /// A name that goes round often and then does not match.
    pub name: String,
    /// How many ways there are through the filter for that name's beginning.
    pub ways: f64,
}

impl<'f> Analysis<'f> {
    /// Prepares a filter.
    pub fn new(filter: &'f GroupFilter, mode: MatchMode) -> Result<Self, Unclear> {
        Ok(Self { filter, mode, automaton: Automaton::new(filter)? })
    }

    /// What the filter's engine reads from a name; `None` where it does not match, or cannot tell.
    pub fn read(&self, name: &str) -> Option<Witness> {
        Witness::read(&mut self.filter.reader(), name, self.mode)
    }

    fn shortest(&self, wish: Wish<'_>) -> Option<Witness> {
        self.read(&shortest(&self.automaton, wish)?)
    }

    /// A short name that maps, with a twelve-digit account if it may have one.
    pub fn any(&self) -> Option<Witness> {
        let whole = Wish { account: Some(ACCOUNT), ..Wish::default() };
        self.shortest(whole).or_else(|| self.shortest(Wish::default()))
    }

    /// A name that maps to just this role and account.
    pub fn name_of(&self, role: &str, account: &str) -> Option<Witness> {
        let wish = Wish { role: Some(role), account: Some(account), special: None };
        self.shortest(wish).filter(|found| found.role == role && found.account == account)
    }

    /// A name whose captured account is not twelve digits.
    pub fn loose_account(&self) -> Option<Witness> {
        let is_loose = |found: &Witness| {
            found.account.len() != 12 || !found.account.bytes().all(|b| b.is_ascii_digit())
        };
        let lengths = ["12345678901", "1234567890123", "1"].into_iter();
        let by_length = lengths.filter_map(|account| {
            self.shortest(Wish { account: Some(account), ..Wish::default() })
        });
        let digits = CharSet::range(u32::from('0'), u32::from('9'));
        let other = digits.complement();
        let at = |id: StateId| self.automaton.mark(id).account;
        let special = Some(Special { at: &at, set: &other });
        let wish = Wish { special, ..Wish::default() };
        by_length.chain(self.shortest(wish)).find(is_loose)
    }

    /// The characters that may stand in the captured role.
    pub fn role_characters(&self) -> CharSet {
        let takes = self.automaton.takes().filter(|&id| self.automaton.mark(id).role);
        takes
            .filter_map(|id| self.automaton.set(id))
            .fold(CharSet::empty(), |all, set| all.union(set))
    }

    /// Where in the filter the class stands that takes most characters of the role.
    pub fn role_class(&self) -> Option<Range<usize>> {
        self.widest(|mark| mark.role)
    }

    /// Where in the filter the class stands that takes most characters of the account.
    pub fn account_class(&self) -> Option<Range<usize>> {
        self.widest(|mark| mark.account)
    }

    fn widest(&self, within: impl Fn(Mark) -> bool) -> Option<Range<usize>> {
        let takes = self.automaton.takes().filter(|&id| within(self.automaton.mark(id)));
        let size = |set: &CharSet| -> u64 {
            set.ranges().iter().map(|&(first, last)| u64::from(last - first) + 1).sum()
        };
        self.span(takes.max_by_key(|&id| self.automaton.set(id).map_or(0, size))?)
    }

    /// A name whose captured role has a character of `set`.
    pub fn role_with(&self, set: &CharSet) -> Option<Witness> {
        let at = |id: StateId| self.automaton.mark(id).role;
        let found = self.with_special(&at, set)?;
        found.role.chars().any(|c| set.contains(u32::from(c))).then_some(found)
    }

    fn with_special(&self, at: &dyn Fn(StateId) -> bool, set: &CharSet) -> Option<Witness> {
        let wish = Wish { special: Some(Special { at, set }), ..Wish::default() };
        let whole = self.shortest(Wish { account: Some(ACCOUNT), ..wish });
        whole.or_else(|| self.shortest(wish))
    }

    fn span(&self, id: StateId) -> Option<Range<usize>> {
        let node = self.automaton.mark(id).node?;
        Some(self.filter.pattern().node(node).span.clone())
    }

    /// Names that match only because the filter is not tied to the ends of a name, made from real names
    /// and from short ones. `None` where that cannot be told.
    pub fn missing_anchors(&self, real: &[&str]) -> Option<Anchors> {
        let through = |id: StateId| {
            let at = move |other: StateId| other == id;
            Some(self.with_special(&at, self.automaton.set(id)?)?.name)
        };
        let mut short: Vec<String> = self.any().map(|found| found.name).into_iter().collect();
        short.extend(self.automaton.takes().take(64).filter_map(through));
        short.dedup();
        anchors::missing(self.filter, real.iter().copied().chain(short.iter().map(String::as_str)))
    }

    /// Classes that take the separator behind them, by their place.
    pub fn overlaps(&self) -> Vec<Overlap> {
        let mut found: Vec<Overlap> = Vec::new();
        for id in self.automaton.takes().filter(|&id| self.automaton.mark(id).varies) {
            for overlap in self.overlaps_of(id) {
                let known = found.iter().any(|known| {
                    (&known.class, known.separator) == (&overlap.class, overlap.separator)
                });
                if !known {
                    found.push(overlap);
                }
            }
        }
        found.sort_by_key(|overlap| (overlap.class.start, overlap.behind.start));
        found
    }

    fn overlaps_of(&self, id: StateId) -> Vec<Overlap> {
        let (mark, Some(set)) = (self.automaton.mark(id), self.automaton.set(id)) else {
            return Vec::new();
        };
        let automaton::State::Take(_, next) = self.automaton.state(id) else { return Vec::new() };
        let of = |other: StateId| {
            let separator = literal(self.automaton.set(other)?)?;
            let is_behind = self.automaton.mark(other).node != mark.node;
            let taken = set.contains(u32::from(separator)) && literal(set).is_none();
            if !is_behind || !taken {
                return None;
            }
            let at = move |state: StateId| state == id;
            let witness = self.with_special(&at, &CharSet::single(u32::from(separator)))?;
            Some(Overlap {
                class: self.span(id)?,
                behind: self.span(other)?,
                separator,
                captured: mark.role || mark.account,
                witness,
            })
        };
        self.automaton.behind(*next).into_iter().filter_map(|(other, _)| of(other)).collect()
    }

    /// Every role and account that could be read from the whole of a name, whatever the filter prefers;
    /// `None` where there are too many ways to follow.
    pub fn splits(&self, name: &str) -> Option<Vec<(String, String)>> {
        splits::splits(&self.automaton, name)
    }

    /// The shortest name with more than one way to read it.
    pub fn ambiguity(&self) -> Option<Ambiguity> {
        let witness = self.read(&splits::ambiguous(&self.automaton)?)?;
        let splits = self.splits(&witness.name)?;
        let own = (witness.role.clone(), witness.account.clone());
        let other = splits.iter().find(|&split| *split != own)?.clone();
        splits.contains(&own).then_some(Ambiguity { witness, other })
    }

    /// A loop that a backtracking engine can go round in exponentially many ways.
    pub fn growth(&self) -> Result<Option<Growth>, Unclear> {
        let Some(pump) = growth::exponential(&self.automaton) else { return Ok(None) };
        if self.automaton.holds_on {
            return Err(Unclear::NothingGivenBack);
        }
        let beginning = format!("{}{}", pump.before, pump.text.repeat(ROUNDS));
        let ways = growth::ways(&self.automaton, &beginning);
        let mut names = ["!", " ", "é", "\u{7}"].map(|end| format!("{beginning}{end}")).into_iter();
        let name = names.find(|name| self.read(name).is_none());
        let part = self.span(pump.state);
        Ok(part.zip(name).map(|(part, name)| Growth { part, pump: pump.text, name, ways }))
    }
}

/// The one character of a set, where it is no letter or digit: what separates parts of a name.
fn literal(set: &CharSet) -> Option<char> {
    let &[(first, last)] = set.ranges() else { return None };
    let only = (first == last).then(|| char::from_u32(first)).flatten()?;
    (!only.is_alphanumeric() && showable(set) == Some(only)).then_some(only)
}
