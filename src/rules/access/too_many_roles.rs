//! `access/too-many-roles`: pickers with more roles than people find their way in, or than AWS takes.

use super::{counted, number};
use crate::entitlement::holdings::Holdings;
use crate::finding::{Finding, Label, RuleInfo, RuleOption, Severity};
use crate::model::directory::UserId;
use crate::rules::{CannotCheck, Context, Rule};

/// Bytes of a response beside its Role values: signature, certificate, the other attributes.
const FIXED: usize = 7500;

/// Bytes that Okta puts around one Role value.
const AROUND: usize = 164;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "access/too-many-roles",
        summary: "users see more roles than a picker or an assertion should carry",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[
            RuleOption { name: "max_roles", default: 200, meaning: "roles a user may see" },
            RuleOption {
                name: "max_size",
                default: 80000,
                meaning: "base64 characters a response may be expected to have; AWS's API takes 100,000",
            },
        ],
        since: "0.1.0",
        explanation: "Every role of a user is a value of one assertion. AWS's API refuses an assertion of more than 100,000 characters in base64, which some 220 to 275 roles reach, and long before that nobody finds the right role in the picker. The size is reckoned from the Role values and from what Okta writes around them.",
        remediation: "Split the management groups by what their people work on, or give roles in fewer accounts.",
        references: &[
            "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html",
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-manage-user-group-access.htm",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let holdings = context.holdings()?;
    let option = |name| usize::try_from(context.settings.number(&RULE.info, name)).unwrap_or(0);
    let (max_roles, max_size) = (option("max_roles"), option("max_size"));
    let measured = holdings.users().iter().map(|&user| {
        let (roles, size) = (holdings.of(user).len(), size(holdings, user));
        (user, roles, size)
    });
    let over: Vec<(UserId, usize, usize)> =
        measured.filter(|&(_, roles, size)| roles > max_roles || size > max_size).collect();
    // Of users alike the first by login.
    let worst = over.iter().rev().max_by_key(|one| (one.2, one.1));
    let Some(&(first, roles, size)) = worst else { return Ok(Vec::new()) };
    let users: Vec<UserId> = over.iter().map(|one| one.0).collect();
    let directory = &context.federation.directory;
    let is_one = users.len() == 1;
    let too_much = if roles > max_roles {
        let see = if is_one { "sees" } else { "see" };
        format!("{see} more than {}", number(max_roles, "role"))
    } else {
        let get = if is_one { "gets" } else { "get" };
        format!("{get} a response of more than {max_size} characters")
    };
    let message = format!(
        "{} {too_much}: {} has {}, in a response of some {} characters",
        counted(holdings, &users),
        crate::finding::Quoted(directory.login(first)),
        number(roles, "role"),
        size / 1000 * 1000
    );
    let place = directory.user(first).map(|user| user.place).unwrap_or_default();
    let found = Finding::new(&RULE.info, "pickers", message)
        .at(Label::new(place, "").mark(directory.login(first)))
        .help("split the groups that give the most roles");
    Ok(vec![found])
}

/// Characters that a user's response is expected to have in base64.
fn size(holdings: &Holdings<'_>, user: UserId) -> usize {
    let values = holdings.of(user).iter().filter_map(|held| {
        let target = holdings.entitlements.target(held.target)?;
        Some(AROUND + target.role_arn.len() + 1 + target.provider_arn.len())
    });
    (FIXED + values.sum::<usize>()).div_ceil(3) * 4
}
