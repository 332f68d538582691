//! Whether two policies mean the same, however they are written: what differs between them.
//!
//! A policy's parts are brought into one form: order and repetition in arrays, one value without brackets, the
//! case of actions, operators and keys, names of statements, `*` for `{"AWS": "*"}`, and an account's id for
//! the ARN of its root do not count, nor does the version where no variable stands in the policy. Parts that
//! are unknown before deployment may be anything.

use std::collections::BTreeSet;

use serde_json::Value;

use super::condition::Condition;
use super::policy::{Statement, TrustPolicy};
use super::principal::{Listed, PrincipalKind};
use crate::model::declared::{HOLE, has_hole};

/// Parts of a statement whose order and number do not count.
type Set = BTreeSet<String>;

/// One part that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// What it is a part of, such as `Principal` or `StringEquals SAML:aud`.
    pub what: String,
    /// What only the first policy has.
    pub first: Vec<String>,
    /// What only the second policy has.
    pub second: Vec<String>,
}

/// A statement in the one form, part by part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Normal {
    /// Name of each part and what stands there.
    parts: BTreeSet<(String, Set)>,
}

impl TrustPolicy {
    /// What differs in meaning between this policy and another; nothing where they decide alike. Unknown parts
    /// of this one may be anything.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let mut found = Vec::new();
        if self.reads_variables() || other.reads_variables() {
            let version =
                |policy: &Self| policy.version.clone().unwrap_or_else(|| "2008-10-17".to_owned());
            if version(self) != version(other) {
                found.push(Difference {
                    what: "Version".to_owned(),
                    first: vec![version(self)],
                    second: vec![version(other)],
                });
            }
        }
        let (own, others) = (self.normal(), other.normal());
        let only = |these: &[Normal], those: &[Normal], fit: &dyn Fn(&Normal, &Normal) -> bool| {
            let lacks = |one: &&Normal| !those.iter().any(|other| fit(one, other));
            these.iter().filter(lacks).cloned().collect::<Vec<_>>()
        };
        let first = only(&own, &others, &|own, other| own.may_be(other));
        let second = only(&others, &own, &|other, own| own.may_be(other));
        if let ([one], [other]) = (first.as_slice(), second.as_slice()) {
            found.extend(one.differences(other));
        } else if !first.is_empty() || !second.is_empty() {
            let shown = |all: Vec<Normal>| all.iter().map(Normal::shown).collect();
            let what = "Statement".to_owned();
            found.push(Difference { what, first: shown(first), second: shown(second) });
        }
        found.into_iter().map(|difference| difference.spelled(self, other)).collect()
    }

    /// A condition's operator and key, or an action, as the policy spells what is folded here.
    fn spelling(&self, of: &str) -> Option<String> {
        self.statements.iter().find_map(|statement| {
            let conditions = statement.conditions.iter().map(condition_name);
            let actions = statement.actions.patterns.iter().map(|action| action.text.clone());
            conditions.chain(actions).find(|written| folded(written) == of)
        })
    }

    /// Whether `${…}` stands in a value of a condition: only there the version counts.
    fn reads_variables(&self) -> bool {
        let conditions = self.statements.iter().flat_map(|statement| &statement.conditions);
        conditions.flat_map(|condition| &condition.values).any(|value| value.text.contains("${"))
    }

    fn normal(&self) -> Vec<Normal> {
        let refused = self.refused.as_ref().map(|refused| Normal::of_text(&refused.text));
        let all: BTreeSet<Normal> = match refused {
            Some(refused) => [refused].into(),
            None => self.statements.iter().map(Normal::of).collect(),
        };
        all.into_iter().collect()
    }
}

impl Difference {
    /// With everything as the policies spell it.
    fn spelled(self, first: &TrustPolicy, second: &TrustPolicy) -> Self {
        let each = |all: Vec<String>, policy: &TrustPolicy| {
            all.into_iter().map(|one| policy.spelling(&one).unwrap_or(one)).collect()
        };
        let what = first.spelling(&self.what).or_else(|| second.spelling(&self.what));
        Self {
            what: what.unwrap_or(self.what),
            first: each(self.first, first),
            second: each(self.second, second),
        }
    }
}

