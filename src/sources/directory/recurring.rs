//! Texts that come again and again in much the same order, and what they mean: attribute names and whole
//! lines of one record after the other.

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
const REMEMBERED: usize = 256;

/// Longer texts are not remembered.
const LONGEST: usize = 128;

impl<T> Default for Recurring<T> {
    fn default() -> Self {
        Self { seen: Vec::new(), last: 0 }
    }
}

impl<T: Copy> Recurring<T> {
    /// The one expected or the one that came last, where `text` begins with it.
    #[inline]
    fn guess<'t>(&mut self, text: &'t [u8]) -> Option<(T, &'t [u8])> {
        let last = self.seen.get(self.last)?;
        if let Some(next) = self.seen.get(last.next)
            && let Some(rest) = words::behind(text, &next.text)
        {
            self.last = last.next;
            return Some((next.meaning, rest));
        }
        words::behind(text, &last.text).map(|rest| (last.meaning, rest))
    }

    /// The one expected next or the longest that `text` begins with, and what stands behind it.
    #[inline]
    pub(super) fn find<'t>(&mut self, text: &'t [u8]) -> Option<(T, &'t [u8])> {
        self.guess(text).or_else(|| self.search(text))
    }

    fn search<'t>(&mut self, text: &'t [u8]) -> Option<(T, &'t [u8])> {
        let fits = |seen: &Seen<T>| words::behind(text, &seen.text);
        let found = self.seen.iter().enumerate().filter_map(|(at, seen)| Some((at, fits(seen)?)));
        let (at, rest) = found.min_by_key(|(_, rest)| rest.len())?;
        self.follow(at);
        self.seen.get(at).map(|seen| (seen.meaning, rest))
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
        for (meaning, name) in ["cn:", "member:", "mail:", "cn: b\n"].into_iter().enumerate() {
            names.note(name.as_bytes(), meaning);
        }
        for (text, meaning, rest) in [
            ("member: a", 1, " a"),
            ("cn: b\nmail: b", 3, "mail: b"),
            ("mail: a", 2, " a"),
            ("cn: a\n", 0, " a\n"),
            ("cn: c", 0, " c"),
            ("mail:", 2, ""),
        ] {
            assert_eq!(names.find(text.as_bytes()), Some((meaning, rest.as_bytes())), "{text}");
        }
        assert_eq!(names.find(b"me"), None);
    }

    #[test]
    fn each_is_expected_to_follow_the_one_it_followed_last() {
        let mut names = Recurring::default();
        for (meaning, name) in ["cn:", "member:", "mail:"].into_iter().enumerate() {
            names.note(name.as_bytes(), meaning);
        }
        assert_eq!(names.find(b"cn:"), Some((0, b"".as_slice())));
        assert_eq!(names.guess(b"mail:"), None);
        assert_eq!(names.guess(b"member:"), Some((1, b"".as_slice())));
        assert_eq!(names.guess(b"member:x"), Some((1, b"x".as_slice())));
        assert_eq!(names.guess(b"mail:"), Some((2, b"".as_slice())));
        assert_eq!(names.guess(b"cn:"), Some((0, b"".as_slice())));
    }

    #[test]
    fn what_is_remembered_is_limited() {
        let mut names = Recurring::default();
        for number in 0..REMEMBERED + 9 {
            names.note(format!("{number}:").as_bytes(), number);
        }
        assert_eq!(names.find(b"0:"), Some((0, b"".as_slice())));
        assert_eq!(names.find(format!("{REMEMBERED}:").as_bytes()), None);
        let (long, mut names) = ("x".repeat(LONGEST + 1), Recurring::default());
        names.note(long.as_bytes(), 1);
        assert_eq!(names.find(long.as_bytes()), None);
    }
}
