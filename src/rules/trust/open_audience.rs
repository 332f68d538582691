//! `trust/open-audience`: the conditions on the audience admit any.

use super::{At, FOR_SAML, OPERATORS, Spot, ask, first_value};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::account::Partition;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Audience, AudienceHow, AudienceTest, audience_tests};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/open-audience",
        summary: "the conditions on `SAML:aud` admit any audience",
        severity: Severity::Error,
        on: true,
        follows: &["trust/impossible-audience", "trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "A condition that any Recipient meets looks like a test and is none: `StringLike` with `*`, a negated operator, `Null`. With `IfExists` or `ForAllValues:` it also holds where there is no audience; as every assertion that AWS takes has one, that is a warning.",
        remediation: "Test for the sign-in endpoints in use with `StringEquals`.",
        references: &[FOR_SAML, OPERATORS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |spot| {
        let tests: Vec<AudienceTest<'_>> =
            if spot.signs_in() { audience_tests(spot.statement).collect() } else { Vec::new() };
        of_statement(spot, &tests)
    })
}

/// Whether a test narrows the audience down, or may.
fn narrows(test: &AudienceTest<'_>) -> bool {
    match test.how {
        AudienceHow::Values | AudienceHow::ValuesOrNone => {
            test.values.iter().all(|(_, audience)| *audience != Audience::Anything)
        }
        AudienceHow::Others | AudienceHow::Present => false,
        AudienceHow::Absent | AudienceHow::NoText | AudienceHow::Unknown => true,
    }
}

fn of_statement(spot: &Spot<'_>, tests: &[AudienceTest<'_>]) -> Option<Finding> {
    let endpoint = spot.roles.partition().unwrap_or(Partition::Aws).sign_in();
    let help = format!("test `SAML:aud` with `StringEquals` for `{endpoint}`");
    let first = tests.first()?;
    let operator = &first.condition.operator_name;
    if !tests.iter().any(narrows) {
        let open = first.values.iter().find(|(_, audience)| *audience == Audience::Anything);
        let at = open.map_or(first_value(first.condition), |(wanted, _)| At::value(&wanted.text));
        let message = match (first.how, open) {
            (_, Some((wanted, _))) => format!(
                "{} admits any audience: {} of `SAML:aud` is met by whatever is sent",
                spot.named(),
                Quoted(&wanted.text)
            ),
            (AudienceHow::Others, None) => format!(
                "{} admits any audience but some: {} only excludes",
                spot.named(),
                Quoted(operator)
            ),
            _ => format!(
                "{} admits any audience: {} only asks whether there is one",
                spot.named(),
                Quoted(operator)
            ),
        };
        return Some(spot.finding(&RULE.info, at, message, &help));
    }
    let strict = |test: &AudienceTest<'_>| narrows(test) && test.how != AudienceHow::ValuesOrNone;
    if tests.iter().any(strict) {
        return None;
    }
    let loose = tests.iter().find(|test| test.how == AudienceHow::ValuesOrNone)?;
    let operator = &loose.condition.operator_name;
    let message = format!(
        "{} tests `SAML:aud` with {}, which also holds where there is none",
        spot.named(),
        Quoted(operator)
    );
    let found =
        spot.finding(&RULE.info, first_value(loose.condition), message, "write `StringEquals`");
    Some(found.severity(Severity::Warning))
}
