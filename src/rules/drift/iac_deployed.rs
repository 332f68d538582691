//! `drift/iac-deployed`: a role's trust policy in code means something else than the deployed one.

use std::collections::BTreeMap;

use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::account::Partition;
use crate::model::arn::RoleArn;
use crate::model::aws::{PolicyDocument, Role};
use crate::model::declared::{DeclaredBy, DeclaredRole, Known};
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Difference, TrustPolicy};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "drift/iac-deployed",
        summary: "a role's trust policy in code means something else than the deployed one",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A trust policy that was changed in the console lets in others than the code says, \
                      until the next apply undoes it; or the code is not deployed yet. Policies are \
                      compared by meaning: order, brackets around one value, the case of actions, \
                      operators and keys, names of statements and, without variables, the version do not \
                      count. What is known only at deployment may be anything. A role is compared where \
                      the code says its account and name: by the provider's configuration, the state, or \
                      `account` of the source.",
        remediation: "Deploy the code, or take the deployed policy over into it.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html",
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html",
        ],
    },
    check,
};

/// Most roles that a finding names.
const NAMED: usize = 3;

/// Most values of a part that a message names.
const VALUES: usize = 3;

/// Most parts that a message names.
const PARTS: usize = 3;

/// A role in code, what it is in its account, and its ARN there.
struct Pair<'c> {
    code: &'c DeclaredRole,
    policy: &'c PolicyDocument,
    deployed: &'c PolicyDocument,
    arn: RoleArn,
}

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let roles = &context.federation.declared.roles;
    if !roles.is_empty() && context.federation.accounts.is_empty() {
        return Err(CannotCheck("no export names any AWS account".to_owned()));
    }
    let mut found: BTreeMap<(DeclaredBy, Vec<Difference>), Vec<Pair<'_>>> = BTreeMap::new();
    for code in roles {
        let Some((pair, differences)) = pair(context, code) else { continue };
        if !differences.is_empty() {
            found.entry((code.by, differences)).or_default().push(pair);
        }
    }
    Ok(found
        .iter()
        .filter_map(|((by, differences), pairs)| finding(*by, differences, pairs))
        .collect())
}

/// A role that is deployed where the code says, with what differs.
fn pair<'c>(context: &Context<'c>, code: &'c DeclaredRole) -> Option<(Pair<'c>, Vec<Difference>)> {
    let (id, name) = (code.account?, code.name.value()?);
    let account = context.federation.accounts.get(&id)?;
    let role: &Role = account.role(name)?;
    let (Known::Value(policy), Some(deployed)) = (&code.trust_policy, &role.trust_policy) else {
        return None;
    };
    let (own, real) =
        (TrustPolicy::parse(&policy.json).ok()?, TrustPolicy::parse(&deployed.json).ok()?);
    let partition = account.partition.or(code.partition).unwrap_or(Partition::Aws);
    let arn = RoleArn { partition, account: id, path: role.path.clone(), name: name.clone() };
    Some((Pair { code, policy, deployed, arn }, own.differences(&real)))
}

fn finding(by: DeclaredBy, differences: &[Difference], pairs: &[Pair<'_>]) -> Option<Finding> {
    let first = pairs.first()?;
    let (whom, one) = match pairs.len() {
        1 => (
            format!("the trust policy of {}", Quoted(&first.arn.name)),
            "differs from the deployed one",
        ),
        many => (format!("the trust policies of {many} roles"), "differ from the deployed ones"),
    };
    let message = format!(
        "{whom} in the {by} {one}: the code has {}, what is deployed has {}",
        parts(differences, |difference| &difference.first),
        parts(differences, |difference| &difference.second),
    );
    let values = differences.iter().find_map(|difference| difference.first.first());
    // The kind of a principal is no part of its name.
    let mark = values.and_then(|value| value.rsplit(' ').next()).unwrap_or_default();
    let mut finding = Finding::new(&RULE.info, first.arn.to_string(), message)
        .at(Label::new(place_in(first.policy, mark), "").mark(mark))
        .related(Label::new(first.deployed.place, "the deployed policy"));
    if first.code.place != first.policy.place {
        finding = finding.related(Label::new(first.code.place, first.code.address.as_str()));
    }
    if pairs.len() > 1 {
        let arns: Vec<String> = pairs.iter().take(NAMED).map(|pair| pair.arn.to_string()).collect();
        let more = pairs.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        finding = finding.help(format!("the roles are `{}`{more}", arns.join("`, `")));
    }
    Some(finding.help("deploy the code, or take the deployed policy over into it"))
}

/// The line that states a value, or the policy's first.
fn place_in(policy: &PolicyDocument, value: &str) -> crate::text::Place {
    let found = (!value.is_empty()).then(|| policy.json.find(value)).flatten();
    found.map_or(policy.place, |at| policy.place_of(at))
}

/// What one side has where the two differ.
fn parts(differences: &[Difference], side: impl Fn(&Difference) -> &Vec<String>) -> String {
    let parts: Vec<String> = differences
        .iter()
        .filter(|difference| !side(difference).is_empty())
        .map(|difference| format!("`{}` {}", difference.what, values(side(difference))))
        .collect();
    match parts.split_at_checked(PARTS) {
        _ if parts.is_empty() => "nothing more".to_owned(),
        Some((shown, rest)) if !rest.is_empty() => {
            format!("{} and {} more", shown.join(", "), rest.len())
        }
        _ => parts.join(" and "),
    }
}

fn values(all: &[String]) -> String {
    let shown: Vec<String> = all.iter().take(VALUES).map(|one| Quoted(one).to_string()).collect();
    match all.len() {
        many if many > VALUES => format!("{} and {} more", shown.join(", "), many - VALUES),
        _ => shown.join(", "),
    }
}
