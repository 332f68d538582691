//! `trust`: the trust policies of roles that SAML providers may assume.

mod deny_shadows_allow;
mod foreign_partition_audience;
mod foreign_provider;
mod impossible_audience;
mod incomplete_regions;
mod invalid_grammar;
mod literal_variable;
mod malformed_principal;
mod missing_source_identity;
mod missing_tag_session;
mod mixed_principals;
mod name_filter;
mod no_audience;
mod open_audience;
mod other_doors;
mod prohibited_element;
mod public_principal;
mod session_too_long;
mod several_providers;
mod size;
mod unknown_condition_key;
mod unknown_operator;
mod unknown_provider;
mod unset_multivalue;
mod vacuous_condition;
mod weak_for_tier;
mod wildcard_action;
mod wrong_action;

use std::ops::Range;

use super::mapping::some_of;
use super::settings::Settings;
use super::{Against, CannotCheck, Context, Outcome, Rule, run_against};
use crate::entitlement::role_policies::{
    ASSUME_WITH_SAML, AlikeRoles, Document, RolePolicy, TrustedProvider, trusted_providers,
};
use crate::finding::{Finding, FixHint, Label, PolicyOwner, Quoted, RuleInfo};
use crate::mapping::settings::MappingError;
use crate::model::account::Partition;
use crate::model::app::OktaApp;
use crate::model::arn::{RoleArn, SamlProviderArn, is_reserved_role};
use crate::model::aws::{PolicyDocument, Role};
use crate::model::declared::{HOLE, has_hole};
use crate::model::federation::Federation;
use crate::text::{Place, SourceMap};
use crate::trust::{Condition, Effect, Federated, Statement, TrustPolicy};

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[
    &deny_shadows_allow::RULE,
    &foreign_partition_audience::RULE,
    &foreign_provider::RULE,
    &impossible_audience::RULE,
    &incomplete_regions::RULE,
    &invalid_grammar::RULE,
    &literal_variable::RULE,
    &malformed_principal::RULE,
    &missing_source_identity::RULE,
    &missing_tag_session::RULE,
    &mixed_principals::RULE,
    &name_filter::RULE,
    &no_audience::RULE,
    &open_audience::RULE,
    &other_doors::RULE,
    &prohibited_element::RULE,
    &public_principal::RULE,
    &session_too_long::RULE,
    &several_providers::RULE,
    &size::RULE,
    &unknown_condition_key::RULE,
    &unknown_operator::RULE,
    &unknown_provider::RULE,
    &unset_multivalue::RULE,
    &vacuous_condition::RULE,
    &weak_for_tier::RULE,
    &wildcard_action::RULE,
    &wrong_action::RULE,
];

/// AWS's page on roles for SAML.
const FOR_SAML: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_saml.html";
/// AWS's list of condition keys of identity providers.
const KEYS: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html";
/// AWS's page on condition operators.
const OPERATORS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html";
/// AWS's page on keys of several values.
const MULTIVALUED: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html";
/// AWS's page on principals.
const PRINCIPALS: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html";
/// AWS's grammar of policies.
const GRAMMAR: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html";
/// AWS's page on variables in policies.
const VARIABLES: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html";
/// AWS's page on session tags.
const SESSION_TAGS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html";
/// AWS's page on what goes wrong with SAML.
const TROUBLE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html";
/// AWS's list of sign-in endpoints.
const ENDPOINTS: &str = "https://docs.aws.amazon.com/general/latest/gr/signin-service.html";
/// AWS's checks of policies.
const CHECKS: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html";
/// AWS's quotas.
const QUOTAS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";
/// AWS's page on the source identity.
const SOURCE_IDENTITY: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html";

/// Action that session tags need.
const TAG_SESSION: &str = "sts:TagSession";
/// Action that a source identity needs.
const SET_SOURCE_IDENTITY: &str = "sts:SetSourceIdentity";

/// What the rules about trust policies say of one document, as the trust policy of a role about whose
/// account nothing else is known.
pub fn review_policy(
    json: &str,
    role: &RoleArn,
    settings: &Settings,
    (against, sources): (Against<'_>, &SourceMap),
) -> Outcome {
    let mut federation = Federation { sources: sources.clone(), ..Federation::default() };
    let account = federation.accounts.entry(role.account);
    account.partition = Some(role.partition);
    account.roles.push(Role {
        name: role.name.clone(),
        path: role.path.clone(),
        trust_policy: Some(PolicyDocument::new(json, Place::NOWHERE)),
        max_session_duration: None,
        place: Place::NOWHERE,
    });
    let no_app = MappingError::NoFilter;
    let context = Context::new(&federation, Err(&no_app), settings);
    run_against(RULES.iter().copied(), &context, against).0
}

/// Roles with one trust policy that reads, about SAML.
#[derive(Debug, Clone, Copy)]
struct Roles<'a> {
    alike: &'a AlikeRoles<'a>,
    document: &'a Document,
    policy: &'a TrustPolicy,
}

