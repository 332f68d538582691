//! `assertion/size`: a message is near the most that AWS's call takes, or over it.

use super::{ASSERTIONS, CALL, messages};
use crate::entitlement::captures::{Captured, Said};
use crate::finding::{Finding, RuleInfo, RuleOption, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/size",
        summary: "a message is near the most that AWS's call takes, or over it",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[
            RuleOption {
                name: "characters",
                default: 80_000,
                meaning: "base64 characters of a message",
            },
            RuleOption { name: "pairs", default: 200, meaning: "Role values of a message" },
        ],
        since: "0.1.0",
        explanation: "`AssumeRoleWithSAML` takes a message of at most 100000 base64 characters; sign-in by \
                      browser has no documented limit, and tools use the call. Each Role value costs a few \
                      hundred bytes, so somewhere past 200 roles a user outgrows it, and is locked out of \
                      all of them at once: an error. Before that it is a warning, from the numbers of this \
                      rule's options on.",
        remediation: "Give the user fewer roles, or split the accounts over two apps.",
        references: &[CALL, ASSERTIONS],
    },
    check,
};

/// Most base64 characters of the call.
const MOST: usize = 100_000;

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let number =
        |name| usize::try_from(context.settings.number(&RULE.info, name)).unwrap_or(usize::MAX);
    let (characters, pairs) = (number("characters"), number("pairs"));
    let found = messages(context)?;
    Ok(found.filter_map(|(captured, said)| of(captured, said, (characters, pairs))).collect())
}

fn of(captured: &Captured, said: &Said, (near, many): (usize, usize)) -> Option<Finding> {
    let length = captured.base64_length();
    let roles = said.aws.as_ref().map_or(0, |aws| aws.roles.len());
    let with = match roles {
        0 => String::new(),
        roles => format!(" with {roles} Role values"),
    };
    let (severity, message) = if length > MOST {
        let message = format!("{length} characters in base64{with}, the call takes {MOST}");
        (Severity::Error, message)
    } else if length > near {
        let message = format!("{length} characters in base64{with}, near the {MOST} of the call");
        (Severity::Warning, message)
    } else if roles > many {
        let message = format!("{roles} Role values in {length} characters, the call takes {MOST}");
        (Severity::Warning, message)
    } else {
        return None;
    };
    let found = Finding::new(&RULE.info, &*captured.name, message).at(captured.top(""));
    Some(found.severity(severity))
}
