//! Every user's picker as CSV rows: formatted in parallel, written in order.

use std::io::{self, Write};

use rayon::prelude::*;

use crate::entitlement::resolve::{ByUser, Entitlements, Grants, Target, TargetId};
use crate::model::directory::{GroupId, UserId};
use crate::trust::{Glance, SIGN_IN, glance};

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

/// One row, cut into what the target alone decides and what the user does.
enum Piece {
    /// Index into each target's prepared texts.
    Prepared(usize),
    User,
    Count,
}

/// How much is formatted before it is written: large writes are much faster than small ones, and the
/// buffers of one wave stay in the cache.
const ROWS_AT_ONCE: usize = 1024;

/// Writes the rows of all users (or of one), sorted by login, account, role ARN; gives their number.
pub fn write_csv(
    entitlements: &Entitlements<'_>,
    grants: &Grants,
    by_user: &ByUser,
    style: &CsvStyle,
    only: Option<UserId>,
    out: &mut (impl Write + Send),
) -> io::Result<u64> {
    if style.header {
        let names: Vec<&str> = style.columns.iter().map(|column| column.as_str()).collect();
        writeln!(out, "{}", names.join(","))?;
    }
    let ((pieces, prepared), users) = rayon::join(
        || prepare(entitlements, style),
        || match only {
            Some(user) => vec![user],
            None => entitlements.users_by_login(by_user, grants),
        },
    );
    let chunks = chunks(&users, by_user, grants);
    let ready = ReadyRows::new(&pieces, &prepared, entitlements.targets().len());
    let rows = RowWriter { entitlements, grants, by_user, style, pieces, prepared, ready };
    stream(&chunks, out, |chunk, buffer| rows.write(chunk, buffer))
}

/// Formats chunks in parallel and writes them in order; while one wave is written the next is formatted.
pub fn stream(
    chunks: &[&[UserId]],
    out: &mut (impl Write + Send),
    format: impl Fn(&[UserId], &mut Vec<u8>) -> u64 + Sync,
) -> io::Result<u64> {
    let wave = rayon::current_num_threads() * 6;
    let mut spare: Vec<Vec<u8>> = Vec::new();
    let mut ready: Vec<Vec<u8>> = Vec::new();
    let mut total = 0;
    let mut waves = chunks.chunks(wave.max(1));
    loop {
        let next = waves.next().unwrap_or_default();
        let mut buffers = std::mem::take(&mut spare);
        buffers.resize_with(next.len(), Vec::new);
        let (written, counts) = rayon::join(
            || ready.iter().try_for_each(|buffer| out.write_all(buffer)),
            || {
                let work = next.par_iter().zip(buffers.par_iter_mut());
                work.map(|(chunk, buffer)| {
                    buffer.clear();
                    format(chunk, buffer)
                })
                .sum::<u64>()
            },
        );
        written?;
        total += counts;
        if next.is_empty() {
            return Ok(total);
        }
        spare = std::mem::replace(&mut ready, buffers);
    }
}

/// Users cut into runs of about a thousand rows.
pub fn chunks<'u>(users: &'u [UserId], by_user: &ByUser, grants: &Grants) -> Vec<&'u [UserId]> {
    let mut chunks = Vec::new();
    let (mut from, mut rows) = (0, 0);
    for (at, &user) in users.iter().enumerate() {
        rows += by_user
            .groups(user)
            .iter()
            .map(|&group| grants.of(GroupId(group)).len())
            .sum::<usize>();
        if rows >= ROWS_AT_ONCE {
            chunks.extend(users.get(from..=at));
            (from, rows) = (at + 1, 0);
        }
    }
    chunks.extend(users.get(from..).filter(|rest| !rest.is_empty()));
    chunks
}

/// The prepared texts of every target, side by side.
struct Prepared {
    text: Vec<u8>,
    ends: Vec<u32>,
    per_target: usize,
}

impl Prepared {
    fn of(&self, target: TargetId, piece: usize) -> &[u8] {
        let at = target.0 as usize * self.per_target + piece;
        let from = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let to = self.ends.get(at).copied().unwrap_or(from);
        self.text.get(from as usize..to as usize).unwrap_or_default()
    }
}

