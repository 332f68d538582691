//! Condition operators by name.

use std::cmp::Ordering;

/// A condition operator: what it compares, and what around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    pub(super) test: Test,
    /// Whether the operator holds where no value matches.
    pub negated: bool,
    /// `...IfExists`: holds without the key.
    pub if_exists: bool,
    /// `ForAllValues:` or `ForAnyValue:`.
    pub set: Option<SetOperator>,
}

/// How several presented values count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperator {
    /// Every value has to fit, also where there is none.
    All,
    /// One value has to fit.
    Any,
}

/// What an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Equals,
    EqualsIgnoreCase,
    Like,
    Numeric(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

/// Which order of presented and wanted fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(super) fn fits(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Operator {
    /// Reads an operator's name; case does not count. `None` for one there is not.
    pub fn parse(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let (set, rest) = match lower.split_once(':') {
            Some(("forallvalues", rest)) => (Some(SetOperator::All), rest),
            Some(("foranyvalue", rest)) => (Some(SetOperator::Any), rest),
            Some(_) => return None,
            None => (None, lower.as_str()),
        };
        let (base, if_exists) = match rest.strip_suffix("ifexists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let (test, negated) = base_operator(base)?;
        (test != Test::Null || !if_exists).then_some(Self { test, negated, if_exists, set })
    }
}

/// What kind of values an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Texts, with or without wildcards.
    Text {
        /// Whether `*` and `?` are wildcards.
        wildcards: bool,
        /// Whether case counts.
        case: bool,
    },
    /// ARNs.
    Arn,
    /// Whether the key is there.
    Null,
    /// Numbers, dates, booleans, bytes, addresses.
    Other,
}

/// The operators without prefix and suffix, as the guide spells them.
pub const OPERATORS: [&str; 27] = [
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "BinaryEquals",
    "Bool",
    "DateEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateNotEquals",
    "IpAddress",
    "NotIpAddress",
    "Null",
    "NumericEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericNotEquals",
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotEquals",
    "StringNotEqualsIgnoreCase",
    "StringNotLike",
];

impl Operator {
    /// What kind of values it compares.
    pub const fn family(self) -> Family {
        match self.test {
            Test::Equals => Family::Text { wildcards: false, case: true },
            Test::EqualsIgnoreCase => Family::Text { wildcards: false, case: false },
            Test::Like => Family::Text { wildcards: true, case: true },
            Test::Arn => Family::Arn,
            Test::Null => Family::Null,
            _ => Family::Other,
        }
    }
}

fn base_operator(name: &str) -> Option<(Test, bool)> {
    Some(match name {
        "stringequals" => (Test::Equals, false),
        "stringnotequals" => (Test::Equals, true),
        "stringequalsignorecase" => (Test::EqualsIgnoreCase, false),
        "stringnotequalsignorecase" => (Test::EqualsIgnoreCase, true),
        "stringlike" => (Test::Like, false),
        "stringnotlike" => (Test::Like, true),
        "bool" => (Test::Bool, false),
        "binaryequals" => (Test::Binary, false),
        "ipaddress" => (Test::Ip, false),
        "notipaddress" => (Test::Ip, true),
        "arnequals" | "arnlike" => (Test::Arn, false),
        "arnnotequals" | "arnnotlike" => (Test::Arn, true),
        "null" => (Test::Null, false),
        _ => {
            if let Some(rest) = name.strip_prefix("numeric") {
                let (order, negated) = order(rest)?;
                (Test::Numeric(order), negated)
            } else {
                let (order, negated) = order(name.strip_prefix("date")?)?;
                (Test::Date(order), negated)
            }
        }
    })
}

fn order(name: &str) -> Option<(Order, bool)> {
    Some(match name {
        "equals" => (Order::Equal, false),
        "notequals" => (Order::Equal, true),
        "lessthan" => (Order::Less, false),
        "lessthanequals" => (Order::LessOrEqual, false),
        "greaterthan" => (Order::Greater, false),
        "greaterthanequals" => (Order::GreaterOrEqual, false),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_listed_is_one_with_every_prefix_and_suffix() {
        assert!(OPERATORS.is_sorted());
        for name in OPERATORS {
            assert!(Operator::parse(name).is_some(), "{name}");
            assert!(Operator::parse(&format!("ForAnyValue:{name}")).is_some(), "{name}");
            let with_suffix = Operator::parse(&format!("{name}IfExists"));
            assert_eq!(with_suffix.is_some(), name != "Null", "{name}");
        }
    }
}
