//! `mapping/unanchored-filter`: the Group Filter matches names that only contain what it asks for.

use super::{
    GROUP_FILTER, GROUPS, GUIDE, JAVA, about_filter, analysis, count, names, some_of, with_setting,
};
use crate::entitlement::resolve::Entitlements;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::analysis::Anchors;
use crate::mapping::app_filter::AppFilter;
use crate::mapping::group_filter::MatchMode;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/unanchored-filter",
        summary: "the Group Filter matches names that only contain what it asks for",
        severity: Severity::Warning,
        on: true,
        follows: super::BROKEN_FILTER,
        options: &[],
        since: "0.1.0",
        explanation: "Okta does not document whether the Group Filter has to match the whole name of \
                      a group or only a part. Where a part is enough, a filter without `^` and `$` \
                      also maps `not-aws_123456789012_Admin` and whatever else contains a match: \
                      whoever may create a group of some such name in an admitted source hands out \
                      roles. The rule is an error where a real group maps only so, or where the App \
                      Filter admits every source.",
        remediation: "Begin the filter with `^` and end it with `$`, around alternatives with \
                      `(?:…)`. The filter of a new app has neither.",
        references: &[GUIDE, GROUPS, JAVA],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    if entitlements.mapping.mode == MatchMode::Full {
        return Ok(Vec::new());
    }
    let analysis = analysis(entitlements)?;
    let mapped = &entitlements.role_groups.mapped;
    let real = names(entitlements, mapped.iter().take(3));
    let Some(anchors) = analysis.missing_anchors(&real).filter(|found| !found.is_tied()) else {
        return Ok(Vec::new());
    };
    let only_so = names(entitlements, mapped.iter().filter(|mapped| mapped.depends_on_mode));
    Ok(vec![finding(entitlements, &anchors, &only_so)])
}

fn finding(entitlements: &Entitlements<'_>, anchors: &Anchors, only_so: &[&str]) -> Finding {
    let missing = match (&anchors.start, &anchors.end) {
        (Some(_), Some(_)) => "neither `^` nor `$`",
        (Some(_), None) => "no `^`",
        _ => "no `$`",
    };
    let witness = anchors.start.as_ref().or(anchors.end.as_ref()).map_or("", |name| name);
    let message = match only_so {
        [] => {
            format!("the Group Filter has {missing}: it would also map a group {}", Quoted(witness))
        }
        groups => format!(
            "the Group Filter has {missing}, and maps {} only because of that: {}",
            count(groups.len(), "group"),
            some_of(groups.iter().copied())
        ),
    };
    let open = entitlements.mapping.app_filter.as_ref().is_some_and(AppFilter::is_open);
    let mut found = about_filter(&RULE.info, entitlements, None, message);
    if open || !only_so.is_empty() {
        found = found.severity(Severity::Error);
    }
    if open {
        let place = entitlements.mapping.places.app_filter;
        found = found.related(Label::new(place, "an empty App Filter: groups of every source"));
    }
    if !only_so.is_empty() {
        found = found.help(format!("it would also map a group {}", Quoted(witness)));
    }
    let filter = entitlements.mapping.filter.text();
    let anchored = anchored(filter, anchors);
    found = found.help(format!("write {}", Quoted(&anchored)));
    // Groups that would no longer map are for somebody to decide about.
    if !only_so.is_empty() {
        return found;
    }
    with_setting(found, GROUP_FILTER, entitlements.mapping.places.filter, (filter, &anchored))
}

/// The filter with the anchors that it misses.
fn anchored(text: &str, anchors: &Anchors) -> String {
    let (start, end) = (anchors.start.is_some(), anchors.end.is_some());
    let (open, close) = if text.contains('|') { ("(?:", ")") } else { ("", "") };
    let (start, end) = (if start { "^" } else { "" }, if end { "$" } else { "" });
    format!("{start}{open}{text}{close}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::app::OktaApp;
    use crate::rules::mapping::tests::{found, messages, with_filter};
    use crate::text::{Place, Sourced};

    #[test]
    fn each_missing_anchor_is_named() {
        let said = |filter: &str| messages(&RULE, with_filter(filter)).concat();
        assert!(said(r"^aws_(?{{accountid}}\d{12})_(?{{role}}\w+)").contains("has no `$`"));
        assert!(said(r"aws_(?{{accountid}}\d{12})_(?{{role}}\w+)$").contains("has no `^`"));
        assert!(said(r"\w*aws_(?{{accountid}}\d{12})_(?{{role}}\w+)$").contains("has no `^`"));
    }

    #[test]
    fn it_is_an_error_where_every_source_is_admitted() {
        let app = with_filter(r"aws_(?{{accountid}}\d{12})_(?{{role}}\w+)$");
        let severity =
            |app: OktaApp| found(&RULE, app).map(|found| found.first().map(|f| f.severity));
        assert_eq!(severity(app.clone()), Ok(Some(Severity::Warning)));
        let open = Some(Sourced { value: String::new(), place: Place(1) });
        assert_eq!(severity(OktaApp { app_filter: open, ..app }), Ok(Some(Severity::Error)));
    }

    #[test]
    fn what_takes_any_beginning_needs_no_anchor() {
        let found = messages(&RULE, with_filter(r".*aws_(?{{accountid}}\d{12})_(?{{role}}\w+)$"));
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn an_app_without_a_filter_cannot_be_checked() {
        let app = OktaApp { group_filter: None, ..with_filter("") };
        assert!(messages(&RULE, app).concat().starts_with("not checked: no Group Filter"));
    }
}
