//! `access/sole-holder`: a role of the admin tier that hangs on one user, or that too many hold.

use super::{counted, is_admin, need_memberships, ways};
use crate::entitlement::holdings::RoleNo;
use crate::entitlement::role_group::place_of;
use crate::finding::{Finding, Label, Quoted, RuleInfo, RuleOption, Severity};
use crate::model::directory::UserId;
use crate::rules::{CannotCheck, Context, Rule};
use crate::text::Place;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "access/sole-holder",
        summary: "a role of the admin tier is held by one user only, or by too many",
        severity: Severity::Warning,
        on: false,
        follows: &[],
        options: &[
            RuleOption {
                name: "min_holders",
                default: 2,
                meaning: "users who have to reach a role of the admin tier that anybody reaches",
            },
            RuleOption {
                name: "max_holders",
                default: 10,
                meaning: "users who may reach a role of the admin tier",
            },
        ],
        since: "0.1.0",
        explanation: "A role for administration or emergencies that one user alone reaches is lost when that user is ill or locked out, and one that many reach is no exception any more. How many are right is for the project to say; roles that nobody reaches are another rule's. Which roles are of the tier is set in the table `[tiers]` of `rolecall.toml`.",
        remediation: "Give the role to a second person, or take it from those who do not need it.",
        references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    need_memberships(context)?;
    let holdings = context.holdings()?;
    let option = |name| usize::try_from(context.settings.number(&RULE.info, name)).unwrap_or(0);
    let (min, max) = (option("min_holders"), option("max_holders"));
    let finding = |no: RoleNo| {
        let users: Vec<UserId> = holdings.holders(no).iter().map(|one| one.0).collect();
        let role = holdings.role(no)?;
        let wanted = if (1..min).contains(&users.len()) {
            format!("at least {min} are expected")
        } else if users.len() > max {
            format!(
                "at most {} expected",
                match max {
                    1 => "1 is".to_owned(),
                    max => format!("{max} are"),
                }
            )
        } else {
            return None;
        };
        let message = format!(
            "role {} of account {} of the admin tier is reached by {}, {wanted}",
            Quoted(&role.arn.name),
            Quoted(role.arn.account.as_str()),
            counted(holdings, &users)
        );
        let groups = holdings.role_groups(no);
        let directory = &context.federation.directory;
        let primary = groups.first().map_or_else(
            || Label::new(Place::NOWHERE, ""),
            |&group| {
                Label::new(place_of(context.federation, group), "")
                    .mark(directory.group_name(group))
            },
        );
        let found = Finding::new(&RULE.info, &*role.text, message).at(primary);
        let first = users.first().filter(|_| users.len() == 1);
        let labels = first.into_iter().flat_map(|&user| ways(holdings, user, no));
        let help = if users.len() > max {
            "take it from those who do not need it"
        } else {
            "give it to a second person"
        };
        Some(labels.take(2).fold(found, Finding::related).help(help))
    };
    let of_tier = holdings.roles().filter(|(_, role)| is_admin(context, &role.arn));
    Ok(of_tier.filter_map(|(no, _)| finding(no)).collect())
}
