//! `assertion/issuer`: the issuer of a sign-in is not the one expected.

use super::{SignIn, TROUBLE, answer, captured};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::metadata::Metadata;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/issuer",
        summary: "the issuer of a sign-in is not the app's, or differs between Response and Assertion",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "AWS looks the Issuer up in the metadata of the SAML provider that the chosen pair \
                      names; it is compared as text, `http` and all. Each Okta app has an entity id of its \
                      own, so a response of another app, or metadata of another, never fits. It is held \
                      against `issuer` of `[sign_in]`, else the metadata that was given and the app's own, \
                      and against that of the providers that the message names. Response and Assertion come from one issuer.",
        remediation: "Upload this app's metadata to the provider, or sign in through the app whose \
                      metadata the provider has.",
        references: &[
            TROUBLE,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(captured(context)?.filter_map(|sign_in| of(context, &sign_in)).collect())
}

fn of(context: &Context<'_>, sign_in: &SignIn<'_>) -> Option<Finding> {
    let assertion = sign_in.assertion;
    let Some(own) = &assertion.issuer else {
        let message = "the assertion has no Issuer".to_owned();
        let found = sign_in.finding(&RULE.info, &assertion.at, message);
        return Some(found.help(answer(Refusal::OtherIssuer)));
    };
    let issuer = own.value.value.as_str();
    if let Some(outer) = sign_in.said.message.response.as_ref().and_then(|one| one.issuer.as_ref())
        && outer.value.value != issuer
    {
        let message = format!(
            "the issuer of the assertion is {}, that of the response {}",
            Quoted(issuer),
            Quoted(&outer.value.value)
        );
        let found = sign_in.finding(&RULE.info, &own.value.at, message);
        return Some(found.related(sign_in.label(&outer.value.at, "the response's")));
    }
    let (message, related) =
        foreign(context, issuer).or_else(|| of_providers(context, sign_in, issuer))?;
    let found =
        sign_in.finding(&RULE.info, &own.value.at, message).help(answer(Refusal::OtherIssuer));
    Some(related.into_iter().fold(found, Finding::related))
}

/// An issuer that is not among those that were given.
fn foreign(context: &Context<'_>, issuer: &str) -> Option<(String, Option<Label>)> {
    if let Some(wanted) = &context.settings.sign_in.issuer {
        let message = || {
            format!(
                "the issuer is {}, expected {} as `[sign_in]` says",
                Quoted(issuer),
                Quoted(wanted)
            )
        };
        return (wanted != issuer).then(|| (message(), None));
    }
    let known = &context.captures.issuers;
    let (document, first) = known.first()?;
    if known.iter().any(|(_, one)| one == issuer) {
        return None;
    }
    let message = format!("the issuer is {}, {document} is of {}", Quoted(issuer), Quoted(first));
    Some((message, None))
}

/// An issuer that is not in the metadata of a provider that the message names.
fn of_providers(
    context: &Context<'_>,
    sign_in: &SignIn<'_>,
    issuer: &str,
) -> Option<(String, Option<Label>)> {
    sign_in.aws.pairs().find_map(|(_, arn)| {
        let account = context.federation.accounts.get(&arn.account)?;
        let document = account.provider(&arn.name)?.metadata.as_ref()?;
        let reading = context.library.read(&document.value);
        let metadata: &Metadata = reading.as_ref().as_ref().ok()?;
        let first = metadata.entity_ids().next()?;
        if metadata.entity_ids().any(|id| id == issuer) {
            return None;
        }
        let message = format!(
            "the issuer is {}, and the metadata of SAML provider {} of account `{}` is of {}",
            Quoted(issuer),
            Quoted(&arn.name),
            arn.account,
            Quoted(first)
        );
        Some((message, Some(Label::new(document.place, "the provider's metadata"))))
    })
}
