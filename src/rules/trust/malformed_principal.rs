//! `trust/malformed-principal`: a principal is no provider's ARN, or stands under the wrong kind.

use super::{At, CHECKS, PRINCIPALS, Roles, Spot, roles};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::arn::{ArnError, SamlProviderArn};
use crate::model::declared::has_hole;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Effect, Federated, Named, PrincipalKind};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/malformed-principal",
        summary: "a principal is no ARN of a SAML provider, or stands under the wrong kind",
        severity: Severity::Error,
        on: true,
        follows: &["trust/prohibited-element"],
        options: &[],
        since: "0.1.0",
        explanation: "IAM takes no wildcard inside a principal, no ARN that is not whole, and a SAML provider only under `Federated`: it answers `MalformedPolicyDocument`, such as `Federated principals must be valid domain names or SAML metadata ARNs`. A provider's name with characters that IAM's pattern does not have and its prose does is a warning.",
        remediation: "Write `arn:aws:iam::ACCOUNT:saml-provider/NAME` with the account's twelve digits under `Federated`.",
        references: &[PRINCIPALS, CHECKS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(roles(context)?.flat_map(of_roles).collect())
}

/// One finding a statement: its first principal that is wrong.
fn of_roles(roles: Roles<'_>) -> Vec<Finding> {
    let all = roles.policy.statements.iter().enumerate();
    let whole = all.filter(|(_, statement)| statement.refused_text().is_none());
    whole
        .filter_map(|(number, statement)| {
            let spot = Spot { roles, number, statement, providers: Vec::new() };
            let found = statement.principals().find_map(|named| Some((named, wrong(&named)?)));
            let (named, Wrong { what, severity }) = found?;
            let message = format!("{} names {}, {what}", spot.named(), Quoted(named.name));
            let help = help(statement.effect, roles, &named);
            let found = spot.finding(&RULE.info, At::value(named.name), message, &help);
            let found = match bare(&named) {
                Some(bare) => spot.with_value(found, named.name, bare),
                None => found,
            };
            Some(found.severity(severity))
        })
        .collect()
}

/// The ARN of a provider that stands between spaces.
fn bare<'n>(named: &Named<'n>) -> Option<&'n str> {
    let bare = named.name.trim();
    let is_it = named.kind == Some(PrincipalKind::Federated) && bare != named.name;
    (is_it && SamlProviderArn::parse(bare).is_ok()).then_some(bare)
}

fn help(effect: Effect, roles: Roles<'_>, named: &Named<'_>) -> String {
    if SamlProviderArn::parse(named.name).is_ok() {
        return format!("write `\"Federated\": \"{}\"`", named.name);
    }
    let partition = roles.partition().map_or("aws", |partition| partition.as_str());
    let account = roles.alike.first.account;
    let account = account.map_or_else(|| "ACCOUNT".to_owned(), |account| account.to_string());
    let whole = format!("arn:{partition}:iam::{account}:saml-provider/NAME");
    match effect {
        Effect::Allow => format!("write `\"Federated\": \"{whole}\"`"),
        Effect::Deny => format!("write `\"Federated\": \"{whole}\"`, or `*` for everybody"),
    }
}

struct Wrong {
    what: String,
    severity: Severity,
}

fn wrong(named: &Named<'_>) -> Option<Wrong> {
    let error = |what: String| Some(Wrong { what, severity: Severity::Error });
    if named.everybody || has_hole(named.name) {
        return None;
    }
    let kind = named.kind.map(PrincipalKind::as_str);
    if named.name.contains(['*', '?']) && !named.name.contains("${") {
        return error("and a principal takes no wildcard".to_owned());
    }
    match named.kind {
        None => error("under a kind of principal there is none of".to_owned()),
        Some(PrincipalKind::Federated) => match named.federated()? {
            Federated::Saml(Err(ArnError::Name(name))) if is_name_of_the_prose(&name) => {
                Some(Wrong {
                    what: format!(
                        "and IAM's pattern for names of providers does not have all of {}",
                        Quoted(&name)
                    ),
                    severity: Severity::Warning,
                })
            }
            Federated::Saml(Err(why)) => {
                error(format!("which is no ARN of a SAML provider: {why}"))
            }
            Federated::Malformed => {
                error("which is neither the ARN of a provider nor a domain".to_owned())
            }
            _ => None,
        },
        Some(_) if named.names_saml_provider() && !named.name.contains("${") => error(format!(
            "a SAML provider, under `{}`, expected it under `Federated`",
            kind.unwrap_or_default()
        )),
        Some(_) => None,
    }
}

/// Whether a provider's name is one that the prose of `CreateSAMLProvider` allows.
fn is_name_of_the_prose(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    (1..=128).contains(&name.len()) && name.bytes().all(fits)
}
