//! `mapping/iac-escaping`: a setting still carries the escapes of the code it was deployed from.

use std::ops::Range;

use super::{GROUP_FILTER, GUIDE, ROLE_VALUE_PATTERN, app, with_setting};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::analysis::escapes;
use crate::rules::{CannotCheck, Context, Rule};
use crate::text::Sourced;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/iac-escaping",
        summary: "a setting still carries the escapes of the code it was deployed from",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Terraform's templates write `$${role}` for `${role}`, and JSON or HCL strings \
                      write `\\\\d` for `\\d`. Escaped once too often, the setting that Okta gets \
                      asks for a backslash and a letter `d`, or fills in nothing. The Group Filter \
                      is reported only where it maps no group that any export knows.",
        remediation: "Escape once: in JSON and in Terraform's quoted strings `\\\\d`, in heredocs \
                      `\\d`; `$${role}` in HCL only, never in the app itself.",
        references: &[
            GUIDE,
            "https://developer.hashicorp.com/terraform/language/expressions/strings",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let app = app(context)?;
    let maps = context.entitlements.is_ok_and(|entitlements| {
        entitlements.mapping.maps_groups() && !entitlements.role_groups.mapped.is_empty()
    });
    let filter = app.group_filter.as_ref().filter(|_| !maps);
    let in_filter = filter.and_then(|filter| {
        let (part, mended) = escapes::in_filter(&filter.value)?;
        Some(finding(GROUP_FILTER, "Group Filter", filter, part, &mended))
    });
    let in_pattern = app.role_value_pattern.as_ref().and_then(|pattern| {
        let (part, mended) = escapes::in_template(&pattern.value)?;
        Some(finding(ROLE_VALUE_PATTERN, "Role Value Pattern", pattern, part, &mended))
    });
    Ok(in_filter.into_iter().chain(in_pattern).collect())
}

fn finding(
    subject: &'static str,
    setting: &str,
    at: &Sourced<String>,
    part: Range<usize>,
    mended: &str,
) -> Finding {
    let text = at.value.get(part.clone()).unwrap_or_default();
    let message = format!("the {setting} has {}, an escape left over from code", Quoted(text));
    let found = Finding::new(&RULE.info, subject, message)
        .at(Label::new(at.place, "").mark_part(&*at.value, part))
        .help(format!("deploy it as {}", Quoted(mended)));
    with_setting(found, subject, at.place, (&at.value, mended))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::mapping::tests::{messages, with_filter, with_pattern};

    #[test]
    fn slashes_for_backslashes_and_doubled_dollars_are_found() {
        let found = messages(&RULE, with_filter("^aws_(?{{accountid}}//d+)_(?{{role}}//w+)$"));
        assert_eq!(found, ["the Group Filter has `//d`, an escape left over from code"]);
        let pattern = "arn:aws:iam::$${accountid}:saml-provider/OKTA,arn:aws:iam::$${accountid}:role/$${role}";
        let found = messages(&RULE, with_pattern(pattern));
        assert_eq!(found, ["the Role Value Pattern has `$${`, an escape left over from code"]);
    }

    #[test]
    fn a_domain_before_the_name_is_no_escape() {
        let filter = r"^CORP\\aws_(?{{accountid}}\d{12})_(?{{role}}[\w\-]+)$";
        assert_eq!(messages(&RULE, with_filter(filter)), [""; 0]);
        let filter = r"^CORP\\dev_(?{{accountid}}\d{12})_(?{{role}}[\w\-]+)$";
        assert_eq!(messages(&RULE, with_filter(filter)), [""; 0]);
    }
}
