//! What a part may be: words, patterns with `*`, account ids.

use super::Part;
use crate::mapping::java::class::CharSet;
use crate::model::account::is_account_alias;
use crate::model::arn::is_role_name;
use crate::text::is_hidden;
use crate::text::near::{distance, nearest};

/// Longest word that is declared, in characters: that of a role's name.
const LONGEST: usize = 64;

/// What a `*` of a part may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Class {
    /// Of an account's alias.
    Alias,
    /// Of a role's name.
    Role,
    /// Of a word within an alias.
    Lower,
    /// Of a word anywhere else.
    Word,
}

impl Class {
    /// Whether it has a character.
    pub(super) const fn holds(self, c: char) -> bool {
        match self {
            Self::Alias => c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
            Self::Role => {
                c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '=' | ',' | '.' | '@' | '-')
            }
            Self::Lower => c.is_ascii_lowercase() || c.is_ascii_digit(),
            Self::Word => c.is_ascii_alphanumeric(),
        }
    }

    /// The same as a set.
    pub(super) fn set(self) -> CharSet {
        let held: String = (' '..='~').filter(|&c| self.holds(c)).collect();
        CharSet::of(&held)
    }

    /// The same in a pattern of Java's.
    pub(super) const fn pattern(self) -> &'static str {
        match self {
            Self::Alias => r"[a-z0-9\-]",
            Self::Role => r"[\w+=,.@\-]",
            Self::Lower => "[a-z0-9]",
            Self::Word => "[A-Za-z0-9]",
        }
    }

    /// The same for people.
    pub(super) const fn says(self) -> &'static str {
        match self {
            Self::Alias => "lower-case letters, digits and hyphens",
            Self::Role => "letters, digits and `_+=,.@-`",
            Self::Lower => "lower-case letters and digits",
            Self::Word => "letters and digits",
        }
    }
}

/// What a part may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Words {
    /// Twelve digits.
    Twelve,
    /// One of these account ids, sorted.
    Ids(Vec<String>),
    /// Any text of a class that is not empty.
    Any(Class),
    /// One of these, in the order declared.
    Listed(Class, Vec<Word>),
}

/// A declared word: texts, with any text between two of them; one where there is no `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word(pub(super) Vec<String>);

impl Word {
    fn new(text: &str) -> Self {
        let mut pieces: Vec<String> = Vec::new();
        let parts: Vec<&str> = text.split('*').collect();
        let last = parts.len().saturating_sub(1);
        for (at, part) in parts.into_iter().enumerate() {
            // Two stars side by side are one.
            if at == 0 || at == last || !part.is_empty() {
                pieces.push(part.to_owned());
            }
        }
        Self(pieces)
    }

    /// The text, where it has no `*`.
    pub(super) fn exact(&self) -> Option<&str> {
        match self.0.as_slice() {
            [text] => Some(text),
            _ => None,
        }
    }

    fn is_any(&self) -> bool {
        self.exact().is_none() && self.0.iter().all(String::is_empty)
    }

    /// How it was declared.
    pub(super) fn shown(&self) -> String {
        self.0.join("*")
    }

    fn admits(&self, class: Class, text: &str) -> bool {
        let Some((first, rest)) = self.0.split_first() else { return false };
        let Some(mut left) = text.strip_prefix(first.as_str()) else { return false };
        let Some((last, middle)) = rest.split_last() else { return left.is_empty() };
        let between = |text: &str| text.chars().all(|c| class.holds(c));
        for piece in middle {
            let Some((skipped, after)) = left.split_once(piece.as_str()) else { return false };
            if !between(skipped) {
                return false;
            }
            left = after;
        }
        left.strip_suffix(last.as_str()).is_some_and(between)
    }
}

impl Words {
    /// What a list declares; any text of the class where nothing is declared.
    pub(super) fn declared(class: Class, texts: &[String]) -> Self {
        let mut words: Vec<Word> = Vec::new();
        for text in texts {
            let word = Word::new(text);
            if !words.contains(&word) {
                words.push(word);
            }
        }
        if words.is_empty() || words.iter().any(Word::is_any) {
            return Self::Any(class);
        }
        let patterns: Vec<Word> =
            words.iter().filter(|word| word.exact().is_none()).cloned().collect();
        let covered = |text: &str| patterns.iter().any(|word| word.admits(class, text));
        words.retain(|word| !word.exact().is_some_and(covered));
        Self::Listed(class, words)
    }

