//! JSON as a tree with the line of every value.

use super::value::{Entry, Node, Text, Value};
use crate::text::{Place, Shown};

/// How deep arrays and objects may stand in each other.
const DEPTH: usize = 128;

/// Why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not well-formed JSON: {message}")]
pub(super) struct JsonError {
    /// Byte offset.
    pub(super) at: usize,
    message: String,
}

/// A tree, and names that stand twice in one object.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: Node,
    pub(super) twice: Vec<(Place, String)>,
}

/// Reads a whole text; its places are lines counted from `first`.
pub(super) fn parse(text: &str, first: u32) -> Result<Tree, JsonError> {
    let mut parser = Parser { text, at: 0, counted: 0, line: first, twice: Vec::new() };
    let root = parser.value(0)?;
    parser.skip_space();
    match parser.peek() {
        None => Ok(Tree { root, twice: parser.twice }),
        Some(_) => Err(parser.unexpected("the end of the file")),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// Offset up to which lines are counted.
    counted: usize,
    line: u32,
    twice: Vec<(Place, String)>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn place(&mut self) -> Place {
        let passed = self.text.as_bytes().get(self.counted..self.at).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', passed).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.counted = self.at;
        Place(self.line)
    }

    fn unexpected(&self, expected: &str) -> JsonError {
        let found = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => format!("found `{}`", Shown(&found.to_string())),
            None => "the text ends".to_owned(),
        };
        JsonError { at: self.at, message: format!("{found}, expected {expected}") }
    }

    fn value(&mut self, depth: usize) -> Result<Node, JsonError> {
        self.skip_space();
        if depth > DEPTH {
            let message = format!("nested deeper than {DEPTH} levels, expected fewer");
            return Err(JsonError { at: self.at, message });
        }
        let place = self.place();
        let value = match self.peek() {
            Some(b'{') => Value::Object(self.object(depth)?),
            Some(b'[') => Value::List(self.list(depth)?),
            Some(b'"') => Value::Text(Text::new(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Node::new(place, value))
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(self.unexpected("a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Entry>, JsonError> {
        self.at += 1;
        let mut entries: Vec<Entry> = Vec::new();
        if self.take(b'}') {
            return Ok(entries);
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a name in double quotes"));
            }
            let place = self.place();
            let name = self.string()?;
            if !self.take(b':') {
                return Err(self.unexpected("`:`"));
            }
            let node = self.value(depth + 1)?;
            entries.push(Entry { name, place, node });
            if self.take(b'}') {
                self.note_repeated(&entries);
                return Ok(entries);
            }
            if !self.take(b',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    /// Notes names that stand twice; the last of each counts.
    fn note_repeated(&mut self, entries: &[Entry]) {
        let mut names: Vec<(&str, Place)> =
            entries.iter().map(|entry| (entry.name.as_str(), entry.place)).collect();
        names.sort_unstable();
        let repeated = names.windows(2).filter_map(|pair| match pair {
            [(first, _), (second, place)] if first == second => {
                Some((*place, (*second).to_owned()))
            }
            _ => None,
        });
        self.twice.extend(repeated);
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(b']') {
                return Ok(items);
            }
            if !self.take(b',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    /// A string, its escapes undone.
    fn string(&mut self) -> Result<String, JsonError> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        loop {
            let rest = bytes.get(end..).unwrap_or_default();
            let Some(found) = memchr::memchr2(b'"', b'\\', rest) else {
                let message = "a string that never ends, expected `\"`".to_owned();
                return Err(JsonError { at: start, message });
            };
            end += found + 1;
            if rest.get(found) == Some(&b'"') {
                break;
            }
            end += 1;
        }
        self.at = end;
        let quoted = self.text.get(start..end).unwrap_or_default();
        serde_json::from_str(quoted).map_err(|_| JsonError {
            at: start,
            message: "a string with a bad escape or a control, expected `\\n` and the like"
                .to_owned(),
        })
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'+' | b'-' | b'.' | b'0'..=b'9' | b'e' | b'E')) {
            self.at += 1;
        }
        let number = self.text.get(start..self.at).unwrap_or_default();
        match serde_json::from_str::<serde_json::Number>(number) {
            Ok(_) => Ok(Value::Number(number.to_owned())),
            Err(_) => Err(JsonError {
                at: start,
                message: format!("found `{}`, expected a number", Shown(number)),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_lines_and_repeated_names_are_noted() {
        let tree = parse("{\"a\": 1,\n \"b\": [true,\n\"x\"],\r\n\"a\": 012}", 1);
        assert_eq!(
            tree.unwrap_err().to_string(),
            "not well-formed JSON: found `012`, expected a number"
        );
        let tree = parse("{\"a\": 1,\n \"b\": [true,\n\"x\"],\r\n\"a\": 2}", 5).unwrap();
        assert_eq!(tree.twice, [(Place(8), "a".to_owned())]);
        assert_eq!(tree.root.get("a").unwrap().value, Value::Number("2".to_owned()));
        assert_eq!(tree.root.get("b").unwrap().items()[1].place, Place(7));
    }

    #[test]
    fn an_error_says_what_was_found_and_expected() {
        let say = |text: &str| parse(text, 1).unwrap_err().to_string();
        assert_eq!(say("{\"a\" 1}"), "not well-formed JSON: found `1`, expected `:`");
        assert_eq!(say("[1, // no\n2]"), "not well-formed JSON: found `/`, expected a value");
        assert_eq!(
            say("{\"a\": \"b"),
            "not well-formed JSON: a string that never ends, expected `\"`"
        );
        assert_eq!(say("[1] 2"), "not well-formed JSON: found `2`, expected the end of the file");
        let deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
        assert_eq!(
            say(&deep),
            "not well-formed JSON: nested deeper than 128 levels, expected fewer"
        );
    }
}
