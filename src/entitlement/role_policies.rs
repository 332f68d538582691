//! Every trust policy there is, of deployed and of declared roles; those alike are read once.

use rustc_hash::FxHashMap;

use crate::model::account::{AccountId, Partition};
use crate::model::aws::{PolicyDocument, SamlProvider};
use crate::model::declared::{DeclaredBy, Known, has_hole};
use crate::model::federation::Federation;
use crate::text::Place;
use crate::trust::{Effect, Federated, PolicyError, PrincipalKind, Statement, TrustPolicy};

/// The action of a sign-in with SAML.
pub const ASSUME_WITH_SAML: &str = "sts:AssumeRoleWithSAML";

/// All trust policies.
#[derive(Debug)]
pub struct RolePolicies<'f> {
    alike: Vec<AlikeRoles<'f>>,
}

/// The trust policy of the first of roles that are alike.
#[derive(Debug)]
pub struct Document {
    /// The policy, or why it is none.
    pub policy: Result<TrustPolicy, PolicyError>,
    /// Whether parts of it are not known before deployment.
    pub has_holes: bool,
    /// Whether it is about SAML providers at all.
    pub is_saml: bool,
    /// Its characters without white space.
    pub size: usize,
}

/// Roles of one name and path with one trust policy but for their accounts; declared roles stand alone.
#[derive(Debug)]
pub struct AlikeRoles<'f> {
    /// The first of them.
    pub first: RolePolicy<'f>,
    /// The others, by account.
    pub others: Vec<RolePolicy<'f>>,
    /// The trust policy of the first; that of the others says their own account where it says its.
    pub document: Document,
}

impl<'f> AlikeRoles<'f> {
    /// All of them, by account.
    pub fn all(&self) -> impl Iterator<Item = &RolePolicy<'f>> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

/// A role and its trust policy.
#[derive(Debug, Clone, Copy)]
pub struct RolePolicy<'f> {
    /// The account, where it is known.
    pub account: Option<AccountId>,
    /// The partition, where it is known.
    pub partition: Option<Partition>,
    /// The role's name, where it is known.
    pub name: Option<&'f str>,
    /// Its path, where it is known.
    pub path: Option<&'f str>,
    /// What declares it and under which address; `None` for a deployed role.
    pub declared: Option<(DeclaredBy, &'f str)>,
    /// The trust policy's text.
    pub document: &'f PolicyDocument,
    /// `MaxSessionDuration` in seconds, where it is known.
    pub max_session_duration: Option<u32>,
    /// Line the role begins at.
    pub place: Place,
}

impl RolePolicy<'_> {
    /// The role's ARN, or the address of a declared one.
    pub fn identity(&self) -> String {
        match (self.declared, self.account) {
            (Some((_, address)), _) => address.to_owned(),
            (None, account) => {
                let partition = self.partition.unwrap_or(Partition::Aws);
                let account = account.map_or_else(String::new, |account| account.to_string());
                let (path, name) = (self.path.unwrap_or("/"), self.name.unwrap_or_default());
                format!("arn:{partition}:iam::{account}:role{path}{name}")
            }
        }
    }
}

impl<'f> RolePolicies<'f> {
    /// Reads every policy of a federation.
    pub fn read(federation: &'f Federation) -> Self {
        let mut reader = Reader::default();
        for (id, account) in federation.accounts.iter() {
            for role in &account.roles {
                let Some(policy) = &role.trust_policy else { continue };
                reader.deployed(RolePolicy {
                    account: Some(*id),
                    partition: account.partition,
                    name: Some(&role.name),
                    path: Some(&role.path),
                    declared: None,
                    document: policy,
                    max_session_duration: role.max_session_duration,
                    place: role.place,
                });
            }
        }
        for role in &federation.declared.roles {
            let Known::Value(policy) = &role.trust_policy else { continue };
            reader.add(RolePolicy {
                account: role.account,
                partition: role.partition,
                name: role.name.value().map(String::as_str),
                path: role.path.value().map(String::as_str),
                declared: Some((role.by, &role.address)),
                document: policy,
                max_session_duration: role.max_session_duration,
                place: role.place,
            });
        }
        Self { alike: reader.alike }
    }

    /// Roles that are alike: deployed ones in the order of first accounts and names, then declared ones.
    pub fn alike(&self) -> impl Iterator<Item = &AlikeRoles<'f>> {
        self.alike.iter()
    }

    /// Whether no export carries any trust policy.
    pub fn is_empty(&self) -> bool {
        self.alike.is_empty()
    }
}

/// Reads documents, those of alike roles once.
#[derive(Default)]
struct Reader<'f> {
    alike: Vec<AlikeRoles<'f>>,
    /// By partition, path and name, and policy; only looked up in, never walked over.
    known: FxHashMap<Box<str>, usize>,
    key: String,
}

/// Stands for a role's own account.
const OWN: &str = "############";

