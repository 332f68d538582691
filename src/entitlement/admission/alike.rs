//! Trust policies that are alike in many accounts: what one of them decides, all decide.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::super::role_policies::{AlikeRoles, RolePolicies};
use super::super::stage::Answer;
use super::Admissions;
use crate::model::account::AccountId;
use crate::model::arn::ArnPair;

/// Conditions that read the same in every account of a partition.
const SAME_EVERYWHERE: &str = "saml:aud";

/// Trust policies that refuse nobody, of those that are alike each asked once.
#[derive(Debug)]
pub struct Admitting<'a> {
    admissions: &'a Admissions<'a>,
    /// By account and role the number of the policy among those that differ.
    number_of: FxHashMap<(AccountId, &'a str), usize>,
    /// What the first pair that was asked about was told.
    told: Vec<OnceLock<Told>>,
}

#[derive(Debug)]
struct Told {
    pair: ArnPair,
    refuses_nobody: bool,
}

impl<'a> Admitting<'a> {
    /// Nothing asked yet.
    pub fn new(admissions: &'a Admissions<'a>, policies: &'a RolePolicies<'_>) -> Self {
        let mut number_of = FxHashMap::default();
        let alike: Vec<&AlikeRoles<'_>> =
            policies.alike().filter(|alike| is_same_everywhere(alike)).collect();
        for (number, alike) in alike.iter().enumerate() {
            for role in alike.all().filter(|role| role.declared.is_none()) {
                if let (Some(account), Some(name)) = (role.account, role.name) {
                    number_of.insert((account, name), number);
                }
            }
        }
        let told = alike.iter().map(|_| OnceLock::new()).collect();
        Self { admissions, number_of, told }
    }

    /// Whether the role's trust policy is known to refuse nobody who presents the provider; else the pair has
    /// to be asked about itself.
    pub fn refuses_nobody(&self, pair: &ArnPair) -> bool {
        let role = (pair.role.account, pair.role.name.as_str());
        let Some(told) = self.number_of.get(&role).and_then(|&at| self.told.get(at)) else {
            return false;
        };
        let told = told.get_or_init(|| {
            let report = self.admissions.of_pair(pair);
            let trust = report.trust_of_all();
            let refuses_nobody = trust.is_some_and(|trust| trust.answer != Answer::Fails);
            Told { pair: pair.clone(), refuses_nobody }
        });
        told.refuses_nobody && is_alike(&told.pair, pair)
    }
}

/// Whether a policy decides of a provider of its own account what one like it decides of theirs: nothing in it
/// but the account itself depends on the account, as a pattern of its digits would.
fn is_same_everywhere(alike: &AlikeRoles<'_>) -> bool {
    let json = &alike.first.document.json;
    alike.document.policy.as_ref().is_ok_and(|policy| {
        policy.keys().all(|key| key == SAME_EVERYWHERE) && !json.contains(['*', '?'])
    })
}

