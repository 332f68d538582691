//! Chunks of users formatted side by side and written in their order.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::Scope;

use crate::model::directory::UserId;

/// How many chunks are written together: large writes are much faster than small ones.
const TOGETHER: usize = 4;

/// How many chunks a thread may be ahead of what is written: their buffers stay in the cache.
const AHEAD: usize = 2;

/// Formats chunks in parallel and writes them in order; what is ready is written while more is formatted.
/// `format` replaces what a buffer holds, as memory that is used again need not be cleared, and gives the
/// number of rows. Gives the number of all rows.
pub fn stream<'u, O: Write + Send>(
    mut chunks: impl Iterator<Item = &'u [UserId]> + Send,
    out: &mut O,
    format: impl Fn(&[UserId], &mut Vec<u8>) -> u64 + Send + Sync,
) -> io::Result<u64> {
    let threads = rayon::current_num_threads();
    let queue = Queue {
        next: chunks.next(),
        chunks,
        formatted: VecDeque::new(),
        taken: 0,
        room: TOGETHER + threads * AHEAD,
        spare: Vec::new(),
        out: Some(out),
        at_work: threads,
        rows: 0,
        result: Ok(()),
    };
    let stream = Stream { queue: Mutex::new(queue), threads, format };
    rayon::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|scope| stream.work(scope));
        }
    });
    let queue = stream.queue.into_inner().unwrap_or_else(PoisonError::into_inner);
    queue.result.map(|()| queue.rows)
}

/// What the threads share.
struct Stream<'u, 'o, I, O, F> {
    queue: Mutex<Queue<'u, 'o, I, O>>,
    threads: usize,
    format: F,
}

impl<'u, 'o, I, O, F> Stream<'u, 'o, I, O, F>
where
    I: Iterator<Item = &'u [UserId]> + Send,
    O: Write + Send,
    F: Fn(&[UserId], &mut Vec<u8>) -> u64 + Send + Sync,
{
    fn queue(&self) -> MutexGuard<'_, Queue<'u, 'o, I, O>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is ready and formats what is next until there is neither. A thread that ends because the
    /// others are too far behind is replaced by the one that catches up.
    fn work<'s>(&'s self, scope: &Scope<'s>) {
        let mut queue = self.queue();
        loop {
            if let Some((texts, out)) = queue.take_ready() {
                drop(queue);
                let result = write_all(&texts, out);
                queue = self.queue();
                queue.give_back(texts, out, result);
                let wanted = self.threads.min(queue.at_work + queue.free());
                for _ in queue.at_work..wanted {
                    queue.at_work += 1;
                    scope.spawn(|scope| self.work(scope));
                }
            } else if let Some((number, chunk, mut buffer)) = queue.take_chunk() {
                drop(queue);
                let rows = (self.format)(chunk, &mut buffer);
                queue = self.queue();
                queue.put(number, buffer, rows);
            } else {
                queue.at_work -= 1;
                return;
            }
        }
    }
}

/// What is still to be formatted, and what is formatted and still to be written.
struct Queue<'u, 'o, I, O> {
    /// The chunk that is formatted next, if any.
    next: Option<&'u [UserId]>,
    /// Those behind it.
    chunks: I,
    /// Texts in the order of their chunks, `None` while one is being formatted.
    formatted: VecDeque<Option<Vec<u8>>>,
    /// How many texts have left `formatted`.
    taken: usize,
    /// How many texts `formatted` holds at most.
    room: usize,
    /// Buffers to format into.
    spare: Vec<Vec<u8>>,
    /// `None` while a thread writes.
    out: Option<&'o mut O>,
    /// How many threads have something to do.
    at_work: usize,
    rows: u64,
    result: io::Result<()>,
}

