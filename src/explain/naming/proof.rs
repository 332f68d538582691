//! Whether a grammar and its Group Filter take the same names: those there are, and every other.

use std::collections::BTreeSet;

use crate::mapping::analysis::Witness;
use crate::mapping::analysis::compare::{
    Comparison, ReadTwice, Verdict, compare_grammar, grammar_witness,
};
use crate::mapping::grammar::{GrammarReader, NamingGrammar};
use crate::mapping::group_filter::{GroupFilter, MatchMode};
use crate::model::directory::Directory;

/// Names that are given, before the rest is counted.
const SHOWN: usize = 10;

/// A filter held against the grammar that it is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The filter.
    pub filter: String,
    /// The names of the groups there are.
    pub real: Real,
    /// Every name there could be: the grammar, and then the filter.
    pub every: Comparison,
}

/// The names of the groups there are, read in two ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Real {
    /// How many there are.
    pub names: usize,
    /// How many of them the grammar has.
    pub obey: usize,
    /// How many are read otherwise by the filter.
    pub count: usize,
    /// Some of those, by name.
    pub different: Vec<ReadTwice>,
}

/// The grammar against the filter that the app has today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// The app's filter.
    pub filter: String,
    /// How many real names both read alike.
    pub same: usize,
    /// Real names that only the app's filter takes: how many, and some.
    pub only_now: (usize, Vec<String>),
    /// Real names that only the new filter takes.
    pub only_new: (usize, Vec<String>),
    /// Real names from which both read something, and not the same.
    pub otherwise: (usize, Vec<String>),
    /// Every name there could be: the grammar, and then the app's filter.
    pub every: Comparison,
}

impl Proof {
    /// Holds a filter against its grammar.
    pub fn new(
        grammar: &NamingGrammar,
        filter: &GroupFilter,
        mode: MatchMode,
        directory: &Directory,
    ) -> Self {
        let mut reader = GrammarReader::new(grammar);
        let mut engine = filter.reader();
        let names = names(directory);
        let mut obey = 0;
        let mut different = Vec::new();
        for &name in &names {
            let (old, new) =
                (grammar_witness(&mut reader, name), Witness::read(&mut engine, name, mode));
            obey += usize::from(old.is_some());
            if old != new {
                different.push(ReadTwice { name: name.to_owned(), old, new });
            }
        }
        let count = different.len();
        different.truncate(SHOWN);
        let real = Real { names: names.len(), obey, count, different };
        let every = compare_grammar(grammar, (filter, mode));
        Self { filter: filter.text().to_owned(), real, every }
    }

    /// Whether nothing is left to doubt.
    pub fn holds(&self) -> bool {
        self.real.count == 0 && self.every.verdict == Verdict::Equivalent
    }
}

impl Present {
    /// Holds the app's filter against a grammar.
    pub fn new(
        grammar: &NamingGrammar,
        filter: &GroupFilter,
        mode: MatchMode,
        directory: &Directory,
    ) -> Self {
        let mut reader = GrammarReader::new(grammar);
        let mut engine = filter.reader();
        let mut present = Self {
            filter: filter.text().to_owned(),
            same: 0,
            only_now: (0, Vec::new()),
            only_new: (0, Vec::new()),
            otherwise: (0, Vec::new()),
            every: compare_grammar(grammar, (filter, mode)),
        };
        for name in names(directory) {
            let (new, now) =
                (grammar_witness(&mut reader, name), Witness::read(&mut engine, name, mode));
            let (count, shown) = match (now, new) {
                (None, None) => continue,
                (Some(_), None) => &mut present.only_now,
                (None, Some(_)) => &mut present.only_new,
                (Some(now), Some(new)) if now == new => {
                    present.same += 1;
                    continue;
                }
                (Some(_), Some(_)) => &mut present.otherwise,
            };
            *count += 1;
            if shown.len() < SHOWN {
                shown.push(name.to_owned());
            }
        }
        present
    }

    /// Whether some real name is read otherwise.
    pub const fn changes(&self) -> bool {
        self.only_now.0 + self.only_new.0 + self.otherwise.0 > 0
    }
}

fn names(directory: &Directory) -> BTreeSet<&str> {
    directory.groups().map(|(id, _)| directory.group_name(id)).collect()
}
