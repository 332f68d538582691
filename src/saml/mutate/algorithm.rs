//! Class 11: algorithms that prove nothing, and legal ones that are rare.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::draft::as_okta;
use super::{Class, Done, Draft, Expected, Kind, MutateError};
use crate::saml::c14n::{Canonicalization, canonicalize};
use crate::saml::key::{Algorithm, Hash, Scheme};
use crate::saml::sign::{SigningOptions, signatures};
use crate::saml::signature::{DSIG, is_dsig};
use crate::saml::test_key::Signer;
use crate::saml::xml::{METADATA, Tree};

pub(super) static CLASS: Class = Class {
    number: Some(11),
    name: "algorithm",
    says: "an algorithm or a key that proves little or nothing",
    cves: &["CVE-2009-0217"],
    kinds: KINDS,
};

const WEAK: Expected = Expected::Rejected(&["signature/weak-algorithm"]);
const INVALID: Expected = Expected::Rejected(&["signature/invalid"]);
const NOTED: Expected = Expected::Noted(&["signature/weak-algorithm"]);
const MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";

static KINDS: &[Kind] = &[
    Kind::new(
        "algorithm/hmac-sha1",
        "HMAC with the public certificate for its secret",
        WEAK,
        |d| hmac::<Sha1>(d, DSIG, "hmac-sha1"),
    ),
    Kind::new(
        "algorithm/hmac-sha256",
        "HMAC over SHA-256 with the public certificate for its secret",
        WEAK,
        |d| hmac::<Sha256>(d, MORE, "hmac-sha256"),
    ),
    Kind::new("algorithm/hmac-truncated", "HMAC cut to eight bits", WEAK, |d| {
        d.loosened()?.content("SignatureMethod", "<ds:HMACOutputLength>8</ds:HMACOutputLength>")?;
        hmac::<Sha1>(d, DSIG, "hmac-sha1")?;
        d.content("SignatureValue", "AA==").map(drop)
    }),
    Kind::new("algorithm/rsa-md5", "a signature over MD5", WEAK, |d| {
        method(d, &format!("{MORE}rsa-md5"))
    }),
    Kind::new("algorithm/md5-digest", "a digest made with MD5", WEAK, |d| {
        let keys = d.keys;
        d.loosened()?.attribute("DigestMethod", "Algorithm", &format!("{MORE}md5"))?;
        d.content("DigestValue", &super::bomb::base64_of(16))?
            .value_anew("Assertion", &keys.known.key)
    }),
    Kind::new("algorithm/dsa-sha1", "a DSA signature", WEAK, |d| {
        method(d, &format!("{DSIG}dsa-sha1"))?;
        d.content("SignatureValue", &super::bomb::base64_of(40)).map(drop)
    }),
    Kind::new("algorithm/dsa-sha256", "a DSA signature over SHA-256", WEAK, |d| {
        method(d, "http://www.w3.org/2009/xmldsig11#dsa-sha256")?;
        d.content("SignatureValue", &super::bomb::base64_of(64)).map(drop)
    }),
    Kind::new("algorithm/none", "a signature algorithm `none`", INVALID, |d| method(d, "none")),
    Kind::new("algorithm/unknown", "a signature algorithm that nobody knows", INVALID, |d| {
        method(d, "http://heron.example/sign")
    }),
    Kind::new("algorithm/unknown-digest", "a digest algorithm that nobody knows", INVALID, |d| {
        let keys = d.keys;
        d.loosened()?.attribute("DigestMethod", "Algorithm", "http://heron.example/digest")?;
        d.value_anew("Assertion", &keys.known.key)
    }),
    Kind::new("algorithm/swapped", "the method says ECDSA, the value is RSA", INVALID, |d| {
        method(d, &format!("{MORE}ecdsa-sha256"))
    }),
    Kind::new("algorithm/ecdsa-in-der", "an ECDSA value in DER", INVALID, |d| {
        let keys = d.keys;
        d.unsign()?.sign_one("Assertion", &as_okta(&keys.p256))?;
        let value = STANDARD.decode(d.inner("SignatureValue")?).unwrap_or_default();
        d.content("SignatureValue", &STANDARD.encode(der(&value))).map(drop)
    }),
    Kind::new("algorithm/value-cut", "the value lacks its last byte", INVALID, |d| {
        let mut value = STANDARD.decode(d.loosened()?.inner("SignatureValue")?).unwrap_or_default();
        value.pop();
        d.content("SignatureValue", &STANDARD.encode(value)).map(drop)
    }),
    Kind::new("algorithm/value-of-zeros", "the value is zeros", INVALID, |d| {
        d.loosened()?.content("SignatureValue", &STANDARD.encode([0; 256])).map(drop)
    }),
    Kind::new("algorithm/rsa-sha1", "signatures and digests over SHA-1", NOTED, |d| {
        let algorithm = Algorithm { scheme: Scheme::RsaPkcs1, hash: Hash::Sha1 };
        d.sign_with(&SigningOptions { algorithm, digest: Hash::Sha1, ..d.okta() })
    }),
    Kind::new(
        "algorithm/sha1-digest",
        "digests over SHA-1 in signatures over SHA-256",
        NOTED,
        |d| d.sign_with(&SigningOptions { digest: Hash::Sha1, ..d.okta() }),
    ),
    Kind::new(
        "algorithm/short-key",
        "a stranger's RSA key of 1024 bits",
        Expected::Rejected(&["signature/untrusted-key", "signature/weak-algorithm"]),
        |d| d.sign_with(&as_okta(&Signer::short()?)),
    ),
    Kind::valid("algorithm/valid-rsa-sha384", "RSA and digests over SHA-384", |d| {
        rsa(d, Scheme::RsaPkcs1, Hash::Sha384)
    }),
    Kind::valid("algorithm/valid-rsa-sha512", "RSA and digests over SHA-512", |d| {
        rsa(d, Scheme::RsaPkcs1, Hash::Sha512)
    }),
    Kind::valid("algorithm/valid-rsa-pss", "RSA-PSS over SHA-256", |d| {
        rsa(d, Scheme::RsaPss, Hash::Sha256)
    }),
    Kind::valid("algorithm/valid-rsa-pss-sha512", "RSA-PSS over SHA-512", |d| {
        rsa(d, Scheme::RsaPss, Hash::Sha512)
    }),
    Kind::valid("algorithm/valid-ecdsa-p256", "ECDSA on P-256", |d| {
        d.sign_with(&as_okta(&d.keys.p256))
    }),
    Kind::valid("algorithm/valid-ecdsa-p384", "ECDSA on P-384 over SHA-384", |d| {
        d.sign_with(&as_okta(&d.keys.p384))
    }),
    Kind::valid(
        "algorithm/valid-two-keys",
        "the assertion is signed with RSA, the response with ECDSA",
        |d| {
            let keys = d.keys;
            d.loosened()?.sign_one("Response", &as_okta(&keys.p256))
        },
    ),
];

