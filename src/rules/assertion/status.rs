//! `assertion/status`: a response says that the sign-in failed.

use super::{CORE, answer, finding, messages};
use crate::entitlement::captures::Captured;
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::response::{Response, SUCCESS, Status};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/status",
        summary: "a response says that the sign-in failed",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "The identity provider says in the Status of a response whether it let the user in. \
                      With another code than Success there is nothing for AWS to read; the code within it \
                      and the message say why.",
        remediation: "Look the code up in Okta's system log: the sign-on policy of the app, or the \
                      request, is the reason.",
        references: &[CORE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = messages(context)?.filter_map(|(captured, said)| {
        let response = said.message.response.as_ref()?;
        Some(of(captured, response)?.help(answer(Refusal::NoRole)))
    });
    Ok(found.collect())
}

fn of(captured: &Captured, response: &Response) -> Option<Finding> {
    let Some(status) = &response.status else {
        let message = "the response has no Status".to_owned();
        return Some(finding(captured, &RULE.info, &response.at, message));
    };
    let Some(code) = &status.code else {
        let message = "the Status has no StatusCode".to_owned();
        return Some(finding(captured, &RULE.info, &response.at, message));
    };
    if code.value == SUCCESS {
        return None;
    }
    let message = format!("the response says {}", words(status, &code.value));
    Some(finding(captured, &RULE.info, &code.at, message))
}

fn words(status: &Status, code: &str) -> String {
    let inner = status.inner.as_ref().map(|inner| format!(" with {}", Quoted(short(&inner.value))));
    let message = status.message.as_ref().map(|text| text.value.trim());
    let message = message.filter(|text| !text.is_empty());
    let message = message.map(|text| format!(": {}", Quoted(text)));
    format!("{}{}{}", Quoted(short(code)), inner.unwrap_or_default(), message.unwrap_or_default())
}

/// A code without what all codes begin with.
fn short(code: &str) -> &str {
    code.strip_prefix("urn:oasis:names:tc:SAML:2.0:status:").unwrap_or(code)
}
