//! SAML providers from `list-saml-providers`, and their metadata from `get-saml-provider`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::account::Known;
use super::roles::arn_error;
use super::{About, AwsError, AwsPart};
use crate::model::account::AccountId;
use crate::model::arn::{SamlProviderArn, is_provider_name};
use crate::model::aws::{Accounts, Encryption, SamlProvider};
use crate::sources::batch::Loss;
use crate::sources::input::SourceOptions;
use crate::sources::json::{Lines, Text};
use crate::text::{Place, Sourced};

/// A metadata document whose provider is not named: `get-saml-provider` answers without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnnamedProvider {
    /// The account, known from the file name or the source's options.
    pub account: AccountId,
    /// The document.
    pub document: Document,
}

/// A metadata document, and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The document.
    pub metadata: Sourced<String>,
    /// Whether it is a file of its own.
    pub is_file: bool,
    /// `ValidUntil` as written.
    pub valid_until: Option<String>,
    /// What is said about encrypted assertions.
    pub encryption: Encryption,
}

#[derive(Debug, Deserialize)]
struct ListPage<'a> {
    #[serde(borrow, rename = "SAMLProviderList")]
    list: Option<Vec<Entry<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    #[serde(borrow)]
    arn: Option<Text<'a>>,
    #[serde(borrow)]
    valid_until: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct OnePage<'a> {
    #[serde(borrow, rename = "SAMLMetadataDocument")]
    metadata: Option<&'a RawValue>,
    #[serde(borrow, rename = "ValidUntil")]
    valid_until: Option<&'a RawValue>,
    #[serde(borrow, rename = "AssertionEncryptionMode")]
    encryption_mode: Option<&'a RawValue>,
    #[serde(rename = "PrivateKeyList")]
    private_keys: Option<Vec<serde::de::IgnoredAny>>,
    #[serde(borrow, rename = "SAMLProviderUUID")]
    uuid: Option<Text<'a>>,
}

pub(super) fn read_list(text: &[u8], about: About<'_>) -> AwsPart {
    let mut part = AwsPart::default();
    let mut lines = Lines::new(text, 1);
    let (mut known, mut listed) = (None, false);
    let (mut partition, mut providers) = (None, Vec::new());
    part.pages::<ListPage<'_>>(text, "SAMLProviderList", |part, page, page_line| {
        let Some(list) = page.list else {
            part.report(page_line, Loss::File, AwsError::Empty("SAMLProviderList"));
            return;
        };
        listed = true;
        for entry in list {
            let texts = [entry.arn.as_deref(), entry.valid_until.map(RawValue::get)];
            let line = texts.into_iter().flatten().next();
            let line = line.map_or(page_line, |text| lines.of(text.as_bytes()));
            match provider_arn(&entry, &mut known) {
                Ok(arn) => {
                    partition = Some(arn.partition);
                    providers.push(SamlProvider {
                        name: arn.name,
                        valid_until: written(entry.valid_until),
                        place: Place(line),
                        ..SamlProvider::default()
                    });
                }
                Err(error) => part.report(line, Loss::Record, error),
            }
        }
    });
    // A provider that was lost may be the one asked for.
    let whole = part.problems.is_empty();
    if !listed {
        return part;
    }
    let Some(known) = known.or_else(|| Known::from_outside(about)) else {
        part.report(0, Loss::File, AwsError::NoAccount);
        return part;
    };
    part.compare(known, about);
    providers.sort_by(|a, b| a.name.cmp(&b.name));
    providers.dedup_by(|later, first| later.name == first.name);
    let account = part.account(known.id);
    account.partition = partition;
    account.providers = providers;
    account.providers_complete = whole;
    part
}

fn provider_arn(entry: &Entry<'_>, known: &mut Option<Known>) -> Result<SamlProviderArn, AwsError> {
    let missing = AwsError::Missing { record: "SAML provider", field: "Arn" };
    let text = entry.arn.as_deref().ok_or(missing)?;
    let of = format!("SAML provider `{text}`");
    let arn = SamlProviderArn::parse(text).map_err(|error| arn_error("a SAML provider", error))?;
    known.get_or_insert(Known::from_arn(arn.account)).check(arn.account, &of)?;
    Ok(arn)
}

/// A date as written: text, or the number of seconds of older clients.
fn written(raw: Option<&RawValue>) -> Option<String> {
    let raw = raw?.get();
    serde_json::from_str(raw).ok().or_else(|| (raw != "null").then(|| raw.to_owned()))
}

