//! A file block by block: a few blocks at a time, parsed in parallel and taken up in order.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::LoadError;
use crate::sources::batch::{Batch, Found, RecordReader};
use crate::sources::blocks::{BLOCKS_AT_ONCE, Block, BlockError, Supply};
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

/// Reads blocks: each thread reads the next one, which no other does meanwhile, and parses it at once, while it
/// is in the cache. What a wave of blocks holds is taken up by one thread.
pub(super) fn read_waves(
    blocks: &mut (impl Supply + Send),
    reader: &impl RecordReader,
    taker: &mut impl TakeUp,
) -> Result<(), LoadError> {
    let feed = Feed { blocks, ahead: VecDeque::new(), ended: Ok(()) };
    if reader.looks_up() { look_up(feed, reader, taker) } else { read_ahead(feed, reader, taker) }
}

/// [`read_waves`] for a reader that looks keys up: they are added by one thread, and nothing can be looked up
/// meanwhile.
fn look_up(
    mut feed: Feed<'_, impl Supply + Send>,
    reader: &impl RecordReader,
    taker: &mut impl TakeUp,
) -> Result<(), LoadError> {
    let mut found = Vec::new();
    while parse(&mut feed, reader, &mut found, || taker.batch()) > 0 {
        let taken_up = AtomicBool::new(false);
        let (result, ()) = rayon::join(
            || {
                let result = taker.take_up(&mut found);
                taken_up.store(true, Ordering::Relaxed);
                result
            },
            || feed.read_until(&taken_up),
        );
        result?;
    }
    Ok(feed.ended?)
}

/// [`read_waves`] for a reader that looks nothing up: one wave is taken up while the next is parsed.
fn read_ahead(
    mut feed: Feed<'_, impl Supply + Send>,
    reader: &impl RecordReader,
    taker: &mut impl TakeUp,
) -> Result<(), LoadError> {
    let (nothing, limits) = (Keys::default(), taker.limits());
    let (mut parsed, mut found) = (Vec::new(), Vec::new());
    let (mut waves, mut first_bytes) = (0, 0);
    loop {
        let batch = || Batch::new(&nothing).with_limits(limits);
        let (taken_up, bytes) = rayon::join(
            || taker.take_up(&mut parsed),
            || parse(&mut feed, reader, &mut found, batch),
        );
        taken_up?;
        match waves {
            0 => first_bytes = bytes as u64,
            // The first wave shows what the others are like.
            1 if first_bytes > 0 => {
                let waves = feed.blocks.size().map_or(0, |size| size / first_bytes);
                taker.expect(usize::try_from(waves.saturating_sub(1)).unwrap_or(usize::MAX));
            }
            _ => {}
        }
        if bytes == 0 {
            return Ok(feed.ended?);
        }
        waves += 1;
        std::mem::swap(&mut parsed, &mut found);
    }
}

/// Blocks as they are asked for.
struct Feed<'s, S> {
    blocks: &'s mut S,
    /// Blocks that were read before they are asked for.
    ahead: VecDeque<Block>,
    /// Whether the input can be read that far.
    ended: Result<(), BlockError>,
}

impl<S: Supply> Feed<'_, S> {
    fn next(&mut self) -> Option<Block> {
        self.ahead.pop_front().or_else(|| self.read())
    }

    fn read(&mut self) -> Option<Block> {
        if self.ended.is_err() {
            return None;
        }
        self.blocks.next()?.map_err(|error| self.ended = Err(error)).ok()
    }

    /// Reads a few blocks until `enough` is set.
    fn read_until(&mut self, enough: &AtomicBool) {
        while self.ahead.len() < AHEAD && !enough.load(Ordering::Relaxed) {
            let Some(block) = self.read() else { return };
            self.ahead.push_back(block);
        }
    }
}

/// How many blocks are read before they are asked for, at most.
const AHEAD: usize = 4;

/// Parses the blocks of a wave, and puts what each holds in its place; gives how many bytes they have.
fn parse<'k>(
    feed: &mut Feed<'_, impl Supply + Send>,
    reader: &impl RecordReader,
    found: &mut Vec<Found>,
    batch: impl Fn() -> Batch<'k> + Sync,
) -> usize {
    let threads = rayon::current_num_threads();
    let share = feed.blocks.at_once();
    let (wanted, at_once) = (share.saturating_mul(threads), (share / PIECES).max(1));
    let wave = Mutex::new(Wave { feed, found, parts: 0, bytes: 0, wanted, at_once });
    let work = || {
        let mut done = None;
        loop {
            let next = wave.lock().unwrap_or_else(PoisonError::into_inner).exchange(done);
            let Some(Part { at, blocks, found }) = next else { return };
            let mut batch = batch().over(found);
            for block in &blocks {
                reader.read(block, &mut batch);
            }
            let mut found = batch.found;
            found.fit();
            done = Some(Part { at, blocks, found });
        }
    };
    rayon::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|_| work());
        }
    });
    let wave = wave.into_inner().unwrap_or_else(PoisonError::into_inner);
    wave.found.truncate(wave.parts);
    wave.bytes
}

