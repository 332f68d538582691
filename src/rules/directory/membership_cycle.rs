//! `directory/membership-cycle`: groups that are members of themselves.

use super::group_label;
use crate::entitlement::nesting::{Nesting, Step};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

/// Most groups of a cycle that are named.
const SHOWN: usize = 12;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/membership-cycle",
        summary: "groups that lead to roles are members of each other in a circle",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Active Directory lets groups be members of each other in a circle, directly or over several \
                      steps. Everybody in any of them is then in all of them, with all their roles, and tools that \
                      follow nesting without keeping count do not end. Circles that lead to no role group are not \
                      reported.",
        remediation: "Remove the membership that closes the circle, most often the one that makes the larger group \
                      a member of the smaller.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let cycles = Nesting::of(&context.federation.directory).cycles();
    let leads = |cycle: &Vec<Step>| {
        cycle.first().is_some_and(|step| !entitlements.reached_from(step.group).is_empty())
    };
    Ok(cycles.iter().filter(|cycle| leads(cycle)).map(|cycle| finding(context, cycle)).collect())
}

fn finding(context: &Context<'_>, cycle: &[Step]) -> Finding {
    let directory = &context.federation.directory;
    let name = |step: &Step| directory.group_name(step.group);
    let first = cycle.first().map_or("", name);
    let mut path: Vec<String> =
        cycle.iter().take(SHOWN).map(|step| Quoted(name(step)).to_string()).collect();
    if cycle.len() > SHOWN {
        path.push(format!("{} more", cycle.len() - SHOWN));
    }
    path.push(Quoted(first).to_string());
    let message = format!("groups are members of each other in a circle: {}", path.join(" in "));
    let mut finding = Finding::new(&RULE.info, first, message);
    if let Some(step) = cycle.first() {
        finding = finding.at(group_label(context.federation, step.group, ""));
    }
    let next = cycle.iter().cycle().skip(1);
    for (step, container) in cycle.iter().zip(next).take(SHOWN) {
        let what = format!("{} in {}", Quoted(name(step)), Quoted(name(container)));
        finding = finding.related(Label::new(step.place, what));
    }
    finding.help("remove the membership that closes the circle")
}
