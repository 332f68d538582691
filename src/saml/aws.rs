//! What AWS sign-in reads in an assertion: roles, session name, duration, tags, source identity.
//!
//! Attribute names count to the letter; names that only look like them are told apart.

use std::ops::Range;

use super::response::{Assertion, Attribute, Value};
use super::xml::Spotted;
use crate::model::arn::{
    Arn, ArnError, ArnPair, ArnPairError, RoleArn, RoleValue, SamlProviderArn,
};

/// How AWS's attribute names begin.
pub const PREFIX: &str = "https://aws.amazon.com/SAML/Attributes/";
/// How they begin in pages of the China partition; seen in documents only.
pub const CHINA_PREFIX: &str = "http://www.amazonaws.cn/SAML/Attributes/";
/// What names the roles.
pub const ROLE: &str = "Role";
/// What names the session.
pub const SESSION_NAME: &str = "RoleSessionName";
/// What says how many seconds a console session lasts.
pub const SESSION_DURATION: &str = "SessionDuration";
/// What says who is behind the session.
pub const SOURCE_IDENTITY: &str = "SourceIdentity";
/// Which tags a chain of roles carries on.
pub const TRANSITIVE_TAG_KEYS: &str = "TransitiveTagKeys";
/// What a tag's key stands behind.
pub const PRINCIPAL_TAG: &str = "PrincipalTag:";

/// The attributes of an assertion that AWS acts on, each value with its place, in document order.
///
/// More than one value where AWS takes one is kept: which of them counts is not documented.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignInAttributes {
    /// Values of `Role`.
    pub roles: Vec<SentRole>,
    /// Values of `RoleSessionName`.
    pub session_name: Vec<Spotted<String>>,
    /// Values of `SessionDuration`.
    pub session_duration: Vec<Spotted<String>>,
    /// Values of `SourceIdentity`.
    pub source_identity: Vec<Spotted<String>>,
    /// Keys and values of `PrincipalTag:…`; an attribute without a value counts as an empty one.
    pub tags: Vec<(Spotted<String>, Spotted<String>)>,
    /// Values of `TransitiveTagKeys`.
    pub transitive: Vec<Spotted<String>>,
    /// Names that are none of AWS's but look like one, and names of the China form, which count.
    pub look_alikes: Vec<LookAlike>,
}

/// One value of the `Role` attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentRole {
    /// As sent.
    pub text: Spotted<String>,
    /// Its parts, cut at each comma that an ARN follows; white space and surplus commas around them are
    /// left out.
    pub parts: Vec<RolePart>,
    /// The pair that it is, space and surplus commas around its parts left out; an error where it is none,
    /// or several.
    pub pair: Result<ArnPair, ArnPairError>,
}

/// One part of a `Role` value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolePart {
    /// Bytes of the value's text.
    pub bytes: Range<usize>,
    /// What it is.
    pub read: Result<Arn, ArnError>,
}

/// An attribute whose name looks like one of AWS's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookAlike {
    /// The name as sent.
    pub name: Spotted<String>,
    /// The name it looks like, as AWS documents it.
    pub meant: String,
    /// How it differs.
    pub difference: Difference,
}

/// How a name differs from the one it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// It is written as pages of the China partition write it; its values are read all the same.
    China,
    /// In upper and lower case only.
    Case,
    /// In white space around it, in its scheme or host.
    Spelling,
}

impl SentRole {
    fn read(value: &Value) -> Self {
        let text = &value.text.value;
        let read = RoleValue::read(text);
        let parts = read.parts.into_iter().filter_map(|(bytes, read)| part(text, bytes, read));
        let parts: Vec<RolePart> = parts.collect();
        let pair = pair(&parts);
        Self { text: value.text.clone(), parts, pair }
    }

    /// Every role with the provider beside it: one where the value is a pair, more where several pairs
    /// were joined into one value, none where it has no role and provider side by side.
    pub fn pairs(&self) -> Vec<(&RoleArn, &SamlProviderArn)> {
        let couples = self.parts.chunks(2).filter_map(|couple| match couple {
            [RolePart { read: Ok(one), .. }, RolePart { read: Ok(other), .. }] => {
                Some((one, other))
            }
            _ => None,
        });
        let couples = couples.filter_map(|couple| match couple {
            (Arn::Role(role), Arn::SamlProvider(provider))
            | (Arn::SamlProvider(provider), Arn::Role(role)) => Some((role, provider)),
            _ => None,
        });
        couples.collect()
    }

