//! `trust/unknown-provider`: a statement trusts a SAML provider that the account does not have.

use super::{FOR_SAML, Spot, TROUBLE, ask, is_the_apps, nearest, place_of, with_others};
use crate::entitlement::role_policies::{RolePolicy, missing_provider};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::arn::SamlProviderArn;
use crate::rules::mapping::ROLE_VALUE_PATTERN;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/unknown-provider",
        summary: "a statement trusts a SAML provider that the account does not have",
        severity: Severity::Error,
        on: true,
        follows: &[
            "mapping/unknown-provider",
            "trust/foreign-provider",
            "trust/malformed-principal",
            "trust/wrong-action",
        ],
        options: &[],
        since: "0.1.0",
        explanation: "IAM stores a trust policy that names a provider there is not, or no more, and nobody can assume the role through it. Names are compared exactly, case too. Accounts without a list of their providers are not looked at. Where the Role Value Pattern names the same provider, `mapping/unknown-provider` says so.",
        remediation: "Name a provider that the account has, or make it.",
        references: &[FOR_SAML, TROUBLE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |spot| {
        let arns: Vec<&SamlProviderArn> = spot.arns().map(|(arn, _)| arn).collect();
        arns.into_iter().find_map(|arn| of_provider(context, spot, arn))
    })
}

fn of_provider(context: &Context<'_>, spot: &Spot<'_>, arn: &SamlProviderArn) -> Option<Finding> {
    let missing = |role: &&RolePolicy<'_>| {
        let account = role.account.filter(|_| role.declared.is_none());
        account.is_some_and(|own| missing_provider(context.federation, own, &arn.name).is_some())
    };
    let roles: Vec<&RolePolicy<'_>> = spot.roles.alike.all().filter(missing).collect();
    let (first, others) = roles.split_first()?;
    let account = first.account?;
    // The statement of all of them names the first one's own account.
    if spot.roles.alike.first.account != Some(arn.account) {
        return None;
    }
    let own = SamlProviderArn { account, ..arn.clone() }.to_string();
    let message = format!(
        "{} trusts SAML provider {}, which account `{account}` does not have",
        spot.named(),
        Quoted(&arn.name)
    );
    let known = missing_provider(context.federation, account, &arn.name).unwrap_or_default();
    let near = nearest(&arn.name, known.iter().map(|provider| provider.name.as_str()));
    let help = match (near, known.first()) {
        (Some(near), _) => {
            format!("the provider there is {}: names are compared exactly", Quoted(near))
        }
        (None, Some(other)) => {
            format!(
                "name a provider that is there, such as {}, or make this one",
                Quoted(&other.name)
            )
        }
        (None, None) => "make the provider: the account has none".to_owned(),
    };
    let found_near = near.and_then(|near| known.iter().find(|provider| provider.name == near));
    let mut found = Finding::new(&RULE.info, super::subject_of(first, spot.number), message)
        .at(Label::new(place_of(first, spot.statement.span(), &own), "").mark(&*own))
        .help(help)
        .also(own);
    found.also.extend(roles.iter().map(|role| role.identity()));
    if let Some(provider) = found_near {
        found = found.related(Label::new(provider.place, "the provider").mark(&*provider.name));
    }
    if let Some(near) = found_near.filter(|_| others.is_empty()) {
        let to = SamlProviderArn { account, name: near.name.clone(), ..arn.clone() };
        found = spot.with_value(found, &arn.to_string(), &to.to_string());
    }
    if is_the_apps(context, arn) {
        found = found.stems_from(ROLE_VALUE_PATTERN);
    }
    Some(with_others(found, others.iter().copied()))
}
