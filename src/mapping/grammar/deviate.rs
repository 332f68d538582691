//! What is wrong with a name that does not obey a grammar: in which part, what was expected, what is nearest.

use std::ops::Range;

use super::layers::{GrammarReader, Reach};
use super::split::split;
use super::words::Words;
use super::{Form, Part, Segment, Slot, What};
use crate::finding::Quoted;

/// Longest name, in bytes, that is cut into parts; of a longer one is said where it stops.
const CUT: usize = 1_024;

/// Most words that an expectation names.
const NAMED: usize = 5;

/// One thing that is wrong with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// The part it is in; `None` where it is the template that the name does not follow.
    pub part: Option<Part>,
    /// Bytes of the name; empty where something is missing.
    pub range: Range<usize>,
    /// What stands there.
    pub found: String,
    /// Why that is wrong.
    pub why: Why,
    /// What was expected there, as a phrase.
    pub expected: String,
    /// What would be right there and is near.
    pub nearest: Option<String>,
}

/// Why a part of a name is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The template has other text there.
    Template,
    /// There is nothing.
    Empty,
    /// It is none of those declared.
    NotDeclared,
    /// It holds a character that no such part may, at this byte of the name.
    Character(char, usize),
    /// It is not twelve digits.
    Digits,
    /// It is the id of no known account.
    UnknownAccount,
    /// It is not made as this text of the declaration says.
    Made(String),
}

impl Why {
    /// The kind as a word: `not-declared`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Empty => "empty",
            Self::NotDeclared => "not-declared",
            Self::Character(..) => "character",
            Self::Digits => "digits",
            Self::UnknownAccount => "unknown-account",
            Self::Made(_) => "shape",
        }
    }
}

impl Deviation {
    /// What is wrong: ``the alias `x` is none of those declared``.
    pub fn says(&self) -> String {
        self.sentence("the name", "")
    }

    /// The same of a name: ``the alias `x` in `aws#x#…` is none of those declared``.
    pub fn says_of(&self, name: &str) -> String {
        let name = Quoted(name).to_string();
        self.sentence(&name, &format!(" in {name}"))
    }

    fn sentence(&self, name: &str, within: &str) -> String {
        let part = self.part.map_or("text", Part::word);
        let (found, at) = (Quoted(&self.found), self.range.start);
        match &self.why {
            Why::Template if self.found.is_empty() => {
                format!("{name} ends at byte {at}, where its template goes on")
            }
            Why::Template => format!("{name} leaves its template at byte {at} with {found}"),
            Why::Empty => format!("the {part}{within} is empty"),
            Why::NotDeclared => format!("the {part} {found}{within} is none of those declared"),
            Why::Character(c, at) => {
                format!("the {part} {found}{within} holds {} at byte {at}", Quoted(&c.to_string()))
            }
            Why::Digits => format!("the {part} {found}{within} is not twelve digits"),
            Why::UnknownAccount => {
                format!("the {part} {found}{within} is that of no known account")
            }
            Why::Made(text) => {
                format!("the {part} {found}{within} does not read as {}", Quoted(text))
            }
        }
    }
}

impl GrammarReader<'_> {
    /// What is wrong with a name, in its order; nothing where it obeys.
    pub fn deviations(&mut self, name: &str) -> Vec<Deviation> {
        let Some(reach) = self.reach(name) else { return Vec::new() };
        let grammar = self.grammar();
        let cut = (name.len() <= CUT).then(|| split(&grammar.segments, name)).flatten();
        let mut found = Vec::new();
        for (slot, range) in cut.iter().flatten() {
            slot_deviations(slot, name, range, &mut found);
        }
        if found.is_empty() {
            // Where the separators are not all there, or no part alone is wrong.
            found.push(stopped(self, name, &reach));
        }
        found
    }

    /// The name with every part that is wrong as it would be right and is near, where that obeys.
    pub fn nearest(&mut self, name: &str, deviations: &[Deviation]) -> Option<String> {
        let mut mended = String::with_capacity(name.len());
        let mut from = 0;
        for deviation in deviations {
            mended.push_str(name.get(from..deviation.range.start)?);
            mended.push_str(deviation.nearest.as_ref()?);
            from = deviation.range.end;
        }
        mended.push_str(name.get(from..)?);
        self.read(&mended).map(|_| mended)
    }
}

fn slot_deviations(slot: &Slot, name: &str, range: &Range<usize>, found: &mut Vec<Deviation>) {
    let Some(text) = name.get(range.clone()) else { return };
    match &slot.form {
        Form::Words(words) => {
            if !words.admits(text) {
                found.push(word_deviation(slot.part, words, text, range));
            }
        }
        Form::Made(made, inner) => match split(inner, text) {
            Some(slots) if !text.is_empty() => {
                for (slot, within) in slots {
                    let range = range.start + within.start..range.start + within.end;
                    slot_deviations(slot, name, &range, found);
                }
            }
            _ => found.push(Deviation {
                part: slot.part,
                range: range.clone(),
                found: text.to_owned(),
                why: if text.is_empty() { Why::Empty } else { Why::Made(made.clone()) },
                expected: format!("one such as {}", Quoted(made)),
                nearest: None,
            }),
        },
    }
}

