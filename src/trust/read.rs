//! From a document to a policy: what IAM would not store is kept as a fault and reads as nothing.

use std::collections::BTreeSet;

use super::action::{ActionPattern, Actions};
use super::condition::{Condition, Wanted};
use super::decision::Quoted;
use super::json::{Kind, Member, Node, parse};
use super::operator::Operator;
use super::policy::{Broken, Effect, Fault, FaultKind, PolicyError, Statement, TrustPolicy};
use super::principal::{Listed, PrincipalKind, Principals};

/// The version of the language that has variables.
pub(super) const WITH_VARIABLES: &str = "2012-10-17";

impl TrustPolicy {
    /// Reads a policy document. What IAM would refuse to store is a fault and allows nothing; a document
    /// that is no policy at all is an error.
    pub fn parse(json: &str) -> Result<Self, PolicyError> {
        let node = parse(json)?;
        let Kind::Object(members) = &node.kind else {
            return Err(PolicyError::new(
                node.at,
                format!("the policy is {}, expected an object", node.kind.noun()),
            ));
        };
        let statements = members
            .iter()
            .find(|member| member.name == "Statement")
            .ok_or_else(|| PolicyError::new(node.at, "the policy has no `Statement`"))?;
        let nodes = match &statements.value.kind {
            Kind::List(nodes) => nodes.as_slice(),
            Kind::Object(_) => std::slice::from_ref(&statements.value),
            other => {
                return Err(PolicyError::new(
                    statements.value.at,
                    format!("`Statement` is {}, expected an object or an array", other.noun()),
                ));
            }
        };
        let mut refused = None;
        let version = text_of(members, "Version");
        let mut policy = Self {
            version: version.map(str::to_owned),
            id: text_of(members, "Id").map(str::to_owned),
            statements: Vec::new(),
            faults: Vec::new(),
            refused: None,
        };
        if let Some(fault) = fault_of_document(members) {
            policy.faults.push(fault.clone());
            refused = Some(fault);
        }
        let variables = version == Some(WITH_VARIABLES);
        for node in nodes {
            policy.statements.push(statement(node, json, variables, &mut policy.faults));
        }
        repeated_sids(&policy.statements, &mut policy.faults);
        policy.refused = refused.map(|fault| Broken { fault, text: json.into() });
        policy.faults.sort_by_key(|fault| fault.at);
        Ok(policy)
    }
}

fn text_of<'n>(members: &'n [Member], name: &str) -> Option<&'n str> {
    members.iter().find(|member| member.name == name).and_then(|member| match &member.value.kind {
        Kind::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

fn fault(at: usize, message: impl Into<String>) -> Fault {
    Fault { kind: FaultKind::Grammar, at, message: message.into() }
}

fn fault_of(kind: FaultKind, at: usize, message: impl Into<String>) -> Fault {
    Fault { kind, ..fault(at, message) }
}

/// What is wrong with a policy as a whole.
fn fault_of_document(members: &[Member]) -> Option<Fault> {
    repeated(members).or_else(|| {
        members.iter().find_map(|member| match (member.name.as_str(), &member.value.kind) {
            ("Version", Kind::Text(text)) if text == WITH_VARIABLES || text == "2008-10-17" => None,
            ("Version", Kind::Text(text)) => Some(fault(
                member.value.at,
                format!("`Version` is `{}`, expected `2012-10-17` or `2008-10-17`", Quoted(text)),
            )),
            ("Statement", _) | ("Id", Kind::Text(_)) => None,
            ("Id" | "Version", other) => Some(fault(
                member.value.at,
                format!("`{}` is {}, expected a string", member.name, other.noun()),
            )),
            (name, _) => Some(fault(
                member.at,
                format!(
                    "`{}` is no element of a policy, expected `Version`, `Id` or `Statement`",
                    Quoted(name)
                ),
            )),
        })
    })
}

/// A name that stands twice.
fn repeated(members: &[Member]) -> Option<Fault> {
    let mut seen = BTreeSet::new();
    let again = members.iter().find(|member| !seen.insert(member.name.as_str()))?;
    let message = format!("`{}` stands twice, expected once", Quoted(&again.name));
    Some(fault_of(FaultKind::Repeated, again.at, message))
}

fn repeated_sids(statements: &[Statement], faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for statement in statements {
        let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty()) else { continue };
        if !seen.insert(sid) {
            faults.push(fault_of(
                FaultKind::Sid,
                statement.at,
                format!("`Sid` `{}` names two statements, expected one", Quoted(sid)),
            ));
        }
        if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            faults.push(fault_of(
                FaultKind::Sid,
                statement.at,
                format!("`Sid` is `{}`, expected letters and digits", Quoted(sid)),
            ));
        }
    }
}

