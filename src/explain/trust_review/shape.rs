//! What a trust policy says, in one spelling for everything that means the same.

use crate::model::account::AccountId;
use crate::model::declared::HOLE;
use crate::trust::{Condition, Effect, Outline, Statement, TrustPolicy};

/// Stands in a trust for the id of the role's own account.
pub const OWN_ACCOUNT: &str = "{account}";

/// Stands in a trust for what is not known before deployment.
pub const UNKNOWN: &str = "{unknown}";

/// What one or more roles' trust policies say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// Its statements, sorted: their order does not count.
    pub statements: Vec<TrustStatement>,
    /// What IAM would refuse to store; sentences.
    pub faults: Vec<String>,
    /// The roles, as indices into [`Review::roles`](super::Review::roles), ascending.
    pub roles: Vec<usize>,
}

/// What a statement says, its lists sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrustStatement {
    /// Whether it denies; what cannot be told from a deny does.
    pub denies: bool,
    /// `NotPrincipal`.
    pub not_principal: bool,
    /// Kind and name of the principals.
    pub principals: Vec<(String, String)>,
    /// `NotAction`.
    pub not_action: bool,
    /// Its actions.
    pub actions: Vec<String>,
    /// Its conditions.
    pub conditions: Vec<TrustCondition>,
    /// Why it is read as nothing: IAM would refuse it as a whole.
    pub broken: Option<String>,
}

/// What a condition says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrustCondition {
    /// The key as written.
    pub key: String,
    /// The operator as written.
    pub operator: String,
    /// The values.
    pub values: Vec<String>,
}

/// A policy's text without the id of the role's own account, and with a word for what is not known.
pub(super) fn own_account_left_out(json: &str, account: Option<AccountId>) -> String {
    let text = match account {
        Some(account) => json.replace(account.as_str(), OWN_ACCOUNT),
        None => json.to_owned(),
    };
    if text.contains(HOLE) { text.replace(HOLE, UNKNOWN) } else { text }
}

impl Trust {
    /// What a policy says.
    pub fn of(policy: &TrustPolicy) -> Self {
        let variables = policy.has_variables();
        let mut statements: Vec<TrustStatement> =
            policy.statements.iter().map(|one| TrustStatement::of(one, variables)).collect();
        statements.sort();
        statements.dedup();
        let faults = policy.faults.iter().map(|fault| fault.message.clone()).collect();
        Self { statements, faults, roles: Vec::new() }
    }

    /// Whether a SAML provider is let in by some statement.
    pub fn trusts_saml(&self) -> bool {
        self.allowed().any(|(kind, name)| is_saml(kind, name))
    }

    /// The SAML providers that some statement allows, sorted.
    pub fn saml_providers(&self) -> Vec<&str> {
        sorted(self.allowed().filter(|(kind, name)| is_saml(kind, name)).map(|(_, name)| name))
    }

    /// Who else some statement allows: kind and name, sorted.
    pub fn other_doors(&self) -> Vec<(&str, &str)> {
        sorted(self.allowed().filter(|(kind, name)| !is_saml(kind, name)))
    }

    fn allowed(&self) -> impl Iterator<Item = (&str, &str)> {
        let allowing = self.statements.iter().filter(|statement| !statement.denies);
        let names = allowing.filter(|statement| !statement.not_principal);
        names
            .flat_map(|statement| &statement.principals)
            .map(|(kind, name)| (kind.as_str(), name.as_str()))
    }

    /// The values that allowing statements want a condition key to have, sorted; the key in lower case.
    pub fn wanted(&self, key: &str) -> Vec<&str> {
        let allowing = self.statements.iter().filter(|statement| !statement.denies);
        let conditions = allowing.flat_map(|statement| &statement.conditions);
        let own = conditions.filter(|condition| condition.key.eq_ignore_ascii_case(key));
        let positive = own.filter(|condition| !condition.is_negated());
        sorted(positive.flat_map(|condition| &condition.values).map(String::as_str))
    }
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items.dedup();
    items
}

fn is_saml(kind: &str, name: &str) -> bool {
    kind == "Federated" && name.contains(":saml-provider/")
}

impl TrustStatement {
    fn of(statement: &Statement, variables: bool) -> Self {
        let Outline { effect, not_principal, parties, not_action, actions, conditions, broken } =
            statement.outline();
        let parties = parties.iter().map(|party| (party.kind.to_owned(), party.name.to_owned()));
        Self {
            denies: effect == Effect::Deny,
            not_principal,
            principals: sorted(parties),
            not_action,
            actions: sorted(actions.iter().map(|action| (*action).to_owned())),
            conditions: sorted(conditions.iter().map(|one| TrustCondition::of(one, variables))),
            broken: broken.map(str::to_owned),
        }
    }
}

impl TrustCondition {
    /// Where the version of the language has no variables, `$` is told as the text it is.
    fn of(condition: &Condition, variables: bool) -> Self {
        let literal = |text: &str| {
            if variables || !text.contains("${") {
                text.to_owned()
            } else {
                text.replace("${", "${$}{")
            }
        };
        Self {
            key: condition.key.clone(),
            operator: condition.operator_name.clone(),
            values: sorted(condition.values.iter().map(|wanted| literal(&wanted.text))),
        }
    }

    fn is_negated(&self) -> bool {
        crate::trust::Operator::parse(&self.operator).is_none_or(|operator| operator.negated)
    }
}
