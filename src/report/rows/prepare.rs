//! What the target alone decides of a row, prepared once.

use rayon::prelude::*;

use super::{Column, CsvStyle};
use crate::entitlement::resolve::{Entitlements, Target, TargetId};
use crate::trust::{Glance, SIGN_IN, glance};

/// One row, cut into what the target alone decides and what the user does.
pub(super) enum Piece {
    /// Index into each target's prepared texts.
    Prepared(usize),
    User,
    Count,
}

/// The prepared texts of every target, side by side.
pub(super) struct Prepared {
    text: Vec<u8>,
    ends: Vec<u32>,
    per_target: usize,
}

impl Prepared {
    /// One of a target's texts.
    pub(super) fn of(&self, target: TargetId, piece: usize) -> &[u8] {
        let at = target.0 as usize * self.per_target + piece;
        let from = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let to = self.ends.get(at).copied().unwrap_or(from);
        self.text.get(from as usize..to as usize).unwrap_or_default()
    }
}

/// Cuts a row into pieces, and prepares those that the target decides.
pub(super) fn prepare(entitlements: &Entitlements<'_>, style: &CsvStyle) -> (Vec<Piece>, Prepared) {
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

/// A CSV cell: quoted where RFC 4180 asks for it; what a spreadsheet would run as a formula gets an
/// apostrophe, unless the user asked for it raw.
pub(super) fn cell(text: &str, raw: bool, out: &mut Vec<u8>) {
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
