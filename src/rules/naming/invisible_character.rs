//! `naming/invisible-character`: characters that leave no mark.

use super::{before, deviating, mend_finding};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::mapping::nearest::{Mend, MendKind};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/invisible-character",
        summary: "a role group's name holds a character that cannot be seen",
        severity: Severity::Error,
        on: true,
        follows: before("naming/invisible-character"),
        options: &[],
        since: "0.1.0",
        explanation: "Zero-width characters, no-break spaces, direction marks, byte order marks and controls come \
                      along when a name is pasted from a document or a chat. The name looks right and is another \
                      one: the Group Filter does not match it, or it matches and the alias is not the account's.",
        remediation: "Rename the group by typing the name anew, where it was created.",
        references: &[super::GUIDE, "https://www.unicode.org/reports/tr39/"],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    Ok(deviating(entitlements, MendKind::InvisibleCharacter)
        .map(|(deviation, mend)| {
            let message = message(directory.group_name(deviation.group), mend);
            mend_finding(&RULE.info, entitlements, deviation, mend, message)
        })
        .collect())
}

fn message(name: &str, mend: &Mend) -> String {
    let (name, at) = (Quoted(name), mend.range.start);
    let Some(c) = mend.found.chars().next() else {
        return format!("the name {name} holds an invisible character at byte {at}");
    };
    let called = called(c).map(|called| format!(" ({called})")).unwrap_or_default();
    format!(
        "the name {name} holds a character that cannot be seen, U+{:04X}{called}, at byte {at}",
        u32::from(c)
    )
}

/// What the commonest are called.
const fn called(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero-width space",
        '\u{200c}' => "zero-width non-joiner",
        '\u{200d}' => "zero-width joiner",
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "direction mark"
        }
        '\u{2060}' => "word joiner",
        '\u{feff}' => "byte order mark",
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => "control character",
        _ => return None,
    })
}
