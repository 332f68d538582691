//! What expressions are worth, as far as the source says.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::{
    BinaryOp, BinaryOperator, Expression, Object, ObjectKey, Traversal, TraversalOperator,
    UnaryOperator,
};
use hcl_edit::template::{Element, Strip, Template};

use super::super::value::{Entry, Node, Text, Value};
use super::module::{At, Module, Src};
use super::unknown;
use crate::model::account::{AccountId, Partition};
use crate::text::Place;

/// How deep expressions and what they refer to may stand in each other.
const DEPTH: usize = 96;

/// Why nothing more is evaluated.
pub(super) const TOO_LARGE: &str = "the source is too large to evaluate";

/// Account and partition of a provider's configuration.
pub(super) type Provider = (Option<AccountId>, Option<Partition>);

/// How much may be evaluated, so that no source grows beyond measure.
#[derive(Debug)]
pub(super) struct Budget {
    left: Cell<usize>,
    depth: Cell<usize>,
    /// Names that stand twice in an object.
    pub(super) repeated: RefCell<BTreeSet<(Place, String)>>,
}

impl Budget {
    /// For source of so many bytes.
    pub(super) fn of(size: usize) -> Self {
        let left = Cell::new(1_000_000 + size.saturating_mul(16));
        Self { left, depth: Cell::new(0), repeated: RefCell::default() }
    }

    /// Spends some of it; whether there was enough.
    pub(super) fn spend(&self, cost: usize) -> bool {
        let left = self.left.get().checked_sub(cost);
        self.left.set(left.unwrap_or_default());
        left.is_some()
    }
}

/// What stands for `each` and `count` in an instance, or why that is not known.
#[derive(Debug, Clone, Default)]
pub(super) struct Bindings {
    /// Key and value.
    pub(super) each: Option<Result<(Node, Node), String>>,
    pub(super) index: Option<Result<usize, String>>,
}

/// A value that others refer to.
#[derive(Debug, Clone)]
enum Memo {
    Evaluating,
    Done(Node, usize),
}

/// A module as it is called: its variables have values.
#[derive(Debug)]
pub(super) struct Scope<'m> {
    pub(super) module: &'m Module<'m>,
    pub(super) budget: &'m Budget,
    /// Arguments of the call; `None` where nothing calls the module.
    arguments: Option<BTreeMap<String, Node>>,
    /// Configurations of the provider `aws` by alias.
    pub(super) providers: BTreeMap<String, Provider>,
    memos: RefCell<BTreeMap<(&'static str, &'m str), Memo>>,
}

impl<'m> Scope<'m> {
    /// A module that is applied itself.
    pub(super) fn root(module: &'m Module<'m>, budget: &'m Budget) -> Self {
        Self::new(module, budget, None, BTreeMap::new())
    }

    /// A module that another calls.
    pub(super) fn called(
        module: &'m Module<'m>,
        budget: &'m Budget,
        arguments: BTreeMap<String, Node>,
        providers: BTreeMap<String, Provider>,
    ) -> Self {
        Self::new(module, budget, Some(arguments), providers)
    }

    fn new(
        module: &'m Module<'m>,
        budget: &'m Budget,
        arguments: Option<BTreeMap<String, Node>>,
        providers: BTreeMap<String, Provider>,
    ) -> Self {
        let memos = RefCell::default();
        let mut scope = Self { module, budget, arguments, providers, memos };
        scope.configure();
        scope
    }

    /// The value of an expression.
    pub(super) fn eval(&self, expression: &'m Expression, src: Src<'m>, with: &Bindings) -> Node {
        let place = src.place(expression);
        if !self.budget.spend(1) {
            return unknown(place, TOO_LARGE);
        }
        let depth = self.budget.depth.get();
        if depth >= DEPTH {
            return unknown(place, "it is nested or refers to others too deep to evaluate");
        }
        self.budget.depth.set(depth + 1);
        let node = self.eval_inside(expression, src, with, place);
        self.budget.depth.set(depth);
        node
    }

