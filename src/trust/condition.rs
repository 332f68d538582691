//! Conditions: an operator, a key and the wanted values.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::operator::{Operator, SetOperator, Test};
use super::pattern::{Pattern, Reading, arn_parts};
use super::request::{Context, Presented};
use super::value::{Decimal, Instant, Network};

/// Whether a part of a statement fits a request, the least first: a statement fits as its least part does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Unmet,
    /// IAM would not store it, so nobody can tell.
    Unreadable,
    /// A negated test of values that cannot be compared: it allows nothing, and denies.
    Unsure,
    Met,
}

impl Outcome {
    /// The opposite; what is not known stays so.
    pub(super) const fn not(self) -> Self {
        match self {
            Self::Unmet => Self::Met,
            Self::Met => Self::Unmet,
            other => other,
        }
    }
}

/// One test: an operator, a key and the values wanted.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The operator's name as written.
    pub operator_name: String,
    /// What the name means; `None` for an operator there is not.
    pub operator: Option<Operator>,
    /// The key as written.
    pub key: String,
    pub(super) key_lower: String,
    /// The values, in the policy's order.
    pub values: Vec<Wanted>,
    /// Byte offset of the key in the document.
    pub at: usize,
}

/// A value of a condition.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The value as text, also where the document has a number or a boolean.
    pub text: String,
    /// Byte offset in the document.
    pub at: usize,
    value: Value,
}

/// A value, read as its operator compares it; `None` where it is no such value.
#[derive(Debug, Clone)]
enum Value {
    Text(Pattern),
    Arn(Option<Box<[Pattern; 6]>>),
    Number(Option<Decimal>),
    Date(Option<Instant>),
    Binary(Option<Vec<u8>>),
    Range(Option<Network>),
    /// For a test of absence, or for no operator.
    Plain,
}

impl Wanted {
    /// Reads a value for its operator.
    pub(super) fn new(
        text: String,
        at: usize,
        operator: Option<Operator>,
        variables: bool,
    ) -> Self {
        let value = operator.map_or(Value::Plain, |operator| {
            let plain = Reading { variables, wildcards: false };
            let wild = Reading { variables, wildcards: true };
            match operator.test {
                Test::Equals | Test::EqualsIgnoreCase | Test::Bool => {
                    Value::Text(Pattern::parse(&text, plain))
                }
                Test::Like => Value::Text(Pattern::parse(&text, wild)),
                Test::Arn => Value::Arn(
                    arn_parts(&text, variables)
                        .map(|parts| Box::new(parts.map(|part| Pattern::parse(part, wild)))),
                ),
                Test::Numeric(_) => Value::Number(Decimal::parse(&text)),
                Test::Date(_) => Value::Date(Instant::parse(&text)),
                Test::Binary => Value::Binary(STANDARD.decode(&text).ok()),
                Test::Ip => Value::Range(Network::parse(&text)),
                Test::Null => Value::Plain,
            }
        });
        Self { text, at, value }
    }

    /// Whether a presented value is this one; `None` where the two cannot be compared.
    fn fits(&self, test: Test, presented: &str, context: &Context) -> Option<bool> {
        match (&self.value, test) {
            (Value::Text(pattern), Test::EqualsIgnoreCase) => {
                Some(pattern.text(context).is_some_and(|text| same_ignoring_case(&text, presented)))
            }
            (Value::Text(pattern), Test::Bool) => {
                let wanted = boolean(&pattern.text(context)?)?;
                Some(boolean(presented)? == wanted)
            }
            (Value::Text(pattern), _) => Some(pattern.matches(presented, context)),
            (Value::Arn(patterns), _) => {
                let parts = arn_parts(presented, false)?;
                let pairs = patterns.as_ref()?.iter().zip(parts);
                Some(pairs.into_iter().all(|(pattern, part)| pattern.matches(part, context)))
            }
            (Value::Number(wanted), Test::Numeric(order)) => {
                Some(order.fits(Decimal::parse(presented)?.cmp(wanted.as_ref()?)))
            }
            (Value::Date(wanted), Test::Date(order)) => {
                Some(order.fits(Instant::parse(presented)?.cmp(wanted.as_ref()?)))
            }
            (Value::Binary(wanted), _) => {
                Some(STANDARD.decode(presented).ok()? == *wanted.as_ref()?)
            }
            (Value::Range(range), _) => Some((*range)?.contains(presented.parse::<IpAddr>().ok()?)),
            _ => None,
        }
    }