impl<'u, 'o, I, O> Queue<'u, 'o, I, O>
where
    I: Iterator<Item = &'u [UserId]>,
{
    /// Texts to write, with what to write them to: several at once while more follow.
    fn take_ready(&mut self) -> Option<(Vec<Vec<u8>>, &'o mut O)> {
        let ready = self.formatted.iter().take_while(|text| text.is_some()).count();
        let enough = if self.next.is_some() { TOGETHER } else { 1 };
        if ready < enough {
            return None;
        }
        let out = self.out.take()?;
        self.taken += ready;
        Some((self.formatted.drain(..ready).flatten().collect(), out))
    }

    /// Takes back what [`Self::take_ready`] gave; nothing more is written after an error.
    fn give_back(&mut self, texts: Vec<Vec<u8>>, out: &'o mut O, written: io::Result<()>) {
        self.spare.extend(texts);
        if written.is_ok() {
            self.out = Some(out);
        } else {
            (self.next, self.result) = (None, written);
        }
    }

    /// A chunk to format, with its number and a buffer.
    fn take_chunk(&mut self) -> Option<(usize, &'u [UserId], Vec<u8>)> {
        if self.free() == 0 {
            return None;
        }
        let chunk = std::mem::replace(&mut self.next, self.chunks.next())?;
        self.formatted.push_back(None);
        let number = self.taken + self.formatted.len() - 1;
        Some((number, chunk, self.spare.pop().unwrap_or_default()))
    }

    /// Takes up the text of a chunk.
    fn put(&mut self, number: usize, text: Vec<u8>, rows: u64) {
        if let Some(slot) = self.formatted.get_mut(number - self.taken) {
            *slot = Some(text);
        }
        self.rows += rows;
    }

    /// How many more chunks can be formatted now.
    fn free(&self) -> usize {
        if self.next.is_some() { self.room.saturating_sub(self.formatted.len()) } else { 0 }
    }
}

/// Writes texts one behind the other, in as few writes as `out` makes of them.
fn write_all(texts: &[Vec<u8>], out: &mut impl Write) -> io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> = texts.iter().map(|text| IoSlice::new(text)).collect();
    let mut rest = slices.as_mut_slice();
    // Passes over empty ones in front.
    IoSlice::advance_slices(&mut rest, 0);
    while !rest.is_empty() {
        match out.write_vectored(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut rest, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Takes so many bytes at a time, is interrupted now and then, and fails behind so many.
    struct Slow {
        got: Vec<u8>,
        at_a_time: usize,
        fails_behind: usize,
        interrupted: bool,
    }

    impl Write for Slow {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.interrupted = !self.interrupted;
            if self.interrupted {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if self.got.len() >= self.fails_behind {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let taken = text.len().min(self.at_a_time).min(self.fails_behind - self.got.len());
            self.got.extend_from_slice(&text[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A line a user; nothing at all for every third chunk.
    fn format(users: &[UserId], out: &mut Vec<u8>) -> u64 {
        out.clear();
        let users = if users.len().is_multiple_of(3) { &[] } else { users };
        for user in users {
            out.extend_from_slice(format!("{}\n", user.0).as_bytes());
        }
        users.len() as u64
    }

    fn run(threads: usize, chunks: &[Vec<UserId>], out: &mut Slow) -> io::Result<u64> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| stream(chunks.iter().map(Vec::as_slice), out, format))
    }

    proptest! {
        #[test]
        fn chunks_are_written_in_their_order_up_to_an_error(
            sizes in proptest::collection::vec(0..9_usize, 0..120),
            threads in 1..5_usize,
            at_a_time in 1..40_usize,
            fails_behind in prop_oneof![Just(usize::MAX), 0..1_000_usize],
        ) {
            let mut number = 0;
            let chunks: Vec<Vec<UserId>> = sizes
                .iter()
                .map(|&size| {
                    number += 1;
                    (0..size).map(|at| UserId(number * 10 + u32::try_from(at).unwrap())).collect()
                })
                .collect();
            let (mut expected, mut rows, mut text) = (Vec::new(), 0, Vec::new());
            for chunk in &chunks {
                rows += format(chunk, &mut text);
                expected.extend_from_slice(&text);
            }
            let mut out = Slow { got: Vec::new(), at_a_time, fails_behind, interrupted: false };
            let result = run(threads, &chunks, &mut out);
            if expected.len() <= fails_behind {
                prop_assert_eq!(result.unwrap(), rows);
                prop_assert_eq!(out.got, expected);
            } else {
                prop_assert_eq!(result.unwrap_err().kind(), io::ErrorKind::StorageFull);
                prop_assert_eq!(out.got, &expected[..fails_behind]);
            }
        }
    }
}
