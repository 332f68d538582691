//! Reads a pattern the way `java.util.regex.Pattern` does: the same texts are accepted, the same
//! refused, oddities included.

use std::collections::BTreeMap;
use std::ops::Range;

use thiserror::Error;

use super::ast::{Assertion, Case, Group, Kind, Node, NodeId};
use super::class::CharSet;
use super::property::{self, Predicate};
use super::quote::Source;
use super::study::{Study, study_of};
use super::{Pattern, Traits, unicode};

/// Longest filter text, in bytes.
pub const PATTERN_LIMIT: usize = 64 * 1024;
/// Deepest nesting of parentheses and brackets.
pub const NESTING_LIMIT: usize = 100;

/// Why a pattern is refused: by Java, or because it is over a limit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ParseError {
    /// Byte offset in the filter text, where Java points or near it.
    pub offset: usize,
    /// What is wrong there.
    pub message: String,
}

/// Parses a filter text in Okta's or Java's syntax.
pub fn parse(text: &str) -> Result<Pattern, ParseError> {
    if text.len() > PATTERN_LIMIT {
        return Err(ParseError {
            offset: PATTERN_LIMIT,
            message: format!(
                "the pattern has {} bytes, at most {PATTERN_LIMIT} are read",
                text.len()
            ),
        });
    }
    Parser::new(text).pattern()
}

/// The embedded flags in force.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "Java's seven flags are independent")]
pub(super) struct Flags {
    pub(super) ignore_case: bool,
    pub(super) multiline: bool,
    pub(super) dot_all: bool,
    pub(super) unix_lines: bool,
    pub(super) unicode_case: bool,
    pub(super) comments: bool,
    pub(super) unicode_class: bool,
}

/// The state of reading one pattern.
pub(super) struct Parser {
    pub(super) source: Source,
    pub(super) cursor: usize,
    pub(super) flags: Flags,
    pub(super) nodes: Vec<Node>,
    pub(super) groups: usize,
    pub(super) names: BTreeMap<String, usize>,
    pub(super) traits: Traits,
    pub(super) depth: usize,
}

pub(super) type Parsed<T> = Result<T, ParseError>;

impl Parser {
    fn new(text: &str) -> Self {
        Self {
            source: Source::new(text),
            cursor: 0,
            flags: Flags::default(),
            nodes: Vec::new(),
            groups: 0,
            names: BTreeMap::new(),
            traits: Traits::default(),
            depth: 0,
        }
    }

    fn pattern(mut self) -> Parsed<Pattern> {
        let root = self.alternatives()?;
        if self.cursor != self.source.len {
            let message = match self.peek() {
                Some(')') => "unmatched closing `)`",
                _ => "the pattern ends in the middle of an escape",
            };
            return Err(self.error(message));
        }
        Ok(Pattern {
            nodes: self.nodes,
            root,
            group_count: self.groups,
            names: self.names,
            traits: self.traits,
        })
    }

