//! JSON in any wrapping: a top-level array, concatenated arrays, JSON Lines, or an envelope object
//! around one array, cut into blocks of whole elements and read element by element.
//!
//! [`JsonElements`] cuts a stream where an element ends; [`Elements`] walks the elements of one block
//! and parses each with serde, borrowing from the block. Between elements white space, commas and
//! brackets are skipped, so a block needs no memory of the blocks before it.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, IgnoredAny};

use super::batch::{Batch, Loss};
use super::blocks::Block;
use super::limits::{Limit, Limits, OverLimit};

mod cut;
mod lines;
pub mod object;
mod plain;
mod scan;
mod text;

use scan::{Scan, skip_value};

pub use cut::JsonElements;
pub use lines::Lines;
pub use plain::{Plain, borrowed, once};
pub use scan::first_too_deep;

pub use text::Text;

/// Why an element cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ElementError {
    /// 1-based line where reading stopped.
    pub line: u32,
    /// What was found and expected.
    pub message: String,
    /// What is lost: the element, or the rest of a file that ends inside it.
    pub loss: Loss,
}

impl ElementError {
    /// From serde's error about a text that begins at `first_line`.
    pub fn new(error: &serde_json::Error, first_line: u32) -> Self {
        let inside = u32::try_from(error.line().saturating_sub(1)).unwrap_or(u32::MAX);
        let text = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let text = text.strip_suffix(&place).unwrap_or(&text);
        let (message, loss) = match error.classify() {
            serde_json::error::Category::Eof => (
                "the file ends inside this record, expected its closing bracket".into(),
                Loss::File,
            ),
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
                (format!("not well-formed JSON: {text}"), Loss::Record)
            }
            serde_json::error::Category::Data => (text.to_owned(), Loss::Record),
        };
        Self { line: first_line.saturating_add(inside), message, loss }
    }
}

/// What stands next in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next<'a> {
    /// An element; read it with [`Elements::parse`] or pass over it by asking for the next.
    Element {
        /// Line of its first byte.
        line: u32,
    },
    /// A member of the envelope object beside the elements.
    Member {
        /// Line of the key.
        line: u32,
        /// The key, escapes as written.
        key: &'a [u8],
        /// The value as JSON text.
        value: &'a [u8],
    },
    /// Text that is no JSON; reading goes on behind it.
    Junk(ElementError),
}

/// The elements of one block, one after the other.
#[derive(Debug)]
pub struct Elements<'a> {
    bytes: &'a [u8],
    keys: &'static [&'static str],
    at: usize,
    lines: Lines<'a>,
    /// Arrays open around `at`, as far as the block shows.
    arrays: u32,
    /// Inside an envelope object, before or after its array.
    envelope: bool,
    /// An element begins at `at` and has not been read.
    pending: bool,
    junk: bool,
    limits: Limits,
}

impl<'a> Elements<'a> {
    /// The elements of a block cut by [`JsonElements::new`].
    pub fn new(block: &'a Block) -> Self {
        Self::within(block, &[])
    }

    /// The elements of a block cut by [`JsonElements::within`] the same keys.
    pub fn within(block: &'a Block, keys: &'static [&'static str]) -> Self {
        let bytes = block.bytes.as_slice();
        let at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        // A cut inside an array stands before the comma.
        let inside = matches!(bytes.trim_ascii_start().first(), Some(b',' | b']'));
        Self {
            bytes,
            keys,
            at,
            lines: Lines::new(bytes, block.first_line),
            arrays: u32::from(inside),
            envelope: false,
            pending: false,
            junk: false,
            limits: Limits::default(),
        }
    }

    /// With other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What stands next; an element that was not parsed is passed over.
    #[expect(clippy::should_implement_trait, reason = "lends a parser between two calls")]
    pub fn next(&mut self) -> Option<Next<'a>> {
        if std::mem::take(&mut self.pending) {
            self.at = skip_value(self.bytes, self.at).unwrap_or(self.bytes.len());
        }
        loop {
            match *self.bytes.get(self.at)? {
                b' ' | b'\t' | b'\n' | b'\r' | b',' => self.at += 1,
                b'[' => {
                    self.arrays = self.arrays.saturating_add(1);
                    self.at += 1;
                }
                b']' => {
                    self.arrays = self.arrays.saturating_sub(1);
                    self.at += 1;
                }
                b'}' => {
                    self.envelope = false;
                    self.at += 1;
                }
                b'{' if self.opens_envelope() => {
                    self.envelope = true;
                    self.at += 1;
                }
                b'"' if self.keyed_value().is_some() => {
                    if let Some(member) = self.member() {
                        return Some(member);
                    }
                }
                b'{' | b'"' => return Some(self.element()),
                _ => {
                    if let Some(junk) = self.junk() {
                        return Some(junk);
                    }
                }
            }
        }
    }

