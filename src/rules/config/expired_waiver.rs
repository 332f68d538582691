//! `config/expired-waiver`: waivers whose last day has passed.

use super::{STATIC_ANALYSIS, about, named, waivers};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "config/expired-waiver",
        summary: "a waiver's last day has passed",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A waiver accepts findings up to the day that it names, so that somebody looks again. From the \
                      day after it waives nothing, and what it waived is reported again.",
        remediation: "Mend what it waived and delete it, or set another day, with a reason that still holds.",
        references: &[STATIC_ANALYSIS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let expired = waivers(context)?.filter(|(_, used)| used.is_expired);
    let findings = expired.map(|(waiver, used)| {
        let again = match used.fitting {
            0 => "nothing fits it".to_owned(),
            1 => "the finding it waived is reported again".to_owned(),
            many => format!("the {many} findings it waived are reported again"),
        };
        let message = format!("{} ended with {}, and {again}", named(waiver), waiver.expires);
        let help = match used.fitting {
            0 => "delete it",
            _ => "mend what it waived and delete it, or set another day in `expires`",
        };
        about(&RULE.info, waiver, message).help(help)
    });
    Ok(findings.collect())
}
