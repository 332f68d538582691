//! A file as blocks of whole records, read one after the other, parsed in parallel.

use std::io::{self, Read};

use super::limits::{self, Limit, Limits, OverLimit};
use crate::text::Landmark;

/// A piece of a file that begins and ends at a record boundary.
#[derive(Debug)]
pub struct Block {
    /// The bytes, as UTF-8 unless the file holds stray bytes.
    pub bytes: Vec<u8>,
    /// 1-based number of the first line.
    pub first_line: u32,
    /// Where it begins in the decoded stream.
    pub offset: u64,
}

/// Finds the end of the last whole record in a buffer that begins at a record boundary.
///
/// `None`: not one record ends in there. The rest of the buffer begins the next block.
pub trait Cut {
    /// Offset just behind the last whole record, if any.
    fn cut(&mut self, bytes: &[u8]) -> Option<usize>;

    /// Whether the record that does not end in `bytes` is known to be larger than `longest`: lists of
    /// members do not count, so this is told only where no list can make it so large.
    fn is_over(&self, bytes: &[u8], longest: usize) -> bool {
        bytes.len() > longest.saturating_add(1)
    }

    /// What closes the file, where it ended without; `bytes` is the last block.
    fn unfinished(&mut self, bytes: &[u8]) -> Option<&'static str> {
        let _ = bytes;
        None
    }
}

/// Records end at a line end: JSON Lines, and CSV without quoted line ends.
#[derive(Debug, Clone, Copy, Default)]
pub struct AtLineEnd;

impl Cut for AtLineEnd {
    fn cut(&mut self, bytes: &[u8]) -> Option<usize> {
        memchr::memrchr(b'\n', bytes).map(|at| at + 1)
    }
}

/// Records end at a line end outside double quotes: CSV after RFC 4180.
#[derive(Debug, Clone, Copy, Default)]
pub struct AtUnquotedLineEnd;

impl Cut for AtUnquotedLineEnd {
    fn cut(&mut self, bytes: &[u8]) -> Option<usize> {
        // Backwards from the end: whether it lies within quotes is known from their number.
        let mut quoted = memchr::memchr_iter(b'"', bytes).count() % 2 == 1;
        for at in memchr::memrchr2_iter(b'"', b'\n', bytes) {
            match bytes.get(at) {
                Some(b'"') => quoted = !quoted,
                _ if !quoted => return Some(at + 1),
                _ => {}
            }
        }
        None
    }
}

/// Records end at an empty line: LDIF.
#[derive(Debug, Clone, Copy, Default)]
pub struct AtEmptyLine;

impl Cut for AtEmptyLine {
    fn cut(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut end = bytes.len();
        while let Some(at) = memchr::memrchr(b'\n', bytes.get(..end)?) {
            let before = bytes.get(..at).unwrap_or_default();
            let before = before.strip_suffix(b"\r").unwrap_or(before);
            if before.ends_with(b"\n") || before.is_empty() {
                return Some(at + 1);
            }
            end = at;
        }
        None
    }

    /// Every value has lines of its own: a line as long as that is no list. It may be a photograph, which
    /// is stepped over, where it is in base64.
    fn is_over(&self, bytes: &[u8], longest: usize) -> bool {
        let start = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        let line = bytes.get(start..).unwrap_or_default();
        let colon = memchr::memchr(b':', line.get(..256).unwrap_or(line));
        let encoded = colon.is_some_and(|at| line.get(at + 1) == Some(&b':') && at > 2);
        line.len() > longest && !encoded
    }
}

/// Why a file cannot be cut into blocks.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// The operating system's word.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// One record is larger than the limit.
    #[error("line {line}: {over}")]
    RecordTooLarge {
        /// First line of the record.
        line: u32,
        /// The limit.
        over: OverLimit,
    },
    /// The file is larger than the limit.
    #[error("line {line}: {over}")]
    FileTooLarge {
        /// Line where reading stopped.
        line: u32,
        /// The limit.
        over: OverLimit,
    },
    /// The file ends where something is still open; all blocks were delivered.
    #[error("line {line}: the file ends here, expected {expected} before its end")]
    Unfinished {
        /// Last line of the file.
        line: u32,
        /// What would have closed it.
        expected: &'static str,
    },
}

/// How much is read at once.
pub const BLOCK_SIZE: usize = 256 << 10;

/// How far a landmark is from the next, about.
const BETWEEN_LANDMARKS: usize = 32 << 10;

/// How many blocks a thread is given at once.
pub(super) const BLOCKS_AT_ONCE: usize = 8;

/// Largest record held at once: a million-member group as one JSON object or LDIF entry passes.
pub const RECORD_LIMIT: usize = limits::TREE_FILE;

