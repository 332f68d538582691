//! `naming/segment-count`: segments that are missing, empty or too many.

use std::ops::Range;

use super::{Deviation, Entitlements, before, mend_finding, part_finding, with_other_part};
use crate::entitlement::names::NameReadings;
use crate::finding::{Finding, FixHint, Quoted, RuleInfo, Severity};
use crate::mapping::group_filter::Reading;
use crate::mapping::layout::Layout;
use crate::mapping::nearest::{Mend, MendKind};
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

/// Digits of a segment that looks like an account id.
const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 10..=14;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/segment-count",
        summary: "a role group's name has too few, too many or empty segments",
        severity: Severity::Error,
        on: true,
        follows: before("naming/segment-count"),
        options: &[],
        since: "0.1.0",
        explanation: "Names of role groups are made of segments, in Okta's guide `aws#alias#role#account`. With \
                      one too few the Group Filter does not match. An empty one is worse: `\\S+` takes a doubled \
                      separator for a part of the alias, so the group maps although its name says something else. \
                      Names are looked at that begin as the filter does and hold something like an account id; \
                      what a filter may have within a role is not counted.",
        remediation: "Rename the group so that every segment is there once and none is empty.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let names = entitlements.names();
    let Some(layout) = &names.layout else { return Ok(Vec::new()) };
    let mut findings = Vec::new();
    for (group, _) in context.federation.directory.groups() {
        let deviation = names.deviation(group).filter(|it| !it.mapped);
        let finding = deviation.and_then(|it| near_miss(entitlements, it, layout));
        findings.extend(finding.or_else(|| of_any(entitlements, group, (names, layout))));
    }
    Ok(findings)
}

/// A name that would match with a separator more or less.
fn near_miss(
    entitlements: &Entitlements<'_>,
    deviation: &Deviation,
    layout: &Layout,
) -> Option<Finding> {
    let is_mark = |text: &str| text.chars().all(|c| c == layout.separator);
    let of = |kind| deviation.mends.iter().filter(move |mend: &&Mend| mend.kind == kind);
    let another = |mend: &Mend| !mend.found.is_empty() && !mend.wanted.is_empty();
    if of(MendKind::Separator).any(another) {
        return None;
    }
    let stray = of(MendKind::StrayCharacter).filter(|mend| is_mark(&mend.found));
    let mend = of(MendKind::Separator).chain(stray).next()?;
    let name = entitlements.federation.directory.group_name(deviation.group);
    let (quoted, at, separator) = (Quoted(name), mend.range.start, layout.separator);
    let message = if mend.found.is_empty() {
        format!("the name {quoted} has a segment too few, expected `{separator}` at byte {at}")
    } else {
        format!("the name {quoted} has an empty segment at byte {at}")
    };
    Some(mend_finding(&RULE.info, entitlements, deviation, mend, message))
}

/// A name that maps, or one that no small change would make map.
fn of_any(
    entitlements: &Entitlements<'_>,
    group: GroupId,
    (names, layout): (&NameReadings, &Layout),
) -> Option<Finding> {
    let name = entitlements.federation.directory.group_name(group);
    let mapped = &entitlements.role_groups.mapped;
    let (text, start) = match mapped.binary_search_by_key(&group, |it| it.group) {
        Ok(at) => {
            let alias = names.parts.get(at)?.alias.clone()?;
            (name.get(alias.clone())?, alias.start)
        }
        Err(_) if looks_meant(entitlements, group, layout) => {
            (name.strip_prefix(&*layout.prefix)?, layout.prefix.len())
        }
        Err(_) => return None,
    };
    let separator = layout.separator;
    if let Some(at) = empty_segment(text, separator) {
        let at = start + at;
        let message = format!("the name {} has an empty segment at byte {at}", Quoted(name));
        let finding = part_finding(&RULE.info, entitlements, group, at..at, message);
        let finding = finding.help(format!("leave out one `{separator}`, or fill the segment in"));
        return Some(without_mark(entitlements, finding, group, at..at + separator.len_utf8()));
    }
    if entitlements.role_groups.of(group).is_some() {
        return None;
    }
    let count = name.split(separator).count();
    let swallows = names.role_characters.as_ref().is_none_or(|role| role.admit(separator));
    let expected = match count.cmp(&layout.segments) {
        std::cmp::Ordering::Less if swallows => format!("at least {}", layout.segments),
        std::cmp::Ordering::Less => layout.segments.to_string(),
        std::cmp::Ordering::Greater if !swallows => layout.segments.to_string(),
        _ => return None,
    };
    let message = format!("the name {} has {count} segments, expected {expected}", Quoted(name));
    let finding = part_finding(&RULE.info, entitlements, group, 0..name.len(), message);
    Some(finding.help(format!("write every segment once, with `{separator}` between them")))
}

/// The finding with a fix that leaves out a separator, where the name maps to the same without it.
fn without_mark(
    entitlements: &Entitlements<'_>,
    finding: Finding,
    group: GroupId,
    mark: Range<usize>,
) -> Finding {
    let mapping = entitlements.mapping;
    let name = entitlements.federation.directory.group_name(group);
    let Some(role_group) = entitlements.role_groups.of(group) else { return finding };
    let finding = with_other_part(finding, name, &mark, "");
    let Some(FixHint::RenameGroup { to, .. }) = &finding.fix else { return finding };
    let same = matches!(mapping.filter.reader().read(to, mapping.mode), Reading::Match(captures)
        if captures.role == Some(&*role_group.role)
            && captures.account_id == Some(&*role_group.account));
    if same { finding } else { Finding { fix: None, ..finding } }
}

/// Whether a name that is not matched begins as the filter does and holds something like an account id.
fn looks_meant(entitlements: &Entitlements<'_>, group: GroupId, layout: &Layout) -> bool {
    let name = entitlements.federation.directory.group_name(group);
    let undecided = &entitlements.role_groups.undecided;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_account = |text: &str| ACCOUNT_DIGITS.contains(&text.len()) && digits(text);
    !layout.prefix.is_empty()
        && name.starts_with(&*layout.prefix)
        && undecided.binary_search_by_key(&group, |it| it.group).is_err()
        && name.split(layout.separator).any(is_account)
}

/// Where the first empty segment stands.
fn empty_segment(text: &str, separator: char) -> Option<usize> {
    let mut at = 0;
    for segment in text.split(separator) {
        if segment.is_empty() {
            return Some(at);
        }
        at += segment.len() + separator.len_utf8();
    }
    None
}
