//! Stretches of an input, as blocks: what is between them is passed over.

use std::io::{self, Read};
use std::ops::Range;

use super::blocks::{BLOCKS_AT_ONCE, Block, BlockError, Supply};
use super::decode::Decoded;
use super::input::Stream;

/// The stretches, those next to each other together, in the order of the input.
pub(super) struct Stretches {
    input: Decoded<Box<dyn Stream>>,
    /// How much of the input was read.
    at: u64,
    wanted: std::vec::IntoIter<(Range<u64>, u32)>,
    block_size: usize,
    spare: Vec<Vec<u8>>,
    failed: bool,
}

impl Stretches {
    /// Stretches of an input from its beginning, in their order: where they stand in it once it is decoded, and
    /// their first lines.
    pub(super) fn new(
        input: Decoded<Box<dyn Stream>>,
        stretches: impl IntoIterator<Item = (Range<u64>, u32)>,
        block_size: usize,
    ) -> Self {
        let mut wanted: Vec<(Range<u64>, u32)> = Vec::new();
        for (bytes, line) in stretches {
            match wanted.last_mut() {
                Some((last, _))
                    if last.end == bytes.start && bytes.end - last.start <= block_size as u64 =>
                {
                    last.end = bytes.end;
                }
                _ => wanted.push((bytes, line)),
            }
        }
        let wanted = wanted.into_iter();
        Self { input, at: 0, wanted, block_size, spare: Vec::new(), failed: false }
    }

    fn read(&mut self, bytes: Range<u64>) -> io::Result<Vec<u8>> {
        self.input.pass_over(bytes.start - self.at)?;
        self.at = bytes.end;
        let length = usize::try_from(bytes.end - bytes.start).unwrap_or(usize::MAX);
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.resize(length, 0);
        self.input.read_exact(&mut buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                io::Error::new(error.kind(), "it became shorter while it was read")
            }
            _ => error,
        })?;
        Ok(buffer)
    }
}

impl Iterator for Stretches {
    type Item = Result<Block, BlockError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let (bytes, first_line) = self.wanted.next()?;
        let offset = bytes.start;
        let block = self.read(bytes).map(|bytes| Block { bytes, first_line, offset });
        self.failed = block.is_err();
        Some(block.map_err(BlockError::from))
    }
}

impl Supply for Stretches {
    fn give_back(&mut self, block: Block) {
        self.spare.push(block.bytes);
    }

    fn at_once(&self) -> usize {
        self.block_size.saturating_mul(BLOCKS_AT_ONCE)
    }
}
