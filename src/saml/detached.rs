//! The signature of HTTP-Redirect, which stands in the address beside the message and not in it (SAML
//! bindings 3.4.4.1): made over the parameters as they were sent, octet for octet.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::bindings::percent_decoded;
use super::key::{Algorithm, VerifyingKey};
use super::verify::KnownKeys;

/// Largest value of a parameter that is kept, in bytes.
pub const PARAMETER: usize = 64 << 10;

/// A signature of the address, not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detached {
    /// `SAMLResponse=…&RelayState=…&SigAlg=…`, as they were sent.
    octets: String,
    /// `SigAlg`.
    pub algorithm: Option<String>,
    /// `Signature`, in base64.
    value: Option<String>,
}

/// Why such a signature proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DetachedProblem {
    /// Half of it is missing.
    #[error("`{there}` without `{missing}`, expected both or neither")]
    Half {
        /// The parameter that is there.
        there: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// An algorithm that is not verified.
    #[error("`SigAlg` is `{0}`, which is not accepted")]
    Algorithm(String),
    /// No base64.
    #[error("`Signature` is not base64")]
    Base64,
    /// Nobody to ask.
    #[error(
        "who signed is not known: such a signature carries no key, expected `--cert` or `--metadata`"
    )]
    NoKey,
    /// Another key, or something was changed.
    #[error(
        "`Signature` verifies with none of the {0} known keys over the parameters as they were sent"
    )]
    Invalid(usize),
}

/// Whose signature it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetachedProof {
    /// With what it was made.
    pub algorithm: Algorithm,
    /// The name of the key.
    pub key: String,
}

