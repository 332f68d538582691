//! SAML 2.0 metadata of an identity provider: entities, keys, endpoints, how long it holds.

use roxmltree::Node;

use super::certificate::{Certificate, CertificateError};
use super::xml::{self, Spot, Spotted, Tree, XmlError};
use crate::model::moment::Moment;

/// Namespace of metadata (saml-metadata-2.0-os).
pub const NAMESPACE: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// Namespace of XML signatures.
pub const SIGNATURES: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The protocol an identity provider must name.
pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// How a PEM block begins; in XML it does not belong around base64.
const PEM: &str = "-----BEGIN CERTIFICATE-----";

/// Everything a metadata document says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// Its entities, in the document's order.
    pub entities: Vec<Entity>,
    /// Whether it begins with a byte order mark.
    pub has_mark: bool,
    /// The encoding that its XML declaration names.
    pub encoding: Option<String>,
    /// Its length in characters.
    pub length: usize,
}

/// One `EntityDescriptor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Where it begins.
    pub at: Spot,
    /// `entityID`.
    pub id: Option<Spotted<String>>,
    /// `validUntil`, its own or that of what it stands in; the earliest where there are several.
    pub valid_until: Option<ValidUntil>,
    /// `cacheDuration` as written.
    pub cache_duration: Option<String>,
    /// Its `IDPSSODescriptor`s; more than one is legal and rare.
    pub identity_providers: Vec<IdentityProvider>,
    /// Whether it has an `SPSSODescriptor`: metadata of a service provider.
    pub is_service_provider: bool,
}

/// A `validUntil`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidUntil {
    /// As written.
    pub written: String,
    /// The moment it means, where it means one.
    pub moment: Option<Moment>,
    /// Where it stands.
    pub at: Spot,
}

/// One `IDPSSODescriptor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProvider {
    /// Where it begins.
    pub at: Spot,
    /// `protocolSupportEnumeration`.
    pub protocols: Option<Spotted<String>>,
    /// `WantAuthnRequestsSigned`, where it is `true` or `false`.
    pub wants_signed_requests: Option<bool>,
    /// Its keys.
    pub keys: Vec<Key>,
    /// `NameIDFormat`s.
    pub name_id_formats: Vec<String>,
    /// `SingleSignOnService`s.
    pub single_sign_on: Vec<Endpoint>,
}

/// One `KeyDescriptor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Where it begins.
    pub at: Spot,
    /// What it is for.
    pub usage: KeyUse,
    /// `KeyName`s.
    pub names: Vec<String>,
    /// Its certificates.
    pub certificates: Vec<KeyCertificate>,
}

/// What a key is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyUse {
    /// `use="signing"`.
    Signing,
    /// `use="encryption"`.
    Encryption,
    /// No `use`: both.
    Both,
    /// A `use` that SAML does not know.
    Other(String),
}

/// One `X509Certificate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCertificate {
    /// Where its element begins.
    pub at: Spot,
    /// Whether it stands between `-----BEGIN CERTIFICATE-----` lines, which do not belong there.
    pub is_pem: bool,
    /// The certificate, or what is wrong with it.
    pub read: Result<Certificate, CertificateError>,
}

/// Where a service is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `Binding`.
    pub binding: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// Where it stands.
    pub at: Spot,
}

/// Why a text is no metadata.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// A web page.
    #[error(
        "an HTML page, expected SAML metadata: probably a sign-in page that was saved in its place"
    )]
    Html(Spot),
    /// No XML, or XML over a limit.
    #[error("{0}")]
    Xml(XmlError),
    /// XML of something else.
    #[error("root element `{found}`, expected `EntityDescriptor` or `EntitiesDescriptor`")]
    Root {
        /// Its name.
        found: String,
        /// Where it begins.
        at: Spot,
    },
    /// The right name in another namespace.
    #[error("root element in namespace `{found}`, expected `{NAMESPACE}`")]
    Namespace {
        /// The namespace.
        found: String,
        /// Where it begins.
        at: Spot,
    },
}

impl MetadataError {
    /// Where it is wrong.
    pub const fn at(&self) -> &Spot {
        match self {
            Self::Xml(error) => &error.at,
            Self::Html(at) | Self::Root { at, .. } | Self::Namespace { at, .. } => at,
        }
    }
}

