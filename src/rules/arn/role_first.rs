//! `arn/role-first`: the role stands before the provider, which some clients do not read.

use super::{Origin, ROLE_VALUE_PATTERN, ask};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::arn::{Arn, RoleValue};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "arn/role-first",
        summary: "the role stands before the provider, which some clients do not read",
        severity: Severity::Note,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "AWS reads both orders, and its own example has the role first. Okta sends the \
                      provider first, and some command-line tools (`okta-aws-cli` among them) take \
                      the first ARN for the provider.",
        remediation: "Put the provider first if people sign in with such tools.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html",
            "https://github.com/okta/okta-aws-cli",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.entitlements()?;
    let mapping = entitlements.mapping;
    let mut found = ask(context, |value, read| {
        if value.origin != Origin::SamlRoles || !is_role_first(read) {
            return None;
        }
        let message = format!("{} has the role before the provider", Quoted(value.text));
        let found = value.finding(context, &RULE.info, message);
        Some(found.help("write the provider first"))
    })?;
    let pattern = mapping.pattern.pair("Role", "123456789012").is_ok().then(|| {
        let mut value = String::new();
        mapping.pattern.expand("Role", "123456789012", &mut value);
        is_role_first(&RoleValue::read(&value))
    });
    if mapping.maps_groups() && pattern == Some(true) {
        let message = "the Role Value Pattern has the role before the provider".to_owned();
        let at = Label::new(mapping.places.pattern, "").mark(mapping.pattern.text());
        let pattern = Finding::new(&RULE.info, ROLE_VALUE_PATTERN, message).at(at);
        found.push(pattern.help("write the provider first, as Okta's guide does"));
    }
    Ok(found)
}

fn is_role_first(read: &RoleValue<'_>) -> bool {
    matches!(read.parts.as_slice(), [(_, Ok(Arn::Role(_))), (_, Ok(Arn::SamlProvider(_)))])
}
