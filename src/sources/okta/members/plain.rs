//! A membership object in its usual form, read without a parser: ids of visible ASCII without escapes,
//! and no keys but `groupId`, `users` and `groups`. Whatever is not of this form is left to serde.

use super::Members;

/// Reads the object at `at`: its group's id, and the offset behind it.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    at: usize,
    members: &mut Members<'_, 'a, '_>,
) -> Option<(&'a [u8], usize)> {
    let mut text = Plain { bytes, at, length: 20 };
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
            rest.iter().position(|&byte| !is_plain(byte))?
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

/// Whether a string of this length and of plain bytes begins here: two overlapping looks at 16 bytes,
/// without a branch a byte.
fn is_id(text: &[u8], length: usize) -> bool {
    let Some((id, rest)) = text.split_at_checked(length) else { return false };
    let (Some(head), Some(tail)) = (id.first_chunk::<16>(), id.last_chunk::<16>()) else {
        return false;
    };
    length <= 32
        && rest.first() == Some(&b'"')
        && head.iter().fold(true, |all, &byte| all & is_plain(byte))
        && tail.iter().fold(true, |all, &byte| all & is_plain(byte))
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~')
}
