//! `mapping/partition-mismatch`: the Role Value Pattern's partition is not that of the accounts or the environment.

use std::collections::BTreeSet;

use super::{about_pattern, sample, some_of};
use crate::entitlement::resolve::Entitlements;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::account::{AccountId, Partition};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/partition-mismatch",
        summary: "the Role Value Pattern's partition is not that of the accounts or the \
                      environment",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "`aws`, `aws-cn` and `aws-us-gov` have nothing in common: an ARN of another \
                      partition than the account's names nothing, and AWS refuses the role. The \
                      values of the app's environment are not documented; where only it disagrees, \
                      and no ACS URL overrides it, the finding is a warning. The partition of \
                      `rolecall.toml`, its own or that of its profile, counts where no export \
                      says another.",
        remediation: "Write the partition of the accounts in both ARNs. Accounts of two partitions \
                      need two apps.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
            "https://support.okta.com/help/s/article/How-to-Integrate-Amazon-Web-Service-China-instance-via-User-Groups",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let Ok(pair) = sample(&entitlements.mapping.pattern) else { return Ok(Vec::new()) };
    let pattern = pair.role.partition;
    let found = accounts(entitlements, pattern)
        .or_else(|| project(context, entitlements, pattern))
        .or_else(|| environment(entitlements, pattern));
    Ok(found.into_iter().collect())
}

/// What the project says, where no account of the pattern's partition says otherwise.
fn project(
    context: &Context<'_>,
    entitlements: &Entitlements<'_>,
    pattern: Partition,
) -> Option<Finding> {
    let stated = context.settings.partition.filter(|&stated| stated != pattern)?;
    let mut accounts = entitlements.federation.accounts.iter();
    if accounts.any(|(_, account)| account.partition == Some(pattern)) {
        return None;
    }
    let message = format!(
        "the Role Value Pattern is for partition `{pattern}`, and the project's accounts are in `{stated}`"
    );
    Some(
        about_pattern(&RULE.info, entitlements, message)
            .help(format!("write `arn:{stated}:` in both ARNs, or mend `rolecall.toml`")),
    )
}

fn accounts(entitlements: &Entitlements<'_>, pattern: Partition) -> Option<Finding> {
    let pairs = entitlements.role_groups.mapped.iter().filter_map(|m| m.pair.as_ref().ok());
    let ids: BTreeSet<&AccountId> = pairs.map(|pair| &pair.role.account).collect();
    let known = |id: &&AccountId| entitlements.federation.accounts.get(id)?.partition;
    let other: Vec<(&AccountId, Partition)> = ids
        .iter()
        .filter_map(|id| Some((*id, known(id)?)))
        .filter(|&(_, partition)| partition != pattern)
        .collect();
    let &(_, partition) = other.first()?;
    let message = format!(
        "the Role Value Pattern is for partition `{pattern}`, and mapped accounts are in `{partition}`: {}",
        some_of(other.iter().map(|(id, _)| id.as_str()))
    );
    let found = about_pattern(&RULE.info, entitlements, message);
    Some(found.help(format!(
        "write `arn:{partition}:` in both ARNs, in an app of its own for each partition"
    )))
}

/// What the app's environment says; its values are not documented, so words in it are looked for.
fn environment(entitlements: &Entitlements<'_>, pattern: Partition) -> Option<Finding> {
    let app = entitlements.federation.app.as_ref()?;
    let environment = app.environment_type.as_ref()?;
    let stated = Partition::in_environment(&environment.value)?;
    let overridden = app.override_acs_url.as_ref().is_some_and(|url| !url.value.trim().is_empty());
    if stated == pattern || overridden {
        return None;
    }
    let message = format!(
        "the Role Value Pattern is for partition `{pattern}`, and the environment is {}",
        Quoted(&environment.value)
    );
    let place = Label::new(environment.place, "the environment").mark(&*environment.value);
    let found = about_pattern(&RULE.info, entitlements, message).severity(Severity::Warning);
    Some(
        found
            .related(place)
            .help("let both name one partition, or set the ACS URL of the pattern's partition"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::role_value::DEFAULT_ROLE_VALUE_PATTERN;
    use crate::model::app::OktaApp;
    use crate::rules::mapping::tests::{messages, with_pattern};
    use crate::text::{Place, Sourced};

    #[test]
    fn the_environment_counts_where_no_acs_url_overrides_it() {
        let pattern = DEFAULT_ROLE_VALUE_PATTERN.replace("arn:aws:", "arn:aws-cn:");
        let set = |value: &str| Some(Sourced { value: value.to_owned(), place: Place(1) });
        let app = OktaApp { environment_type: set("aws.amazon"), ..with_pattern(&pattern) };
        assert_eq!(messages(&RULE, app.clone()).len(), 1);
        let app = OktaApp { override_acs_url: set("https://signin.amazonaws.cn/saml"), ..app };
        assert_eq!(messages(&RULE, app), [""; 0]);
    }
}
