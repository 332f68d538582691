//! `naming/mixed-script`: characters that look like others.

use super::{before, deviating, mend_finding};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::mapping::nearest::{Mend, MendKind};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/mixed-script",
        summary: "a role group's name holds a character that only looks right",
        severity: Severity::Error,
        on: true,
        follows: before("naming/mixed-script"),
        options: &[],
        since: "0.1.0",
        explanation: "A Cyrillic `а` in a Latin word, a full-width `＃` or an en dash for a hyphen looks right and \
                      is another character: the Group Filter does not match it, or it captures a name that no \
                      account or role has. A word that is wholly in another script is not reported.",
        remediation: "Rename the group by typing the name anew on a Latin keyboard, where it was created.",
        references: &[super::GUIDE, "https://www.unicode.org/reports/tr39/"],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    Ok(deviating(entitlements, MendKind::MixedScript)
        .map(|(deviation, mend)| {
            let message = message(directory.group_name(deviation.group), mend);
            mend_finding(&RULE.info, entitlements, deviation, mend, message)
        })
        .collect())
}

fn message(name: &str, mend: &Mend) -> String {
    let (found, wanted) = (Quoted(&mend.found), Quoted(&mend.wanted));
    let code = mend.found.chars().next().map_or(0, u32::from);
    format!(
        "the name {} holds {found} (U+{code:04X}) at byte {}, which looks like {wanted}",
        Quoted(name),
        mend.range.start
    )
}
