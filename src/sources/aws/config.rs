//! AWS Config: roles and SAML providers as deployed, from snapshots (`configurationItems`),
//! `get-resource-config-history`, `batch-get-resource-config`, `get-aggregate-resource-config` and the answers
//! of advanced queries (`Results`).
//!
//! A recorder may leave out what it likes, and a snapshot may be one of several: no listing is complete here.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::account::Known;
use super::accounts::written_id;
use super::roles::arn_error;
use super::{About, AwsError, AwsPart, Pages, policy};
use crate::model::account::{AccountId, Partition};
use crate::model::arn::{RoleArn, SamlProviderArn};
use crate::model::aws::{Encryption, PolicyDocument, Role, SamlProvider};
use crate::sources::batch::Loss;
use crate::sources::json::{ElementError, Lines, Text};
use crate::text::{Place, Sourced};

const ROLE: &str = "AWS::IAM::Role";
const PROVIDER: &str = "AWS::IAM::SAMLProvider";

/// One page of any of the answers.
#[derive(Debug, Deserialize)]
struct Page<'a> {
    #[serde(
        borrow,
        rename = "configurationItems",
        alias = "baseConfigurationItems",
        alias = "BaseConfigurationItems",
        alias = "Results"
    )]
    items: Option<Vec<&'a RawValue>>,
    #[serde(borrow, rename = "configurationItem", alias = "ConfigurationItem")]
    item: Option<&'a RawValue>,
    #[serde(rename = "nextToken", alias = "NextToken")]
    next_token: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    #[serde(borrow)]
    resource_type: Option<Text<'a>>,
    #[serde(borrow, alias = "awsAccountId")]
    account_id: Option<&'a RawValue>,
    #[serde(borrow, alias = "ARN")]
    arn: Option<Text<'a>>,
    #[serde(borrow)]
    configuration_item_status: Option<Text<'a>>,
    #[serde(borrow)]
    configuration_item_capture_time: Option<&'a RawValue>,
    #[serde(borrow)]
    configuration: Option<&'a RawValue>,
}

/// What an item says of its resource; roles are written as the API has them, providers as CloudFormation.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Configuration<'a> {
    #[serde(borrow, alias = "Arn")]
    arn: Option<Text<'a>>,
    #[serde(borrow, alias = "AssumeRolePolicyDocument")]
    assume_role_policy_document: Option<&'a RawValue>,
    #[serde(alias = "MaxSessionDuration")]
    max_session_duration: Option<i64>,
    #[serde(borrow, alias = "SamlMetadataDocument")]
    saml_metadata_document: Option<Text<'a>>,
}

/// The newest that was read of a resource; nothing of one that was deleted.
struct Newest<T> {
    captured: String,
    found: Option<T>,
}

/// Reads what AWS Config recorded.
pub(super) fn read(text: &[u8], about: About<'_>) -> AwsPart {
    let mut reader = Reader {
        part: AwsPart::default(),
        lines: Lines::new(text, 1),
        about,
        roles: BTreeMap::new(),
        providers: BTreeMap::new(),
    };
    reader.pages(text);
    reader.finish()
}

/// Account and name of a resource.
type Id = (AccountId, String);

struct Reader<'a, 'o> {
    part: AwsPart,
    lines: Lines<'a>,
    about: About<'o>,
    roles: BTreeMap<Id, Newest<(Role, Partition)>>,
    providers: BTreeMap<Id, Newest<(SamlProvider, Partition)>>,
}