    /// Whether the value can be one of its operator's.
    pub(super) fn is_readable(&self) -> bool {
        !matches!(
            self.value,
            Value::Arn(None)
                | Value::Number(None)
                | Value::Date(None)
                | Value::Binary(None)
                | Value::Range(None)
        )
    }

    fn keys(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match &self.value {
            Value::Text(pattern) => Box::new(pattern.keys()),
            Value::Arn(Some(parts)) => Box::new(parts.iter().flat_map(Pattern::keys)),
            _ => Box::new(std::iter::empty()),
        }
    }
}

fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else {
        text.eq_ignore_ascii_case("false").then_some(false)
    }
}

fn same_ignoring_case(a: &str, b: &str) -> bool {
    a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase))
}

impl Condition {
    /// The key in lower case.
    pub fn key_lower(&self) -> &str {
        &self.key_lower
    }

    /// Whether a sign-in that presents exactly these keys meets it.
    pub fn is_met(&self, context: &Context) -> bool {
        self.holds(context) == Outcome::Met
    }

    /// Whether it reads no other keys than these, given in lower case.
    pub fn reads_only(&self, keys: &[&str]) -> bool {
        self.keys().all(|key| keys.contains(&key))
    }

    /// The keys it depends on, in lower case: its own and those of variables.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.key_lower.as_str()).chain(self.values.iter().flat_map(Wanted::keys))
    }

    /// Whether the presented keys meet it.
    pub(super) fn holds(&self, context: &Context) -> Outcome {
        let Some(operator) = self.operator else { return Outcome::Unreadable };
        let presented = context.lower(&self.key_lower);
        if operator.test == Test::Null {
            return self.absence(operator, presented.is_none());
        }
        let met = |met: bool| if met { Outcome::Met } else { Outcome::Unmet };
        let Some(presented) = presented else {
            return met(match operator.set {
                Some(SetOperator::All) => true,
                Some(SetOperator::Any) => operator.if_exists,
                None => operator.if_exists || operator.negated,
            });
        };
        let Some(set) = operator.set else {
            return match presented {
                Presented::One(value) => self.one(operator, value, context),
                // A multivalued key needs a set operator.
                Presented::Many(_) => Outcome::Unmet,
            };
        };
        let values = match presented {
            Presented::One(value) => std::slice::from_ref(value),
            Presented::Many(values) => values,
        };
        // Nothing but empty strings is the empty set.
        if values.iter().all(String::is_empty) {
            return met(set == SetOperator::All);
        }
        let outcomes = values.iter().map(|value| self.one(operator, value, context));
        match set {
            SetOperator::All => outcomes.min().unwrap_or(Outcome::Met),
            SetOperator::Any => outcomes.max().unwrap_or(Outcome::Unmet),
        }
    }

    /// `Null`; with a set operator it says nothing about the key.
    fn absence(&self, operator: Operator, absent: bool) -> Outcome {
        let met = match operator.set {
            Some(SetOperator::All) => true,
            Some(SetOperator::Any) => false,
            None => self.values.iter().any(|wanted| boolean(&wanted.text) == Some(absent)),
        };
        if met { Outcome::Met } else { Outcome::Unmet }
    }

    fn one(&self, operator: Operator, presented: &str, context: &Context) -> Outcome {
        let mut unreadable = false;
        for wanted in &self.values {
            match wanted.fits(operator.test, presented, context) {
                Some(true) if operator.negated => return Outcome::Unmet,
                Some(true) => return Outcome::Met,
                Some(false) => {}
                None => unreadable = true,
            }
        }
        match (operator.negated, unreadable) {
            (false, _) => Outcome::Unmet,
            (true, true) => Outcome::Unsure,
            (true, false) => Outcome::Met,
        }
    }
}