/// Whether two pairs differ by their account at most.
fn is_alike(one: &ArnPair, other: &ArnPair) -> bool {
    let of = |pair: &'_ ArnPair| {
        let is_of_one = pair.role.account == pair.provider.account;
        (is_of_one, pair.role.partition, pair.provider.partition)
    };
    of(one) == of(other)
        && one.provider.name == other.provider.name
        && one.role.path == other.role.path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entitlement::resolve::Entitlements;
    use crate::entitlement::sign_in::SignInSettings;
    use crate::mapping::settings::{Mapping, Overrides};
    use crate::model::aws::{PolicyDocument, Role};
    use crate::model::federation::Federation;
    use crate::text::Place;

    const ACCOUNTS: [&str; 3] = ["111122223333", "444455556666", "777788889999"];

    /// Policies of roles in an account; each account has all of them.
    fn policies(account: &str) -> Vec<(&'static str, String)> {
        let policy = |effect: &str, principal: &str, condition: &str| {
            format!(
                r#"{{"Statement": {{"Effect": "{effect}", "Action": "sts:AssumeRoleWithSAML", "Principal": {{"Federated": "{principal}"}}{condition}}}}}"#
            )
        };
        let own = format!("arn:aws:iam::{account}:saml-provider/OKTA");
        let when = |text: &str| format!(r#", "Condition": {{{text}}}"#);
        let document = format!(r#""StringEquals": {{"saml:doc": "{}/OKTA"}}"#, ACCOUNTS[0]);
        let digits = r#""StringLike": {"saml:doc": "1111*"}"#;
        let right = r#""StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}"#;
        let wrong = r#""StringEquals": {"SAML:aud": "https://example.com/saml"}"#;
        let user = r#""StringEquals": {"saml:sub": "mira"}"#;
        vec![
            ("Audience", policy("Allow", &own, &when(right))),
            ("Denied", policy("Deny", &own, "")),
            ("Digits", policy("Allow", &own, &when(digits))),
            ("Document", policy("Allow", &own, &when(&document))),
            ("First", policy("Allow", &own.replace(account, ACCOUNTS[0]), "")),
            ("Own", policy("Allow", &own, "")),
            ("User", policy("Allow", &own, &when(user))),
            ("Wrong", policy("Allow", &own, &when(wrong))),
        ]
    }

    fn federation() -> Federation {
        let mut federation = Federation::default();
        for account in ACCOUNTS {
            let role = |(name, json): (&str, String)| Role {
                name: name.to_owned(),
                path: "/".to_owned(),
                trust_policy: Some(PolicyDocument::new(json, Place(1))),
                max_session_duration: None,
                place: Place(1),
            };
            let known = federation.accounts.entry(account.parse().unwrap());
            known.roles = policies(account).into_iter().map(role).collect();
        }
        federation
    }

    #[test]
    fn who_is_said_to_be_let_in_is_let_in_by_the_policy_itself() {
        let federation = federation();
        let overrides = Overrides {
            group_filter: Some(r"(?{{role}}\w+)#(?{{accountid}}\d+)".to_owned()),
            role_value_pattern: Some(
                "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}"
                    .to_owned(),
            ),
            ..Overrides::default()
        };
        let mapping = Mapping::new(None, &overrides).unwrap();
        let entitlements = Entitlements::resolve(&federation, &mapping);
        let recipient = Some("https://signin.aws.amazon.com/saml".to_owned());
        let settings = SignInSettings { recipient, ..SignInSettings::default() };
        let admissions = Admissions::new(&entitlements, &settings);
        let policies = RolePolicies::read(&federation);
        let admitting = Admitting::new(&admissions, &policies);
        let mut let_in = Vec::new();
        for account in ACCOUNTS {
            for provider in ["OKTA", "Other"] {
                for (role, _) in self::policies(account) {
                    let pair = ArnPair::parse(&format!(
                        "arn:aws:iam::{account}:saml-provider/{provider},arn:aws:iam::{account}:role/{role}"
                    ));
                    let pair = pair.unwrap();
                    let report = admissions.of_pair(&pair);
                    let trust = report.trust_of_all();
                    let refuses_nobody = trust.is_some_and(|trust| trust.answer != Answer::Fails);
                    if admitting.refuses_nobody(&pair) {
                        assert!(refuses_nobody, "{pair:?}");
                        let_in.push((account, role));
                    }
                }
            }
        }
        let all = ACCOUNTS.map(|account| (account, "Audience")).to_vec();
        let all: Vec<_> = all.into_iter().chain(ACCOUNTS.map(|account| (account, "Own"))).collect();
        assert!(all.iter().all(|one| let_in.contains(one)), "{let_in:?}");
        assert_eq!(let_in.len(), all.len() + 1, "and the first account's by its own provider");
        assert!(let_in.contains(&(ACCOUNTS[0], "First")));
    }
}
