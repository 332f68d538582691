//! `assertion/tag-limits`: session tags are more or longer than AWS takes.

use std::collections::{BTreeMap, BTreeSet};

use super::{ASSERTIONS, SESSION_TAGS, SignIn, captured};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::session::{TAG_KEY, TAG_VALUE, TAGS, is_of_tags};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::xml::{Spot, Spotted};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/tag-limits",
        summary: "session tags are more, longer or other than AWS takes",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A sign-in carries at most 50 session tags, each an attribute `PrincipalTag:KEY` \
                      with one value: keys of 1 to 128 and values of up to 256 letters, digits, spaces \
                      and `_.:/=+-@`, neither beginning `aws:`. Keys that differ by case are one key. \
                      `TransitiveTagKeys` may name only keys that are sent. One tag that breaks a limit \
                      keeps the user out of every role.",
        remediation: "Correct the app's attribute statement that the finding names.",
        references: &[
            SESSION_TAGS,
            ASSERTIONS,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html",
        ],
    },
    check,
};

/// A tag as it is sent.
type Tag = (Spotted<String>, Spotted<String>);

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = captured(context)?.flat_map(|sign_in| {
        let tags = &sign_in.aws.tags;
        let mut wrong: Vec<(Spot, String)> = Vec::new();
        wrong.extend(number(tags));
        wrong.extend(tags.iter().filter_map(of_key));
        wrong.extend(tags.iter().filter_map(of_value));
        wrong.extend(repeated(tags));
        wrong.extend(unsent(&sign_in));
        let found = wrong.into_iter().map(|(at, says)| sign_in.finding(&RULE.info, &at, says));
        found.collect::<Vec<_>>()
    });
    Ok(found.collect())
}

fn number(tags: &[Tag]) -> Option<(Spot, String)> {
    let (key, _) = tags.get(TAGS)?;
    Some((key.at.clone(), format!("{} session tags, AWS takes {TAGS}", tags.len())))
}

fn of_key((key, _): &Tag) -> Option<(Spot, String)> {
    let text = &key.value;
    let count = text.chars().count();
    let says = if count == 0 {
        "a session tag has no key".to_owned()
    } else if text.to_lowercase().starts_with("aws:") {
        format!("the key of session tag {} begins `aws:`, which AWS reserves", Quoted(text))
    } else if count > TAG_KEY {
        format!(
            "the key of session tag {} has {count} characters, AWS takes {TAG_KEY}",
            Quoted(text)
        )
    } else {
        let c = text.chars().find(|&c| !is_of_tags(c))?;
        format!("the key of session tag {} has `{c}` in it, which AWS does not take", Quoted(text))
    };
    Some((key.at.clone(), says))
}

fn of_value((key, value): &Tag) -> Option<(Spot, String)> {
    let (key, text) = (Quoted(&key.value), &value.value);
    let count = text.chars().count();
    let says = if text.to_lowercase().starts_with("aws:") {
        format!("the value of session tag {key} begins `aws:`, which AWS reserves")
    } else if count > TAG_VALUE {
        format!("the value of session tag {key} has {count} characters, AWS takes {TAG_VALUE}")
    } else {
        let c = text.chars().find(|&c| !is_of_tags(c))?;
        format!("the value of session tag {key} has `{c}` in it, which AWS does not take")
    };
    Some((value.at.clone(), says))
}

/// Keys that are sent more than once, case set aside, or with several values.
fn repeated(tags: &[Tag]) -> Vec<(Spot, String)> {
    let mut by_key: BTreeMap<String, Vec<&Tag>> = BTreeMap::new();
    for tag in tags {
        by_key.entry(tag.0.value.to_lowercase()).or_default().push(tag);
    }
    let several = by_key.into_values().filter_map(|same| {
        let [first, second, ..] = same.as_slice() else { return None };
        Some(if first.0.at == second.0.at {
            let says = format!(
                "session tag {} has {} values, expected one",
                Quoted(&first.0.value),
                same.len()
            );
            (second.1.at.clone(), says)
        } else if first.0.value == second.0.value {
            let says =
                format!("session tag {} is sent {} times", Quoted(&first.0.value), same.len());
            (second.0.at.clone(), says)
        } else {
            let says = format!(
                "session tags {} and {} differ by case only, which makes them one",
                Quoted(&first.0.value),
                Quoted(&second.0.value)
            );
            (second.0.at.clone(), says)
        })
    });
    several.collect()
}

/// Transitive keys of tags that are not sent.
fn unsent(sign_in: &SignIn<'_>) -> Vec<(Spot, String)> {
    let sent: BTreeSet<String> =
        sign_in.aws.tags.iter().map(|(key, _)| key.value.to_lowercase()).collect();
    let unsent =
        sign_in.aws.transitive.iter().filter(|key| !sent.contains(&key.value.to_lowercase()));
    let says = |key: &Spotted<String>| {
        let says =
            format!("key {} of TransitiveTagKeys is of no tag that is sent", Quoted(&key.value));
        (key.at.clone(), says)
    };
    unsent.map(says).collect()
}
