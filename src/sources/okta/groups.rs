//! Groups as `/api/v1/groups` lists them.

use serde::Deserialize;

use super::OktaError;
use crate::model::group_source::GroupSource;
use crate::sources::batch::{Attribute, Batch, GroupFacts, Loss, RecordReader};
use crate::sources::blocks::Block;
use crate::sources::json::{self, Text};
use crate::sources::keys::KeySpace;

/// Reads Okta groups.
#[derive(Debug, Clone, Copy, Default)]
pub struct GroupsReader;

#[derive(Debug, Deserialize)]
struct Group<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow, rename = "objectClass", default)]
    object_class: Vec<Text<'a>>,
    #[serde(borrow)]
    profile: Profile<'a>,
    #[serde(borrow)]
    source: Option<Source<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    sam_account_name: Option<Text<'a>>,
    #[serde(borrow)]
    dn: Option<Text<'a>>,
    #[serde(borrow)]
    object_sid: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
struct Source<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
}

impl RecordReader for GroupsReader {
    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        json::each::<Group<'_>>(block, batch, |batch, group, line, _| record(batch, &group, line));
    }
}

fn record(batch: &mut Batch<'_>, group: &Group<'_>, line: u32) {
    for (empty, field) in [(group.id.is_empty(), "`id`"), (group.profile.name.is_empty(), "a name")]
    {
        if empty {
            batch.problem(line, Loss::Record, OktaError::Missing { record: "group", field });
            return;
        }
    }
    let source = source(batch, group, line);
    let key = batch.key(KeySpace::OktaId, group.id.as_bytes());
    let facts = GroupFacts { source, in_okta: true, ..GroupFacts::default() };
    batch.group(key, &group.profile.name, facts, line);
    let app = group.source.as_ref().and_then(|source| source.id.as_ref());
    let profile = &group.profile;
    for (attribute, text) in [
        (Attribute::Dn, profile.dn.as_ref()),
        (Attribute::SamAccountName, profile.sam_account_name.as_ref()),
        (Attribute::Sid, profile.object_sid.as_ref()),
        (Attribute::SourceApp, app),
    ] {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            batch.group_attribute(attribute, text.as_bytes());
        }
    }
}

/// Where the group comes from: `None` for an app group of no kind known here, whose app's name decides.
fn source(batch: &mut Batch<'_>, group: &Group<'_>, line: u32) -> Option<GroupSource> {
    match group.kind.as_deref() {
        Some("OKTA_GROUP" | "BUILT_IN") => Some(GroupSource::Okta),
        Some("APP_GROUP") | None => group
            .object_class
            .iter()
            .any(|class| &**class == "okta:windows_security_principal")
            .then_some(GroupSource::ActiveDirectory),
        Some(other) => {
            batch.problem(line, Loss::Nothing, OktaError::GroupType(other.to_owned()));
            None
        }
    }
}