impl<'f> Reader<'f> {
    fn deployed(&mut self, role: RolePolicy<'f>) {
        self.key.clear();
        let partition = role.partition.map_or("", Partition::as_str);
        for part in [partition, role.path.unwrap_or_default(), role.name.unwrap_or_default()] {
            self.key.push_str(part);
            self.key.push('\n');
        }
        let account = role.account.map(|account| account.to_string()).unwrap_or_default();
        let mut parts = role.document.json.split(account.as_str());
        self.key.extend(parts.next());
        for part in parts {
            self.key.push_str(OWN);
            self.key.push_str(part);
        }
        let known = self.known.get(self.key.as_str()).copied();
        if let Some(alike) = known.and_then(|at| self.alike.get_mut(at)) {
            alike.others.push(role);
            return;
        }
        self.known.insert(self.key.as_str().into(), self.alike.len());
        self.add(role);
    }

    fn add(&mut self, role: RolePolicy<'f>) {
        let document = Document::read(&role.document.json);
        self.alike.push(AlikeRoles { first: role, others: Vec::new(), document });
    }
}

impl Document {
    fn read(json: &str) -> Self {
        let policy = TrustPolicy::parse(json);
        let is_saml = match &policy {
            Ok(policy) => policy.statements.iter().any(is_about_saml),
            Err(_) => mentions_saml(json),
        };
        let size = json.chars().filter(|c| !c.is_whitespace()).count();
        Self { policy, has_holes: has_hole(json), is_saml, size }
    }
}

fn mentions_saml(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("saml-provider") || text.contains("assumerolewithsaml")
}

/// Whether a statement is about SAML: it names a provider, or the action and a federated principal or
/// everybody.
fn is_about_saml(statement: &Statement) -> bool {
    if let Some(text) = statement.refused_text() {
        return mentions_saml(text);
    }
    if statement.principals().any(|named| named.names_saml_provider()) {
        return true;
    }
    let names_action = !statement.excludes_actions()
        && statement.actions().any(|(action, _)| mentions_saml(action));
    let anybody = statement.principals().any(|named| {
        named.everybody
            || (named.kind == Some(PrincipalKind::Federated)
                && named.federated() != Some(Federated::Web))
    });
    names_action && anybody
}

/// A SAML provider that a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedProvider<'p> {
    /// As written.
    pub text: &'p str,
    /// Byte offset in the document.
    pub at: usize,
    /// What it is.
    pub what: Federated,
}

/// The SAML providers that an Allow statement trusts, also malformed ones and those not known before
/// deployment; none for a statement that IAM would refuse.
pub fn trusted_providers(statement: &Statement) -> Vec<TrustedProvider<'_>> {
    let refused = statement.refused_text().is_some() || statement.excludes_principals();
    if statement.effect == Effect::Deny || refused {
        return Vec::new();
    }
    let for_saml = statement.actions().any(|(action, _)| mentions_saml(action));
    let named = statement.principals().filter_map(|named| {
        let what = named.federated()?;
        let is_saml = match &what {
            Federated::Saml(_) => true,
            Federated::Web => false,
            Federated::Unknown | Federated::Malformed => for_saml,
        };
        is_saml.then_some(TrustedProvider { text: named.name, at: named.at, what })
    });
    named.collect()
}

/// Whether an account lacks a SAML provider for certain: with the provider's nearest relatives.
pub fn missing_provider<'f>(
    federation: &'f Federation,
    account: AccountId,
    name: &str,
) -> Option<&'f [SamlProvider]> {
    let account = federation.accounts.get(&account)?;
    let missing = account.providers_complete && account.provider(name).is_none();
    missing.then_some(&account.providers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::aws::Role;

    fn role(name: &str, json: &str) -> Role {
        Role {
            name: name.to_owned(),
            path: "/".to_owned(),
            trust_policy: Some(PolicyDocument { json: json.into(), place: Place(1) }),
            max_session_duration: None,
            place: Place(1),
        }
    }

    fn policy(account: &str) -> String {
        format!(
            r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML","Principal":{{"Federated":"arn:aws:iam::{account}:saml-provider/OKTA"}}}}}}"#
        )
    }

    #[test]
    fn policies_alike_but_for_the_own_account_are_read_once_and_foreign_ones_apart() {
        let mut federation = Federation::default();
        let (a, b) = ("111122223333", "444455556666");
        for (account, trusts) in [(a, a), (b, b), ("777788889999", a)] {
            let account = federation.accounts.entry(account.parse().unwrap());
            account.roles = vec![role("Admin", &policy(trusts)), role("Auditor", &policy(trusts))];
        }
        let policies = RolePolicies::read(&federation);
        let sizes: Vec<usize> = policies.alike().map(|alike| alike.all().count()).collect();
        assert_eq!(sizes, [2, 2, 1, 1]);
        assert!(policies.alike().all(|alike| alike.document.is_saml));
        let first = policies.alike().next().unwrap();
        assert_eq!(first.first.identity(), "arn:aws:iam::111122223333:role/Admin");
    }

    #[test]
    fn a_service_role_is_not_about_saml_and_a_broken_policy_may_be() {
        let is_saml = |json: &str| Document::read(json).is_saml;
        let service = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}}"#;
        assert!(!is_saml(service));
        assert!(!is_saml(&service.replace("Effect", "effect")));
        assert!(!is_saml("{"));
        assert!(is_saml(&policy("111122223333")));
        assert!(is_saml(&policy("111122223333").replace("Effect", "effect")));
        assert!(is_saml(r#"{"Action":"sts:AssumeRoleWithSAML""#));
    }
}
