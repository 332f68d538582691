//! The whole federation: directory, Okta app, AWS accounts, and where each fact stands.

use super::app::OktaApp;
use super::aws::Accounts;
use super::declared::Declared;
use super::defect::Defects;
use super::directory::Directory;
use super::export::Export;
use crate::text::{Place, SourceMap, Sourced};

/// Everything the exports say, joined. A part that no export covers is empty and means *unknown*.
#[derive(Debug, Default)]
pub struct Federation {
    /// Files read, and which lines are theirs.
    pub sources: SourceMap,
    /// Users, groups, memberships, app assignments.
    pub directory: Directory,
    /// The Okta AWS app, where its settings were exported.
    pub app: Option<OktaApp>,
    /// The app's own SAML metadata as Okta serves it, a file whose lines are lines of the run.
    pub app_metadata: Option<Sourced<String>>,
    /// AWS accounts.
    pub accounts: Accounts,
    /// What infrastructure code declares.
    pub declared: Declared,
    /// Every file that was read, in reading order.
    pub exports: Vec<Export>,
    /// What the files suffered.
    pub defects: Defects,
}

impl Federation {
    /// The file that a place is in.
    pub fn export_of(&self, place: Place) -> Option<&Export> {
        let source = self.sources.source_of(place)?;
        let at = self.exports.binary_search_by_key(&source, |export| export.source).ok()?;
        self.exports.get(at)
    }
}
