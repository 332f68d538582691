//! `arn/space-in-pair`: a Role value has white space around or within it.

use super::{Origin, ask};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "arn/space-in-pair",
        summary: "a Role value has white space around or within it",
        severity: Severity::Warning,
        on: true,
        follows: super::BROKEN_PATTERN,
        options: &[],
        since: "0.1.0",
        explanation: "Whether AWS trims white space around the comma of a pair is not documented, \
                      and command-line tools that split at the comma do not: the role's ARN then \
                      begins with a space and names nothing. Hence a warning.",
        remediation: "Take the white space out.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html",
            "https://github.com/cevoaustralia/aws-google-auth/issues/163",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |value, _| {
        let (at, space) = value.text.char_indices().find(|(_, c)| c.is_whitespace())?;
        let kind = match space {
            ' ' => "a space",
            '\n' | '\r' => "a line break",
            _ => "white space",
        };
        let message = format!("{} has {kind} at byte {at}", value.named());
        let found = value.finding(context, &RULE.info, message);
        let part = at..at + space.len_utf8();
        let bare: String = value.text.chars().filter(|c| !c.is_whitespace()).collect();
        Some(match value.origin {
            Origin::Group(_) => found,
            _ => found.at(value.part(part)).help(format!("write {}", Quoted(&bare))),
        })
    })
}
