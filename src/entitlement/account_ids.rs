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
                found.extend(names.read(name, || place_of(federation, group)));
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
    /// The first spoiled id in a name; its place is asked for where there is one.
    fn read(&mut self, name: &str, place: impl Fn() -> Place) -> Option<SpoiledId> {
        pieces(name).find_map(|piece| self.piece(name, &piece, &place))
    }

    fn piece(&mut self, name: &str, piece: &Piece, place: impl Fn() -> Place) -> Option<SpoiledId> {
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
        let (from, to) = (name.to_owned(), mended);
        let fix = account.map(|_| match cause {
            Cause::LostZeros { known: false, .. } => FixHint::ProposeName { from, to },
            _ => FixHint::RenameGroup { from, to },
        });
        let (text, part, place) = (name.to_owned(), piece.range.clone(), place());
        Some(SpoiledId { text, part, place, cause, fix })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::settings::{Mapping, Overrides};
    use crate::model::directory::{Directory, Group};
    use crate::model::names::{Names as Arena, Text};

    const FILTER: &str = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d{12})$";
    const PATTERN: &str =
        "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}";

    fn id(text: &str) -> AccountId {
        AccountId::parse(text).unwrap()
    }

    /// What is found in one group's name.
    fn found(name: &str, known: &[&str], filter: Option<&str>) -> Vec<(String, Cause, bool)> {
        let names = Arena::from_bytes(name.as_bytes().to_vec());
        let text = Text { start: 0, end: u32::try_from(name.len()).unwrap() };
        let group = Group {
            name: text,
            source: None,
            group_type: None,
            in_okta: false,
            place: Place(1),
            implied: false,
        };
        let directory = Directory { names, groups: vec![group], ..Directory::default() };
        let mut federation = Federation { directory, ..Federation::default() };
        for account in known {
            federation.accounts.entry(id(account));
        }
        let overrides = Overrides {
            group_filter: filter.map(str::to_owned),
            role_value_pattern: Some(PATTERN.to_owned()),
            ..Overrides::default()
        };
        let mapping = Mapping::new(None, &overrides);
        let entitlements =
            mapping.as_ref().ok().map(|mapping| Entitlements::resolve(&federation, mapping));
        spoiled(&federation, entitlements.as_ref())
            .into_iter()
            .map(|found| (found.written().to_owned(), found.cause.clone(), found.fix.is_some()))
            .collect()
    }

    fn zeros(account: &str, known: bool) -> Cause {
        Cause::LostZeros { account: id(account), known }
    }

    #[test]
    fn lost_zeros_are_told_by_a_known_account_or_else_by_the_filter() {
        let name = "aws#prod#Admin#12345678901";
        let one = |cause| vec![("12345678901".to_owned(), cause, true)];
        assert_eq!(found(name, &["012345678901"], Some(FILTER)), one(zeros("012345678901", true)));
        assert_eq!(found(name, &[], Some(FILTER)), one(zeros("012345678901", false)));
        // Another mistake, or no account id at all.
        assert_eq!(found(name, &["999999999999"], Some(FILTER)), []);
        assert_eq!(found("aws-12345678901", &["012345678901"], Some(FILTER)), []);
    }

    #[test]
    fn without_a_filter_only_known_accounts_are_told() {
        let name = "team 12345678901";
        assert_eq!(found(name, &["012345678901"], None).len(), 1);
        assert_eq!(found(name, &[], None), []);
    }

    #[test]
    fn zeros_come_before_an_octal_reading_and_a_whole_id_is_left_alone() {
        let octal = || Cause::Octal { account: id("031724506611") };
        let name = "aws#prod#Admin#3478293897";
        let cause = |known: &[&str]| found(name, known, Some(FILTER)).pop().map(|found| found.1);
        assert_eq!(cause(&["031724506611"]), Some(octal()));
        assert_eq!(cause(&["031724506611", "003478293897"]), Some(zeros("003478293897", true)));
        let whole = "aws#73190445286#Admin#031724506611";
        assert_eq!(found(whole, &["073190445286", "031724506611"], Some(FILTER)), []);
    }

    #[test]
    fn a_rounded_id_is_renamed_only_where_one_known_account_is_written_so() {
        let name = "aws#prod#Admin#5.18205E+11";
        let accounts = |known: &[&str]| {
            found(name, known, Some(FILTER)).pop().map(|(_, cause, fix)| match cause {
                Cause::Float { accounts } => (accounts.len(), fix),
                other => panic!("{other:?}"),
            })
        };
        assert_eq!(accounts(&[]), Some((0, false)));
        assert_eq!(accounts(&["518204773960"]), Some((1, true)));
        assert_eq!(accounts(&["518204773960", "518204999999"]), Some((2, false)));
        assert_eq!(found("version 5.18205E+11", &["518204773960"], Some(FILTER)), []);
    }
}
