//! `mapping/backtracking-risk`: a loop of the Group Filter can be gone round in exponentially many ways.

use super::{JAVA, about_filter, analysis};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/backtracking-risk",
        summary: "a loop of the Group Filter can be gone round in exponentially many ways",
        severity: Severity::Warning,
        on: true,
        follows: super::BROKEN_FILTER,
        options: &[],
        since: "0.1.0",
        explanation: "Java's engine tries one way after another. Where a loop has two ways to take \
                      the same text, such as `(\\w+)+`, a name that almost matches makes it try them \
                      all, and their number doubles with every round. Java from version 9 on \
                      remembers some of the loops that failed, and Okta's version and limits are not \
                      documented: hence a warning. Polynomial growth is not reported, for names have \
                      at most 255 characters.",
        remediation: "Take the inner or the outer quantifier away, or make the alternatives begin \
                      with different characters.",
        references: &[
            "https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS",
            JAVA,
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let growth = analysis(entitlements)?.growth().map_err(|why| CannotCheck(why.to_string()))?;
    let Some(growth) = growth else { return Ok(Vec::new()) };
    let message = format!(
        "a backtracking engine may need exponential time for the Group Filter: every {} in a name doubles the ways to read it",
        Quoted(&growth.pump)
    );
    let finding = about_filter(&RULE.info, entitlements, Some(growth.part), message);
    let help =
        format!("there are {:.0e} ways to begin reading {}", growth.ways, Quoted(&growth.name));
    Ok(vec![
        finding
            .help(help)
            .help("write the loop so that there is one way round it: `\\w+` for `(\\w+)+`"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::mapping::tests::{messages, with_filter};

    #[test]
    fn parts_that_give_nothing_back_are_said_not_to_be_decided() {
        let filter = r"^(?>(?:\w+)+)#(?{{role}}\w+)#(?{{accountid}}\d{12})$";
        let found = messages(&RULE, with_filter(filter));
        assert!(found.concat().starts_with("not checked: "), "{found:?}");
    }
}
