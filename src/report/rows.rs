//! Every user's picker as CSV rows: formatted in parallel, written in order.

mod prepare;
mod ready;
mod stream;

use std::io::{self, Write};

use crate::entitlement::resolve::{ByUser, Entitlements, Grants, TargetId};
use crate::model::directory::{GroupId, UserId};
use prepare::{Piece, Prepared, prepare};
use ready::{Login, Page, ReadyRows};
pub use stream::stream;

/// A column of the CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Login.
    User,
    /// Account id.
    Account,
    /// Account alias, empty where unknown.
    Alias,
    /// Role name.
    Role,
    /// Role ARN.
    RoleArn,
    /// Provider ARN.
    ProviderArn,
    /// A first look at the trust policy: `ok`, `refused`, `undecided`, or `absent` where no export lists
    /// the role.
    Trust,
    /// How many of the user's direct groups lead to the role.
    Ways,
    /// How many chains of groups lead to the role.
    Paths,
}

impl Column {
    /// All columns, in their default order.
    pub const ALL: [Self; 9] = [
        Self::User,
        Self::Account,
        Self::Alias,
        Self::Role,
        Self::RoleArn,
        Self::ProviderArn,
        Self::Trust,
        Self::Ways,
        Self::Paths,
    ];

    /// Name in the header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Account => "account",
            Self::Alias => "alias",
            Self::Role => "role",
            Self::RoleArn => "role_arn",
            Self::ProviderArn => "provider_arn",
            Self::Trust => "trust",
            Self::Ways => "ways",
            Self::Paths => "paths",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.as_str() == name)
    }
}

/// How the CSV looks.
#[derive(Debug, Clone)]
pub struct CsvStyle {
    /// Columns in order.
    pub columns: Vec<Column>,
    /// Whether a header line comes first.
    pub header: bool,
    /// Cells that a spreadsheet would run as a formula stay as they are.
    pub raw: bool,
}

/// How much is formatted before it is written: large writes are much faster than small ones, and the
/// buffers of one wave stay in the cache.
const ROWS_AT_ONCE: usize = 2048;

/// The rows as far as roles alone decide them: made before, or while, it is told who gets which.
pub struct CsvRows<'e, 'f> {
    entitlements: &'e Entitlements<'f>,
    style: CsvStyle,
    pieces: Vec<Piece>,
    prepared: Prepared,
    ready: Option<ReadyRows>,
}

impl<'e, 'f> CsvRows<'e, 'f> {
    /// Prepares the rows of all targets.
    pub fn new(entitlements: &'e Entitlements<'f>, style: CsvStyle) -> Self {
        let (pieces, prepared) = prepare(entitlements, &style);
        let ready = ReadyRows::new(&pieces, &prepared, entitlements.targets().len());
        Self { entitlements, style, pieces, prepared, ready }
    }

    /// Writes the rows of users in their order, each user's by account and role ARN; gives their number.
    pub fn write(
        &self,
        grants: &Grants,
        by_user: &ByUser,
        users: &[UserId],
        out: &mut (impl Write + Send),
    ) -> io::Result<u64> {
        if self.style.header {
            let names: Vec<&str> = self.style.columns.iter().map(|c| c.as_str()).collect();
            writeln!(out, "{}", names.join(","))?;
        }
        let rows = RowWriter { rows: self, grants, by_user };
        stream(chunks(users, by_user, grants), out, |chunk, buffer| rows.write(chunk, buffer))
    }
}