fn condition_name(condition: &Condition) -> String {
    format!("{} {}", condition.operator_name, condition.key)
}

impl Normal {
    fn of(statement: &Statement) -> Self {
        if let Some(broken) = &statement.broken {
            return Self::of_text(&broken.text);
        }
        let not = |negated: bool| if negated { "Not" } else { "" };
        let principals = &statement.principals;
        let actions = &statement.actions;
        let mut parts = BTreeSet::from([
            ("Effect".to_owned(), Set::from([statement.effect.to_string()])),
            (
                format!("{}Principal", not(principals.negated)),
                principals.listed.iter().map(principal).collect(),
            ),
            (
                format!("{}Action", not(actions.negated)),
                actions.patterns.iter().map(|one| one.text.to_ascii_lowercase()).collect(),
            ),
        ]);
        for condition in &statement.conditions {
            let operator = condition.operator_name.to_ascii_lowercase();
            let boolean = operator.ends_with("bool") || operator == "null";
            let values = condition.values.iter().map(|value| {
                if boolean { value.text.to_ascii_lowercase() } else { value.text.clone() }
            });
            parts.insert((folded(&condition_name(condition)), values.collect()));
        }
        Self { parts }
    }

    /// What IAM would refuse, as it was written but for white space and the order of names.
    fn of_text(text: &str) -> Self {
        let value = serde_json::from_str::<Value>(text);
        let text = value.map_or_else(|_| text.to_owned(), |value| value.to_string());
        Self { parts: [("Statement".to_owned(), Set::from([text]))].into() }
    }

    /// Whether this is another statement, whatever its unknown parts are.
    fn may_be(&self, other: &Self) -> bool {
        self.parts.len() == other.parts.len()
            && self.parts.iter().zip(&other.parts).all(|((name, own), (other_name, values))| {
                name == other_name && may_be(own, values)
            })
    }

    fn differences(&self, other: &Self) -> Vec<Difference> {
        let names: BTreeSet<&String> =
            self.parts.iter().chain(&other.parts).map(|(name, _)| name).collect();
        let of = |normal: &Self, name: &str| -> Set {
            let mut parts = normal.parts.iter();
            parts.find(|(own, _)| own == name).map(|(_, set)| set.clone()).unwrap_or_default()
        };
        let differ = names.into_iter().filter_map(|name| {
            let (own, others) = (of(self, name), of(other, name));
            (!may_be(&own, &others)).then(|| Difference {
                what: name.clone(),
                first: own.difference(&others).cloned().collect(),
                second: others.difference(&own).cloned().collect(),
            })
        });
        differ.collect()
    }

    /// The statement in one line.
    fn shown(&self) -> String {
        let part = |(name, set): &(String, Set)| {
            let values: Vec<&str> = set.iter().map(String::as_str).collect();
            format!("{name}: {}", values.join(", "))
        };
        self.parts.iter().map(part).collect::<Vec<_>>().join("; ")
    }
}

/// Operators and keys are the same in any case.
fn folded(name: &str) -> String {
    name.to_lowercase()
}

fn principal(listed: &Listed) -> String {
    match listed {
        Listed::Everybody => "AWS *".to_owned(),
        Listed::One(PrincipalKind::Aws, name) => {
            let account = name.strip_suffix(":root").and_then(|arn| arn.split(':').nth(4));
            format!("AWS {}", account.unwrap_or(name))
        }
        Listed::One(kind, name) => format!("{} {name}", kind.as_str()),
        Listed::Malformed(kind, name) => format!("{kind} {name}"),
    }
}

/// Whether values with unknown parts may be those of another set; an unknown value may be several.
fn may_be(own: &Set, others: &Set) -> bool {
    if own == others {
        return true;
    }
    let open: Vec<&String> = own.iter().filter(|value| has_hole(value)).collect();
    let all_there = own.iter().filter(|value| !has_hole(value)).all(|value| others.contains(value));
    let all_meant = others
        .iter()
        .all(|value| own.contains(value) || open.iter().any(|pattern| fits(pattern, value)));
    let all_used = open.iter().all(|pattern| others.iter().any(|value| fits(pattern, value)));
    !open.is_empty() && all_there && all_meant && all_used
}

