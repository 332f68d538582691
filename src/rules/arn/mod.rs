//! `arn`: the provider/role pairs that Okta sends.

mod accounts_differ;
mod duplicate_pair;
mod malformed;
mod not_a_pair;
mod partitions_differ;
mod path_mismatch;
mod reserved_role;
mod role_first;
mod same_kind_twice;
mod space_in_pair;
mod unexpanded_placeholder;

use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::assertion::{SignIn, answer, sign_ins};
use super::mapping::{ROLE_VALUE_PATTERN, some_of};
use super::{CannotCheck, Context, Rule, Scope};
use crate::entitlement::refusal::Refusal;
use crate::entitlement::role_group::{RoleGroup, place_of};
use crate::finding::{Finding, Label, Quoted, RuleInfo};
use crate::model::arn::{Arn, ArnPair, RoleArn, RoleValue, SamlProviderArn};
use crate::model::directory::GroupId;
use crate::text::Place;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[
    &accounts_differ::RULE,
    &duplicate_pair::RULE,
    &malformed::RULE,
    &not_a_pair::RULE,
    &partitions_differ::RULE,
    &path_mismatch::RULE,
    &reserved_role::RULE,
    &role_first::RULE,
    &same_kind_twice::RULE,
    &space_in_pair::RULE,
    &unexpanded_placeholder::RULE,
];

/// Rules about the pattern that gives every group its value.
const BROKEN_PATTERN: &[&str] = &[
    "arn/unexpanded-placeholder",
    "assertion/joined-values",
    "mapping/iac-escaping",
    "mapping/invalid-role-value",
    "mapping/placeholder-literal",
];

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The name of a group maps to it.
    Group(GroupId),
    /// An assignment's `samlRoles` have it.
    SamlRoles,
    /// The app's identity provider ARN is it.
    IdentityProvider,
    /// A captured sign-in has it.
    Captured {
        /// Whether that has a pair that reads, too.
        has_others: bool,
    },
}

/// A value that is sent, or should be a part of what is sent.
#[derive(Debug)]
pub(super) struct Value<'c> {
    pub(super) text: &'c str,
    pub(super) origin: Origin,
    /// Where it stands; nowhere for groups, which are looked up when needed.
    label: Label,
    /// The pair it is, where a group maps to it.
    pair: Option<&'c ArnPair>,
    /// How many groups or assignments have it.
    count: usize,
}

impl Value<'_> {
    /// Its parts.
    fn read(&self) -> RoleValue<'_> {
        RoleValue::read(self.text)
    }

    /// Role and provider, which may contradict each other.
    fn role_and_provider(&self) -> Option<(RoleArn, SamlProviderArn)> {
        match self.pair {
            Some(pair) => Some((pair.role.clone(), pair.provider.clone())),
            None => self.read().role_and_provider(),
        }
    }

    /// The provider it names, alone or in a pair of one account.
    pub(super) fn provider(&self) -> Option<SamlProviderArn> {
        if let [(_, Ok(Arn::SamlProvider(provider)))] = self.read().parts.as_slice() {
            return Some(provider.clone());
        }
        let (role, provider) = self.role_and_provider()?;
        let is_one = role.account == provider.account && role.partition == provider.partition;
        is_one.then_some(provider)
    }

    /// Whether an ARN may stand alone there.
    fn takes_alone(&self, arn: &Arn) -> bool {
        match self.origin {
            Origin::Group(_) | Origin::Captured { .. } => false,
            Origin::SamlRoles => matches!(arn, Arn::Role(_)),
            Origin::IdentityProvider => matches!(arn, Arn::SamlProvider(_)),
        }
    }

    /// Where it stands, for a group the line of its record.
    fn place(&self, context: &Context<'_>) -> Place {
        match self.origin {
            Origin::Group(group) => place_of(context.federation, group),
            _ => self.label.place,
        }
    }

    /// Where it stands, with the value underlined; not for groups.
    pub(super) fn label(&self) -> Label {
        self.label.clone()
    }

    /// Where it stands, with a part of it underlined; not for groups.
    fn part(&self, part: Range<usize>) -> Label {
        let Label { place, mark, message } = self.label.clone();
        if mark.value != self.text {
            return Label { place, mark, message };
        }
        Label::new(place, message).mark_part(self.text, part).from(mark.from)
    }

    /// With what AWS answers to a sign-in that has the value and no pair that reads.
    pub(super) fn unread(&self, found: Finding) -> Finding {
        match self.origin {
            Origin::Captured { has_others: false } => found.help(answer(Refusal::NoRole)),
            _ => found,
        }
    }

    /// With what AWS answers whoever chooses the role.
    pub(super) fn refused(&self, found: Finding, refusal: Refusal) -> Finding {
        match self.origin {
            Origin::Captured { .. } => found.help(answer(refusal)),
            _ => found,
        }
    }

    /// What it is, and the value where nothing else tells it.
    pub(super) fn named(&self) -> String {
        match self.origin {
            Origin::Group(_) | Origin::Captured { .. } => {
                format!("the Role value {}", Quoted(self.text))
            }
            Origin::SamlRoles => format!("the `samlRoles` value {}", Quoted(self.text)),
            Origin::IdentityProvider => "the identity provider ARN".to_owned(),
        }
    }

    /// A finding about it.
    fn finding(&self, context: &Context<'_>, info: &RuleInfo, message: String) -> Finding {
        let directory = &context.federation.directory;
        let subject = match self.origin {
            Origin::IdentityProvider => "identityProviderArn",
            _ => self.text,
        };
        let found = Finding::new(info, subject, message);
        let Origin::Group(group) = self.origin else {
            let found = found.at(self.label());
            return if self.count < 2 {
                found
            } else if matches!(self.origin, Origin::Captured { .. }) {
                found.help(format!("{} sign-ins have it", self.count))
            } else {
                found.help(format!("{} assignments have it", self.count))
            };
        };
        let name = directory.group_name(group);
        let found = found
            .at(Label::new(self.place(context), "").mark(name))
            .stems_from(ROLE_VALUE_PATTERN)
            .stems_from(name);
        if self.count < 2 { found } else { found.help(format!("{} groups map to it", self.count)) }
    }
}

