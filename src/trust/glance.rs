//! A first look at trust policies: does one Allow statement admit the provider at the sign-in endpoint?
//!
//! Not a decision: conditions other than an audience test, and denials that depend on one, answer
//! [`Glance::Undecided`]. [`decide`](super::TrustPolicy::decide) is the decision.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The sign-in endpoint of partition `aws`, which `saml:aud` is tested against.
pub const SIGN_IN: &str = "https://signin.aws.amazon.com/saml";

/// What a first look shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glance {
    /// A statement admits the provider for this audience, and none denies it.
    Admits,
    /// No statement admits it, or one denies it.
    Refuses,
    /// It depends on what a first look does not read.
    Undecided,
}

#[derive(Deserialize)]
struct Policy<'a> {
    #[serde(rename = "Statement", borrow)]
    statement: &'a RawValue,
}

#[derive(Deserialize)]
struct Statement<'a> {
    #[serde(rename = "Effect")]
    effect: &'a str,
    #[serde(rename = "Action", default)]
    action: Value,
    #[serde(rename = "NotAction", default)]
    not_action: Option<serde::de::IgnoredAny>,
    #[serde(rename = "Principal", default)]
    principal: Value,
    #[serde(rename = "Condition", default)]
    condition: Value,
}

/// Looks at a policy document for one provider ARN and one Recipient.
pub fn glance(policy: &str, provider_arn: &str, recipient: &str) -> Glance {
    let Ok(policy) = serde_json::from_str::<Policy<'_>>(policy) else { return Glance::Undecided };
    let statements = policy.statement.get();
    let statements: Result<Vec<Statement<'_>>, _> = if statements.starts_with('[') {
        serde_json::from_str(statements)
    } else {
        serde_json::from_str(statements).map(|one| vec![one])
    };
    let Ok(statements) = statements else { return Glance::Undecided };
    let mut verdict = Glance::Refuses;
    for statement in &statements {
        let matches = match matches(statement, provider_arn, recipient) {
            Glance::Refuses => continue,
            other => other,
        };
        match (statement.effect, matches) {
            ("Deny", Glance::Admits) => return Glance::Refuses,
            ("Allow", Glance::Admits) if verdict == Glance::Refuses => verdict = Glance::Admits,
            ("Allow", Glance::Undecided) if verdict == Glance::Admits => {}
            _ => verdict = Glance::Undecided,
        }
    }
    verdict
}

/// Whether a statement applies: `Admits` for yes, `Refuses` for no.
fn matches(statement: &Statement<'_>, provider_arn: &str, recipient: &str) -> Glance {
    if statement.not_action.is_some() {
        return Glance::Undecided;
    }
    let action = any_of(&statement.action, |action| {
        action == "*"
            || action.eq_ignore_ascii_case("sts:*")
            || action.eq_ignore_ascii_case("sts:AssumeRoleWithSAML")
    });
    let wild = any_of(&statement.action, |action| action.len() > 5 && action.contains(['*', '?']));
    if !action {
        return if wild { Glance::Undecided } else { Glance::Refuses };
    }
    if statement.principal.as_str().is_some() {
        return Glance::Undecided;
    }
    let federated = statement.principal.get("Federated").unwrap_or(&Value::Null);
    if !any_of(federated, |principal| principal == provider_arn) {
        return Glance::Refuses;
    }
    audience(&statement.condition, recipient)
}

fn audience(condition: &Value, recipient: &str) -> Glance {
    let Some(operators) = condition.as_object() else {
        return if condition.is_null() { Glance::Admits } else { Glance::Undecided };
    };
    let mut verdict = Glance::Admits;
    for (operator, keys) in operators {
        for (key, values) in keys.as_object().into_iter().flatten() {
            if operator == "StringEquals" && key.eq_ignore_ascii_case("saml:aud") {
                if any_of(values, |value| value.contains("${")) {
                    verdict = Glance::Undecided;
                } else if !any_of(values, |value| value == recipient) {
                    return Glance::Refuses;
                }
            } else {
                verdict = Glance::Undecided;
            }
        }
    }
    verdict
}

fn any_of(value: &Value, test: impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(word) => test(word),
        Value::Array(items) => items.iter().filter_map(Value::as_str).any(test),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/OKTA";

    fn look(effect: &str, action: &str, condition: &str) -> Glance {
        let policy = format!(
            r#"{{"Statement":{{"Effect":"{effect}","Action":{action},"Principal":{{"Federated":"{PROVIDER}"}}{condition}}}}}"#
        );
        glance(&policy, PROVIDER, SIGN_IN)
    }

    #[test]
    fn the_documented_statement_admits() {
        let condition =
            r#","Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}"#;
        assert_eq!(
            look("Allow", r#"["sts:TagSession","sts:AssumeRoleWithSAML"]"#, condition),
            Glance::Admits
        );
        assert_eq!(look("Deny", r#""sts:AssumeRoleWithSAML""#, condition), Glance::Refuses);
        assert_eq!(look("Allow", r#""sts:AssumeRole""#, condition), Glance::Refuses);
    }

    #[test]
    fn an_audience_with_a_slash_too_many_refuses() {
        let condition =
            r#","Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml/"}}"#;
        assert_eq!(look("Allow", r#""sts:AssumeRoleWithSAML""#, condition), Glance::Refuses);
    }

    #[test]
    fn a_condition_on_the_user_is_not_decided_here() {
        let condition = r#","Condition":{"StringLike":{"saml:sub":"*@corp.example"}}"#;
        assert_eq!(look("Allow", r#""sts:AssumeRoleWithSAML""#, condition), Glance::Undecided);
    }
}
