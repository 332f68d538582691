//! `trust/foreign-provider`: a statement trusts a SAML provider of another account.

use super::{At, FOR_SAML, ask};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/foreign-provider",
        summary: "a statement trusts a SAML provider of another account or partition",
        severity: Severity::Error,
        on: true,
        follows: &["trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "A role is assumed through a SAML provider of its own account: with any other AWS answers `Principal exists outside the account of the Role being assumed` (seen, not documented). Partitions never trust each other. The role's account is that of the export it stands in.",
        remediation: "Name the provider of the role's own account.",
        references: &[
            FOR_SAML,
            "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |spot| {
        let role = spot.roles.alike.first;
        let foreign = |what: &str, text: &str, found: &str, own: &str| {
            let message = format!(
                "{} trusts SAML provider {} of {what} `{found}`, and the role is in `{own}`",
                spot.named(),
                Quoted(text)
            );
            (message, text.to_owned())
        };
        let found = spot.arns().find_map(|(arn, text)| {
            let account = role.account.filter(|account| *account != arn.account);
            let partition = role.partition.filter(|partition| *partition != arn.partition);
            match (account, partition) {
                (Some(own), _) => {
                    Some(foreign("account", text, arn.account.as_str(), own.as_str()))
                }
                (None, Some(own)) => {
                    Some(foreign("partition", text, arn.partition.as_str(), own.as_str()))
                }
                (None, None) => None,
            }
        });
        found.map(|(message, text)| {
            let help =
                "name the provider of the role's own account: providers of others are refused";
            spot.finding(&RULE.info, At::value(&text), message, help)
        })
    })
}
