//! `naming/convention-violated`: names outside the project's own rules.

use super::{Entitlements, ORDER, alias_part, aliases, part_finding};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::settings::{Naming, fits};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/convention-violated",
        summary: "a role group's name has an alias or role outside the declared convention",
        severity: Severity::Warning,
        on: false,
        follows: ORDER,
        options: &[],
        since: "0.1.0",
        explanation: "A project can declare which aliases and roles its role groups may name, with `*` for any \
                      text. A group outside of it maps all the same: it may be a rogue one, or somebody's \
                      shortcut. Nothing is reported of what is not declared.",
        remediation: "Rename the group, or add what it names to the declaration.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let naming = &context.settings.naming;
    if naming.aliases.is_empty() && naming.roles.is_empty() {
        return Err(CannotCheck("the project declares no aliases and no roles".to_owned()));
    }
    let mut findings = roles(entitlements, naming);
    findings.extend(
        aliases(entitlements).filter(|(_, alias)| !is_among(&naming.aliases, alias)).map(
            |(role_group, alias)| {
                let group = role_group.group;
                let name = context.federation.directory.group_name(group);
                let message = format!(
                    "the alias {} in {} is none of those declared",
                    Quoted(alias),
                    Quoted(name)
                );
                part_finding(
                    &RULE.info,
                    entitlements,
                    group,
                    alias_part(entitlements, group),
                    message,
                )
                .help(format!("expected {}", listed(&naming.aliases)))
            },
        ),
    );
    Ok(findings)
}

fn roles(entitlements: &Entitlements<'_>, naming: &Naming) -> Vec<Finding> {
    let parts = &entitlements.names().parts;
    let mapped = entitlements.role_groups.mapped.iter().zip(parts);
    mapped
        .filter(|(role_group, _)| !is_among(&naming.roles, &role_group.role))
        .map(|(role_group, parts)| {
            let (group, role) = (role_group.group, Quoted(&role_group.role));
            let name = Quoted(entitlements.federation.directory.group_name(group));
            let message = format!("the role {role} in {name} is none of those declared");
            part_finding(&RULE.info, entitlements, group, parts.role.clone(), message)
                .help(format!("expected {}", listed(&naming.roles)))
        })
        .collect()
}

/// Whether a text fits one of the patterns; where none is declared, anything does.
fn is_among(patterns: &[String], text: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, text))
}

fn listed(patterns: &[String]) -> String {
    let quoted: Vec<String> = patterns.iter().map(|it| Quoted(it).to_string()).collect();
    quoted.join(" or ")
}
