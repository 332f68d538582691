//! `access/rejected-entry`: the picker shows a role and AWS refuses it.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::super::mapping::ROLE_VALUE_PATTERN;
use crate::entitlement::admission::{Admissions, Admitting};
use crate::entitlement::holdings::Holdings;
use crate::entitlement::resolve::{Entitlements, TargetId, Ways, visible};
use crate::entitlement::role_group::{RoleGroup, place_of};
use crate::entitlement::stage::{Answer, Stage, StageReport};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::{GroupId, UserId};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "access/rejected-entry",
        summary: "the picker shows a role, and AWS refuses it to those who choose it",
        severity: Severity::Error,
        on: true,
        follows: FOLLOWS,
        options: &[],
        since: "0.1.0",
        explanation: "The picker lists what Okta sends; whether the account has the provider and the role, and what \
                      the role's trust policy says, AWS looks at only when a role is chosen. Users then see an error \
                      that names no cause. Only what the exports show to be refused is reported: a condition on \
                      something that no export tells, such as the user's address, is not. Where another rule names \
                      the cause (a missing role, a wrong audience, stale metadata), that finding stands alone; this \
                      one is for what is left, such as a trust policy that is right and not for these users.",
        remediation: "`rolecall why USER ROLE` shows the statement and the condition. Change the trust policy, or \
                      take the group away from those who are not meant to have the role.",
        references: &[
            crate::entitlement::refusal::TROUBLESHOOTING,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html",
        ],
    },
    check,
};

/// Rules that name the cause of a refusal.
const FOLLOWS: &[&str] = &[
    "arn/path-mismatch",
    "arn/reserved-role",
    "drift/missing-role",
    "mapping/acs-override",
    "mapping/partition-mismatch",
    "mapping/session-duration",
    "mapping/unknown-provider",
    "naming/account-id-typo",
    "naming/case-deviates",
    "naming/illegal-role-name",
    "naming/unknown-account",
    "naming/unmatchable-role-name",
    "provider/issuer-mismatch",
    "provider/missing",
    "provider/name-case",
    "provider/stale-certificate",
    "trust/deny-shadows-allow",
    "trust/foreign-partition-audience",
    "trust/foreign-provider",
    "trust/impossible-audience",
    "trust/invalid-grammar",
    "trust/literal-variable",
    "trust/malformed-principal",
    "trust/missing-source-identity",
    "trust/missing-tag-session",
    "trust/name-filter",
    "trust/prohibited-element",
    "trust/unknown-condition-key",
    "trust/unknown-operator",
    "trust/unknown-provider",
    "trust/unset-multivalue",
    "trust/wrong-action",
];

/// What AWS does with one target.
struct Tally {
    /// The stage that refuses, where it refuses everybody.
    report: Option<StageReport>,
    seen: usize,
    refused: usize,
    example: Option<UserId>,
}

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.entitlements()?;
    let admissions = Admissions::new(entitlements, &context.settings.sign_in);
    let admitting = Admitting::new(&admissions, context.policies());
    let mut tallies = candidates(entitlements, &admissions, &admitting);
    if !tallies.is_empty() {
        count(context.holdings()?, &admissions, &mut tallies)?;
    }
    let mut found: Vec<Finding> = tallies
        .iter()
        .filter(|(_, tally)| tally.refused > 0)
        .filter_map(|(&id, tally)| finding((context, &admissions), id, tally))
        .collect();
    found.extend(session_names(context, &admissions)?);
    found.extend(app_session(context, &admissions));
    Ok(found)
}

