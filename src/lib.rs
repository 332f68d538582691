//! Who sees which AWS role, and why: Okta-to-AWS federation by groups, from exports alone.
//!
//! Data flows one way: exports → [`sources`] → [`Federation`](model::federation::Federation) →
//! [`entitlement`] → [`explain`], [`expect`], [`diff`] and [`rules`] → [`report`] → [`cli`].
//!
//! ```
//! use std::io::{Cursor, Read};
//!
//! use rolecall::entitlement::picker::RolePicker;
//! use rolecall::entitlement::resolve::{Entitlements, Ways, visible};
//! use rolecall::explain::lookup::{UserMatch, find_user};
//! use rolecall::mapping::settings::{Mapping, Overrides};
//! use rolecall::sources::input::{Input, SourceOptions, Stream};
//! use rolecall::sources::load::load;
//!
//! let export = "group,member,member_type\n\
//!               aws#prod#Admin#123456789012,operators,group\n\
//!               operators,alice,user\n";
//! let input = Input {
//!     name: "edges.csv".to_owned(),
//!     open: Box::new(move || Ok(Box::new(Cursor::new(export)) as Box<dyn Stream>)),
//!     found: false,
//!     options: SourceOptions::default(),
//! };
//! let loaded = load(vec![input]);
//! let filter = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$".to_owned();
//! let overrides = Overrides { group_filter: Some(filter), ..Overrides::default() };
//! let mapping = Mapping::new(None, &overrides)?;
//! let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
//! let UserMatch::One(alice) = find_user(&loaded.federation.directory, "alice") else { panic!() };
//! let grants = entitlements.grants(visible, Ways::DirectGroups)?;
//! let direct = entitlements.direct_groups(alice);
//! let picker = RolePicker::of(&entitlements, alice, &direct, &grants);
//! let roles: Vec<String> = picker.entries().map(|entry| entry.pair.role.to_string()).collect();
//! assert_eq!(roles, ["arn:aws:iam::123456789012:role/Admin"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cli;
pub mod config;
pub mod diff;
pub mod entitlement;
pub mod expect;
pub mod explain;
pub mod finding;
pub mod mapping;
pub mod model;
pub mod report;
pub mod rules;
pub mod saml;
pub mod sources;
pub mod text;
pub mod trust;
