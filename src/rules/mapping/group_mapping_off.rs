//! `mapping/group-mapping-off`: the Group Filter does nothing, for Use Group Mapping is off.

use super::{GROUPS, GUIDE, some_of, with_setting};
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::mapping::group_filter::{DEFAULT_GROUP_FILTER, Reading};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/group-mapping-off",
        summary: "the Group Filter does nothing, for Use Group Mapping is off",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "With Use Group Mapping off, roles come from the `samlRoles` of assignments, \
                      and Group Filter and Role Value Pattern are dead text. Groups named for the \
                      filter then look as if they gave access and give none. A new app has the \
                      switch off; its own untouched filter is reported only where a group matches \
                      it.",
        remediation: "Turn on Use Group Mapping in the app's sign-on settings.",
        references: &[GUIDE, GROUPS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.entitlements()?;
    let mapping = entitlements.mapping;
    let directory = &context.federation.directory;
    if mapping.maps_groups() {
        return Ok(Vec::new());
    }
    let mut reader = mapping.filter.reader();
    let matching: Vec<&str> = directory
        .groups()
        .map(|(id, _)| directory.group_name(id))
        .filter(|name| matches!(reader.read(name, mapping.mode), Reading::Match(_)))
        .collect();
    // A new app has a filter nobody has chosen: it says something only where groups are named by it.
    if matching.is_empty() && mapping.filter.text() == DEFAULT_GROUP_FILTER {
        return Ok(Vec::new());
    }
    let of_names = matching.len();
    let message = match of_names {
        0 => "with Use Group Mapping off, Okta ignores the Group Filter".to_owned(),
        1 => "with Use Group Mapping off, 1 group that the Group Filter matches gives no role"
            .to_owned(),
        many => format!(
            "with Use Group Mapping off, {many} groups that the Group Filter matches give no role"
        ),
    };
    let mut found = Finding::new(&RULE.info, "useGroupMapping", message)
        .at(Label::new(mapping.places.use_group_mapping, ""))
        .related(Label::new(mapping.places.filter, "the Group Filter"));
    if !matching.is_empty() {
        found = found.help(format!("such as {}", some_of(matching)));
    }
    let found = found.help(
        "turn Use Group Mapping on, or empty the Group Filter if `samlRoles` are meant to decide",
    );
    // Without any `samlRoles` the names of groups are all that can be meant.
    if of_names == 0 || !entitlements.targets().is_empty() {
        return Ok(vec![found]);
    }
    let place = mapping.places.use_group_mapping;
    Ok(vec![with_setting(found, "useGroupMapping", place, ("false", "true"))])
}
