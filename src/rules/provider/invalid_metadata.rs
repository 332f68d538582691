//! `provider/invalid-metadata`: a metadata document that is none, or that IAM refuses.

use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::export::TextEncoding;
use crate::rules::assertion::answer;
use crate::rules::documents::{Document, documents};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::metadata::{Endpoint, Entity, Metadata, MetadataError, PROTOCOL};
use crate::saml::xml::{METADATA, Spot, XmlError, XmlProblem};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "provider/invalid-metadata",
        summary: "a metadata document is no SAML metadata, or one that IAM refuses",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "IAM takes a document of 1,000 to 10,000,000 characters in UTF-8 without a byte \
                      order mark, and answers `Could not parse metadata.` to others, and to a \
                      certificate that has an X.509 extension twice. SAML wants an entity id, an \
                      `IDPSSODescriptor` that names the protocol, and a `SingleSignOnService`; AWS lists \
                      no elements, so what only the standard asks for is a warning. A sign-in page at no `https:` address \
                      is where a browser would be sent to. A sign-in page \
                      saved in place of the document, a document type, entities and processing \
                      instructions are refused here before anything of them is read.",
        remediation: "Download the metadata again, without opening and saving it in an editor, and \
                      update the provider with it.",
        references: &[super::CREATE, super::TROUBLE, super::METADATA],
    },
    check,
};

/// Fewest characters that IAM takes.
const SHORTEST: usize = 1000;

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let mut found = Vec::new();
    for document in documents(context)? {
        match document.reading.as_ref() {
            Err(error) => found.push(unreadable(&document, error)),
            Ok(metadata) => {
                found.extend(size(&document, metadata));
                found.extend(encoding(context, &document, metadata));
                found.extend(metadata.entities.iter().flat_map(|one| entity(&document, one)));
                found.extend(no_provider(&document, metadata));
                found.extend(certificates(&document, metadata));
            }
        }
    }
    Ok(found)
}

fn unreadable(document: &Document<'_>, error: &MetadataError) -> Finding {
    let message = format!("{} cannot be read: {error}", document.whose());
    let finding = document.finding(&RULE.info, error.at(), message);
    match error {
        MetadataError::Html(_) => {
            finding.help("download it where no sign-in is needed, or while signed in")
        }
        MetadataError::Xml(XmlError { problem: XmlProblem::TooLarge { .. }, .. }) => {
            finding.help(format!("IAM takes at most {METADATA} characters"))
        }
        _ => finding,
    }
}

/// What the app serves is not what was refused, yet.
const fn severity(document: &Document<'_>) -> Severity {
    if document.holders.is_empty() { Severity::Warning } else { Severity::Error }
}

fn size(document: &Document<'_>, metadata: &Metadata) -> Option<Finding> {
    let length = metadata.length;
    (length < SHORTEST).then(|| {
        let message = format!(
            "{} has {length} characters, IAM takes {SHORTEST} to {METADATA}",
            document.whose()
        );
        let top = Spot { line: 1, bytes: 0..0 };
        document.finding(&RULE.info, &top, message).severity(severity(document))
    })
}