    /// Parses the element that [`Elements::next`] announced.
    pub fn parse<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, ElementError> {
        self.pending = false;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let mut parser = serde_json::Deserializer::from_slice(rest);
        match seed.deserialize(&mut parser) {
            Ok(value) => {
                let length = parser.into_iter::<IgnoredAny>().byte_offset();
                let over = over(rest.get(..length).unwrap_or_default(), &self.limits);
                let start = self.at;
                self.at += length;
                self.junk = false;
                match over {
                    None => Ok(value),
                    Some((at, over)) => {
                        let (line, message) = (self.lines.at(start + at), over.to_string());
                        Err(ElementError { line, message, loss: Loss::Record })
                    }
                }
            }
            Err(error) => {
                let mut error = ElementError::new(&error, self.lines.at(self.at));
                let resumed = self.recover();
                if self.bytes.get(..resumed).is_some_and(|text| text.ends_with(b"\n")) {
                    // What a parser stumbles over may be the next record.
                    let mut lines = self.lines;
                    error.line = error.line.min(lines.at(resumed).saturating_sub(1));
                }
                if resumed < self.bytes.len() && error.loss == Loss::File {
                    error.loss = Loss::Record;
                    "the record does not end before the next begins, expected its closing bracket"
                        .clone_into(&mut error.message);
                }
                self.at = resumed;
                Err(error)
            }
        }
    }