impl KeyUse {
    fn read(text: Option<&str>) -> Self {
        match text {
            None => Self::Both,
            Some("signing") => Self::Signing,
            Some("encryption") => Self::Encryption,
            Some(other) => Self::Other(other.to_owned()),
        }
    }

    /// Whether signatures may be made with such a key.
    pub const fn signs(&self) -> bool {
        matches!(self, Self::Signing | Self::Both)
    }
}

impl Key {
    /// Its certificates that could be read.
    pub fn readable(&self) -> impl Iterator<Item = (&KeyCertificate, &Certificate)> {
        self.certificates.iter().filter_map(|one| Some((one, one.read.as_ref().ok()?)))
    }
}

impl Metadata {
    /// Reads a document; what is wrong within it is told by its parts.
    pub fn parse(text: &str) -> Result<Self, MetadataError> {
        let unmarked = text.trim_start_matches('\u{feff}').trim_start();
        if starts_with(unmarked, "<!doctype html") || starts_with(unmarked, "<html") {
            let at = text.len() - unmarked.len();
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            return Err(MetadataError::Html(Spot { line, bytes: at..at }));
        }
        let tree = Tree::parse(text, xml::METADATA).map_err(MetadataError::Xml)?;
        let root = tree.root();
        let name = root.tag_name();
        let at = tree.spot(root);
        if !matches!(name.name(), "EntityDescriptor" | "EntitiesDescriptor") {
            return Err(MetadataError::Root { found: name.name().to_owned(), at });
        }
        if name.namespace() != Some(NAMESPACE) {
            let found = name.namespace().unwrap_or_default().to_owned();
            return Err(MetadataError::Namespace { found, at });
        }
        let mut metadata = Self {
            has_mark: text.starts_with('\u{feff}'),
            encoding: declared_encoding(unmarked),
            length: text.chars().count(),
            ..Self::default()
        };
        metadata.entities_of(&tree, root, None);
        Ok(metadata)
    }

    /// Entities of a root, and of lists within lists; the depth of XML is limited.
    fn entities_of(&mut self, tree: &Tree<'_>, node: Node<'_, '_>, outer: Option<&ValidUntil>) {
        let until = earliest(valid_until(tree, node), outer.cloned());
        if node.tag_name().name() == "EntityDescriptor" {
            self.entities.push(entity(tree, node, until));
            return;
        }
        for child in node.children().filter(|child| {
            is(*child, NAMESPACE, "EntityDescriptor") || is(*child, NAMESPACE, "EntitiesDescriptor")
        }) {
            self.entities_of(tree, child, until.as_ref());
        }
    }

    /// The entity ids, in order.
    pub fn entity_ids(&self) -> impl Iterator<Item = &str> {
        self.entities.iter().filter_map(|entity| entity.id.as_ref()).map(|id| id.value.as_str())
    }

    /// The roles of identity providers.
    pub fn identity_providers(&self) -> impl Iterator<Item = &IdentityProvider> {
        self.entities.iter().flat_map(|entity| &entity.identity_providers)
    }

    /// All keys of identity providers.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.identity_providers().flat_map(|provider| &provider.keys)
    }

    /// The keys that signatures may be made with.
    pub fn signing_keys(&self) -> impl Iterator<Item = &Key> {
        self.keys().filter(|key| key.usage.signs())
    }

    /// The readable certificates of the keys that signatures may be made with.
    pub fn signing_certificates(&self) -> impl Iterator<Item = (&KeyCertificate, &Certificate)> {
        self.signing_keys().flat_map(Key::readable)
    }
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

/// The encoding of an XML declaration.
fn declared_encoding(text: &str) -> Option<String> {
    let (declaration, _) = text.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Some(rest.split(quote).nth(1)?.to_owned())
}

fn is(node: Node<'_, '_>, namespace: &str, name: &str) -> bool {
    node.is_element()
        && node.tag_name().name() == name
        && node.tag_name().namespace() == Some(namespace)
}

fn valid_until(tree: &Tree<'_>, node: Node<'_, '_>) -> Option<ValidUntil> {
    let Spotted { value, at } = tree.attribute(node, "validUntil")?;
    // XML Schema wants date and time.
    let moment = value.contains('T').then(|| Moment::parse(&value)).flatten();
    Some(ValidUntil { written: value, moment, at })
}