/// The assertion's signature names another method, and keeps its value.
fn method(d: &mut Draft<'_>, uri: &str) -> Done {
    d.loosened()?.attribute("SignatureMethod", "Algorithm", uri).map(drop)
}

fn rsa(d: &mut Draft<'_>, scheme: Scheme, hash: Hash) -> Done {
    let algorithm = Algorithm { scheme, hash };
    d.sign_with(&SigningOptions { algorithm, digest: hash, ..d.okta() })
}

/// The assertion's signature as HMAC (RFC 2104) with the PEM of the known certificate, as a verifier that
/// takes any key for any algorithm would check it.
fn hmac<D: Digest>(d: &mut Draft<'_>, namespace: &str, name: &str) -> Done {
    method(d, &format!("{namespace}{name}"))?;
    let tree = Tree::parse(&d.text, METADATA)?;
    let info = signatures(&tree)
        .flat_map(|node| node.children())
        .find(|node| is_dsig(*node, "SignedInfo"));
    let info = info.ok_or_else(|| MutateError::Missing("`SignedInfo`".to_owned()))?;
    let octets = canonicalize(info, &Canonicalization::exclusive(&[]), None);
    let mut block = D::digest(pem(&d.keys.known.certificate.der)).to_vec();
    block.resize(64, 0);
    let padded = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = D::digest([padded(0x36), octets].concat());
    let value = D::digest([padded(0x5c), inner.to_vec()].concat());
    d.content("SignatureValue", &STANDARD.encode(value)).map(drop)
}

/// A certificate as files have it.
fn pem(der: &[u8]) -> String {
    let packed = STANDARD.encode(der);
    let lines = packed.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok());
    let lines = lines.collect::<Vec<_>>().join("\n");
    format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
}

/// `r` and `s` as ASN.1 has them.
fn der(value: &[u8]) -> Vec<u8> {
    let number = |part: &[u8]| {
        let sign = part.first().is_some_and(|&first| first >= 0x80).then_some(0);
        let bytes: Vec<u8> = sign.into_iter().chain(part.iter().copied()).collect();
        let length = u8::try_from(bytes.len()).unwrap_or_default();
        [vec![2, length], bytes].concat()
    };
    let (r, s) = value.split_at(value.len() / 2);
    let numbers = [number(r), number(s)].concat();
    let length = u8::try_from(numbers.len()).unwrap_or_default();
    [vec![0x30, length], numbers].concat()
}