/// Whether a text is what another says, whatever its unknown parts are.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split(HOLE);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> TrustPolicy {
        TrustPolicy::parse(text).unwrap()
    }

    fn differences(first: &str, second: &str) -> Vec<Difference> {
        policy(first).differences(&policy(second))
    }

    const OKTA: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML","Principal":{"Federated":"arn:aws:iam::039581147026:saml-provider/OKTA"},"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}"#;

    #[test]
    fn another_spelling_is_the_same_policy() {
        let other = r#"{"Statement": {"Sid": "Okta", "Condition": {"stringEquals": {"saml:AUD": ["https://signin.aws.amazon.com/saml"]}},
            "Principal": {"Federated": ["arn:aws:iam::039581147026:saml-provider/OKTA"]},
            "Action": ["STS:assumerolewithsaml"], "Effect": "Allow"}}"#;
        assert_eq!(differences(OKTA, other), []);
        let everybody = |principal: &str| {
            format!(
                "{{\"Statement\":{{\"Effect\":\"Deny\",\"Action\":\"*\",\"Principal\":{principal}}}}}"
            )
        };
        assert_eq!(differences(&everybody("\"*\""), &everybody("{\"AWS\":[\"*\",\"*\"]}")), []);
        let root = "{\"AWS\":\"arn:aws:iam::039581147026:root\"}";
        assert_eq!(differences(&everybody("{\"AWS\":\"039581147026\"}"), &everybody(root)), []);
    }

    #[test]
    fn what_differs_is_named_with_what_each_has() {
        let other = OKTA.replace("signin.aws", "eu-west-1.signin.aws");
        let [one] = differences(OKTA, &other).try_into().unwrap();
        assert_eq!(one.what, "StringEquals SAML:aud");
        assert_eq!(one.first, ["https://signin.aws.amazon.com/saml"]);
        assert_eq!(one.second, ["https://eu-west-1.signin.aws.amazon.com/saml"]);
        let two =
            OKTA.replace("]}", ",{\"Effect\":\"Deny\",\"Action\":\"*\",\"Principal\":\"*\"}]}");
        let [one] = differences(OKTA, &two).try_into().unwrap();
        assert_eq!((one.what.as_str(), one.first.len(), one.second.len()), ("Statement", 0, 1));
        assert_eq!(one.second, ["Action: *; Effect: Deny; Principal: AWS *"]);
    }

    #[test]
    fn the_version_counts_only_where_variables_stand() {
        let without = OKTA.replace("\"Version\":\"2012-10-17\",", "");
        assert_eq!(differences(OKTA, &without), []);
        let variable = |text: &str| text.replace("https://signin", "${saml:sub}");
        let found = differences(&variable(OKTA), &variable(&without));
        assert_eq!(found[0].what, "Version");
    }

    #[test]
    fn what_is_unknown_before_deployment_may_be_anything() {
        let account = OKTA.replace("039581147026", "\u{e000}");
        assert_eq!(differences(&account, OKTA), []);
        let all = OKTA.replace("arn:aws:iam::039581147026:saml-provider/OKTA", "\u{e000}");
        assert_eq!(differences(&all, OKTA), []);
        let other = OKTA.replace("OKTA", "Other");
        assert_eq!(differences(&account, &other)[0].what, "Principal");
        assert_eq!(differences(&other, OKTA).len(), 1);
    }

    #[test]
    fn unknown_parts_fit_between_what_is_known() {
        for (pattern, text, expected) in [
            ("a\u{e000}c", "abc", true),
            ("a\u{e000}c", "ac", true),
            ("a\u{e000}c", "abd", false),
            ("\u{e000}b\u{e000}", "abc", true),
            ("\u{e000}b\u{e000}d", "abcd", true),
            ("ab", "ab", true),
            ("ab", "abc", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