/// The one that ends first; one that means no moment ends nothing.
fn earliest(one: Option<ValidUntil>, other: Option<ValidUntil>) -> Option<ValidUntil> {
    let (Some(a), Some(b)) = (&one, &other) else { return one.or(other) };
    let ends = |until: &ValidUntil| until.moment.map_or(i64::MAX, |moment| moment.0);
    if ends(a) <= ends(b) { one } else { other }
}

fn entity(tree: &Tree<'_>, node: Node<'_, '_>, until: Option<ValidUntil>) -> Entity {
    let roles = |name| node.children().filter(move |child| is(*child, NAMESPACE, name));
    let own = roles("IDPSSODescriptor")
        .fold(until, |until, role| earliest(until, valid_until(tree, role)));
    Entity {
        at: tree.spot(node),
        id: tree.attribute(node, "entityID"),
        valid_until: own,
        cache_duration: node.attribute("cacheDuration").map(str::to_owned),
        identity_providers: roles("IDPSSODescriptor").map(|role| provider(tree, role)).collect(),
        is_service_provider: roles("SPSSODescriptor").next().is_some(),
    }
}

fn provider(tree: &Tree<'_>, node: Node<'_, '_>) -> IdentityProvider {
    let children = |name| node.children().filter(move |child| is(*child, NAMESPACE, name));
    IdentityProvider {
        at: tree.spot(node),
        protocols: tree.attribute(node, "protocolSupportEnumeration"),
        wants_signed_requests: node.attribute("WantAuthnRequestsSigned").and_then(boolean),
        keys: children("KeyDescriptor").map(|key| self::key(tree, key)).collect(),
        name_id_formats: children("NameIDFormat")
            .map(|format| xml::text_of(format).trim().to_owned())
            .collect(),
        single_sign_on: children("SingleSignOnService")
            .map(|service| Endpoint {
                binding: service.attribute("Binding").map(str::to_owned),
                location: service.attribute("Location").map(str::to_owned),
                at: tree.spot(service),
            })
            .collect(),
    }
}

/// `xs:boolean`.
fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn key(tree: &Tree<'_>, node: Node<'_, '_>) -> Key {
    let within = |name| node.descendants().filter(move |child| is(*child, SIGNATURES, name));
    Key {
        at: tree.spot(node),
        usage: KeyUse::read(node.attribute("use")),
        names: within("KeyName").map(|name| xml::text_of(name).trim().to_owned()).collect(),
        certificates: within("X509Certificate").map(|element| certificate(tree, element)).collect(),
    }
}

