//! `assertion/no-role`: a sign-in has no Role attribute that AWS reads.

use super::{ASSERTIONS, SignIn, TROUBLE, answer, captured};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::account::Partition;
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::aws::{CHINA_PREFIX, Difference, PREFIX, ROLE};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/no-role",
        summary: "a sign-in has no Role attribute that AWS reads",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "AWS reads the roles from the attribute named exactly \
                      `https://aws.amazon.com/SAML/Attributes/Role`, letter for letter. Okta leaves the \
                      attribute out where no group of the user passes App Filter and Group Filter, so a \
                      user without any role, and one whose app has the attribute misspelt, see the same \
                      page. AWS's pages for China show another name \
                      (`http://www.amazonaws.cn/SAML/Attributes/Role`), which is taken for right only \
                      where the roles are of that partition.",
        remediation: "Look up the user's groups (`rolecall picker USER`), and the name of the \
                      attribute in the app.",
        references: &[ASSERTIONS, TROUBLE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(captured(context)?.filter_map(|sign_in| of(&sign_in)).collect())
}

fn of(sign_in: &SignIn<'_>) -> Option<Finding> {
    let found = if sign_in.aws.roles.is_empty() {
        missing(sign_in)?
    } else if sign_in.aws.roles.iter().all(|role| role.text.value.trim().is_empty()) {
        let at = &sign_in.aws.roles.first()?.text.at;
        sign_in.finding(&RULE.info, at, "the Role attribute has no role in it".to_owned())
    } else {
        foreign(sign_in)?
    };
    Some(found.help(answer(Refusal::NoRole)))
}

fn missing(sign_in: &SignIn<'_>) -> Option<Finding> {
    let assertion = sign_in.assertion;
    if !assertion.encrypted_attributes.is_empty() {
        // One of them may be it.
        return None;
    }
    let wanted = format!("{PREFIX}{ROLE}");
    let named = [format!("{CHINA_PREFIX}{ROLE}"), wanted.clone()];
    if let Some(empty) = assertion.attributes.iter().find(|one| named.contains(&one.name.value)) {
        let message = "the Role attribute has no value".to_owned();
        return Some(sign_in.finding(&RULE.info, &empty.name.at, message));
    }
    if let Some(like) = sign_in.aws.look_alikes.iter().find(|like| like.meant == wanted) {
        let how = match like.difference {
            Difference::Case => "in upper and lower case",
            Difference::China | Difference::Spelling => "in its spelling",
        };
        let message = format!(
            "no attribute is named {}: {} differs {how}",
            Quoted(&wanted),
            Quoted(&like.name.value)
        );
        return Some(sign_in.finding(&RULE.info, &like.name.at, message));
    }
    let message = "the assertion has no Role attribute".to_owned();
    let found = sign_in.finding(&RULE.info, &assertion.at, message);
    Some(found.help("it is left out for a user whose groups map to no role"))
}

/// Roles of another partition than the one whose pages spell the name so.
fn foreign(sign_in: &SignIn<'_>) -> Option<Finding> {
    let wanted = format!("{PREFIX}{ROLE}");
    if sign_in.assertion.attributes_named(&wanted).next().is_some() {
        return None;
    }
    let (role, _) = sign_in.aws.pairs().find(|(role, _)| role.partition != Partition::China)?;
    let named = format!("{CHINA_PREFIX}{ROLE}");
    let attribute = sign_in.assertion.attributes_named(&named).next()?;
    let message = format!(
        "the roles are of partition `{}`, and their attribute has the name of partition `aws-cn`",
        role.partition
    );
    let found = sign_in.finding(&RULE.info, &attribute.name.at, message);
    Some(found.help(format!("name it {}", Quoted(&wanted))))
}
