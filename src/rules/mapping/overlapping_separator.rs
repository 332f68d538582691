//! `mapping/overlapping-separator`: a class of the Group Filter also takes the separator behind it.

use super::{GUIDE, JAVA, about_filter, analysis};
use crate::entitlement::resolve::Entitlements;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::mapping::analysis::{Ambiguity, Overlap};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/overlapping-separator",
        summary: "a class of the Group Filter also takes the separator behind it",
        severity: Severity::Warning,
        on: true,
        follows: super::BROKEN_FILTER,
        options: &[],
        since: "0.1.0",
        explanation: "A name is cut at its separators. Where the part before one may hold the \
                      separator itself, as `\\S+` of Okta's guide may hold `#`, a name with one part \
                      too many still maps, and what the engine takes for the role depends on how \
                      greedy it is.",
        remediation: "Leave the separator out of the class before it: `[^#\\s]+` for `\\S+`.",
        references: &[GUIDE, JAVA],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let analysis = analysis(entitlements)?;
    let overlaps = analysis.overlaps();
    if overlaps.is_empty() {
        return Ok(Vec::new());
    }
    let ambiguity = analysis.ambiguity();
    let findings = overlaps.iter().filter(|overlap| {
        // A role may have the character in its name, and only one way is left to read the name.
        !overlap.captured || ambiguity.is_some()
    });
    Ok(findings.map(|overlap| finding(entitlements, overlap, ambiguity.as_ref())).collect())
}

fn finding(
    entitlements: &Entitlements<'_>,
    overlap: &Overlap,
    ambiguity: Option<&Ambiguity>,
) -> Finding {
    let class = entitlements.mapping.filter.text().get(overlap.class.clone()).unwrap_or_default();
    let message = format!(
        "{} also takes the separator `{}` behind it: the Group Filter would map {}",
        Quoted(class),
        overlap.separator,
        Quoted(&overlap.witness.name)
    );
    let found = about_filter(&RULE.info, entitlements, Some(overlap.class.clone()), message);
    let found = match ambiguity {
        None => found,
        Some(Ambiguity { witness, other }) => found.help(format!(
            "{} is read as role {} of account {}, and could be role {} of account {}",
            Quoted(&witness.name),
            Quoted(&witness.role),
            Quoted(&witness.account),
            Quoted(&other.0),
            Quoted(&other.1)
        )),
    };
    found.help(format!("leave `{}` out of the class, as `[^{0}\\s]+` does", overlap.separator))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::mapping::tests::{messages, with_filter};

    #[test]
    fn a_role_may_have_the_separator_where_only_one_reading_is_left() {
        let filter = r"^(?{{role}}\w+)_(?{{accountid}}\d{12})$";
        assert_eq!(messages(&RULE, with_filter(filter)), [""; 0]);
        let filter = r"^\w+_(?{{role}}\w+)_(?{{accountid}}\d{12})$";
        assert_eq!(messages(&RULE, with_filter(filter)).len(), 2);
    }
}