/// Every trust policy about SAML, of roles that somebody can change.
fn documents<'a>(
    context: &'a Context<'_>,
) -> Result<impl Iterator<Item = &'a AlikeRoles<'a>>, CannotCheck> {
    let policies = context.policies();
    if policies.is_empty() {
        return Err(CannotCheck("no export carries trust policies of roles".to_owned()));
    }
    let reserved = |alike: &AlikeRoles<'_>| alike.first.name.is_some_and(is_reserved_role);
    Ok(policies.alike().filter(move |alike| alike.document.is_saml && !reserved(alike)))
}

/// Every trust policy about SAML that reads.
fn roles<'a>(context: &'a Context<'_>) -> Result<impl Iterator<Item = Roles<'a>>, CannotCheck> {
    Ok(documents(context)?.filter_map(|alike| {
        let document = &alike.document;
        Some(Roles { alike, document, policy: document.policy.as_ref().ok()? })
    }))
}

/// What a question about each Allow statement for SAML providers gives.
fn ask<F: IntoIterator<Item = Finding>>(
    context: &Context<'_>,
    question: impl Fn(&Spot<'_>) -> F,
) -> Result<Vec<Finding>, CannotCheck> {
    Ok(roles(context)?.flat_map(Roles::allowing).flat_map(|spot| question(&spot)).collect())
}

/// What a question about each condition of statements about SAML, allowing and denying, gives.
fn ask_conditions<F: IntoIterator<Item = Finding>>(
    context: &Context<'_>,
    question: impl Fn(&Spot<'_>, &Condition) -> F,
) -> Result<Vec<Finding>, CannotCheck> {
    let mut found = Vec::new();
    for roles in roles(context)? {
        for spot in roles.allowing().into_iter().chain(roles.denying()) {
            for condition in &spot.statement.conditions {
                if !has_hole(&condition.key) {
                    found.extend(question(&spot, condition));
                }
            }
        }
    }
    Ok(found)
}

impl<'a> Roles<'a> {
    /// The Allow statements that trust SAML providers.
    fn allowing(self) -> Vec<Spot<'a>> {
        let all = self.policy.statements.iter().enumerate();
        all.map(|(number, statement)| Spot {
            roles: self,
            number,
            statement,
            providers: trusted_providers(statement),
        })
        .filter(|spot| !spot.providers.is_empty())
        .collect()
    }

    /// The Deny statements that are about signing in with SAML.
    fn denying(self) -> Vec<Spot<'a>> {
        let about = |statement: &Statement| {
            let mut named = statement.principals();
            statement.effect == Effect::Deny
                && statement.refused_text().is_none()
                && statement.covers_action(ASSUME_WITH_SAML)
                && named.any(|named| named.everybody || named.names_saml_provider())
        };
        let all = self.policy.statements.iter().enumerate();
        all.filter(|(_, statement)| about(statement))
            .map(|(number, statement)| Spot {
                roles: self,
                number,
                statement,
                providers: Vec::new(),
            })
            .collect()
    }

    /// The Allow statements that let SAML providers sign users in.
    fn signing_in(self) -> Vec<Spot<'a>> {
        let mut spots = self.allowing();
        spots.retain(|spot| spot.statement.covers_action(ASSUME_WITH_SAML));
        spots
    }

    /// Whether a statement cannot be read: what no other statement says, it may.
    fn has_unread(self) -> bool {
        self.document.has_holes
            || self.policy.statements.iter().any(|one| one.refused_text().is_some())
    }

    /// The partition of the roles, where it is known.
    fn partition(self) -> Option<Partition> {
        self.alike.first.partition
    }

    /// A finding about the policy as a whole.
    fn finding(self, info: &RuleInfo, at: At<'_>, message: String, help: &str) -> Finding {
        let within = 0..self.alike.first.document.json.len();
        about(&About { alike: self.alike, info, at, within }, message, help)
    }
}

/// What a finding points at: a value of the policy.
#[derive(Debug, Clone, Copy, Default)]
struct At<'v> {
    value: &'v str,
}

impl<'v> At<'v> {
    const fn value(value: &'v str) -> Self {
        Self { value }
    }
}

