//! CloudFormation templates, YAML and JSON.

mod detect;

pub use detect::looks_like;

use std::error::Error;

use super::CodePart;
use crate::model::defect::DefectKind;
use crate::sources::batch::Loss;
use crate::sources::input::SourceOptions;

/// Why a template cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No reader yet.
    #[error("CloudFormation templates are not read yet")]
    NotYet,
}

/// Reads a template.
pub(super) fn read(text: &[u8], options: &SourceOptions) -> CodePart {
    let _ = (text, options);
    let mut part = CodePart::default();
    part.report(0, Loss::File, TemplateError::NotYet);
    part
}

/// What a problem of a template says happened to it.
pub(super) fn defect_of(error: &(dyn Error + 'static)) -> Option<DefectKind> {
    let _ = error;
    None
}
