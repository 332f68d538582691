//! `assertion`: what captured sign-ins say to AWS.

mod duplicate_attribute;
mod illegal_session_name;
mod illegal_source_identity;
mod in_response_to;
mod issuer;
mod joined_values;
mod name_id_format;
mod no_name_id;
mod no_role;
mod no_session_name;
mod outside_window;
mod redirected;
mod session_duration;
mod several_assertions;
mod shared_session_name;
mod size;
mod status;
mod subject_confirmation;
mod tag_limits;
mod wrong_audience;
mod wrong_recipient;

use super::{CannotCheck, Context, Rule};
use crate::entitlement::captures::{Captured, Said};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Label, RuleInfo};
use crate::model::account::Partition;
use crate::saml::aws::SignInAttributes;
use crate::saml::response::Assertion;
use crate::saml::xml::Spot;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[
    &duplicate_attribute::RULE,
    &illegal_session_name::RULE,
    &illegal_source_identity::RULE,
    &in_response_to::RULE,
    &issuer::RULE,
    &joined_values::RULE,
    &name_id_format::RULE,
    &no_name_id::RULE,
    &no_role::RULE,
    &no_session_name::RULE,
    &outside_window::RULE,
    &redirected::RULE,
    &session_duration::RULE,
    &several_assertions::RULE,
    &shared_session_name::RULE,
    &size::RULE,
    &status::RULE,
    &subject_confirmation::RULE,
    &tag_limits::RULE,
    &wrong_audience::RULE,
    &wrong_recipient::RULE,
];

/// IAM's guide on the attributes of assertions.
const ASSERTIONS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html";
/// IAM's guide on what goes wrong with SAML.
const TROUBLE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html";
/// The call behind a sign-in.
const CALL: &str =
    "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html";
/// The sign-in endpoints.
const ENDPOINTS: &str = "https://docs.aws.amazon.com/general/latest/gr/signin-service.html";
/// Session tags.
const SESSION_TAGS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html";
/// The standard's assertions and messages.
const CORE: &str = "https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf";
/// The standard's sign-in by browser.
const PROFILES: &str = "https://docs.oasis-open.org/security/saml/v2.0/saml-profiles-2.0-os.pdf";

/// A captured message with the one assertion that may be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignIn<'c> {
    /// The message.
    pub(super) captured: &'c Captured,
    /// All that it says.
    said: &'c Said,
    /// The assertion.
    assertion: &'c Assertion,
    /// What AWS reads in it.
    pub(super) aws: &'c SignInAttributes,
}

/// Messages that could be read, of those that were captured.
fn messages<'c>(
    context: &Context<'c>,
) -> Result<impl Iterator<Item = (&'c Captured, &'c Said)>, CannotCheck> {
    Ok(context.captured()?.iter().filter_map(Captured::said))
}

/// Sign-ins of those messages that were captured.
fn captured<'c>(context: &Context<'c>) -> Result<impl Iterator<Item = SignIn<'c>>, CannotCheck> {
    context.captured()?;
    Ok(sign_ins(context))
}

/// Messages with one assertion that may be read.
pub(super) fn sign_ins<'c>(context: &Context<'c>) -> impl Iterator<Item = SignIn<'c>> {
    context.captures.all.iter().filter_map(Captured::said).filter_map(|(captured, said)| {
        let (assertion, aws) = (said.assertion()?, said.aws.as_ref()?);
        Some(SignIn { captured, said, assertion, aws })
    })
}

/// A finding about a message, at a place of it.
fn finding(captured: &Captured, info: &RuleInfo, at: &Spot, message: String) -> Finding {
    Finding::new(info, &*captured.name, message).at(captured.label(at, ""))
}

/// The help that says what AWS answers.
pub(super) fn answer(refusal: Refusal) -> String {
    format!("then AWS says {refusal}")
}

impl<'c> SignIn<'c> {
    /// A finding about it, at a place of it.
    fn finding(&self, info: &RuleInfo, at: &Spot, message: String) -> Finding {
        finding(self.captured, info, at, message)
    }

    /// A place of it.
    fn label(&self, at: &Spot, message: &str) -> Label {
        self.captured.label(at, message)
    }

    /// The partition that it is for: the one asked for, that of its roles, or that of its endpoint.
    fn partition(&self, context: &Context<'_>) -> Partition {
        let of_roles = self.aws.pairs().map(|(role, _)| role.partition).next();
        let of_endpoint = || self.recipients().find_map(|one| Partition::of_sign_in(&one.value));
        context.captures.partition.or(of_roles).or_else(of_endpoint).unwrap_or(Partition::Aws)
    }

    /// Every `Recipient`.
    fn recipients(&self) -> impl Iterator<Item = &'c crate::saml::xml::Spotted<String>> {
        let subject = self.assertion.subject.iter();
        let confirmations = subject.flat_map(|subject| &subject.confirmations);
        confirmations.filter_map(|one| one.data.as_ref()?.recipient.as_ref())
    }
}
