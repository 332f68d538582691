//! Templates in JSON: a tree with lines, keys that stand twice kept, comments reported once and passed over.

use super::error::TemplateError;
use super::tree::{Builder, Open, Parsed, Tag};
use crate::sources::batch::Loss;

/// Reads a template.
pub(super) fn parse(text: &str) -> Parsed {
    let mut reader = Reader { text, at: 0, line: 1, builder: Builder::default(), commented: false };
    if let Err(error) = reader.document() {
        let line = reader.line;
        reader.builder.abandon(line, error);
    }
    reader.builder.finish()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    builder: Builder,
    commented: bool,
}

const UNTAGGED: (Tag, usize) = (Tag::None, 0);

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<(), TemplateError> {
        self.value()?;
        // Whether a value stands before, so that a comma or a bracket has to follow.
        let mut behind_value = false;
        while let Some(open) = self.builder.open_value() {
            let end = if open == Open::List { b']' } else { b'}' };
            let next = self.next()?;
            if next == end && open != Open::Value {
                self.at += 1;
                self.builder.close()?;
                behind_value = true;
                continue;
            }
            if behind_value {
                self.expect(b',', "`,` or the closing bracket")?;
                if self.next()? == end {
                    return Err(self.wrong("a key or a value behind the comma"));
                }
            }
            if open == Open::Key {
                self.key()?;
            }
            behind_value = self.value()?;
        }
        match self.next() {
            Err(TemplateError::Cut) => Ok(()),
            _ => Err(self.wrong("the end of the file")),
        }
    }

    fn key(&mut self) -> Result<(), TemplateError> {
        if self.next()? != b'"' {
            return Err(self.wrong("a key in double quotes"));
        }
        let (line, key) = (self.line, self.string()?);
        self.builder.scalar((line, key, false), UNTAGGED)?;
        self.expect(b':', "`:`")
    }

    /// Reads a value, or the opening bracket of one; whether it is whole.
    fn value(&mut self) -> Result<bool, TemplateError> {
        let first = self.next()?;
        let line = self.line;
        match first {
            b'{' | b'[' => {
                self.at += 1;
                self.builder.open(line, first == b'{', UNTAGGED)?;
                return Ok(false);
            }
            b'"' => {
                let text = self.string()?;
                self.builder.scalar((line, text, false), UNTAGGED)?;
            }
            _ => {
                let rest = self.rest();
                let length = rest
                    .bytes()
                    .take_while(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b))
                    .count();
                let word = rest.get(..length).unwrap_or_default();
                if serde_json::from_str::<serde_json::Value>(word).is_err() {
                    return Err(self.wrong("a value"));
                }
                self.builder.scalar((line, word.to_owned(), true), UNTAGGED)?;
                self.at += length;
            }
        }
        Ok(true)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte behind white space and comments.
    fn next(&mut self) -> Result<u8, TemplateError> {
        loop {
            let rest = self.rest();
            let byte = *rest.as_bytes().first().ok_or(TemplateError::Cut)?;
            let length = match byte {
                b'\n' => {
                    self.line = self.line.saturating_add(1);
                    1
                }
                b' ' | b'\t' | b'\r' => 1,
                b'/' if rest.starts_with("//") => self.comment(rest.find('\n')),
                b'#' => self.comment(rest.find('\n')),
                b'/' if rest.starts_with("/*") => {
                    self.comment(rest.find("*/").map(|at| at.saturating_add(2)))
                }
                other => return Ok(other),
            };
            self.at += length;
        }
    }

    /// Passes over a comment; its length.
    fn comment(&mut self, end: Option<usize>) -> usize {
        if !self.commented {
            self.commented = true;
            self.builder.report(self.line, Loss::Nothing, TemplateError::Comment);
        }
        let rest = self.rest();
        let length = end.unwrap_or(rest.len());
        let ends = rest.bytes().take(length).filter(|&b| b == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
        length
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), TemplateError> {
        if self.next()? != byte {
            return Err(self.wrong(what));
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Result<String, TemplateError> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let mut at = 1;
        while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
            at += found + 1;
            if bytes.get(at - 1) == Some(&b'"') {
                let literal = rest.get(..at).unwrap_or_default();
                let read = serde_json::from_str(literal).map_err(|error| {
                    let message = error.to_string();
                    let message = message.split(" at line").next().unwrap_or_default().to_owned();
                    TemplateError::Syntax { format: "JSON", message }
                })?;
                self.at += at;
                return Ok(read);
            }
            at += 1;
        }
        Err(TemplateError::Cut)
    }

    fn wrong(&self, expected: &str) -> TemplateError {
        let found = self.rest().chars().next().unwrap_or(' ');
        let message = format!("`{}`, expected {expected}", found.escape_default());
        TemplateError::Syntax { format: "JSON", message }
    }
}
