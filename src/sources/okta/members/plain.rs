//! A membership object in its usual form, read without a parser: ids of visible ASCII without escapes,
//! and no keys but `groupId`, `users` and `groups`. Whatever is not of this form is left to serde.

use super::Members;

/// Reads the object at `at`: its group's id, and the offset behind it.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    at: usize,
    members: &mut Members<'_, 'a, '_>,
) -> Option<(&'a [u8], usize)> {
    let mut text = Plain { bytes, at, length: 20, longest: members.batch.limits().value };
    let (mut group, mut users, mut groups) = (None, false, false);
    text.eat(b'{')?;
    loop {
        let key = text.string()?;
        text.eat(b':')?;
        match key {
            b"groupId" if group.is_none() => group = Some(text.string()?),
            b"users" if !users => {
                users = true;
                text.list(members)?;
            }
            b"groups" if !groups => {
                groups = true;
                text.list(members)?;
            }
            _ => return None,
        }
        if text.eat(b',').is_none() {
            text.eat(b'}')?;
            return group.filter(|id| !id.is_empty()).map(|group| (group, text.at));
        }
    }
}

struct Plain<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Length of the last id: the next is likely as long.
    length: usize,
    /// Longer ids are left to serde, and to its checks.
    longest: usize,
}

impl<'a> Plain<'a> {
    /// Passes over white space and the byte `wanted`.
    fn eat(&mut self, wanted: u8) -> Option<()> {
        let byte = *self.bytes.get(self.at)?;
        if byte == wanted {
            self.at += 1;
            return Some(());
        }
        if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            return None;
        }
        self.at += 1;
        self.eat_after_space(wanted)
    }

    fn eat_after_space(&mut self, wanted: u8) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        let space = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')).count();
        if rest.get(space) != Some(&wanted) {
            return None;
        }
        self.at += space + 1;
        Some(())
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        self.eat(b'"')?;
        let rest = self.bytes.get(self.at..)?;
        let length = if is_id(rest, self.length) {
            self.length
        } else {
            rest.iter().position(|&byte| !is_plain(byte)).filter(|&end| end <= self.longest)?
        };
        self.length = length;
        let (text, rest) = rest.split_at_checked(length)?;
        if rest.first() != Some(&b'"') {
            return None;
        }
        self.at += length + 1;
        Some(text)
    }

    fn list(&mut self, members: &mut Members<'_, 'a, '_>) -> Option<()> {
        self.eat(b'[')?;
        if self.eat(b']').is_some() {
            return Some(());
        }
        loop {
            let id = self.string()?;
            let line = members.lines.at(self.at);
            members.member(id, line);
            if self.eat(b',').is_none() {
                return self.eat(b']');
            }
        }
    }
}

/// Whether a string of this length and of plain bytes begins here: looks at eight bytes at a time, the
/// last overlapping the one before, without a branch a byte.
fn is_id(text: &[u8], length: usize) -> bool {
    let Some((id, rest)) = text.split_at_checked(length) else { return false };
    let (words, _) = id.as_chunks::<8>();
    let Some(last) = id.last_chunk::<8>() else { return false };
    let odd = words.iter().fold(odd_bytes(*last), |odd, word| odd | odd_bytes(*word));
    odd == 0 && rest.first() == Some(&b'"')
}

/// Non-zero where one of eight bytes is not plain (it may be for a plain one too, right of an odd one).
const fn odd_bytes(word: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let word = u64::from_le_bytes(word);
    let quote = word ^ (ONES * b'"' as u64);
    let slash = word ^ (ONES * b'\\' as u64);
    let below = word.wrapping_sub(ONES * 0x21);
    let above = word.wrapping_add(ONES);
    let zero = quote.wrapping_sub(ONES) & !quote | slash.wrapping_sub(ONES) & !slash;
    (zero | below | above | word) & HIGH
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bytes_are_plain_exactly_when_each_of_them_is() {
        for at in 0..8 {
            for byte in 0..=u8::MAX {
                let mut word = *b"00u1aZ~!";
                word[at] = byte;
                assert_eq!(odd_bytes(word) == 0, is_plain(byte), "byte {byte} at {at}");
            }
        }
    }
}
