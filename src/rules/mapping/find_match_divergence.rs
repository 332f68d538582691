//! `mapping/find-match-divergence`: what a group maps to depends on whether Okta matches the whole name or a part.

use super::{GUIDE, JAVA, about_filter, count, names, some_of};
use crate::entitlement::resolve::Entitlements;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::mapping::group_filter::{MatchMode, Reading};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/find-match-divergence",
        summary: "what a group maps to depends on whether Okta matches the whole name or a part",
        severity: Severity::Warning,
        on: true,
        follows: &["mapping/iac-escaping", "mapping/missing-capture", "mapping/unanchored-filter"],
        options: &[],
        since: "0.1.0",
        explanation: "Java can ask whether a pattern is found anywhere in a name (`find`) or is the \
                      whole of it (`matches`), and Okta does not document which it does for the \
                      Group Filter. A group on which the two disagree may give its role, another \
                      role, or none.",
        remediation: "Write the filter so that both say the same of every group: with `^` and `$`, \
                      and without lazy quantifiers at the end.",
        references: &[GUIDE, JAVA],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let mapped = entitlements.role_groups.mapped.iter();
    let mut groups = names(entitlements, mapped.filter(|mapped| mapped.depends_on_mode));
    let mapping = entitlements.mapping;
    if mapping.mode == MatchMode::Full {
        groups.extend(only_found(entitlements));
    }
    let Some(first) = groups.first() else { return Ok(Vec::new()) };
    let message = format!(
        "find and full match of the Group Filter disagree on {}: {}",
        count(groups.len(), "group"),
        some_of(groups.iter().copied())
    );
    let mut reader = mapping.filter.reader();
    let mut say = |mode| match reader.read(first, mode) {
        Reading::Match(captures) => format!(
            "role {} of account {}",
            Quoted(captures.role.unwrap_or_default()),
            Quoted(captures.account_id.unwrap_or_default())
        ),
        Reading::NoMatch => "nothing".to_owned(),
        Reading::Undecided(_) => "what cannot be decided".to_owned(),
    };
    let (find, full) = (say(MatchMode::Find), say(MatchMode::Full));
    let help = format!("{} gives {find} by find, and {full} by full match", Quoted(first));
    let found = about_filter(&RULE.info, entitlements, None, message).help(help);
    Ok(vec![found.help("tie the filter to both ends with `^` and `$`, or rename the groups")])
}

/// Groups that a part of the name would map, where the project says that Okta wants the whole.
fn only_found<'e>(entitlements: &'e Entitlements<'_>) -> Vec<&'e str> {
    let directory = &entitlements.federation.directory;
    let mut reader = entitlements.mapping.filter.reader();
    directory
        .groups()
        .filter(|&(id, _)| entitlements.role_groups.of(id).is_none())
        .map(|(id, _)| directory.group_name(id))
        .filter(|name| matches!(reader.read(name, MatchMode::Find), Reading::Match(_)))
        .collect()
}
