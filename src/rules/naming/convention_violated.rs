//! `naming/convention-violated`: names outside the project's own grammar.

use super::{Entitlements, before, part_label};
use crate::entitlement::role_group::place_of;
use crate::finding::{Finding, FixHint, Label, Quoted, RuleInfo, Severity};
use crate::mapping::grammar::{Deviation, GrammarReader, Why};
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/convention-violated",
        summary: "a role group's name is not made as the project declares",
        severity: Severity::Warning,
        on: true,
        follows: before("naming/convention-violated"),
        options: &[],
        since: "0.1.0",
        explanation: "A project can declare in `[naming]` what the names of its role groups are made of: a template, and \
                      for its parts the aliases, roles, environments, owners and accounts there are. A group outside \
                      of that maps all the same where the Group Filter takes it: it may be a rogue one, or somebody's \
                      shortcut. Groups that the filter does not match are looked at where they begin as the template \
                      does. Nothing is reported where nothing is declared.",
        remediation: "Rename the group, or add what it names to the declaration. `rolecall naming check` says the same \
                      of names that are not there yet.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let Some(grammar) = context.grammar()? else { return Ok(Vec::new()) };
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let mut reader = GrammarReader::new(grammar);
    let begins = |name: &str| {
        let beginning = grammar.beginning();
        !beginning.is_empty() && name.starts_with(beginning)
    };
    let mut findings = Vec::new();
    for (group, _) in directory.groups() {
        let name = directory.group_name(group);
        if entitlements.role_groups.of(group).is_none() && !begins(name) {
            continue;
        }
        let deviations = reader.deviations(name);
        let nearest = reader.nearest(name, &deviations);
        for (number, deviation) in deviations.iter().enumerate() {
            let finding = finding(entitlements, group, deviation);
            // One rename mends them all.
            let finding = match nearest.as_ref().filter(|_| number == 0) {
                Some(to) => finding
                    .help(format!("rename it to {}", Quoted(to)))
                    .fix(FixHint::ProposeName { from: name.to_owned(), to: to.clone() }),
                None => finding,
            };
            findings.push(finding);
        }
    }
    Ok(findings)
}

fn finding(entitlements: &Entitlements<'_>, group: GroupId, deviation: &Deviation) -> Finding {
    let federation = entitlements.federation;
    let name = federation.directory.group_name(group);
    let label = if deviation.range.is_empty() {
        Label::new(place_of(federation, group), "").mark(name)
    } else {
        part_label(entitlements, group, deviation.range.clone(), "")
    };
    let finding = Finding::new(&RULE.info, name, deviation.says_of(name)).at(label);
    let finding = match deviation.why {
        Why::UnknownAccount | Why::NotDeclared | Why::Character(..) | Why::Made(_) => {
            finding.stems_from(&*deviation.found)
        }
        Why::Template | Why::Empty | Why::Digits => finding,
    };
    finding.help(format!("expected {}", deviation.expected))
}