/// Every distinct value: those of the federation, as far as `keep` wants them of what names of groups map
/// to, and those of captured sign-ins.
pub(super) fn values<'c>(
    context: &Context<'c>,
    keep: impl Fn(&RoleGroup) -> bool,
) -> Result<Vec<Value<'c>>, CannotCheck> {
    let captured = of_captures(context);
    if context.scope == Scope::Captures {
        return Ok(captured);
    }
    match of_federation(context, keep) {
        // What was captured can be looked at whatever is missing.
        Err(reason) if captured.is_empty() => Err(reason),
        Err(_) => Ok(captured),
        Ok(mut values) => {
            values.extend(captured);
            Ok(values)
        }
    }
}

/// Values of which each text stands once, the first with it.
#[derive(Default)]
struct Distinct<'c> {
    values: Vec<Value<'c>>,
    index_of: FxHashMap<&'c str, usize>,
}

impl<'c> Distinct<'c> {
    fn add(&mut self, value: Value<'c>) {
        let at = *self.index_of.entry(value.text).or_insert(self.values.len());
        if at == self.values.len() {
            self.values.push(value);
        }
        if let Some(first) = self.values.get_mut(at) {
            first.count += 1;
        }
    }
}

/// Those that names of groups map to, or the `samlRoles` where they decide, and the app's identity provider
/// ARN.
fn of_federation<'c>(
    context: &Context<'c>,
    keep: impl Fn(&RoleGroup) -> bool,
) -> Result<Vec<Value<'c>>, CannotCheck> {
    let entitlements = context.entitlements()?;
    let directory = &context.federation.directory;
    let mut found = Distinct::default();
    for mapped in entitlements.role_groups.mapped.iter().filter(|mapped| keep(mapped)) {
        let (text, origin) = (&*mapped.value, Origin::Group(mapped.group));
        let pair = mapped.pair.as_ref().ok();
        let label = Label::new(Place::NOWHERE, "");
        found.add(Value { text, origin, label, pair, count: 0 });
    }
    if !entitlements.mapping.maps_groups() {
        let stated = directory.assignments();
        let users = stated.user_roles.iter().map(|row| (row.1, row.2));
        let groups = stated.group_roles.iter().map(|row| (row.1, row.2));
        for (text, place) in users.chain(groups) {
            let text = directory.text(text);
            let label = Label::new(place, "").mark(text);
            found.add(Value { text, origin: Origin::SamlRoles, label, pair: None, count: 0 });
        }
    }
    let mut values = found.values;
    values.sort_unstable_by_key(|value| value.text);
    let app = context.federation.app.as_ref();
    let single = app.and_then(|app| app.identity_provider_arn.as_ref());
    values.extend(single.filter(|setting| !setting.value.trim().is_empty()).map(|setting| Value {
        text: &setting.value,
        origin: Origin::IdentityProvider,
        label: Label::new(setting.place, "").mark(&*setting.value),
        pair: None,
        count: 1,
    }));
    Ok(values)
}

/// Those of captured sign-ins.
fn of_captures<'c>(context: &Context<'c>) -> Vec<Value<'c>> {
    let mut found: BTreeMap<&str, Value<'c>> = BTreeMap::new();
    for sign_in in sign_ins(context) {
        for value in of_capture(&sign_in) {
            found.entry(value.text).or_insert(value).count += 1;
        }
    }
    found.into_values().collect()
}

/// Every value of one sign-in that is not empty, in its order.
fn of_capture<'c>(sign_in: &SignIn<'c>) -> impl Iterator<Item = Value<'c>> {
    let (captured, roles) = (sign_in.captured, &sign_in.aws.roles);
    let origin = Origin::Captured { has_others: roles.iter().any(|role| role.pair.is_ok()) };
    roles.iter().filter(|role| !role.text.value.trim().is_empty()).map(move |role| Value {
        text: &role.text.value,
        origin,
        label: captured.label(&role.text.at, ""),
        pair: None,
        count: 0,
    })
}

