//! Class 10: the key that a message carries itself is believed.

use super::draft::as_okta;
use super::{Class, Expected, Kind, MutateError};
use crate::saml::sign::{SigningOptions, lines_of_base64};
use crate::saml::signature::DSIG;
use crate::saml::test_key::Signer;

pub(super) static CLASS: Class = Class {
    number: Some(10),
    name: "key",
    says: "somebody else's key signs, and the message brings it along",
    cves: &["CVE-2023-48703"],
    kinds: KINDS,
};

const UNTRUSTED: Expected = Expected::Rejected(&["signature/untrusted-key"]);
const INVALID: Expected = Expected::Rejected(&["signature/invalid"]);
const ANSWER: &str = "Response signature invalid";

static KINDS: &[Kind] = &[
    Kind::new(
        "key/stranger",
        "signed by a stranger, whose certificate the message carries",
        UNTRUSTED,
        |d| d.sign_with(&as_okta(&d.keys.stranger)),
    )
    .answered(ANSWER),
    Kind::new(
        "key/stranger-key-value",
        "signed by a stranger, whose bare key the message carries",
        UNTRUSTED,
        |d| {
            let keys = d.keys;
            d.sign_with(&as_okta(&keys.stranger))?;
            let value = key_value(&keys.stranger)?;
            for _ in 0..2 {
                d.replace("X509Data", &value)?;
            }
            d.resigned_response(&keys.stranger)
        },
    ),
    Kind::new(
        "key/stranger-without-key",
        "signed by a stranger, and the message carries no key",
        INVALID,
        |d| {
            let options = SigningOptions { certificate: None, ..as_okta(&d.keys.stranger) };
            d.sign_with(&options)
        },
    )
    .answered(ANSWER),
    Kind::new(
        "key/known-certificate",
        "signed by a stranger, with the known certificate beside it",
        INVALID,
        |d| {
            let known = &d.keys.known.certificate.der;
            let options = SigningOptions { certificate: Some(known), ..as_okta(&d.keys.stranger) };
            d.sign_with(&options)
        },
    ),
    Kind::new(
        "key/two-certificates",
        "signed by a stranger, the known certificate stands before the stranger's",
        UNTRUSTED,
        |d| {
            let keys = d.keys;
            d.sign_with(&as_okta(&keys.stranger))?;
            let known = certificate(&keys.known.certificate.der);
            d.before("X509Certificate", &known).map(drop)
        },
    ),
    Kind::new(
        "key/expired-certificate",
        "signed by a stranger, whose certificate is expired",
        UNTRUSTED,
        |d| {
            let expired = Signer::expired()?;
            d.sign_with(&as_okta(&expired))
        },
    ),
    Kind::new(
        "key/only-assertion",
        "a stranger signed the assertion, and nobody the response",
        UNTRUSTED,
        |d| {
            let keys = d.keys;
            d.unsign()?.sign_one("Assertion", &as_okta(&keys.stranger))
        },
    ),
    Kind::new(
        "key/only-response",
        "a stranger signed the response, and nobody the assertion",
        UNTRUSTED,
        |d| {
            let keys = d.keys;
            d.unsign()?.sign_one("Response", &as_okta(&keys.stranger))
        },
    ),
    Kind::new(
        "key/response-by-stranger",
        "the assertion is signed by the known key, the response by a stranger",
        UNTRUSTED,
        |d| {
            let keys = d.keys;
            d.loosened()?.sign_one("Response", &as_okta(&keys.stranger))
        },
    ),
    Kind::new(
        "key/assertion-by-stranger",
        "a forged assertion is signed by a stranger, the response by the known key",
        UNTRUSTED,
        |d| {
            let (keys, okta) = (d.keys, d.okta());
            d.unsign()?.forge()?.sign_one("Assertion", &as_okta(&keys.stranger))?;
            d.sign_one("Response", &okta)
        },
    ),
    Kind::new(
        "key/other-kind",
        "the certificate is of another kind of key than the algorithm",
        INVALID,
        |d| {
            let p256 = &d.keys.p256.certificate.der;
            let options = SigningOptions { certificate: Some(p256), ..as_okta(&d.keys.stranger) };
            d.sign_with(&options)
        },
    ),
    Kind::new(
        "key/retrieval",
        "signed by a stranger, whose key is to be fetched from an address",
        INVALID,
        |d| {
            let keys = d.keys;
            d.sign_with(&as_okta(&keys.stranger))?;
            let method = "<ds:RetrievalMethod URI=\"https://attacker.example/key\"/>";
            for _ in 0..2 {
                d.replace("X509Data", method)?;
            }
            d.resigned_response(&keys.stranger)
        },
    ),
    Kind::valid(
        "key/valid-without-key",
        "the message carries no key, and the known one signed it",
        |d| d.sign_with(&SigningOptions { certificate: None, ..d.okta() }),
    ),
    Kind::valid(
        "key/valid-two-certificates",
        "the message carries a second certificate, and the known key signed it",
        |d| {
            let other = certificate(&d.keys.stranger.certificate.der);
            d.before("X509Certificate", &other).map(drop)
        },
    ),
    Kind::valid(
        "key/valid-stranger-certificate",
        "the message carries a stranger's certificate, and the known key signed it",
        |d| {
            let other = &d.keys.stranger.certificate.der;
            let options = SigningOptions { certificate: Some(other), ..d.okta() };
            d.sign_with(&options)
        },
    ),
    Kind::valid(
        "key/valid-key-value",
        "the message carries the bare key instead of its certificate",
        |d| {
            let value = key_value(&d.keys.known)?;
            d.replace("X509Data", &value).map(drop)
        },
    ),
    Kind::valid("key/valid-key-name", "the key is only named", |d| {
        d.replace("X509Data", "<ds:KeyName>heron</ds:KeyName>").map(drop)
    }),
    Kind::valid("key/valid-certificate-in-one-line", "the certificate stands in one line", |d| {
        let own = d.inner("X509Certificate")?;
        d.content("X509Certificate", &own.replace('\n', "")).map(drop)
    }),
];

fn certificate(der: &[u8]) -> String {
    format!("<ds:X509Certificate>{}</ds:X509Certificate>", lines_of_base64(der))
}

/// The bare key of an RSA certificate.
fn key_value(signer: &Signer) -> Result<String, MutateError> {
    use rsa::traits::PublicKeyParts as _;
    let key = signer.key.as_rsa().ok_or_else(|| MutateError::Missing("RSA key".to_owned()))?;
    let octets = |number: &rsa::BoxedUint| {
        let bytes = number.to_be_bytes();
        let start = bytes.iter().position(|&byte| byte != 0).unwrap_or_default();
        lines_of_base64(bytes.get(start..).unwrap_or_default())
    };
    Ok(format!(
        "<ds:KeyValue xmlns:ds=\"{DSIG}\"><ds:RSAKeyValue><ds:Modulus>{}</ds:Modulus>\
         <ds:Exponent>{}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>",
        octets(key.n().as_ref()),
        octets(key.e()),
    ))
}
