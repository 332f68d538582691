//! Roles from `get-account-authorization-details`, `list-roles` and `get-role`.

mod usual;

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::account::{Known, WrittenId};
use super::policy::{self, Decoded};
use super::{About, AwsError, AwsPart, Pages, more};
use crate::model::account::Partition;
use crate::model::arn::{ArnError, RoleArn, is_path, is_role_name};
use crate::model::aws::{PolicyDocument, Role};
use crate::sources::batch::Loss;
use crate::sources::json::{ElementError, Lines, Text};
use crate::text::Place;
use usual::UsualPages;

/// One page of any of the three answers; `R` is a role.
#[derive(Debug, Default, Deserialize)]
struct Page<R> {
    #[serde(rename = "RoleDetailList")]
    details: Option<Vec<R>>,
    #[serde(rename = "Roles")]
    roles: Option<Vec<R>>,
    #[serde(rename = "Role")]
    role: Option<R>,
    #[serde(rename = "IsTruncated")]
    is_truncated: Option<bool>,
    #[serde(rename = "Marker")]
    marker: Option<IgnoredAny>,
    #[serde(rename = "NextToken")]
    next_token: Option<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawRole<'a> {
    #[serde(borrow)]
    path: Option<Text<'a>>,
    #[serde(borrow)]
    role_name: Option<Text<'a>>,
    #[serde(borrow)]
    arn: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "as_written")]
    assume_role_policy_document: Option<&'a str>,
    max_session_duration: Option<i64>,
}

/// A value as it stands in the file; null is none.
fn as_written<'de: 'a, 'a, D: Deserializer<'de>>(value: D) -> Result<Option<&'a str>, D::Error> {
    Ok(Option::<&RawValue>::deserialize(value)?.map(RawValue::get))
}

/// Which of the answers a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// `RoleDetailList`.
    Details,
    /// `Roles`.
    List,
    /// `Role`: one of the account's roles.
    Single,
}

impl Answer {
    const fn key(self) -> &'static str {
        match self {
            Self::Details => "RoleDetailList",
            Self::List => "Roles",
            Self::Single => "Role",
        }
    }
}

pub(super) fn read(text: &[u8], answer: Answer, about: About<'_>) -> AwsPart {
    let mut reader = RolesReader::new(text, about);
    let complete = reader.pages(answer);
    reader.finish(complete)
}

/// Reads a file whose pages are all in their usual form and nest at most `levels` deep.
pub(super) fn read_usual(
    text: &[u8],
    answer: Answer,
    about: About<'_>,
    levels: usize,
) -> Option<AwsPart> {
    let mut reader = RolesReader::new(text, about);
    let mut usual = UsualPages::new(text, levels);
    let mut pages = Pages::new(text);
    let mut listed = Listed::default();
    while pages.next_usual()? {
        let (page, end) = usual.read(pages.at)?;
        pages.pass(end);
        reader.page(page, answer, &mut listed);
    }
    let complete = reader.listed(answer, listed);
    Some(reader.finish(complete))
}

/// What the pages read so far say of the listing.
#[derive(Clone, Copy, Default)]
struct Listed {
    found: bool,
    missing: Option<&'static str>,
}

struct RolesReader<'a, 'o> {
    part: AwsPart,
    text: &'a [u8],
    lines: Lines<'a>,
    about: About<'o>,
    /// The account that the ARNs name.
    known: Option<Known>,
    partition: Option<Partition>,
    roles: Vec<Role>,
    /// Policies by how they are written: roles share them.
    policies: BTreeMap<&'a str, Decoded>,
    /// A role was lost: it may be any that is asked for.
    lost: bool,
}

impl<'a, 'o> RolesReader<'a, 'o> {
    fn new(text: &'a [u8], about: About<'o>) -> Self {
        Self {
            part: AwsPart::default(),
            text,
            lines: Lines::new(text, 1),
            about,
            known: None,
            partition: None,
            roles: Vec::new(),
            policies: BTreeMap::new(),
            lost: false,
        }
    }

