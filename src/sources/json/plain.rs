//! JSON in its usual form, read without a parser: strings of printable ASCII without escapes, whole
//! numbers, no key twice; what is passed over may hold more. Whatever is not of this form is left to serde, and
//! to its messages.

use std::borrow::Cow;

use super::Text;

/// Walks over values in their usual form. `None` from any step says that the text is not of this form.
#[derive(Debug, Clone)]
pub struct Plain<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Length of the last string: the next is likely as long.
    length: usize,
    /// Longer strings are left to serde, and to the checks behind it.
    longest: usize,
}

impl<'a> Plain<'a> {
    /// Begins at an offset; strings of more than `longest` bytes are not of the usual form.
    pub const fn new(bytes: &'a [u8], at: usize, longest: usize) -> Self {
        Self { bytes, at, length: 20, longest }
    }

    /// Offset of what comes next.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// Passes over white space and the byte `wanted`.
    #[inline]
    pub fn eat(&mut self, wanted: u8) -> Option<()> {
        let byte = *self.bytes.get(self.at)?;
        if byte == wanted {
            self.at += 1;
            return Some(());
        }
        if !is_space(byte) {
            return None;
        }
        self.space();
        if self.bytes.get(self.at) != Some(&wanted) {
            return None;
        }
        self.at += 1;
        Some(())
    }

    /// A string of the length of the last one, which ids are, or of another.
    #[inline]
    pub fn id(&mut self) -> Option<&'a [u8]> {
        self.eat(b'"')?;
        let rest = self.bytes.get(self.at..)?;
        let length = if is_id(rest, self.length) { self.length } else { string_length(rest)? };
        self.text(rest, length)
    }

    /// A string.
    #[inline]
    pub fn string(&mut self) -> Option<&'a [u8]> {
        self.eat(b'"')?;
        let rest = self.bytes.get(self.at..)?;
        self.text(rest, string_length(rest)?)
    }

    #[inline]
    fn text(&mut self, rest: &'a [u8], length: usize) -> Option<&'a [u8]> {
        if length > self.longest {
            return None;
        }
        self.length = length;
        self.at += length + 1;
        rest.get(..length)
    }

    /// A string, or `Some(None)` for `null`.
    pub fn string_or_null(&mut self) -> Option<Option<&'a [u8]>> {
        self.space();
        if self.word(b"null").is_some() { Some(None) } else { self.string().map(Some) }
    }

    /// The members of an object: `member` is given each key and reads its value. Objects and arrays may
    /// be nested `levels` deep, this one counted.
    #[inline]
    pub fn object(
        &mut self,
        levels: usize,
        mut member: impl FnMut(&mut Self, &'a [u8]) -> Option<()>,
    ) -> Option<()> {
        self.eat(b'{')?;
        if levels == 0 {
            return None;
        }
        if self.eat(b'}').is_some() {
            return Some(());
        }
        loop {
            let key = self.string()?;
            self.eat(b':')?;
            member(self, key)?;
            if self.eat(b',').is_none() {
                return self.eat(b'}');
            }
        }
    }

    /// The elements of an array: `element` reads each, and is told how deep it may nest.
    #[inline]
    pub fn array(
        &mut self,
        levels: usize,
        mut element: impl FnMut(&mut Self, usize) -> Option<()>,
    ) -> Option<()> {
        self.eat(b'[')?;
        let inner = levels.checked_sub(1)?;
        if self.eat(b']').is_some() {
            return Some(());
        }
        loop {
            element(self, inner)?;
            if self.eat(b',').is_none() {
                return self.eat(b']');
            }
        }
    }

    /// Passes over a value that nests at most `levels` deep.
    pub fn skip(&mut self, levels: usize) -> Option<()> {
        self.space();
        match self.bytes.get(self.at)? {
            b'"' => self.skip_string(),
            b'{' => self.object(levels, |text, _| text.skip(levels.checked_sub(1)?)),
            b'[' => self.array(levels, Self::skip),
            b'0'..=b'9' => self.number(),
            b't' | b'f' => self.truth().map(|_| ()),
            _ => self.word(b"null"),
        }
    }

    /// A value that nests at most `levels` deep, as it stands.
    pub fn value(&mut self, levels: usize) -> Option<&'a [u8]> {
        self.space();
        let from = self.at;
        self.skip(levels)?;
        self.bytes.get(from..self.at)
    }

    /// An object that is written like this one.
    pub fn same(&mut self, object: &[u8]) -> Option<&'a [u8]> {
        self.space();
        let found = self.bytes.get(self.at..self.at.checked_add(object.len())?)?;
        if object.is_empty() || found != object {
            return None;
        }
        self.at += object.len();
        Some(found)
    }

    /// `true` or `false`.
    pub fn truth(&mut self) -> Option<bool> {
        self.space();
        let yes = self.word(b"true").map(|()| true);
        yes.or_else(|| self.word(b"false").map(|()| false))
    }

    /// A whole number without a sign.
    pub fn whole_number(&mut self) -> Option<i64> {
        self.space();
        let from = self.at;
        self.number()?;
        std::str::from_utf8(self.bytes.get(from..self.at)?).ok()?.parse().ok()
    }

    /// Passes over a string, with escapes and any bytes that serde passes over.
    fn skip_string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            let rest = self.bytes.get(self.at..)?;
            self.at += plain_length(rest);
            match self.bytes.get(self.at..)? {
                [b'"', ..] => {
                    self.at += 1;
                    return Some(());
                }
                [b'\\', b'u', digits @ ..] => {
                    let digits = digits.first_chunk::<4>()?;
                    digits.iter().all(u8::is_ascii_hexdigit).then(|| self.at += 6)?;
                }
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => self.at += 2,
                [0x7f..=0xff, ..] => self.at += 1,
                _ => return None,
            }
        }
    }

    /// Digits without a sign, a fraction or an exponent; what follows is for the next step to judge.
    fn number(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 1 && rest.first() == Some(&b'0') {
            return None;
        }
        self.at += digits;
        Some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.bytes.get(self.at..)?.starts_with(word).then(|| self.at += word.len())
    }

    fn space(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at)
            && is_space(byte)
        {
            self.at += 1;
            // Lines are indented.
            let (words, _) = self.bytes.get(self.at..).unwrap_or_default().as_chunks::<8>();
            self.at += 8 * words.iter().take_while(|&word| word == b"        ").count();
        }
    }
}

