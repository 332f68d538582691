//! `assertion/redirected`: a response came in an address, and not in a form.

use super::{ASSERTIONS, PROFILES, messages};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/redirected",
        summary: "a response was sent in an address (HTTP-Redirect), and not in a form",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "SAML sends a response in a form that the browser posts; its sign-in profile (4.1.2) \
                      forbids HTTP-Redirect for it. AWS documents its endpoint as the address of a POST, and \
                      every capture shows one: that it takes nothing else is inferred. A signature in the \
                      address (`SigAlg`, `Signature`) is over the parameters, so a reader of the message \
                      alone does not see it; and addresses stay in histories and logs.",
        remediation: "Set the sign-in to HTTP-POST, Okta's only way to AWS. Where the address was made from \
                      a form for a test, nothing.",
        references: &[PROFILES, ASSERTIONS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = messages(context)?.filter(|(captured, _)| captured.origin.is_redirect);
    let found = found.map(|(captured, _)| {
        let message = "the response was sent in an address (HTTP-Redirect), expected a form (HTTP-POST)";
        let found = Finding::new(&RULE.info, &*captured.name, message).at(captured.top(""));
        match &captured.origin.detached {
            None => found,
            Some(Ok(proof)) => found.help(format!(
                "the signature beside it in the address is by the key of {}; the message itself does not show it",
                proof.key
            )),
            Some(Err(problem)) => {
                found.help(format!("the signature beside it in the address proves nothing: {problem}"))
            }
        }
    });
    Ok(found.collect())
}
