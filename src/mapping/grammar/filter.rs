//! The Group Filter of a grammar, as a text in the syntax of Okta and Java.

use super::words::{Class, Word, Words};
use super::{Form, NamingGrammar, Part, Segment};
use crate::mapping::group_filter::GroupFilter;

/// From so many words on those that begin alike share their beginning.
const SHARED: usize = 40;

/// How deep words share beginnings of beginnings; Java and Okta take any depth, people do not.
const DEPTH: usize = 30;

impl NamingGrammar {
    /// The Group Filter that matches the names of the grammar and no others, and reads role and account from
    /// them; `None` where no account is known and only known ones count.
    pub fn filter(&self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let body: String = self.segments.iter().map(segment).collect();
        Some(format!("^{body}$"))
    }
}

fn segment(segment: &Segment) -> String {
    let slot = match segment {
        Segment::Text(text) => return escaped(text),
        Segment::Slot(slot) => slot,
    };
    let capture = match slot.part {
        Some(Part::Role) => Some(GroupFilter::ROLE),
        Some(Part::AccountId) => Some(GroupFilter::ACCOUNT_ID),
        _ => None,
    };
    let (body, choice) = match &slot.form {
        Form::Words(words) => either(words),
        Form::Made(_, inner) => (inner.iter().map(self::segment).collect(), false),
    };
    match capture {
        Some(name) => format!("(?{{{{{name}}}}}{body})"),
        None if choice => format!("(?:{body})"),
        None => body,
    }
}

/// The pattern of words, and whether it is a choice that needs parentheses.
fn either(words: &Words) -> (String, bool) {
    match words {
        Words::Twelve => (r"\d{12}".to_owned(), false),
        Words::Any(class) => (format!("{}+", class.pattern()), false),
        Words::Ids(ids) => {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            (exact(&ids), ids.len() > 1)
        }
        Words::Listed(class, words) => {
            let texts: Vec<&str> = words.iter().filter_map(Word::exact).collect();
            let patterns = words.iter().filter(|word| word.exact().is_none());
            let mut ways: Vec<String> = Vec::new();
            if !texts.is_empty() {
                ways.push(exact(&texts));
            }
            ways.extend(patterns.map(|word| pattern(*class, word)));
            (ways.join("|"), words.len() > 1)
        }
    }
}

fn pattern(class: Class, word: &Word) -> String {
    let pieces: Vec<String> = word.0.iter().map(|piece| escaped(piece)).collect();
    pieces.join(&format!("{}*", class.pattern()))
}

/// One of some texts, as a choice without parentheses.
fn exact(texts: &[&str]) -> String {
    if texts.len() < SHARED {
        let texts: Vec<String> = texts.iter().map(|text| escaped(text)).collect();
        return texts.join("|");
    }
    let mut sorted = texts.to_vec();
    sorted.sort_unstable();
    let sorted: Vec<Vec<char>> = sorted.iter().map(|text| text.chars().collect()).collect();
    let sorted: Vec<&[char]> = sorted.iter().map(Vec::as_slice).collect();
    shared(&sorted, 0)
}

/// Sorted words as a choice in which those that begin alike share their beginning.
fn shared(words: &[&[char]], depth: usize) -> String {
    let mut ways = Vec::new();
    for group in words.chunk_by(|a, b| a.first() == b.first()) {
        let Some(first) = group.first() else { continue };
        if group.len() == 1 || first.is_empty() || depth >= DEPTH {
            ways.extend(group.iter().map(|word| escaped(&word.iter().collect::<String>())));
            continue;
        }
        let length = (1..=first.len())
            .take_while(|&length| {
                group
                    .iter()
                    .all(|word| word.get(..length).is_some_and(|head| first.starts_with(head)))
            })
            .last()
            .unwrap_or(1);
        let head: String = first.iter().take(length).collect();
        let rest: Vec<&[char]> = group.iter().filter_map(|word| word.get(length..)).collect();
        ways.push(format!("{}(?:{})", escaped(&head), shared(&rest, depth + 1)));
    }
    ways.join("|")
}

/// A text as a pattern that takes it alone.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '.'
                | '+'
                | '*'
                | '?'
                | '('
                | ')'
                | '['
                | ']'
                | '{'
                | '}'
                | '|'
                | '^'
                | '$'
                | '#'
        ) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
