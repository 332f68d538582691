//! `access/forbidden-combination`: users hold roles that nobody may hold together.

use super::{counted, ways};
use crate::entitlement::combination::Combination;
use crate::entitlement::holdings::Holdings;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::UserId;
use crate::rules::settings::Forbidden;
use crate::rules::{CannotCheck, Context, Rule};
use crate::text::Place;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "access/forbidden-combination",
        summary: "users hold roles that nobody may hold together",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Roles that are harmless alone can be a way around control together: who deploys must not audit, who pays must not approve. Which roles those are the project says in tables `[[forbid]]` of `rolecall.toml`: one of each pattern of `together` is too much; with `same_account = true` only roles of one account count. Users whose access is not certain count too. `rolecall test` knows the same tables in files of expectations, with exceptions.",
        remediation: "Take the users out of one of the groups; the memberships that hold the first user's roles up are shown.",
        references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    if context.settings.forbidden.is_empty() {
        return Ok(Vec::new());
    }
    let holdings = context.holdings()?;
    let finding = |forbidden: &Forbidden| finding(holdings, forbidden);
    Ok(context.settings.forbidden.iter().filter_map(finding).collect())
}

fn finding(holdings: &Holdings<'_>, forbidden: &Forbidden) -> Option<Finding> {
    let parts = forbidden.together.iter().map(|pattern| holdings.named(pattern)).collect();
    let combination = Combination { parts, same_account: forbidden.same_account };
    let found = combination.holders(holdings);
    let first = found.first()?;
    let users: Vec<UserId> = found.iter().map(|one| one.user).collect();
    let roles: Vec<String> =
        first.roles.iter().map(|&role| Quoted(holdings.called(role)).to_string()).collect();
    let login = holdings.entitlements.federation.directory.login(first.user);
    let holds = if users.len() == 1 { "holds" } else { "hold" };
    let message = format!(
        "{} {holds} what nobody may hold together ({}): {} has {}",
        counted(holdings, &users),
        Quoted(&forbidden.name),
        Quoted(login),
        roles.join(" and ")
    );
    let mut labels: Vec<Label> = Vec::new();
    for &role in &first.roles {
        let way = ways(holdings, first.user, role).into_iter().next();
        if let Some(label) = way.filter(|label| !labels.contains(label)) {
            labels.push(label);
        }
    }
    let mut labels = labels.into_iter();
    let primary = labels.next().unwrap_or_else(|| Label::new(Place::NOWHERE, ""));
    let found = Finding::new(&RULE.info, &*forbidden.name, message).at(primary);
    let found = labels.fold(found, Finding::related);
    Some(found.help("take the users out of the groups of one of the roles"))
}
