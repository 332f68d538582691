//! `mapping/missing-capture`: the Group Filter has no `{{role}}` or no `{{accountid}}`.

use super::{GROUPS, GUIDE, about_filter, alike};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::mapping::group_filter::GroupFilter;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/missing-capture",
        summary: "the Group Filter has no `{{role}}` or no `{{accountid}}`",
        severity: Severity::Error,
        on: true,
        follows: &["mapping/iac-escaping", "mapping/invalid-filter"],
        options: &[],
        since: "0.1.0",
        explanation: "Okta fills the Role Value Pattern from two captures of the Group Filter, \
                      `{{role}}` and `{{accountid}}`. Without one of them its part of every Role \
                      value stays empty, and AWS answers `Your request included an invalid SAML \
                      response`.",
        remediation: "Put the missing capture around its part of the pattern, such as \
                      `(?{{accountid}}\\d{12})`.",
        references: &[GUIDE, GROUPS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let filter = &entitlements.mapping.filter;
    let wanted = [GroupFilter::ROLE, GroupFilter::ACCOUNT_ID];
    let missing: Vec<&str> =
        wanted.into_iter().filter(|capture| !filter.has_capture(capture)).collect();
    let words: Vec<String> = missing.iter().map(|name| format!("`{{{{{name}}}}}`")).collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let message = format!("the Group Filter captures no {}", words.join(" and no "));
    let mut finding = about_filter(&RULE.info, entitlements, None, message);
    let spelled = |name: &&&str| {
        let mut others = filter.capture_names().filter(|(other, _)| !wanted.contains(other));
        others.find(|(other, _)| alike(other, name)).map(|(other, _)| other.to_owned())
    };
    for name in &missing {
        finding = finding.help(match spelled(&name) {
            Some(other) => format!("spell the group {} as `{{{{{name}}}}}`", Quoted(&other)),
            None => format!("put `(?{{{{{name}}}}}…)` around the part that holds it"),
        });
    }
    Ok(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::mapping::tests::{messages, with_filter};

    #[test]
    fn both_are_named_where_both_are_missing() {
        let found = messages(&RULE, with_filter(r"^aws#(\w+)#(\d+)$"));
        assert_eq!(found, ["the Group Filter captures no `{{role}}` and no `{{accountid}}`"]);
    }
}
