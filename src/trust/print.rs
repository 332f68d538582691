//! A policy as canonical JSON: one spelling for everything that means the same.

use std::fmt;

use serde_json::{Map, Value};

use super::policy::{Statement, TrustPolicy};
use super::principal::Listed;

/// Values and principals as arrays, elements in IAM's order; what IAM would refuse as it was written.
impl fmt::Display for TrustPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(refused) = &self.refused {
            return f.write_str(&refused.text);
        }
        f.write_str("{")?;
        if let Some(version) = &self.version {
            write!(f, "\"Version\":{},", quoted(version))?;
        }
        if let Some(id) = &self.id {
            write!(f, "\"Id\":{},", quoted(id))?;
        }
        f.write_str("\"Statement\":[")?;
        for (number, statement) in self.statements.iter().enumerate() {
            if number > 0 {
                f.write_str(",")?;
            }
            match &statement.broken {
                Some(broken) => f.write_str(&broken.text)?,
                None => write_statement(statement, f)?,
            }
        }
        f.write_str("]}")
    }
}

fn quoted(text: &str) -> Value {
    Value::from(text)
}

fn write_statement(statement: &Statement, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("{")?;
    if let Some(sid) = &statement.sid {
        write!(f, "\"Sid\":{},", quoted(sid))?;
    }
    write!(f, "\"Effect\":\"{}\",", statement.effect)?;
    let not = if statement.principals.negated { "Not" } else { "" };
    write!(f, "\"{not}Principal\":{},", principals(&statement.principals.listed))?;
    let not = if statement.actions.negated { "Not" } else { "" };
    let actions: Value =
        statement.actions.patterns.iter().map(|pattern| pattern.text.as_str()).collect();
    write!(f, "\"{not}Action\":{actions}")?;
    if !statement.conditions.is_empty() {
        write!(f, ",\"Condition\":{}", conditions(statement))?;
    }
    f.write_str("}")
}

fn principals(listed: &[Listed]) -> Value {
    let mut kinds: Map<String, Value> = Map::new();
    for one in listed {
        let (kind, name) = match one {
            Listed::Everybody => ("AWS", "*"),
            Listed::One(kind, name) => (kind.as_str(), name.as_str()),
            Listed::Malformed(kind, name) => (kind.as_str(), name.as_str()),
        };
        push(&mut kinds, kind, name);
    }
    Value::Object(kinds)
}

fn push(map: &mut Map<String, Value>, key: &str, text: &str) {
    let list = map.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(list) = list {
        list.push(quoted(text));
    }
}

fn conditions(statement: &Statement) -> Value {
    let mut operators: Map<String, Value> = Map::new();
    for condition in &statement.conditions {
        let keys = operators
            .entry(condition.operator_name.as_str())
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(keys) = keys {
            let values = condition.values.iter().map(|wanted| wanted.text.as_str()).collect();
            keys.insert(condition.key.clone(), values);
        }
    }
    Value::Object(operators)
}
