//! `mapping`: the Okta app's settings that turn groups into roles.

mod acs_override;
mod backtracking_risk;
mod conflicting_provider;
mod filter_beyond_convention;
mod find_match_divergence;
mod group_mapping_off;
mod iac_escaping;
mod idle_app_filter;
mod invalid_filter;
mod invalid_role_value;
mod join_all_roles;
mod loose_account_digits;
mod missing_capture;
mod mixed_trust_sources;
mod open_app_filter;
mod overlapping_separator;
mod partition_mismatch;
mod placeholder_literal;
mod rogue_name_witness;
mod role_class_mismatch;
mod session_duration;
mod unanchored_filter;
mod unknown_provider;

use std::ops::Range;

use super::{CannotCheck, Context, Rule};
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::role_group::RoleGroup;
use crate::finding::{Finding, FixHint, Label, Quoted, RuleInfo};
use crate::mapping::analysis::Analysis;
use crate::mapping::role_value::RoleValuePattern;
use crate::model::account::AccountId;
use crate::model::app::OktaApp;
use crate::model::arn::{ArnPair, ArnPairError};
use crate::model::aws::Account;
use crate::text::Place;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[
    &acs_override::RULE,
    &backtracking_risk::RULE,
    &conflicting_provider::RULE,
    &filter_beyond_convention::RULE,
    &find_match_divergence::RULE,
    &group_mapping_off::RULE,
    &iac_escaping::RULE,
    &idle_app_filter::RULE,
    &invalid_filter::RULE,
    &invalid_role_value::RULE,
    &join_all_roles::RULE,
    &loose_account_digits::RULE,
    &missing_capture::RULE,
    &mixed_trust_sources::RULE,
    &open_app_filter::RULE,
    &overlapping_separator::RULE,
    &partition_mismatch::RULE,
    &placeholder_literal::RULE,
    &rogue_name_witness::RULE,
    &role_class_mismatch::RULE,
    &session_duration::RULE,
    &unanchored_filter::RULE,
    &unknown_provider::RULE,
];

/// Okta's guide to the settings.
const GUIDE: &str =
    "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-enable-role-based.htm";
/// Okta's guide to many accounts by groups.
const GROUPS: &str = "https://help.okta.com/en/prod/Content/Topics/DeploymentGuides/AWS/connect-okta-multiple-aws-groups.htm";
/// Java's patterns.
const JAVA: &str =
    "https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/regex/Pattern.html";
/// AWS's page on the attributes of an assertion.
const ASSERTIONS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html";

/// Subject of everything about the Group Filter.
pub(super) const GROUP_FILTER: &str = "groupFilter";
/// Subject of everything about the Role Value Pattern.
pub(super) const ROLE_VALUE_PATTERN: &str = "roleValuePattern";
/// Subject of everything about the App Filter.
const APP_FILTER: &str = "appFilter";

/// The account of [`sample`].
pub(super) const SAMPLE_ACCOUNT: &str = "123456789012";

/// Rules that say why nothing else about the filter is worth saying.
const BROKEN_FILTER: &[&str] = &["mapping/iac-escaping", "mapping/missing-capture"];

/// The app's settings as exported.
fn app<'c>(context: &Context<'c>) -> Result<&'c OktaApp, CannotCheck> {
    let none = || CannotCheck("no Okta AWS app export was given, expected one".to_owned());
    context.federation.app.as_ref().ok_or_else(none)
}

/// The Group Filter, to be reasoned on.
fn analysis<'c>(entitlements: &'c Entitlements<'c>) -> Result<Analysis<'c>, CannotCheck> {
    let mapping = entitlements.mapping;
    Analysis::new(&mapping.filter, mapping.mode).map_err(|why| CannotCheck(why.to_string()))
}

/// A finding about the Group Filter, or a part of it.
fn about_filter(
    info: &RuleInfo,
    entitlements: &Entitlements<'_>,
    part: Option<Range<usize>>,
    message: String,
) -> Finding {
    let mapping = entitlements.mapping;
    let label = Label::new(mapping.places.filter, "");
    let at = match part {
        Some(part) => label.mark_part(mapping.filter.text(), part),
        None => label.mark(mapping.filter.text()),
    };
    Finding::new(info, GROUP_FILTER, message).at(at)
}

