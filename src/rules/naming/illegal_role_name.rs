//! `naming/illegal-role-name`: roles that IAM cannot have.

use super::{Entitlements, before, mend_finding, part_finding, with_rename};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::mapping::nearest::{Mend, MendKind};
use crate::model::arn::is_role_name;
use crate::rules::{CannotCheck, Context, Rule};

/// Longest role name of IAM's, in characters.
const LONGEST: usize = 64;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/illegal-role-name",
        summary: "the role in a role group's name is none that IAM can have",
        severity: Severity::Error,
        on: true,
        follows: before("naming/illegal-role-name"),
        options: &[],
        since: "0.1.0",
        explanation: "A role name is 1 to 64 of the letters and digits of ASCII and `_+=,.@-`. A group whose role \
                      segment holds anything else, such as a space, can name no role: the Group Filter passes over \
                      it, or Okta sends an ARN that AWS refuses.",
        remediation: "Rename the group with the role's name as IAM has it.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let unmatched = entitlements.names().deviations.iter().filter(|deviation| !deviation.mapped);
    let mut findings: Vec<Finding> = unmatched
        .filter_map(|deviation| {
            let mend = deviation.mends.iter().find(|mend| is_illegal(mend))?;
            let name = Quoted(directory.group_name(deviation.group));
            let (found, at) = (Quoted(&mend.found), mend.range.start);
            let message = format!(
                "the role in {name} holds {found} at byte {at}, which no role name may hold"
            );
            Some(mend_finding(&RULE.info, entitlements, deviation, mend, message))
        })
        .collect();
    findings.extend(mapped(entitlements));
    Ok(findings)
}

/// Whether what is to be mended is a character of the role that IAM does not allow either.
fn is_illegal(mend: &Mend) -> bool {
    mend.kind == MendKind::IllegalRoleCharacter && !is_role_name(&mend.found)
}

/// Names that map, to a role that is none.
fn mapped(entitlements: &Entitlements<'_>) -> Vec<Finding> {
    let (names, directory) = (entitlements.names(), &entitlements.federation.directory);
    let mut findings = Vec::new();
    for (role_group, parts) in entitlements.role_groups.mapped.iter().zip(&names.parts) {
        let (role, group) = (&*role_group.role, role_group.group);
        if is_role_name(role) || !entitlements.mapping.filter.has_capture("role") {
            continue;
        }
        let name = directory.group_name(group);
        let why = match role.chars().find(|c| !is_role_name(c.encode_utf8(&mut [0; 4]))) {
            Some(c) => format!("holds `{c}`, which no role name may hold"),
            None if role.is_empty() => "is empty".to_owned(),
            None => format!("has {} characters, expected at most {LONGEST}", role.len()),
        };
        let message = format!("the role {} in {} {why}", Quoted(role), Quoted(name));
        let finding = part_finding(&RULE.info, entitlements, group, parts.role.clone(), message);
        findings.push(match names.deviation(group).filter(|it| it.suggestion.is_some()) {
            Some(deviation) => with_rename(finding, name, deviation),
            None => finding.help("write the role's name as IAM has it"),
        });
    }
    findings
}
