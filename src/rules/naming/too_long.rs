//! `naming/too-long`: names that the directory cannot hold.

use std::collections::BTreeMap;

use super::{Entitlements, before};
use crate::entitlement::role_group::place_of;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::app_filter::AppFilter;
use crate::model::account::AccountId;
use crate::model::directory::{Group, GroupId, NameKind};
use crate::model::group_source::GroupSource;
use crate::rules::{CannotCheck, Context, Rule};

/// Longest `cn` of Active Directory, in characters.
const CN: usize = 64;
/// Longest `sAMAccountName` of a group, in characters.
const SAM: usize = 256;
/// Longest name of a group in Okta, in characters.
const OKTA: usize = 255;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/too-long",
        summary: "a role group's name is longer than the directory can hold, or was cut off",
        severity: Severity::Warning,
        on: true,
        follows: before("naming/too-long"),
        options: &[],
        since: "0.1.0",
        explanation: "The `cn` of Active Directory holds 64 characters, the `sAMAccountName` of a group 256, a \
                      name in Okta 255. A role group of the guide's form reaches 64 with an alias of 20 and a role \
                      of 26 characters. A longer name cannot be created, or a script cuts it off, and with it the \
                      account id. Reported is a name over the limit of where it comes from, and one of exactly 64 \
                      characters that ends within its account id or is the beginning of another group's name.",
        remediation: "Shorten the alias or the role. A group that was cut off: create it anew under a name that \
                      fits.",
        references: &[
            "https://learn.microsoft.com/en-us/windows/win32/adschema/a-cn",
            "https://learn.microsoft.com/en-us/windows/win32/adschema/a-samaccountname",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let (mut long, mut full) = (BTreeMap::new(), Vec::new());
    for (group, _) in directory.groups() {
        let name = directory.group_name(group);
        if name.len() >= CN {
            match name.chars().count() {
                CN => full.push(group),
                count if count > CN => drop(long.insert(name, group)),
                _ => {}
            }
        }
    }
    let mut findings: Vec<Finding> =
        long.values().filter_map(|&group| over_limit(entitlements, group)).collect();
    findings.extend(full.into_iter().filter_map(|group| cut_off(entitlements, group, &long)));
    Ok(findings)
}

/// Where the name is kept, and how much that holds.
fn limit(group: &Group, app_filter: Option<&AppFilter>) -> Option<(&'static str, usize)> {
    const AD: (&str, usize) = ("the `cn` of Active Directory", CN);
    let imports = |source| app_filter.is_some_and(|filter| filter.sources().contains(&source));
    match &group.source {
        Some(GroupSource::ActiveDirectory) => Some(AD),
        Some(_) => Some(("a group name of Okta", OKTA)),
        None => imports(GroupSource::ActiveDirectory).then_some(AD),
    }
}

fn over_limit(entitlements: &Entitlements<'_>, id: GroupId) -> Option<Finding> {
    let directory = &entitlements.federation.directory;
    let concerns =
        entitlements.role_groups.of(id).is_some() || entitlements.names().deviation(id).is_some();
    let group = directory.group(id).filter(|_| concerns)?;
    let sam = directory
        .names_of_group(id)
        .find(|&(kind, sam)| kind == NameKind::SamAccountName && sam.chars().count() > SAM);
    let name = directory.group_name(id);
    let (kept, most) = match sam {
        Some(_) => ("the `sAMAccountName` of Active Directory", SAM),
        None => limit(group, entitlements.mapping.app_filter.as_ref())?,
    };
    let count = sam.map_or(name, |(_, sam)| sam).chars().count();
    if count <= most {
        return None;
    }
    let end = name.char_indices().nth(most).map_or(0, |(at, _)| at);
    let message = format!("the name {} has {count} characters, {kept} holds {most}", Quoted(name));
    Some(
        Finding::new(&RULE.info, name, message)
            .at(Label::new(place_of(entitlements.federation, id), "")
                .mark_part(name, end..name.len()))
            .help("shorten the alias or the role"),
    )
}

/// A name of exactly 64 characters that lost its end.
fn cut_off(
    entitlements: &Entitlements<'_>,
    id: GroupId,
    long: &BTreeMap<&str, GroupId>,
) -> Option<Finding> {
    let federation = entitlements.federation;
    let name = federation.directory.group_name(id);
    let twin = long.range(name..).next().filter(|(longer, _)| longer.starts_with(name));
    let at = Label::new(place_of(federation, id), "").mark(name);
    if let Some((longer, &other)) = twin
        && (entitlements.role_groups.of(other).is_some()
            || entitlements.role_groups.of(id).is_some())
    {
        let message = format!(
            "the name {} ends after {CN} characters, where {} goes on",
            Quoted(name),
            Quoted(longer)
        );
        let finding = Finding::new(&RULE.info, name, message).at(at);
        return Some(
            finding
                .related(Label::new(place_of(federation, other), "the longer name").mark(*longer))
                .help("give both a name that fits, and create the one that was cut off anew"),
        );
    }
    let mapped = &entitlements.role_groups.mapped;
    let index = mapped.binary_search_by_key(&id, |it| it.group).ok()?;
    let parts = entitlements.names().parts.get(index)?;
    let account = &mapped.get(index)?.account;
    let is_cut = parts.account.end == name.len() && account.len() < 12;
    if !is_cut || AccountId::parse(account).is_ok() {
        return None;
    }
    let message = format!(
        "the name {} ends after {CN} characters, within its account id {}",
        Quoted(name),
        Quoted(account)
    );
    let finding = Finding::new(&RULE.info, name, message).at(at);
    Some(finding.help("shorten the alias or the role, so that the whole account id fits"))
}
