//! `arn/duplicate-pair`: the same pair stands twice, or differs by order or case only.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::{Origin, Value, of_capture, some_of, values};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::rules::assertion::sign_ins;
use crate::rules::{CannotCheck, Context, Rule, Scope};
use crate::text::Place;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "arn/duplicate-pair",
        summary: "the same pair stands twice, or differs by order or case only",
        severity: Severity::Warning,
        on: true,
        follows: super::BROKEN_PATTERN,
        options: &[],
        since: "0.1.0",
        explanation: "Two values for one role are two entries in the role picker that cannot be told \
                      apart, or one where Okta drops the other; which is not documented. IAM keeps \
                      role names unique without regard to case, but a role is assumed only under the \
                      name in its own case: of two that differ by case, one fails with `Not \
                      authorized to perform sts:AssumeRoleWithSAML`. Two groups that map to exactly \
                      the same value are reported by `naming/duplicate-target`.",
        remediation: "Keep the value in the role's own case, the provider first.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html",
            "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let values = values(context, |mapped| mapped.pair.is_ok())?;
    let mut found: Vec<Finding> = Vec::new();
    if context.scope == Scope::Everything {
        let is_captured = |value: &Value<'_>| matches!(value.origin, Origin::Captured { .. });
        found.extend(alike(context, values.iter().filter(|value| !is_captured(value))));
        found.extend(twice(context));
    }
    for sign_in in sign_ins(context) {
        let own: Vec<Value<'_>> = of_capture(&sign_in).collect();
        found.extend(alike(context, own.iter()));
    }
    Ok(found)
}

/// Values that differ by order or case only, or stand twice in one sign-in.
fn alike<'v>(context: &Context<'_>, values: impl Iterator<Item = &'v Value<'v>>) -> Vec<Finding> {
    let keyed: Vec<(String, &Value<'_>)> =
        values.filter_map(|value| Some((whatever_order_and_case(value)?, value))).collect();
    let mut times: FxHashMap<&str, usize> = FxHashMap::default();
    for (key, _) in &keyed {
        *times.entry(key).or_default() += 1;
    }
    let mut alike: BTreeMap<&str, Vec<&Value<'_>>> = BTreeMap::new();
    for (key, value) in &keyed {
        if times.get(&**key).is_some_and(|&times| times > 1) {
            alike.entry(key).or_default().push(value);
        }
    }
    let found = alike.values().filter_map(|group| {
        let (first, rest) = group.split_first()?;
        if rest.is_empty() {
            return None;
        }
        let message = if rest.iter().all(|other| other.text == first.text) {
            format!("{} stands {} times in one sign-in", Quoted(first.text), group.len())
        } else {
            let others = some_of(rest.iter().map(|value| value.text));
            format!("{} differs from {others} by order or case only", Quoted(first.text))
        };
        let finding = first.finding(context, &RULE.info, message);
        let labels = rest.iter().take(3).map(|value| match value.origin {
            Origin::Captured { .. } => Label { message: "the other".to_owned(), ..value.label() },
            _ => Label::new(value.place(context), "the other"),
        });
        let finding = labels.fold(finding, Finding::related);
        Some(finding.help(
            "keep one: a role's name is unique whatever its case, and must be given in its own",
        ))
    });
    found.collect()
}

/// The provider and the role of a value, which are the same in values that differ by order or case only.
fn whatever_order_and_case(value: &Value<'_>) -> Option<String> {
    let (role, provider) = match value.pair {
        Some(pair) => (Cow::Borrowed(&pair.role), Cow::Borrowed(&pair.provider)),
        None => value.role_and_provider().map(|(role, it)| (Cow::Owned(role), Cow::Owned(it)))?,
    };
    Some(format!("{provider},{role}").to_lowercase())
}

/// Values that one assignment has more than once.
fn twice(context: &Context<'_>) -> Vec<Finding> {
    let directory = &context.federation.directory;
    let stated = directory.assignments();
    let users = stated.user_roles.windows(2).filter_map(|rows| match rows {
        [a, b] if (a.0, a.1) == (b.0, b.1) => Some((a.1, a.2)),
        _ => None,
    });
    let groups = stated.group_roles.windows(2).filter_map(|rows| match rows {
        [a, b] if (a.0, a.1) == (b.0, b.1) => Some((a.1, a.2)),
        _ => None,
    });
    let mut counted: BTreeMap<&str, (Place, usize)> = BTreeMap::new();
    for (text, place) in users.chain(groups) {
        counted.entry(directory.text(text)).or_insert((place, 0)).1 += 1;
    }
    let found = counted.into_iter().map(|(text, (place, count))| {
        let plural = if count == 1 { "1 assignment has" } else { "assignments have" };
        let many = if count == 1 { String::new() } else { format!("{count} ") };
        let message = format!("{many}{plural} {} twice", Quoted(text));
        let at = Label::new(place, "").mark(text);
        Finding::new(&RULE.info, text, message).at(at).help("keep one")
    });
    found.collect()
}
