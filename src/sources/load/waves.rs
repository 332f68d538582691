//! A file block by block: a few blocks at a time, parsed in parallel and taken up in order.

use rayon::prelude::*;

use super::LoadError;
use crate::sources::batch::{Batch, Found, RecordReader};
use crate::sources::blocks::{Block, BlockError, Supply};
use crate::sources::keys::{Keys, KeysFull};
use crate::sources::limits::Limits;

/// Who takes up what readers find.
pub(super) trait TakeUp: Send + Sync {
    /// An empty batch for the next block.
    fn batch(&self) -> Batch<'_>;
    /// How large what is read may be.
    fn limits(&self) -> Limits {
        Limits::default()
    }
    /// Takes up what was found in the blocks of one wave, in their order; leaves nothing in it.
    fn take_up(&mut self, found: &mut [Found]) -> Result<(), KeysFull>;
    /// So many times what was taken up of the input is likely to follow.
    fn expect(&mut self, times: usize);
}

/// Reads blocks: while one wave of them is parsed in parallel the next is read.
pub(super) fn read_waves(
    blocks: &mut (impl Supply + Send),
    reader: &impl RecordReader,
    taker: &mut impl TakeUp,
) -> Result<(), LoadError> {
    let wave = blocks.at_once().saturating_mul(rayon::current_num_threads());
    let mut next = take(blocks, wave);
    if !reader.looks_up() {
        return read_ahead(blocks, next, reader, taker);
    }
    let mut found = Vec::new();
    loop {
        let (current, ended) = next;
        found.resize_with(current.len(), Found::default);
        let ((), following) = rayon::join(
            || read_blocks(reader, &current, &mut found, || taker.batch()),
            || take(blocks, wave),
        );
        taker.take_up(&mut found)?;
        if let Err(error) = ended {
            return Err(error.into());
        }
        if current.is_empty() {
            return Ok(());
        }
        for block in current {
            blocks.give_back(block);
        }
        next = following;
    }
}

/// Reads blocks, each into what was emptied before: memory that is used again need not be mapped again.
fn read_blocks<'k>(
    reader: &impl RecordReader,
    blocks: &[Block],
    found: &mut [Found],
    batch: impl Fn() -> Batch<'k> + Sync,
) {
    blocks.par_iter().zip(found).for_each(|(block, found)| {
        let mut batch = batch().over(std::mem::take(found));
        reader.read(block, &mut batch);
        *found = batch.found;
        found.fit();
    });
}

/// [`read_waves`] for a reader that looks nothing up: one wave is taken up while the next is parsed.
fn read_ahead(
    blocks: &mut (impl Supply + Send),
    mut next: (Vec<Block>, Result<(), BlockError>),
    reader: &impl RecordReader,
    taker: &mut impl TakeUp,
) -> Result<(), LoadError> {
    let wave = blocks.at_once().saturating_mul(rayon::current_num_threads());
    let (nothing, limits) = (Keys::default(), taker.limits());
    let (mut parsed_bytes, mut foreseen) = (0, false);
    let (mut parsed, mut found) = (Vec::new(), Vec::new());
    loop {
        let (current, ended) = next;
        found.resize_with(current.len(), Found::default);
        let (taken_up, following) = rayon::join(
            || taker.take_up(&mut parsed),
            || {
                let batch = || Batch::new(&nothing).with_limits(limits);
                read_blocks(reader, &current, &mut found, batch);
                take(blocks, wave)
            },
        );
        taken_up?;
        // The first wave shows what the others are like.
        if parsed_bytes > 0 && !std::mem::replace(&mut foreseen, true) {
            let waves = blocks.size().map_or(0, |size| size / parsed_bytes);
            taker.expect(usize::try_from(waves.saturating_sub(1)).unwrap_or(usize::MAX));
        }
        parsed_bytes = current.iter().map(|block| block.bytes.len() as u64).sum();
        if ended.is_err() || current.is_empty() {
            taker.take_up(&mut found)?;
            ended?;
            return Ok(());
        }
        for block in current {
            blocks.give_back(block);
        }
        std::mem::swap(&mut parsed, &mut found);
        next = following;
    }
}

/// The next blocks, of about so many bytes, and whether the file can be read that far.
fn take(blocks: &mut impl Supply, wave: usize) -> (Vec<Block>, Result<(), BlockError>) {
    let (mut taken, mut bytes) = (Vec::new(), 0);
    while bytes < wave {
        match blocks.next() {
            Some(Ok(block)) => {
                bytes += block.bytes.len();
                taken.push(block);
            }
            Some(Err(error)) => return (taken, Err(error)),
            None => break,
        }
    }
    (taken, Ok(()))
}
