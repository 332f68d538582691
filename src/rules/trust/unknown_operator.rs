//! `trust/unknown-operator`: a condition has an operator there is not.

use super::{CHECKS, OPERATORS as PAGE, Spot, first_value, nearest, roles};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::declared::has_hole;
use crate::rules::mapping::alike;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Condition, OPERATORS};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/unknown-operator",
        summary: "a condition has an operator that there is not",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "IAM refuses a policy with an operator it does not know. Until it is mended nobody can tell what the statement means, so it allows nothing here.",
        remediation: "Write the operator as AWS lists it.",
        references: &[PAGE, CHECKS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let mut found = Vec::new();
    for roles in roles(context)? {
        for (number, statement) in roles.policy.statements.iter().enumerate() {
            let spot = Spot { roles, number, statement, providers: Vec::new() };
            let conditions = statement.conditions.iter();
            let mut unknown = conditions
                .filter(|one| one.operator.is_none() && !has_hole(&one.operator_name))
                .collect::<Vec<_>>();
            unknown.dedup_by_key(|one| &one.operator_name);
            found.extend(unknown.into_iter().map(|condition| of_operator(&spot, condition)));
        }
    }
    Ok(found)
}

fn of_operator(spot: &Spot<'_>, condition: &Condition) -> Finding {
    let name = condition.operator_name.as_str();
    let message = format!("{} has {}, which is no condition operator", spot.named(), Quoted(name));
    let (set, operator) = match name.rsplit_once(':') {
        Some((set, operator)) => (Some(set), operator),
        None => (None, name),
    };
    let lower = operator.to_ascii_lowercase();
    let (stem, suffix) = match lower.strip_suffix("ifexists") {
        Some(stem) => (stem, "IfExists"),
        None => (lower.as_str(), ""),
    };
    let near = nearest(stem, OPERATORS.into_iter());
    let (help, meant) = match (stem, near) {
        ("null", _) if !suffix.is_empty() => {
            ("write `Null`: it takes no `IfExists`".to_owned(), None)
        }
        (_, Some(near)) => {
            let prefix = match set.map(str::to_ascii_lowercase).as_deref() {
                None => "",
                Some(word) if word.contains("any") => "ForAnyValue:",
                Some(_) => "ForAllValues:",
            };
            let whole = format!("{prefix}{near}{suffix}");
            (format!("write `{whole}`"), Some(whole).filter(|_| set.is_none() && alike(near, stem)))
        }
        (_, None) => ("write an operator that there is, such as `StringEquals`".to_owned(), None),
    };
    let found = spot.finding(&RULE.info, first_value(condition), message, &help);
    match meant {
        Some(meant) => spot.with_value(found, name, &meant),
        None => found,
    }
}
