//! Which SAML providers a policy names anywhere: less than a decision, and cheap.

use std::collections::BTreeSet;

use memchr::memmem;

/// The names of SAML providers in some policies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentioned<'p> {
    /// The names.
    pub names: BTreeSet<&'p str>,
    /// A policy may name others, too: a wildcard, or an escape that was not read.
    pub is_open: bool,
}

impl<'p> Mentioned<'p> {
    /// Takes up what another policy names.
    pub fn extend(&mut self, other: Self) {
        self.names.extend(other.names);
        self.is_open |= other.is_open;
    }

    /// Whether a provider is, or may be, named.
    pub fn names(&self, provider: &'p str) -> bool {
        self.is_open || self.names.contains(provider)
    }
}

/// Looks through the JSON text of a policy for ARNs of SAML providers, in whatever element and effect.
pub fn providers_mentioned(policy: &str) -> Mentioned<'_> {
    const MARK: &str = "saml-provider";
    let bytes = policy.as_bytes();
    let mut named = Mentioned {
        names: BTreeSet::new(),
        is_open: policy.contains("\"*\"") || policy.contains("\\u"),
    };
    for at in memmem::find_iter(bytes, MARK) {
        let rest = policy.get(at + MARK.len()..).unwrap_or_default();
        let rest = rest.strip_prefix('\\').unwrap_or(rest);
        let Some(rest) = rest.strip_prefix('/') else { continue };
        let end = rest.find(['"', '\\', ',', ' ']).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default();
        named.is_open |= name.contains(['*', '?', '$']);
        named.names.insert(name);
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_wherever_they_stand() {
        let policy = r#"{"Principal":{"Federated":["arn:aws:iam::1:saml-provider/OKTA","arn:aws:iam::1:saml-provider\/B"]}}"#;
        let named = providers_mentioned(policy);
        assert!(named.names("OKTA") && named.names("B"));
        assert!(!named.names("OKT") && !named.is_open);
    }

    #[test]
    fn a_wildcard_may_name_any() {
        for policy in [
            r#"{"Principal":"*"}"#,
            r#"{"Principal":{"Federated":"arn:aws:iam::1:saml-provider/*"}}"#,
            r#"{"Federated":"arn:aws:iam::1:saml-provider/O\u004bTA"}"#,
        ] {
            assert!(providers_mentioned(policy).names("OKTA"), "{policy}");
        }
        assert!(!providers_mentioned("{}").names("OKTA"));
    }
}
