//! A file block by block: a few blocks at a time, parsed in parallel and taken up in order.

use std::io::Read;

use rayon::prelude::*;

use super::LoadError;
use crate::sources::batch::{Batch, Found, RecordReader};
use crate::sources::blocks::{Block, BlockError, Blocks, Cut};
use crate::sources::focus::Nesting;
use crate::sources::keys::{Keys, KeysFull};
use crate::sources::limits::Limits;

/// Blocks of one wave for each thread: enough that none waits long for another at the end of a wave.
const BLOCKS_A_THREAD: usize = 8;

/// Who takes up what readers find.
pub(super) trait TakeUp: Send + Sync {
    /// An empty batch for the next block.
    fn batch(&self) -> Batch<'_>;
    /// How large what is read may be.
    fn limits(&self) -> Limits {
        Limits::default()
    }
    /// Takes up what was found in the blocks of one wave, in their order.
    fn take_up(&mut self, found: Vec<Found>) -> Result<(), KeysFull>;
}

impl TakeUp for Nesting {
    fn batch(&self) -> Batch<'_> {
        Self::batch(self)
    }

    fn take_up(&mut self, found: Vec<Found>) -> Result<(), KeysFull> {
        found.iter().try_for_each(|found| self.absorb(found))
    }
}

/// Reads a file block by block: while one wave of blocks is parsed in parallel the next is read. Gives
/// the number of lines.
pub(super) fn read_waves<R: Read + Send, C: Cut + Send>(
    mut blocks: Blocks<R, C>,
    reader: &impl RecordReader,
    taker: &mut impl TakeUp,
) -> Result<u32, LoadError> {
    let wave = rayon::current_num_threads() * BLOCKS_A_THREAD;
    let mut next = take(&mut blocks, wave);
    if !reader.looks_up() {
        return read_ahead(blocks, next, reader, taker);
    }
    loop {
        let (current, ended) = next;
        let (found, following) = rayon::join(
            || {
                let read = |block| read_block(reader, block, taker.batch());
                current.par_iter().map(read).collect::<Vec<_>>()
            },
            || take(&mut blocks, wave),
        );
        taker.take_up(found)?;
        if let Err(error) = ended {
            return Err(error.into());
        }
        if current.is_empty() {
            return Ok(blocks.next_line());
        }
        for block in current {
            blocks.give_back(block);
        }
        next = following;
    }
}

fn read_block(reader: &impl RecordReader, block: &Block, mut batch: Batch<'_>) -> Found {
    reader.read(block, &mut batch);
    batch.found
}

/// [`read_waves`] for a reader that looks nothing up: one wave is taken up while the next is parsed.
fn read_ahead<R: Read + Send, C: Cut + Send>(
    mut blocks: Blocks<R, C>,
    mut next: (Vec<Block>, Result<(), BlockError>),
    reader: &impl RecordReader,
    taker: &mut impl TakeUp,
) -> Result<u32, LoadError> {
    let wave = rayon::current_num_threads() * BLOCKS_A_THREAD;
    let (nothing, limits) = (Keys::default(), taker.limits());
    let mut parsed = Vec::new();
    loop {
        let (current, ended) = next;
        let (taken_up, (found, following)) = rayon::join(
            || taker.take_up(std::mem::take(&mut parsed)),
            || {
                let read =
                    |block| read_block(reader, block, Batch::new(&nothing).with_limits(limits));
                let found = current.par_iter().map(read).collect::<Vec<_>>();
                (found, take(&mut blocks, wave))
            },
        );
        taken_up?;
        if ended.is_err() || current.is_empty() {
            taker.take_up(found)?;
            ended?;
            return Ok(blocks.next_line());
        }
        for block in current {
            blocks.give_back(block);
        }
        (parsed, next) = (found, following);
    }
}

/// The next blocks, and whether the file can be read that far.
fn take<R: Read, C: Cut>(
    blocks: &mut Blocks<R, C>,
    wave: usize,
) -> (Vec<Block>, Result<(), BlockError>) {
    let mut taken = Vec::new();
    while taken.len() < wave {
        match blocks.next() {
            Some(Ok(block)) => taken.push(block),
            Some(Err(error)) => return (taken, Err(error)),
            None => break,
        }
    }
    (taken, Ok(()))
}