    /// A line counter that begins at the element announced last.
    pub fn lines(&self) -> Lines<'a> {
        self.lines
    }

    /// The block's bytes and the offset of the element announced last, for a reader that knows a
    /// shorter way than serde; it then says with [`Elements::pass`] where the element ends.
    pub fn raw(&self) -> (&'a [u8], usize) {
        (self.bytes, self.at)
    }

    /// The element announced last was read; it ends before `end`.
    pub fn pass(&mut self, end: usize) {
        self.pending = false;
        self.junk = false;
        self.at = end.max(self.at);
    }

    fn element(&mut self) -> Next<'a> {
        self.pending = true;
        Next::Element { line: self.lines.at(self.at) }
    }

    /// Whether the object at `at` is an envelope: at top level, one of the keys holds an array.
    fn opens_envelope(&self) -> bool {
        if self.keys.is_empty() || self.arrays > 0 || self.envelope {
            return false;
        }
        let mut scan = Scan::default();
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        scan.first_container(rest, self.keys)
    }

    /// Offsets of the value when a string and a colon stand at `at`.
    fn keyed_value(&self) -> Option<(usize, usize)> {
        let key_end = skip_value(self.bytes, self.at)?;
        let mut at = key_end + space(self.bytes, key_end);
        if self.bytes.get(at) != Some(&b':') {
            return None;
        }
        at += 1;
        Some((key_end, at + space(self.bytes, at)))
    }

    fn member(&mut self) -> Option<Next<'a>> {
        let (key_end, value_start) = self.keyed_value()?;
        let line = self.lines.at(self.at);
        let key = self.bytes.get(self.at + 1..key_end.saturating_sub(1)).unwrap_or_default();
        if self.bytes.get(value_start) == Some(&b'[')
            && self.keys.iter().any(|k| k.as_bytes() == key)
        {
            self.at = value_start;
            return None;
        }
        let end = skip_value(self.bytes, value_start).unwrap_or(self.bytes.len());
        self.at = end.max(value_start);
        let value = self.bytes.get(value_start..end).unwrap_or_default();
        Some(Next::Member { line, key, value })
    }

    /// Passes over text that is no JSON; `None` where it was reported already.
    fn junk(&mut self) -> Option<Next<'a>> {
        let line = self.lines.at(self.at);
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|b| b"{[,]}\n".contains(b)).unwrap_or(rest.len());
        let text = rest.get(..end.min(40)).unwrap_or_default();
        let message = format!(
            "found `{}`, expected a JSON object",
            crate::text::Shown(&String::from_utf8_lossy(text))
        );
        self.at += end.max(1);
        let known = std::mem::replace(&mut self.junk, true);
        (!known).then_some(Next::Junk(ElementError { line, message, loss: Loss::Record }))
    }

    /// Where reading goes on behind an ill-formed element at `at`: at its balanced end, or at the next
    /// line that begins the way this element's line does, whichever comes first.
    fn recover(&mut self) -> usize {
        let before = self.bytes.get(..self.at).unwrap_or_default();
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let lead = before.get(line_start..).unwrap_or_default();
        let indent = if lead.iter().all(|b| b" \t".contains(b)) { lead } else { b"" };
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let like = memchr::memchr_iter(b'\n', rest).map(|at| self.at + at + 1).find(|&at| {
            let line = self.bytes.get(at..).unwrap_or_default();
            line.strip_prefix(indent).is_some_and(|line| line.starts_with(b"{"))
        });
        let limit = like.unwrap_or(self.bytes.len());
        skip_value(self.bytes.get(..limit).unwrap_or_default(), self.at).unwrap_or(limit)
    }
}

/// Which limit a record is over, and where. Small records cost two comparisons and a count.
fn over(record: &[u8], limits: &Limits) -> Option<(usize, OverLimit)> {
    if memchr::memchr2_iter(b'{', b'[', record).count() > limits.json_depth
        && let Some(at) = first_too_deep(record, limits.json_depth)
    {
        return Some((at, OverLimit::new("JSON", Limit::JsonDepth, limits.json_depth)));
    }
    if record.len() > limits.value
        && let Some(at) = scan::first_long_string(record, limits.value)
    {
        let what = match scan::key_before(record, at) {
            Some(key) => {
                let key = String::from_utf8_lossy(key.get(..60).unwrap_or(key));
                format!("a value of `{}`", crate::text::Shown(&key))
            }
            None => "a value".to_owned(),
        };
        return Some((at, OverLimit::new(what, Limit::Value, limits.value)));
    }
    (record.len() > limits.record && scan::without_lists(record) > limits.record).then(|| {
        let what = "a record without its lists";
        let over = OverLimit::new(what, Limit::Record, limits.record);
        (0, OverLimit { expected: "fewer", ..over })
    })
}

fn space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// Reads every element of a block as a `T`, reporting what cannot be read; envelope members are
/// passed over.
pub fn each<'a, 'k, T: Deserialize<'a>>(
    block: &'a Block,
    batch: &mut Batch<'k>,
    mut take: impl FnMut(&mut Batch<'k>, T, u32, Lines<'a>),
) {
    let mut elements = Elements::new(block).with_limits(batch.limits());
    while let Some(next) = elements.next() {
        match next {
            Next::Element { line } => {
                let lines = elements.lines();
                match elements.parse(PhantomData::<T>) {
                    Ok(value) => take(batch, value, line, lines),
                    Err(error) => batch.problem(error.line, error.loss, error),
                }
            }
            Next::Member { .. } => {}
            Next::Junk(error) => batch.problem(error.line, error.loss, error),
        }
    }
}

#[cfg(test)]
mod tests;
