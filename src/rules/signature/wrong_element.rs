//! `signature/wrong-element`: what is signed is not what is read.

use super::{CORE, WRAPPING, of_problems};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::verify::Problem;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "signature/wrong-element",
        summary: "what is signed is not what is read, or its ID is not unique",
        severity: Severity::Error,
        on: true,
        follows: &["signature/several-references", "signature/transform"],
        options: &[],
        since: "0.1.0",
        explanation: "A valid signature proves nothing of an element that it does not cover. Signature \
                      wrapping moves the signed assertion aside, where the Reference still finds it, and \
                      puts a forged one where it is read; an ID that stands twice, or a Reference to \
                      nothing, serves the same end. A signature counts only where it is a child of the \
                      element that it refers to, by an ID that is unique, and that element is the \
                      assertion that is read or the response around it.",
        remediation: "Refuse the message, and treat it as an attack: it does not come about by accident.",
        references: &[WRAPPING, CORE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    of_problems(context, &RULE.info, |problem| {
        matches!(
            problem,
            Problem::WrongElement { .. }
                | Problem::DuplicateId(_)
                | Problem::Dangling(_)
                | Problem::NotCovered
                | Problem::Misplaced { .. }
        )
    })
}