/// Users cut into runs of about so many rows that one buffer of them is written at once.
pub fn chunks<'u>(
    users: &'u [UserId],
    by_user: &'u ByUser,
    grants: &'u Grants,
) -> impl Iterator<Item = &'u [UserId]> + Send {
    let mut rest = users;
    let rows_of = |&user: &UserId| {
        let groups = by_user.groups(user).iter();
        groups.map(|&group| grants.of(GroupId(group)).len()).sum::<usize>()
    };
    std::iter::from_fn(move || {
        let mut rows = 0;
        let full = rest.iter().position(|user| {
            rows += rows_of(user);
            rows >= ROWS_AT_ONCE
        });
        let (chunk, behind) = rest.split_at(full.map_or(rest.len(), |last| last + 1));
        rest = behind;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// Of how many users what is known is reached for at once.
const REACHED_FOR: usize = 16;

struct RowWriter<'r, 'e, 'f> {
    rows: &'r CsvRows<'e, 'f>,
    grants: &'r Grants,
    by_user: &'r ByUser,
}

impl RowWriter<'_, '_, '_> {
    /// Writes the rows of some users over what `out` holds.
    fn write(&self, users: &[UserId], out: &mut Vec<u8>) -> u64 {
        let mut out = Page::over(out);
        let (mut entries, mut direct) = (Vec::new(), Vec::new());
        let mut login = Login::new();
        let mut rows = 0;
        let entitlements = self.rows.entitlements;
        for users in users.chunks(REACHED_FOR) {
            self.reach_for(users);
            for &user in users {
                direct.clear();
                direct.extend(self.by_user.groups(user).iter().copied().map(GroupId));
                entitlements.entries(user, &direct, self.grants, &mut entries);
                login.set(entitlements.federation.directory.login(user), self.rows.style.raw);
                rows += entries.len() as u64;
                self.write_user(&login, &entries, &mut out);
            }
        }
        out.end();
        rows
    }

    /// Reaches for what is known of several users at once: in the order of their logins they stand far from
    /// each other.
    fn reach_for(&self, users: &[UserId]) {
        let directory = &self.rows.entitlements.federation.directory;
        let first = users.iter().filter_map(|&user| self.by_user.groups(user).first());
        std::hint::black_box(first.fold(0, |reached, group| reached ^ group));
        let logins = users.iter().filter_map(|&user| directory.login(user).as_bytes().first());
        std::hint::black_box(logins.fold(0, |reached, byte| reached ^ byte));
        let groups = users.iter().flat_map(|&user| self.by_user.groups(user));
        let grants = groups.filter_map(|&group| self.grants.of(GroupId(group)).first());
        std::hint::black_box(grants.fold(0, |reached, (_, ways)| reached ^ ways));
    }

    fn write_user(&self, login: &Login, entries: &[(TargetId, u32)], out: &mut Page<'_>) {
        if let Some(ready) = &self.rows.ready {
            ready.reach_for(entries);
        }
        for &(target, count) in entries {
            if let (1, Some(ready)) = (count, &self.rows.ready)
                && ready.write(login, target, out)
            {
                continue;
            }
            for piece in &self.rows.pieces {
                match piece {
                    Piece::User => login.write(out),
                    Piece::Prepared(at) => out.text(self.rows.prepared.of(target, *at)),
                    Piece::Count => {
                        let mut digits = Vec::new();
                        decimal(count, &mut digits);
                        out.text(&digits);
                    }
                }
            }
        }
    }
}

fn decimal(number: u32, out: &mut Vec<u8>) {
    if let Ok(digit @ 0..=9) = u8::try_from(number) {
        out.push(b'0' + digit);
        return;
    }
    let mut digits = [0; 10];
    let mut rest = number;
    let mut length = 0;
    for slot in digits.iter_mut().rev() {
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        length += 1;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - length..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::prepare::cell;
    use super::*;

    fn shown(text: &str, raw: bool) -> String {
        let mut out = Vec::new();
        cell(text, raw, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_are_quoted_and_formulas_disarmed() {
        assert_eq!(shown("a,b\"c", false), "\"a,b\"\"c\"");
        assert_eq!(shown("=1+1", false), "'=1+1");
        assert_eq!(shown("=1+1", true), "=1+1");
        assert_eq!(shown("@x,y", false), "\"'@x,y\"");
    }

    #[test]
    fn numbers_are_written_whole() {
        for number in [0, 9, 10, 4_294_967_295] {
            let mut out = Vec::new();
            decimal(number, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }
}