    /// Reads all pages; whether they are the complete listing, `None` where there is nothing to keep.
    fn pages(&mut self, answer: Answer) -> Option<bool> {
        let mut pages = Pages::new(self.text);
        let mut listed = Listed::default();
        while pages.next_line().is_some() {
            let page = match pages.parse::<Page<RawRole<'a>>>() {
                Ok(page) => page,
                Err(error) if error.loss == Loss::Record => match self.salvage(&mut pages) {
                    Some(page) => page,
                    None => return self.broken(&error, listed.found),
                },
                Err(error) => return self.broken(&error, listed.found),
            };
            self.page(page, answer, &mut listed);
        }
        self.listed(answer, listed)
    }

    fn page(&mut self, page: Page<RawRole<'a>>, answer: Answer, listed: &mut Listed) {
        let roles = match answer {
            Answer::Details => page.details,
            Answer::List => page.roles,
            Answer::Single => page.role.map(|role| vec![role]),
        };
        listed.missing = more(page.is_truncated, page.marker.is_some(), page.next_token.is_some());
        let Some(roles) = roles else { return };
        listed.found = true;
        self.known = self.known.or_else(|| account_of(&roles));
        self.known = self.known.or_else(|| Known::from_outside(self.about));
        self.roles.reserve(roles.len());
        for role in roles {
            self.role(&role);
        }
    }

    /// Whether the pages are the complete listing, `None` where there is nothing to keep.
    fn listed(&mut self, answer: Answer, listed: Listed) -> Option<bool> {
        if !listed.found {
            self.part.report(0, Loss::File, AwsError::Empty(answer.key()));
            return None;
        }
        if let Some(what) = listed.missing {
            self.part.report(0, Loss::File, AwsError::Incomplete(what));
        }
        Some(listed.missing.is_none() && answer != Answer::Single)
    }

    fn broken(&mut self, error: &ElementError, found: bool) -> Option<bool> {
        self.part.report(error.line, Loss::File, AwsError::Json(error.clone()));
        found.then_some(false)
    }

    /// Reads a page role by role where one of them is not of the shape expected.
    fn salvage(&mut self, pages: &mut Pages<'a>) -> Option<Page<RawRole<'a>>> {
        let page = pages.parse::<Page<&'a RawValue>>().ok()?;
        let mut lines = self.lines;
        let mut read = |raw: &'a RawValue| {
            let line = lines.of(raw.get().as_bytes());
            serde_json::from_str::<RawRole<'a>>(raw.get())
                .map_err(|error| {
                    let error = ElementError::new(&error, line);
                    self.lost = true;
                    self.part.report(error.line, Loss::Record, AwsError::Json(error.clone()));
                })
                .ok()
        };
        let mut all = |list: Vec<&'a RawValue>| list.into_iter().filter_map(&mut read).collect();
        Some(Page {
            details: page.details.map(&mut all),
            roles: page.roles.map(&mut all),
            role: page.role.and_then(read),
            is_truncated: page.is_truncated,
            marker: page.marker,
            next_token: page.next_token,
        })
    }

    fn role(&mut self, raw: &RawRole<'a>) {
        let line = self.first_line(raw);
        match self.identity(raw) {
            Ok((path, name)) => {
                let trust_policy = self.policy(&name, raw.assume_role_policy_document);
                let max_session_duration = self.duration(&name, raw.max_session_duration, line);
                let place = Place(line);
                self.roles.push(Role { name, path, trust_policy, max_session_duration, place });
            }
            Err(error) => {
                self.lost = true;
                self.part.report(line, Loss::Record, error);
            }
        }
    }

    /// Path and name of a role, from its ARN where it has one.
    fn identity(&mut self, raw: &RawRole<'_>) -> Result<(String, String), AwsError> {
        let Some(arn) = raw.arn.as_deref() else {
            let missing = |field| AwsError::Missing { record: "role", field };
            let name = raw.role_name.as_deref().ok_or(missing("RoleName"))?;
            let path = raw.path.as_deref().unwrap_or("/");
            if !is_role_name(name) || !is_path(path) {
                let error = ArnError::Name(format!("{path}{name}"));
                return Err(AwsError::Arn { of: format!("role `{name}`"), error });
            }
            return Ok((path.to_owned(), name.to_owned()));
        };
        let of = || format!("role `{}`", raw.role_name.as_deref().unwrap_or(arn));
        let role = RoleArn::parse(arn).map_err(|error| arn_error(&of(), error))?;
        if let Some(known) = self.known {
            known.check(role.account, &of())?;
        }
        if let Some(name) = raw.role_name.as_deref().filter(|name| *name != role.name) {
            return Err(AwsError::Name { name: name.to_owned(), arn: role.name });
        }
        self.partition = self.partition.or(Some(role.partition));
        Ok((role.path, role.name))
    }

    fn policy(&mut self, role: &str, raw: Option<&'a str>) -> Option<PolicyDocument> {
        let raw = raw?;
        let line = self.lines.of(raw.as_bytes());
        if let Some(decoded) = self.policies.get(raw) {
            return Some(decoded.clone().at(line));
        }
        match policy::decode(raw) {
            Ok(decoded) => {
                let decoded = decoded?;
                self.policies.insert(raw, decoded.clone());
                Some(decoded.at(line))
            }
            Err(error) => {
                let role = role.to_owned();
                self.part.report(line, Loss::Record, AwsError::Policy { role, error });
                None
            }
        }
    }

    fn duration(&mut self, role: &str, seconds: Option<i64>, line: u32) -> Option<u32> {
        let seconds = seconds?;
        let read = u32::try_from(seconds).ok();
        if read.is_none() {
            let error = AwsError::Duration { role: role.to_owned(), found: seconds };
            self.part.report(line, Loss::Record, error);
        }
        read
    }

    /// Line of the brace before the role's first text.
    fn first_line(&mut self, raw: &RawRole<'_>) -> u32 {
        let start = self.text.as_ptr().addr();
        let first = [&raw.path, &raw.role_name, &raw.arn]
            .into_iter()
            .flatten()
            .map(|text| text.as_ptr().addr().wrapping_sub(start))
            .filter(|&offset| offset < self.text.len())
            .min();
        let before = first.and_then(|first| self.text.get(..first)).unwrap_or_default();
        self.lines.at(memchr::memrchr(b'{', before).unwrap_or(0))
    }

    fn finish(mut self, complete: Option<bool>) -> AwsPart {
        let Some(complete) = complete else { return self.part };
        let Some(known) = self.known else {
            self.part.report(0, Loss::File, AwsError::NoAccount);
            return self.part;
        };
        self.part.compare(known, self.about);
        self.roles.sort_by(|a, b| a.name.cmp(&b.name));
        let mut twice = Vec::new();
        self.roles.dedup_by(|later, first| {
            let same = later.name == first.name;
            if same {
                twice.push((later.place.0, later.name.clone()));
            }
            same
        });
        for (line, name) in twice {
            self.part.report(line, Loss::Nothing, AwsError::Twice { what: "role", name });
        }
        let account = self.part.account(known.id);
        account.partition = self.partition;
        account.roles = self.roles;
        account.roles_complete = complete && !self.lost;
        self.part
    }
}

/// The account that the first readable ARN names.
fn account_of(roles: &[RawRole<'_>]) -> Option<Known> {
    let mut arns = roles.iter().filter_map(|role| role.arn.as_deref());
    arns.find_map(|arn| RoleArn::parse(arn).ok()).map(|arn| Known::from_arn(arn.account))
}

/// An ARN's error; an account id that lost its zeros is offered with them.
pub(super) fn arn_error(of: &str, error: ArnError) -> AwsError {
    if let ArnError::Account { text, .. } = &error
        && let Err(AwsError::AccountId { found, offer, written }) =
            WrittenId::Text(text.into()).parse()
    {
        let found = format!("in the ARN of {of} {found}");
        return AwsError::AccountId { found, offer, written };
    }
    AwsError::Arn { of: of.to_owned(), error }
}
