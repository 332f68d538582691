//! Texts that come again and again in much the same order, and what they mean: attribute names and classes
//! of one record after the other.

use crate::sources::words;

/// What is known of texts seen so far. Each is expected to follow the one it followed the last time.
#[derive(Debug)]
pub(super) struct Recurring<T> {
    seen: Vec<Seen<T>>,
    /// Index of the one that came last.
    last: usize,
}

#[derive(Debug)]
struct Seen<T> {
    text: Vec<u8>,
    meaning: T,
    /// Index of the other one that followed last time.
    next: usize,
}

/// Most texts that are remembered.
const REMEMBERED: usize = 64;

/// Longer texts are not remembered.
const LONGEST: usize = 128;

impl<T> Default for Recurring<T> {
    fn default() -> Self {
        Self { seen: Vec::new(), last: 0 }
    }
}

impl<T: Copy> Recurring<T> {
    /// The meaning of a text that is all of `text`.
    #[inline]
    pub(super) fn whole(&mut self, text: &[u8]) -> Option<T> {
        self.guess(|known| words::same(known, text).then_some(())).map(|(meaning, ())| meaning)
    }

    /// The meaning of a text that `line` begins with, and what stands behind it.
    #[inline]
    pub(super) fn prefix<'l>(&mut self, line: &'l [u8]) -> Option<(T, &'l [u8])> {
        self.guess(|known| words::behind(line, known))
    }

    #[inline]
    fn guess<F>(&mut self, fits: impl Fn(&[u8]) -> Option<F>) -> Option<(T, F)> {
        let last = self.seen.get(self.last)?;
        if let Some(next) = self.seen.get(last.next)
            && let Some(fit) = fits(&next.text)
        {
            self.last = last.next;
            return Some((next.meaning, fit));
        }
        if let Some(fit) = fits(&last.text) {
            return Some((last.meaning, fit));
        }
        self.search(fits)
    }

    /// Looks through all of them.
    fn search<F>(&mut self, fits: impl Fn(&[u8]) -> Option<F>) -> Option<(T, F)> {
        let (at, fit) = self
            .seen
            .iter()
            .enumerate()
            .find_map(|(at, seen)| fits(&seen.text).map(|fit| (at, fit)))?;
        self.follow(at);
        self.seen.get(at).map(|seen| (seen.meaning, fit))
    }

    /// Takes note of a text that is not known yet.
    pub(super) fn note(&mut self, text: &[u8], meaning: T) {
        if self.seen.len() < REMEMBERED && text.len() <= LONGEST {
            let at = self.seen.len();
            self.seen.push(Seen { text: text.to_vec(), meaning, next: 0 });
            self.follow(at);
        }
    }

    fn follow(&mut self, at: usize) {
        if let Some(last) = self.seen.get_mut(self.last) {
            last.next = at;
        }
        self.last = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_whatever_came_before_it() {
        let mut names = Recurring::default();
        for (meaning, name) in ["cn:", "member:", "mail:"].into_iter().enumerate() {
            assert_eq!(names.prefix(name.as_bytes()), None);
            names.note(name.as_bytes(), meaning);
        }
        for (line, meaning, rest) in [
            ("cn: a", 0, " a"),
            ("cn: b", 0, " b"),
            ("mail: a", 2, " a"),
            ("member: a", 1, " a"),
            ("mail:", 2, ""),
            ("cn: c", 0, " c"),
        ] {
            assert_eq!(names.prefix(line.as_bytes()), Some((meaning, rest.as_bytes())), "{line}");
        }
        assert_eq!(names.prefix(b"me"), None);
        assert_eq!((names.whole(b"cn:"), names.whole(b"cn: a")), (Some(0), None));
    }

    #[test]
    fn what_is_remembered_is_limited() {
        let mut names = Recurring::default();
        for number in 0..REMEMBERED + 9 {
            names.note(format!("{number}:").as_bytes(), number);
        }
        assert_eq!(names.whole(b"0:"), Some(0));
        assert_eq!(names.whole(format!("{REMEMBERED}:").as_bytes()), None);
        let (long, mut names) = ("x".repeat(LONGEST + 1), Recurring::default());
        names.note(long.as_bytes(), 1);
        assert_eq!(names.whole(long.as_bytes()), None);
    }
}
