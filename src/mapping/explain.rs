//! Why a name does not match a Group Filter, and what its author probably meant.

use super::group_filter::{FilterReader, GroupFilter, MatchMode, Reading};
use super::layout::{Layout, RoleCharacters, layout, role_characters};
use super::nearest::{Known, Nearest, Repair, nearest};
use super::shape::{Purpose, Shape, lower};
use super::stop::{Stop, stop};
use crate::model::account::AccountId;
use crate::model::arn::is_role_name;

/// Explains names to one filter in one match mode; made once, used for many names.
pub struct Explainer<'f> {
    reader: FilterReader<'f>,
    mode: MatchMode,
    shape: Option<Shape>,
    repair: Option<Repair>,
}

impl<'f> Explainer<'f> {
    /// Prepares explanations for a filter.
    pub fn new(filter: &'f GroupFilter, mode: MatchMode) -> Self {
        let shape = |mode, purpose| lower(filter.pattern(), filter.text(), mode, purpose);
        let mut modes = vec![MatchMode::Full];
        if mode != MatchMode::Full {
            modes.push(mode);
        }
        let shapes: Vec<Shape> =
            modes.into_iter().filter_map(|mode| shape(mode, Purpose::Repair)).collect();
        let repairs = filter.has_capture("accountid") && filter.has_capture("role");
        Self {
            reader: filter.reader(),
            mode,
            shape: shape(mode, Purpose::Explain),
            repair: repairs.then_some(Repair { shapes }),
        }
    }

    /// Where a name that does not match stops. `None` where that cannot be told: back-references and grapheme
    /// clusters, a filter that is too large, or a name that only look-around or a possessive quantifier refuses.
    pub fn stop(&self, name: &str) -> Option<Stop> {
        stop(self.shape.as_ref()?, name)
    }

    /// What all matching names have in common; `None` where the filter has no single separator.
    pub fn layout(&self) -> Option<Layout> {
        layout(self.shape.as_ref()?)
    }

    /// The characters a captured role may hold; `None` where that cannot be told.
    pub fn role_characters(&self) -> Option<RoleCharacters> {
        role_characters(self.shape.as_ref()?)
    }

    /// The nearest name that matches in the same mode with a twelve-digit account and a legal role name.
    /// `None` where the name does so itself, or where nothing is near.
    pub fn nearest(&mut self, name: &str, known: &Known<'_>) -> Option<Nearest> {
        let Self { reader, mode, repair, .. } = self;
        let mut judge = |name: &str| match reader.read(name, *mode) {
            Reading::Match(captures) => {
                AccountId::parse(captures.account_id?).ok()?;
                captures.role.filter(|role| is_role_name(role)).map(str::to_owned)
            }
            Reading::NoMatch | Reading::Undecided(_) => None,
        };
        nearest(repair.as_ref()?, name, known, &mut judge)
    }
}