    fn eval_inside(
        &self,
        expression: &'m Expression,
        src: Src<'m>,
        with: &Bindings,
        place: Place,
    ) -> Node {
        let node = |value| Node::new(place, value);
        match expression {
            Expression::Null(_) => node(Value::Null),
            Expression::Bool(value) => node(Value::Bool(*value.value())),
            Expression::Number(number) => node(Value::Number(number.value().to_string())),
            Expression::String(text) => Node::text(place, text.value().as_str()),
            Expression::Array(items) => {
                let items = items.iter().map(|item| self.eval(item, src, with));
                node(Value::List(items.collect()))
            }
            Expression::Object(object) => self.object(object, src, with, place),
            Expression::StringTemplate(template) => {
                if let Some(Element::Interpolation(only)) = template.as_single_element() {
                    return self.eval(&only.expr, src, with);
                }
                self.template(template, false, src, with, place)
            }
            Expression::HeredocTemplate(heredoc) => {
                self.template(&heredoc.template, true, src, with, place)
            }
            Expression::Parenthesis(inside) => self.eval(inside.inner(), src, with),
            Expression::Variable(name) => {
                unknown(place, format!("`{}` is not evaluated", name.as_str()))
            }
            Expression::Conditional(choice) => {
                match boolean(&self.eval(&choice.cond_expr, src, with)) {
                    Ok(true) => self.eval(&choice.true_expr, src, with),
                    Ok(false) => self.eval(&choice.false_expr, src, with),
                    Err(reason) => unknown(place, reason),
                }
            }
            Expression::FuncCall(call) => self.function(call, src, with, place),
            Expression::Traversal(way) => self.traversal(way, src, with, place),
            Expression::UnaryOp(operation) => match operation.operator.value() {
                UnaryOperator::Not => match boolean(&self.eval(&operation.expr, src, with)) {
                    Ok(value) => node(Value::Bool(!value)),
                    Err(reason) => unknown(place, reason),
                },
                UnaryOperator::Neg => unknown(place, "arithmetic is not evaluated"),
            },
            Expression::BinaryOp(operation) => self.binary(operation, src, with, place),
            Expression::ForExpr(_) => unknown(place, "a `for` expression is not evaluated"),
        }
    }

    fn object(&self, object: &'m Object, src: Src<'m>, with: &Bindings, place: Place) -> Node {
        let mut entries: Vec<Entry> = Vec::with_capacity(object.len());
        let mut known = BTreeMap::new();
        for (key, value) in object {
            let (name, place_of_key) = match key {
                ObjectKey::Ident(name) => (name.as_str().to_owned(), src.place(name)),
                ObjectKey::Expression(expression) => {
                    let key = self.eval(expression, src, with);
                    match key.known_text() {
                        Ok(text) => (text.to_owned(), key.place),
                        Err(reason) => return unknown(place, reason),
                    }
                }
            };
            let node = self.eval(value.expr(), src, with);
            let entry = Entry { name: name.clone(), place: place_of_key, node };
            if let Some(first) = known.get(&name).and_then(|&at: &usize| entries.get_mut(at)) {
                self.budget.repeated.borrow_mut().insert((place_of_key, name));
                *first = entry;
            } else {
                known.insert(name, entries.len());
                entries.push(entry);
            }
        }
        Node::new(place, Value::Object(entries))
    }

