//! `input/round-row-count`: a count that is exactly a page.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::{Directory, GroupId};
use crate::model::export::Export;
use crate::model::federation::Federation;
use crate::rules::{Context, Rule};
use crate::text::{Place, SourceId};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "input/round-row-count",
        summary: "the number of records or members is exactly a known page limit",
        severity: Severity::Note,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A list that ends at exactly the number of records a server hands out at once was \
                      most likely cut there: 200 users from Okta, 1000 entries from Active Directory, 1500 \
                      members of one group. Nothing in such a file says so. That the limit is the cause is \
                      inferred from the number alone; a company may well have 200 people.",
        remediation: "Count in the source, or export again with all pages. If the number is right, turn \
                      the rule off for this project.",
        references: &[
            "https://developer.okta.com/docs/api/#pagination",
            "https://learn.microsoft.com/en-us/troubleshoot/windows-server/active-directory/view-set-ldap-policy-using-ntdsutil",
            "https://learn.microsoft.com/en-us/graph/paging",
            "https://www.openldap.org/doc/admin26/limits.html",
        ],
    },
    check: |context| Ok(check(context)),
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let federation = context.federation;
    let mut found: Vec<Finding> = Vec::new();
    for export in &federation.exports {
        if export.page_limits.contains(&export.records) {
            let message = format!(
                "{} records, exactly as many as one page holds: more may be missing",
                export.records
            );
            found.push(about(federation, export.source, message));
        }
    }
    found.extend(lists(federation).into_iter().map(|((source, count), groups)| {
        let names = groups.iter().map(|&group| federation.directory.group_name(group));
        let message = format!(
            "{} of exactly {count} members, as many as one page holds: {}",
            super::counted(groups.len(), "group", "groups"),
            super::examples(names, groups.len()),
        );
        about(federation, source, message)
    }));
    found
}

fn about(federation: &Federation, source: SourceId, message: String) -> Finding {
    let name = super::name_of(federation, source);
    Finding::new(&RULE.info, name, message)
        .at(Label::new(super::top_of(federation, source), ""))
        .help(format!("count them in the source of {}", Quoted(name)))
}

/// Groups whose whole list stands in one file and has exactly a page's length, by file and length.
fn lists(federation: &Federation) -> BTreeMap<(SourceId, usize), Vec<GroupId>> {
    let mut found: BTreeMap<_, Vec<GroupId>> = BTreeMap::new();
    let limits: BTreeSet<usize> =
        federation.exports.iter().flat_map(|export| export.member_limits).copied().collect();
    let directory = &federation.directory;
    for (group, _) in directory.groups() {
        let (users, groups) = (directory.members(), directory.nested());
        let count = users.targets(group.0).len() + groups.targets(group.0).len();
        if !limits.contains(&count) {
            continue;
        }
        if let Some(export) = only_export(federation, directory, group)
            && export.member_limits.contains(&count)
        {
            found.entry((export.source, count)).or_default().push(group);
        }
    }
    found
}

/// The file that all members of a group stand in.
fn only_export<'f>(
    federation: &'f Federation,
    directory: &Directory,
    group: GroupId,
) -> Option<&'f Export> {
    let places = [directory.members(), directory.nested()].into_iter();
    let mut places = places.flat_map(|rows| rows.places(group.0)).copied();
    let first = federation.export_of(places.next()?)?;
    let is_first = |place: Place| {
        federation.export_of(place).is_some_and(|export| export.source == first.source)
    };
    places.all(is_first).then_some(first)
}
