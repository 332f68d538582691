//! `naming/ambiguous-split`: names that can be read in more than one way.

use super::{Entitlements, before, part_finding};
use crate::entitlement::names::Parts;
use crate::entitlement::role_group::RoleGroup;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::group_filter::{FilterReader, MatchMode, Reading};
use crate::mapping::layout::Layout;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/ambiguous-split",
        summary: "role and account can be read from a role group's name in more than one way",
        severity: Severity::Warning,
        on: true,
        follows: before("naming/ambiguous-split"),
        options: &[],
        since: "0.1.0",
        explanation: "`\\S+` takes separators too. From `aws#prod#Team#Lead#123456789012` the guide's Group Filter \
                      reads the role `Lead` and the alias `prod#Team`, where a person may mean the role \
                      `Team#Lead`, which no filter gives. A filter without `^` can also begin at a second place in \
                      the name and read another account.",
        remediation: "Rename the group so that no segment holds the separator. `[^#\\s]+` for `\\S+` in the Group \
                      Filter keeps such names from mapping.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let names = entitlements.names();
    let Some(layout) = &names.layout else { return Ok(Vec::new()) };
    let mut reader = entitlements.mapping.filter.reader();
    let mut findings = Vec::new();
    for (role_group, parts) in entitlements.role_groups.mapped.iter().zip(&names.parts) {
        let finding = swallowed(entitlements, role_group, parts, layout)
            .or_else(|| later(entitlements, role_group, layout, &mut reader));
        findings.extend(finding);
    }
    Ok(findings)
}

/// What stands before the captures holds a separator.
fn swallowed(
    entitlements: &Entitlements<'_>,
    role_group: &RoleGroup,
    parts: &Parts,
    layout: &Layout,
) -> Option<Finding> {
    let part = parts.alias.clone()?;
    let name = entitlements.federation.directory.group_name(role_group.group);
    let alias = name.get(part.clone())?;
    if !alias.contains(layout.separator) {
        return None;
    }
    let message = format!(
        "the Group Filter reads the role {} from {}, and takes {} for what stands before it",
        Quoted(&role_group.role),
        Quoted(name),
        Quoted(alias)
    );
    let finding = part_finding(&RULE.info, entitlements, role_group.group, part, message);
    let filter = Label::new(entitlements.mapping.places.filter, "the Group Filter");
    Some(
        finding.related(filter).help(format!(
            "rename it so that `{}` stands only between the segments",
            layout.separator
        )),
    )
}

/// The filter could begin at a later place and read something else.
fn later(
    entitlements: &Entitlements<'_>,
    role_group: &RoleGroup,
    layout: &Layout,
    reader: &mut FilterReader<'_>,
) -> Option<Finding> {
    let mapping = entitlements.mapping;
    if mapping.mode == MatchMode::Full || layout.prefix.is_empty() {
        return None;
    }
    let name = entitlements.federation.directory.group_name(role_group.group);
    let (at, _) = name.match_indices(&*layout.prefix).nth(1)?;
    // The filter is asked about the whole rest: with `^` it would match there too, so it must not need one.
    let anchored = matches!(reader.read(&format!("\u{1}{name}"), mapping.mode), Reading::NoMatch);
    if anchored {
        return None;
    }
    let Reading::Match(other) = reader.read(name.get(at..)?, mapping.mode) else { return None };
    let (role, account) = (other.role?, other.account_id?);
    if (role, account) == (&*role_group.role, &*role_group.account) {
        return None;
    }
    let message = format!(
        "the name {} can be read as role {} of account {}, and as role {} of account {}",
        Quoted(name),
        Quoted(&role_group.role),
        Quoted(&role_group.account),
        Quoted(role),
        Quoted(account)
    );
    let finding = part_finding(&RULE.info, entitlements, role_group.group, at..name.len(), message);
    Some(finding.help("rename it so that it holds one role and one account"))
}
