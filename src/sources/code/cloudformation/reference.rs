//! `Ref`, `Fn::GetAtt` and `Fn::Sub`: what names in a template stand for.

use super::error::TemplateError;
use super::evaluate::Evaluator;
use super::tree::Node;
use super::value::{Item, Text, Value};

/// The type of a role.
pub(super) const ROLE: &str = "AWS::IAM::Role";

/// The type of a SAML provider.
pub(super) const PROVIDER: &str = "AWS::IAM::SAMLProvider";

impl<'t> Evaluator<'t, '_> {
    /// What `Ref` of a name gives.
    pub(super) fn reference(&mut self, name: &str, line: u32) -> Value {
        if let Some((_, text)) = self.variables.iter().rev().find(|(known, _)| known == name) {
            return Value::Text(text.clone());
        }
        if name == "AWS::NoValue" {
            return Value::Nothing;
        }
        if name.starts_with("AWS::") {
            return Value::Text(self.pseudo(name, line));
        }
        if let Some(&parameter) = self.template.parameters.get(name) {
            return self.parameter(name, parameter);
        }
        let Some(&number) = self.template.ids.get(name) else {
            return Value::Text(self.undefined(name, line));
        };
        let resource = self.template.resources.get(number);
        Value::Text(match resource.map_or("", super::template::Resource::kind) {
            ROLE => self.name_of(number, "RoleName"),
            PROVIDER => self.arn_of(number),
            _ => Text::unknown(format!("`{name}` is named on deployment")),
        })
    }

    fn undefined(&mut self, name: &str, line: u32) -> Text {
        if self.template.incomplete {
            return Text::unknown(format!("`{name}` is not in this file"));
        }
        self.report(line, TemplateError::Undefined(name.to_owned()));
        Text::unknown(format!("`{name}` is not defined"))
    }

    /// A pseudo parameter: what was given, or what follows from the account and the Region.
    pub(super) fn pseudo(&mut self, name: &str, line: u32) -> Text {
        if let Some(given) = self.options.parameters.get(name) {
            return Text::new(given);
        }
        match name {
            "AWS::AccountId" => match self.account() {
                Some(account) => Text::new(account.as_str()),
                None => Text::unknown("the account of the template is not given"),
            },
            "AWS::Partition" => match self.partition() {
                Some(partition) => Text::new(partition),
                None => Text::unknown("the partition of the template is not given"),
            },
            "AWS::URLSuffix" => match self.partition() {
                Some("aws-cn") => Text::new("amazonaws.com.cn"),
                Some("aws" | "aws-us-gov") => Text::new("amazonaws.com"),
                _ => Text::unknown("the partition of the template is not given"),
            },
            "AWS::Region" | "AWS::StackName" | "AWS::StackId" | "AWS::NotificationARNs" => {
                Text::unknown(format!("`{name}` is not given"))
            }
            _ => self.undefined(name, line),
        }
    }

    /// The partition, where it or the Region is given.
    pub(super) fn partition(&self) -> Option<&'static str> {
        let given = |name: &str| self.options.parameters.get(name).map(String::as_str);
        if let Some(partition) = given("AWS::Partition") {
            return ["aws", "aws-cn", "aws-us-gov"].into_iter().find(|known| *known == partition);
        }
        let region = given("AWS::Region")?;
        if region.starts_with("cn-") {
            Some("aws-cn")
        } else if region.starts_with("us-gov-") {
            Some("aws-us-gov")
        } else if region.starts_with("us-iso") || region.starts_with("eusc-") {
            None
        } else {
            Some("aws")
        }
    }

    fn parameter(&mut self, name: &str, parameter: &'t Node) -> Value {
        let kind = parameter.get("Type").and_then(Node::text).unwrap_or("String");
        let given = self.options.parameters.get(name).cloned();
        let default = parameter.get("Default");
        let line = default.map_or(parameter.line, |default| default.line);
        let looked_up = given.is_none() && kind.starts_with("AWS::SSM::Parameter::Value<");
        if looked_up {
            let reason = format!("parameter `{name}` is looked up on deployment");
            return Value::Text(Text::unknown(reason));
        }
        let Some(text) = given.or_else(|| default.and_then(Node::text).map(str::to_owned)) else {
            return Value::Text(Text::unknown(format!("parameter `{name}` has no value")));
        };
        if kind != "CommaDelimitedList" && !kind.contains("List<") {
            return Value::Text(Text::new(&text));
        }
        let items = text.split(',').map(str::trim);
        Value::List(items.map(|item| Item { line, value: Value::Text(Text::new(item)) }).collect())
    }

    /// `Fn::GetAtt`; `None` for other arguments than it takes.
    pub(super) fn attribute(&mut self, arguments: &'t Node, line: u32) -> Option<Text> {
        if let Some(text) = arguments.text() {
            let (name, attribute) = text.split_once('.')?;
            return Some(self.attribute_of(name, attribute, line));
        }
        let [resource, attribute] = arguments.items()? else { return None };
        let name = resource.text()?.to_owned();
        let attribute = self.text(attribute);
        Some(match attribute.known() {
            Some(attribute) => self.attribute_of(&name, attribute, line),
            None => attribute,
        })
    }

    fn attribute_of(&mut self, name: &str, attribute: &str, line: u32) -> Text {
        let Some(&number) = self.template.ids.get(name) else {
            return self.undefined(name, line);
        };
        let resource = self.template.resources.get(number);
        let kind = resource.map_or("", super::template::Resource::kind);
        if attribute == "Arn" && (kind == ROLE || kind == PROVIDER) {
            return self.arn_of(number);
        }
        Text::unknown(format!("`{name}.{attribute}` is known on deployment"))
    }

    /// A name that a resource states, with the variables of the loops around it; computed once.
    pub(super) fn name_of(&mut self, number: usize, property: &'static str) -> Text {
        if let Some(text) = self.names.get(&(number, property)) {
            return text.clone();
        }
        let itself = Text::unknown("it refers to itself");
        self.names.insert((number, property), itself);
        let text = self.stated_name(number, property);
        self.names.insert((number, property), text.clone());
        text
    }

    fn stated_name(&mut self, number: usize, property: &str) -> Text {
        let Some(resource) = self.template.resources.get(number).cloned() else {
            return Text::unknown("it is not in this file");
        };
        let properties = resource.properties();
        if let Some(reason) = properties.and_then(made_on_deployment) {
            return Text::unknown(reason);
        }
        let Some(name) = properties.and_then(|properties| properties.get(property)) else {
            return Text::unknown(named_on_deployment(&resource.id));
        };
        let around = std::mem::replace(&mut self.variables, resource.variables);
        let value = self.eval(name).value;
        self.variables = around;
        if value == Value::Nothing {
            return Text::unknown(named_on_deployment(&resource.id));
        }
        value.into_text()
    }

    /// The ARN of a role or provider, with holes for what is not known of it.
    fn arn_of(&mut self, number: usize) -> Text {
        let kind = self.template.resources.get(number).map_or("", super::template::Resource::kind);
        let mut arn = Text::new("arn:");
        arn.push(self.pseudo("AWS::Partition", 0));
        arn.push(Text::new(":iam::"));
        arn.push(self.pseudo("AWS::AccountId", 0));
        if kind == ROLE {
            arn.push(Text::new(":role"));
            arn.push(self.path_of(number));
            arn.push(self.name_of(number, "RoleName"));
        } else {
            arn.push(Text::new(":saml-provider/"));
            arn.push(self.name_of(number, "Name"));
        }
        arn
    }

    /// The path of a role, with both slashes.
    pub(super) fn path_of(&mut self, number: usize) -> Text {
        let resource = self.template.resources.get(number);
        let properties = resource.and_then(super::template::Resource::properties);
        let stated = properties.is_some_and(|properties| properties.get("Path").is_some());
        match properties.and_then(made_on_deployment) {
            Some(reason) => Text::unknown(reason),
            None if stated => self.name_of(number, "Path"),
            None => Text::new("/"),
        }
    }

    /// `Fn::Sub`; `None` for other arguments than it takes.
    pub(super) fn substitute(&mut self, arguments: &'t Node) -> Option<Text> {
        let (text, line, variables) = match arguments.items() {
            None => (arguments.text()?, arguments.line, None),
            Some([text]) => (text.text()?, text.line, None),
            Some([text, variables]) => (text.text()?, text.line, Some(variables.entries()?)),
            Some(_) => return None,
        };
        let outer = self.variables.len();
        let mut own = Vec::new();
        for entry in variables.unwrap_or_default() {
            own.push((entry.key.clone(), self.text(&entry.value)));
        }
        self.variables.extend(own);
        let whole = self.filled(text, line);
        self.variables.truncate(outer);
        Some(whole)
    }

    /// A text with its `${…}` filled; `${!…}` stands for `${…}`.
    fn filled(&mut self, text: &str, line: u32) -> Text {
        let (mut whole, mut rest) = (Text::default(), text);
        while let Some((before, behind)) = rest.split_once("${") {
            whole.push(Text::new(before));
            let Some((name, after)) = behind.split_once('}') else {
                rest = rest.get(before.len()..).unwrap_or_default();
                break;
            };
            if let Some(literal) = name.strip_prefix('!') {
                whole.push(Text::new(&format!("${{{literal}}}")));
            } else {
                let name = name.trim();
                whole.push(match name.split_once('.') {
                    Some((resource, attribute)) if !self.is_variable(name) => {
                        self.attribute_of(resource, attribute, line)
                    }
                    _ => self.reference(name, line).into_text(),
                });
            }
            rest = after;
            if whole.content.len() > TEXT {
                return Text::unknown("it is longer than is followed");
            }
        }
        whole.push(Text::new(rest));
        self.afforded(whole)
    }

    fn is_variable(&self, name: &str) -> bool {
        self.variables.iter().any(|(known, _)| known == name)
    }
}

/// Longest text that is put together.
const TEXT: usize = 4 << 20;

/// Why a role or provider without a name has none that is known.
pub(super) fn named_on_deployment(id: &str) -> String {
    format!("`{id}` states no name, so that one is made on deployment")
}

/// Why properties that are not stated may be there all the same.
pub(super) fn made_on_deployment(properties: &Node) -> Option<String> {
    let entries = properties.entries().unwrap_or_default();
    let maker = entries.iter().find(|entry| entry.key.starts_with("Fn::"))?;
    Some(format!("`{}` makes the properties on deployment", maker.key))
}