/// A statement; one that IAM would refuse as a whole allows nothing, and denies as far as can be known.
fn statement(node: &Node, json: &str, variables: bool, faults: &mut Vec<Fault>) -> Statement {
    let members = if let Kind::Object(members) = &node.kind { members.as_slice() } else { &[] };
    let effect = match text_of(members, "Effect") {
        Some(effect) if effect.eq_ignore_ascii_case("Allow") => Effect::Allow,
        // What cannot be told from a Deny is taken for one.
        _ => Effect::Deny,
    };
    let mut own = Vec::new();
    let mut read = Statement {
        sid: text_of(members, "Sid").map(str::to_owned),
        effect,
        principals: Principals { negated: false, listed: Vec::new(), places: Vec::new() },
        actions: Actions { negated: false, patterns: Vec::new() },
        conditions: Vec::new(),
        at: node.at,
        end: node.end,
        broken: None,
    };
    if let Err(fault) = fill(&mut read, node, variables, &mut own) {
        let text = json.get(node.at..node.end).unwrap_or_default().into();
        read.broken = Some(Broken { fault: fault.clone(), text });
        own.push(fault);
    }
    faults.append(&mut own);
    read
}

fn fill(
    statement: &mut Statement,
    node: &Node,
    variables: bool,
    faults: &mut Vec<Fault>,
) -> Result<(), Fault> {
    let members = object(node, "a statement")?;
    let mut has_effect = false;
    let mut actions = None;
    let mut principals = None;
    for member in members {
        let twice = |other: &str, name: &str| {
            fault(member.at, format!("`{name}` stands beside `{other}`, expected one of them"))
        };
        let value = &member.value;
        match member.name.as_str() {
            "Sid" => {
                text(value, "Sid")?;
            }
            "Effect" => {
                has_effect = true;
                effect(value)?;
            }
            "Action" | "NotAction" if actions.is_some() => {
                return Err(twice("Action", "NotAction"));
            }
            "Action" => actions = Some(self::actions(value, false, faults)?),
            "NotAction" => actions = Some(self::actions(value, true, faults)?),
            "Principal" | "NotPrincipal" if principals.is_some() => {
                return Err(twice("Principal", "NotPrincipal"));
            }
            "Principal" => principals = Some(self::principals(value, false, faults)?),
            "NotPrincipal" => {
                faults.push(fault_of(
                    FaultKind::Prohibited,
                    member.at,
                    "`NotPrincipal` in a role trust policy, expected `Principal`",
                ));
                principals = Some(self::principals(value, true, faults)?);
            }
            "Condition" => statement.conditions = conditions(value, variables, faults)?,
            name => return Err(foreign(name, member.at)),
        }
    }
    if !has_effect {
        let message = "the statement has no `Effect`, expected `Allow` or `Deny`";
        return Err(fault_of(FaultKind::Missing, node.at, message));
    }
    statement.actions = actions.ok_or_else(|| {
        fault_of(FaultKind::Missing, node.at, "the statement has no `Action` or `NotAction`")
    })?;
    statement.principals = principals
        .ok_or_else(|| fault_of(FaultKind::Missing, node.at, "the statement has no `Principal`"))?;
    Ok(())
}

fn foreign(name: &str, at: usize) -> Fault {
    match name {
        "Resource" | "NotResource" => fault_of(
            FaultKind::Prohibited,
            at,
            format!("`{name}` in a role trust policy, expected none: the role is the resource"),
        ),
        _ => fault(at, format!("`{}` is no element of a statement", Quoted(name))),
    }
}

fn effect(value: &Node) -> Result<(), Fault> {
    match text(value, "Effect")? {
        "Allow" | "Deny" => Ok(()),
        other => Err(fault(
            value.at,
            format!("`Effect` is `{}`, expected `Allow` or `Deny`", Quoted(other)),
        )),
    }
}

/// The members of an object, each name once.
fn object<'n>(node: &'n Node, what: &str) -> Result<&'n [Member], Fault> {
    let Kind::Object(members) = &node.kind else {
        return Err(fault(node.at, format!("{what} is {}, expected an object", node.kind.noun())));
    };
    repeated(members).map_or(Ok(members), Err)
}