/// Targets that AWS refuses to everybody, and those where it depends on the user.
fn candidates(
    entitlements: &Entitlements<'_>,
    admissions: &Admissions<'_>,
    admitting: &Admitting<'_>,
) -> BTreeMap<TargetId, Tally> {
    let passes = |id: TargetId| {
        let pair = entitlements.target(id).and_then(|target| target.pair.as_ref().ok());
        pair.is_some_and(|pair| {
            let (provider, role) = admissions.existence(pair);
            let exist = provider.answer != Answer::Fails && role.answer != Answer::Fails;
            exist && admitting.refuses_nobody(pair)
        })
    };
    let count = u32::try_from(entitlements.targets().len()).unwrap_or(0);
    let ids: Vec<TargetId> = (0..count).map(TargetId).collect();
    let look = |&id: &TargetId| {
        let report = admissions.of_target(id)?;
        let fixed = [Some(&report.provider), Some(&report.role), report.trust_of_all()];
        let failing = fixed.into_iter().flatten().find(|one| one.answer == Answer::Fails);
        (failing.is_some() || report.trust_of_all().is_none()).then(|| {
            let report = failing.cloned();
            (id, Tally { report, seen: 0, refused: 0, example: None })
        })
    };
    ids.par_iter().filter(|&&id| !passes(id)).filter_map(look).collect()
}

/// Counts the users whose picker shows the candidates, and those of them who are refused.
fn count(
    holdings: &Holdings<'_>,
    admissions: &Admissions<'_>,
    tallies: &mut BTreeMap<TargetId, Tally>,
) -> Result<(), CannotCheck> {
    let entitlements = holdings.entitlements;
    let groups: FxHashSet<GroupId> = tallies
        .keys()
        .filter_map(|&id| entitlements.target(id))
        .flat_map(|target| &target.role_groups)
        .filter_map(|&at| entitlements.role_group(at).map(|mapped| mapped.group))
        .collect();
    let wanted = |mapped: &RoleGroup| visible(mapped) && groups.contains(&mapped.group);
    let grants = entitlements
        .grants(wanted, Ways::DirectGroups)
        .map_err(|error| CannotCheck(error.to_string()))?;
    let may_see_one = |&&user: &&UserId| {
        // Who has roles of their own need not have them from a group.
        !entitlements.mapping.maps_groups()
            || holdings.each_direct(user).any(|group| !grants.of(group).is_empty())
    };
    let mut tally_of: Vec<Option<&mut Tally>> =
        entitlements.targets().iter().map(|_| None).collect();
    for (id, tally) in tallies {
        if let Some(slot) = tally_of.get_mut(id.0 as usize) {
            *slot = Some(tally);
        }
    }
    let mut entries = Vec::new();
    for &user in holdings.users().iter().filter(may_see_one) {
        entitlements.entries(user, &holdings.direct(user), &grants, &mut entries);
        for &(id, _) in &entries {
            let Some(Some(tally)) = tally_of.get_mut(id.0 as usize) else { continue };
            tally.seen += 1;
            if tally.report.is_some() || refuses(admissions, id, user) {
                tally.refused += 1;
                tally.example.get_or_insert(user);
            }
        }
    }
    Ok(())
}

/// Whether the trust policy refuses a user.
fn refuses(admissions: &Admissions<'_>, id: TargetId, user: UserId) -> bool {
    trust(admissions, id, user).is_some_and(|report| report.answer == Answer::Fails)
}

fn trust(admissions: &Admissions<'_>, id: TargetId, user: UserId) -> Option<StageReport> {
    let pair = admissions.entitlements.target(id)?.pair.as_ref().ok()?;
    Some(admissions.trust(admissions.of_target(id)?, pair, Some(user)))
}

