//! Escapes, outside and inside a character class.

use super::ast::{Assertion, Kind, NodeId};
use super::class::MAX_CODE_POINT;
use super::parse::{Parsed, Parser};
use super::property::{self, Predicate};

/// What a backslash and what follows it stand for.
pub(super) enum Escape {
    /// One code point.
    Point(u32),
    /// A set of code points.
    Class(Predicate),
    /// Something that stands outside classes only.
    Node(Kind),
}

impl Parser {
    /// An escape outside a character class; the cursor is on the backslash.
    pub(super) fn escaped(&mut self) -> Parsed<NodeId> {
        let at = self.cursor;
        if let Some(family) = self.family_escape()? {
            return Ok(self.set(at, &family));
        }
        Ok(match self.escape(false, false)? {
            Escape::Point(point) => {
                let predicate = self.single(point);
                self.set(at, &predicate)
            }
            Escape::Class(predicate) => self.set(at, &predicate),
            Escape::Node(kind) => self.push(at, kind),
        })
    }

    /// `\p…` and `\P…`, when they stand at the cursor.
    pub(super) fn family_escape(&mut self) -> Parsed<Option<Predicate>> {
        let letter = char::from_u32(self.source.at(self.cursor + 1));
        let Some(letter) = letter.filter(|c| matches!(c, 'p' | 'P')) else { return Ok(None) };
        self.cursor += 1;
        let braced = self.advance() == Some('{');
        if !braced {
            self.cursor -= 1;
        }
        self.family(braced, letter == 'P').map(Some)
    }

    fn family(&mut self, braced: bool, complement: bool) -> Parsed<Predicate> {
        self.advance();
        let name = if braced { self.braced_name()? } else { self.one_letter_name() };
        let flags = self.flags;
        let predicate = property::family(&name, flags.ignore_case, flags.unicode_class)
            .ok_or_else(|| {
                self.error(format!("`{name}` is no character property Java 17 knows"))
            })?;
        self.traits.steps_by_code_point |= complement;
        Ok(if complement { predicate.negate() } else { predicate })
    }

    fn one_letter_name(&mut self) -> String {
        let name = char::from_u32(self.source.at(self.cursor)).into_iter().collect();
        self.read();
        name
    }

    fn braced_name(&mut self) -> Parsed<String> {
        let start = self.cursor;
        while let Some(c) = self.read() {
            if c == '}' {
                if start + 1 >= self.cursor {
                    return Err(self.error("a character property has no name"));
                }
                let letters = start..self.cursor - 1;
                return Ok(letters.filter_map(|i| char::from_u32(self.source.at(i))).collect());
            }
        }
        Err(self.error("a character property is not closed by `}`"))
    }

    /// The escape at the cursor. `range` says a range operator stands beside it, which makes `\v`
    /// a single character.
    pub(super) fn escape(&mut self, in_class: bool, range: bool) -> Parsed<Escape> {
        let sign = self.skip();
        let Some(letter) = char::from_u32(sign).filter(char::is_ascii_alphanumeric) else {
            return Ok(Escape::Point(sign));
        };
        let unicode = self.flags.unicode_class;
        Ok(match letter {
            '0' => Escape::Point(self.octal()?),
            '1'..='9' if !in_class => Escape::Node(self.back_reference(letter)),
            'a' => Escape::Point(0x07),
            'e' => Escape::Point(0x1B),
            'f' => Escape::Point(0x0C),
            'n' => Escape::Point(0x0A),
            'r' => Escape::Point(0x0D),
            't' => Escape::Point(0x09),
            'c' => Escape::Point(self.control()?),
            'x' => Escape::Point(self.hexadecimal()?),
            'u' => Escape::Point(self.utf16()?),
            'N' => Escape::Point(self.named_character()?),
            'v' if range => Escape::Point(0x0B),
            'd' => Escape::Class(property::digit(unicode)),
            'D' => Escape::Class(property::digit(unicode).negate()),
            's' => Escape::Class(property::space(unicode)),
            'S' => Escape::Class(property::space(unicode).negate()),
            'w' => Escape::Class(property::word(unicode)),
            'W' => Escape::Class(property::word(unicode).negate()),
            'h' => Escape::Class(property::horizontal_space()),
            'H' => Escape::Class(property::horizontal_space().negate()),
            'v' => Escape::Class(property::vertical_space()),
            'V' => Escape::Class(property::vertical_space().negate()),
            _ if in_class => return Err(self.unsupported(letter)),
            'A' | 'G' => Escape::Node(Kind::Assert(Assertion::Begin)),
            'z' => Escape::Node(Kind::Assert(Assertion::End)),
            'Z' => Escape::Node(Kind::Assert(self.dollar(false))),
            'b' => Escape::Node(Kind::Assert(self.boundary()?)),
            'B' => Escape::Node(Kind::Assert(Assertion::WordBoundary { negated: true, unicode })),
            'R' => Escape::Node(Kind::LineEnding),
            'X' => Escape::Node(Kind::Grapheme),
            'k' => Escape::Node(self.named_reference()?),
            _ => return Err(self.unsupported(letter)),
        })
    }

