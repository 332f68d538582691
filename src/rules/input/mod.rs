//! `input`: what the exports themselves suffered.

mod account_id_float;
mod account_id_lost_zero;
mod account_id_octal;
mod dangling_member;
mod duplicate_record;
mod lost_values;
mod round_row_count;
mod secret_in_export;
mod stale_export;
mod truncated_export;
mod unexpected_encoding;
mod unreadable_record;
mod usable_sign_in;

use super::Rule;
use crate::entitlement::account_ids::SpoiledId;
use crate::finding::{Finding, Label, Quoted, RuleInfo};
use crate::model::account::AccountId;
use crate::model::defect::{Defect, SourceDefects};
use crate::model::federation::Federation;
use crate::text::{Place, SourceId};

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[
    &account_id_float::RULE,
    &account_id_lost_zero::RULE,
    &account_id_octal::RULE,
    &dangling_member::RULE,
    &duplicate_record::RULE,
    &lost_values::RULE,
    &round_row_count::RULE,
    &secret_in_export::RULE,
    &stale_export::RULE,
    &truncated_export::RULE,
    &unexpected_encoding::RULE,
    &unreadable_record::RULE,
    &usable_sign_in::RULE,
];

/// How many examples a finding that counts names.
const EXAMPLES: usize = 3;

/// Most findings of one rule about one file that stand alone.
const ALONE: usize = 20;

/// Name of a file.
fn name_of(federation: &Federation, source: SourceId) -> &str {
    federation.sources.name(source).unwrap_or_default()
}

/// A line of a file, as a subject.
fn line_of(federation: &Federation, place: Place) -> String {
    federation
        .sources
        .resolve(place)
        .map_or_else(String::new, |(name, line)| format!("{name}:{line}"))
}

/// The first line of a file.
fn top_of(federation: &Federation, source: SourceId) -> Place {
    federation.sources.place(source, 1)
}

/// The first of the values, in backticks, and how many more there are.
fn examples<'v>(values: impl IntoIterator<Item = &'v str>, count: usize) -> String {
    let named: Vec<String> =
        values.into_iter().take(EXAMPLES).map(|value| Quoted(value).to_string()).collect();
    match count.saturating_sub(named.len()) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// A count and what is counted: `1 record`, `2 records`.
fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// A finding for each of the first defects of a file, and one for all others.
fn each_of(
    rule: &RuleInfo,
    federation: &Federation,
    (source, defects): (SourceId, &SourceDefects),
    finding: impl Fn(&Defect) -> Finding,
) -> Vec<Finding> {
    let mut found: Vec<Finding> = defects.kept.iter().take(ALONE).map(finding).collect();
    let more = defects.count - found.len();
    if let Some(next) = defects.kept.get(found.len()) {
        let name = name_of(federation, source);
        let more = counted(more, "more place", "more places");
        let message = format!("{} has the same at {more}, from here on", Quoted(name));
        found.push(Finding::new(rule, name, message).at(Label::new(next.place, "")));
    }
    found
}

/// A finding about a spoiled account id: the group's name is what it is about, or the id as written.
fn of_account(
    rule: &RuleInfo,
    spoiled: &SpoiledId,
    message: &str,
    account: Option<AccountId>,
) -> Finding {
    let label = Label::new(spoiled.place, "");
    let label = label.mark_part(spoiled.text.as_str(), spoiled.part.clone());
    let in_name = spoiled.part.len() < spoiled.text.len();
    let message =
        if in_name { format!("{}: {message}", Quoted(&spoiled.text)) } else { message.to_owned() };
    let found = Finding::new(rule, spoiled.text.as_str(), message).at(label);
    match (&spoiled.fix, account) {
        (Some(fix), _) => {
            found.help(format!("rename it to {}", Quoted(fix.values().1))).fix(fix.clone())
        }
        (_, Some(account)) => found.help(format!("write it as text: `\"{account}\"`")),
        _ => found.help("take the account id from its source, as text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::defect::DefectKind;

    #[test]
    fn behind_the_first_findings_of_a_file_the_others_are_counted() {
        let mut federation = Federation::default();
        let source = federation.sources.add("a.csv".to_owned(), 0);
        let messages = |federation: &Federation| -> Vec<String> {
            let of = federation.defects.of(DefectKind::Unreadable);
            let finding = |defect: &Defect| {
                Finding::new(&unreadable_record::RULE.info, "", defect.message.as_str())
            };
            let rule = &unreadable_record::RULE.info;
            of.flat_map(|of| each_of(rule, federation, of, finding))
                .map(|found| found.message)
                .collect()
        };
        for line in 1..=250 {
            let place = federation.sources.place(source, line);
            let kind = DefectKind::Unreadable;
            let (value, first) = (String::new(), Place::NOWHERE);
            let defect = Defect { kind, place, value, message: line.to_string(), first };
            federation.defects.push(source, defect);
            let expected = usize::try_from(line).unwrap().min(ALONE + 1);
            assert_eq!(messages(&federation).len(), expected);
        }
        let last = messages(&federation).pop().unwrap();
        assert_eq!(last, "`a.csv` has the same at 230 more places, from here on");
    }

    #[test]
    fn examples_are_named_and_the_others_counted() {
        assert_eq!(examples(["a"], 1), "`a`");
        assert_eq!(examples(["a", "b", "c", "d", "e"], 5), "`a`, `b`, `c` and 2 more");
    }
}