/// A finding about the Role Value Pattern.
fn about_pattern(info: &RuleInfo, entitlements: &Entitlements<'_>, message: String) -> Finding {
    let mapping = entitlements.mapping;
    let at = Label::new(mapping.places.pattern, "").mark(mapping.pattern.text());
    Finding::new(info, ROLE_VALUE_PATTERN, message).at(at)
}

/// A finding about the App Filter.
fn about_app_filter(info: &RuleInfo, entitlements: &Entitlements<'_>, message: String) -> Finding {
    Finding::new(info, APP_FILTER, message)
        .at(Label::new(entitlements.mapping.places.app_filter, ""))
}

/// The finding with another value for a setting, where an export of the app sets it.
fn with_setting(
    finding: Finding,
    setting: &'static str,
    at: Place,
    (from, to): (&str, &str),
) -> Finding {
    if at == Place::NOWHERE {
        return finding;
    }
    finding.fix(FixHint::SetSetting { setting, at, from: from.to_owned(), to: to.to_owned() })
}

/// The finding with a pattern that names another provider, where every account it is sent for has that one.
pub(super) fn with_provider(
    finding: Finding,
    entitlements: &Entitlements<'_>,
    (from, to): (&str, &str),
    listed: &[(&AccountId, &Account)],
) -> Finding {
    let mapping = entitlements.mapping;
    let pattern = mapping.pattern.text();
    let named = format!(":saml-provider/{from}");
    let mut parts = pattern.split(&named);
    let (Some(before), Some(after), None) = (parts.next(), parts.next(), parts.next()) else {
        return finding;
    };
    let everywhere = listed.iter().all(|(_, account)| account.provider(to).is_some());
    if !everywhere || !(after.is_empty() || after.starts_with(',')) {
        return finding;
    }
    let mended = format!("{before}:saml-provider/{to}{after}");
    with_setting(finding, ROLE_VALUE_PATTERN, mapping.places.pattern, (pattern, &mended))
}

/// The names of some role groups.
fn names<'e>(
    entitlements: &'e Entitlements<'_>,
    groups: impl IntoIterator<Item = &'e RoleGroup>,
) -> Vec<&'e str> {
    let directory = &entitlements.federation.directory;
    groups.into_iter().map(|mapped| directory.group_name(mapped.group)).collect()
}

/// Up to three of some values, and how many more there are.
pub(super) fn some_of<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown: Vec<String> = names.iter().take(3).map(|name| Quoted(name).to_string()).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(3) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A number of things: `1 group`, `2 groups`.
fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// The pair a pattern gives a legal role of a legal account.
pub(super) fn sample(pattern: &RoleValuePattern) -> Result<ArnPair, ArnPairError> {
    pattern.pair("Role", SAMPLE_ACCOUNT)
}

/// Whether two names are the same but for case, `-`, `_` and spaces.
pub(super) fn alike(a: &str, b: &str) -> bool {
    let bare = |text: &str| -> String {
        let kept = text.chars().filter(|c| !matches!(c, '-' | '_' | ' ' | '.'));
        kept.flat_map(char::to_lowercase).collect()
    };
    bare(a) == bare(b)
}