fn prepare(entitlements: &Entitlements<'_>, style: &CsvStyle) -> (Vec<Piece>, Prepared) {
    let mut pieces = Vec::new();
    let mut per_target = 0;
    let mut groups: Vec<Vec<(bool, Column)>> = Vec::new();
    for (at, &column) in style.columns.iter().enumerate() {
        let comma = at > 0;
        match column {
            Column::User | Column::Ways | Column::Paths => {
                if comma {
                    push_column(&mut pieces, &mut groups, &mut per_target, None);
                }
                pieces.push(if column == Column::User { Piece::User } else { Piece::Count });
            }
            other => push_column(&mut pieces, &mut groups, &mut per_target, Some((comma, other))),
        }
    }
    push_end(&mut pieces, &mut groups, &mut per_target);
    let texts: Vec<Vec<Vec<u8>>> = entitlements
        .targets()
        .par_iter()
        .map(|target| {
            groups
                .iter()
                .map(|columns| prepared_text(entitlements, target, columns, style.raw))
                .collect()
        })
        .collect();
    let mut prepared = Prepared { text: Vec::new(), ends: Vec::new(), per_target };
    for (at, text) in texts.iter().flat_map(|texts| texts.iter().enumerate()) {
        prepared.text.extend_from_slice(text);
        if at + 1 == per_target {
            prepared.text.push(b'\n');
        }
        prepared.ends.push(u32::try_from(prepared.text.len()).unwrap_or(u32::MAX));
    }
    (pieces, prepared)
}

/// Bytes that come from memory together.
const CACHE_LINE: usize = 64;

/// Longest row behind the login that is kept ready.
const READY: usize = 2 * CACHE_LINE;

/// Longest login that is copied at one stroke.
const LOGIN: usize = 32;

/// A row behind the login, in as few cache lines as it takes, and copied whole: a copy of known length
/// costs a fraction of one that is not.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct ReadyRow([u8; READY]);

/// For every target the row behind the login, for the usual case of one way.
struct ReadyRows {
    rows: Vec<ReadyRow>,
    /// Length of each, zero for one that is too long.
    lengths: Vec<u8>,
}

impl ReadyRows {
    /// `None` where the login is not the first column.
    fn new(pieces: &[Piece], prepared: &Prepared, targets: usize) -> Option<Self> {
        let [Piece::User, rest @ ..] = pieces else { return None };
        let mut ready =
            Self { rows: vec![ReadyRow([0; READY]); targets], lengths: vec![0; targets] };
        let mut text = Vec::new();
        for (target, (row, length)) in
            (0..).map(TargetId).zip(ready.rows.iter_mut().zip(&mut ready.lengths))
        {
            text.clear();
            for piece in rest {
                match piece {
                    Piece::User => return None,
                    Piece::Prepared(at) => text.extend_from_slice(prepared.of(target, *at)),
                    Piece::Count => text.push(b'1'),
                }
            }
            if let (Some(slot), Ok(size)) = (row.0.get_mut(..text.len()), u8::try_from(text.len()))
            {
                slot.copy_from_slice(&text);
                *length = size;
            }
        }
        Some(ready)
    }

    /// Reaches for the rows of several targets at once, so that copying each does not wait for the memory.
    fn reach_for(&self, entries: &[(TargetId, u32)]) {
        let rows = entries.iter().filter_map(|(target, _)| self.rows.get(target.0 as usize));
        let reached = rows.fold(0, |reached, row| reached ^ row.0[0] ^ row.0[CACHE_LINE]);
        std::hint::black_box(reached);
    }

    /// Adds login and row; `false` where the row is not ready.
    fn write(&self, login: &Login, target: TargetId, out: &mut Vec<u8>) -> bool {
        let at = target.0 as usize;
        let (Some(row), Some(&length @ 1..)) = (self.rows.get(at), self.lengths.get(at)) else {
            return false;
        };
        login.write(out);
        let end = out.len() + usize::from(length);
        out.extend_from_slice(&row.0);
        out.truncate(end);
        true
    }
}

/// A user's cell.
struct Login {
    text: Vec<u8>,
    /// Its beginning, to be copied at one stroke.
    start: [u8; LOGIN],
}