/// Fills a place; a second time is for serde to refuse.
pub fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// A string that was read as plain.
pub fn borrowed(text: &[u8]) -> Option<Text<'_>> {
    std::str::from_utf8(text).ok().map(|text| Text(Cow::Borrowed(text)))
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// How many characters an id of Okta has; most strings read as ids are of these.
const ID: usize = 20;

/// Whether a string of this length and of plain bytes begins here, and none of them is a space or `!`: looks at
/// eight bytes at a time, the last overlapping the ones before, without a branch a byte.
#[inline]
fn is_id(text: &[u8], length: usize) -> bool {
    if length == ID {
        // Of a length that is known, no loop is left.
        return text.split_first_chunk::<ID>().is_some_and(|(id, rest)| is_of_id(id, rest));
    }
    text.split_at_checked(length).is_some_and(|(id, rest)| is_of_id(id, rest))
}

#[inline]
fn is_of_id(id: &[u8], rest: &[u8]) -> bool {
    let Some(last) = id.last_chunk::<8>() else { return false };
    let (words, _) = id.as_chunks::<8>();
    let odd = words.iter().fold(odd_of_id(*last), |odd, word| odd | odd_of_id(*word));
    odd == 0 && rest.first() == Some(&b'"')
}

/// Non-zero where one of eight bytes is not plain, a space or `!`.
const fn odd_of_id(word: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let word = u64::from_le_bytes(word);
    let slash = word ^ (ONES * b'\\' as u64);
    let zero = slash.wrapping_sub(ONES) & !slash;
    let below = word.wrapping_sub(ONES * b'#' as u64);
    let above = word.wrapping_add(ONES);
    (zero | below | above | word) & HIGH
}

