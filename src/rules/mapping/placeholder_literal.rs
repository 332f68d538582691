//! `mapping/placeholder-literal`: a setting still carries a placeholder from a guide.

use std::ops::Range;

use super::{GUIDE, ROLE_VALUE_PATTERN, app};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::analysis::escapes::placeholder_in;
use crate::mapping::role_value::RoleValuePattern;
use crate::rules::{CannotCheck, Context, Rule};
use crate::text::Sourced;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/placeholder-literal",
        summary: "a setting still carries a placeholder from a guide",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Okta's guide writes `[SAML Provider Name]` where the name of the provider \
                      goes, others write `<ACCOUNT>` or `YOUR_PROVIDER`. Left in, the text names a \
                      provider that no account has. It is an error where the pattern gives no pair \
                      at all because of it.",
        remediation: "Put the provider's name in, without brackets.",
        references: &[GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let app = app(context)?;
    let found = [
        (ROLE_VALUE_PATTERN, "Role Value Pattern", &app.role_value_pattern),
        ("identityProviderArn", "identity provider ARN", &app.identity_provider_arn),
    ];
    let found = found.into_iter().filter_map(|(subject, setting, value)| {
        let value = value.as_ref()?;
        let part = placeholder_in(&value.value)?;
        Some(finding(subject, setting, value, part))
    });
    Ok(found.collect())
}

fn finding(subject: &str, setting: &str, value: &Sourced<String>, part: Range<usize>) -> Finding {
    let text = value.value.get(part.clone()).unwrap_or_default();
    let message = format!("the {setting} has {}, a placeholder of a guide", Quoted(text));
    let found = Finding::new(&RULE.info, subject, message)
        .at(Label::new(value.place, "").mark_part(&*value.value, part))
        .help("put the name in its place, the same in every account");
    let breaks = subject == ROLE_VALUE_PATTERN
        && RoleValuePattern::parse(&value.value).is_ok_and(|p| !p.problems().is_empty());
    if breaks { found.severity(Severity::Error) } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::mapping::tests::{messages, with_pattern};

    #[test]
    fn a_placeholder_that_is_a_legal_name_is_found_too() {
        let pattern = "arn:aws:iam::${accountid}:saml-provider/YOUR_PROVIDER_NAME,arn:aws:iam::${accountid}:role/${role}";
        let found = messages(&RULE, with_pattern(pattern));
        assert_eq!(
            found,
            ["the Role Value Pattern has `YOUR_PROVIDER_NAME`, a placeholder of a guide"]
        );
        let fine = "arn:aws:iam::${accountid}:saml-provider/Okta-SAML,arn:aws:iam::${accountid}:role/${role}";
        assert_eq!(messages(&RULE, with_pattern(fine)), [""; 0]);
    }
}
