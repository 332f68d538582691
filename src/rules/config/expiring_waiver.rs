//! `config/expiring-waiver`: waivers whose last day is near.

use super::{STATIC_ANALYSIS, about, named, waivers};
use crate::finding::{Finding, RuleInfo, RuleOption, Severity};
use crate::model::moment::Moment;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "config/expiring-waiver",
        summary: "a waiver's last day is near",
        severity: Severity::Note,
        on: true,
        follows: &[],
        options: &[RuleOption {
            name: "days",
            default: 14,
            meaning: "days before a waiver's last one from which on it is told",
        }],
        since: "0.1.0",
        explanation: "The day after a waiver's last one a run that passed fails. This says so while there is time to \
                      mend what it waives. A waiver that waives nothing is told by another rule.",
        remediation: "Mend what it waives, or decide whether its reason holds for longer.",
        references: &[STATIC_ANALYSIS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let Some(at) = context.settings.at else {
        return Err(CannotCheck("the time of the run is not known".to_owned()));
    };
    let near = context.settings.number(&RULE.info, "days");
    let waiving = waivers(context)?.filter(|(_, used)| !used.is_expired && used.fitting > 0);
    let findings = waiving.filter(|(waiver, _)| waiver.expires.days_since(Moment(at)) <= near).map(
        |(waiver, used)| {
            let count = match used.fitting {
                1 => "1 finding is".to_owned(),
                many => format!("{many} findings are"),
            };
            let day = waiver.expires;
            let message =
                format!("{} ends with {day}, and {count} reported from then on", named(waiver));
            about(&RULE.info, waiver, message).help("mend what it waives before that day")
        },
    );
    Ok(findings.collect())
}
