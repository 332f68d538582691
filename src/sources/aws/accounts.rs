//! Aliases from `list-account-aliases`, accounts from `organizations list-accounts`.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::account::{Known, WrittenId};
use super::{About, AwsError, AwsPart, more};
use crate::sources::batch::Loss;
use crate::sources::json::{Lines, Text};
use crate::text::{Place, Sourced};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AliasPage<'a> {
    #[serde(borrow)]
    account_aliases: Option<Vec<Text<'a>>>,
    is_truncated: Option<bool>,
    marker: Option<IgnoredAny>,
    next_token: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountPage<'a> {
    #[serde(borrow)]
    accounts: Option<Vec<Listed<'a>>>,
    next_token: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    status: Option<Text<'a>>,
    #[serde(borrow)]
    state: Option<Text<'a>>,
}

pub(super) fn read_aliases(text: &[u8], about: About<'_>) -> AwsPart {
    let mut part = AwsPart::default();
    let mut lines = Lines::new(text, 1);
    let mut aliases = None::<Vec<Sourced<String>>>;
    let mut missing = None;
    part.pages::<AliasPage<'_>>(text, "AccountAliases", |part, page, line| {
        let Some(found) = page.account_aliases else {
            part.report(line, Loss::File, AwsError::Empty("AccountAliases"));
            return;
        };
        missing = more(page.is_truncated, page.marker.is_some(), page.next_token.is_some());
        let found = found.into_iter().map(|alias| {
            let line = lines.of(alias.as_bytes());
            Sourced::new(alias.0.into_owned(), Place(line))
        });
        aliases.get_or_insert_default().extend(found);
    });
    if let Some(what) = missing {
        part.report(0, Loss::File, AwsError::Incomplete(what));
    }
    let Some(aliases) = aliases else { return part };
    let Some(known) = Known::from_outside(about) else {
        part.report(0, Loss::File, AwsError::NoAccount);
        return part;
    };
    part.compare(known, about);
    if let Some(second) = aliases.get(1) {
        part.report(second.place.0, Loss::Nothing, AwsError::Aliases(aliases.len()));
    }
    let account = part.account(known.id);
    account.no_alias = aliases.is_empty() && missing.is_none();
    account.alias = aliases.into_iter().next();
    part
}

pub(super) fn read_list(text: &[u8]) -> AwsPart {
    let mut part = AwsPart::default();
    let mut lines = Lines::new(text, 1);
    let mut missing = false;
    part.pages::<AccountPage<'_>>(text, "Accounts", |part, page, page_line| {
        let Some(accounts) = page.accounts else {
            part.report(page_line, Loss::File, AwsError::Empty("Accounts"));
            return;
        };
        missing = page.next_token.is_some();
        for listed in accounts {
            let texts = [listed.id.map(RawValue::get), listed.name.as_deref()];
            let line = texts.into_iter().flatten().next();
            let line = line.map_or(page_line, |text| lines.of(text.as_bytes()));
            part.listed(listed, line);
        }
    });
    if missing {
        part.report(0, Loss::File, AwsError::Incomplete("`NextToken`"));
    }
    part
}

impl AwsPart {
    fn listed(&mut self, listed: Listed<'_>, line: u32) {
        let id = listed
            .id
            .ok_or(AwsError::Missing { record: "account", field: "Id" })
            .and_then(|raw| written_id(raw).parse());
        let id = match id {
            Ok(id) => id,
            Err(error) => {
                self.report(line, Loss::Record, error);
                return;
            }
        };
        let sourced = |text: Text<'_>| Sourced::new(text.0.into_owned(), Place(line));
        let account = self.account(id);
        account.name = account.name.take().or(listed.name.map(sourced));
        account.status = account.status.take().or(listed.status.or(listed.state).map(sourced));
    }
}

pub(super) fn written_id(raw: &RawValue) -> WrittenId<'_> {
    // A number with an exponent keeps its text: its digits are not the id's.
    if !raw.get().starts_with('"') && raw.get().contains(['.', 'e', 'E']) {
        return WrittenId::Number(raw.get().to_owned());
    }
    serde_json::from_str(raw.get()).unwrap_or_else(|_| WrittenId::Text(raw.get().into()))
}
