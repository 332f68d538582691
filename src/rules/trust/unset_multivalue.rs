//! `trust/unset-multivalue`: a key of several values is tested as if it had one.

use super::{KEYS, MULTIVALUED, ask_conditions, first_value};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Family, Values, values_of};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/unset-multivalue",
        summary: "a key of several values is tested without a set operator",
        severity: Severity::Error,
        on: true,
        follows: &["trust/malformed-principal", "trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "A key of several values needs `ForAnyValue:` or `ForAllValues:`. Without, the condition never holds: an Allow admits nobody, a Deny refuses nobody (seen in an outside engine, not documented in these words). For keys of which AWS's table of attributes says one value and its list of keys several, this is a warning.",
        remediation: "Write `ForAnyValue:` before the operator.",
        references: &[MULTIVALUED, KEYS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask_conditions(context, |spot, condition| {
        let operator = condition.operator?;
        let values = values_of(condition.key_lower())?;
        let tested = operator.set.is_none() && operator.family() != Family::Null;
        let severity = match values {
            Values::One => return None,
            Values::Many => Severity::Error,
            Values::Disputed => Severity::Warning,
        };
        if !tested {
            return None;
        }
        let message = format!(
            "{} tests {}, which has several values, with {}",
            spot.named(),
            Quoted(&condition.key),
            Quoted(&condition.operator_name)
        );
        let help = format!("write `ForAnyValue:{}`", condition.operator_name);
        let at = first_value(condition);
        Some(spot.finding(&RULE.info, at, message, &help).severity(severity))
    })
}