/// The string that begins at a byte of a document; empty where another element does.
fn word_at(json: &str, at: usize) -> String {
    let text = json.get(at..).filter(|text| text.starts_with('"')).unwrap_or_default();
    let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
    strings.next().and_then(Result::ok).unwrap_or_default()
}

/// The value that stands for a condition in its document: the first.
fn first_value(condition: &Condition) -> At<'_> {
    At::value(condition.values.first().map_or("", |wanted| wanted.text.as_str()))
}

/// What a sentence calls roles that are alike.
fn named(role: &RolePolicy<'_>) -> String {
    match (role.declared, role.name) {
        (Some((by, address)), _) => format!("role {} of the {by}", Quoted(address)),
        (None, name) => format!("role {}", Quoted(name.unwrap_or_default())),
    }
}

/// What a finding is about.
struct About<'a> {
    alike: &'a AlikeRoles<'a>,
    info: &'a RuleInfo,
    at: At<'a>,
    /// The bytes of the policy in which the value is looked for.
    within: Range<usize>,
}

/// The line of a value in some bytes of a role's policy, or the line of the bytes.
fn place_of(role: &RolePolicy<'_>, within: Range<usize>, value: &str) -> Place {
    let document = role.document;
    if value.is_empty() && within.start == 0 {
        return document.place;
    }
    let text = document.json.get(within.clone()).unwrap_or_default();
    let quoted = serde_json::to_string(value).unwrap_or_default();
    document.place_of(within.start + text.find(&quoted).unwrap_or(0))
}

/// A finding about the trust policy of roles that are alike.
fn about(about: &About<'_>, message: String, help: &str) -> Finding {
    let &About { alike, info, at, ref within } = about;
    let place = place_of(&alike.first, within.clone(), at.value);
    let label = Label::new(place, "").mark(at.value);
    // What is not known before deployment is no character that anybody can read.
    let shown = |text: String| if has_hole(&text) { text.replace(HOLE, "…") } else { text };
    let mut finding = Finding::new(info, alike.first.identity(), shown(message))
        .at(label)
        .help(shown(help.to_owned()));
    finding.also = alike.others.iter().map(RolePolicy::identity).collect();
    with_others(finding, alike.others.iter())
}

/// Says which other accounts have the same.
fn with_others<'r>(finding: Finding, others: impl Iterator<Item = &'r RolePolicy<'r>>) -> Finding {
    let accounts: Vec<String> =
        others.filter_map(|role| role.account).map(|account| account.to_string()).collect();
    match accounts.len() {
        0 => finding,
        1 => finding
            .help(format!("account {} has the same", some_of(accounts.iter().map(String::as_str)))),
        many => finding.help(format!(
            "{many} more accounts have the same: {}",
            some_of(accounts.iter().map(String::as_str))
        )),
    }
}

/// A statement of roles that are alike.
#[derive(Debug, Clone)]
struct Spot<'a> {
    roles: Roles<'a>,
    number: usize,
    statement: &'a Statement,
    /// The SAML providers it trusts; none for a Deny.
    providers: Vec<TrustedProvider<'a>>,
}

impl<'a> Spot<'a> {
    /// What a sentence calls it: ``statement 2 (`Sid`) of role `Admin` ``.
    fn named(&self) -> String {
        let role = named(&self.roles.alike.first);
        match self.statement.sid.as_deref().filter(|sid| !sid.is_empty()) {
            Some(sid) => format!("statement {} ({}) of {role}", self.number + 1, Quoted(sid)),
            None => format!("statement {} of {role}", self.number + 1),
        }
    }

    /// Identity of the statement.
    fn subject(&self) -> String {
        subject_of(&self.roles.alike.first, self.number)
    }

    /// A finding about it.
    fn finding(&self, info: &RuleInfo, at: At<'_>, message: String, help: &str) -> Finding {
        let within = self.statement.span();
        let mut finding =
            about(&About { alike: self.roles.alike, info, at, within }, message, help);
        finding.also.push(std::mem::replace(&mut finding.subject, self.subject()));
        finding
    }

    /// The finding with another value in the statement, where the one there stands once.
    fn with_value(&self, finding: Finding, from: &str, to: &str) -> Finding {
        let (role, span) = (&self.roles.alike.first, self.statement.span());
        let json = &*role.document.json;
        let (Ok(old), Ok(new)) = (serde_json::to_string(from), serde_json::to_string(to)) else {
            return finding;
        };
        let (Some(before), Some(text), Some(after)) =
            (json.get(..span.start), json.get(span.clone()), json.get(span.end..))
        else {
            return finding;
        };
        if text.matches(&old).count() != 1 {
            return finding;
        }
        let policy = format!("{before}{}{after}", text.replacen(&old, &new, 1));
        let name = match (role.declared, role.name) {
            (Some((_, address)), _) => address,
            (None, name) => name.unwrap_or_default(),
        };
        finding.fix(FixHint::ReplaceInPolicy {
            role: PolicyOwner {
                name: name.to_owned(),
                account: role.account.map(|account| account.to_string()),
            },
            at: place_of(role, span, from),
            from: from.to_owned(),
            to: to.to_owned(),
            policy: (!has_hole(&policy)).then_some(policy),
        })
    }