fn certificate(tree: &Tree<'_>, node: Node<'_, '_>) -> KeyCertificate {
    let text = xml::text_of(node);
    let trimmed = text.trim();
    let is_pem = trimmed.starts_with(PEM);
    let base64 = if is_pem {
        let rest = trimmed.strip_prefix(PEM).unwrap_or(trimmed);
        rest.split("-----").next().unwrap_or(rest)
    } else {
        trimmed
    };
    KeyCertificate { at: tree.spot(node), is_pem, read: Certificate::from_base64(base64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::xml::XmlProblem;

    const CURRENT: &str = include_str!("../../fixtures/keys/current.b64");

    fn document(keys: &str) -> String {
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="{NAMESPACE}" xmlns:ds="{SIGNATURES}" entityID="http://www.okta.com/exk1" validUntil="2030-01-01T00:00:00Z" cacheDuration="PT1H">
<md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{PROTOCOL}" validUntil="2029-01-01T00:00:00Z">
{keys}
<md:NameIDFormat> urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress </md:NameIDFormat>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://example.okta.com/sso"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"#
        )
    }

    fn key(usage: &str, certificate: &str) -> String {
        format!(
            "<md:KeyDescriptor{usage}><ds:KeyInfo><ds:KeyName>k</ds:KeyName><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        )
    }

    #[test]
    fn everything_an_identity_provider_says_is_read_with_its_place() {
        let text = document(&format!(
            "{}{}{}",
            key(" use=\"signing\"", CURRENT),
            key("", CURRENT),
            key(" use=\"encryption\"", "AA==")
        ));
        let metadata = Metadata::parse(&text).unwrap();
        let [entity] = &metadata.entities[..] else { panic!() };
        let id = entity.id.as_ref().unwrap();
        assert_eq!((&*id.value, id.at.line), ("http://www.okta.com/exk1", 2));
        assert_eq!(&text[id.at.bytes.clone()], id.value);
        let until = entity.valid_until.as_ref().unwrap();
        assert_eq!(until.moment, Moment::parse("2029-01-01"));
        assert_eq!(entity.cache_duration.as_deref(), Some("PT1H"));
        let [role] = &entity.identity_providers[..] else { panic!() };
        assert_eq!(role.protocols.as_ref().unwrap().value, PROTOCOL);
        assert_eq!(role.wants_signed_requests, Some(false));
        assert_eq!(
            role.name_id_formats,
            ["urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"]
        );
        assert_eq!(
            role.single_sign_on[0].location.as_deref(),
            Some("https://example.okta.com/sso")
        );
        let uses: Vec<_> = metadata.keys().map(|key| key.usage.clone()).collect();
        assert_eq!(uses, [KeyUse::Signing, KeyUse::Both, KeyUse::Encryption]);
        assert_eq!(metadata.signing_certificates().count(), 2);
        assert_eq!(metadata.keys().next().unwrap().names, ["k"]);
        assert!(metadata.keys().nth(2).unwrap().certificates[0].read.is_err());
        assert_eq!(metadata.encoding.as_deref(), Some("UTF-8"));
        assert!(!metadata.has_mark);
    }

    #[test]
    fn lists_of_entities_within_lists_are_read_and_their_end_is_inherited() {
        let text = format!(
            "<EntitiesDescriptor xmlns='{NAMESPACE}' validUntil='2020-01-01T00:00:00Z'>\
             <EntityDescriptor entityID='a'/><EntitiesDescriptor><EntityDescriptor entityID='b' \
             validUntil='2040-01-01T00:00:00Z'><SPSSODescriptor/></EntityDescriptor>\
             </EntitiesDescriptor></EntitiesDescriptor>"
        );
        let metadata = Metadata::parse(&text).unwrap();
        assert_eq!(metadata.entity_ids().collect::<Vec<_>>(), ["a", "b"]);
        for entity in &metadata.entities {
            assert_eq!(entity.valid_until.as_ref().unwrap().written, "2020-01-01T00:00:00Z");
        }
        assert!(metadata.entities[1].is_service_provider);
        assert!(metadata.entities[1].identity_providers.is_empty());
    }

    #[test]
    fn what_is_no_metadata_says_what_it_is() {
        let error = |text: &str| Metadata::parse(text).unwrap_err();
        assert!(matches!(
            error("\u{feff}\n<!DOCTYPE HTML><html>"),
            MetadataError::Html(Spot { line: 2, .. })
        ));
        assert!(matches!(error("<html><body>"), MetadataError::Html(_)));
        assert!(matches!(error("<a/>"), MetadataError::Root { .. }));
        assert!(matches!(error("<EntityDescriptor/>"), MetadataError::Namespace { .. }));
        let MetadataError::Xml(XmlError { problem, .. }) = error("<!DOCTYPE a><a/>") else {
            panic!()
        };
        assert_eq!(problem, XmlProblem::DocumentType);
        let MetadataError::Xml(XmlError { problem, .. }) = error(&" ".repeat(xml::METADATA + 1))
        else {
            panic!()
        };
        assert!(matches!(problem, XmlProblem::TooLarge { .. }));
    }

    #[test]
    fn marks_pem_lines_and_commented_base64_are_read_all_the_same() {
        let (first, second) = CURRENT.split_at(77);
        let commented = format!("{first}<!-- -->{second}");
        let pem = format!("{PEM}\n{CURRENT}-----END CERTIFICATE-----\n");
        let text = format!("\u{feff}{}", document(&(key("", &commented) + &key("", &pem))));
        let metadata = Metadata::parse(&text).unwrap();
        assert!(metadata.has_mark);
        let read: Vec<_> = metadata.signing_certificates().collect();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].1, read[1].1);
        assert_eq!((read[0].0.is_pem, read[1].0.is_pem), (false, true));
        let id = metadata.entities[0].id.as_ref().unwrap();
        assert_eq!(&text[id.at.bytes.clone()], id.value);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(cut in 0_usize..3000, with in "[<>/a=\"& \\-]{0,6}") {
            let text = document(&key("", CURRENT));
            let at = (0..=cut.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap();
            let _ = Metadata::parse(&format!("{}{with}{}", &text[..at], &text[at..]));
            let _ = Metadata::parse(&text[..at]);
        }
    }
}
