//! `trust/invalid-grammar`: a document that IAM would refuse as written.

use super::{About, At, CHECKS, GRAMMAR, Roles, Spot, about, documents, named, word_at};
use crate::entitlement::role_policies::{AlikeRoles, Document};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::model::declared::has_hole;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Fault, FaultKind, PolicyError};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/invalid-grammar",
        summary: "a trust policy breaks the grammar of policies",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "IAM refuses a policy with an element that is missing, misspelt, in another case, of another type or there twice, or with a Sid that is not letters and digits or names two statements. What is read of it here allows nothing. A policy without `Version` is stored and means `2008-10-17`: a warning.",
        remediation: "Mend the element at the place named.",
        references: &[GRAMMAR, CHECKS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(documents(context)?.flat_map(|alike| of_document(alike, &alike.document)).collect())
}

fn of_document(alike: &AlikeRoles<'_>, document: &Document) -> Vec<Finding> {
    let policy = match &document.policy {
        Ok(policy) => policy,
        Err(error) => return of_error(alike, document, error).into_iter().collect(),
    };
    let roles = Roles { alike, document, policy };
    let json = &*alike.first.document.json;
    let ours = |fault: &&Fault| {
        !matches!(fault.kind, FaultKind::Prohibited | FaultKind::Principal | FaultKind::Operator)
            && !is_unknown(json, fault)
    };
    let mut found: Vec<Finding> =
        policy.faults.iter().filter(ours).map(|fault| of_fault(roles, fault)).collect();
    if policy.version().is_none() && found.is_empty() {
        let message = format!(
            "the trust policy of {} has no `Version`, which means `2008-10-17`",
            named(&alike.first)
        );
        let help = "write `\"Version\": \"2012-10-17\"`";
        let missing = roles.finding(&RULE.info, At::default(), message, help);
        found.push(missing.severity(Severity::Warning));
    }
    found
}

fn of_error(alike: &AlikeRoles<'_>, document: &Document, error: &PolicyError) -> Option<Finding> {
    if document.has_holes {
        return None;
    }
    let message = format!(
        "the trust policy of {} cannot be read at byte {}: {}",
        named(&alike.first),
        error.at,
        error.message
    );
    let lower = ["\"statement\"", "\"STATEMENT\""];
    let json = &alike.first.document.json;
    let help = if lower.iter().any(|name| json.contains(name)) {
        "write `Statement`: case counts"
    } else {
        "write the policy as one JSON object with `Version` and `Statement`"
    };
    Some(about(&About { alike, info: &RULE.info, at: At::default() }, message, help))
}

/// Whether the text at a fault is not known before deployment.
fn is_unknown(json: &str, fault: &Fault) -> bool {
    has_hole(&fault.message) || has_hole(&word_at(json, fault.at))
}

/// Words of the grammar, as they are to be written.
const ELEMENTS: [&str; 11] = [
    "Allow",
    "Deny",
    "Version",
    "Id",
    "Statement",
    "Sid",
    "Effect",
    "Principal",
    "Action",
    "NotAction",
    "Condition",
];

fn of_fault(roles: Roles<'_>, fault: &Fault) -> Finding {
    let word = word_at(&roles.alike.first.document.json, fault.at);
    let spelled = |own: &&&str| own.eq_ignore_ascii_case(&word) && **own != word;
    let help = match (ELEMENTS.iter().find(spelled), fault.kind) {
        (Some(element), _) => format!("write `{element}`: case counts"),
        (None, FaultKind::Missing) => "add it: IAM refuses the document without".to_owned(),
        (None, FaultKind::Repeated) => "take one of them out".to_owned(),
        (None, FaultKind::Sid) => {
            "give each statement a `Sid` of its own, of letters and digits, or none".to_owned()
        }
        (None, FaultKind::Action) => "write an action such as `sts:AssumeRoleWithSAML`".to_owned(),
        (None, FaultKind::Value) => "write a value that the operator compares".to_owned(),
        (None, _) => "mend it: as it is, IAM refuses the document".to_owned(),
    };
    let at = At::value(&word);
    let number = roles.policy.statement_at(fault.at);
    let spot = number.and_then(|number| {
        let statement = roles.policy.statements.get(number)?;
        Some(Spot { roles, number, statement, providers: Vec::new() })
    });
    if let Some(spot) = spot {
        let message = format!("{}: {}", spot.named(), fault.message);
        return spot.finding(&RULE.info, at, message, &help);
    }
    let message = format!("the trust policy of {}: {}", named(&roles.alike.first), fault.message);
    roles.finding(&RULE.info, at, message, &help)
}
