//! CloudFormation templates, YAML and JSON: the roles and SAML providers they declare.
//!
//! The bytes become one tree for both (`tree`); functions in it are computed as far as that can be done
//! before deployment (`evaluate`). A parameter is what the user gives or else its `Default`, since that is
//! what a stack has that is made without another; what is neither is unknown.

mod condition;
mod detect;
mod error;
mod evaluate;
mod json;
mod policy;
mod reference;
mod resources;
mod template;
mod tree;
mod value;
mod yaml;

#[cfg(test)]
mod tests;

pub use detect::looks_like;
pub use error::TemplateError;

use std::borrow::Cow;
use std::error::Error;

use super::CodePart;
use crate::model::defect::DefectKind;
use crate::sources::batch::Loss;
use crate::sources::input::SourceOptions;
use evaluate::Evaluator;
use template::Template;
use tree::{Node, Parsed};

/// Reads a template.
pub(super) fn read(text: &[u8], options: &SourceOptions) -> CodePart {
    let mut part = CodePart::default();
    let text = match std::str::from_utf8(text) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            let before = text.get(..error.valid_up_to()).unwrap_or_default();
            let line = memchr::memchr_iter(b'\n', before).count() + 1;
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            part.report(line, Loss::Record, TemplateError::Encoding);
            String::from_utf8_lossy(text)
        }
    };
    let parsed =
        if text.trim_start().starts_with('{') { json::parse(&text) } else { yaml::parse(&text) };
    let Parsed { documents, problems, broken } = parsed;
    let mut problems = problems;
    if !broken && !documents.iter().any(|document| resources_of(document).is_some()) {
        problems.push((0, Loss::File, TemplateError::NoResources));
    }
    for document in &documents {
        let Some(resources) = resources_of(document) else { continue };
        let mut evaluator = Evaluator::new(Template::new(document, broken), options);
        if let Some(line) = includes(document) {
            let what = "AWS::Include".to_owned();
            problems.push((line, Loss::Nothing, TemplateError::Included(what)));
        }
        evaluator.collect(resources, 0);
        part.declared.append(evaluator.declared());
        problems.extend(evaluator.problems.into_iter().map(|(line, error)| {
            let lost =
                matches!(error, TemplateError::Policy { .. } | TemplateError::Missing { .. })
                    || matches!(
                        error,
                        TemplateError::Shape { .. } | TemplateError::Duration { .. }
                    );
            (line, if lost { Loss::Record } else { Loss::Nothing }, error)
        }));
    }
    problems.sort_by_key(|(line, ..)| *line);
    for (line, loss, error) in problems {
        part.report(line, loss, error);
    }
    part
}

fn resources_of(document: &Node) -> Option<&[tree::Entry]> {
    document.get("Resources").and_then(Node::entries)
}

/// The line of a transform that adds sections of another file to the template.
fn includes(document: &Node) -> Option<u32> {
    let is_include = |node: &&Node| node.get("Name").and_then(Node::text) == Some("AWS::Include");
    let transform = document.get("Transform")?;
    let all = transform.items().unwrap_or(std::slice::from_ref(transform));
    all.iter().find(is_include).map(|node| node.line)
}

/// What a problem of a template says happened to it, where that is more than that something is lost.
pub(super) fn defect_of(error: &(dyn Error + 'static)) -> Option<DefectKind> {
    error.downcast_ref::<TemplateError>().and_then(TemplateError::defect)
}
