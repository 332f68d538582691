//! `naming/alias-id-conflict`: aliases and account ids that do not go together.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entitlements, alias_part, aliases, before, part_label};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::account::AccountId;
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/alias-id-conflict",
        summary: "one alias stands with two account ids, or one account id with two aliases",
        severity: Severity::Error,
        on: true,
        follows: before("naming/alias-id-conflict"),
        options: &[],
        since: "0.1.0",
        explanation: "An account has one id and at most one alias, so in names of the guide's form \
                      (`aws#alias#role#account`) each alias goes with one account id. Where one alias stands with \
                      two ids, people get into another account than the name says; where one id has two aliases, \
                      an old one may have been left. Where most accounts have several, what stands there is taken \
                      for something else than an alias.",
        remediation: "Rename the groups that are in the minority, or those whose alias is not the one that the \
                      account has.",
        references: &[
            super::GUIDE,
            "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html",
        ],
    },
    check,
};

/// What was seen with an alias or an id, and in which groups.
type Seen<'e> = BTreeMap<&'e str, BTreeMap<&'e str, Vec<GroupId>>>;

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let (mut by_alias, mut by_id) = (Seen::new(), Seen::new());
    let is_account = |text: &str| AccountId::parse(text).is_ok();
    for (role_group, alias) in aliases(entitlements).filter(|(it, _)| is_account(&it.account)) {
        let (id, group) = (&*role_group.account, role_group.group);
        by_alias.entry(alias).or_default().entry(id).or_default().push(group);
        by_id.entry(id).or_default().entry(alias).or_default().push(group);
    }
    let several = |seen: &Seen<'_>| seen.values().filter(|with| with.len() > 1).count();
    // A word that goes with half of the accounts, or an account with half of the words, is no alias.
    let is_alias = several(&by_alias) * 2 <= by_alias.len().max(2)
        && several(&by_id) * 2 <= by_id.len().max(2);
    if !is_alias {
        return Ok(Vec::new());
    }
    let mut findings = Vec::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for (alias, ids) in by_alias.iter().filter(|(_, ids)| ids.len() > 1) {
        told.extend(ids.keys());
        findings.push(finding(entitlements, ("alias", alias), "accounts", ids));
    }
    for (id, aliases) in
        by_id.iter().filter(|(id, aliases)| aliases.len() > 1 && !told.contains(*id))
    {
        findings.push(finding(entitlements, ("account", id), "aliases", aliases));
    }
    Ok(findings)
}

fn finding(
    entitlements: &Entitlements<'_>,
    (kind, subject): (&str, &str),
    others: &str,
    with: &BTreeMap<&str, Vec<GroupId>>,
) -> Finding {
    let directory = &entitlements.federation.directory;
    let mut sides: Vec<(&str, &[GroupId])> =
        with.iter().map(|(other, groups)| (*other, groups.as_slice())).collect();
    sides.sort_by_key(|(other, groups)| (std::cmp::Reverse(groups.len()), *other));
    let counts: Vec<String> = sides
        .iter()
        .take(super::EXAMPLES)
        .map(|(other, groups)| {
            let word = if groups.len() == 1 { "group" } else { "groups" };
            format!("{} in {} {word}", Quoted(other), groups.len())
        })
        .collect();
    let more = if sides.len() > super::EXAMPLES { ", …" } else { "" };
    let message = format!(
        "{kind} {} stands with {} {others}: {}{more}",
        Quoted(subject),
        sides.len(),
        counts.join(", ")
    );
    let mut finding = Finding::new(&RULE.info, subject, message);
    let label = |group: GroupId, message: String| {
        part_label(entitlements, group, alias_part(entitlements, group), message)
    };
    for (other, groups) in sides.iter().take(super::EXAMPLES) {
        let Some(&group) = groups.first() else { continue };
        finding = finding.related(label(group, format!("here with {}", Quoted(other))));
    }
    // The minority is what is most likely wrong: what explains it explains the conflict.
    for (other, groups) in sides.iter().skip(1) {
        finding = finding.stems_from(*other);
        for &group in *groups {
            finding = finding.stems_from(directory.group_name(group));
        }
    }
    let rare = sides.last().and_then(|(_, groups)| groups.first().copied());
    match rare {
        Some(group) => finding.at(label(group, String::new())),
        None => finding,
    }
    .help("rename the groups that are wrong, so that one alias goes with one account")
}
