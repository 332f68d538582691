//! Where a captured assertion and the exports disagree about a user's roles, and what explains it.
//!
//! Roles with one cause, such as a membership that moved, are one gap. What the exports leave open is a gap
//! that is not known, never a contradiction. Sign-in itself proves that an account is active and assigned.

mod cause;

use std::collections::{BTreeMap, BTreeSet};

use super::admission::Admissions;
use super::lookup::RoleQuery;
use super::picker::RolePicker;
use super::resolve::{Entitlements, Grants, TargetId, TooManyPaths, Ways, visible};
use super::stage::{Answer, Stage, StageReport};
use super::why::{Explanation, explain_sign_in};
use crate::model::arn::ArnPair;
use crate::model::directory::{GroupId, UserId};
use crate::model::federation::Federation;
use crate::model::moment::Moment;
use crate::text::Place;

/// Which of the two has the roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The assertion has them, the exports do not give them.
    Sent,
    /// The exports give them, the assertion lacks them.
    Predicted,
    /// Both have the role, the assertion with another provider, path or case.
    Otherwise,
}

/// Roles about which assertion and exports disagree for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Which of the two has them.
    pub side: Side,
    /// The pairs, as sent where they were sent; sorted, never empty.
    pub pairs: Vec<ArnPair>,
    /// The stage that explains it.
    pub stage: Stage,
    /// [`Answer::Fails`] where the exports contradict the assertion, [`Answer::Unknown`] where some input is
    /// missing that would tell.
    pub answer: Answer,
    /// The reason, one sentence without full stop; not yet neutralised.
    pub says: String,
    /// Lines it rests on.
    pub places: Vec<Place>,
    /// The group whose membership it is about, where it is about one.
    pub group: Option<String>,
    /// The smallest change that would make the exports give a role that was sent, where one is known.
    pub change: Option<String>,
}

/// Compares assertions with what the exports give.
#[derive(Debug)]
pub struct Comparison<'e> {
    admissions: &'e Admissions<'e>,
    grants: Grants,
}

/// One user's roles on both sides.
struct Compared<'c, 'e> {
    entitlements: &'e Entitlements<'e>,
    admissions: &'e Admissions<'e>,
    grants: &'c Grants,
    user: UserId,
    direct: Vec<GroupId>,
    sent: BTreeSet<&'c ArnPair>,
}

impl<'e> Comparison<'e> {
    /// Works out what every group grants, once for any number of assertions.
    pub fn new(admissions: &'e Admissions<'e>) -> Result<Self, TooManyPaths> {
        let grants = admissions.entitlements.grants(visible, Ways::DirectGroups)?;
        Ok(Self { admissions, grants })
    }

    /// The entitlements.
    pub const fn entitlements(&self) -> &'e Entitlements<'e> {
        self.admissions.entitlements
    }

    /// What AWS does with each pair.
    pub const fn admissions(&self) -> &'e Admissions<'e> {
        self.admissions
    }

    /// The role picker that the exports give a user.
    pub fn picker(&self, user: UserId) -> RolePicker {
        let direct = self.entitlements().direct_groups(user);
        RolePicker::of(self.entitlements(), user, &direct, &self.grants)
    }

    /// Where the pairs of an assertion and those that the exports give its user differ; by side and stage.
    pub fn gaps(&self, user: UserId, sent: &[ArnPair]) -> Vec<Gap> {
        let entitlements = self.entitlements();
        let compared = Compared {
            entitlements,
            admissions: self.admissions,
            grants: &self.grants,
            user,
            direct: entitlements.direct_groups(user),
            sent: sent.iter().collect(),
        };
        let picker = RolePicker::of(entitlements, user, &compared.direct, &self.grants);
        let predicted: BTreeMap<&ArnPair, TargetId> =
            picker.entries().map(|entry| (&entry.pair, entry.target)).collect();
        let mut extra: Vec<&ArnPair> =
            compared.sent.iter().copied().filter(|pair| !predicted.contains_key(pair)).collect();
        let mut missing: BTreeMap<&ArnPair, TargetId> = predicted;
        missing.retain(|pair, _| !compared.sent.contains(pair));
        let mut gaps = compared.spelt_otherwise(&mut extra, &mut missing);
        gaps.extend(compared.beyond(&extra));
        gaps.extend(compared.lacking(&missing));
        for gap in &mut gaps {
            gap.pairs.sort();
            gap.pairs.dedup();
        }
        gaps.sort_by(|a, b| (a.side, a.stage, &a.pairs).cmp(&(b.side, b.stage, &b.pairs)));
        gaps
    }
}

