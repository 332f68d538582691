//! `trust/unknown-condition-key`: a condition reads a key that no sign-in of the app has.

use super::{At, KEYS, Spot, ask_conditions, attributes, is_the_apps, nearest};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::mapping::alike;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{
    Condition, Effect, Family, SetOperator, Values, is_sent, needs_caller, saml_key, saml_keys,
    values_of,
};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/unknown-condition-key",
        summary: "a condition reads a key that there is not, or that no sign-in of the app has",
        severity: Severity::Error,
        on: true,
        follows: &["trust/malformed-principal", "trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "A condition on a key that a request does not have never holds, or with a negated operator always. Reported are `saml:` keys that AWS does not list, keys for attributes that the app's attribute statements do not send (where the export carries them), and, as a warning, keys that need a caller with AWS credentials, which a sign-in with SAML does not have (inferred from where AWS says they are available).",
        remediation: "Write the key as AWS lists it, or have the app send the attribute.",
        references: &[KEYS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask_conditions(context, |spot, condition| of_condition(context, spot, condition))
}

fn of_condition(context: &Context<'_>, spot: &Spot<'_>, condition: &Condition) -> Option<Finding> {
    let key = condition.key_lower();
    let shown = Quoted(&condition.key);
    let operator = condition.operator?;
    if key.starts_with("saml:") && saml_key(key).is_none() {
        let message = format!("{} tests {shown}, which is no condition key of AWS", spot.named());
        let bare = key.strip_prefix("saml:").unwrap_or(key);
        let near = nearest(bare, saml_keys());
        let begins = || saml_keys().filter(|known| bare.starts_with(known)).max();
        let help = match near.or_else(begins) {
            Some(near) => format!("write `saml:{near}`"),
            None => "write a key that AWS lists, such as `saml:sub`".to_owned(),
        };
        let found = spot.finding(&RULE.info, At::value(&condition.key), message, &help);
        return Some(match near.filter(|near| alike(near, bare)) {
            Some(near) => spot.with_value(found, &condition.key, &format!("SAML:{near}")),
            None => found,
        });
    }
    let unset = operator.set.is_none() && values_of(key) == Some(Values::Many);
    let never = !operator.negated
        && !operator.if_exists
        && operator.set != Some(SetOperator::All)
        && operator.family() != Family::Null
        && spot.statement.effect == Effect::Allow;
    if !never || unset {
        return None;
    }
    if needs_caller(key) && spot.signs_in() && !is_for_others(spot) {
        let message = format!("{} wants {shown}, which no sign-in with SAML has", spot.named());
        let help = "take it out, or give it to a statement for AWS principals";
        let found = spot.finding(&RULE.info, At::value(&condition.key), message, help);
        return Some(found.severity(Severity::Warning));
    }
    let (_, names) = attributes(context).ok()?;
    let of_app = spot.arns().any(|(arn, _)| is_the_apps(context, arn));
    if !of_app || is_sent(key, names.into_iter()) != Some(false) {
        return None;
    }
    let message = format!("{} wants {shown}, and the app sends no such attribute", spot.named());
    let help = "have an attribute statement of the app send it, or test what it does send";
    Some(spot.finding(&RULE.info, At::value(&condition.key), message, help))
}

/// Whether the statement is for other principals too, who may have the key.
fn is_for_others(spot: &Spot<'_>) -> bool {
    spot.statement.principals().count() > spot.providers.len()
}