    /// Whether it lets providers sign users in.
    fn signs_in(&self) -> bool {
        self.statement.effect == Effect::Allow && self.statement.covers_action(ASSUME_WITH_SAML)
    }

    /// The providers whose ARNs read.
    fn arns(&self) -> impl Iterator<Item = (&SamlProviderArn, &'a str)> {
        self.providers.iter().filter_map(|provider| match &provider.what {
            Federated::Saml(Ok(arn)) => Some((arn, provider.text)),
            _ => None,
        })
    }
}

/// Identity of a statement of a role.
fn subject_of(role: &RolePolicy<'_>, number: usize) -> String {
    format!("{} statement {}", role.identity(), number + 1)
}

/// The name nearest to another: equal but for case and punctuation, else with one slip.
fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str> + Clone) -> Option<&'n str> {
    let alike = known.clone().find(|other| super::mapping::alike(other, name));
    alike.or_else(|| {
        let mut known = known;
        known.find(|other| super::mapping::almost(&other.to_lowercase(), &name.to_lowercase()))
    })
}

/// The attributes that the app adds, or why they are not known.
fn attributes<'a>(context: &'a Context<'_>) -> Result<(&'a OktaApp, Vec<&'a str>), CannotCheck> {
    let app = context.federation.app.as_ref();
    let app = app.ok_or_else(|| CannotCheck("no export carries the Okta app".to_owned()))?;
    let statements = app.attribute_statements.as_deref().ok_or_else(|| {
        CannotCheck("the app's export does not carry its attribute statements".to_owned())
    })?;
    Ok((app, statements.iter().map(|one| one.value.name.as_str()).collect()))
}

/// Whether a provider is the one that the app's Role Value Pattern names.
fn is_the_apps(context: &Context<'_>, provider: &SamlProviderArn) -> bool {
    let Ok(entitlements) = context.entitlements else { return false };
    let pattern = entitlements.mapping.pattern.pair("Role", provider.account.as_str());
    pattern.is_ok_and(|pair| pair.provider.name == provider.name)
}

/// Names of attributes begin with this.
const ATTRIBUTE: &str = "https://aws.amazon.com/SAML/Attributes/";

/// Where the app's attribute statement of a name that begins so stands, with the name.
fn sent_attribute<'a>(app: &'a OktaApp, name: &str) -> Option<(&'a str, Place)> {
    let statements = app.attribute_statements.iter().flatten();
    let mut names = statements.map(|one| (one.value.name.as_str(), one.place));
    names.find(|(own, _)| own.strip_prefix(ATTRIBUTE).is_some_and(|rest| rest.starts_with(name)))
}

/// What is said where the app sends an attribute that needs an action, and a policy lets one of the app's
/// users in without it.
fn needs_action(
    context: &Context<'_>,
    info: &RuleInfo,
    attribute: &str,
    action: &str,
) -> Result<Vec<Finding>, CannotCheck> {
    let (app, _) = attributes(context)?;
    let Some((name, place)) = sent_attribute(app, attribute) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for roles in roles(context)?.filter(|roles| !roles.has_unread()) {
        let without = roles.signing_in().into_iter().find_map(|spot| {
            let text = spot.arns().find(|(arn, text)| {
                is_the_apps(context, arn) && !allows(roles.policy, text, action)
            });
            text.map(|(_, text)| text.to_owned())
        });
        let Some(text) = without else { continue };
        let message = format!(
            "the app sends {}, and no statement of {} allows `{action}`",
            Quoted(name),
            named(&roles.alike.first)
        );
        let help = format!("add `{action}` beside `{ASSUME_WITH_SAML}`");
        found.push(
            roles
                .finding(info, At::value(&text), message, &help)
                .related(Label::new(place, "the attribute").mark(name)),
        );
    }
    Ok(found)
}

/// Whether some Allow statement gives a principal an action, whatever its conditions.
fn allows(policy: &TrustPolicy, principal: &str, action: &str) -> bool {
    policy.statements.iter().any(|statement| {
        statement.effect == Effect::Allow
            && statement.refused_text().is_none()
            && statement.covers_principal(principal)
            && statement.covers_action(action)
    })
}