/// Iterator over the blocks of a stream.
pub struct Blocks<R, C> {
    input: R,
    cut: C,
    rest: Vec<u8>,
    /// Buffers of blocks that are done with.
    spare: Vec<Vec<u8>>,
    line: u32,
    offset: u64,
    landmarks: Vec<Landmark>,
    limits: Limits,
    /// How much was read, what is left in `rest` included.
    read: usize,
    block_size: usize,
    /// How large the input is, where that is known.
    size: Option<u64>,
    done: bool,
    unfinished: Option<&'static str>,
}

impl<R: Read, C: Cut> Blocks<R, C> {
    /// Blocks of `input`; `first_line` is the number of its first line.
    pub fn new(input: R, cut: C, first_line: u32) -> Self {
        Self {
            input,
            cut,
            rest: Vec::new(),
            spare: Vec::new(),
            line: first_line,
            offset: 0,
            landmarks: Vec::new(),
            limits: Limits::default(),
            read: 0,
            block_size: BLOCK_SIZE,
            size: None,
            done: false,
            unfinished: None,
        }
    }

    /// With another largest record.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limits.tree_file = limit;
        self
    }

    /// With other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With another amount read at once (tests put boundaries everywhere).
    #[must_use]
    pub fn with_block_size(mut self, size: usize) -> Self {
        self.block_size = size.max(1);
        self
    }

    /// Of an input of this size, as far as that is known.
    #[must_use]
    pub const fn with_size(mut self, size: Option<u64>) -> Self {
        self.size = size;
        self
    }

    /// Number of the line after the last block.
    pub const fn next_line(&self) -> u32 {
        self.line
    }

    /// Where lines begin in what was read so far, now and then; the last is the end, behind every line.
    pub fn landmarks(&mut self) -> Vec<Landmark> {
        self.landmarks.push(Landmark { line: u32::MAX, offset: self.offset });
        std::mem::take(&mut self.landmarks)
    }

    fn fill(&mut self) -> Result<Option<Block>, BlockError> {
        let mut bytes = self.spare.pop().unwrap_or_default();
        let mut filled = self.rest.len();
        // Where records are limited whole, a block holds none that is larger.
        let most = self.limits.record.saturating_add(2);
        let mut want = self.block_size.min(most).max(filled + 1);
        bytes.resize(want, 0);
        if let Some(start) = bytes.get_mut(..filled) {
            start.copy_from_slice(&self.rest);
        }
        self.rest.clear();
        loop {
            // A buffer used again is not cleared first: what is read overwrites it.
            bytes.resize(want, 0);
            let got = fill_up(&mut self.input, bytes.get_mut(filled..).unwrap_or_default())?;
            filled += got;
            self.read = self.read.saturating_add(got);
            if self.read > self.limits.file {
                let over = OverLimit::new("a file", Limit::File, self.limits.file);
                return Err(BlockError::FileTooLarge { line: self.line, over });
            }
            bytes.truncate(filled);
            if filled < want {
                self.done = true;
                self.unfinished = self.cut.unfinished(&bytes);
                return Ok((!bytes.is_empty()).then(|| self.block(bytes)));
            }
            if let Some(end) = self.cut.cut(&bytes).filter(|&end| end > 0) {
                self.rest.extend_from_slice(bytes.get(end..).unwrap_or_default());
                bytes.truncate(end);
                return Ok(Some(self.block(bytes)));
            }
            if let Some(over) = self.over(&bytes) {
                return Err(BlockError::RecordTooLarge { line: self.line, over });
            }
            let next =
                if bytes.len() < most { (bytes.len() * 2).min(most) } else { bytes.len() * 2 };
            want = next.min(self.limits.tree_file);
        }
    }

    /// The limit that a record is over which does not end in `bytes`.
    fn over(&self, bytes: &[u8]) -> Option<OverLimit> {
        let (limit, allowed) = if self.cut.is_over(bytes, self.limits.record) {
            (Limit::Record, self.limits.record)
        } else if bytes.len() >= self.limits.tree_file {
            (Limit::TreeFile, self.limits.tree_file)
        } else {
            return None;
        };
        let over = OverLimit::new("a record", limit, allowed);
        Some(OverLimit { expected: "it to end before", ..over })
    }

    fn block(&mut self, bytes: Vec<u8>) -> Block {
        let (first_line, offset) = (self.line, self.offset);
        self.landmarks.push(Landmark { line: first_line, offset });
        let mut passed = 0;
        for piece in bytes.chunks(BETWEEN_LANDMARKS) {
            let ends = memchr::memchr_iter(b'\n', piece).count();
            self.line = self.line.saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
            passed += piece.len();
            if let Some(last) = memchr::memrchr(b'\n', piece).filter(|_| passed < bytes.len()) {
                let start = offset + (passed - piece.len() + last + 1) as u64;
                self.landmarks.push(Landmark { line: self.line, offset: start });
            }
        }
        self.offset += bytes.len() as u64;
        Block { bytes, first_line, offset }
    }
}

