//! A stream of JSON within limits: not too large, not too deep, overlong strings cut short.

use std::io::{self, Read};

use memchr::memchr2;

use super::JsonProblem;

/// Largest file that is read.
pub const FILE: u64 = 2 << 30;
/// Deepest nesting of arrays and objects.
pub const DEPTH: usize = 128;
/// Longest string that is kept, in bytes of the file; the rest of a longer one is passed over. A message
/// of the largest size fits several times, in whatever escapes.
pub const STRING: usize = 16 << 20;

/// Bytes behind a backslash that may belong to its escape: `uXXXX`.
const ESCAPE: usize = 6;

/// A reader that counts what passes through it.
pub(super) struct Gate<R> {
    input: R,
    /// Why it stopped.
    pub(super) problem: Option<JsonProblem>,
    read: u64,
    depth: usize,
    string: Option<Inside>,
    largest_file: u64,
    longest_string: usize,
}

/// A string that is open.
#[derive(Default)]
struct Inside {
    length: usize,
    is_escaped: bool,
    is_over: bool,
}

impl<R: Read> Gate<R> {
    pub(super) const fn new(input: R) -> Self {
        Self {
            input,
            problem: None,
            read: 0,
            depth: 0,
            string: None,
            largest_file: FILE,
            longest_string: STRING,
        }
    }

    fn stop(&mut self, problem: JsonProblem) -> io::Error {
        let error = io::Error::other(problem.to_string());
        self.problem = Some(problem);
        error
    }

    /// Passes over bytes up to `end` and moves what is kept together; how much that is.
    fn pass(&mut self, bytes: &mut [u8], end: usize) -> Result<usize, JsonProblem> {
        let (mut at, mut kept) = (0, 0);
        while at < end {
            let rest = bytes.get(at..end).unwrap_or_default();
            let (taken, keep) = if let Some(string) = &mut self.string {
                let (taken, keep, is_closed) = string.pass(rest, self.longest_string);
                if is_closed {
                    self.string = None;
                }
                (taken, keep)
            } else {
                (self.outside(rest)?, Keep::All)
            };
            let (first, length) = match keep {
                Keep::All => (at, taken),
                Keep::First(length) => (at, length),
                Keep::Last(length) => (at + taken - length, length),
            };
            if first != kept {
                bytes.copy_within(first..first + length, kept);
            }
            kept += length;
            at += taken;
        }
        Ok(kept)
    }

    /// Passes over what stands outside strings.
    fn outside(&mut self, bytes: &[u8]) -> Result<usize, JsonProblem> {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' => {
                    self.string = Some(Inside::default());
                    return Ok(at + 1);
                }
                b'{' | b'[' => {
                    self.depth += 1;
                    if self.depth > DEPTH {
                        return Err(JsonProblem::TooDeep);
                    }
                }
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        Ok(bytes.len())
    }
}

/// Which of the bytes taken are kept.
enum Keep {
    All,
    First(usize),
    Last(usize),
}

impl Inside {
    /// Passes over a run of the string: how much is taken, what of it is kept, whether the string ends.
    fn pass(&mut self, bytes: &[u8], longest: usize) -> (usize, Keep, bool) {
        if std::mem::take(&mut self.is_escaped) {
            self.length += 1;
            return (1, if self.is_over { Keep::First(0) } else { Keep::All }, false);
        }
        let found = memchr2(b'"', b'\\', bytes);
        let run = found.unwrap_or(bytes.len());
        if !self.is_over && self.length + run > longest {
            let from = longest.saturating_sub(self.length).max(ESCAPE);
            let may_end = |at: &usize| bytes.get(*at).is_some_and(|byte| byte & 0xC0 != 0x80);
            if let Some(end) = (from..run).find(may_end) {
                self.is_over = true;
                self.length += run;
                return (run, Keep::First(end), false);
            }
        }
        self.length += run;
        let Some(at) = found else {
            return (run, if self.is_over { Keep::First(0) } else { Keep::All }, false);
        };
        let is_closed = bytes.get(at) == Some(&b'"');
        self.is_escaped = !is_closed;
        let keep = match (self.is_over, is_closed) {
            (false, _) => Keep::All,
            (true, true) => Keep::Last(1),
            (true, false) => Keep::First(0),
        };
        (run + 1, keep, is_closed)
    }
}

impl<R: Read> Read for Gate<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let end = self.input.read(buffer)?;
            if end == 0 {
                return Ok(0);
            }
            self.read += end as u64;
            if self.read > self.largest_file {
                return Err(self.stop(JsonProblem::TooLarge));
            }
            match self.pass(buffer, end) {
                Ok(0) => {}
                Ok(kept) => return Ok(kept),
                Err(problem) => return Err(self.stop(problem)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn gate(text: &str) -> Gate<&[u8]> {
        Gate::new(text.as_bytes())
    }

    /// What passes, read in pieces of one size.
    fn passed(mut gate: Gate<&[u8]>, size: usize) -> Result<String, JsonProblem> {
        let mut text = Vec::new();
        let read = BufReader::with_capacity(size, &mut gate).read_to_end(&mut text);
        match read {
            Ok(_) => Ok(String::from_utf8(text).unwrap()),
            Err(_) => Err(gate.problem.unwrap()),
        }
    }

    fn nested(depth: usize) -> String {
        format!("{}\"[[[\"{}", "[".repeat(depth), "]".repeat(depth))
    }

    #[test]
    fn depth_and_size_at_the_limit_pass_and_one_more_does_not() {
        assert_eq!(passed(gate(&nested(DEPTH)), 64).as_ref(), Ok(&nested(DEPTH)));
        assert_eq!(passed(gate(&nested(DEPTH + 1)), 64), Err(JsonProblem::TooDeep));
        let limited = |limit| Gate { largest_file: limit, ..gate("[1, 2, 3]") };
        assert_eq!(passed(limited(9), 4).as_deref(), Ok("[1, 2, 3]"));
        assert_eq!(passed(limited(8), 4), Err(JsonProblem::TooLarge));
    }

    #[test]
    fn a_string_at_the_limit_passes_and_a_longer_one_is_cut_between_characters_and_escapes() {
        fn long(text: &str, limit: usize) -> Gate<&[u8]> {
            Gate { longest_string: limit, ..gate(text) }
        }
        for size in [1, 2, 3, 7, 64, 4096] {
            let ten = r#"["0123456789", "x"]"#;
            assert_eq!(passed(long(ten, 10), size).as_deref(), Ok(ten), "{size}");
        }
        // Pieces of one byte are never cut: an escape might go on in the next.
        for size in [32, 64, 4096] {
            let ten = r#"["0123456789", "x"]"#;
            assert_eq!(
                passed(long(ten, 9), size).as_deref(),
                Ok(r#"["012345678", "x"]"#),
                "{size}"
            );
            let escapes =
                format!("[\"{}\", 1]", "\\ud83d\\ude00\\n\\\"é".repeat(40) + &"é".repeat(40));
            let cut = passed(long(&escapes, 20), size).unwrap();
            assert!(cut.len() < escapes.len(), "{size}");
            let read: (String, u8) = serde_json::from_str(&cut).unwrap();
            assert_eq!(read.1, 1, "{size}");
        }
    }
}
