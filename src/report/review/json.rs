//! The review as one JSON object, written role by role.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::View;
use crate::explain::trust_review::{Origin, Reviewed, Trust, TrustStatement, Trusted};
use crate::report::answer::VERSION;
use crate::report::safe_json;
use crate::rules::SuppressedCounts;
use crate::text::{Place, SourceMap};

#[derive(Serialize)]
struct JsonReview<'a> {
    version: u32,
    trusts: Trusts<'a>,
    roles: Roles<'a>,
    /// Findings that are left out, where there are such.
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<JsonSuppressed>,
}

#[derive(Serialize)]
struct JsonSuppressed {
    waived: usize,
    in_baseline: usize,
}

/// The trusts, one after the other.
struct Trusts<'a>(&'a View<'a>);

/// The roles, one after the other.
struct Roles<'a>(&'a View<'a>);

impl Serialize for Trusts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let trusts = self.0.review.trusts.iter().enumerate();
        serializer.collect_seq(trusts.map(|(number, trust)| json_trust(number, trust)))
    }
}

impl Serialize for Roles<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let roles = self.0.review.roles.iter().enumerate();
        serializer.collect_seq(roles.map(|(number, role)| json_role(self.0, number, role)))
    }
}

#[derive(Serialize)]
struct JsonTrust<'a> {
    /// From 1, as roles name it.
    trust: usize,
    roles: usize,
    saml_providers: Vec<&'a str>,
    other_doors: Vec<JsonPrincipal<'a>>,
    audiences: Vec<&'a str>,
    issuers: Vec<&'a str>,
    statements: Vec<JsonStatement<'a>>,
    faults: &'a [String],
}

#[derive(Serialize)]
struct JsonPrincipal<'a> {
    kind: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct JsonStatement<'a> {
    effect: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    not_principal: bool,
    principals: Vec<JsonPrincipal<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    not_action: bool,
    actions: &'a [String],
    conditions: Vec<JsonCondition<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonCondition<'a> {
    operator: &'a str,
    key: &'a str,
    values: &'a [String],
}

#[derive(Serialize)]
struct JsonRole<'a> {
    origin: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    account: Option<String>,
    alias: Option<&'a str>,
    name: Option<&'a str>,
    path: Option<&'a str>,
    /// The number of its trust, from 1.
    trust: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<&'a str>,
    admin: bool,
    max_session_duration: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<JsonReach>,
    findings: Vec<JsonFinding<'a>>,
    at: Option<JsonPlace<'a>>,
}

#[derive(Serialize)]
struct JsonReach {
    users: usize,
    role_groups: usize,
    management_groups: usize,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct JsonPlace<'a> {
    file: &'a str,
    line: u32,
}

fn place(sources: &SourceMap, place: Place) -> Option<JsonPlace<'_>> {
    sources.resolve(place).map(|(file, line)| JsonPlace { file, line })
}

fn principal<'a>((kind, name): (&'a str, &'a str)) -> JsonPrincipal<'a> {
    JsonPrincipal { kind, name }
}

fn json_trust(number: usize, trust: &Trust) -> JsonTrust<'_> {
    JsonTrust {
        trust: number + 1,
        roles: trust.roles.len(),
        saml_providers: trust.saml_providers(),
        other_doors: trust.other_doors().into_iter().map(principal).collect(),
        audiences: trust.wanted("saml:aud"),
        issuers: trust.wanted("saml:iss"),
        statements: trust.statements.iter().map(json_statement).collect(),
        faults: &trust.faults,
    }
}

fn json_statement(statement: &TrustStatement) -> JsonStatement<'_> {
    let principals = statement.principals.iter();
    JsonStatement {
        effect: if statement.denies { "Deny" } else { "Allow" },
        not_principal: statement.not_principal,
        principals: principals.map(|(kind, name)| principal((kind, name))).collect(),
        not_action: statement.not_action,
        actions: &statement.actions,
        conditions: statement
            .conditions
            .iter()
            .map(|one| JsonCondition {
                operator: &one.operator,
                key: &one.key,
                values: &one.values,
            })
            .collect(),
        refused: statement.broken.as_deref(),
    }
}

fn json_role<'a>(view: &'a View<'a>, number: usize, role: &'a Reviewed<'a>) -> JsonRole<'a> {
    let (origin, address) = match role.origin {
        Origin::Deployed => ("deployed", None),
        Origin::Declared(_, address) => ("declared", Some(address)),
        Origin::File(file) => ("file", Some(file)),
    };
    let (trust, unreadable, unknown) = match &role.trusted {
        Trusted::By(at) => (Some(at + 1), None, None),
        Trusted::Unreadable(why) => (None, Some(why.as_str()), None),
        Trusted::Unknown(why) => (None, None, Some(why.as_str())),
    };
    let findings = view.findings.get(&number).into_iter().flatten();
    JsonRole {
        origin,
        address,
        account: role.account.map(|account| account.to_string()),
        alias: role.alias,
        name: role.name.ok().filter(|_| origin != "file"),
        path: role.path,
        trust,
        unreadable,
        unknown,
        admin: role.admin,
        max_session_duration: role.max_session_duration,
        reach: role.reach.map(|reach| JsonReach {
            users: reach.users,
            role_groups: reach.role_groups,
            management_groups: reach.management_groups,
        }),
        findings: findings
            .map(|finding| JsonFinding {
                rule: finding.rule,
                severity: finding.severity.as_str(),
                message: &finding.message,
            })
            .collect(),
        at: place(view.sources, role.place),
    }
}

/// Writes a review as one JSON object.
pub fn review_json(out: &mut dyn Write, view: &View<'_>) -> io::Result<()> {
    let SuppressedCounts { waived, in_baseline } = view.suppressed;
    let suppressed =
        (view.suppressed.total() > 0).then_some(JsonSuppressed { waived, in_baseline });
    safe_json::pretty(
        out,
        &JsonReview { version: VERSION, trusts: Trusts(view), roles: Roles(view), suppressed },
    )
}
