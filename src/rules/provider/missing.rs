//! `provider/missing`: a provider that a Role value names is not in its account.

use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::rules::arn::{Origin, values};
use crate::rules::documents::arn;
use crate::rules::mapping::{alike, almost};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "provider/missing",
        summary: "a provider that a Role value names is not in its account",
        severity: Severity::Error,
        on: true,
        follows: &["provider/name-case", "trust/unknown-provider"],
        options: &[],
        since: "0.1.0",
        explanation: "AWS answers `Specified provider doesn't exist.` to everybody who chooses a role \
                      of such a pair. This rule is about pairs that stand somewhere whole: the \
                      `samlRoles` of assignments and the app's identity provider ARN. A Role Value \
                      Pattern, which names one provider for every account, is the business of \
                      `mapping/unknown-provider`; a trust policy that names a missing provider is that \
                      of `trust/unknown-provider`. Accounts without a list of their providers are \
                      unknown and not reported.",
        remediation: "Create the provider under this name in the account, from the app's metadata, or \
                      name the provider that is there.",
        references: &[super::TROUBLE, super::CREATE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let accounts = &context.federation.accounts;
    let values = values(context, |_| false)?;
    let mut found = Vec::new();
    for value in values.iter().filter(|value| !matches!(value.origin, Origin::Group(_))) {
        let Some(provider) = value.provider() else { continue };
        let Some(account) = accounts.get(&provider.account) else { continue };
        if !account.providers_complete || account.provider(&provider.name).is_some() {
            continue;
        }
        let name = &*provider.name;
        let message = format!(
            "account `{}` has no SAML provider {}, which {} names",
            provider.account,
            Quoted(name),
            value.named(),
        );
        let finding = Finding::new(&RULE.info, provider.to_string(), message).at(value.label());
        let finding = value.refused(finding, Refusal::ProviderMissing);
        let by = |close: fn(&str, &str) -> bool| {
            account.providers.iter().find(|other| close(&other.name, name))
        };
        found.push(match (by(alike).or_else(|| by(almost)), account.providers.first()) {
            (Some(near), _) => finding
                .related(Label::new(near.place, "a provider of almost the same name").mark(arn(
                    &provider.account,
                    account,
                    &near.name,
                )))
                .help(format!("name {} instead: names are compared exactly", Quoted(&near.name))),
            (None, Some(other)) => finding
                .related(Label::new(other.place, "a provider there").mark(arn(
                    &provider.account,
                    account,
                    &other.name,
                )))
                .help("make a provider of this name there, or name the one that is there"),
            (None, None) => finding.help("make a provider of this name there"),
        });
    }
    Ok(found)
}