fn word_deviation(
    part: Option<Part>,
    words: &Words,
    text: &str,
    range: &Range<usize>,
) -> Deviation {
    let is_twelve = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let why = match (words, words.foreign(text)) {
        _ if text.is_empty() => Why::Empty,
        (Words::Ids(_), _) if is_twelve => Why::UnknownAccount,
        (Words::Twelve | Words::Ids(_), _) => Why::Digits,
        (Words::Any(_), Some((at, c))) => Why::Character(c, range.start + at),
        _ => Why::NotDeclared,
    };
    let nearest = words.nearest(text);
    let expected = expected(words, nearest.as_deref());
    Deviation { part, range: range.clone(), found: text.to_owned(), why, expected, nearest }
}

/// What words may be, as a phrase; the nearest comes first.
fn expected(words: &Words, nearest: Option<&str>) -> String {
    match words {
        Words::Twelve => "twelve digits".to_owned(),
        Words::Ids(ids) if ids.is_empty() => "a known account, and none is known".to_owned(),
        Words::Ids(_) => match nearest {
            Some(near) => Quoted(near).to_string(),
            None => "the id of a known account".to_owned(),
        },
        Words::Any(class) => class.says().to_owned(),
        Words::Listed(..) => either(&words.listed(), nearest),
    }
}

/// Some of what is declared: all where they are few, else the nearest and the first.
fn either(listed: &[String], nearest: Option<&str>) -> String {
    let mut shown: Vec<&str> = nearest.into_iter().collect();
    for word in listed {
        if shown.len() < NAMED && !shown.contains(&word.as_str()) {
            shown.push(word);
        }
    }
    let more = listed.len().saturating_sub(shown.len());
    let mut quoted: Vec<String> = shown.iter().map(|word| Quoted(word).to_string()).collect();
    if more > 0 {
        return format!("{} or one of {more} more", quoted.join(", "));
    }
    match quoted.pop() {
        Some(last) if !quoted.is_empty() => format!("{} or {last}", quoted.join(", ")),
        last => last.unwrap_or_default(),
    }
}

/// Where a name stops that cannot be cut into its parts.
fn stopped(reader: &GrammarReader<'_>, name: &str, reach: &Reach) -> Deviation {
    let (at, waited) = lost_separator(&reader.grammar().segments, name)
        .unwrap_or_else(|| (reach.at, waited(reader, reach)));
    let found: String =
        name.get(at..).and_then(|rest| rest.chars().next()).map(String::from).unwrap_or_default();
    let range = at..at + found.len();
    Deviation { part: None, range, found, why: Why::Template, expected: waited, nearest: None }
}

/// The first text of a template that a name does not have where it could, and where it was looked for.
fn lost_separator(segments: &[Segment], name: &str) -> Option<(usize, String)> {
    let mut at = 0;
    let mut behind: Option<&Slot> = None;
    for segment in segments {
        let rest = name.get(at..)?;
        match (segment, behind) {
            (Segment::Text(text), None) => {
                let alike = rest.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
                let alike = (0..=alike)
                    .rev()
                    .find(|&to| text.is_char_boundary(to) && rest.is_char_boundary(to))?;
                if alike < text.len() {
                    return Some((at + alike, Quoted(text.get(alike..)?).to_string()));
                }
                at += text.len();
            }
            (Segment::Text(text), Some(slot)) => {
                let Some(found) = rest.find(text.as_str()) else {
                    let part = slot.part.map_or("text", Part::word);
                    return Some((name.len(), format!("{} behind the {part}", Quoted(text))));
                };
                at += found + text.len();
                behind = None;
            }
            (Segment::Slot(slot), _) => behind = Some(slot),
        }
    }
    // All are there, and the name goes on behind the last.
    let is_over = behind.is_none() && at < name.len();
    is_over.then(|| (at, "the end of the name".to_owned()))
}

/// What the states that wait for a character would take.
fn waited(reader: &GrammarReader<'_>, reach: &Reach) -> String {
    let layers = reader.layers();
    let mut says: Vec<String> = Vec::new();
    for &id in &reach.waiting {
        let Some(leaf) = layers.leaf(id) else { continue };
        let one = match (leaf.what, leaf.inner.or(leaf.outer)) {
            (What::Text(text), _) => Quoted(text).to_string(),
            (What::Words(Words::Twelve | Words::Ids(_)), _) => "an account id".to_owned(),
            (What::Words(_), Some(part)) => format!("more of the {part}"),
            (What::Words(_), None) => "more text".to_owned(),
        };
        if !says.contains(&one) {
            says.push(one);
        }
    }
    if reach.ends {
        says.push("the end of the name".to_owned());
    }
    says.join(" or ")
}