impl Login {
    fn set(&mut self, login: &str, raw: bool) {
        self.text.clear();
        cell(login, raw, &mut self.text);
        if let Some(start) = self.start.get_mut(..self.text.len()) {
            start.copy_from_slice(&self.text);
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        if self.text.len() > LOGIN {
            out.extend_from_slice(&self.text);
        } else {
            let end = out.len() + self.text.len();
            out.extend_from_slice(&self.start);
            out.truncate(end);
        }
    }
}

/// Adds a column (or, for `None`, a bare comma) to the prepared text that is open, or opens one.
fn push_column(
    pieces: &mut Vec<Piece>,
    groups: &mut Vec<Vec<(bool, Column)>>,
    per_target: &mut usize,
    column: Option<(bool, Column)>,
) {
    if !matches!(pieces.last(), Some(Piece::Prepared(_))) {
        pieces.push(Piece::Prepared(*per_target));
        groups.push(Vec::new());
        *per_target += 1;
    }
    if let Some(group) = groups.last_mut() {
        // A bare comma is a comma before nothing: the user's part follows.
        group.push(column.unwrap_or((true, Column::User)));
    }
}

/// The line end belongs to the last prepared text.
fn push_end(
    pieces: &mut Vec<Piece>,
    groups: &mut Vec<Vec<(bool, Column)>>,
    per_target: &mut usize,
) {
    if !matches!(pieces.last(), Some(Piece::Prepared(_))) {
        pieces.push(Piece::Prepared(*per_target));
        groups.push(Vec::new());
        *per_target += 1;
    }
}

fn prepared_text(
    entitlements: &Entitlements<'_>,
    target: &Target,
    columns: &[(bool, Column)],
    raw: bool,
) -> Vec<u8> {
    let mut text = Vec::new();
    for &(comma, column) in columns {
        if comma {
            text.push(b',');
        }
        match column {
            Column::Account => cell(&target.account, raw, &mut text),
            Column::Alias => cell(alias(entitlements, target), raw, &mut text),
            Column::Role => {
                let name = target.pair.as_ref().map_or_else(
                    |_| target.role_arn.rsplit('/').next().unwrap_or_default(),
                    |pair| &pair.role.name,
                );
                cell(name, raw, &mut text);
            }
            Column::RoleArn => cell(&target.role_arn, raw, &mut text),
            Column::ProviderArn => cell(&target.provider_arn, raw, &mut text),
            Column::Trust => text.extend_from_slice(trust(entitlements, target).as_bytes()),
            Column::User | Column::Ways | Column::Paths => {}
        }
    }
    text
}

fn alias<'e>(entitlements: &'e Entitlements<'_>, target: &Target) -> &'e str {
    let account = target.pair.as_ref().ok().map(|pair| pair.role.account);
    account
        .and_then(|id| entitlements.federation.accounts.get(&id))
        .and_then(|account| account.alias.as_ref())
        .map_or("", |alias| &alias.value)
}

fn trust(entitlements: &Entitlements<'_>, target: &Target) -> &'static str {
    let Ok(pair) = &target.pair else { return "absent" };
    let account = entitlements.federation.accounts.get(&pair.role.account);
    let role = account.and_then(|account| account.role(&pair.role.name));
    let Some(role) = role.filter(|role| role.path == pair.role.path) else { return "absent" };
    let Some(policy) = &role.trust_policy else { return "undecided" };
    match glance(&policy.json, &target.provider_arn, SIGN_IN) {
        Glance::Admits => "ok",
        Glance::Refuses => "refused",
        Glance::Undecided => "undecided",
    }
}

struct RowWriter<'e, 'f> {
    entitlements: &'e Entitlements<'f>,
    grants: &'e Grants,
    by_user: &'e ByUser,
    style: &'e CsvStyle,
    pieces: Vec<Piece>,
    prepared: Prepared,
    ready: Option<ReadyRows>,
}

impl RowWriter<'_, '_> {
    fn write(&self, users: &[UserId], out: &mut Vec<u8>) -> u64 {
        let (mut entries, mut direct) = (Vec::new(), Vec::new());
        let mut login = Login { text: Vec::new(), start: [0; LOGIN] };
        let mut rows = 0;
        for &user in users {
            direct.clear();
            direct.extend(self.by_user.groups(user).iter().copied().map(GroupId));
            self.entitlements.entries(user, &direct, self.grants, &mut entries);
            login.set(self.entitlements.federation.directory.login(user), self.style.raw);
            rows += entries.len() as u64;
            self.write_user(&login, &entries, out);
        }
        rows
    }

    fn write_user(&self, login: &Login, entries: &[(TargetId, u32)], out: &mut Vec<u8>) {
        if let Some(ready) = &self.ready {
            ready.reach_for(entries);
        }
        for &(target, count) in entries {
            if let (1, Some(ready)) = (count, &self.ready)
                && ready.write(login, target, out)
            {
                continue;
            }
            for piece in &self.pieces {
                match piece {
                    Piece::User => login.write(out),
                    Piece::Prepared(at) => out.extend_from_slice(self.prepared.of(target, *at)),
                    Piece::Count => decimal(count, out),
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

/// A CSV cell: quoted where RFC 4180 asks for it; what a spreadsheet would run as a formula gets an
/// apostrophe, unless the user asked for it raw.
fn cell(text: &str, raw: bool, out: &mut Vec<u8>) {
    let formula = !raw && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = text.contains([',', '"', '\n', '\r']);
    if quoted {
        out.push(b'"');
    }
    if formula {
        out.push(b'\'');
    }
    if quoted {
        out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
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
