//! `trust/vacuous-condition`: a condition also holds where its key is absent.

use super::{KEYS, MULTIVALUED, OPERATORS, Spot, ask, first_value};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::declared::has_hole;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Condition, Family, SetOperator, is_always_presented, needs_caller};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/vacuous-condition",
        summary: "a condition also holds where its key is absent",
        severity: Severity::Warning,
        on: true,
        follows: &["trust/malformed-principal", "trust/unset-multivalue", "trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "`IfExists` and `ForAllValues:` hold where a request does not have the key, so a sign-in whose assertion does not carry the attribute passes; AWS advises against `ForAllValues:` with Allow. `Null` with `true` for a key that no sign-in with SAML has always holds (which keys those are is inferred). Not reported for keys that every sign-in has, for `aws:SourceIp` and its like, for `aws:TagKeys` and `sts:TransitiveTagKeys`, which limit what is sent, nor where another condition wants the key to be there.",
        remediation: "Leave `IfExists` out, write `ForAnyValue:`, or add `Null` with `false` for the key.",
        references: &[MULTIVALUED, OPERATORS, KEYS],
    },
    check,
};

/// Keys that are absent for good reasons, or limit what is sent.
const LEFT_OUT: &[&str] = &[
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:tagkeys",
    "aws:vpcsourceip",
    "saml:aud",
    "sts:transitivetagkeys",
];

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |spot| {
        let of = |condition| of_condition(spot, condition);
        spot.statement.conditions.iter().filter(|one| !has_hole(&one.key)).find_map(of)
    })
}

fn of_condition(spot: &Spot<'_>, condition: &Condition) -> Option<Finding> {
    let operator = condition.operator?;
    let key = condition.key_lower();
    if LEFT_OUT.contains(&key) || is_always_presented(key) {
        return None;
    }
    let name = &condition.operator_name;
    let (message, help) = if operator.family() == Family::Null {
        let wants_absent = condition.values.iter().all(|one| one.text.eq_ignore_ascii_case("true"));
        if !needs_caller(key) || !wants_absent || condition.values.is_empty() {
            return None;
        }
        let message = format!(
            "{} wants no {}, which no sign-in with SAML has",
            spot.named(),
            Quoted(&condition.key)
        );
        (message, "take it out: it always holds")
    } else if operator.set == Some(SetOperator::All) || operator.if_exists {
        if is_wanted(spot, key) {
            return None;
        }
        let message = format!(
            "{} tests {} with {}, which also holds where the key is absent",
            spot.named(),
            Quoted(&condition.key),
            Quoted(name)
        );
        let help = if operator.set == Some(SetOperator::All) {
            "write `ForAnyValue:`, or add `Null` with `false` for the key"
        } else {
            "leave `IfExists` out"
        };
        (message, help)
    } else {
        return None;
    };
    Some(spot.finding(&RULE.info, first_value(condition), message, help))
}

/// Whether another condition of the statement only holds where the key is there.
fn is_wanted(spot: &Spot<'_>, key: &str) -> bool {
    spot.statement.conditions.iter().filter(|other| other.key_lower() == key).any(|other| {
        other.operator.is_some_and(|operator| match operator.family() {
            Family::Null => {
                operator.set.is_none()
                    && other.values.iter().all(|one| one.text.eq_ignore_ascii_case("false"))
            }
            _ => !operator.negated && !operator.if_exists && operator.set != Some(SetOperator::All),
        })
    })
}
