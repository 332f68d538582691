//! The actions of a statement.

use super::condition::Outcome;
use super::glob::Glob;

/// `Action` or `NotAction`.
#[derive(Debug, Clone)]
pub(super) struct Actions {
    pub(super) negated: bool,
    pub(super) patterns: Vec<ActionPattern>,
}

/// One action as the policy writes it.
#[derive(Debug, Clone)]
pub(super) struct ActionPattern {
    pub(super) text: String,
    /// Byte offset in the document.
    pub(super) at: usize,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    Every,
    /// Service and name in lower case; wildcards only in the name.
    Of(String, Box<Glob>),
    Malformed,
}

impl ActionPattern {
    pub(super) fn parse(text: &str, at: usize) -> Self {
        let lower = text.to_ascii_lowercase();
        let form = match lower.split_once(':') {
            _ if text == "*" => Form::Every,
            Some((service, name)) if is_service(service) && is_name(name) => {
                Form::Of(service.to_owned(), Box::new(Glob::parse(name)))
            }
            _ => Form::Malformed,
        };
        Self { text: text.to_owned(), at, form }
    }

    pub(super) const fn is_malformed(&self) -> bool {
        matches!(self.form, Form::Malformed)
    }
}

fn is_service(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*?-_.".contains(&byte))
}

impl Actions {
    /// Whether these are about an action, given in lower case.
    pub(super) fn cover(&self, action: &str) -> Outcome {
        let (service, name) = action.split_once(':').unwrap_or(("", action));
        let one = |pattern: &ActionPattern| match &pattern.form {
            Form::Every => Outcome::Met,
            Form::Of(own, glob) if own == service && glob.matches(name) => Outcome::Met,
            Form::Of(..) => Outcome::Unmet,
            Form::Malformed => Outcome::Unreadable,
        };
        let found = self.patterns.iter().map(one).max().unwrap_or(Outcome::Unmet);
        if self.negated { found.not() } else { found }
    }
}