fn text<'n>(node: &'n Node, what: &str) -> Result<&'n str, Fault> {
    match &node.kind {
        Kind::Text(text) => Ok(text),
        other => Err(fault(node.at, format!("`{what}` is {}, expected a string", other.noun()))),
    }
}

/// One element, or those of an array.
fn one_or_many(node: &Node) -> &[Node] {
    match &node.kind {
        Kind::List(nodes) => nodes,
        _ => std::slice::from_ref(node),
    }
}

fn actions(value: &Node, negated: bool, faults: &mut Vec<Fault>) -> Result<Actions, Fault> {
    let mut patterns = Vec::new();
    for node in one_or_many(value) {
        let pattern = ActionPattern::parse(text(node, "Action")?, node.at);
        if pattern.is_malformed() {
            faults.push(fault_of(
                FaultKind::Action,
                node.at,
                format!(
                    "`{}` is no action, expected one like `sts:AssumeRoleWithSAML`",
                    Quoted(&pattern.text)
                ),
            ));
        }
        patterns.push(pattern);
    }
    Ok(Actions { negated, patterns })
}

fn principals(value: &Node, negated: bool, faults: &mut Vec<Fault>) -> Result<Principals, Fault> {
    if let Kind::Text(text) = &value.kind {
        if text == "*" {
            let (listed, places) = (vec![Listed::Everybody], vec![value.at]);
            return Ok(Principals { negated, listed, places });
        }
        return Err(fault(
            value.at,
            format!(
                "`Principal` is `{}`, expected `*` or an object such as `{{\"Federated\": …}}`",
                Quoted(text)
            ),
        ));
    }
    let mut listed = Vec::new();
    let mut places = Vec::new();
    for member in object(value, "`Principal`")? {
        let Some(kind) = PrincipalKind::parse(&member.name) else {
            faults.push(fault_of(
                FaultKind::Principal,
                member.at,
                format!(
                    "`{}` is no kind of principal, expected `AWS`, `Federated` or `Service`",
                    Quoted(&member.name)
                ),
            ));
            for node in one_or_many(&member.value) {
                let name = text(node, &member.name)?.to_owned();
                listed.push(Listed::Malformed(member.name.clone(), name));
                places.push(node.at);
            }
            continue;
        };
        for node in one_or_many(&member.value) {
            let name = text(node, &member.name)?;
            let one = Listed::parse(kind, name);
            if matches!(one, Listed::Malformed(..)) {
                faults.push(fault_of(
                    FaultKind::Principal,
                    node.at,
                    format!(
                        "`{}` has a wildcard, expected the whole name of a principal",
                        Quoted(name)
                    ),
                ));
            }
            listed.push(one);
            places.push(node.at);
        }
    }
    Ok(Principals { negated, listed, places })
}

fn conditions(
    value: &Node,
    variables: bool,
    faults: &mut Vec<Fault>,
) -> Result<Vec<Condition>, Fault> {
    let mut conditions = Vec::new();
    for operator in object(value, "`Condition`")? {
        let known = Operator::parse(&operator.name);
        if known.is_none() {
            faults.push(fault_of(
                FaultKind::Operator,
                operator.at,
                format!("`{}` is no condition operator", Quoted(&operator.name)),
            ));
        }
        for key in object(&operator.value, &format!("`{}`", Quoted(&operator.name)))? {
            let mut values = Vec::new();
            for node in one_or_many(&key.value) {
                let wanted = Wanted::new(scalar(node, &key.name)?, node.at, known, variables);
                if !wanted.is_readable() {
                    faults.push(fault_of(
                        FaultKind::Value,
                        node.at,
                        format!(
                            "`{}` is no value for `{}`",
                            Quoted(&wanted.text),
                            Quoted(&operator.name)
                        ),
                    ));
                }
                values.push(wanted);
            }
            conditions.push(Condition {
                operator_name: operator.name.clone(),
                operator: known,
                key: key.name.clone(),
                key_lower: key.name.to_lowercase(),
                values,
                at: key.at,
            });
        }
    }
    Ok(conditions)
}

/// A value of a condition as text; quotes are optional around numbers and booleans.
fn scalar(node: &Node, key: &str) -> Result<String, Fault> {
    match &node.kind {
        Kind::Text(text) | Kind::Number(text) => Ok(text.clone()),
        Kind::Bool(value) => Ok(value.to_string()),
        other => Err(fault(
            node.at,
            format!("a value of `{}` is {}, expected a string", Quoted(key), other.noun()),
        )),
    }
}
