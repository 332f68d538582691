//! JSON with the byte offset of every element, and with repeated names kept.

use super::policy::PolicyError;

/// Longest document that is read, in bytes.
const LIMIT: usize = 4 << 20;

/// How deep arrays and objects may stand in each other; a trust policy needs six.
const DEPTH: usize = 32;

/// An element and the bytes it takes.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

/// What an element is.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// A name and its value.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) at: usize,
    pub(super) name: String,
    pub(super) value: Node,
}

impl Kind {
    /// What a message calls it.
    pub(super) const fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

/// Reads a whole document.
pub(super) fn parse(text: &str) -> Result<Node, PolicyError> {
    if text.len() > LIMIT {
        return Err(PolicyError::new(
            0,
            format!("the document has {} bytes, expected at most {LIMIT}", text.len()),
        ));
    }
    let mut parser = Parser { text, at: 0 };
    let node = parser.value(0)?;
    parser.skip_space();
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.unexpected("the end of the document")),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
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

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn unexpected(&self, expected: &str) -> PolicyError {
        let found = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => format!("found `{}`", super::decision::Quoted(&found.to_string())),
            None => "the document ends".to_owned(),
        };
        PolicyError::new(self.at, format!("not JSON: {found}, expected {expected}"))
    }

    fn value(&mut self, depth: usize) -> Result<Node, PolicyError> {
        if depth > DEPTH {
            return Err(PolicyError::new(
                self.at,
                format!("nested deeper than {DEPTH}, expected a trust policy"),
            ));
        }
        self.skip_space();
        let at = self.at;
        let kind = match self.peek() {
            Some(b'{') => Kind::Object(self.object(depth)?),
            Some(b'[') => Kind::List(self.list(depth)?),
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Kind::Bool(true))?,
            Some(b'f') => self.word("false", Kind::Bool(false))?,
            Some(b'n') => self.word("null", Kind::Null)?,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Node { at, end: self.at, kind })
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Kind, PolicyError> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(self.unexpected("a value"));
        }
        self.at += word.len();
        Ok(kind)
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Member>, PolicyError> {
        self.at += 1;
        let mut members = Vec::new();
        self.skip_space();
        if self.take(b'}') {
            return Ok(members);
        }
        loop {
            self.skip_space();
            let at = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a name in double quotes"));
            }
            let name = self.string()?;
            self.skip_space();
            if !self.take(b':') {
                return Err(self.unexpected("`:`"));
            }
            members.push(Member { at, name, value: self.value(depth + 1)? });
            self.skip_space();
            if self.take(b'}') {
                return Ok(members);
            }
            if !self.take(b',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, PolicyError> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.take(b']') {
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.take(b']') {
                return Ok(items);
            }
            if !self.take(b',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    /// A string, its escapes undone.
    fn string(&mut self) -> Result<String, PolicyError> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => {
                    return Err(PolicyError::new(start, "not JSON: a string that never ends"));
                }
            }
        }
        self.at += 1;
        let quoted = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(quoted).map_err(|_| {
            PolicyError::new(start, "not JSON: a string with a bad escape or a control")
        })
    }

    fn number(&mut self) -> Result<Kind, PolicyError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'+' | b'-' | b'.' | b'0'..=b'9' | b'e' | b'E')) {
            self.at += 1;
        }
        let number = self.text.get(start..self.at).unwrap_or_default();
        match serde_json::from_str::<serde_json::Number>(number) {
            Ok(_) => Ok(Kind::Number(number.to_owned())),
            Err(_) => {
                Err(PolicyError::new(start, format!("not JSON: `{number}`, expected a number")))
            }
        }
    }
}
