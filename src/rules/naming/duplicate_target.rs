//! `naming/duplicate-target`: several groups for one role.

use std::collections::BTreeSet;

use super::{ORDER, aliases, counted, part_label};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/duplicate-target",
        summary: "several groups map to the same account and role",
        severity: Severity::Warning,
        on: true,
        follows: ORDER,
        options: &[],
        since: "0.1.0",
        explanation: "Two groups with different names whose account and role are the same give one entry in the \
                      role picker. Whoever takes a person out of one of them believes that the role is gone, while \
                      the other still gives it. It happens when an account gets another alias and the old groups \
                      stay.",
        remediation: "Keep one of the groups, with the account's alias as it is now, and delete the others.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let alias_of: std::collections::BTreeMap<GroupId, &str> =
        aliases(entitlements).map(|(role_group, alias)| (role_group.group, alias)).collect();
    let several = entitlements
        .targets()
        .iter()
        .filter(|target| target.pair.is_ok() && target.role_groups.len() > 1);
    let mut findings = Vec::new();
    for target in several {
        let role_groups: Vec<_> =
            target.role_groups.iter().filter_map(|&at| entitlements.role_group(at)).collect();
        let Some(&first) = role_groups.first() else { continue };
        // A pattern that leaves one of them out gives one value for many, which is not the names' fault.
        if role_groups.iter().any(|it| (&it.role, &it.account) != (&first.role, &first.account)) {
            continue;
        }
        let groups: Vec<GroupId> = role_groups.iter().map(|role_group| role_group.group).collect();
        let message = format!(
            "role {} of account {} is given by {}",
            Quoted(&first.role),
            Quoted(&first.account),
            counted(entitlements, &groups)
        );
        let subject = format!("{}/{}", first.account, first.role);
        let whole = |group: GroupId| 0..directory.group_name(group).len();
        let label = |group, message| part_label(entitlements, group, whole(group), message);
        let mut finding = Finding::new(&RULE.info, subject, message)
            .at(label(first.group, ""))
            .help("keep one of them and delete the others");
        for &group in groups.iter().skip(1).take(super::EXAMPLES) {
            finding = finding.related(label(group, "the same role"));
        }
        for &group in &groups {
            finding = finding.stems_from(directory.group_name(group));
        }
        // Where the aliases differ, that one account has two of them is the mistake.
        let aliases: BTreeSet<_> = groups.iter().filter_map(|group| alias_of.get(group)).collect();
        if aliases.len() > 1 {
            finding = finding.stems_from(&*first.account);
            finding.stems_from.extend(aliases.iter().map(|alias| (**alias).to_owned()));
        }
        findings.push(finding);
    }
    Ok(findings)
}
