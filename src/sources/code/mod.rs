//! Infrastructure code: what templates, plans, states and source files declare.
//!
//! A file is read whole ([`read`]); what it declares goes into a [`CodePart`] whose places are lines of the
//! file, which [`CodePart::place`] turns into places of the run. What is not known before deployment is
//! [`Known::Unknown`](crate::model::declared::Known) or a [`HOLE`](crate::model::declared::HOLE) in a text.

pub mod cloudformation;
pub mod terraform;

use std::error::Error;

use super::batch::{Loss, Problem};
use super::input::{Format, SourceOptions};
use crate::model::declared::Declared;
use crate::model::defect::DefectKind;
use crate::text::Place;

/// What one file of code declares.
#[derive(Debug, Default)]
pub struct CodePart {
    /// Roles, providers and apps; the places in it are lines of the file.
    pub declared: Declared,
    /// A source file of a module, to be evaluated with the other files of its folder.
    pub module: Option<Box<terraform::ModuleFile>>,
    /// What is wrong with the file.
    pub problems: Vec<Problem>,
}

/// Reads a whole file of one of the formats of code; any other format gives nothing.
pub fn read(format: Format, text: &[u8], name: &str, options: &SourceOptions) -> CodePart {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match format {
        Format::CloudFormation => cloudformation::read(text, options),
        Format::TerraformPlan | Format::TerraformState => terraform::read(text, options),
        Format::TerraformSource => {
            let (module, problems) = terraform::read_source(text, name, options);
            CodePart { module: Some(Box::new(module)), problems, ..CodePart::default() }
        }
        _ => CodePart::default(),
    }
}

/// The format of code that the beginning of a file is in.
pub fn looks_like(head: &[u8], name: &str) -> Option<Format> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    terraform::looks_like(head, name)
        .or_else(|| cloudformation::looks_like(head).then_some(Format::CloudFormation))
}

/// What a problem of a reader of code says happened to its source, where it is not merely unreadable.
pub(super) fn defect_of(error: &(dyn Error + 'static)) -> Option<DefectKind> {
    cloudformation::defect_of(error).or_else(|| terraform::defect_of(error))
}

impl CodePart {
    /// Turns the lines of this file into places of the run.
    pub fn place(&mut self, place: impl Fn(u32) -> Place) {
        self.declared.map_places(|local| place(local.0));
    }

    /// Notes a problem at a line.
    pub(super) fn report(
        &mut self,
        line: u32,
        loss: Loss,
        error: impl Into<Box<dyn Error + Send + Sync>>,
    ) {
        self.problems.push(Problem { line, loss, error: error.into() });
    }
}