/// The findings that a question about each value that looks like ARNs gives.
fn ask(
    context: &Context<'_>,
    question: impl Fn(&Value<'_>, &RoleValue<'_>) -> Option<Finding>,
) -> Result<Vec<Finding>, CannotCheck> {
    // A pair that reads is right in all that is asked here.
    let values = values(context, |mapped| mapped.pair.is_err())?;
    let read = values.iter().map(|value| (value, value.read()));
    // A bare name of a role is fine in `samlRoles`, and is not read here.
    let arns = read.filter(|(value, read)| value.origin != Origin::SamlRoles || read.has_arn());
    Ok(arns.filter_map(|(value, read)| question(value, &read)).collect())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::mapping::group_filter::MatchMode;
    use crate::rules::mapping::tests::all_found;

    const ROLE: &str = "arn:aws:iam::418830275916:role/Admin";
    const PROVIDER: &str = "arn:aws:iam::418830275916:saml-provider/OKTA";

    fn app(pattern: &str) -> (&'static str, String) {
        let filter = r"^aws\\#[^\\#\\s]+\\#(?{{role}}[\\w\\-]{1,64})\\#(?{{accountid}}\\d{12})$";
        let text = format!(
            r#"{{"appFilter": "okta", "groupFilter": "{filter}", "roleValuePattern": "{pattern}", "useGroupMapping": true}}"#
        );
        ("okta_app.json", text)
    }

    fn groups(count: usize) -> (&'static str, String) {
        let mut text = "group,member,member_type\n".to_owned();
        for number in 0..count {
            writeln!(text, "aws#kestrel-prod#Role-{number}#418830275916,mira,user").unwrap();
        }
        ("groups.csv", text)
    }

    fn saml_roles(values: &[&str]) -> [(&'static str, String); 2] {
        let app = r#"{"appFilter": "okta", "groupFilter": "aws_(?{{accountid}}\\d+)_(?{{role}}[a-zA-Z0-9+=,.@\\-_]+)", "useGroupMapping": false, "identityProviderArn": "arn:aws:iam::418830275916:saml-provider/OKTA"}"#;
        let values: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
        let values = values.join(", ");
        let text = format!(
            r#"[{{"id": "00g00000000000000001", "priority": 0, "profile": {{"role": null, "samlRoles": [{values}]}}}}]"#
        );
        [("okta_app.json", app.to_owned()), ("okta_app_groups.json", text)]
    }

    #[test]
    fn a_pattern_that_is_wrong_gives_one_finding_and_not_one_a_group() {
        for (pattern, rule) in [
            (
                "arn:aws:iam::${accountid}:role/x,arn:aws:iam::${accountid}:role/${role}",
                "mapping/invalid-role-value: ",
            ),
            (
                "arn:aws:iam::${accountid}:saml-provider/[SAML Provider Name],arn:aws:iam::${accountid}:role/${role}",
                "mapping/placeholder-literal: ",
            ),
            (
                "arn:aws:iam::$${accountid}:saml-provider/OKTA,arn:aws:iam::$${accountid}:role/$${role}",
                "mapping/iac-escaping: ",
            ),
            (
                "arn:aws:iam::${account}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}",
                "mapping/invalid-role-value: ",
            ),
        ] {
            let found = all_found(&[app(pattern), groups(6)], MatchMode::Find);
            let [one] = found.as_slice() else { panic!("{pattern}: {found:?}") };
            assert!(one.starts_with(rule), "{one}");
        }
    }

    #[test]
    fn where_no_role_has_the_pattern_s_path_the_pattern_is_reported() {
        let roles: Vec<String> = (0..5)
            .map(|n| format!(r#"{{"Path": "/teams/", "RoleName": "Role-{n}", "Arn": "arn:aws:iam::418830275916:role/teams/Role-{n}"}}"#))
            .collect();
        let roles = ("roles.json", format!(r#"{{"Roles": [{}]}}"#, roles.join(", ")));
        let pattern = crate::mapping::role_value::DEFAULT_ROLE_VALUE_PATTERN;
        let found = all_found(&[app(pattern), groups(5), roles], MatchMode::Find);
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert!(one.contains("none of 5 mapped roles has"), "{one}");
    }

    #[test]
    fn a_value_that_an_assignment_has_twice_and_a_reserved_bare_role_are_found() {
        let pair = format!("{PROVIDER},{ROLE}");
        let turned = format!("{ROLE},{PROVIDER}");
        let files = saml_roles(&[&pair, &turned, "AWSReservedSSO_Admin_1", "Admin"]);
        let found = all_found(&files, MatchMode::Find);
        let rules: Vec<&str> = found.iter().filter_map(|found| found.split(": ").next()).collect();
        assert_eq!(
            rules,
            ["arn/reserved-role", "arn/duplicate-pair", "arn/role-first"],
            "{found:?}"
        );
    }
}