impl<'a> Reader<'a, '_> {
    fn pages(&mut self, text: &'a [u8]) {
        let mut pages = Pages::new(text);
        let (mut found, mut more) = (false, false);
        while pages.next_line().is_some() {
            let page = match pages.parse::<Page<'a>>() {
                Ok(page) => page,
                Err(error) => {
                    self.part.report(error.line, Loss::File, AwsError::Json(error.clone()));
                    return;
                }
            };
            found |= page.items.is_some() || page.item.is_some();
            more = page.next_token.is_some();
            for raw in page.items.into_iter().flatten().chain(page.item) {
                let line = self.lines.of(raw.get().as_bytes());
                self.item(raw, line);
            }
        }
        if !found {
            self.part.report(0, Loss::File, AwsError::Empty("configurationItems"));
        } else if more {
            self.part.report(0, Loss::File, AwsError::Incomplete("`nextToken`"));
        }
    }

    /// Reads an item: an object or, in the answer of a query, a string of one.
    fn item(&mut self, raw: &'a RawValue, line: u32) {
        let read = match object_of(raw.get()) {
            Ok(Cow::Borrowed(text)) => {
                serde_json::from_str(text).map(|item| self.resource(&item, line, true))
            }
            Ok(Cow::Owned(text)) => {
                serde_json::from_str(&text).map(|item| self.resource(&item, line, false))
            }
            Err(error) => Err(error),
        };
        let error = match read {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(error) => AwsError::Json(ElementError::new(&error, line)),
        };
        self.part.report(line, Loss::Record, error);
    }

    /// Takes up a role or provider; `in_file` where the item's text is the file's own.
    fn resource(&mut self, item: &Item<'_>, line: u32, in_file: bool) -> Result<(), AwsError> {
        let text = item.configuration.map_or(Ok(Cow::Borrowed("{}")), |raw| object_of(raw.get()));
        let json = |error: &serde_json::Error| AwsError::Json(ElementError::new(error, line));
        let text = text.map_err(|error| json(&error))?;
        let in_file = in_file && matches!(text, Cow::Borrowed(_));
        let kind = item.resource_type.as_deref();
        if kind.is_some_and(|kind| kind != ROLE && kind != PROVIDER) {
            return Ok(());
        }
        let configuration: Configuration<'_> =
            serde_json::from_str(&text).map_err(|error| json(&error))?;
        let arn = configuration.arn.as_deref().or(item.arn.as_deref());
        let is_role = kind.map(|kind| kind == ROLE);
        match (is_role, arn) {
            (Some(true), Some(arn)) => self.role(item, &configuration, arn, (line, in_file)),
            (Some(false), Some(arn)) => self.provider(item, &configuration, arn, line),
            (None, Some(arn)) if arn.contains(":role/") => {
                self.role(item, &configuration, arn, (line, in_file))
            }
            (None, Some(arn)) if arn.contains(":saml-provider/") => {
                self.provider(item, &configuration, arn, line)
            }
            (None, _) => Ok(()),
            // What was deleted may have no configuration any more.
            (Some(_), None) if is_deleted(item) => Ok(()),
            (Some(true), None) => Err(AwsError::Missing { record: "role", field: "arn" }),
            (Some(false), None) => Err(AwsError::Missing { record: "SAML provider", field: "arn" }),
        }
    }

    fn role(
        &mut self,
        item: &Item<'_>,
        configuration: &Configuration<'_>,
        arn: &str,
        (line, in_file): (u32, bool),
    ) -> Result<(), AwsError> {
        let arn = RoleArn::parse(arn).map_err(|error| arn_error("a role", error))?;
        check_account(item, arn.account, &format!("role `{}`", arn.name))?;
        let id = (arn.account, arn.name.clone());
        let captured = captured(item);
        if self.roles.get(&id).is_some_and(|known| known.captured >= captured) {
            return Ok(());
        }
        let found = (!is_deleted(item)).then(|| {
            let trust_policy = configuration
                .assume_role_policy_document
                .and_then(|raw| self.policy(&arn.name, raw, (line, in_file)));
            let seconds = configuration.max_session_duration;
            let max_session_duration = seconds.and_then(|found| {
                let read = u32::try_from(found).ok();
                if read.is_none() {
                    let error = AwsError::Duration { role: arn.name.clone(), found };
                    self.part.report(line, Loss::Record, error);
                }
                read
            });
            let (name, path, place) = (arn.name.clone(), arn.path.clone(), Place(line));
            (Role { name, path, trust_policy, max_session_duration, place }, arn.partition)
        });
        self.roles.insert(id, Newest { captured, found });
        Ok(())
    }

    fn policy(
        &mut self,
        role: &str,
        raw: &RawValue,
        (line, in_file): (u32, bool),
    ) -> Option<PolicyDocument> {
        let line = if in_file { self.lines.of(raw.get().as_bytes()) } else { line };
        match policy::decode(raw.get()) {
            Ok(decoded) => {
                let decoded = decoded?;
                // Lines inside a string are none of the file.
                let lines = if in_file { decoded.lines } else { Arc::default() };
                Some(policy::Decoded { lines, ..decoded }.at(line))
            }
            Err(error) => {
                let role = role.to_owned();
                self.part.report(line, Loss::Record, AwsError::Policy { role, error });
                None
            }
        }
    }

    fn provider(
        &mut self,
        item: &Item<'_>,
        configuration: &Configuration<'_>,
        arn: &str,
        line: u32,
    ) -> Result<(), AwsError> {
        let arn =
            SamlProviderArn::parse(arn).map_err(|error| arn_error("a SAML provider", error))?;
        check_account(item, arn.account, &format!("SAML provider `{}`", arn.name))?;
        let id = (arn.account, arn.name.clone());
        let captured = captured(item);
        if self.providers.get(&id).is_some_and(|known| known.captured >= captured) {
            return Ok(());
        }
        let found = (!is_deleted(item)).then(|| {
            let document = configuration.saml_metadata_document.as_deref();
            let metadata = document.map(|text| Sourced::new(text.to_owned(), Place(line)));
            let (name, place) = (arn.name.clone(), Place(line));
            let provider = SamlProvider {
                name,
                metadata,
                metadata_is_file: false,
                valid_until: None,
                encryption: Encryption::default(),
                place,
            };
            (provider, arn.partition)
        });
        self.providers.insert(id, Newest { captured, found });
        Ok(())
    }

    fn finish(mut self) -> AwsPart {
        // In order of their names, account by account.
        for ((id, _), newest) in self.roles {
            let Some((role, partition)) = newest.found else { continue };
            let account = self.part.account(id);
            account.partition = account.partition.or(Some(partition));
            account.roles.push(role);
        }
        for ((id, _), newest) in self.providers {
            let Some((provider, partition)) = newest.found else { continue };
            let account = self.part.account(id);
            account.partition = account.partition.or(Some(partition));
            account.providers.push(provider);
        }
        let accounts: Vec<AccountId> = self.part.accounts.iter().map(|(id, _)| *id).collect();
        if let [only] = accounts.as_slice() {
            self.part.compare(Known::from_arn(*only), self.about);
        }
        self.part
    }
}

/// The text of an object, where it stands or as a string; white space counts as nothing.
fn object_of(raw: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    if raw.starts_with('"') {
        return serde_json::from_str::<String>(raw).map(Cow::Owned);
    }
    Ok(Cow::Borrowed(if raw == "null" { "{}" } else { raw }))
}

/// An item's account has to be that of its ARN.
fn check_account(item: &Item<'_>, account: AccountId, of: &str) -> Result<(), AwsError> {
    let Some(raw) = item.account_id else { return Ok(()) };
    Known::from_item(written_id(raw).parse()?).check(account, of)
}

/// When an item was recorded, so that texts compare as the times do; empty where nothing says so.
fn captured(item: &Item<'_>) -> String {
    let raw = item.configuration_item_capture_time.map_or("", RawValue::get);
    match raw.parse::<f64>() {
        Ok(seconds) => format!("{seconds:020.3}"),
        Err(_) => raw.trim_matches('"').to_owned(),
    }
}

fn is_deleted(item: &Item<'_>) -> bool {
    let status = item.configuration_item_status.as_deref();
    status.is_some_and(|status| {
        status.starts_with("ResourceDeleted") || status == "ResourceNotRecorded"
    })
}