    /// Whether a part may be this text.
    pub(super) fn admits(&self, text: &str) -> bool {
        match self {
            Self::Twelve => text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()),
            Self::Ids(ids) => ids.binary_search_by(|id| id.as_str().cmp(text)).is_ok(),
            Self::Any(class) => !text.is_empty() && text.chars().all(|c| class.holds(c)),
            Self::Listed(class, words) => words.iter().any(|word| word.admits(*class, text)),
        }
    }

    /// Whether a part could be this text, as far as its characters go; the first one that it could not hold.
    pub(super) fn foreign(&self, text: &str) -> Option<(usize, char)> {
        let foreign = |held: &dyn Fn(char) -> bool| text.char_indices().find(|&(_, c)| !held(c));
        match self {
            Self::Twelve | Self::Ids(_) => foreign(&|c| c.is_ascii_digit()),
            Self::Any(class) => foreign(&|c| class.holds(c)),
            Self::Listed(..) => None,
        }
    }

    /// What is declared, as it was.
    pub(super) fn listed(&self) -> Vec<String> {
        match self {
            Self::Twelve | Self::Any(_) => Vec::new(),
            Self::Ids(ids) => ids.clone(),
            Self::Listed(_, words) => words.iter().map(Word::shown).collect(),
        }
    }

    /// The declared word nearest to a text, where one is near.
    pub(super) fn nearest(&self, text: &str) -> Option<String> {
        match self {
            Self::Twelve | Self::Any(_) => None,
            Self::Ids(ids) => {
                // Of two ids that are as near, neither is meant more than the other.
                let mut near = ids.iter().filter(|id| distance(text, id, 1).is_some());
                let found = near.next()?;
                near.next().is_none().then(|| found.clone())
            }
            Self::Listed(_, words) => {
                let exact = words.iter().filter_map(Word::exact);
                nearest(text, exact, 1).into_iter().next()
            }
        }
    }
}

/// Why a word cannot be declared of a part, where it cannot: what was expected.
pub(super) fn objection(part: Part, class: Class, text: &str) -> Option<String> {
    let word = Word::new(text);
    if text.is_empty() {
        return Some("a text".to_owned());
    }
    if text.chars().count() > LONGEST {
        return Some(format!("at most {LONGEST} characters"));
    }
    if let Some(c) = text.chars().find(|&c| is_hidden(c)) {
        return Some(format!("no `\\u{{{:x}}}` in it", u32::from(c)));
    }
    let whole = match (part, word.exact()) {
        (Part::Alias, Some(text)) => is_account_alias(text),
        (Part::Alias, None) => may_be_alias(&word),
        (Part::Role, Some(text)) => is_role_name(text),
        (_, _) => true,
    };
    if !whole && part == Part::Alias {
        return Some(
            "what an account alias may be: 3 to 63 of `a-z`, `0-9` and `-`, with no `-` at an end, no two in a row, \
             and not twelve digits"
                .to_owned(),
        );
    }
    // Beside the template a word may hold whatever a group's name may.
    let within = match (part, class) {
        (_, Class::Alias | Class::Lower) => Class::Alias,
        (Part::Role, _) | (_, Class::Role) => Class::Role,
        (_, Class::Word) => return None,
    };
    let stray = word.0.iter().flat_map(|piece| piece.chars()).find(|&c| !within.holds(c));
    stray.map(|c| {
        let whole = if within == Class::Role { "a role" } else { "an account alias" };
        format!("{} alone, as {whole} cannot hold `{c}`", within.says())
    })
}

/// Whether an alias can fit a pattern.
fn may_be_alias(word: &Word) -> bool {
    let first = word.0.first().is_some_and(|text| text.starts_with('-'));
    let last = word.0.last().is_some_and(|text| text.ends_with('-'));
    let double = word.0.iter().any(|text| text.contains("--"));
    let characters = word.0.iter().flat_map(|text| text.chars()).all(|c| Class::Alias.holds(c));
    let length: usize = word.0.iter().map(String::len).sum();
    !first && !last && !double && characters && length <= 63
}