    /// Whether white space or surplus commas stand around its parts.
    pub fn is_padded(&self) -> bool {
        let length = |part: &RolePart| part.bytes.len();
        let parts: usize = self.parts.iter().map(length).sum();
        self.text.value.len() != parts + self.parts.len().saturating_sub(1)
    }
}

/// A part without the commas around it; none where nothing is left.
fn part(text: &str, bytes: Range<usize>, read: Result<Arn, ArnError>) -> Option<RolePart> {
    let is_surplus = |c: char| c == ',' || c.is_whitespace();
    let whole = text.get(bytes.clone())?;
    let from = whole.len() - whole.trim_start_matches(is_surplus).len();
    let inner = whole.trim_matches(is_surplus);
    if inner.is_empty() {
        return None;
    }
    let start = bytes.start + from;
    let read = if inner == whole { read } else { Arn::parse(inner) };
    Some(RolePart { bytes: start..start + inner.len(), read })
}

fn pair(parts: &[RolePart]) -> Result<ArnPair, ArnPairError> {
    let [first, second] = parts else {
        return Err(ArnPairError::Parts(parts.len()));
    };
    match (first.read.clone()?, second.read.clone()?) {
        (Arn::Role(role), Arn::SamlProvider(provider))
        | (Arn::SamlProvider(provider), Arn::Role(role)) => ArnPair::new(role, provider),
        (Arn::Role(_), Arn::Role(_)) => Err(ArnPairError::TwoRoles),
        (Arn::SamlProvider(_), Arn::SamlProvider(_)) => Err(ArnPairError::TwoProviders),
    }
}

impl SignInAttributes {
    /// Reads the attributes of an assertion.
    pub fn read(assertion: &Assertion) -> Self {
        let mut read = Self::default();
        for attribute in &assertion.attributes {
            let name = attribute.name.value.as_str();
            if let Some(rest) = name.strip_prefix(PREFIX) {
                if read.take(rest, attribute) {
                    continue;
                }
            } else if let Some(rest) = name.strip_prefix(CHINA_PREFIX)
                && read.take(rest, attribute)
            {
                let meant = format!("{PREFIX}{rest}");
                let difference = Difference::China;
                read.look_alikes.push(LookAlike {
                    name: attribute.name.clone(),
                    meant,
                    difference,
                });
                continue;
            }
            read.look_alikes.extend(look_alike(attribute));
        }
        read
    }

    /// Takes the values of an attribute by what stands behind the prefix; whether AWS knows it.
    fn take(&mut self, name: &str, attribute: &Attribute) -> bool {
        let texts = || attribute.values.iter().map(|value| value.text.clone());
        match name {
            ROLE => self.roles.extend(attribute.values.iter().map(SentRole::read)),
            SESSION_NAME => self.session_name.extend(texts()),
            SESSION_DURATION => self.session_duration.extend(texts()),
            SOURCE_IDENTITY => self.source_identity.extend(texts()),
            TRANSITIVE_TAG_KEYS => self.transitive.extend(texts()),
            _ => {
                let Some(key) = name.strip_prefix(PRINCIPAL_TAG) else { return false };
                let key = Spotted { value: key.to_owned(), at: attribute.name.at.clone() };
                let empty = Spotted { value: String::new(), at: attribute.at.clone() };
                let empty = attribute.values.is_empty().then_some(empty);
                self.tags.extend(texts().chain(empty).map(|value| (key.clone(), value)));
            }
        }
        true
    }

    /// Every role with the provider beside it, over all values.
    pub fn pairs(&self) -> impl Iterator<Item = (&RoleArn, &SamlProviderArn)> {
        self.roles.iter().flat_map(SentRole::pairs)
    }
}