    fn unsupported(&self, letter: char) -> super::ParseError {
        self.error(format!("`\\{letter}` is no escape Java knows here"))
    }

    /// `\b`, or `\b{g}`.
    fn boundary(&mut self) -> Parsed<Assertion> {
        let unicode = self.flags.unicode_class;
        if self.peek() == Some('{') {
            if char::from_u32(self.skip()) == Some('g') {
                if self.read() == Some('}') {
                    self.traits.undecidable =
                        Some("the boundaries of grapheme clusters (`\\b{g}`) are not modelled");
                    return Ok(Assertion::GraphemeBoundary);
                }
                return Err(self.error("`\\b{g` is not closed by `}`"));
            }
            self.cursor -= 2;
        }
        Ok(Assertion::WordBoundary { negated: false, unicode })
    }

    /// Takes further digits as long as such a group has been opened.
    fn back_reference(&mut self, first: char) -> Kind {
        let mut group = first.to_digit(10).map_or(0, |d| d as usize);
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            let longer = group * 10 + digit as usize;
            if longer > self.groups {
                break;
            }
            group = longer;
            self.read();
        }
        Kind::BackReference { group, case: self.case() }
    }

    fn named_reference(&mut self) -> Parsed<Kind> {
        if self.read() != Some('<') {
            return Err(self.error("`\\k` is not followed by `<`"));
        }
        let first = self.read();
        let name = self.group_name(first)?;
        let Some(&group) = self.names.get(&name) else {
            return Err(self.error(format!("no group named `{name}` stands before this reference")));
        };
        Ok(Kind::BackReference { group, case: self.case() })
    }

    fn control(&mut self) -> Parsed<u32> {
        if self.cursor >= self.source.len {
            return Err(self.error("`\\c` is not followed by a character"));
        }
        Ok(self.read().map_or(0, u32::from) ^ 64)
    }

    fn octal(&mut self) -> Parsed<u32> {
        let Some(first) = self.octal_digit() else {
            self.cursor += 1;
            return Err(self.error("`\\0` is not followed by an octal digit"));
        };
        let Some(second) = self.octal_digit() else { return Ok(first) };
        if first > 3 {
            return Ok(first * 8 + second);
        }
        let Some(third) = self.octal_digit() else { return Ok(first * 8 + second) };
        Ok(first * 64 + second * 8 + third)
    }

    fn octal_digit(&mut self) -> Option<u32> {
        let digit = self.peek().and_then(|c| c.to_digit(8))?;
        self.read();
        Some(digit)
    }

    fn hexadecimal(&mut self) -> Parsed<u32> {
        let first = self.read();
        if let Some(high) = first.and_then(|c| c.to_digit(16)) {
            if let Some(low) = self.read().and_then(|c| c.to_digit(16)) {
                return Ok(high * 16 + low);
            }
        } else if first == Some('{') && self.peek().is_some_and(|c| c.is_ascii_hexdigit()) {
            let mut point = 0;
            loop {
                let next = self.read();
                match next.and_then(|c| c.to_digit(16)) {
                    Some(digit) => point = point << 4 | digit,
                    None if next == Some('}') => return Ok(point),
                    None => return Err(self.error("`\\x{` is not closed by `}`")),
                }
                if point > MAX_CODE_POINT {
                    return Err(self.error("the hexadecimal code point is past `10FFFF`"));
                }
            }
        }
        Err(self.error("`\\x` is not followed by two hexadecimal digits or `{h…}`"))
    }

    fn utf16(&mut self) -> Parsed<u32> {
        let high = self.four_digits()?;
        if (0xD800..0xDC00).contains(&high) {
            let after = self.cursor;
            if self.read() == Some('\\') && self.read() == Some('u') {
                let low = self.four_digits()?;
                if (0xDC00..0xE000).contains(&low) {
                    return Ok(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00));
                }
            }
            self.cursor = after;
        }
        Ok(high)
    }

    fn four_digits(&mut self) -> Parsed<u32> {
        let mut value = 0;
        for _ in 0..4 {
            let Some(digit) = self.read().and_then(|c| c.to_digit(16)) else {
                return Err(self.error("`\\u` is not followed by four hexadecimal digits"));
            };
            value = value * 16 + digit;
        }
        Ok(value)
    }

    /// `\N{…}`: the names of characters are not held here, so nothing can be decided.
    fn named_character(&mut self) -> Parsed<u32> {
        if self.read() != Some('{') {
            return Err(self.error("`\\N` is not followed by `{`"));
        }
        loop {
            match self.read() {
                Some('}') => break,
                None => return Err(self.error("`\\N{` is not closed by `}`")),
                Some(_) => {}
            }
        }
        self.traits.undecidable = Some("characters by name (`\\N{…}`) are not known here");
        Ok(0)
    }
}
