//! The Okta app "AWS Account Federation" (`amazon_aws`): the settings that turn groups into roles.

use crate::text::{Place, Sourced};

/// Settings of the Okta AWS app as exported; a setting the export does not carry is `None`.
///
/// Secrets (`accessKey`, `secretKey`, `secretKeyEnc`) are never kept; only whether there were any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OktaApp {
    /// Okta's id of the app instance (`0oa…`).
    pub id: Option<String>,
    /// Label shown to users.
    pub label: Option<String>,
    /// `ACTIVE` or `INACTIVE`.
    pub status: Option<String>,
    /// `SAML_2_0` where SAML is on.
    pub sign_on_mode: Option<String>,
    /// Line the settings begin at.
    pub place: Place,
    /// `appFilter`.
    pub app_filter: Option<Sourced<String>>,
    /// `groupFilter`, JSON escapes resolved.
    pub group_filter: Option<Sourced<String>>,
    /// `roleValuePattern`.
    pub role_value_pattern: Option<Sourced<String>>,
    /// `useGroupMapping`.
    pub use_group_mapping: Option<Sourced<bool>>,
    /// `joinAllRoles`.
    pub join_all_roles: Option<Sourced<bool>>,
    /// `identityProviderArn`: provider ARN, or role and provider ARN.
    pub identity_provider_arn: Option<Sourced<String>>,
    /// `sessionDuration` in seconds.
    pub session_duration: Option<Sourced<i64>>,
    /// `awsEnvironmentType`.
    pub environment_type: Option<Sourced<String>>,
    /// `overrideAcsURL`.
    pub override_acs_url: Option<Sourced<String>>,
    /// `loginURL`.
    pub login_url: Option<Sourced<String>>,
    /// `settings.signOn.attributeStatements`: what the assertion carries beside the app's own attributes.
    pub attribute_statements: Option<Vec<Sourced<AttributeStatement>>>,
    /// Line of an AWS key found in the export (its value is never kept).
    pub secret: Option<Place>,
}

/// An attribute that the app adds to every assertion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct AttributeStatement {
    /// `Name` of the attribute.
    pub name: String,
    /// Expressions that give its values, such as `user.department`; none where groups give them.
    pub values: Vec<String>,
}

impl OktaApp {
    /// Replaces every place, such as a line of one file by a place of the run.
    pub fn map_places(&mut self, place: impl Fn(Place) -> Place) {
        fn one<T>(setting: &mut Option<Sourced<T>>, place: impl Fn(Place) -> Place) {
            if let Some(setting) = setting {
                setting.place = place(setting.place);
            }
        }
        self.place = place(self.place);
        self.secret = self.secret.map(&place);
        one(&mut self.app_filter, &place);
        one(&mut self.group_filter, &place);
        one(&mut self.role_value_pattern, &place);
        one(&mut self.use_group_mapping, &place);
        one(&mut self.join_all_roles, &place);
        one(&mut self.identity_provider_arn, &place);
        one(&mut self.session_duration, &place);
        one(&mut self.environment_type, &place);
        one(&mut self.override_acs_url, &place);
        one(&mut self.login_url, &place);
        for statement in self.attribute_statements.iter_mut().flatten() {
            statement.place = place(statement.place);
        }
    }
}
