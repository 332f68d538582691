//! Account ids that a spreadsheet or a script took for numbers, in the names of groups and in exports.

use std::ops::Range;

use super::resolve::Entitlements;
use crate::finding::FixHint;
use crate::mapping::group_filter::{FilterReader, MatchMode, Reading};
use crate::model::account::AccountId;
use crate::model::aws::Accounts;
use crate::model::defect::DefectKind;
use crate::model::directory::GroupId;
use crate::model::federation::Federation;
use crate::model::spoiled_account::{Float, Form, Piece, octal, padded, pieces};
use crate::text::Place;

use super::role_group::place_of;

/// An account id that lost something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpoiledId {
    /// What it stands in: a group's whole name, or the id as written.
    pub text: String,
    /// Where in that.
    pub part: Range<usize>,
    /// The line.
    pub place: Place,
    /// What happened to it.
    pub cause: Cause,
    /// The change that mends it, where a group's name holds it.
    pub fix: Option<FixHint>,
}

/// What happened to an account id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Its leading zeros are gone.
    LostZeros {
        /// The id with them.
        account: AccountId,
        /// Whether an export names that account.
        known: bool,
    },
    /// It was read as an octal number and written as a decimal one.
    Octal {
        /// The known id that is.
        account: AccountId,
    },
    /// It was written with an exponent, and digits are gone.
    Float {
        /// The known ids that round to it.
        accounts: Vec<AccountId>,
    },
}

impl SpoiledId {
    /// The id as it stands there.
    pub fn written(&self) -> &str {
        self.text.get(self.part.clone()).unwrap_or_default()
    }
}

/// Every spoiled id in the names of groups and in the exports of accounts.
///
/// Without a Group Filter a name's digits are an id only where some known account's id is what they lost.
pub fn spoiled(federation: &Federation, entitlements: Option<&Entitlements<'_>>) -> Vec<SpoiledId> {
    let mut found = in_exports(federation);
    if entitlements.is_none_or(|entitlements| entitlements.mapping.maps_groups()) {
        let reader = entitlements.map(|of| (of.mapping.filter.reader(), of.mapping.mode));
        let mut names = Names { accounts: &federation.accounts, reader };
        for (group, _) in federation.directory.groups() {
            if !entitlements.is_some_and(|of| maps_whole(of, group)) {
                let name = federation.directory.group_name(group);
                found.extend(names.read(name, place_of(federation, group)));
            }
        }
    }
    found
}

/// Whether a group's name gives an account id of twelve digits as it is.
fn maps_whole(entitlements: &Entitlements<'_>, group: GroupId) -> bool {
    let mapped = entitlements.role_groups.of(group);
    mapped.is_some_and(|mapped| AccountId::parse(&mapped.account).is_ok())
}

fn in_exports(federation: &Federation) -> Vec<SpoiledId> {
    let accounts = &federation.accounts;
    let of_source = federation.defects.of(DefectKind::AccountId);
    let defects = of_source.flat_map(|(_, defects)| &defects.kept);
    defects
        .filter_map(|defect| {
            let text = defect.value.clone();
            let cause = match Float::parse(&text) {
                Some(float) => Cause::Float { accounts: rounding_to(accounts, float) },
                None => digits(accounts, &text, true)?,
            };
            Some(SpoiledId { part: 0..text.len(), text, place: defect.place, cause, fix: None })
        })
        .collect()
}

/// What digits lost: a known id where there is one, else zeros where a guess will do.
fn digits(accounts: &Accounts, text: &str, guess: bool) -> Option<Cause> {
    let account = padded(text)?;
    if accounts.get(&account).is_some() {
        return Some(Cause::LostZeros { account, known: true });
    }
    if let Some(account) = octal(text).filter(|id| accounts.get(id).is_some()) {
        return Some(Cause::Octal { account });
    }
    guess.then_some(Cause::LostZeros { account, known: false })
}

fn rounding_to(accounts: &Accounts, float: Float) -> Vec<AccountId> {
    accounts.iter().map(|(id, _)| *id).filter(|&id| float.is_of(id)).collect()
}

/// Reads the names of groups.
struct Names<'f> {
    accounts: &'f Accounts,
    reader: Option<(FilterReader<'f>, MatchMode)>,
}

impl Names<'_> {
    fn read(&mut self, name: &str, place: Place) -> Option<SpoiledId> {
        pieces(name).find_map(|piece| self.piece(name, &piece, place))
    }

    fn piece(&mut self, name: &str, piece: &Piece, place: Place) -> Option<SpoiledId> {
        let written = name.get(piece.range.clone())?;
        let cause = match piece.form {
            Form::Digits => {
                // Where accounts are known, other digits are another mistake.
                let guess = self.reader.is_some() && self.accounts.is_empty();
                digits(self.accounts, written, guess)?
            }
            Form::Float(float) => Cause::Float { accounts: rounding_to(self.accounts, float) },
        };
        let account = match &cause {
            Cause::LostZeros { account, .. } | Cause::Octal { account } => Some(*account),
            Cause::Float { accounts } => match accounts.as_slice() {
                [account] => Some(*account),
                _ => None,
            },
        };
        // Any twelve digits show whether the filter takes an account id there.
        let probe = account.or_else(|| AccountId::parse("100000000000").ok())?;
        let (before, after) = (name.get(..piece.range.start)?, name.get(piece.range.end..)?);
        let mended = format!("{before}{probe}{after}");
        if !self.takes(&mended, probe) {
            return None;
        }
        let rename = || FixHint::RenameGroup { from: name.to_owned(), to: mended.clone() };
        let fix = account.map(|_| rename());
        Some(SpoiledId { text: name.to_owned(), part: piece.range.clone(), place, cause, fix })
    }

    /// Whether the filter reads this account from a name; without a filter every name will do.
    fn takes(&mut self, name: &str, account: AccountId) -> bool {
        let Some((reader, mode)) = &mut self.reader else { return true };
        match reader.read(name, *mode) {
            Reading::Match(captures) => captures.account_id == Some(account.as_str()),
            Reading::NoMatch | Reading::Undecided(_) => false,
        }
    }
}
