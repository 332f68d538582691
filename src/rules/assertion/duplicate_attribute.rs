//! `assertion/duplicate-attribute`: the same attribute stands twice in a sign-in.

use std::collections::BTreeMap;

use super::{ASSERTIONS, SignIn, captured};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::aws::{CHINA_PREFIX, PREFIX, PRINCIPAL_TAG, SESSION_NAME};
use crate::saml::response::Attribute;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/duplicate-attribute",
        summary: "the same attribute stands twice in a sign-in",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Several values of an attribute are several `AttributeValue`s of one `Attribute`. \
                      Where the attribute itself stands twice, readers differ: some take the first, some \
                      the last, some join them, and AWS says only that one claim counts. A second session \
                      name is reported by `assertion/no-session-name`, a second tag of a key by \
                      `assertion/tag-limits`.",
        remediation: "Send the attribute once, with all its values; look for a second attribute \
                      statement of the app.",
        references: &[ASSERTIONS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(captured(context)?.flat_map(|sign_in| of(&sign_in)).collect())
}

fn of(sign_in: &SignIn<'_>) -> Vec<Finding> {
    let mut by_name: BTreeMap<&str, Vec<&Attribute>> = BTreeMap::new();
    for attribute in &sign_in.assertion.attributes {
        by_name.entry(attribute.name.value.as_str()).or_default().push(attribute);
    }
    let twice = by_name.into_iter().filter(|(name, all)| all.len() > 1 && !is_told(name));
    let found = twice.filter_map(|(name, all)| {
        let [first, second, ..] = all.as_slice() else { return None };
        let message =
            format!("attribute {} stands {} times, expected once", Quoted(name), all.len());
        let found = sign_in.finding(&RULE.info, &second.name.at, message);
        Some(found.related(sign_in.label(&first.name.at, "the first")))
    });
    found.collect()
}

/// Whether another rule tells that there are two.
fn is_told(name: &str) -> bool {
    let own = name.strip_prefix(PREFIX).or_else(|| name.strip_prefix(CHINA_PREFIX));
    own.is_some_and(|own| own == SESSION_NAME || own.starts_with(PRINCIPAL_TAG))
}
