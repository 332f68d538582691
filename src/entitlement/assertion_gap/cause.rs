//! Memberships that explain several roles at once.

use std::collections::{BTreeMap, BTreeSet};

use super::{Compared, Explained, Gap, Side, gap};
use crate::entitlement::derivation::Distances;
use crate::entitlement::resolve::TargetId;
use crate::entitlement::stage::{Answer, Stage, StageReport};
use crate::model::arn::ArnPair;
use crate::model::directory::GroupId;
use crate::text::Place;

/// Fewest roles that one membership has to explain to be told as their reason.
const SEVERAL: usize = 2;

impl<'c> Compared<'c, '_> {
    /// The pairs that membership in a group gives.
    fn granted(&self, group: GroupId) -> impl Iterator<Item = (TargetId, &ArnPair)> {
        let targets = self.grants.of(group).iter().map(|&(target, _)| target);
        targets.filter_map(|target| {
            Some((target, self.entitlements.target(target)?.pair.as_ref().ok()?))
        })
    }

    /// Groups the user is not in whose members get several of the roles that were sent beyond the exports,
    /// and nothing that was not sent; each with the roles it explains, which no other explains.
    pub(super) fn memberships_beyond(
        &self,
        explained: &[(&'c ArnPair, Explained)],
    ) -> Vec<(GroupId, BTreeSet<ArnPair>)> {
        let not_in = |found: &Explained| {
            found.report.stage == Stage::Membership
                && found.report.answer == Answer::Fails
                && found.group.is_some()
        };
        let mut open: BTreeSet<&ArnPair> =
            explained.iter().filter(|(_, found)| not_in(found)).map(|(pair, _)| *pair).collect();
        let directory = &self.entitlements.federation.directory;
        let all_sent =
            |group: &GroupId| self.granted(*group).all(|(_, pair)| self.sent.contains(pair));
        let candidates: Vec<GroupId> = if open.len() < SEVERAL {
            Vec::new()
        } else {
            directory
                .groups()
                .map(|(id, _)| id)
                .filter(|id| self.grants.of(*id).len() >= SEVERAL)
                .filter(all_sent)
                .collect()
        };
        let mut found = Vec::new();
        loop {
            let best = candidates.iter().max_by(|a, b| {
                let worth = |group: GroupId| {
                    let covered =
                        self.granted(group).filter(|(_, pair)| open.contains(pair)).count();
                    // People are members of teams, and teams of groups further out.
                    (covered, !directory.members().targets(group.0).is_empty())
                };
                let name = |group: GroupId| directory.group_name(group);
                worth(**a).cmp(&worth(**b)).then_with(|| name(**b).cmp(name(**a)))
            });
            let Some(&group) = best else { return found };
            let covered: BTreeSet<ArnPair> = self
                .granted(group)
                .filter(|(_, pair)| open.contains(pair))
                .map(|(_, pair)| pair.clone())
                .collect();
            if covered.len() < SEVERAL {
                return found;
            }
            open.retain(|pair| !covered.contains(pair));
            found.push((group, covered));
        }
    }

    /// The gap of roles that one membership would give.
    pub(super) fn not_in(&self, group: GroupId, pairs: Vec<ArnPair>) -> Gap {
        let directory = &self.entitlements.federation.directory;
        let name = directory.group_name(group);
        let says = format!("by the exports not in `{name}`, whose members get all of these");
        let place = directory.group(group).map_or(Place::NOWHERE, |group| group.place);
        let report = StageReport::new(Stage::Membership, Answer::Fails, says).at(place);
        Gap { group: Some(name.to_owned()), ..gap(Side::Sent, pairs, report) }
    }

    /// Roles that were not sent, by the user's membership that would have to be gone, or not yet in Okta.
    pub(super) fn memberships_lacking(&self, mut left: BTreeMap<TargetId, &ArnPair>) -> Vec<Gap> {
        let directory = &self.entitlements.federation.directory;
        let none_sent =
            |group: &GroupId| self.granted(*group).all(|(_, pair)| !self.sent.contains(pair));
        let mut idle: Vec<GroupId> = self.direct.iter().copied().filter(none_sent).collect();
        idle.sort_by_cached_key(|&group| (directory.group_name(group).to_owned(), group));
        idle.dedup();
        let mut gaps = Vec::new();
        loop {
            let covers = |group: GroupId| {
                self.granted(group).filter(|(target, _)| left.contains_key(target)).count()
            };
            // Of equals the first by name.
            let best = idle.iter().copied().rev().max_by_key(|&group| covers(group));
            let Some(group) = best.filter(|&group| covers(group) > 0) else { break };
            let targets: Vec<TargetId> = self.granted(group).map(|(target, _)| target).collect();
            let pairs = targets.iter().filter_map(|target| left.remove(target)).cloned().collect();
            gaps.push(self.idle(group, pairs));
        }
        gaps.extend(left.into_iter().map(|(target, pair)| self.broken_off(target, pair)));
        gaps
    }

    /// The gap of roles to which a membership leads that gives the assertion nothing.
    fn idle(&self, group: GroupId, pairs: Vec<ArnPair>) -> Gap {
        let directory = &self.entitlements.federation.directory;
        let name = directory.group_name(group);
        let members = directory.members().entries(group.0);
        let own: Vec<Place> =
            members.filter(|&(member, _)| member == self.user.0).map(|(_, place)| place).collect();
        let (stage, says) = if self.okta_lacks(group) {
            (
                Stage::Import,
                format!(
                    "in `{name}` by the directory, and Okta's own list of it does not have them"
                ),
            )
        } else {
            (
                Stage::Membership,
                format!(
                    "in `{name}` by the exports, and the assertion has none of the roles it leads to"
                ),
            )
        };
        let mut report = StageReport::new(stage, Answer::Fails, says);
        report.places = own.into_iter().min().into_iter().collect();
        Gap { group: Some(name.to_owned()), ..gap(Side::Predicted, pairs, report) }
    }

    /// The gap of a role whose chain breaks off behind the user's own group, as other roles of it were sent.
    fn broken_off(&self, target: TargetId, pair: &ArnPair) -> Gap {
        let directory = &self.entitlements.federation.directory;
        let distances = Distances::to_target(self.entitlements, target);
        let derivation = distances.derive(self.entitlements, self.user, &self.direct);
        let Some(derivation) = derivation else {
            let says = "`samlRoles` of the exports give it, and the assertion does not have it";
            let report = StageReport::new(Stage::Assignment, Answer::Fails, says);
            return gap(Side::Predicted, vec![pair.clone()], report);
        };
        let names: Vec<String> = derivation
            .path
            .iter()
            .map(|step| format!("`{}`", directory.group_name(step.group)))
            .collect();
        let last = derivation.path.last().map(|step| step.group);
        let lacks = last.is_some_and(|group| self.okta_lacks(group));
        let (stage, rest) = if lacks {
            (Stage::Import, "Okta's own list of the last does not have them")
        } else {
            (Stage::Membership, "the assertion does not have the role")
        };
        let says = format!("in {} by the exports, and {rest}", names.join(" → "));
        let mut report = StageReport::new(stage, Answer::Fails, says);
        report.places = derivation.path.iter().map(|step| step.place).collect();
        let group = last.map(|group| directory.group_name(group).to_owned());
        Gap { group, ..gap(Side::Predicted, vec![pair.clone()], report) }
    }

    /// Whether Okta lists a group's members and the user is none of them.
    fn okta_lacks(&self, group: GroupId) -> bool {
        let directory = &self.entitlements.federation.directory;
        let of_okta = || {
            let members = directory.members().entries(group.0);
            members.filter(|&(_, place)| directory.is_of_okta(place))
        };
        of_okta().next().is_some() && !of_okta().any(|(member, _)| member == self.user.0)
    }
}
