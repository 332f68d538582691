//! The Okta AWS app's settings, compiled once.

use thiserror::Error;

use super::app_filter::AppFilter;
use super::group_filter::{FilterError, GroupFilter, MatchMode};
use super::role_value::{DEFAULT_ROLE_VALUE_PATTERN, RoleValueError, RoleValuePattern};
use crate::model::app::OktaApp;
use crate::model::arn::{Arn, SamlProviderArn};
use crate::text::Place;

/// The Group Filter of Okta's guide "Integrate multiple AWS instances".
pub const GUIDE_GROUP_FILTER: &str = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$";

/// Everything Okta needs to turn a group name into a Role value.
#[derive(Debug)]
pub struct Mapping {
    /// The Group Filter.
    pub filter: GroupFilter,
    /// How the filter is applied.
    pub mode: MatchMode,
    /// The Role Value Pattern.
    pub pattern: RoleValuePattern,
    /// The App Filter; `None` where the export does not carry it.
    pub app_filter: Option<AppFilter>,
    /// Use Group Mapping; `None` where the export does not carry it (taken as on).
    pub use_group_mapping: Option<bool>,
    /// Join all roles, for group mapping off.
    pub join_all_roles: bool,
    /// The provider of `samlRoles`, for group mapping off.
    pub single_provider: Option<SamlProviderArn>,
    /// Lines of the settings.
    pub places: Places,
    /// Whether the filter is only that of Okta's guide: what follows from it is not known.
    pub assumed: bool,
}

/// Lines of the settings; nowhere for what a flag gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Places {
    /// `groupFilter`.
    pub filter: Place,
    /// `roleValuePattern`.
    pub pattern: Place,
    /// `appFilter`.
    pub app_filter: Place,
    /// `useGroupMapping`.
    pub use_group_mapping: Place,
}

/// Why the settings give no mapping.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MappingError {
    /// Neither an app export nor a flag gives the filter.
    #[error(
        "no Group Filter: no Okta AWS app export was given, expected one (or `--group-filter`)"
    )]
    NoFilter,
    /// Java refuses the filter.
    #[error("Group Filter, byte {}: {}", .0.offset, .0.message)]
    Filter(FilterError, Place),
    /// The pattern cannot be read.
    #[error("Role Value Pattern, byte {}: {}", .0.offset, .0.message)]
    Pattern(RoleValueError, Place),
}

/// Settings that outrank the app's, given by flag or configuration.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Another Group Filter.
    pub group_filter: Option<String>,
    /// Another Role Value Pattern.
    pub role_value_pattern: Option<String>,
    /// Another App Filter.
    pub app_filter: Option<String>,
    /// How the filter is applied.
    pub mode: MatchMode,
}

impl Mapping {
    /// Compiles the settings of an app, with what outranks them.
    pub fn new(app: Option<&OktaApp>, overrides: &Overrides) -> Result<Self, MappingError> {
        let setting = |flag: &Option<String>, of: fn(&OktaApp) -> Option<(&str, Place)>| {
            let exported = app.and_then(of).map(|(text, place)| (text.to_owned(), place));
            flag.clone().map(|text| (text, Place::NOWHERE)).or(exported)
        };
        let (filter, filter_place) = setting(&overrides.group_filter, |app| {
            app.group_filter.as_ref().map(|s| (s.value.as_str(), s.place))
        })
        .ok_or(MappingError::NoFilter)?;
        let (pattern, pattern_place) = setting(&overrides.role_value_pattern, |app| {
            app.role_value_pattern.as_ref().map(|s| (s.value.as_str(), s.place))
        })
        .unwrap_or_else(|| (DEFAULT_ROLE_VALUE_PATTERN.to_owned(), Place::NOWHERE));
        let app_filter = setting(&overrides.app_filter, |app| {
            app.app_filter.as_ref().map(|s| (s.value.as_str(), s.place))
        });
        let use_group_mapping = app.and_then(|app| app.use_group_mapping.clone());
        Ok(Self {
            filter: GroupFilter::parse(&filter)
                .map_err(|error| MappingError::Filter(error, filter_place))?,
            mode: overrides.mode,
            pattern: RoleValuePattern::parse(&pattern)
                .map_err(|error| MappingError::Pattern(error, pattern_place))?,
            places: Places {
                filter: filter_place,
                pattern: pattern_place,
                app_filter: app_filter.as_ref().map_or(Place::NOWHERE, |(_, place)| *place),
                use_group_mapping: use_group_mapping.as_ref().map_or(Place::NOWHERE, |s| s.place),
            },
            app_filter: app_filter.map(|(text, _)| AppFilter::parse(&text)),
            use_group_mapping: use_group_mapping.map(|setting| setting.value),
            join_all_roles: app
                .and_then(|app| app.join_all_roles.as_ref())
                .is_some_and(|setting| setting.value),
            single_provider: app
                .and_then(|app| app.identity_provider_arn.as_ref())
                .and_then(|setting| provider_in(&setting.value)),
            assumed: false,
        })
    }

    /// [`Self::new`], with the filter of Okta's guide where nothing gives one.
    pub fn or_guide(app: Option<&OktaApp>, overrides: &Overrides) -> Result<Self, MappingError> {
        match Self::new(app, overrides) {
            Err(MappingError::NoFilter) => {
                let guide = Some(GUIDE_GROUP_FILTER.to_owned());
                let overrides = Overrides { group_filter: guide, ..overrides.clone() };
                Ok(Self { assumed: true, ..Self::new(app, &overrides)? })
            }
            other => other,
        }
    }

    /// Whether group names decide; off means `samlRoles` do and the filter is ignored.
    pub fn maps_groups(&self) -> bool {
        self.use_group_mapping.unwrap_or(true)
    }
}

/// The provider in `identityProviderArn`, which may hold a role ARN beside it.
fn provider_in(text: &str) -> Option<SamlProviderArn> {
    text.split(',').find_map(|part| match Arn::parse(part.trim()) {
        Ok(Arn::SamlProvider(provider)) => Some(provider),
        _ => None,
    })
}
