//! What is asked of a policy: who, which actions, and the condition keys presented.

use std::collections::BTreeMap;

/// One question to a trust policy.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks: the provider's ARN.
    pub principal: String,
    /// The actions that all have to be allowed.
    actions: Vec<Asked>,
    /// The condition keys presented.
    pub context: Context,
}

/// An action asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) text: String,
    pub(super) lower: String,
}

impl Request {
    /// Joins the parts; a request without actions is allowed by nothing.
    pub fn new(principal: &str, actions: &[impl AsRef<str>], context: Context) -> Self {
        let asked =
            |action: &str| Asked { text: action.to_owned(), lower: action.to_ascii_lowercase() };
        let actions = actions.iter().map(|action| asked(action.as_ref())).collect();
        Self { principal: principal.to_owned(), actions, context }
    }

    /// The actions asked for, as written.
    pub fn action_names(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().map(|asked| asked.text.as_str())
    }

    pub(super) fn actions(&self) -> &[Asked] {
        &self.actions
    }
}

/// A key's value in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    /// A single-valued key.
    One(String),
    /// A multivalued key, also with one value or none.
    Many(Vec<String>),
    /// Nobody knows whether the request has the key, or with which value.
    Unknown,
}

/// Condition keys with their values; names are case-insensitive, the last of two wins.
#[derive(Debug, Clone, Default)]
pub struct Context {
    keys: BTreeMap<String, Presented>,
    /// How many of them are not known.
    unknown: usize,
}

impl Context {
    /// Sets a key, in place of what it was.
    pub fn set(&mut self, key: &str, value: Presented) {
        self.unknown += usize::from(value == Presented::Unknown);
        let before = self.keys.insert(key.to_lowercase(), value);
        self.unknown -= usize::from(before == Some(Presented::Unknown));
    }

    /// Takes a key away.
    pub fn remove(&mut self, key: &str) {
        let before = self.keys.remove(&key.to_lowercase());
        self.unknown -= usize::from(before == Some(Presented::Unknown));
    }

    /// Whether any key is [`Presented::Unknown`].
    pub const fn has_unknown(&self) -> bool {
        self.unknown > 0
    }

    /// A key's value.
    pub fn value(&self, key: &str) -> Option<&Presented> {
        self.lower(&key.to_lowercase())
    }

    /// Every key in lower case with its value, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Presented)> {
        self.keys.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The value of a key given in lower case.
    pub(super) fn lower(&self, key: &str) -> Option<&Presented> {
        self.keys.get(key)
    }
}

impl<K: AsRef<str>> FromIterator<(K, Presented)> for Context {
    fn from_iter<I: IntoIterator<Item = (K, Presented)>>(pairs: I) -> Self {
        let mut context = Self::default();
        for (key, value) in pairs {
            context.set(key.as_ref(), value);
        }
        context
    }
}
