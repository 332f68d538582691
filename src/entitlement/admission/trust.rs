//! The stage `trust`: what the role's trust policy decides, and the smallest change to it.

use super::super::refusal::Refusal;
use super::super::sign_in::{SignIns, Trusting};
use super::super::stage::{Answer, Stage, StageReport};
use super::existence::declared_role;
use crate::model::arn::ArnPair;
use crate::model::aws::Role;
use crate::model::declared::{Known, has_hole};
use crate::model::directory::UserId;
use crate::model::federation::Federation;
use crate::text::Place;
use crate::trust::{Decision, Presented, TrustPolicy, Unmet};

/// The policy of the role, or what the stage says without one.
pub(in crate::entitlement) fn policy_of(
    pair: &ArnPair,
    role: Option<&Role>,
    federation: &Federation,
) -> Result<TrustPolicy, Box<StageReport>> {
    let unknown = |says: String| Box::new(StageReport::new(Stage::Trust, Answer::Unknown, says));
    let id = pair.role.account;
    let Some(role) = role else {
        let listed = federation.accounts.get(&id).is_some_and(|account| account.roles_complete);
        return Err(unknown(if listed {
            "there is no such role whose trust policy could be decided".to_owned()
        } else {
            format!("no export has the trust policy of `{}` in account {id}", pair.role.name)
        }));
    };
    let Some(document) = &role.trust_policy else {
        return Err(unknown(format!("the export leaves the trust policy of `{}` out", role.name)));
    };
    TrustPolicy::parse(&document.json).map_err(|error| {
        let says = format!("the exported trust policy of `{}` cannot be read: {error}", role.name);
        Box::new(unknown(says).at(document.place))
    })
}

/// What the policy decides for a sign-in of a user, or of anybody.
pub(super) fn decide(
    sign_ins: &SignIns<'_>,
    pair: &ArnPair,
    user: Option<UserId>,
    (policy, role): (&TrustPolicy, Option<&Role>),
) -> StageReport {
    let (answer, says, change) = answer(sign_ins, pair, user, policy);
    let document = role.and_then(|role| role.trust_policy.as_ref());
    let place = document.map_or(Place::NOWHERE, |document| document.place);
    let report = StageReport::new(Stage::Trust, answer, says).at(place);
    let report = match change {
        Some(change) => report.change(change),
        None => report,
    };
    if answer == Answer::Fails { report.refused(Refusal::NotTrusted) } else { report }
}

fn answer(
    sign_ins: &SignIns<'_>,
    pair: &ArnPair,
    user: Option<UserId>,
    policy: &TrustPolicy,
) -> (Answer, String, Option<String>) {
    let decide = |trusting| policy.decide(&sign_ins.request(pair, user, policy, trusting));
    let decision = decide(Trusting::Defaults);
    match &decision {
        Decision::Allow { .. } => {
            let assumed = sign_ins.assumed(policy, pair, user);
            let says = if assumed.is_empty()
                || matches!(decide(Trusting::Nothing), Decision::Allow { .. })
            {
                decision.to_string()
            } else {
                format!("{decision}, taking {} for what is sent", assumed.join(" and "))
            };
            (Answer::Holds, says, None)
        }
        Decision::Undecided { keys, .. } => {
            let why = sign_ins.why_unknown(keys, pair, user);
            (Answer::Unknown, format!("{decision} ({why})"), None)
        }
        Decision::ExplicitDeny { .. } | Decision::ImplicitDeny { .. } => {
            if let Decision::Undecided { .. } = decide(Trusting::Nothing) {
                let assumed = sign_ins.assumed(policy, pair, user).join(" and ");
                let says = format!(
                    "not known for certain: with {assumed}, AWS would refuse, as {decision}"
                );
                return (Answer::Unknown, says, None);
            }
            let change = change(&decision);
            (Answer::Fails, decision.to_string(), change)
        }
    }
}

/// The smallest change to a policy that lets the sign-in pass.
fn change(decision: &Decision) -> Option<String> {
    match decision {
        Decision::Allow { .. } | Decision::Undecided { .. } => None,
        Decision::ExplicitDeny { statement, .. } => Some(format!(
            "take this sign-in out of statement {} of the role's trust policy, which denies it",
            statement + 1
        )),
        Decision::ImplicitDeny { fault: Some(fault), .. } => {
            Some(format!("mend the role's trust policy: {}", fault.message))
        }
        Decision::ImplicitDeny { action, refusals, .. } => {
            let Some(nearest) = refusals.first() else {
                return Some(format!(
                    "add a statement to the role's trust policy that allows `{action}` to the provider"
                ));
            };
            let statement = nearest.statement + 1;
            let parts: Vec<String> =
                nearest.unmet.iter().map(|unmet| part(unmet, statement)).collect();
            Some(format!("in the role's trust policy, {}", parts.join(", and ")))
        }
    }
}

fn part(unmet: &Unmet, statement: usize) -> String {
    match unmet {
        Unmet::Action { negated: false, presented, .. } => {
            format!("let statement {statement} allow `{presented}`")
        }
        Unmet::Action { presented, .. } => {
            format!("take `{presented}` out of `NotAction` of statement {statement}")
        }
        Unmet::Principal { negated: false, presented, .. } => {
            format!("name `{presented}` as a `Federated` principal of statement {statement}")
        }
        Unmet::Principal { .. } => {
            format!("name the provider under `Principal` of statement {statement}")
        }
        Unmet::Condition { operator, needs_set: true, key, .. } => format!(
            "test `{key}` in statement {statement} with `ForAnyValue:{operator}`, as it has several values"
        ),
        Unmet::Condition {
            negated: false, key, presented: Some(Presented::One(value)), ..
        } => {
            format!("let statement {statement} accept `{value}` for `{key}`")
        }
        Unmet::Condition { key, presented: None, .. } => {
            format!(
                "take the condition on `{key}` out of statement {statement}, or have Okta send it"
            )
        }
        Unmet::Condition { operator, key, .. } => {
            format!("change `{operator}` of `{key}` in statement {statement}")
        }
        Unmet::Refused(message) => format!("mend statement {statement} ({message})"),
    }
}

/// What the policy that code declares would decide, for a role that no export of the account has.
pub(super) fn declared(
    sign_ins: &SignIns<'_>,
    pair: &ArnPair,
    unknown: &StageReport,
) -> Option<StageReport> {
    let role = declared_role(sign_ins.federation(), &pair.role)?;
    let of = format!("`{}` of a {}", role.address, role.by);
    let (says, place) = match &role.trust_policy {
        Known::Unknown(why) => (format!("the policy of {of} is not known yet ({why})"), role.place),
        Known::Value(document) if has_hole(&document.json) => {
            let why = role.holes.first().map(|why| format!(" ({why})")).unwrap_or_default();
            (format!("parts of the policy of {of} are not known yet{why}"), document.place)
        }
        Known::Value(document) => {
            let says = match TrustPolicy::parse(&document.json) {
                Err(error) => format!("the policy of {of} cannot be read: {error}"),
                Ok(policy) => {
                    let (answer, says, _) = answer(sign_ins, pair, None, &policy);
                    let would = match answer {
                        Answer::Holds => "would let them in",
                        Answer::Fails => "would refuse",
                        Answer::Unknown => "would not decide it either",
                    };
                    format!("the policy of {of} {would}: {says}")
                }
            };
            (says, document.place)
        }
    };
    let says = format!("{}; {says}", unknown.says);
    Some(StageReport::new(Stage::Trust, Answer::Unknown, says).at(place))
}
