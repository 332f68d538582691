//! Conditions of a template: true, false, or not known before it is deployed.

use super::error::TemplateError;
use super::evaluate::Evaluator;
use super::tree::Node;

impl<'t> Evaluator<'t, '_> {
    /// Whether a named condition holds; `None` where that is not known.
    pub(super) fn condition(&mut self, name: &str, line: u32) -> Option<bool> {
        let Some((&name, &node)) = self.template.conditions.get_key_value(name) else {
            if !self.template.incomplete {
                self.report(line, TemplateError::NoCondition(name.to_owned()));
            }
            return None;
        };
        if let Some(&decided) = self.decided.get(name) {
            return decided;
        }
        // One that refers to itself is not known.
        self.decided.insert(name, None);
        let decided = self.decide(node);
        self.decided.insert(name, decided);
        decided
    }

    fn decide(&mut self, node: &'t Node) -> Option<bool> {
        let Some(entry) = node.only() else {
            return match node.text()? {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            };
        };
        let arguments = &entry.value;
        match entry.key.as_str() {
            "Condition" => self.condition(arguments.text()?, arguments.line),
            "Fn::Equals" => {
                let [a, b] = arguments.items()? else {
                    return self.not_taken(&entry.key, entry.line);
                };
                let (a, b) = (self.text(a), self.text(b));
                Some(a.known()? == b.known()?)
            }
            "Fn::Not" => {
                let [one] = arguments.items()? else {
                    return self.not_taken(&entry.key, entry.line);
                };
                self.decide(one).map(|holds| !holds)
            }
            "Fn::And" => self.all(arguments, true),
            // One that holds is enough: all fail where none does.
            "Fn::Or" => self.all(arguments, false).map(|holds| !holds),
            other => {
                if !KNOWN.contains(&other) {
                    self.report(entry.line, TemplateError::Function(other.to_owned()));
                }
                None
            }
        }
    }

    /// Whether all of a list are `wanted`.
    fn all(&mut self, arguments: &'t Node, wanted: bool) -> Option<bool> {
        let mut all = Some(true);
        for one in arguments.items()? {
            match self.decide(one) {
                Some(holds) if holds == wanted => {}
                Some(_) => return Some(false),
                None => all = None,
            }
        }
        all
    }

    fn not_taken(&mut self, function: &str, line: u32) -> Option<bool> {
        let expected = if function == "Fn::Not" { "one condition" } else { "two values" };
        self.report(line, TemplateError::Arguments { function: function.to_owned(), expected });
        None
    }
}

/// Functions of `Rules`, which a condition may use too; they need what is known on deployment.
const KNOWN: [&str; 7] = [
    "Fn::Contains",
    "Fn::EachMemberEquals",
    "Fn::EachMemberIn",
    "Fn::RefAll",
    "Fn::ValueOf",
    "Fn::ValueOfAll",
    "Fn::FindInMap",
];
