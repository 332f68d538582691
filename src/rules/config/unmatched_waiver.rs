//! `config/unmatched-waiver`: waivers that nothing fits.

use super::{STATIC_ANALYSIS, about, named, waivers};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "config/unmatched-waiver",
        summary: "a waiver fits no finding",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "What a waiver accepted is gone, or its subject has a slip and it never accepted anything. Left \
                      there it accepts the next finding of that name unseen. Nothing is said of a waiver whose rules \
                      were not all checked in this run.",
        remediation: "Delete the waiver, or mend its subject: it is the `subject` of the findings in the JSON output.",
        references: &[STATIC_ANALYSIS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let unmatched = waivers(context)?
        .filter(|(_, used)| used.in_scope && used.fitting == 0 && !used.is_expired);
    let findings = unmatched.map(|(waiver, used)| {
        let message = format!("{} fits no finding", named(waiver));
        let others: Vec<String> = used.others.iter().map(|one| Quoted(one).to_string()).collect();
        let help = match others.as_slice() {
            [] => "delete it: there is no finding of the rule".to_owned(),
            some => {
                format!("delete it, or mend its subject: findings are about {}", some.join(", "))
            }
        };
        about(&RULE.info, waiver, message).help(help)
    });
    Ok(findings.collect())
}
