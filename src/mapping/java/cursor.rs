//! How the parser moves: Java's small reading steps, with `(?x)` white space and comments passed
//! over exactly where Java passes over them.

use super::parse::Parser;

fn is_space(point: u32) -> bool {
    matches!(point, 0x09..=0x0D | 0x20)
}

const HASH: u32 = 0x23;

impl Parser {
    /// The code point at the cursor, past white space and comments under `(?x)`. `None` at the end.
    pub(super) fn peek(&mut self) -> Option<char> {
        if self.flags.comments {
            self.pass_space();
        }
        self.here()
    }

    /// Moves one code point on, then peeks.
    pub(super) fn advance(&mut self) -> Option<char> {
        self.cursor += 1;
        self.peek()
    }

    /// Takes the code point at the cursor, past white space and comments under `(?x)`.
    pub(super) fn read(&mut self) -> Option<char> {
        let next = self.peek();
        self.cursor += 1;
        next
    }

    /// Takes the code point after the one at the cursor, white space or not; the cursor ends
    /// behind it.
    pub(super) fn skip(&mut self) -> u32 {
        let point = self.source.at(self.cursor + 1);
        self.cursor += 2;
        point
    }

    /// The code point at the cursor as it stands. `None` at the end.
    pub(super) fn here(&self) -> Option<char> {
        if self.cursor >= self.source.len {
            return None;
        }
        char::from_u32(self.source.at(self.cursor))
    }

    fn pass_space(&mut self) {
        loop {
            let point = self.source.at(self.cursor);
            if is_space(point) {
                self.cursor += 1;
            } else if point == HASH {
                self.pass_comment();
            } else {
                return;
            }
        }
    }

    /// To the line terminator that ends the comment, or the end of the pattern.
    fn pass_comment(&mut self) {
        while self.cursor < self.source.len {
            self.cursor += 1;
            let point = self.source.at(self.cursor);
            let ends = match point {
                0x0A => true,
                0x0D | 0x85 | 0x2028 | 0x2029 => !self.flags.unix_lines,
                _ => false,
            };
            if ends {
                return;
            }
        }
    }
}