fn encoding(
    context: &Context<'_>,
    document: &Document<'_>,
    metadata: &Metadata,
) -> Option<Finding> {
    let of_file = context.federation.export_of(document.place).map(|export| export.encoding);
    let is_file = document.is_file();
    let declared = metadata.encoding.as_deref().filter(|name| {
        !["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|known| name.eq_ignore_ascii_case(known))
    });
    let (severity, what, is_refused) = match of_file.filter(|_| is_file) {
        _ if metadata.has_mark => {
            (severity(document), "begins with a byte order mark".to_owned(), true)
        }
        Some(TextEncoding::Utf16Le | TextEncoding::Utf16Be) => {
            (severity(document), "is UTF-16".to_owned(), true)
        }
        // What IAM makes of the declaration alone is not documented.
        _ => (Severity::Warning, format!("says that it is {}", Quoted(declared?)), false),
    };
    let message = format!("{} {what}, IAM takes UTF-8 without a mark", document.whose());
    let top = Spot { line: 1, bytes: 0..0 };
    let finding = document.finding(&RULE.info, &top, message).severity(severity);
    let finding = finding.help("save the document as UTF-8 without a byte order mark");
    Some(if is_refused { finding.help(answer(Refusal::Metadata)) } else { finding })
}

fn entity(document: &Document<'_>, entity: &Entity) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut fault = |severity, at: &Spot, what: &str| {
        let message = format!("{}: {what}", document.whose());
        found.push(document.finding(&RULE.info, at, message).severity(severity));
    };
    if entity.id.as_ref().is_none_or(|id| id.value.trim().is_empty()) {
        fault(Severity::Error, &entity.at, "`EntityDescriptor` without `entityID`, expected one");
    }
    for role in &entity.identity_providers {
        match &role.protocols {
            None => fault(
                Severity::Warning,
                &role.at,
                "`IDPSSODescriptor` without `protocolSupportEnumeration`, which SAML asks for",
            ),
            Some(protocols)
                if !protocols.value.split_ascii_whitespace().any(|one| one == PROTOCOL) =>
            {
                let message = format!(
                    "`protocolSupportEnumeration` names {}, expected `{PROTOCOL}` in it",
                    Quoted(&protocols.value)
                );
                fault(Severity::Warning, &protocols.at, &message);
            }
            Some(_) => {}
        }
        if let Some((severity, what, at)) = role
            .single_sign_on
            .iter()
            .find_map(|one| odd_location(one).map(|(severity, what)| (severity, what, &one.at)))
        {
            fault(severity, at, &what);
        }
        if role.single_sign_on.is_empty() {
            fault(
                Severity::Warning,
                &role.at,
                "`IDPSSODescriptor` without `SingleSignOnService`, which SAML asks for",
            );
        }
    }
    found
}

fn no_provider(document: &Document<'_>, metadata: &Metadata) -> Option<Finding> {
    if metadata.identity_providers().next().is_some() {
        return None;
    }
    let at = metadata.entities.first().map_or_else(Spot::default, |entity| entity.at.clone());
    let message =
        format!("{} has no `IDPSSODescriptor`, expected an identity provider's", document.whose());
    let finding = document.finding(&RULE.info, &at, message);
    Some(if metadata.entities.iter().any(|entity| entity.is_service_provider) {
        finding.help("this is metadata of a service provider, such as AWS's own; take Okta's")
    } else {
        finding
    })
}

fn certificates(document: &Document<'_>, metadata: &Metadata) -> Vec<Finding> {
    let mut found = Vec::new();
    for (key, one) in metadata.keys().flat_map(|key| key.certificates.iter().map(move |c| (key, c)))
    {
        let what = match &one.read {
            Err(error) => format!("a certificate of it is {error}"),
            Ok(_) if one.is_pem => {
                "`-----BEGIN CERTIFICATE-----` within `X509Certificate`, expected base64 alone"
                    .to_owned()
            }
            Ok(certificate) => match &certificate.repeated_extension {
                Some(oid) => format!(
                    "the certificate of {} has the extension `{oid}` twice, which IAM refuses",
                    Quoted(&certificate.subject)
                ),
                None => continue,
            },
        };
        let message = format!("{}: {what}", document.whose());
        // A key for encryption only is not what responses are checked with.
        let severity = if key.usage.signs() { Severity::Error } else { Severity::Warning };
        let finding = document.finding(&RULE.info, &one.at, message).severity(severity);
        let is_repeated = one.read.as_ref().is_ok_and(|read| read.repeated_extension.is_some());
        found.push(if is_repeated { finding.help(answer(Refusal::Metadata)) } else { finding });
    }
    found
}

/// A place that no sign-in should send a browser to (CVE-2023-45683 and its kin).
fn odd_location(endpoint: &Endpoint) -> Option<(Severity, String)> {
    let location = endpoint.location.as_deref()?.trim();
    let scheme = location.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let severity = match scheme.as_deref() {
        Some("https") => return None,
        Some("http") => Severity::Warning,
        _ => Severity::Error,
    };
    let what = format!(
        "`SingleSignOnService` has the location {}, expected an address that begins `https:`",
        Quoted(location)
    );
    Some((severity, what))
}
