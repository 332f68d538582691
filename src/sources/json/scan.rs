//! Brackets and strings of JSON text, without a parser.

/// Where a stream of JSON stands between two bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scan {
    /// Arrays open with no object around them but an envelope.
    arrays: u32,
    /// Brackets open inside the element.
    depth: u32,
    /// Inside an envelope object.
    envelope: bool,
    in_string: bool,
    escaped: bool,
}

impl Scan {
    /// Scans `bytes` from `at` on; the offset behind the last element that ends there.
    pub(super) fn run(&mut self, bytes: &[u8], mut at: usize, keys: &[&str]) -> Option<usize> {
        let mut end = None;
        loop {
            if self.in_string {
                at = self.string(bytes, at)?.max(at);
            }
            let Some((offset, byte)) = next_structural(bytes, at) else { return end };
            at = offset + 1;
            match byte {
                b'"' => {
                    self.in_string = true;
                    let Some(behind) = self.string(bytes, at) else { return end };
                    at = behind;
                }
                b'[' if self.depth == 0 => self.arrays += 1,
                b'[' if self.depth == 1 && self.arrays == 0 && key_is(bytes, offset, keys) => {
                    (self.depth, self.arrays, self.envelope) = (0, 1, true);
                }
                b'{' | b'[' => self.depth += 1,
                _ if self.close(byte) => end = Some(at),
                _ => {}
            }
        }
    }

    /// Whether an array under one of `keys` opens before the object that `bytes` begins with ends.
    pub(super) fn first_container(&mut self, bytes: &[u8], keys: &[&str]) -> bool {
        let mut at = 0;
        while let Some((offset, byte)) = next_structural(bytes, at) {
            at = offset + 1;
            match byte {
                b'"' => {
                    self.in_string = true;
                    let Some(behind) = self.string(bytes, at) else { return false };
                    at = behind;
                }
                b'[' if self.depth == 1 && key_is(bytes, offset, keys) => return true,
                b'{' | b'[' => self.depth += 1,
                _ => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return false;
                    }
                }
            }
        }
        false
    }

    /// What is still open at the end of a file, where no element says so itself.
    pub(super) fn unfinished(&self) -> Option<&'static str> {
        if self.depth > 0 || self.in_string {
            None
        } else if self.arrays > 0 {
            Some("`]`")
        } else if self.envelope {
            Some("`}`")
        } else {
            None
        }
    }

    /// Takes a closing bracket; whether the stream may be cut behind it.
    fn close(&mut self, byte: u8) -> bool {
        if self.depth > 0 {
            self.depth -= 1;
            return self.depth == 0 && (self.arrays > 0 || !self.envelope);
        }
        if byte == b']' {
            self.arrays = self.arrays.saturating_sub(1);
            return false;
        }
        std::mem::take(&mut self.envelope)
    }

    /// Passes over the rest of a string; `None` where the text ends first. A line end ends a string
    /// too: none may stand in it, so its closing quote is lost.
    fn string(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        if std::mem::take(&mut self.escaped) {
            at += 1;
        }
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let found = memchr::memchr3(b'"', b'\\', b'\n', rest)?;
            at += found + 1;
            if rest.get(found) != Some(&b'\\') {
                self.in_string = false;
                return Some(at);
            }
            if at == bytes.len() {
                self.escaped = true;
                return None;
            }
            at += 1;
        }
    }
}

fn next_structural(bytes: &[u8], at: usize) -> Option<(usize, u8)> {
    let rest = bytes.get(at..)?;
    // Most of what stands between is white space: eight bytes at a time.
    let (words, _) = rest.as_chunks::<8>();
    let passed = words.iter().take_while(|word| !may_be_structural(**word)).count() * 8;
    let near = rest.get(passed..)?;
    let found = near.iter().position(|&byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))?;
    near.get(found).map(|&byte| (at + passed + found, byte))
}

/// Whether a quote or a bracket may be among eight bytes: `Y`, `_`, `y` and DEL pass as well.
const fn may_be_structural(word: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // The bits in which the four brackets agree.
    const BRACKETS: u64 = ONES * 0xd9;
    let word = u64::from_le_bytes(word);
    let quote = word ^ (ONES * b'"' as u64);
    let bracket = (word & BRACKETS) ^ (ONES * (b'[' & 0xd9) as u64);
    let zero = quote.wrapping_sub(ONES) & !quote | bracket.wrapping_sub(ONES) & !bracket;
    zero & HIGH != 0
}

/// Whether the bracket at `at` is the value of one of `keys`.
fn key_is(bytes: &[u8], at: usize, keys: &[&str]) -> bool {
    !keys.is_empty()
        && key_before(bytes, at).is_some_and(|k| keys.iter().any(|x| x.as_bytes() == k))
}

/// The key whose value begins at `at`, escapes as written.
pub(super) fn key_before(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let text = bytes.get(..at)?.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
    let text = text.strip_suffix(b"\"")?;
    let start = memchr::memrchr(b'"', text)?;
    text.get(start + 1..)
}

/// Offset behind the JSON value that begins at `at`; `None` where the text ends inside it.
pub(super) fn skip_value(bytes: &[u8], at: usize) -> Option<usize> {
    let mut scan = Scan::default();
    match bytes.get(at)? {
        b'"' => {
            scan.in_string = true;
            scan.string(bytes, at + 1)
        }
        b'{' | b'[' => {
            let (mut depth, mut at) = (0_usize, at);
            while let Some((offset, byte)) = next_structural(bytes, at) {
                at = offset + 1;
                match byte {
                    b'"' => {
                        scan.in_string = true;
                        at = scan.string(bytes, at)?;
                    }
                    b'{' | b'[' => depth += 1,
                    _ if depth == 1 => return Some(at),
                    _ => depth -= 1,
                }
            }
            None
        }
        _ => {
            let rest = bytes.get(at..)?;
            let end = rest.iter().position(|b| b",]} \t\r\n".contains(b)).unwrap_or(rest.len());
            Some(at + end)
        }
    }
}

/// Where text is nested deeper than `levels`.
pub fn first_too_deep(text: &[u8], levels: usize) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some((offset, byte)) = next_structural(text, at) {
        at = offset + 1;
        match byte {
            b'"' => at = skip_value(text, offset)?,
            b'{' | b'[' if depth == levels => return Some(offset),
            b'{' | b'[' => depth += 1,
            _ => depth = depth.saturating_sub(1),
        }
    }
    None
}

/// Where a string of more than `longest` bytes begins.
pub(super) fn first_long_string(text: &[u8], longest: usize) -> Option<usize> {
    let mut at = 0;
    while let Some((offset, byte)) = next_structural(text, at) {
        at = offset + 1;
        if byte == b'"' {
            at = skip_value(text, offset)?;
            if at - offset - 2 > longest {
                return Some(offset);
            }
        }
    }
    None
}

/// How many bytes stand outside lists.
pub(super) fn without_lists(text: &[u8]) -> usize {
    let (mut at, mut outside) = (0, text.len());
    while let Some((offset, byte)) = next_structural(text, at) {
        at = offset + 1;
        if matches!(byte, b'"' | b'[') {
            at = skip_value(text, offset).unwrap_or(text.len());
        }
        if byte == b'[' {
            outside -= at - offset;
        }
    }
    outside
}
