//! Every name of a federation, stored once.

/// A piece of text in [`Names`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Text {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Text {
    /// Whether nothing stands there.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// The arena all names of a federation live in.
#[derive(Debug, Clone, Default)]
pub struct Names {
    arena: String,
}

impl Names {
    /// Takes an arena over; bytes that are no UTF-8 become `?`.
    pub fn from_bytes(arena: Vec<u8>) -> Self {
        let arena = String::from_utf8(arena).unwrap_or_else(|error| {
            let mut bytes = error.into_bytes();
            let mut from = 0;
            while let Err(bad) = std::str::from_utf8(bytes.get(from..).unwrap_or_default()) {
                let at = from + bad.valid_up_to();
                let length = bad.error_len().unwrap_or(bytes.len() - at);
                bytes.iter_mut().skip(at).take(length).for_each(|byte| *byte = b'?');
                from = at + length;
            }
            String::from_utf8(bytes).unwrap_or_default()
        });
        Self { arena }
    }

    /// Adds a text behind all others.
    pub(crate) fn add(&mut self, text: &str) -> Text {
        let end = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let start = end(self.arena.len());
        self.arena.push_str(text);
        Text { start, end: end(self.arena.len()) }
    }

    /// The text.
    pub fn get(&self, text: Text) -> &str {
        self.arena.get(text.start as usize..text.end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stray_bytes_become_question_marks_and_offsets_stay() {
        let names = Names::from_bytes(b"a\xff\xfeb\xc3".to_vec());
        assert_eq!(names.get(Text { start: 0, end: 5 }), "a??b?");
    }
}