/// Whether two names differ by no more than two characters at one place.
pub(super) fn almost(a: &str, b: &str) -> bool {
    let same = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b): (Vec<char>, Vec<char>) =
        (a.chars().skip(same).collect(), b.chars().skip(same).collect());
    let back = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(x, y)| x == y).count();
    let left = rest_a.len().max(rest_b.len()) - back;
    left <= 2 && same + back > left
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::entitlement::resolve::Entitlements;
    use crate::mapping::group_filter::MatchMode;
    use crate::mapping::settings::{Mapping, Overrides};
    use crate::model::federation::Federation;
    use crate::rules::settings::Settings;
    use crate::rules::{all, run};
    use crate::sources::input::{Input, SourceOptions};
    use crate::sources::load::load;
    use crate::text::Sourced;

    fn set<T>(value: T) -> Sourced<T> {
        Sourced { value, place: Place(1) }
    }

    /// What the rules of `arn` and `mapping` find, as `id: message`.
    pub(in crate::rules) fn all_found(files: &[(&str, String)], mode: MatchMode) -> Vec<String> {
        let input = |(name, text): &(&str, String)| {
            let bytes = text.clone().into_bytes();
            Input {
                name: (*name).to_owned(),
                open: Box::new(move || Ok(Box::new(std::io::Cursor::new(bytes.clone())))),
                found: false,
                options: SourceOptions::default(),
            }
        };
        let loaded = load(files.iter().map(input).collect());
        assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
        let overrides = Overrides { mode, ..Overrides::default() };
        let mapping = Mapping::new(loaded.federation.app.as_ref(), &overrides).unwrap();
        let settings = Settings::default();
        let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
        let context = Context::new(&loaded.federation, Ok(&entitlements), &settings);
        let rules = all().filter(|rule| {
            rule.info.id.starts_with("arn/") || rule.info.id.starts_with("mapping/")
        });
        let outcome = run(rules, &context);
        outcome.findings.iter().map(|found| format!("{}: {}", found.rule, found.message)).collect()
    }

    /// What one rule finds about an app and no groups.
    pub(super) fn found(rule: &Rule, app: OktaApp) -> Result<Vec<Finding>, CannotCheck> {
        let federation = Federation { app: Some(app), ..Federation::default() };
        let mapping = Mapping::new(federation.app.as_ref(), &Overrides::default());
        let entitlements = mapping.as_ref().map(|m| Entitlements::resolve(&federation, m));
        let settings = Settings::default();
        let context =
            Context::new(&federation, entitlements.as_ref().map_err(|error| *error), &settings);
        (rule.check)(&context)
    }

    /// The messages of what it finds; why not, if it cannot be checked.
    pub(super) fn messages(rule: &Rule, app: OktaApp) -> Vec<String> {
        match found(rule, app) {
            Ok(found) => found.into_iter().map(|finding| finding.message).collect(),
            Err(why) => vec![format!("not checked: {why}")],
        }
    }

    /// The guide's settings.
    pub(super) fn guide() -> OktaApp {
        OktaApp {
            app_filter: Some(set("active_directory".to_owned())),
            group_filter: Some(set(
                r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$".to_owned()
            )),
            role_value_pattern: Some(set(
                crate::mapping::role_value::DEFAULT_ROLE_VALUE_PATTERN.to_owned()
            )),
            use_group_mapping: Some(set(true)),
            ..OktaApp::default()
        }
    }

    /// The guide's settings with another filter.
    pub(super) fn with_filter(filter: &str) -> OktaApp {
        OktaApp { group_filter: Some(set(filter.to_owned())), ..guide() }
    }

    /// The guide's settings with another pattern.
    pub(super) fn with_pattern(pattern: &str) -> OktaApp {
        OktaApp { role_value_pattern: Some(set(pattern.to_owned())), ..guide() }
    }

    #[test]
    fn more_than_three_names_are_counted() {
        assert_eq!(some_of(["a", "b"]), "`a`, `b`");
        assert_eq!(some_of(["a", "b", "c", "d", "e"]), "`a`, `b`, `c` and 2 more");
    }

    #[test]
    fn names_are_almost_the_same_with_one_place_of_two_characters_between_them() {
        assert!(almost("OKTA-Prod", "OKTA-Pord") && almost("OKTA", "OKTA1"));
        assert!(!almost("OKTA", "Backup") && !almost("A", "B") && !almost("OKTA", "OKTA-SSO"));
    }

    #[test]
    fn look_arounds_are_said_not_to_be_decided() {
        let app = with_filter(r"^(?=aws)(?{{role}}\w+)_(?{{accountid}}\d+)$");
        for rule in [&unanchored_filter::RULE, &loose_account_digits::RULE] {
            let [message] = messages(rule, app.clone()).try_into().unwrap();
            assert!(message.ends_with("the Group Filter looks around"), "{message}");
        }
    }

    #[test]
    fn where_the_project_says_full_match_groups_that_only_find_would_map_are_named() {
        let app = r#"{"appFilter": "okta", "groupFilter": "aws_(?{{accountid}}\\d{12})_(?{{role}}[a-z]+)", "useGroupMapping": true}"#;
        let groups = "group,member,member_type\naws_418830275916_audit,mira,user\naws_418830275916_ops!,mira,user\n";
        let files = [("okta_app.json", app.to_owned()), ("groups.csv", groups.to_owned())];
        assert_eq!(
            all_found(&files, MatchMode::Full),
            [
                "mapping/find-match-divergence: find and full match of the Group Filter disagree on 1 group: `aws_418830275916_ops!`"
            ]
        );
        let found = all_found(&files, MatchMode::Find);
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert!(one.starts_with("mapping/unanchored-filter: "), "{one}");
    }
}
