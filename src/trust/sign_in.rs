//! What a sign-in through Okta presents to a trust policy.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::request::{Context, Presented, Request};

/// What AWS reads from an assertion and its way; every key can be set otherwise in [`Request::context`].
#[derive(Debug, Clone, Default)]
pub struct SignIn<'a> {
    /// ARN of the SAML provider.
    pub provider: &'a str,
    /// `Recipient` of the `SubjectConfirmationData`: it, and not the `Audience`, is `saml:aud`.
    pub recipient: &'a str,
    /// `Issuer`.
    pub issuer: Option<&'a str>,
    /// Text of the `NameID`.
    pub name_id: Option<&'a str>,
    /// `Format` of the `NameID`.
    pub name_id_format: Option<&'a str>,
    /// `RoleSessionName`.
    pub session_name: Option<&'a str>,
    /// `SourceIdentity`.
    pub source_identity: Option<&'a str>,
    /// `PrincipalTag` attributes, key and value.
    pub tags: &'a [(String, String)],
    /// `TransitiveTagKeys`.
    pub transitive_tag_keys: &'a [String],
    /// The moment, as seconds since 1970.
    pub epoch_seconds: Option<i64>,
    /// Where the browser is.
    pub source_ip: Option<&'a str>,
}

/// The prefix that `saml:sub_type` leaves out; that of SAML 1.1 stays.
const FORMAT_PREFIX: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";

impl SignIn<'_> {
    /// The request that `AssumeRoleWithSAML` makes: with tags also `TagSession`, with a source identity
    /// also `SetSourceIdentity`.
    pub fn request(&self) -> Request {
        let mut actions = vec!["sts:AssumeRoleWithSAML"];
        if !self.tags.is_empty() {
            actions.push("sts:TagSession");
        }
        if self.source_identity.is_some() {
            actions.push("sts:SetSourceIdentity");
        }
        Request::new(self.provider, &actions, self.context())
    }

    fn context(&self) -> Context {
        let one = |text: &str| Presented::One(text.to_owned());
        let format =
            self.name_id_format.map(|format| format.strip_prefix(FORMAT_PREFIX).unwrap_or(format));
        let epoch = self.epoch_seconds.map(|seconds| seconds.to_string());
        let mut context: Context = [
            ("saml:aud", Some(self.recipient)),
            ("saml:iss", self.issuer),
            ("saml:sub", self.name_id),
            ("saml:sub_type", format),
            ("sts:RoleSessionName", self.session_name),
            ("sts:SourceIdentity", self.source_identity),
            ("aws:SourceIp", self.source_ip),
            ("aws:CurrentTime", epoch.as_deref()),
            ("aws:EpochTime", epoch.as_deref()),
            ("aws:SecureTransport", Some("true")),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, one(value?))))
        .collect();
        if let Some((account, name)) = account_and_name(self.provider) {
            context.set("saml:doc", one(&format!("{account}/{name}")));
            if let Some(issuer) = self.issuer {
                let qualifier = name_qualifier(issuer, account, name);
                context.set("saml:namequalifier", Presented::One(qualifier));
            }
        }
        for (key, value) in self.tags {
            context.set(&format!("aws:RequestTag/{key}"), one(value));
        }
        if !self.tags.is_empty() {
            let keys = self.tags.iter().map(|tag| tag.0.clone()).collect();
            context.set("aws:TagKeys", Presented::Many(keys));
        }
        if !self.transitive_tag_keys.is_empty() {
            let keys = self.transitive_tag_keys.to_vec();
            context.set("sts:TransitiveTagKeys", Presented::Many(keys));
        }
        context
    }
}

/// Account and name of a provider's ARN.
fn account_and_name(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':').skip(4);
    Some((parts.next()?, parts.next()?.strip_prefix("saml-provider/")?))
}

/// `saml:namequalifier`: Base64 of the SHA-1 of issuer, account, `/` and provider name, as the code in IAM's
/// guide joins them.
pub fn name_qualifier(issuer: &str, account: &str, provider_name: &str) -> String {
    STANDARD.encode(sha1(format!("{issuer}{account}/{provider_name}").as_bytes()))
}

/// FIPS 180-4, 6.1. Not for security: the qualifier is defined with it.
fn sha1(message: &[u8]) -> [u8; 20] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize((padded.len() + 8).next_multiple_of(64) - 8, 0);
    let bits = u64::try_from(message.len()).unwrap_or(u64::MAX).wrapping_mul(8);
    padded.extend(bits.to_be_bytes());
    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in padded.chunks_exact(64) {
        state = compress(state, block);
    }
    let mut digest = [0; 20];
    for (to, from) in digest.iter_mut().zip(state.iter().flat_map(|word| word.to_be_bytes())) {
        *to = from;
    }
    digest
}

#[expect(clippy::many_single_char_names, reason = "the standard's names")]
fn compress(state: [u32; 5], block: &[u8]) -> [u32; 5] {
    let mut schedule: Vec<u32> = block
        .chunks_exact(4)
        .map(|word| word.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte)))
        .collect();
    for at in 16..80 {
        let back = |by: usize| schedule.get(at - by).copied().unwrap_or_default();
        schedule.push((back(3) ^ back(8) ^ back(14) ^ back(16)).rotate_left(1));
    }
    let [mut a, mut b, mut c, mut d, mut e] = state;
    for (round, word) in schedule.into_iter().enumerate() {
        let (mix, constant) = match round {
            0..20 => ((b & c) | (!b & d), 0x5a82_7999),
            20..40 => (b ^ c ^ d, 0x6ed9_eba1),
            40..60 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
            _ => (b ^ c ^ d, 0xca62_c1d6_u32),
        };
        let next = [mix, e, constant, word]
            .iter()
            .fold(a.rotate_left(5), |sum, part| sum.wrapping_add(*part));
        (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
    }
    let mut after = [a, b, c, d, e];
    for (word, before) in after.iter_mut().zip(state) {
        *word = word.wrapping_add(before);
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_standard_one() {
        let hex = |text: &str| sha1(text.as_bytes()).map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        );
        assert_eq!(hex(&"a".repeat(1_000_000)), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    }

    #[test]
    fn the_qualifier_joins_issuer_and_account_without_a_slash() {
        assert_eq!(
            name_qualifier("https://example.com/saml", "123456789012", "MySAMLIdP"),
            "1uAJanUnBc2XeUkHURMht+xam2c="
        );
    }

    #[test]
    fn a_sign_in_with_tags_and_a_source_identity_asks_for_three_actions() {
        let tags = [("team".to_owned(), "red".to_owned())];
        let sign_in = SignIn {
            provider: "arn:aws:iam::123456789012:saml-provider/OKTA",
            recipient: "https://signin.aws.amazon.com/saml",
            issuer: Some("http://www.okta.com/exk1"),
            name_id_format: Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"),
            source_identity: Some("alice"),
            tags: &tags,
            ..SignIn::default()
        };
        let request = sign_in.request();
        assert_eq!(request.actions().len(), 3);
        let value = |key| request.context.value(key).cloned();
        assert_eq!(value("SAML:DOC"), Some(Presented::One("123456789012/OKTA".to_owned())));
        assert_eq!(value("saml:sub_type"), Some(Presented::One("persistent".to_owned())));
        assert_eq!(value("aws:requesttag/TEAM"), Some(Presented::One("red".to_owned())));
        assert_eq!(value("saml:sub"), None);
        assert!(SignIn::default().request().context.value("saml:doc").is_none());
    }
}