fn finding(
    (context, admissions): (&Context<'_>, &Admissions<'_>),
    id: TargetId,
    tally: &Tally,
) -> Option<Finding> {
    let entitlements = context.entitlements.ok()?;
    let directory = &context.federation.directory;
    let target = entitlements.target(id)?;
    let pair = target.pair.as_ref().ok()?;
    let report = if let Some(report) = &tally.report {
        report.clone()
    } else {
        trust(admissions, id, tally.example?)?
    };
    let to = match (tally.refused, tally.seen) {
        (1, 1) => "the one user".to_owned(),
        (refused, seen) if refused == seen => format!("all {seen} users"),
        (refused, seen) => {
            let example = tally.example.map(|user| directory.login(user)).unwrap_or_default();
            format!("{refused} of {seen} users, such as {},", Quoted(example))
        }
    };
    let message = format!(
        "role {} of account {} is refused to {to} whose picker shows it: {}",
        Quoted(&pair.role.name),
        Quoted(pair.role.account.as_str()),
        report.says
    );
    let mut found = Finding::new(&RULE.info, &*target.role_arn, message);
    let what = match report.stage {
        Stage::Provider => "the provider",
        Stage::Role => "a role of the account",
        _ => "the trust policy",
    };
    let mut groups = target.role_groups.iter().filter_map(|&at| entitlements.role_group(at));
    let first = groups.next();
    found = match first {
        Some(mapped) => {
            let name = directory.group_name(mapped.group);
            found.at(Label::new(place_of(context.federation, mapped.group), "").mark(name))
        }
        None => found.at(Label::new(report.places.first().copied().unwrap_or_default(), "")),
    };
    for &place in report.places.iter().take(2) {
        found = found.related(Label::new(place, what));
    }
    found = found.stems_from(ROLE_VALUE_PATTERN).stems_from(pair.provider.to_string());
    for mapped in first.into_iter().chain(groups) {
        found = found.stems_from(&*mapped.value).stems_from(directory.group_name(mapped.group));
    }
    found = found.stems_from(target.account.to_string());
    if report.stage == Stage::Trust {
        found = found.stems_from("overrideAcsURL");
    }
    if let Some(refusal) = report.refusal {
        found = found.help(format!("the answer of AWS is {refusal}"));
    }
    Some(match report.change {
        Some(change) => found.help(change),
        None => found,
    })
}

/// Users whose name in the app is no session name that AWS takes: it refuses them everything.
fn session_names(
    context: &Context<'_>,
    admissions: &Admissions<'_>,
) -> Result<Option<Finding>, CannotCheck> {
    let entitlements = admissions.entitlements;
    let directory = &context.federation.directory;
    let fails = |user: UserId| {
        let report = admissions.session(None, Some(user));
        (report.answer == Answer::Fails && report.refusal.is_some()).then_some((user, report))
    };
    let named = directory.assignments().user_names.iter().map(|row| row.0);
    let failing: Vec<(UserId, StageReport)> = named.filter_map(fails).collect();
    if failing.is_empty() {
        return Ok(None);
    }
    let grants = entitlements
        .grants(visible, Ways::DirectGroups)
        .map_err(|error| CannotCheck(error.to_string()))?;
    let by_user = entitlements.by_user(&grants);
    let mut entries = Vec::new();
    let sees_some = |(user, _): &&(UserId, StageReport)| {
        let direct: Vec<GroupId> = by_user.groups(*user).iter().copied().map(GroupId).collect();
        entitlements.entries(*user, &direct, &grants, &mut entries);
        !entries.is_empty()
    };
    let failing: Vec<&(UserId, StageReport)> = failing.iter().filter(sees_some).collect();
    let Some(&&(first, ref report)) = failing.first() else { return Ok(None) };
    let users = if failing.len() == 1 { "1 user" } else { &format!("{} users", failing.len()) };
    let message = format!("every role of their pickers is refused to {users}: {}", report.says);
    let place = directory.user(first).map(|user| user.place).unwrap_or_default();
    let found = Finding::new(&RULE.info, directory.login(first), message)
        .at(Label::new(place, "").mark(directory.login(first)));
    let found = match report.refusal {
        Some(refusal) => found.help(format!("the answer of AWS is {refusal}")),
        None => found,
    };
    Ok(Some(match &report.change {
        Some(change) => found.help(change.as_str()),
        None => found,
    }))
}

/// What the app sends with everybody: duration and tags.
fn app_session(context: &Context<'_>, admissions: &Admissions<'_>) -> Option<Finding> {
    let report = admissions.session(None, None);
    let has_targets = !admissions.entitlements.targets().is_empty();
    if report.answer != Answer::Fails || report.refusal.is_some() || !has_targets {
        return None;
    }
    let place = match report.places.first() {
        Some(&place) => place,
        None => context.federation.app.as_ref().map(|app| app.place).unwrap_or_default(),
    };
    let message = format!("every role is refused to everybody: {}", report.says);
    let found = Finding::new(&RULE.info, "session", message)
        .at(Label::new(place, ""))
        .stems_from("sessionDuration");
    Some(match report.change {
        Some(change) => found.help(change),
        None => found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_explains_a_refusal_is_listed_once_and_sorted() {
        assert!(FOLLOWS.is_sorted_by(|a, b| a < b));
    }
}