    /// An error at the code point before the cursor, as Java counts.
    pub(super) fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError {
            offset: self.source.place(self.cursor.saturating_sub(1)),
            message: message.into(),
        }
    }

    pub(super) fn push(&mut self, start: usize, kind: Kind) -> NodeId {
        let span = self.span_from(start);
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { span, kind });
        id
    }

    fn span_from(&self, start: usize) -> Range<usize> {
        let first = self.source.place(start);
        first..self.source.place(self.cursor.min(self.source.len)).max(first)
    }

    pub(super) fn enter(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > NESTING_LIMIT {
            return Err(self.error(format!("nesting is deeper than {NESTING_LIMIT}")));
        }
        Ok(())
    }

    /// `a|b|c`
    fn alternatives(&mut self) -> Parsed<NodeId> {
        let start = self.cursor;
        let mut branches = vec![self.sequence()?];
        while self.peek() == Some('|') {
            self.advance();
            branches.push(self.sequence()?);
        }
        Ok(match branches.as_slice() {
            [only] => *only,
            _ => self.push(start, Kind::Alternate(branches)),
        })
    }

    /// What stands between `|` and `|`.
    fn sequence(&mut self) -> Parsed<NodeId> {
        let start = self.cursor;
        let mut parts = Vec::new();
        loop {
            let at = self.cursor;
            let part = match self.peek() {
                None | Some('|' | ')') => break,
                Some('(') => {
                    if let Some(group) = self.group()? {
                        parts.push(group);
                    }
                    continue;
                }
                Some('[') => {
                    let predicate = self.class(true)?;
                    self.set(at, &predicate)
                }
                Some('^') => {
                    self.advance();
                    let unix = self.flags.unix_lines;
                    let multiline = self.flags.multiline;
                    let begin =
                        if multiline { Assertion::LineBegin { unix } } else { Assertion::Begin };
                    self.push(at, Kind::Assert(begin))
                }
                Some('$') => {
                    self.advance();
                    let dollar = self.dollar(self.flags.multiline);
                    self.push(at, Kind::Assert(dollar))
                }
                Some('.') => {
                    self.advance();
                    // Java does not count the dot among the parts that may take an astral character.
                    self.push(at, Kind::Set(self.dot()))
                }
                Some(meta @ ('?' | '*' | '+')) => {
                    self.advance();
                    return Err(self.error(format!("dangling meta character `{meta}`")));
                }
                Some('\\') => self.escaped()?,
                // A quantifier with nothing before it repeats nothing.
                Some('{') => self.push(at, Kind::Empty),
                Some(c) => {
                    self.advance();
                    let predicate = self.single(u32::from(c));
                    self.set(at, &predicate)
                }
            };
            parts.push(self.quantified(at, part)?);
        }
        Ok(match parts.as_slice() {
            [] => self.push(start, Kind::Empty),
            [only] => *only,
            _ => self.push(start, Kind::Concat(parts)),
        })
    }

    pub(super) fn set(&mut self, at: usize, predicate: &Predicate) -> NodeId {
        self.traits.steps_by_code_point |= !predicate.bmp;
        self.traits.unicode_tables |= predicate.from_tables;
        self.push(at, Kind::Set(predicate.set.clone()))
    }

    pub(super) fn dollar(&self, multiline: bool) -> Assertion {
        let unix = self.flags.unix_lines;
        if multiline { Assertion::LineEnd { unix } } else { Assertion::Dollar { unix } }
    }

    fn dot(&self) -> CharSet {
        if self.flags.dot_all {
            return CharSet::all();
        }
        property::line_terminators(self.flags.unix_lines).complement()
    }

    /// A single character, with the other cases of its letter when case is ignored.
    pub(super) fn single(&mut self, point: u32) -> Predicate {
        let astral = point > 0xFFFF || (0xD800..0xE000).contains(&point);
        let plain = if astral { Predicate::wide } else { Predicate::bmp };
        if !self.flags.ignore_case {
            return plain(CharSet::single(point));
        }
        if self.flags.unicode_case {
            self.traits.unicode_tables |= point > 127;
            let upper = unicode::upper(point);
            let fold = unicode::lower(upper);
            if upper == fold {
                return plain(CharSet::single(point));
            }
            return Predicate::wide(unicode::with_fold(fold));
        }
        match char::from_u32(point) {
            Some(c) if c.is_ascii_alphabetic() => {
                let both = [c.to_ascii_lowercase(), c.to_ascii_uppercase()];
                Predicate::bmp(CharSet::of(&both.iter().collect::<String>()))
            }
            _ => plain(CharSet::single(point)),
        }
    }

    /// A single character below U+0100 in a class, with the cases Java adds to its table.
    pub(super) fn low_members(point: u32, ignore: bool, unicode_case: bool) -> CharSet {
        let single = CharSet::single(point);
        match char::from_u32(point).filter(|_| ignore) {
            Some(c) if c.is_ascii() => single
                .union(&CharSet::single(u32::from(c.to_ascii_lowercase())))
                .union(&CharSet::single(u32::from(c.to_ascii_uppercase()))),
            Some(_) if unicode_case => single
                .union(&CharSet::single(unicode::lower(point)))
                .union(&CharSet::single(unicode::upper(point))),
            _ => single,
        }
    }

    /// A range of a class, with the other cases of its letters when case is ignored.
    pub(super) fn range_with_case(&mut self, first: u32, last: u32) -> Predicate {
        if self.flags.ignore_case && self.flags.unicode_case {
            self.traits.unicode_tables |= last > 127;
            return Predicate::wide(unicode::with_case_in_range(first, last));
        }
        let range = CharSet::range(first, last);
        if self.flags.ignore_case {
            let letters = ('a'..='z')
                .flat_map(|c| [(c, c.to_ascii_uppercase()), (c.to_ascii_uppercase(), c)]);
            let more = letters
                .filter(|&(_, other)| range.contains(u32::from(other)))
                .map(|(c, _)| (u32::from(c), u32::from(c)));
            return Predicate::wide(range.union(&CharSet::from_ranges(more.collect())));
        }
        if last < 0xD800 || (first > 0xDFFF && last < 0x1_0000) {
            Predicate::bmp(range)
        } else {
            Predicate::wide(range)
        }
    }

    pub(super) fn case(&self) -> Case {
        match (self.flags.ignore_case, self.flags.unicode_case) {
            (false, _) => Case::Sensitive,
            (true, false) => Case::IgnoreAscii,
            (true, true) => Case::IgnoreUnicode,
        }
    }

    /// A parenthesis with its quantifier; `None` for `(?i)`, which only sets flags.
    fn group(&mut self) -> Parsed<Option<NodeId>> {
        let (start, saved) = (self.cursor, self.flags);
        self.enter()?;
        self.advance();
        let mut kind = if self.peek() == Some('?') {
            let Some(kind) = self.group_kind()? else {
                self.depth -= 1;
                return Ok(None);
            };
            kind
        } else {
            self.groups += 1;
            Group::Capture { index: self.groups, name: None }
        };
        let inside = self.cursor;
        let body = self.alternatives()?;
        if let Group::Behind { reach, by_code_point, .. } = &mut kind {
            let Study { min, max, max_valid, .. } = study_of(&self.nodes, body);
            if !max_valid {
                return Err(self.error("look-behind has no obvious maximum length"));
            }
            *reach = (min, max);
            *by_code_point = (inside..self.source.len).any(|i| self.source.at(i) > 0xFFFF);
            if max < 0 && *by_code_point {
                self.traits.undecidable = Some("the reach of a look-behind overflows in Java");
            }
        }
        if self.read() != Some(')') {
            return Err(self.error("unclosed group"));
        }
        self.flags = saved;
        self.depth -= 1;
        let group = self.push(start, Kind::Group(kind, body));
        Ok(Some(self.quantified(start, group)?))
    }

    /// What follows `(?`; `None` when it was flags alone.
    fn group_kind(&mut self) -> Parsed<Option<Group>> {
        let sign = self.skip();
        Ok(Some(match char::from_u32(sign) {
            Some(':') => Group::Plain,
            Some('=') => Group::Ahead { negative: false },
            Some('!') => Group::Ahead { negative: true },
            Some('>') => Group::Atomic,
            Some('<') => match self.read() {
                Some(sign @ ('=' | '!')) => {
                    Group::Behind { negative: sign == '!', reach: (0, 0), by_code_point: false }
                }
                first => self.named_group(first)?,
            },
            Some('$' | '@') => return Err(self.error("unknown group type")),
            _ => {
                self.cursor -= 1;
                self.read_flags();
                match self.read() {
                    Some(')') => return Ok(None),
                    Some(':') => Group::Plain,
                    _ => return Err(self.error("unknown inline modifier after `(?`")),
                }
            }
        }))
    }

    fn named_group(&mut self, first: Option<char>) -> Parsed<Group> {
        let name = self.group_name(first)?;
        if self.names.contains_key(&name) {
            return Err(self.error(format!("the group name `{name}` is already taken")));
        }
        self.groups += 1;
        self.names.insert(name.clone(), self.groups);
        Ok(Group::Capture { index: self.groups, name: Some(name) })
    }

    pub(super) fn group_name(&mut self, first: Option<char>) -> Parsed<String> {
        let mut name = String::new();
        let mut next = first;
        if !next.is_some_and(|c| c.is_ascii_alphabetic()) {
            return Err(self.error("a group name starts with a Latin letter"));
        }
        while let Some(c) = next.filter(char::is_ascii_alphanumeric) {
            name.push(c);
            next = self.read();
        }
        if next != Some('>') {
            return Err(
                self.error("a group name holds letters and digits only, and ends in `>` or `}}`")
            );
        }
        Ok(name)
    }

    fn read_flags(&mut self) {
        let mut on = true;
        let mut next = self.peek();
        while let Some(c) = next {
            match c {
                'i' => self.flags.ignore_case = on,
                'm' => self.flags.multiline = on,
                's' => self.flags.dot_all = on,
                'd' => self.flags.unix_lines = on,
                'u' => self.flags.unicode_case = on,
                'x' => self.flags.comments = on,
                'c' => {
                    self.traits.undecidable =
                        Some("the undocumented flag `c` (canonical equivalence) is not modelled");
                }
                'U' => (self.flags.unicode_class, self.flags.unicode_case) = (on, on),
                '-' if on => on = false,
                _ => return,
            }
            next = self.advance();
        }
    }
}
