//! The metadata documents of a federation, each distinct text once, with who carries it.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::mapping::{sample, some_of};
use super::{CannotCheck, Context};
use crate::finding::{Finding, Label, Quoted, RuleInfo};
use crate::model::account::{AccountId, Partition};
use crate::model::arn::{RoleValue, SamlProviderArn};
use crate::model::aws::{Account, SamlProvider};
use crate::model::declared::{DeclaredProvider, Known};
use crate::saml::library::Reading;
use crate::saml::metadata::Metadata;
use crate::saml::xml::Spot;
use crate::text::{Place, Sourced};

/// Longest document, in bytes, of which a part is looked up again to be underlined.
const MARKED: usize = 64 << 10;

/// Longest text that is underlined.
const MARK: usize = 160;

/// Why nothing can be said about any document.
pub(super) const NO_METADATA: &str =
    "no metadata was given, expected exports of `get-saml-provider` or the app's own metadata";

/// Subject of everything about the app's own metadata.
pub(super) const APP_METADATA: &str = "app metadata";

/// Who carries a document.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holder<'c> {
    /// A SAML provider of an account.
    Deployed(Provider<'c>),
    /// A provider that infrastructure code declares.
    Declared(&'c DeclaredProvider),
}

/// A SAML provider and its account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Provider<'c> {
    /// The account's id.
    pub(super) id: &'c AccountId,
    /// The account.
    pub(super) account: &'c Account,
    /// What is stated of it.
    pub(super) stated: &'c SamlProvider,
}

impl<'c> Provider<'c> {
    /// Every provider that any export states, by account, then name.
    pub(super) fn all(context: &Context<'c>) -> impl Iterator<Item = Self> {
        context.federation.accounts.iter().flat_map(|(id, account)| {
            account.providers.iter().map(move |stated| Self { id, account, stated })
        })
    }

    /// Its ARN; an account whose partition no export shows is taken for one of `aws`.
    pub(super) fn arn(&self) -> String {
        arn(self.id, self.account, &self.stated.name)
    }

    /// What it is, for a message.
    pub(super) fn named(&self) -> String {
        format!("SAML provider {} of account `{}`", Quoted(&self.stated.name), self.id)
    }

    /// The line that names it.
    pub(super) fn label(&self, message: &str) -> Label {
        Label::new(self.stated.place, message).mark(self.arn())
    }
}

/// The ARN of a provider of an account.
pub(super) fn arn(id: &AccountId, account: &Account, name: &str) -> String {
    let partition = account.partition.unwrap_or(Partition::Aws);
    SamlProviderArn { partition, account: *id, name: name.to_owned() }.to_string()
}

impl Holder<'_> {
    fn subject(&self) -> String {
        match self {
            Self::Deployed(provider) => provider.arn(),
            Self::Declared(declared) => declared.address.clone(),
        }
    }

    fn named(&self) -> String {
        match self {
            Self::Deployed(provider) => provider.named(),
            Self::Declared(declared) => {
                format!("{} of a {}", Quoted(&declared.address), declared.by)
            }
        }
    }
}

/// A distinct document.
#[derive(Debug)]
pub(super) struct Document<'c> {
    /// Its text.
    pub(super) text: &'c str,
    /// Where it begins.
    pub(super) place: Place,
    /// Whether its lines are lines of the run.
    is_file: bool,
    /// Whether it is the app's own.
    pub(super) is_own: bool,
    /// Who else carries it; nobody where only the app does.
    pub(super) holders: Vec<Holder<'c>>,
    /// What it says.
    pub(super) reading: Reading,
}

impl<'c> Document<'c> {
    /// What it says, where it can be read.
    pub(super) fn metadata(&self) -> Option<&Metadata> {
        self.reading.as_ref().as_ref().ok()
    }

    /// What findings about it are about.
    pub(super) fn subject(&self) -> String {
        self.holders.first().map_or_else(|| APP_METADATA.to_owned(), Holder::subject)
    }

    /// Whose it is, for a message: `the metadata of …`.
    pub(super) fn whose(&self) -> String {
        match self.holders.first() {
            Some(first) => format!("the metadata of {}", first.named()),
            None => "the app's own metadata".to_owned(),
        }
    }

    /// Whether it is a file of its own.
    pub(super) const fn is_file(&self) -> bool {
        self.is_file
    }

    /// The providers that carry it.
    pub(super) fn providers(&self) -> impl Iterator<Item = &Provider<'c>> {
        self.holders.iter().filter_map(|holder| match holder {
            Holder::Deployed(provider) => Some(provider),
            Holder::Declared(_) => None,
        })
    }

    /// A finding about it, and who else carries it.
    pub(super) fn finding(&self, rule: &RuleInfo, at: &Spot, message: String) -> Finding {
        let found = Finding::new(rule, self.subject(), message).at(self.label(at, ""));
        self.carriers().into_iter().fold(found, Finding::help)
    }

    /// Who else carries it, where it is not one alone.
    fn carriers(&self) -> Option<String> {
        let names: Vec<String> = self.holders.iter().map(Holder::subject).collect();
        let own = if self.is_own { ", and so does the app's own metadata" } else { "" };
        match names.len() {
            1 if self.is_own => Some("the app's own metadata is the same document".to_owned()),
            0 | 1 => None,
            count => {
                let some = some_of(names.iter().map(String::as_str));
                Some(format!("{count} providers carry this document{own}: {some}"))
            }
        }
    }

    /// A place in it.
    pub(super) fn label(&self, at: &Spot, message: &str) -> Label {
        if !self.is_file {
            let label = Label::new(self.place, message);
            let part = at.bytes.clone();
            return if self.text.len() > MARKED || part.is_empty() {
                label
            } else {
                label.mark_part(self.text, part.start..part.end.min(part.start + MARK))
            };
        }
        let place = Place(self.place.0.saturating_add(at.line.saturating_sub(1)));
        let words = self.text.get(at.bytes.clone()).unwrap_or_default();
        let words = words.lines().next().unwrap_or_default().trim_end();
        let words = words.chars().take(MARK).collect::<String>();
        Label::new(place, message).mark(words)
    }
}