/// Reads until the buffer is full or the stream ends; how much was read.
fn fill_up(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Where blocks come from, one after the other.
pub trait Supply: Iterator<Item = Result<Block, BlockError>> {
    /// Takes a block's buffer back: memory that is used again is memory that need not be mapped again.
    fn give_back(&mut self, block: Block);

    /// How much a thread is given at once, in bytes: several blocks, so that none waits long for another.
    fn at_once(&self) -> usize;

    /// How many bytes there are in all, as far as that is known.
    fn size(&self) -> Option<u64> {
        None
    }
}

impl<R: Read, C: Cut> Supply for Blocks<R, C> {
    fn give_back(&mut self, block: Block) {
        if block.bytes.capacity() <= self.block_size * 2 {
            self.spare.push(block.bytes);
        }
    }

    fn at_once(&self) -> usize {
        self.block_size.saturating_mul(BLOCKS_AT_ONCE)
    }

    fn size(&self) -> Option<u64> {
        self.size
    }
}

impl<R: Read, C: Cut> Iterator for Blocks<R, C> {
    type Item = Result<Block, BlockError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            let expected = self.unfinished.take()?;
            return Some(Err(BlockError::Unfinished { line: self.line, expected }));
        }
        let block = self.fill();
        if block.is_err() {
            self.done = true;
        }
        block.transpose()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn blocks<C: Cut>(text: &str, cut: C, size: usize) -> Vec<(u32, String)> {
        Blocks::new(text.as_bytes(), cut, 1)
            .with_block_size(size)
            .map(|block| block.unwrap())
            .map(|block| (block.first_line, String::from_utf8(block.bytes).unwrap()))
            .collect()
    }

    proptest! {
        #[test]
        fn landmarks_are_where_lines_begin(
            pieces in proptest::collection::vec(("[a\n]{0,9}", 0_usize..4_000), 0..12),
            size in prop_oneof![1_000_usize..90_000, Just(BLOCK_SIZE)],
        ) {
            let text: String = pieces.iter().map(|(piece, times)| piece.repeat(*times)).collect();
            let mut blocks = Blocks::new(text.as_bytes(), AtLineEnd, 1).with_block_size(size);
            prop_assert!(blocks.by_ref().all(|block| block.is_ok()));
            let mut landmarks = blocks.landmarks();
            let end = Landmark { line: u32::MAX, offset: text.len() as u64 };
            prop_assert_eq!(landmarks.pop(), Some(end));
            prop_assert!(landmarks.is_sorted_by(|a, b| a.line < b.line && a.offset < b.offset));
            for Landmark { line, offset } in landmarks {
                let before = text.get(..usize::try_from(offset).unwrap()).unwrap();
                prop_assert!(before.is_empty() || before.ends_with('\n'));
                prop_assert_eq!(before.matches('\n').count() + 1, line as usize);
            }
        }
    }

    #[test]
    fn a_quoted_line_end_does_not_end_a_record() {
        let got = blocks("a,\"x\ny\"\nb,z\n", AtUnquotedLineEnd, 9);
        assert_eq!(got, [(1, "a,\"x\ny\"\n".into()), (3, "b,z\n".into())]);
    }

    #[test]
    fn an_ldif_entry_stays_whole_at_every_block_size() {
        let text = "dn: a\ncn: b\n\ndn: c\r\ncn: d\r\n\r\ndn: e";
        for size in 1..40 {
            let got = blocks(text, AtEmptyLine, size);
            assert_eq!(got.iter().map(|(_, t)| t.as_str()).collect::<String>(), text);
            for (line, block) in got {
                assert!(block.trim_start().starts_with("dn: "), "{size}: {block:?}");
                let before = text.find(&block).unwrap();
                assert_eq!(line as usize, text.get(..before).unwrap().matches('\n').count() + 1);
            }
        }
    }

    #[test]
    fn a_record_past_the_limit_is_refused_with_its_line() {
        let text = format!("x\n{}", "y".repeat(100));
        let error = Blocks::new(text.as_bytes(), AtLineEnd, 1)
            .with_block_size(8)
            .with_limit(64)
            .find_map(Result::err)
            .unwrap();
        assert!(error.to_string().starts_with("line 2: a record of more than 64 bytes"), "{error}");
    }
}
