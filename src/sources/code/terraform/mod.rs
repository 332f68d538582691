//! Terraform: plans and states as JSON, and source files.
//!
//! What a plan leaves open until it is applied, and what source needs to be evaluated for, is unknown with
//! its reason. Sensitive values are never kept, and files that code names (`file`, `templatefile`) never
//! opened.

mod detect;
mod json;
mod plan;
mod policy;
mod resource;
mod source;
mod state;
mod value;

pub use detect::looks_like;
pub use policy::PolicyError;
pub use source::{ModuleFile, evaluate, read_source};

use std::error::Error;

use super::CodePart;
use crate::model::declared::DeclaredBy;
use crate::model::defect::DefectKind;
use crate::sources::batch::{Loss, Problem};
use crate::sources::input::SourceOptions;
use crate::text::Shown;
use resource::Taker;

/// What is wrong with a file of Terraform's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TerraformError {
    /// Not JSON, or not UTF-8.
    #[error("{0}")]
    Unreadable(String),
    /// JSON of another kind.
    #[error(
        "found no `planned_values`, `resource_changes`, `values` or `resources`, expected a plan or state of Terraform as `terraform show -json` writes it"
    )]
    NotTerraform,
    /// A state of a version that is not read.
    #[error("the state is of version `{0}`, expected 4")]
    StateVersion(String),
    /// A trust policy that cannot be read.
    #[error(transparent)]
    Policy(PolicyError),
    /// App settings that are no JSON.
    #[error("the settings of `{address}` are no JSON object, expected those of the app")]
    Settings {
        /// Address of the resource.
        address: String,
    },
    /// Read all the same.
    #[error("{0}")]
    Defect(Defect),
}

/// What is odd and read all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// The same name twice in one object.
    #[error("`{}` stands twice in one object, expected once; the last one counts", Shown(.0))]
    Twice(String),
}

/// Most names that stand twice which are told of one file.
const REPEATED: usize = 20;

/// What a problem of these readers says happened to its source.
pub(super) fn defect_of(error: &(dyn Error + 'static)) -> Option<DefectKind> {
    match error.downcast_ref()? {
        TerraformError::Defect(Defect::Twice(_)) => Some(DefectKind::Duplicate),
        _ => None,
    }
}

/// Reads a plan or a state in JSON.
pub(super) fn read(text: &[u8], options: &SourceOptions) -> CodePart {
    let mut part = CodePart::default();
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let line = line_of(text, error.valid_up_to());
            let message = "not UTF-8, expected JSON in UTF-8".to_owned();
            part.report(line, Loss::File, TerraformError::Unreadable(message));
            return part;
        }
    };
    let tree = match json::parse(text, 1) {
        Ok(tree) => tree,
        Err(error) => {
            let line = line_of(text.as_bytes(), error.at);
            part.report(line, Loss::File, TerraformError::Unreadable(error.to_string()));
            return part;
        }
    };
    for (place, name) in tree.twice.iter().take(REPEATED) {
        part.report(place.0, Loss::Nothing, resource::repeated(name));
    }
    let root = &tree.root;
    let has = |name: &str| root.get(name).is_some();
    let mut taker = Taker::new(DeclaredBy::TerraformState);
    if has("planned_values") || has("resource_changes") {
        taker = Taker::new(DeclaredBy::TerraformPlan);
        plan::read(root, options, &mut taker);
    } else if let Some(module) = root.at(&["values", "root_module"]) {
        state::read_shown(module, options, &mut taker);
    } else if has("format_version") && has("terraform_version") {
        // A state of nothing.
    } else if let Some(version) = root.get("version").filter(|_| has("resources")) {
        match version.known_text() {
            Ok("4") => state::read_raw(root, options, &mut taker),
            other => {
                let version = other.unwrap_or_default().to_owned();
                taker.report(root.place, Loss::File, TerraformError::StateVersion(version));
            }
        }
    } else {
        taker.report(root.place, Loss::File, TerraformError::NotTerraform);
    }
    let (declared, mut problems) = taker.finish();
    part.declared = declared;
    part.problems.append(&mut problems);
    part.problems.sort_by_key(|problem: &Problem| problem.line);
    part
}

/// Line of an offset, counted from one.
fn line_of(text: &[u8], at: usize) -> u32 {
    let before = text.get(..at).unwrap_or(text);
    let lines = memchr::memchr_iter(b'\n', before).count();
    u32::try_from(lines).unwrap_or(u32::MAX).saturating_add(1)
}
