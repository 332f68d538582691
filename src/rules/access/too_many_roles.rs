//! `access/too-many-roles`: pickers with more roles than people find their way in, or than AWS takes.

use rayon::prelude::*;

use super::{counted, number};
use crate::entitlement::holdings::Holdings;
use crate::entitlement::resolve::{Target, TargetId};
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
    let weighs = Weights::of(holdings);
    let over: Vec<(UserId, usize, usize)> = holdings
        .users()
        .par_iter()
        .filter_map(|&user| weighs.over(user, max_roles, max_size))
        .collect();
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

/// What each target, and all that a group grants, adds to a response.
struct Weights<'h> {
    holdings: &'h Holdings<'h>,
    /// Bytes of each target's Role value.
    of_target: Vec<usize>,
    /// Number of targets and their bytes, by group.
    of_group: Vec<(usize, usize)>,
}

impl<'h> Weights<'h> {
    fn of(holdings: &'h Holdings<'h>) -> Self {
        let entitlements = holdings.entitlements;
        let value =
            |target: &Target| AROUND + target.role_arn.len() + 1 + target.provider_arn.len();
        let of_target: Vec<usize> = entitlements.targets().iter().map(value).collect();
        let bytes =
            |target: TargetId| of_target.get(target.0 as usize).copied().unwrap_or_default();
        let groups = entitlements.federation.directory.groups();
        let of_group = groups.map(|(group, _)| {
            let granted = holdings.granted(group);
            (granted.len(), granted.iter().map(|&(target, _)| bytes(target)).sum())
        });
        let of_group = of_group.collect();
        Self { holdings, of_target, of_group }
    }

    /// A user's number of roles and the size of their response, where one of them is too large.
    fn over(
        &self,
        user: UserId,
        max_roles: usize,
        max_size: usize,
    ) -> Option<(UserId, usize, usize)> {
        let is_over = |roles: usize, bytes: usize| roles > max_roles || size(bytes) > max_size;
        // What the groups grant together is the most that the user can have.
        let direct = self.holdings.each_direct(user);
        let most = direct.filter_map(|group| self.of_group.get(group.0 as usize));
        let (roles, bytes) = most.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        if !is_over(roles, bytes) && self.holdings.entitlements.mapping.maps_groups() {
            return None;
        }
        let mut entries = Vec::new();
        self.holdings.entries(user, &self.holdings.direct(user), &mut entries);
        entries.retain(|&(target, _)| self.holdings.role_of(target).is_some());
        let bytes = entries.iter().filter_map(|entry| self.of_target.get(entry.0.0 as usize)).sum();
        is_over(entries.len(), bytes).then(|| (user, entries.len(), size(bytes)))
    }
}

/// Characters that a response is expected to have in base64, whose Role values have so many bytes.
const fn size(bytes: usize) -> usize {
    (FIXED + bytes).div_ceil(3) * 4
}
