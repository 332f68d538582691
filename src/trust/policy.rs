//! A trust policy, read once.

use std::fmt;

use thiserror::Error;

use super::action::Actions;
use super::condition::{Condition, Outcome};
use super::principal::Principals;
use super::request::Context;

/// A role trust policy.
#[derive(Debug, Clone)]
pub struct TrustPolicy {
    pub(super) version: Option<String>,
    pub(super) id: Option<String>,
    /// The statements, in the document's order.
    pub statements: Vec<Statement>,
    /// What IAM would refuse to store, in the document's order.
    pub faults: Vec<Fault>,
    /// Why nothing is allowed, with the document: IAM would refuse it as a whole.
    pub(super) refused: Option<Broken>,
}

/// One statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its name, where it has one.
    pub sid: Option<String>,
    /// Allow or deny.
    pub effect: Effect,
    pub(super) principals: Principals,
    pub(super) actions: Actions,
    /// The conditions, all of which have to be met.
    pub conditions: Vec<Condition>,
    /// Byte offset in the document.
    pub at: usize,
    /// Byte offset behind it.
    pub(super) end: usize,
    /// Why it is read as nothing, with its text: IAM would refuse it.
    pub(super) broken: Option<Broken>,
}

/// A statement or a document that IAM would refuse as a whole.
#[derive(Debug, Clone)]
pub(super) struct Broken {
    pub(super) fault: Fault,
    pub(super) text: Box<str>,
}

/// What a statement does where it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Allows.
    Allow,
    /// Denies, whatever allows.
    Deny,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        })
    }
}

/// What kind of thing IAM would refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// An element that there is not, of the wrong type, or with the wrong value.
    Grammar,
    /// An element that is missing.
    Missing,
    /// An element that stands twice.
    Repeated,
    /// A `Sid` with other characters than letters and digits, or of two statements.
    Sid,
    /// An element that role trust policies may not have: `Resource`, `NotResource`, `NotPrincipal`.
    Prohibited,
    /// A principal that no policy may name, or a kind of principal there is none of.
    Principal,
    /// A text that is no action.
    Action,
    /// An operator there is not.
    Operator,
    /// A value that its operator cannot compare.
    Value,
}

/// Something in a policy that IAM would refuse to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of thing is wrong.
    pub kind: FaultKind,
    /// Byte offset in the document.
    pub at: usize,
    /// What is wrong, one sentence.
    pub message: String,
}

/// Why a document is no policy at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("byte {at}: {message}")]
pub struct PolicyError {
    /// Byte offset in the document.
    pub at: usize,
    /// What is wrong, one sentence.
    pub message: String,
}

impl PolicyError {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// Keys whose values no user brings: the app, the provider, the request and its time.
const NOT_THE_USERS: &[&str] = &[
    "aws:currenttime",
    "aws:epochtime",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:useragent",
    "saml:aud",
    "saml:doc",
    "saml:iss",
    "saml:namequalifier",
    "saml:sub_type",
];

impl TrustPolicy {
    /// Whether a decision can differ between two users who sign in through one app in one way, at one time
    /// and from one place, asking for the same actions.
    pub fn depends_on_user(&self) -> bool {
        let live = self.statements.iter().filter(|statement| statement.broken.is_none());
        live.flat_map(|statement| &statement.conditions)
            .flat_map(Condition::keys)
            .any(|key| NOT_THE_USERS.binary_search(&key).is_err())
    }
}

impl Statement {
    /// Whether it is about this request; `action` in lower case.
    pub(super) fn fits(&self, principal: &str, action: &str, context: &Context) -> Outcome {
        if self.broken.is_some() {
            return Outcome::Unreadable;
        }
        let mut least = self.actions.cover(action).min(self.principals.cover(principal));
        for condition in &self.conditions {
            if least == Outcome::Unmet {
                break;
            }
            least = least.min(condition.holds(context));
        }
        least
    }
}