impl<'c> Compared<'c, '_> {
    /// Takes out the roles that both sides have with another provider, path or case: a gap for each
    /// difference.
    fn spelt_otherwise(
        &self,
        extra: &mut Vec<&'c ArnPair>,
        missing: &mut BTreeMap<&ArnPair, TargetId>,
    ) -> Vec<Gap> {
        let mut by_difference: BTreeMap<String, Vec<ArnPair>> = BTreeMap::new();
        extra.retain(|sent| {
            let same = |pair: &&&ArnPair| {
                pair.role.account == sent.role.account
                    && pair.role.name.eq_ignore_ascii_case(&sent.role.name)
            };
            let Some(&expected) = missing.keys().find(same) else { return true };
            missing.remove(expected);
            by_difference.entry(difference(sent, expected)).or_default().push((*sent).clone());
            false
        });
        let pattern = self.entitlements.mapping.places.pattern;
        let gap = |(says, pairs)| {
            let report = StageReport::new(Stage::Pair, Answer::Fails, says).at(pattern);
            gap(Side::Otherwise, pairs, report)
        };
        by_difference.into_iter().map(gap).collect()
    }

    /// Roles that were sent and that the exports do not give.
    fn beyond(&self, extra: &[&'c ArnPair]) -> Vec<Gap> {
        let mut explained: Vec<(&ArnPair, Explained)> =
            extra.iter().map(|&pair| (pair, self.explain(pair))).collect();
        let mut gaps = Vec::new();
        for (group, covered) in self.memberships_beyond(&explained) {
            let (pairs, rest): (Vec<_>, Vec<_>) =
                explained.into_iter().partition(|(pair, _)| covered.contains(pair));
            explained = rest;
            let pairs = pairs.into_iter().map(|(pair, _)| pair.clone()).collect();
            gaps.push(self.not_in(group, pairs));
        }
        let mut by_reason: BTreeMap<(Stage, String), Gap> = BTreeMap::new();
        for (pair, found) in explained {
            let key = (found.report.stage, found.report.says.clone());
            let Explained { report, group, change } = found;
            let new = || Gap { group, change, ..gap(Side::Sent, Vec::new(), report) };
            by_reason.entry(key).or_insert_with(new).pairs.push(pair.clone());
        }
        gaps.extend(by_reason.into_values());
        gaps
    }

    /// Why the exports do not give a pair.
    fn explain(&self, pair: &ArnPair) -> Explained {
        let entitlements = self.entitlements;
        if entitlements.mapping.maps_groups()
            && entitlements.federation.directory.group_count() == 0
        {
            let says = "no export states any group";
            return StageReport::new(Stage::Membership, Answer::Unknown, says).into();
        }
        let query = RoleQuery::of(entitlements.federation, &pair.role);
        let why = explain_sign_in(entitlements, self.admissions, self.user, &query);
        match deciding(&why) {
            Some(report) if why.group.is_none() && report.stage == Stage::Membership => {
                let says = "no group of the exports maps to it";
                StageReport::new(Stage::Membership, report.answer, says).into()
            }
            Some(report) => {
                let change = (report.answer == Answer::Fails).then(|| why.change.clone()).flatten();
                Explained { report: report.clone(), group: why.group.clone(), change }
            }
            // Every stage holds for the role: it is the provider that nothing gives.
            None => {
                let says = format!("nothing gives the role with the provider `{}`", pair.provider);
                let pattern = entitlements.mapping.places.pattern;
                StageReport::new(Stage::Pair, Answer::Fails, says).at(pattern).into()
            }
        }
    }

    /// Roles that the exports give and that were not sent.
    fn lacking(&self, missing: &BTreeMap<&ArnPair, TargetId>) -> Vec<Gap> {
        let mut open: BTreeMap<(Stage, String), Gap> = BTreeMap::new();
        let mut left: BTreeMap<TargetId, &ArnPair> = BTreeMap::new();
        for (&pair, &target) in missing {
            let Some(report) = self.open_stage(pair, target) else {
                left.insert(target, pair);
                continue;
            };
            let key = (report.stage, report.says.clone());
            let gap = open.entry(key).or_insert_with(|| gap(Side::Predicted, Vec::new(), report));
            gap.pairs.push(pair.clone());
        }
        let mut gaps: Vec<Gap> = open.into_values().collect();
        gaps.extend(self.memberships_lacking(left));
        gaps
    }

    /// What leaves open whether the exports give a pair at all, or depends on what Okta does not document.
    fn open_stage(&self, pair: &ArnPair, target: TargetId) -> Option<StageReport> {
        let entitlements = self.entitlements;
        let query = RoleQuery::of(entitlements.federation, &pair.role);
        let why = explain_sign_in(entitlements, self.admissions, self.user, &query);
        let signed_in = !self.sent.is_empty();
        let proven =
            |stage: Stage| signed_in && matches!(stage, Stage::Account | Stage::Assignment);
        let unknown = why.stages.iter().find(|report| {
            report.answer == Answer::Unknown
                && report.stage.decides_picker()
                && !proven(report.stage)
        });
        if let Some(report) = unknown {
            return Some(report.clone());
        }
        let groups = &entitlements.target(target)?.role_groups;
        let mapped: Vec<_> = groups.iter().filter_map(|&at| entitlements.role_group(at)).collect();
        let first = mapped.first()?;
        if !mapped.iter().all(|mapped| mapped.depends_on_mode) {
            return None;
        }
        let says = format!(
            "whether the Group Filter takes `{}` depends on how Okta applies it (find or full match), and Okta seems not to take it",
            entitlements.federation.directory.group_name(first.group)
        );
        let place = entitlements.mapping.places.filter;
        Some(StageReport::new(Stage::Filter, Answer::Fails, says).at(place))
    }
}

