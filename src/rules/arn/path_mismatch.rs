//! `arn/path-mismatch`: the role's real path is missing from the ARN, or differs.

use super::{Origin, ROLE_VALUE_PATTERN, Value, some_of, values};
use crate::entitlement::refusal::Refusal;
use crate::entitlement::role_group::RoleGroup;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::arn::RoleArn;
use crate::model::aws;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "arn/path-mismatch",
        summary: "the role's real path is missing from the ARN, or differs",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "The path is a part of a role's ARN. A value without it, or with another, names \
                      no role, and AWS answers `Not authorized to perform sts:AssumeRoleWithSAML`. \
                      One Role Value Pattern has one path for all roles. Where no mapped role has \
                      the pattern's path, there is one finding about the pattern.",
        remediation: "Create the role under the path that the pattern gives, or put the path into \
                      the pattern: `role/path/${role}`.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html",
        ],
    },
    check,
};

/// From this many on, with no role that fits, the path is the pattern's mistake.
const MANY: usize = 4;

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    // Most roles have the path that is sent, and are not looked at one by one.
    let exported = context.exported_roles().ok();
    let fits = |mapped: &RoleGroup| {
        let real = exported?.of(mapped)?;
        Some(mapped.pair.as_ref().ok()?.role.path == real.path)
    };
    let values = values(context, |mapped| fits(mapped) == Some(false))?;
    let mut wrong: Vec<(&Value<'_>, RoleArn, &aws::Role)> = Vec::new();
    let mut right = 0_usize;
    for value in &values {
        let Some((role, _)) = value.role_and_provider() else { continue };
        let account = context.federation.accounts.get(&role.account);
        let Some(real) = account.and_then(|account| account.role(&role.name)) else { continue };
        if real.path == role.path {
            right += 1;
        } else {
            wrong.push((value, role, real));
        }
    }
    let of_pattern = wrong.iter().filter(|(value, ..)| matches!(value.origin, Origin::Group(_)));
    let mut mapped = context.entitlements.iter().flat_map(|of| &of.role_groups.mapped);
    let is_of_pattern = right == 0
        && of_pattern.count() >= MANY
        && !mapped.any(|mapped| fits(mapped) == Some(true));
    if is_of_pattern {
        return Ok(pattern(context, &wrong).into_iter().collect());
    }
    Ok(wrong.iter().map(|(value, role, real)| finding(context, value, role, real)).collect())
}

fn finding(context: &Context<'_>, value: &Value<'_>, role: &RoleArn, real: &aws::Role) -> Finding {
    let right = RoleArn { path: real.path.clone(), ..role.clone() };
    let message = if role.path == "/" {
        format!(
            "role {} has the path {}, and its ARN leaves it out",
            Quoted(&role.name),
            Quoted(&real.path)
        )
    } else {
        format!(
            "role {} has the path {}, and its ARN says {}",
            Quoted(&role.name),
            Quoted(&real.path),
            Quoted(&role.path)
        )
    };
    let found = value
        .finding(context, &RULE.info, message)
        .related(Label::new(real.place, "the role"))
        .help(format!("the role's ARN is {}", Quoted(&right.to_string())));
    value.refused(found, Refusal::RoleMissing)
}

fn pattern(context: &Context<'_>, wrong: &[(&Value<'_>, RoleArn, &aws::Role)]) -> Option<Finding> {
    let mapping = context.entitlements.ok()?.mapping;
    let (_, role, real) = wrong.first()?;
    let message = format!(
        "the Role Value Pattern gives the path {}, which none of {} mapped roles has: {}",
        Quoted(&role.path),
        wrong.len(),
        some_of(wrong.iter().map(|(_, role, _)| role.name.as_str()))
    );
    let at = Label::new(mapping.places.pattern, "").mark(mapping.pattern.text());
    Some(
        Finding::new(&RULE.info, ROLE_VALUE_PATTERN, message)
            .at(at)
            .related(Label::new(real.place, "one of the roles"))
            .help(format!("the path of {} is {}", Quoted(&role.name), Quoted(&real.path))),
    )
}