/// Length of the plain string that begins here, up to its closing quote.
#[inline]
fn string_length(text: &[u8]) -> Option<usize> {
    let length = plain_length(text);
    (text.get(length) == Some(&b'"')).then_some(length)
}

/// How many plain bytes come first.
#[inline]
fn plain_length(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    let mut length = 0;
    for word in words {
        let odd = odd_bytes(*word);
        if odd != 0 {
            // The first byte that is marked is odd, whatever comes behind it.
            return length + odd.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    length + rest.iter().take_while(|&&byte| is_plain(byte)).count()
}

/// Non-zero where one of eight bytes is not plain (it may be for a plain one too, right of an odd one).
const fn odd_bytes(word: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let word = u64::from_le_bytes(word);
    let quote = word ^ (ONES * b'"' as u64);
    let slash = word ^ (ONES * b'\\' as u64);
    let below = word.wrapping_sub(ONES * b' ' as u64);
    let above = word.wrapping_add(ONES);
    let zero = quote.wrapping_sub(ONES) & !quote | slash.wrapping_sub(ONES) & !slash;
    (zero | below | above | word) & HIGH
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn eight_bytes_are_plain_exactly_when_each_of_them_is() {
        for at in 0..8 {
            for byte in 0..=u8::MAX {
                let mut word = *b"00u1aZ~!";
                word[at] = byte;
                assert_eq!(odd_bytes(word) == 0, is_plain(byte), "byte {byte} at {at}");
                if odd_bytes(word) != 0 {
                    assert_eq!(odd_bytes(word).trailing_zeros() as usize / 8, at);
                }
            }
        }
    }

    #[test]
    fn an_id_is_told_exactly_by_its_bytes_and_its_quote() {
        for length in [8, 11, 16, 20, 21, 40] {
            for at in 0..=length {
                for byte in 0..=u8::MAX {
                    let mut text = vec![b'u'; length];
                    text.push(b'"');
                    text[at] = byte;
                    let expected = if at < length {
                        is_plain(byte) && !matches!(byte, b' ' | b'!')
                    } else {
                        byte == b'"'
                    };
                    assert_eq!(is_id(&text, length), expected, "byte {byte} at {at} of {length}");
                }
            }
            assert!(!is_id(&vec![b'u'; length], length) && !is_id(b"", length));
        }
    }

    fn passes(text: &[u8], levels: usize) -> bool {
        let mut plain = Plain::new(text, 0, 64);
        plain.skip(levels).is_some() && plain.at() == text.len()
    }

    #[test]
    fn nesting_is_counted() {
        assert!(passes(b"[]", 1) && passes(b"{\"a\":[1]}", 2));
        assert!(!passes(b"[]", 0) && !passes(b"{\"a\":[1]}", 1));
    }

    #[test]
    fn what_is_not_of_the_usual_form_is_left() {
        for text in ["\"a\\n\"", "\"\u{e9}\"", "\"a"] {
            assert_eq!(Plain::new(text.as_bytes(), 0, 64).string(), None, "{text}");
        }
        for text in
            ["-1", "01", "nul", "\"a", "\"\\u12\"", "\"\\x\"", "\"\t\"", "{\"a\"}", "[1,]", "{,}"]
        {
            assert!(!passes(text.as_bytes(), 8), "{text}");
        }
        assert!(!passes(b"1.5", 8), "a fraction stays behind");
        let long = format!("\"{}\"", "a".repeat(65));
        assert_eq!(Plain::new(long.as_bytes(), 0, 64).string(), None);
    }

    #[test]
    fn a_string_that_is_passed_over_may_hold_anything() {
        for text in ["\"a\\n\\u00e9\\\"\"", "\"\u{e9}\"", "\"\u{7f}\"", "\"\""] {
            assert!(passes(text.as_bytes(), 1), "{text}");
        }
    }

    fn json() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\n", "\"id\"", "\"id\":", "1", "0",
            "-", "null", "true", "e1", ".5", "é", "\u{1}",
        ]);
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn what_passes_is_json(text in json()) {
            if passes(text.as_bytes(), 8) {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
            }
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = Plain::new(&bytes, 0, 64).skip(8);
            let _ = Plain::new(&bytes, 0, 64).id();
        }
    }
}
