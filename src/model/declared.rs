//! What infrastructure code declares: roles, SAML providers and Okta apps as templates, plans and states have
//! them. Not what is deployed; parts may be unknown until deployment.

use std::fmt;

use super::account::{AccountId, Partition};
use super::app::OktaApp;
use super::aws::PolicyDocument;
use crate::text::{Place, Sourced};

/// Stands in a text for each part that is not known before deployment; no policy may hold the character
/// itself. What a text with it says must not be called wrong.
pub const HOLE: char = '\u{E000}';

/// Whether part of a text is not known before deployment.
pub fn has_hole(text: &str) -> bool {
    text.contains(HOLE)
}

/// Everything that infrastructure code declares, in reading order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// IAM roles.
    pub roles: Vec<DeclaredRole>,
    /// SAML providers.
    pub providers: Vec<DeclaredProvider>,
    /// Okta AWS apps.
    pub apps: Vec<DeclaredApp>,
}

/// What kind of code declares something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeclaredBy {
    /// A CloudFormation template.
    CloudFormation,
    /// A Terraform plan: what will be.
    TerraformPlan,
    /// A Terraform state: what was when it was last applied.
    TerraformState,
    /// Terraform source files.
    TerraformSource,
}

impl fmt::Display for DeclaredBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CloudFormation => "CloudFormation template",
            Self::TerraformPlan => "Terraform plan",
            Self::TerraformState => "Terraform state",
            Self::TerraformSource => "Terraform source",
        })
    }
}

/// A value that may not be known before deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// The value.
    Value(T),
    /// Not known, and why: one clause, such as "parameter `Stage` has no value".
    Unknown(String),
}

impl<T> Known<T> {
    /// The value, where it is known.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

/// A role that code declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredRole {
    /// Kind of code.
    pub by: DeclaredBy,
    /// Logical id or address, such as `AdminRole` or `module.iam.aws_iam_role.admin`.
    pub address: String,
    /// The account it will stand in, where code, state or the user say so.
    pub account: Option<AccountId>,
    /// The partition, where it is known.
    pub partition: Option<Partition>,
    /// Its name, with no [`HOLE`].
    pub name: Known<String>,
    /// Its path, with both slashes.
    pub path: Known<String>,
    /// Its trust policy; texts in it may have [`HOLE`]s.
    pub trust_policy: Known<PolicyDocument>,
    /// Why parts of the trust policy are not known, one clause for each [`HOLE`], in order.
    pub holes: Vec<String>,
    /// `MaxSessionDuration` in seconds, where it is stated and known.
    pub max_session_duration: Option<u32>,
    /// Line it begins at.
    pub place: Place,
}

/// A SAML provider that code declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredProvider {
    /// Kind of code.
    pub by: DeclaredBy,
    /// Logical id or address.
    pub address: String,
    /// The account it will stand in, where that is known.
    pub account: Option<AccountId>,
    /// Its name, with no [`HOLE`].
    pub name: Known<String>,
    /// Its metadata document, with no [`HOLE`].
    pub metadata: Known<Sourced<String>>,
    /// Line it begins at.
    pub place: Place,
}

/// An Okta AWS app that code declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredApp {
    /// Kind of code.
    pub by: DeclaredBy,
    /// Address.
    pub address: String,
    /// Its settings; what is not known before deployment is left out.
    pub app: OktaApp,
    /// Line it begins at.
    pub place: Place,
}

impl Declared {
    /// The app, where code declares one: several that say the same, as a plan and its source do, are one.
    pub fn only_app(&self) -> Option<&OktaApp> {
        let said = |app: &OktaApp| {
            let mut said = OktaApp { id: None, label: None, status: None, ..app.clone() };
            said.secret = None;
            said.map_places(|_| Place::NOWHERE);
            said
        };
        let first = &self.apps.first()?.app;
        let settings = said(first);
        self.apps.iter().all(|other| said(&other.app) == settings).then_some(first)
    }

    /// Adds what another file declares.
    pub fn append(&mut self, mut other: Self) {
        self.roles.append(&mut other.roles);
        self.providers.append(&mut other.providers);
        self.apps.append(&mut other.apps);
    }

    /// Replaces every place, such as a line of one file by a place of the run.
    pub fn map_places(&mut self, place: impl Fn(Place) -> Place) {
        for role in &mut self.roles {
            role.place = place(role.place);
            if let Known::Value(policy) = &mut role.trust_policy {
                policy.map_places(&place);
            }
        }
        for provider in &mut self.providers {
            provider.place = place(provider.place);
            if let Known::Value(metadata) = &mut provider.metadata {
                metadata.place = place(metadata.place);
            }
        }
        for app in &mut self.apps {
            app.place = place(app.place);
            app.app.map_places(&place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_that_say_the_same_are_one_and_others_are_none() {
        let app = |filter: &str, line| DeclaredApp {
            by: DeclaredBy::TerraformPlan,
            address: "okta_app_saml.aws".to_owned(),
            app: OktaApp {
                group_filter: Some(Sourced::new(filter.to_owned(), Place(line))),
                label: Some(format!("AWS {line}")),
                ..OktaApp::default()
            },
            place: Place(line),
        };
        let only = |apps: Vec<DeclaredApp>| {
            let declared = Declared { apps, ..Declared::default() };
            declared.only_app().map(|app| app.label.clone().unwrap())
        };
        assert_eq!(only(Vec::new()), None);
        assert_eq!(only(vec![app("f", 1), app("f", 2)]).as_deref(), Some("AWS 1"));
        assert_eq!(only(vec![app("f", 1), app("g", 2)]), None);
    }
}