/// What keeps a pair out of the exports' picker.
struct Explained {
    report: StageReport,
    group: Option<String>,
    change: Option<String>,
}

impl From<StageReport> for Explained {
    fn from(report: StageReport) -> Self {
        Self { report, group: None, change: None }
    }
}

/// The stage that keeps a role out of the picker: the first that fails, else the first that is not known.
fn deciding(why: &Explanation) -> Option<&StageReport> {
    let stages = || why.stages.iter().filter(|report| report.stage.decides_picker());
    let is = |answer: Answer| move |report: &&StageReport| report.answer == answer;
    stages().find(is(Answer::Fails)).or_else(|| stages().find(is(Answer::Unknown)))
}

fn gap(side: Side, pairs: Vec<ArnPair>, report: StageReport) -> Gap {
    Gap {
        side,
        pairs,
        stage: report.stage,
        answer: report.answer,
        says: report.says,
        places: report.places,
        group: None,
        change: None,
    }
}

/// How a pair that was sent differs from the one expected.
fn difference(sent: &ArnPair, expected: &ArnPair) -> String {
    if sent.role == expected.role {
        return format!(
            "sent with the provider `{}`, the Role Value Pattern gives `{}`",
            sent.provider.name, expected.provider.name
        );
    }
    format!("sent as `{}`, the exports give `{}`", sent.role, expected.role)
}

/// What the age of the export at a place says beside a message of this moment: nothing where the export is
/// not older, or its time is not known.
pub fn older_export(federation: &Federation, place: Place, issued: Moment) -> Option<String> {
    let (name, _) = federation.sources.resolve(place)?;
    let made = Moment(federation.export_of(place)?.time(name)?);
    let days = issued.days_since(made);
    let days = match days {
        ..=0 => return None,
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    Some(format!("`{name}` is {days} older than the message"))
}