impl Detached {
    /// The signature among parameters `name=value&…` of which one carries the message; none where neither
    /// `SigAlg` nor `Signature` stands there, or one is absurdly long.
    pub fn of_query(query: &str, carrier: &str) -> Option<Self> {
        let pairs: Vec<(&str, &str)> =
            query.split('&').filter_map(|one| one.split_once('=')).collect();
        let raw = |name: &str| {
            let found = pairs.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| *value)
        };
        let (algorithm, value) = (raw("SigAlg"), raw("Signature"));
        algorithm.or(value)?;
        if [algorithm, value].into_iter().flatten().any(|text| text.len() > PARAMETER) {
            return None;
        }
        let signed = [carrier, "RelayState", "SigAlg"];
        let signed = signed.into_iter().filter_map(|name| Some((name, raw(name)?)));
        let parts: Vec<String> = signed.map(|(name, value)| format!("{name}={value}")).collect();
        Some(Self {
            octets: parts.join("&"),
            algorithm: algorithm.map(percent_decoded),
            value: value.map(percent_decoded),
        })
    }

    /// Whose it is.
    pub fn verify(&self, keys: &KnownKeys) -> Result<DetachedProof, DetachedProblem> {
        let half = |there, missing| DetachedProblem::Half { there, missing };
        let uri = self.algorithm.as_ref().ok_or_else(|| half("Signature", "SigAlg"))?;
        let value = self.value.as_ref().ok_or_else(|| half("SigAlg", "Signature"))?;
        let algorithm =
            Algorithm::of_uri(uri).ok_or_else(|| DetachedProblem::Algorithm(uri.clone()))?;
        let value = STANDARD.decode(value.trim()).map_err(|_| DetachedProblem::Base64)?;
        if keys.is_empty() {
            return Err(DetachedProblem::NoKey);
        }
        let is_of = |key: &VerifyingKey| key.verifies(algorithm, self.octets.as_bytes(), &value);
        let found = keys.iter().find(|(_, key)| is_of(key));
        let (label, _) = found.ok_or(DetachedProblem::Invalid(keys.len()))?;
        Ok(DetachedProof { algorithm, key: label.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::test_key::Signer;

    const URI: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    const MESSAGE: &str = "SAMLResponse=fZJ%2bx%2F%3d%3D&RelayState=a%20b";

    fn keys() -> KnownKeys {
        let mut keys = KnownKeys::default();
        keys.add_certificate("the test key", &Signer::test().unwrap().certificate).unwrap();
        keys
    }

    fn signed(parameters: &str) -> String {
        let octets = format!("{parameters}&SigAlg={}", URI.replace(':', "%3A").replace('#', "%23"));
        let value =
            Signer::test().unwrap().key.sign(Algorithm::RSA_SHA256, octets.as_bytes(), None);
        let value = STANDARD.encode(value.unwrap()).replace('+', "%2B").replace('=', "%3D");
        format!("{octets}&Signature={value}")
    }

    fn verified(query: &str, keys: &KnownKeys) -> Result<String, String> {
        let found = Detached::of_query(query, "SAMLResponse").unwrap().verify(keys);
        found.map(|proof| proof.key).map_err(|problem| problem.to_string())
    }

    #[test]
    fn the_parameters_are_signed_as_they_were_sent_and_in_their_own_order() {
        let query = signed(MESSAGE);
        assert_eq!(verified(&query, &keys()).as_deref(), Ok("the test key"));
        // Wherever they stand in the address, and whatever else does.
        let mut parts: Vec<&str> = query.split('&').collect();
        parts.reverse();
        parts.insert(1, "x=y");
        assert_eq!(verified(&parts.join("&"), &keys()).as_deref(), Ok("the test key"));
        let without_relay = signed("SAMLResponse=fZJ");
        assert!(verified(&without_relay, &keys()).is_ok());
    }

    #[test]
    fn another_octet_another_escape_and_another_key_verify_nothing() {
        let query = signed(MESSAGE);
        for (from, to) in [
            ("fZJ", "fZK"),
            ("%2b", "%2B"),
            ("a%20b", "a+b"),
            ("&RelayState=a%20b", ""),
            ("rsa-sha256", "rsa-sha512"),
        ] {
            assert!(query.contains(from), "{from}");
            let said = verified(&query.replace(from, to), &keys());
            assert!(said.unwrap_err().contains("none of the 1 known keys"), "{from}");
        }
        let mut others = KnownKeys::default();
        others.add_certificate("other", &Signer::stranger().unwrap().certificate).unwrap();
        assert!(verified(&query, &others).is_err());
        assert!(verified(&query, &KnownKeys::default()).unwrap_err().contains("carries no key"));
    }

    #[test]
    fn half_a_signature_and_unknown_algorithms_say_so() {
        let said = |query: &str| verified(query, &keys()).unwrap_err();
        assert_eq!(
            said("SAMLResponse=a&SigAlg=x"),
            "`SigAlg` without `Signature`, expected both or neither"
        );
        assert!(said("SAMLResponse=a&Signature=x").starts_with("`Signature` without `SigAlg`"));
        assert!(said("SAMLResponse=a&SigAlg=urn:x&Signature=aa").contains("`urn:x`"));
        let no_base64 = format!("SAMLResponse=a&SigAlg={URI}&Signature=a*");
        assert_eq!(said(&no_base64), "`Signature` is not base64");
        assert_eq!(Detached::of_query("SAMLResponse=a&RelayState=b", "SAMLResponse"), None);
    }

    #[test]
    fn a_parameter_at_the_limit_is_kept_and_a_longer_one_is_not() {
        let of = |length: usize| {
            let query = format!("SAMLResponse=a&SigAlg=x&Signature={}", "A".repeat(length));
            Detached::of_query(&query, "SAMLResponse")
        };
        assert!(of(PARAMETER).is_some());
        assert_eq!(of(PARAMETER + 1), None);
    }

    proptest::proptest! {
        #[test]
        fn no_query_panics(query in "(SAMLResponse|SigAlg|Signature|RelayState|[=&%]|.){0,40}") {
            if let Some(found) = Detached::of_query(&query, "SAMLResponse") {
                let _ = found.verify(&keys());
            }
        }
    }
}