/// Into how many pieces at least what a thread is given of a wave is cut.
const PIECES: usize = 2 * BLOCKS_AT_ONCE;

/// Blocks that are parsed, and taken up, together.
struct Wave<'w, 's, S> {
    feed: &'w mut Feed<'s, S>,
    /// What each part holds: memory that is used again need not be mapped again.
    found: &'w mut Vec<Found>,
    /// How many parts were given out, and how many bytes they have.
    parts: usize,
    bytes: usize,
    /// About how many bytes are to be given out, in all and to one thread at once.
    wanted: usize,
    at_once: usize,
}

/// What a thread was given of a wave, one block or some small ones, with its place.
struct Part {
    at: usize,
    blocks: Vec<Block>,
    found: Found,
}

impl<S: Supply> Wave<'_, '_, S> {
    /// Takes a part that is done back, and gives out the next, if any.
    fn exchange(&mut self, done: Option<Part>) -> Option<Part> {
        let mut blocks = Vec::new();
        if let Some(mut part) = done {
            part.blocks.drain(..).for_each(|block| self.feed.blocks.give_back(block));
            if let Some(slot) = self.found.get_mut(part.at) {
                *slot = part.found;
            }
            blocks = part.blocks;
        }
        let enough = self.wanted.min(self.bytes + self.at_once);
        while self.bytes < enough
            && let Some(block) = self.feed.next()
        {
            self.bytes += block.bytes.len();
            blocks.push(block);
        }
        if blocks.is_empty() {
            return None;
        }
        let at = self.parts;
        self.parts += 1;
        if at == self.found.len() {
            self.found.push(Found::default());
        }
        let found = self.found.get_mut(at).map(std::mem::take).unwrap_or_default();
        Some(Part { at, blocks, found })
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use proptest::prelude::*;

    use super::*;

    /// Blocks of so many bytes each, that can be read up to one of them; so many are for a thread at once.
    struct Numbered {
        at_once: usize,
        sizes: Vec<usize>,
        given: usize,
        fails_at: usize,
        back: usize,
    }

    impl Iterator for Numbered {
        type Item = Result<Block, BlockError>;

        fn next(&mut self) -> Option<Self::Item> {
            let size = *self.sizes.get(self.given)?;
            assert!(self.given <= self.fails_at, "read on behind an error");
            self.given += 1;
            if self.given > self.fails_at {
                return Some(Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()));
            }
            let byte = b'a' + u8::try_from(self.given % 26).unwrap();
            Some(Ok(Block { bytes: vec![byte; size], first_line: 1, offset: 0 }))
        }
    }

    impl Supply for Numbered {
        fn give_back(&mut self, _: Block) {
            self.back += 1;
        }

        fn at_once(&self) -> usize {
            self.at_once
        }
    }

    /// Finds a block's text.
    struct Texts {
        looks_up: bool,
    }

    impl RecordReader for Texts {
        fn read(&self, block: &Block, batch: &mut Batch<'_>) {
            batch.found.text.extend_from_slice(&block.bytes);
        }

        fn looks_up(&self) -> bool {
            self.looks_up
        }
    }

    #[derive(Default)]
    struct Taker {
        keys: Keys,
        text: Vec<u8>,
    }

    impl TakeUp for Taker {
        fn batch(&self) -> Batch<'_> {
            Batch::new(&self.keys)
        }

        fn take_up(&mut self, found: &mut [Found]) -> Result<(), KeysFull> {
            for found in found {
                self.text.extend_from_slice(&found.text);
                found.clear();
            }
            Ok(())
        }

        fn expect(&mut self, _: usize) {}
    }

    proptest! {
        #[test]
        fn what_blocks_hold_is_taken_up_in_their_order_up_to_an_error(
            sizes in proptest::collection::vec(1..40_usize, 0..90),
            fails_at in prop_oneof![Just(usize::MAX), 0..90_usize],
            threads in 1..5_usize,
            at_once in 1..99_usize,
            looks_up: bool,
        ) {
            let readable = sizes.len().min(fails_at);
            let mut blocks = Numbered { at_once, sizes, given: 0, fails_at, back: 0 };
            let expected: Vec<u8> = blocks.by_ref().take(readable).flat_map(|b| b.unwrap().bytes).collect();
            blocks.given = 0;
            let mut taker = Taker::default();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let result = pool.install(|| read_waves(&mut blocks, &Texts { looks_up }, &mut taker));
            prop_assert_eq!(result.is_ok(), readable == blocks.sizes.len());
            prop_assert_eq!(taker.text, expected);
            prop_assert_eq!(blocks.back, readable);
        }
    }
}