    fn template(
        &self,
        template: &'m Template,
        heredoc: bool,
        src: Src<'m>,
        with: &Bindings,
        place: Place,
    ) -> Node {
        let mut text = Text::default();
        for element in template {
            match element {
                Element::Literal(literal) => {
                    let start = src.place(literal);
                    text.mark(start);
                    if heredoc {
                        for (line, piece) in (0..).zip(literal.split_inclusive('\n')) {
                            text.mark(Place(start.0.saturating_add(line)));
                            text.push(piece);
                        }
                    } else {
                        text.push(literal);
                    }
                }
                Element::Interpolation(part) if part.strip == Strip::None => {
                    let node = self.eval(&part.expr, src, with);
                    append(&mut text, node);
                }
                Element::Interpolation(_) => {
                    return unknown(place, "`~` in a template is not evaluated");
                }
                Element::Directive(_) => {
                    return unknown(place, "a directive of a template is not evaluated");
                }
            }
            if !self.budget.spend(text.content.len() / 64) {
                return unknown(place, TOO_LARGE);
            }
        }
        Node::new(place, Value::Text(text))
    }

    fn binary(&self, operation: &'m BinaryOp, src: Src<'m>, with: &Bindings, place: Place) -> Node {
        let left = self.eval(&operation.lhs_expr, src, with);
        let right = self.eval(&operation.rhs_expr, src, with);
        let result = match operation.operator.value() {
            BinaryOperator::Eq => same(&left, &right),
            BinaryOperator::NotEq => same(&left, &right).map(|same| !same),
            BinaryOperator::And => boolean(&left).and_then(|left| Ok(boolean(&right)? && left)),
            BinaryOperator::Or => boolean(&left).and_then(|left| Ok(boolean(&right)? || left)),
            _ => Err("arithmetic is not evaluated".to_owned()),
        };
        match result {
            Ok(value) => Node::new(place, Value::Bool(value)),
            Err(reason) => unknown(place, reason),
        }
    }

    fn traversal(&self, way: &'m Traversal, src: Src<'m>, with: &Bindings, place: Place) -> Node {
        let mut steps = Vec::with_capacity(way.operators.len());
        for operator in &way.operators {
            steps.push(match operator.value() {
                TraversalOperator::GetAttr(name) => Step::Name(name.as_str()),
                TraversalOperator::Index(index) => Step::Index(self.eval(index, src, with)),
                TraversalOperator::LegacyIndex(index) => {
                    Step::Index(Node::new(place, Value::Number(index.value().to_string())))
                }
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    return unknown(place, "a splat expression is not evaluated");
                }
            });
        }
        let mut node = match &way.expr {
            Expression::Variable(root) => self.reference(root.as_str(), &steps, with, place),
            other => walk(self.eval(other, src, with), &steps),
        };
        node.place = if matches!(node.value, Value::Text(_)) { node.place } else { place };
        node
    }

    /// A value that others refer to, evaluated once.
    pub(super) fn once(
        &self,
        kind: &'static str,
        name: &'m str,
        evaluate: impl FnOnce() -> Node,
        place: Place,
    ) -> Node {
        match self.memos.borrow().get(&(kind, name)) {
            Some(Memo::Evaluating) => {
                return unknown(place, format!("`{kind}.{name}` refers to itself"));
            }
            Some(Memo::Done(node, size)) => {
                let enough = self.budget.spend(*size);
                return if enough { node.clone() } else { unknown(place, TOO_LARGE) };
            }
            None => {}
        }
        self.memos.borrow_mut().insert((kind, name), Memo::Evaluating);
        let node = evaluate();
        let memo = Memo::Done(node.clone(), node.size());
        self.memos.borrow_mut().insert((kind, name), memo);
        node
    }

    /// The value of a variable.
    pub(super) fn variable(&self, name: &str, place: Place) -> Node {
        let Some((&name, &(body, src))) = self.module.variables.get_key_value(name) else {
            return unknown(place, format!("variable `{name}` is not declared in the files read"));
        };
        for secret in ["sensitive", "ephemeral"] {
            let marked = body.get_attribute(secret).and_then(|mark| mark.value.as_bool());
            if marked == Some(true) {
                return unknown(place, format!("variable `{name}` is {secret}"));
            }
        }
        if let Some(node) = self.arguments.as_ref().and_then(|arguments| arguments.get(name)) {
            let enough = self.budget.spend(node.size());
            return if enough { node.clone() } else { unknown(place, TOO_LARGE) };
        }
        let given: Option<At<'m, Expression>> = if self.arguments.is_none() {
            if let Some(&text) = self.module.parameters.get(name) {
                return parameter(text, place);
            }
            self.module.assigned.get(name).copied()
        } else {
            None
        };
        let default = || body.get_attribute("default").map(|default| (&default.value, src));
        match given.or_else(default) {
            Some((value, src)) => {
                let evaluate = || self.eval(value, src, &Bindings::default());
                self.once("var", name, evaluate, place)
            }
            None => unknown(place, format!("variable `{name}` has no value")),
        }
    }
}