pub(super) fn read_one(text: &[u8], about: About<'_>) -> AwsPart {
    let mut part = AwsPart::default();
    let lines_text = text;
    let mut lines = Lines::new(text, 1);
    part.pages::<OnePage<'_>>(text, "SAMLMetadataDocument", |part, page, line| {
        let Some(raw) = page.metadata else {
            part.report(line, Loss::File, AwsError::Empty("SAMLMetadataDocument"));
            return;
        };
        let line = lines.of(raw.get().as_bytes());
        let Ok(document) = serde_json::from_str::<String>(raw.get()) else {
            part.report(line, Loss::File, AwsError::Empty("SAMLMetadataDocument"));
            return;
        };
        let mode = page.encryption_mode.and_then(|raw| {
            let text = serde_json::from_str(raw.get()).ok()?;
            let mut lines = Lines::new(lines_text, 1);
            Some(Sourced::new(text, Place(lines.of(raw.get().as_bytes()))))
        });
        let encryption = Encryption {
            mode,
            private_keys: page.private_keys.map(|keys| keys.len()),
            uuid: page.uuid.map(|uuid| uuid.to_string()),
        };
        let document = Document {
            metadata: Sourced::new(document, Place(line)),
            is_file: false,
            valid_until: written(page.valid_until),
            encryption,
        };
        part.document(document, about);
    });
    part
}

/// A metadata document that is a file of its own.
pub(super) fn read_document(text: &[u8], about: About<'_>) -> AwsPart {
    let mut part = AwsPart::default();
    let document = Document {
        metadata: Sourced::new(String::from_utf8_lossy(text).into_owned(), Place(1)),
        is_file: true,
        valid_until: None,
        encryption: Encryption::default(),
    };
    part.document(document, about);
    part
}

/// Whether a file of metadata is a provider's rather than the app's own: its name or its options say so.
pub fn is_of_provider(name: &str, options: &SourceOptions) -> bool {
    options.provider.is_some() || options.account.is_some() || provider_in_name(name).is_some()
}

impl AwsPart {
    /// Gives a metadata document to the provider that the user or the file name says.
    fn document(&mut self, document: Document, about: About<'_>) {
        let line = document.metadata.place.0;
        let told = about.options.provider.as_deref();
        let arn = told.and_then(|told| SamlProviderArn::parse(told).ok());
        let known = arn
            .as_ref()
            .map(|arn| Known::from_arn(arn.account))
            .or_else(|| Known::from_outside(about));
        let Some(known) = known else {
            self.report(line, Loss::File, AwsError::NoAccount);
            return;
        };
        let name = arn.map(|arn| arn.name).or_else(|| {
            let name = told.or_else(|| provider_in_name(about.name));
            name.filter(|name| is_provider_name(name)).map(str::to_owned)
        });
        let account = known.id;
        let Some(name) = name else {
            self.unnamed.push(UnnamedProvider { account, document });
            return;
        };
        let mut provider = SamlProvider { name, place: Place(line), ..SamlProvider::default() };
        document.give_to(&mut provider);
        self.account(account).providers.push(provider);
    }
}

impl Document {
    fn give_to(self, provider: &mut SamlProvider) {
        provider.metadata = Some(self.metadata);
        provider.metadata_is_file = self.is_file;
        provider.valid_until = provider.valid_until.take().or(self.valid_until);
        provider.encryption = self.encryption;
    }
}

/// The provider's name in a file name such as `123456789012-saml-provider-OKTA.json`.
pub fn provider_in_name(name: &str) -> Option<&str> {
    const MARK: &str = "saml-provider";
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let (_, rest) = file.split_once(MARK)?;
    let rest = rest.strip_prefix(['-', '_', '.', '='])?;
    let stem = [".json", ".xml"].iter().find_map(|end| rest.strip_suffix(end)).unwrap_or(rest);
    is_provider_name(stem).then_some(stem)
}

/// Gives unnamed metadata documents to accounts that have exactly one provider, and that one without a
/// document; the others come back.
pub fn adopt(accounts: &mut Accounts, unnamed: Vec<UnnamedProvider>) -> Vec<UnnamedProvider> {
    let mut left = Vec::new();
    for one in unnamed {
        let account = accounts.get_mut(&one.account).filter(|account| account.providers_complete);
        match account.map(|account| account.providers.as_mut_slice()) {
            Some([only]) if only.metadata.is_none() => {
                one.document.give_to(only);
            }
            _ => left.push(one),
        }
    }
    left
}
