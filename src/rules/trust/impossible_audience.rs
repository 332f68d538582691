//! `trust/impossible-audience`: a condition wants an audience that no sign-in can have.

use super::{At, ENDPOINTS, FOR_SAML, Spot, ask, first_value};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::account::Partition;
use crate::model::declared::has_hole;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Audience, AudienceHow, AudienceTest, Wanted, Wrong, audience_tests};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/impossible-audience",
        summary: "a condition on `SAML:aud` wants what no sign-in endpoint of AWS is",
        severity: Severity::Error,
        on: true,
        follows: &["trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "`SAML:aud` holds the Recipient of the assertion, which is the sign-in endpoint it was posted to, and not its Audience `urn:amazon:webservices`. A value that is no endpoint is never met, and everybody is refused with `Not authorized to perform sts:AssumeRoleWithSAML`. Where other values of the condition can be met this is a warning.",
        remediation: "Write the sign-in endpoint of the partition, or those of the regions in use; with wildcards under `StringLike`.",
        references: &[FOR_SAML, ENDPOINTS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |spot| {
        let tests: Vec<AudienceTest<'_>> =
            if spot.signs_in() { audience_tests(spot.statement).collect() } else { Vec::new() };
        tests.iter().find_map(|test| of_test(spot, test))
    })
}

fn of_test(spot: &Spot<'_>, test: &AudienceTest<'_>) -> Option<Finding> {
    let operator = &test.condition.operator_name;
    if test.condition.values.iter().any(|wanted| has_hole(&wanted.text)) {
        return None;
    }
    let endpoint = spot.roles.partition().unwrap_or(Partition::Aws).sign_in();
    let right = format!("write `{endpoint}`, or the endpoint of a region");
    let wanted = test.condition.values.first().map_or("", |wanted| &wanted.text);
    match test.how {
        AudienceHow::NoText => {
            let message = format!(
                "{} tests `SAML:aud` with {}, which compares no text",
                spot.named(),
                Quoted(operator)
            );
            Some(spot.finding(&RULE.info, At::value(wanted), message, "write `StringEquals`"))
        }
        AudienceHow::Absent => {
            let message = format!(
                "{} wants no `SAML:aud`, and every assertion that AWS takes has one",
                spot.named()
            );
            Some(spot.finding(&RULE.info, first_value(test.condition), message, &right))
        }
        AudienceHow::Values | AudienceHow::ValuesOrNone if test.values.is_empty() => {
            let message = format!("{} wants `SAML:aud` to be one of no values", spot.named());
            Some(spot.finding(&RULE.info, At::value(operator), message, &right))
        }
        AudienceHow::Values | AudienceHow::ValuesOrNone => {
            let dead: Vec<(&Wanted, Wrong)> = test
                .values
                .iter()
                .filter_map(|(wanted, audience)| match audience {
                    Audience::Nothing(wrong) => Some((*wanted, *wrong)),
                    _ => None,
                })
                .collect();
            let &(wanted, wrong) = dead.first()?;
            let all = dead.len() == test.values.len();
            let message = format!(
                "{} wants `SAML:aud` {}, {}",
                spot.named(),
                Quoted(&wanted.text),
                what_is_wrong(wrong, operator)
            );
            let help = match wrong {
                Wrong::LiteralWildcard => {
                    "write `StringLike` instead of the operator, or each endpoint".to_owned()
                }
                _ => right,
            };
            let found = spot.finding(&RULE.info, At::value(&wanted.text), message, &help);
            let found = match meant(spot, test, (&wanted.text, wrong)) {
                Some(to) => spot.with_value(found, &wanted.text, &to),
                None => found,
            };
            Some(if all {
                found
            } else {
                found.severity(Severity::Warning).help("the other values can be met")
            })
        }
        AudienceHow::Others | AudienceHow::Present | AudienceHow::Unknown => None,
    }
}

/// The one endpoint that a value that is none can have been meant to be.
fn meant(
    spot: &Spot<'_>,
    test: &AudienceTest<'_>,
    (value, wrong): (&str, Wrong),
) -> Option<String> {
    let own = spot.roles.partition();
    let to = match wrong {
        Wrong::Audience if test.values.len() == 1 => own?.sign_in().to_owned(),
        Wrong::TrailingSlash => value.trim_end_matches('/').to_owned(),
        Wrong::Plain => format!("https:{}", value.strip_prefix("http:")?),
        Wrong::Case => value.to_lowercase(),
        Wrong::Audience | Wrong::LiteralWildcard | Wrong::Other => return None,
    };
    let partition = Partition::of_sign_in(&to)?;
    own.is_none_or(|own| own == partition).then_some(to)
}

fn what_is_wrong(wrong: Wrong, operator: &str) -> String {
    match wrong {
        Wrong::Audience => {
            "the Audience of the assertion: the key holds the Recipient, a sign-in endpoint"
                .to_owned()
        }
        Wrong::LiteralWildcard => format!("and {} takes a wildcard literally", Quoted(operator)),
        Wrong::TrailingSlash => "with a `/` at the end that no sign-in endpoint has".to_owned(),
        Wrong::Plain => "and sign-in endpoints begin with `https:`".to_owned(),
        Wrong::Case => "and case counts: the sign-in endpoint is in lower case".to_owned(),
        Wrong::Other => "which is no sign-in endpoint of AWS".to_owned(),
    }
}
