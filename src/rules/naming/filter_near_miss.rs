//! `naming/filter-near-miss`: a name that is almost a role group's.

use super::{Deviation, Entitlements, before, with_rename};
use crate::entitlement::role_group::place_of;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::stop::Stop;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/filter-near-miss",
        summary: "a group's name is almost a role group's, but the Group Filter does not match it",
        severity: Severity::Error,
        on: true,
        follows: before("naming/filter-near-miss"),
        options: &[],
        since: "0.1.0",
        explanation: "Okta takes account and role from the names of groups that the Group Filter matches, and \
                      passes over every other group without a word. A separator, a letter's case, a space \
                      or a character that only looks right is enough: the group exists, people are in it, and \
                      nobody sees the role. The rule reports a name that the filter does not match where a \
                      small change makes one that it does match, with a twelve-digit account and a legal role.",
        remediation: "Rename the group as the finding's help says, where it was created; Okta follows with the \
                      next import. If many groups are reported with the same change, it is the Group Filter \
                      that is wrong: `rolecall filter` tries another on names of your own.",
        references: &[
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-enable-role-based.htm",
            "https://help.okta.com/en/prod/Content/Topics/DeploymentGuides/AWS/connect-okta-multiple-aws-groups.htm",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let unmatched = entitlements.names().deviations.iter().filter(|deviation| !deviation.mapped);
    Ok(unmatched.map(|deviation| finding(entitlements, deviation)).collect())
}

fn finding(entitlements: &Entitlements<'_>, deviation: &Deviation) -> Finding {
    let federation = entitlements.federation;
    let name = federation.directory.group_name(deviation.group);
    let place = place_of(federation, deviation.group);
    let stop = deviation.stop.as_ref();
    let at = match stop {
        Some(stop) => {
            let end = stop.at + stop.found.map_or(0, char::len_utf8);
            Label::new(place, "").mark_part(name, stop.at..end)
        }
        None => Label::new(place, "").mark(name),
    };
    let finding = Finding::new(&RULE.info, name, message(name, stop))
        .at(at)
        .related(Label::new(entitlements.mapping.places.filter, "the Group Filter"));
    with_rename(finding, name, deviation)
}

fn message(name: &str, stop: Option<&Stop>) -> String {
    let name = Quoted(name);
    let Some(stop) = stop else {
        return format!("the Group Filter does not match {name}, a near miss");
    };
    let found = match stop.found {
        Some(c) => format!("`{c}`"),
        None => "the end of the name".to_owned(),
    };
    format!(
        "the Group Filter does not match {name}: found {found} at byte {}, expected {}",
        stop.at,
        stop.expectation()
    )
}
