//! Rows kept ready to be copied, and the buffer they are copied to.

use super::prepare::{Piece, Prepared, cell};
use crate::entitlement::resolve::TargetId;

/// Bytes that come from memory together.
const CACHE_LINE: usize = 64;

/// What a row that is kept ready takes.
const READY: usize = 2 * CACHE_LINE;

/// Where the length of a row stands: behind the longest.
const LENGTH_AT: usize = READY - 1;

/// Longest login that is copied at one stroke.
const LOGIN: usize = 32;

/// A row behind the login and its length, in as few cache lines as it takes, and copied whole: a copy of known
/// length costs a fraction of one that is not. Zero is the length of a row that is too long.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct ReadyRow([u8; READY]);

/// For every target the row behind the login, for the usual case of one way.
pub(super) struct ReadyRows {
    rows: Vec<ReadyRow>,
}

impl ReadyRows {
    /// `None` where the login is not the first column.
    pub(super) fn new(pieces: &[Piece], prepared: &Prepared, targets: usize) -> Option<Self> {
        let [Piece::User, rest @ ..] = pieces else { return None };
        let mut ready = Self { rows: vec![ReadyRow([0; READY]); targets] };
        let mut text = Vec::new();
        for (target, row) in (0..).map(TargetId).zip(&mut ready.rows) {
            text.clear();
            for piece in rest {
                match piece {
                    Piece::User => return None,
                    Piece::Prepared(at) => text.extend_from_slice(prepared.of(target, *at)),
                    Piece::Count => text.push(b'1'),
                }
            }
            let (slot, length) = row.0.split_at_mut(LENGTH_AT);
            if let (Some(slot), [length], Ok(size)) =
                (slot.get_mut(..text.len()), length, u8::try_from(text.len()))
            {
                slot.copy_from_slice(&text);
                *length = size;
            }
        }
        Some(ready)
    }

    /// Reaches for the rows of several targets at once, so that copying each does not wait for the memory.
    pub(super) fn reach_for(&self, entries: &[(TargetId, u32)]) {
        let rows = entries.iter().filter_map(|(target, _)| self.rows.get(target.0 as usize));
        let reached = rows.fold(0, |reached, row| reached ^ row.0[0] ^ row.0[CACHE_LINE]);
        std::hint::black_box(reached);
    }

    /// Adds login and row; `false` where the row is not ready.
    #[inline]
    pub(super) fn write(&self, login: &Login, target: TargetId, out: &mut Page<'_>) -> bool {
        let row = self.rows.get(target.0 as usize).filter(|row| row.0[LENGTH_AT] > 0);
        let Some(row) = row else { return false };
        login.write(out);
        out.block(&row.0, usize::from(row.0[LENGTH_AT]));
        true
    }
}

/// A buffer that is written over from its beginning.
pub(super) struct Page<'b> {
    bytes: &'b mut Vec<u8>,
    at: usize,
}

/// How much a page grows beyond what is asked for.
const ROOM: usize = 64 << 10;

impl<'b> Page<'b> {
    /// Writes over what `bytes` holds.
    pub(super) const fn over(bytes: &'b mut Vec<u8>) -> Self {
        Self { bytes, at: 0 }
    }

    /// Leaves nothing in the buffer but what was written.
    pub(super) fn end(self) {
        self.bytes.truncate(self.at);
    }

    /// Adds the first `length` bytes of a block, which is copied whole where there is room.
    #[inline]
    fn block<const N: usize>(&mut self, block: &[u8; N], length: usize) {
        let room = self.bytes.get_mut(self.at..).and_then(|rest| rest.first_chunk_mut::<N>());
        match room {
            Some(room) => {
                *room = *block;
                self.at += length.min(N);
            }
            None => self.text(block.get(..length).unwrap_or(block)),
        }
    }

    /// Adds a text.
    pub(super) fn text(&mut self, text: &[u8]) {
        let end = self.at + text.len();
        if end > self.bytes.len() {
            self.bytes.resize(end + ROOM, 0);
        }
        if let Some(room) = self.bytes.get_mut(self.at..end) {
            room.copy_from_slice(text);
        }
        self.at = end;
    }
}

/// A user's cell.
pub(super) struct Login {
    text: Vec<u8>,
    /// Its beginning, to be copied at one stroke.
    start: [u8; LOGIN],
}

impl Login {
    /// Nobody's yet.
    pub(super) const fn new() -> Self {
        Self { text: Vec::new(), start: [0; LOGIN] }
    }

    /// Takes a user's login.
    pub(super) fn set(&mut self, login: &str, raw: bool) {
        self.text.clear();
        cell(login, raw, &mut self.text);
        if let Some(start) = self.start.get_mut(..self.text.len()) {
            start.copy_from_slice(&self.text);
        }
    }

    #[inline]
    /// Adds the cell.
    pub(super) fn write(&self, out: &mut Page<'_>) {
        if self.text.len() > LOGIN {
            out.text(&self.text);
        } else {
            out.block(&self.start, self.text.len());
        }
    }
}