/// Every distinct document, the app's own first, then by account, then what code declares.
pub(super) fn documents<'c>(context: &Context<'c>) -> Result<Vec<Document<'c>>, CannotCheck> {
    let federation = context.federation;
    let mut found = Shelf { context, documents: Vec::new(), by_text: FxHashMap::default() };
    if let Some(own) = &federation.app_metadata {
        found.put(own, true).is_own = true;
    }
    for provider in Provider::all(context) {
        if let Some(metadata) = &provider.stated.metadata {
            let document = found.put(metadata, provider.stated.metadata_is_file);
            document.holders.push(Holder::Deployed(provider));
        }
    }
    for declared in &federation.declared.providers {
        if let Known::Value(metadata) = &declared.metadata {
            found.put(metadata, false).holders.push(Holder::Declared(declared));
        }
    }
    if found.documents.is_empty() {
        return Err(CannotCheck(NO_METADATA.to_owned()));
    }
    Ok(found.documents)
}

struct Shelf<'c, 'x> {
    context: &'x Context<'c>,
    documents: Vec<Document<'c>>,
    by_text: FxHashMap<&'c str, usize>,
}

impl<'c> Shelf<'c, '_> {
    #[expect(clippy::indexing_slicing, reason = "the index is of a document put there before")]
    fn put(&mut self, text: &'c Sourced<String>, is_file: bool) -> &mut Document<'c> {
        let documents = &mut self.documents;
        let at = *self.by_text.entry(&text.value).or_insert_with(|| {
            documents.push(Document {
                text: &text.value,
                place: text.place,
                is_file,
                is_own: false,
                holders: Vec::new(),
                reading: self.context.library.read(&text.value),
            });
            documents.len() - 1
        });
        &mut self.documents[at]
    }
}

/// The app's own metadata, where it can be read: what Okta signs with and calls itself now.
pub(super) fn own(context: &Context<'_>) -> Result<Reading, CannotCheck> {
    let text = context.federation.app_metadata.as_ref().ok_or_else(|| {
        CannotCheck("the app's own metadata was not given, expected it as an XML file".to_owned())
    })?;
    let reading = context.library.read(&text.value);
    if reading.is_err() {
        return Err(CannotCheck("the app's own metadata cannot be read".to_owned()));
    }
    Ok(reading)
}

/// Which providers the Role values of the app name.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// The name that the Role Value Pattern gives in every account.
    pub(super) everywhere: Option<String>,
    /// Names by account, of ARNs that stand somewhere whole.
    whole: BTreeMap<AccountId, BTreeSet<String>>,
}

impl Sent {
    /// What the app sends, or why it cannot be told.
    pub(super) fn of(context: &Context<'_>) -> Result<Self, CannotCheck> {
        let entitlements = context.entitlements()?;
        let mapping = entitlements.mapping;
        let mut sent = Self::default();
        if mapping.maps_groups() {
            if let Ok(pair) = sample(&mapping.pattern) {
                let provider = pair.provider;
                if provider.account.as_str() == super::mapping::SAMPLE_ACCOUNT {
                    sent.everywhere = Some(provider.name);
                } else {
                    sent.add(provider);
                }
            }
        } else {
            let pairs =
                entitlements.targets().iter().filter_map(|target| target.pair.as_ref().ok());
            pairs.for_each(|pair| sent.add(pair.provider.clone()));
            let single = context.federation.app.as_ref();
            let single = single.and_then(|app| app.identity_provider_arn.as_ref());
            let single = single.map(|arn| RoleValue::read(&arn.value));
            let single = single.and_then(|read| read.role_and_provider()).map(|pair| pair.1);
            single.into_iter().chain(mapping.single_provider.clone()).for_each(|arn| sent.add(arn));
        }
        Ok(sent)
    }

    /// Whether it names a provider of an account.
    pub(super) fn names(&self, id: &AccountId, name: &str) -> bool {
        self.everywhere.as_deref() == Some(name)
            || self.whole.get(id).is_some_and(|names| names.contains(name))
    }

    fn add(&mut self, arn: SamlProviderArn) {
        self.whole.entry(arn.account).or_default().insert(arn.name);
    }

    /// Whether it names one of the providers that carry a document.
    pub(super) fn uses(&self, document: &Document<'_>) -> bool {
        document.providers().any(|one| self.names(one.id, &one.stated.name))
    }
}