/// Whether AWS reads an attribute of this name.
pub fn is_known(name: &str) -> bool {
    let rest = name.strip_prefix(PREFIX).or_else(|| name.strip_prefix(CHINA_PREFIX));
    let known = [ROLE, SESSION_NAME, SESSION_DURATION, SOURCE_IDENTITY, TRANSITIVE_TAG_KEYS];
    rest.is_some_and(|rest| known.contains(&rest) || rest.starts_with(PRINCIPAL_TAG))
}

/// A name that AWS does not know, where it looks like one it knows.
fn look_alike(attribute: &Attribute) -> Option<LookAlike> {
    let sent = attribute.name.value.trim();
    let path = "/saml/attributes/";
    let lower = sent.to_ascii_lowercase();
    let (host, name) = lower.split_at_checked(lower.find(path)? + path.len())?;
    let host = host.trim_start_matches("https://").trim_start_matches("http://");
    let host = host.trim_start_matches("www.");
    if !host.starts_with("aws.amazon.com/") && !host.starts_with("amazonaws.cn/") {
        return None;
    }
    let known = [ROLE, SESSION_NAME, SESSION_DURATION, SOURCE_IDENTITY, TRANSITIVE_TAG_KEYS];
    let meant = match known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
        Some(known) => format!("{PREFIX}{known}"),
        None if name.starts_with(&PRINCIPAL_TAG.to_ascii_lowercase()) => {
            let key = sent.get(sent.len() - name.len() + PRINCIPAL_TAG.len()..)?;
            format!("{PREFIX}{PRINCIPAL_TAG}{key}")
        }
        None => return None,
    };
    let is_case = attribute.name.value.eq_ignore_ascii_case(&meant);
    let difference = if is_case { Difference::Case } else { Difference::Spelling };
    Some(LookAlike { name: attribute.name.clone(), meant, difference })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::response::{ASSERTION, Message};
    use crate::saml::xml::{MESSAGE, Tree};

    const OKTA: &str = "arn:aws:iam::418203975566:saml-provider/OKTA";
    const ADMIN: &str = "arn:aws:iam::418203975566:role/Admin";

    fn read(attributes: &[(&str, &[&str])]) -> SignInAttributes {
        let attributes = attributes.iter().map(|(name, values)| {
            let values =
                values.iter().map(|text| format!("<AttributeValue>{text}</AttributeValue>"));
            let values: Vec<String> = values.collect();
            format!("<Attribute Name=\"{name}\">{}</Attribute>\n", values.concat())
        });
        let attributes: Vec<String> = attributes.collect();
        let text = format!(
            "<Assertion xmlns=\"{ASSERTION}\"><AttributeStatement>\n{}</AttributeStatement></Assertion>",
            attributes.concat()
        );
        let tree = Tree::parse(&text, MESSAGE).unwrap();
        SignInAttributes::read(&Message::read(&tree).assertions[0])
    }

    fn role(text: &str) -> SentRole {
        read(&[("https://aws.amazon.com/SAML/Attributes/Role", &[text])]).roles.remove(0)
    }

    #[test]
    fn every_attribute_that_aws_knows_is_read_with_its_line() {
        let both = format!("{OKTA},{ADMIN}");
        let read = read(&[
            ("https://aws.amazon.com/SAML/Attributes/Role", &[&both]),
            ("https://aws.amazon.com/SAML/Attributes/RoleSessionName", &["nora", "mira"]),
            ("https://aws.amazon.com/SAML/Attributes/SessionDuration", &["3600"]),
            ("https://aws.amazon.com/SAML/Attributes/SourceIdentity", &["nora"]),
            ("https://aws.amazon.com/SAML/Attributes/PrincipalTag:Team", &["dock"]),
            ("https://aws.amazon.com/SAML/Attributes/PrincipalTag:Empty", &[]),
            ("https://aws.amazon.com/SAML/Attributes/TransitiveTagKeys", &["Team"]),
            ("https://aws.amazon.com/SAML/Attributes/Else", &["x"]),
        ]);
        let (role, provider) = read.pairs().next().unwrap();
        assert_eq!((role.to_string(), provider.to_string()), (ADMIN.into(), OKTA.into()));
        let texts = |all: &[Spotted<String>]| -> Vec<(String, u32)> {
            all.iter().map(|one| (one.value.clone(), one.at.line)).collect()
        };
        assert_eq!(texts(&read.session_name), [("nora".into(), 3), ("mira".into(), 3)]);
        assert_eq!(texts(&read.session_duration), [("3600".into(), 4)]);
        assert_eq!(texts(&read.source_identity), [("nora".into(), 5)]);
        let tags = read.tags.iter().map(|(key, value)| (key.value.as_str(), value.value.as_str()));
        assert_eq!(tags.collect::<Vec<_>>(), [("Team", "dock"), ("Empty", "")]);
        assert_eq!(texts(&read.transitive), [("Team".into(), 8)]);
        assert_eq!(read.look_alikes, []);
    }

    #[test]
    fn a_role_value_is_read_in_both_orders_and_with_spaces_and_surplus_commas() {
        let clean = format!("{OKTA},{ADMIN}");
        for (text, is_padded) in [
            (clean.clone(), false),
            (format!("{ADMIN},{OKTA}"), false),
            (format!("{ADMIN}, {OKTA}"), true),
            (format!("\n  {ADMIN},{OKTA}\n"), true),
            (format!("{OKTA},,{ADMIN}"), true),
            (format!(",{OKTA},{ADMIN},"), true),
        ] {
            let role = role(&text);
            let pair = role.pair.as_ref().unwrap();
            assert_eq!(
                (pair.role.to_string(), role.is_padded()),
                (ADMIN.into(), is_padded),
                "{text}"
            );
            assert_eq!(role.pairs().len(), 1, "{text}");
        }
    }

    #[test]
    fn a_value_that_is_no_pair_says_why_and_joined_pairs_are_all_found() {
        let other = "arn:aws:iam::629104873317:role/Ops";
        let joined = role(&format!("{OKTA},{ADMIN},{OKTA},{other}"));
        assert_eq!(joined.pair, Err(ArnPairError::Parts(4)));
        let names: Vec<&str> = joined.pairs().iter().map(|(role, _)| role.name.as_str()).collect();
        assert_eq!(names, ["Admin", "Ops"]);
        assert_eq!(role(ADMIN).pair, Err(ArnPairError::Parts(1)));
        assert_eq!(role("").pair, Err(ArnPairError::Parts(0)));
        assert_eq!(role(&format!("{ADMIN},{other}")).pair, Err(ArnPairError::TwoRoles));
        let differ = role(&format!("{OKTA},{other}"));
        assert!(matches!(differ.pair, Err(ArnPairError::AccountsDiffer { .. })));
        assert_eq!(differ.pairs().len(), 1);
    }

    #[test]
    fn names_that_only_look_right_are_told_and_not_read() {
        let both = format!("{OKTA},{ADMIN}");
        let read = read(&[
            ("https://aws.amazon.com/SAML/Attributes/role", &[&both]),
            ("http://aws.amazon.com/SAML/Attributes/Role", &[&both]),
            ("https://aws.amazon.com/SAML/attributes/principaltag:Team", &["x"]),
            (" https://aws.amazon.com/SAML/Attributes/RoleSessionName", &["x"]),
            ("http://www.amazonaws.cn/SAML/Attributes/Role", &[&both]),
            ("https://aws.example.test/SAML/Attributes/Role", &[&both]),
            ("role", &["x"]),
        ]);
        assert_eq!(read.roles.len(), 1);
        assert!(read.session_name.is_empty() && read.tags.is_empty());
        let told: Vec<(&str, Difference)> =
            read.look_alikes.iter().map(|one| (one.meant.as_str(), one.difference)).collect();
        assert_eq!(
            told,
            [
                ("https://aws.amazon.com/SAML/Attributes/Role", Difference::Case),
                ("https://aws.amazon.com/SAML/Attributes/Role", Difference::Spelling),
                ("https://aws.amazon.com/SAML/Attributes/PrincipalTag:Team", Difference::Case),
                ("https://aws.amazon.com/SAML/Attributes/RoleSessionName", Difference::Spelling),
                ("https://aws.amazon.com/SAML/Attributes/Role", Difference::China),
            ]
        );
    }
}
