//! `naming/surrounding-space`: white space where a name begins or ends.

use super::{before, deviating, mend_finding};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::mapping::nearest::{Mend, MendKind};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/surrounding-space",
        summary: "a role group's name begins or ends with white space",
        severity: Severity::Error,
        on: true,
        follows: before("naming/surrounding-space"),
        options: &[],
        since: "0.1.0",
        explanation: "A space before or after a name is not seen in any console, yet it is part of the name: an \
                      anchored Group Filter does not match it, and one that is not anchored maps a group that \
                      nobody finds by its name. White space around a separator is reported too.",
        remediation: "Rename the group without the white space, where it was created; Okta follows with the next \
                      import.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    Ok(deviating(entitlements, MendKind::SurroundingSpace)
        .map(|(deviation, mend)| {
            let message = message(directory.group_name(deviation.group), mend);
            mend_finding(&RULE.info, entitlements, deviation, mend, message)
        })
        .collect())
}

fn message(name: &str, mend: &Mend) -> String {
    let (at, quoted) = (mend.range.start, Quoted(name));
    if at == 0 {
        format!("the name {quoted} begins with white space")
    } else if mend.range.end == name.len() {
        format!("the name {quoted} ends with white space, from byte {at}")
    } else {
        format!("the name {quoted} has white space around a separator, at byte {at}")
    }
}
