//! `arn/role-first`: the role stands before the provider, which some clients do not read.

use super::{Origin, ROLE_VALUE_PATTERN, Value, ask, of_capture};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::arn::{Arn, RoleValue};
use crate::rules::assertion::{SignIn, sign_ins};
use crate::rules::{CannotCheck, Context, Rule, Scope};

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
    let mut found = ask(context, |value, read| {
        if value.origin != Origin::SamlRoles || !is_role_first(read) {
            return None;
        }
        let message = format!("{} has the role before the provider", Quoted(value.text));
        let found = value.finding(context, &RULE.info, message);
        Some(found.help("write the provider first"))
    })?;
    found.extend(of_pattern(context));
    found.extend(sign_ins(context).filter_map(|sign_in| of_sign_in(&sign_in)));
    Ok(found)
}

fn of_pattern(context: &Context<'_>) -> Option<Finding> {
    let mapping = context.entitlements.ok()?.mapping;
    if context.scope == Scope::Captures || !mapping.maps_groups() {
        return None;
    }
    mapping.pattern.pair("Role", "123456789012").ok()?;
    let mut value = String::new();
    mapping.pattern.expand("Role", "123456789012", &mut value);
    if !is_role_first(&RoleValue::read(&value)) {
        return None;
    }
    let message = "the Role Value Pattern has the role before the provider".to_owned();
    let at = Label::new(mapping.places.pattern, "").mark(mapping.pattern.text());
    let pattern = Finding::new(&RULE.info, ROLE_VALUE_PATTERN, message).at(at);
    Some(pattern.help("write the provider first, as Okta's guide does"))
}

/// One finding a sign-in: its values come from one place.
fn of_sign_in(sign_in: &SignIn<'_>) -> Option<Finding> {
    let all: Vec<Value<'_>> =
        of_capture(sign_in).filter(|value| is_role_first(&value.read())).collect();
    let first = all.first()?;
    let message = match all.len() {
        1 => format!("{} has the role before the provider", Quoted(first.text)),
        count => format!(
            "{count} Role values have the role before the provider, the first of them {}",
            Quoted(first.text)
        ),
    };
    let name = &*sign_in.captured.name;
    let found = Finding::new(&RULE.info, name, message).at(first.label());
    Some(found.help("write the provider first, as Okta does"))
}

fn is_role_first(read: &RoleValue<'_>) -> bool {
    matches!(read.parts.as_slice(), [(_, Ok(Arn::Role(_))), (_, Ok(Arn::SamlProvider(_)))])
}
