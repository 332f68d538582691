//! `mapping/invalid-role-value`: the Role Value Pattern does not give one provider ARN and one role ARN.

use super::{ASSERTIONS, GUIDE, ROLE_VALUE_PATTERN, about_pattern};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::role_value::{DEFAULT_ROLE_VALUE_PATTERN, RoleValueProblem};
use crate::mapping::settings::MappingError;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/invalid-role-value",
        summary: "the Role Value Pattern does not give one provider ARN and one role ARN",
        severity: Severity::Error,
        on: true,
        follows: &["mapping/iac-escaping", "mapping/placeholder-literal"],
        options: &[],
        since: "0.1.0",
        explanation: "Okta fills the Role Value Pattern once for every role group and sends the \
                      result. AWS reads a role ARN and a SAML provider ARN of one account with a \
                      comma between them, and nothing else: with a wrong pattern nobody sees any \
                      role. Everything else that the pattern spoils is not reported again.",
        remediation: "Write \
                      `arn:aws:iam::${accountid}:saml-provider/PROVIDER,arn:aws:iam::${accountid}:role/${role}` \
                      and change no more than partition, provider and path.",
        references: &[
            GUIDE,
            ASSERTIONS,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    if let Err(MappingError::Pattern(error, place)) = context.entitlements {
        let message = format!("the Role Value Pattern cannot be read: {error}");
        return Ok(vec![
            Finding::new(&RULE.info, ROLE_VALUE_PATTERN, message).at(Label::new(*place, "")),
        ]);
    }
    let entitlements = context.group_mapping()?;
    let pattern = &entitlements.mapping.pattern;
    let problems = pattern.problems();
    let mut problems = problems.iter();
    let Some(first) = problems.next() else { return Ok(Vec::new()) };
    let message = format!("the Role Value Pattern gives no pair: {first}");
    let mut found = about_pattern(&RULE.info, entitlements, message);
    if let RoleValueProblem::UnknownPlaceholder { offset, text } = first {
        let place = entitlements.mapping.places.pattern;
        found =
            found.at(Label::new(place, "").mark_part(pattern.text(), *offset..offset + text.len()));
    }
    for problem in problems {
        found = found.help(problem.to_string());
    }
    let meant = DEFAULT_ROLE_VALUE_PATTERN.replace("/OKTA", "/PROVIDER");
    Ok(vec![found.help(format!("write {}", Quoted(&meant)))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::mapping::tests::{messages, with_pattern};

    #[test]
    fn a_pattern_that_cannot_be_read_is_said_so() {
        let found = messages(&RULE, with_pattern(&"x".repeat(5000)));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found.concat().contains("5000 bytes"), "{found:?}");
    }

    #[test]
    fn two_accounts_in_one_pattern_are_found() {
        let pattern =
            "arn:aws:iam::123456789012:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}";
        let found = messages(&RULE, with_pattern(pattern));
        assert!(found.concat().contains("the role is in account"), "{found:?}");
    }
}
