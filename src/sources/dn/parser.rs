//! One pass over a distinguished name, part by part.

use super::DnError;

/// One `type=value` whose value stands in the caller's buffer.
pub(super) struct Ava<'a> {
    /// Attribute type as written.
    pub(super) kind: &'a [u8],
    /// The buffer holds a BER value that is not a string.
    pub(super) ber: bool,
    /// Another part of the same relative name follows.
    pub(super) more: bool,
}

pub(super) struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    /// A separator stood last: something must follow.
    expecting: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        let mut parser = Self { text, at: 0, expecting: false };
        parser.skip_extended();
        parser.skip_spaces();
        parser
    }

    /// The parser's place in the text.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Continues after a relative name that was read by other means.
    pub(super) const fn resume(&mut self, at: usize, expecting: bool) {
        self.at = at;
        self.expecting = expecting;
    }

    /// Reads one part; its value goes to `value`. `None` at the end.
    pub(super) fn next_part(&mut self, value: &mut Vec<u8>) -> Result<Option<Ava<'a>>, DnError> {
        self.skip_spaces();
        if self.at >= self.text.len() && !self.expecting {
            return Ok(None);
        }
        let kind = self.kind()?;
        self.skip_spaces();
        value.clear();
        let ber = match self.peek() {
            Some(b'#') => self.hex(value)?,
            Some(b'"') => self.quoted(value)?,
            _ => self.plain(value)?,
        };
        self.skip_spaces();
        let more = match self.peek() {
            None => {
                self.expecting = false;
                return Ok(Some(Ava { kind, ber, more: false }));
            }
            Some(b'+') => true,
            Some(b',' | b';') => false,
            Some(_) => return Err(DnError::AfterValue { at: self.at, found: self.rest() }),
        };
        self.at += 1;
        self.expecting = true;
        Ok(Some(Ava { kind, ber, more }))
    }

    fn kind(&mut self) -> Result<&'a [u8], DnError> {
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'=') => break,
                None | Some(b',' | b';' | b'+' | b'"' | b'\\') => {
                    self.at = start;
                    return Err(DnError::NoEquals { at: start, found: self.rest() });
                }
                Some(_) => self.at += 1,
            }
        }
        let kind = self.text.get(start..self.at).unwrap_or_default().trim_ascii_end();
        let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if kind.is_empty() || !kind.iter().all(fits) {
            self.at = start;
            return Err(DnError::BadType { at: start, found: self.rest() });
        }
        self.at += 1;
        Ok(kind)
    }

    fn hex(&mut self, value: &mut Vec<u8>) -> Result<bool, DnError> {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.hex_pair(self.at) {
            value.push(byte);
            self.at += 2;
        }
        if value.is_empty() || self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
            self.at = start;
            return Err(DnError::BadHex { at: start, found: self.rest() });
        }
        Ok(!unwrap_string(value))
    }

    fn quoted(&mut self, value: &mut Vec<u8>) -> Result<bool, DnError> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(DnError::OpenQuote { at: start }),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(false);
                }
                Some(b'\\') => self.escape(value)?,
                Some(byte) => {
                    value.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    fn plain(&mut self, value: &mut Vec<u8>) -> Result<bool, DnError> {
        let mut significant = 0;
        loop {
            match self.peek() {
                None | Some(b',' | b';' | b'+') => break,
                Some(b'\\') => {
                    self.escape(value)?;
                    significant = value.len();
                }
                Some(byte) => {
                    value.push(byte);
                    self.at += 1;
                    if byte != b' ' {
                        significant = value.len();
                    }
                }
            }
        }
        value.truncate(significant);
        Ok(false)
    }

    fn escape(&mut self, value: &mut Vec<u8>) -> Result<(), DnError> {
        if let Some(byte) = self.hex_pair(self.at + 1) {
            value.push(byte);
            self.at += 3;
            return Ok(());
        }
        match self.text.get(self.at + 1) {
            Some(&byte) if byte == b' ' || byte.is_ascii_punctuation() => {
                value.push(byte);
                self.at += 2;
                Ok(())
            }
            _ => Err(DnError::BadEscape { at: self.at, found: self.rest() }),
        }
    }

    fn hex_pair(&self, at: usize) -> Option<u8> {
        let digit = |at: usize| char::from(*self.text.get(at)?).to_digit(16);
        u8::try_from(digit(at)? * 16 + digit(at + 1)?).ok()
    }

    /// Active Directory's extended form puts `<GUID=…>;<SID=…>;` in front.
    fn skip_extended(&mut self) {
        while let Some(rest) = self.text.get(self.at..)
            && rest.first() == Some(&b'<')
            && let Some(close) = memchr::memchr(b'>', rest)
            && rest.get(close + 1) == Some(&b';')
        {
            self.at += close + 2;
        }
    }

    fn skip_spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> String {
        crate::sources::directory::excerpt(self.text.get(self.at..).unwrap_or_default())
    }
}

/// A BER string type with its whole content is the text itself; anything else stays as it is.
fn unwrap_string(ber: &mut Vec<u8>) -> bool {
    const OCTET: u8 = 0x04;
    const UTF8: u8 = 0x0c;
    const PRINTABLE: u8 = 0x13;
    const TELETEX: u8 = 0x14;
    const IA5: u8 = 0x16;
    const SHORT_FORM: u8 = 0x80;
    let string = match ber.as_slice() {
        [OCTET | UTF8 | PRINTABLE | TELETEX | IA5, length, content @ ..] => {
            *length < SHORT_FORM && usize::from(*length) == content.len()
        }
        _ => false,
    };
    if string {
        ber.drain(..2);
    }
    string
}
