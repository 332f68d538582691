//! What the target alone decides of a row, prepared once.

use std::sync::Arc;

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

/// Targets prepared by one thread at once.
const TARGETS_AT_ONCE: usize = 2048;

impl Prepared {
    /// The texts of all parts, in their order.
    fn together(parts: Vec<Self>, per_target: usize) -> Self {
        let size = |of: fn(&Self) -> usize| parts.iter().map(of).sum::<usize>();
        let mut all = Self {
            text: Vec::with_capacity(size(|part| part.text.len())),
            ends: Vec::with_capacity(size(|part| part.ends.len())),
            per_target,
        };
        for part in parts {
            let base = u32::try_from(all.text.len()).unwrap_or(u32::MAX);
            all.text.extend_from_slice(&part.text);
            all.ends.extend(part.ends.iter().map(|end| base.saturating_add(*end)));
        }
        all
    }

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
    let targets = entitlements.targets();
    let parts: Vec<Prepared> = targets
        .par_chunks(TARGETS_AT_ONCE)
        .map(|targets| {
            let mut part = Prepared { text: Vec::new(), ends: Vec::new(), per_target };
            let mut seen = Glances::default();
            for target in targets {
                for (at, columns) in groups.iter().enumerate() {
                    let columns = (columns.as_slice(), style.raw);
                    prepared_text(entitlements, target, columns, &mut seen, &mut part.text);
                    if at + 1 == per_target {
                        part.text.push(b'\n');
                    }
                    part.ends.push(u32::try_from(part.text.len()).unwrap_or(u32::MAX));
                }
            }
            part
        })
        .collect();
    (pieces, Prepared::together(parts, per_target))
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

fn prepared_text<'e>(
    entitlements: &'e Entitlements<'_>,
    target: &'e Target,
    (columns, raw): (&[(bool, Column)], bool),
    seen: &mut Glances<'e>,
    text: &mut Vec<u8>,
) {
    for &(comma, column) in columns {
        if comma {
            text.push(b',');
        }
        match column {
            Column::Account => cell(&target.account, raw, text),
            Column::Alias => cell(alias(entitlements, target), raw, text),
            Column::Role => {
                let name = target.pair.as_ref().map_or_else(
                    |_| target.role_arn.rsplit('/').next().unwrap_or_default(),
                    |pair| &pair.role.name,
                );
                cell(name, raw, text);
            }
            Column::RoleArn => cell(&target.role_arn, raw, text),
            Column::ProviderArn => cell(&target.provider_arn, raw, text),
            Column::Trust => text.extend_from_slice(trust(entitlements, target, seen).as_bytes()),
            Column::User | Column::Ways | Column::Paths => {}
        }
    }
}

fn alias<'e>(entitlements: &'e Entitlements<'_>, target: &Target) -> &'e str {
    let account = target.pair.as_ref().ok().map(|pair| pair.role.account);
    account
        .and_then(|id| entitlements.federation.accounts.get(&id))
        .and_then(|account| account.alias.as_ref())
        .map_or("", |alias| &alias.value)
}

/// Policies looked at lately, for which provider, and what was seen: roles of an account share policies.
#[derive(Default)]
struct Glances<'e> {
    seen: Vec<(&'e Arc<str>, &'e str, Glance)>,
    /// Which one is forgotten next.
    oldest: usize,
}

/// How many policies are remembered.
const REMEMBERED: usize = 8;

impl<'e> Glances<'e> {
    fn of(&mut self, policy: &'e Arc<str>, provider: &'e str) -> Glance {
        let same =
            |(one, of, _): &&(&Arc<str>, &str, Glance)| Arc::ptr_eq(one, policy) && *of == provider;
        if let Some((_, _, glance)) = self.seen.iter().find(same) {
            return *glance;
        }
        let glance = glance(policy, provider, SIGN_IN);
        match self.seen.get_mut(self.oldest) {
            Some(slot) => *slot = (policy, provider, glance),
            None => self.seen.push((policy, provider, glance)),
        }
        self.oldest = (self.oldest + 1) % REMEMBERED;
        glance
    }
}

fn trust<'e>(
    entitlements: &'e Entitlements<'_>,
    target: &'e Target,
    seen: &mut Glances<'e>,
) -> &'static str {
    let Ok(pair) = &target.pair else { return "absent" };
    let account = entitlements.federation.accounts.get(&pair.role.account);
    let role = account.and_then(|account| account.role(&pair.role.name));
    let Some(role) = role.filter(|role| role.path == pair.role.path) else { return "absent" };
    let Some(policy) = &role.trust_policy else { return "undecided" };
    match seen.of(&policy.json, &target.provider_arn) {
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
