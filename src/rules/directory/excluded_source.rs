//! `directory/excluded-source`: role groups that the App Filter keeps out.

use std::collections::BTreeMap;

use super::{group_label, groups};
use crate::entitlement::role_group::Import;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/excluded-source",
        summary: "role groups come from a source that the App Filter does not name",
        severity: Severity::Note,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "The App Filter names the sources whose groups may give roles, and that is its purpose: \
                      groups of other sources that look like role groups give nothing. It is worth knowing which \
                      they are: an attempt, a test, or groups that were meant to count. One finding a source.",
        remediation: "Add the source to the App Filter if its groups are meant to give roles, else delete them.",
        references: &[super::SETTINGS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let mut excluded: BTreeMap<&str, Vec<GroupId>> = BTreeMap::new();
    for role_group in
        entitlements.role_groups.mapped.iter().filter(|it| it.import == Import::Excluded)
    {
        let source = directory.group(role_group.group).and_then(|group| group.source.as_ref());
        let source = source.map_or("", |source| source.key());
        excluded.entry(source).or_default().push(role_group.group);
    }
    let findings = excluded.iter().filter_map(|(source, of_source)| {
        let &first = of_source.first()?;
        let message = format!(
            "the App Filter does not name {}, the source of {}",
            Quoted(source),
            groups(directory, "role group", of_source)
        );
        let filter = Label::new(entitlements.mapping.places.app_filter, "the App Filter");
        Some(
            Finding::new(&RULE.info, *source, message)
                .at(group_label(context.federation, first, ""))
                .related(filter)
                .help("name the source in the App Filter if its groups are to give roles, else delete them"),
        )
    });
    Ok(findings.collect())
}
