//! What is wrong with a template.

use super::tree::{ALIAS_LIMIT, DEPTH_LIMIT};
use super::yaml::NESTING;
use crate::model::defect::DefectKind;

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Neither YAML nor JSON.
    #[error("not well-formed {format}: {message}")]
    Syntax {
        /// `YAML` or `JSON`.
        format: &'static str,
        /// The parser's words.
        message: String,
    },
    /// The file ends before its brackets close.
    #[error("the file ends inside the template, expected its closing bracket")]
    Cut,
    /// Too deep.
    #[error("nested deeper than {DEPTH_LIMIT} levels, expected fewer")]
    Deep,
    /// Too deep in YAML.
    #[error("blocks or brackets nested deeper than {NESTING} levels, expected fewer")]
    Nested,
    /// Aliases of aliases.
    #[error("aliases that stand for more than {ALIAS_LIMIT} values, expected fewer")]
    Aliases,
    /// An alias of something that holds it, or of nothing.
    #[error("an alias of what it stands in, expected an anchor before it")]
    Alias,
    /// Bytes that are no UTF-8.
    #[error("bytes that are no UTF-8, expected a template in UTF-8")]
    Encoding,
    /// A comment in JSON.
    #[error("a comment in JSON, expected none: CloudFormation refuses the template")]
    Comment,
    /// The same key twice in one map.
    #[error("key `{key}` stands twice in one map, first on line {line}, expected once")]
    Twice {
        /// The key.
        key: String,
        /// Line of the first.
        line: u32,
    },
    /// A key that is no text.
    #[error("a key that is {0}, expected a text")]
    Key(&'static str),
    /// Nothing that makes a template.
    #[error("no map `Resources`, expected a CloudFormation template")]
    NoResources,
    /// A part of another kind than it should be.
    #[error("`{what}` is {found}, expected {expected}")]
    Shape {
        /// The part.
        what: String,
        /// What it is.
        found: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A name that the template does not define.
    #[error("`{0}` is no parameter, resource or pseudo parameter of this template, expected one")]
    Undefined(String),
    /// A condition that the template does not define.
    #[error("`{0}` is no condition of this template, expected one")]
    NoCondition(String),
    /// A function nobody knows.
    #[error(
        "`{0}` is no function known here, expected one of CloudFormation's; its value is unknown"
    )]
    Function(String),
    /// A function with other arguments than it takes.
    #[error("`{function}` with other arguments than it takes, expected {expected}")]
    Arguments {
        /// The function.
        function: String,
        /// What it takes.
        expected: &'static str,
    },
    /// A property that has to be there.
    #[error("`{resource}` without `{property}`, expected one")]
    Missing {
        /// Logical id.
        resource: String,
        /// The property.
        property: &'static str,
    },
    /// A trust policy in a string that holds something else.
    #[error("trust policy of `{resource}`: the string holds no JSON object: {message}")]
    Policy {
        /// Logical id.
        resource: String,
        /// The parser's words.
        message: String,
    },
    /// A number of seconds that is none.
    #[error("`MaxSessionDuration` of `{resource}` is `{found}`, expected a number of seconds")]
    Duration {
        /// Logical id.
        resource: String,
        /// What stands there.
        found: String,
    },
    /// Resources that another file adds.
    #[error("`{0}` adds resources when it is deployed; what it adds is not read")]
    Included(String),
    /// Digits that another reader takes for a number.
    #[error(
        "account id `{0}` without quotes is an octal number to readers of YAML 1.1, expected it in quotes; read as text here"
    )]
    Octal(String),
}

impl TemplateError {
    /// What it says happened to the template, where that is worth a finding although it was read.
    pub(super) const fn defect(&self) -> Option<DefectKind> {
        match self {
            Self::Twice { .. } => Some(DefectKind::Duplicate),
            Self::Cut => Some(DefectKind::Truncated),
            Self::Comment
            | Self::Key(_)
            | Self::Shape { .. }
            | Self::Undefined(_)
            | Self::NoCondition(_)
            | Self::Function(_)
            | Self::Arguments { .. } => Some(DefectKind::Unreadable),
            _ => None,
        }
    }
}
