//! `directory/deep-nesting`: chains of groups that nobody can follow.

use super::group_label;
use crate::entitlement::nesting::Nesting;
use crate::finding::{Finding, Quoted, RuleInfo, RuleOption, Severity};
use crate::rules::{CannotCheck, Context, Rule};

/// Most groups of a chain that are named.
const SHOWN: usize = 4;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/deep-nesting",
        summary: "members reach a role group through too many groups",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[RuleOption {
            name: "max_depth",
            default: 10,
            meaning: "groups one in the other below a role group",
        }],
        since: "0.1.0",
        explanation: "Each level of nesting is one more place where somebody can be added without knowing what it \
                      gives. How deep nesting may go is for the project to say; no limit of Okta's import is \
                      documented. The longest chain below each role group is counted, a circle as one group.",
        remediation: "Make the groups that people are in members of the role group more directly.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let most = context.settings.number(&RULE.info, "max_depth");
    let depths = Nesting::of(directory).depths();
    let mut findings = Vec::new();
    for role_group in &entitlements.role_groups.mapped {
        let (group, depth) = (role_group.group, depths.of(role_group.group));
        if i64::from(depth) <= most {
            continue;
        }
        let chain = depths.chain(group);
        let named: Vec<String> = chain
            .iter()
            .rev()
            .take(SHOWN)
            .map(|&group| Quoted(directory.group_name(group)).to_string())
            .collect();
        let name = directory.group_name(group);
        let message = format!(
            "{depth} groups stand one in the other below the role group {}, at most {most} are expected",
            Quoted(name)
        );
        let more = if chain.len() > SHOWN { " in …" } else { "" };
        findings.push(
            Finding::new(&RULE.info, name, message)
                .at(group_label(context.federation, group, ""))
                .help(format!("the deepest: {}{more}", named.join(" in "))),
        );
    }
    Ok(findings)
}