/// A parameter's value, given as text; lists and objects are written as in JSON.
fn parameter(text: &str, place: Place) -> Node {
    let nested = text.trim_start().starts_with(['[', '{']);
    match super::super::json::parse(text, 0) {
        Ok(tree) if nested => at(tree.root, place),
        _ => Node::text(place, text),
    }
}

/// A value with all its parts at one place.
fn at(mut node: Node, place: Place) -> Node {
    node.place = place;
    node.value = match node.value {
        Value::List(items) => Value::List(items.into_iter().map(|item| at(item, place)).collect()),
        Value::Object(entries) => Value::Object(
            entries
                .into_iter()
                .map(|entry| Entry { place, node: at(entry.node, place), ..entry })
                .collect(),
        ),
        value => value,
    };
    node
}

/// A step from a value to one inside it.
#[derive(Debug)]
pub(super) enum Step<'m> {
    Name(&'m str),
    Index(Node),
}

/// What stands at the end of steps.
pub(super) fn walk(mut node: Node, steps: &[Step<'_>]) -> Node {
    for step in steps {
        let place = node.place;
        let key = match step {
            Step::Name(name) => Ok((*name).to_owned()),
            Step::Index(index) => index.known_text().map(str::to_owned),
        };
        let key = match (key, &node.value) {
            (_, Value::Unknown(_)) => return node,
            (Err(reason), _) => return unknown(place, reason),
            (Ok(key), _) => key,
        };
        let found = match node.value {
            Value::Object(entries) => {
                entries.into_iter().find(|entry| entry.name == key).map(|entry| entry.node)
            }
            Value::List(items) => {
                key.parse::<usize>().ok().and_then(|at| items.into_iter().nth(at))
            }
            _ => None,
        };
        node = found.unwrap_or_else(|| unknown(place, format!("there is no `{key}` in it")));
    }
    node
}

/// Adds a value to a text, as a template does.
fn append(text: &mut Text, node: Node) {
    let place = node.place;
    match node.value {
        Value::Text(part) => text.append(part, place),
        Value::Unknown(reason) => {
            text.mark(place);
            text.push_unknown(reason);
        }
        value => {
            text.mark(place);
            match Node::new(place, value).known_text() {
                Ok(known) => text.push(known),
                Err(reason) => text.push_unknown(reason),
            }
        }
    }
}

/// Whether something is true; why that is not known.
fn boolean(node: &Node) -> Result<bool, String> {
    match node.known_text()? {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("a condition is neither true nor false".to_owned()),
    }
}

/// Whether two values are the same; why that is not known.
fn same(left: &Node, right: &Node) -> Result<bool, String> {
    match (&left.value, &right.value) {
        (Value::Unknown(reason), _) | (_, Value::Unknown(reason)) => Err(reason.clone()),
        (Value::Null, Value::Null) => Ok(true),
        (Value::Null, _) | (_, Value::Null) => Ok(false),
        (Value::Text(_), Value::Text(_))
        | (Value::Bool(_), Value::Bool(_))
        | (Value::Number(_), Value::Number(_)) => Ok(left.known_text()? == right.known_text()?),
        _ => Err("a comparison of this kind is not evaluated".to_owned()),
    }
}
