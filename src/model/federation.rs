//! The whole federation: directory, Okta app, AWS accounts, and where each fact stands.

use super::app::OktaApp;
use super::aws::Accounts;
use super::directory::Directory;
use crate::text::SourceMap;

/// Everything the exports say, joined. A part that no export covers is empty and means *unknown*.
#[derive(Debug, Default)]
pub struct Federation {
    /// Files read, and which lines are theirs.
    pub sources: SourceMap,
    /// Users, groups, memberships, app assignments.
    pub directory: Directory,
    /// The Okta AWS app, where its settings were exported.
    pub app: Option<OktaApp>,
    /// AWS accounts.
    pub accounts: Accounts,
}
