//! A membership object in its usual form: no keys but `groupId`, `users` and `groups`, and bare ids.

use super::Members;
use crate::sources::json::Plain;

/// Reads the object at `at`: its group's id, and the offset behind it; `None` where it is of another form.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    at: usize,
    members: &mut Members<'_, 'a, '_>,
) -> Option<(&'a [u8], usize)> {
    let limits = members.batch.limits();
    let mut text = Plain::new(bytes, at, limits.value);
    let (mut group, mut users, mut groups) = (None, false, false);
    text.object(limits.json_depth, |text, key| match key {
        b"groupId" if group.is_none() => {
            group = Some(text.id()?);
            Some(())
        }
        b"users" if !users => {
            users = true;
            list(text, members)
        }
        b"groups" if !groups => {
            groups = true;
            list(text, members)
        }
        _ => None,
    })?;
    group.filter(|id| !id.is_empty()).map(|group| (group, text.at()))
}

fn list<'a>(text: &mut Plain<'a>, members: &mut Members<'_, 'a, '_>) -> Option<()> {
    text.eat(b'[')?;
    if text.eat(b']').is_some() {
        return Some(());
    }
    loop {
        let id = text.id()?;
        let line = members.lines.at(text.at());
        members.member(id, line);
        if text.eat(b',').is_none() {
            return text.eat(b']');
        }
    }
}
