//! Lines in the form that nearly all of them have, read without the detours of the others.

use super::super::super::attribute::{Description, Field};
use super::super::super::entry::{EntryError, Value};
use super::super::value::{member, plain_text, trim_spaces};
use super::{Known, Reading};
use crate::sources::batch::{Batch, Loss};

impl Reading<'_, '_, '_> {
    /// Lines that begin as expected and hold a value as it is.
    pub(super) fn usual_lines(&mut self) {
        let longest = self.batch.limits().value;
        loop {
            let rest = self.lines.rest();
            if matches!(rest.first(), None | Some(b'\n' | b'\r' | b'#')) {
                return;
            }
            let Some((known, rest)) = self.known.find(rest) else { return };
            let (before, number) = (self.lines, self.lines.number());
            let kept = match known {
                Known::Class(class, length) => {
                    if !self.lines.pass_line(rest) {
                        return;
                    }
                    self.entry.class(class, length, self.batch)
                }
                Known::Attribute(Description { field, .. }) => {
                    if field.is_membership()
                        || matches!(field, Field::Dn | Field::ChangeType | Field::ObjectClass)
                        || matches!(rest.first(), Some(b':' | b'<'))
                    {
                        return;
                    }
                    let (value, goes_on) = self.lines.next_behind(rest);
                    if goes_on || value.len() > longest {
                        self.lines = before;
                        return;
                    }
                    if field == Field::Ignored {
                        continue;
                    }
                    self.entry.value(field, Value::Stays(trim_spaces(value)), number, self.batch)
                }
            };
            if let Err(error) = kept {
                self.batch.problem(number, Loss::Record, error);
                return self.skip_record();
            }
        }
    }

    /// Members whose lines begin like the last one's.
    pub(super) fn members_in_a_row(&mut self) {
        let Description { field, range } = self.run.description;
        let (entry, first) = (self.entry.key(self.batch), self.lines.number());
        let mut count = 0;
        loop {
            let number = self.lines.number();
            let Some((value, goes_on)) = self.lines.next_with_prefix(&self.run.prefix) else {
                break;
            };
            let is_one = if goes_on || !self.clean {
                self.copied_member(value, number)
            } else {
                let value = member(field, trim_spaces(value));
                let is_one = fits(field, value, number, self.batch);
                if is_one {
                    self.members.push(Value::Stays(value), number, entry, self.batch);
                }
                is_one
            };
            count += u32::from(is_one);
        }
        if count > 0 {
            self.entry.memberships(field, range, count, first);
        }
    }

    /// A member that does not stand in the block as it is: its line begins with `value` and may go on.
    fn copied_member(&mut self, value: &[u8], number: u32) -> bool {
        let (field, entry) = (self.run.description.field, self.entry.key(self.batch));
        let pool = self.members.pool();
        let start = pool.len();
        pool.extend_from_slice(value);
        self.lines.join(pool);
        let whole = trim_spaces(pool.get(start..).unwrap_or_default());
        let from = pool.len() - whole.len();
        let whole = member(field, whole);
        let is_one = fits(field, whole, number, self.batch);
        if is_one && self.clean {
            let to = from + whole.len();
            self.members.push_pooled(from..to, number, entry, self.batch);
        } else if is_one {
            let text = plain_text(whole, number, false, self.batch).into_owned();
            self.members.push(Value::Passes(&text), number, entry, self.batch);
        }
        is_one
    }
}

/// Whether a member's name is one: not empty, and not too long, which is a problem.
#[inline]
fn fits(field: Field, name: &[u8], number: u32, batch: &mut Batch<'_>) -> bool {
    let longest = batch.limits().value;
    if name.len() > longest {
        batch.problem(number, Loss::Record, EntryError::value_too_long(field, longest));
        return false;
    }
    !name.is_empty()
}
