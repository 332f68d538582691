//! `trust/no-audience`: a statement admits a SAML provider without a test of audience or issuer.

use super::{At, CHECKS, FOR_SAML, ask};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::declared::has_hole;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/no-audience",
        summary: "a statement lets a SAML provider in without a condition on `SAML:aud` or `SAML:iss`",
        severity: Severity::Warning,
        on: true,
        follows: &["trust/malformed-principal", "trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "AWS has a trust policy for SAML test `SAML:aud`, the Recipient of the assertion, for the sign-in endpoints in use. Without it an assertion that the provider made for another recipient is as good as one made for AWS's sign-in.",
        remediation: "Add the condition with the sign-in endpoint of the partition, or of the regions in use.",
        references: &[FOR_SAML, CHECKS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |spot| {
        let mut conditions = spot.statement.conditions.iter();
        let tested = conditions.any(|condition| {
            matches!(condition.key_lower(), "saml:aud" | "saml:iss") || has_hole(&condition.key)
        });
        if tested || !spot.signs_in() {
            return None;
        }
        let provider = spot.providers.first()?;
        let endpoint = spot
            .roles
            .partition()
            .map_or("https://signin.aws.amazon.com/saml", |own| own.sign_in());
        let message = format!(
            "{} lets SAML provider {} in without a condition on `SAML:aud`",
            spot.named(),
            Quoted(provider.text)
        );
        let help =
            format!("add `\"Condition\": {{\"StringEquals\": {{\"SAML:aud\": \"{endpoint}\"}}}}`");
        Some(spot.finding(&RULE.info, At::value(provider.text), message, &help))
    })
}
