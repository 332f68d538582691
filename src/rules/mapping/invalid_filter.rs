//! `mapping/invalid-filter`: the Group Filter is no pattern that Java reads.

use super::{GROUP_FILTER, GUIDE, JAVA, about_filter};
use crate::entitlement::resolve::Entitlements;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::mapping::group_filter::{Engine, FilterError};
use crate::mapping::settings::MappingError;
use crate::rules::{CannotCheck, Context, Rule};
use crate::text::Place;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/invalid-filter",
        summary: "the Group Filter is no pattern that Java reads",
        severity: Severity::Error,
        on: true,
        follows: &["mapping/iac-escaping"],
        options: &[],
        since: "0.1.0",
        explanation: "The Group Filter is read by an engine of Java's kind. Where it refuses the \
                      pattern, or a typo has made it another one, no group maps to any role and \
                      nobody sees a role picker. That the engine is `java.util.regex` is inferred \
                      from Okta's syntax; Okta does not document it.",
        remediation: "Mend the pattern where the mark stands. `rolecall filter 'PATTERN' NAME` tries \
                      it on a name without Okta.",
        references: &[GUIDE, JAVA],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    match context.entitlements {
        Err(MappingError::Filter(error, place)) => {
            let app = context.federation.app.as_ref();
            let text = app.and_then(|app| app.group_filter.as_ref());
            let text = text.filter(|filter| filter.place == *place).map(|filter| &*filter.value);
            Ok(vec![refused(error, text.unwrap_or_default(), *place)])
        }
        Err(error) => Err(CannotCheck(error.to_string())),
        Ok(entitlements) => Ok(undecidable(entitlements).into_iter().collect()),
    }
}

fn refused(error: &FilterError, text: &str, place: Place) -> Finding {
    let message = format!("the Group Filter does not compile: {}", error.message);
    let end = text.get(error.offset..).and_then(|rest| rest.chars().next());
    let part = error.offset..error.offset + end.map_or(0, char::len_utf8);
    Finding::new(&RULE.info, GROUP_FILTER, message)
        .at(Label::new(place, "").mark_part(text, part))
        .help(format!("mend it at byte {}, and try it with `rolecall filter`", error.offset))
}

fn undecidable(entitlements: &Entitlements<'_>) -> Option<Finding> {
    let Engine::Undecidable(reason) = entitlements.mapping.filter.engine() else { return None };
    let message = format!("the Group Filter cannot be decided here: {reason}");
    let found = about_filter(&RULE.info, entitlements, None, message);
    let help = "write it without that construct, so that what it maps can be told";
    Some(found.severity(Severity::Warning).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::mapping::tests::{messages, with_filter};

    #[test]
    fn a_construct_nobody_here_knows_is_said_to_be_undecided() {
        let app = with_filter(r"^(?{{role}}\N{BULLET})_(?{{accountid}}\d+)$");
        let found = messages(&RULE, app);
        assert!(found.concat().contains("cannot be decided here"), "{found:?}");
    }

    #[test]
    fn a_possessive_filter_is_fine() {
        let found = messages(&RULE, with_filter(r"^a\w*+#(?{{role}}\w+)#(?{{accountid}}\d+)$"));
        assert_eq!(found, [""; 0]);
    }
}
