//! `naming/filter-near-miss`: a name that is almost a role group's.

use rayon::prelude::*;

use crate::entitlement::resolve::Entitlements;
use crate::entitlement::role_group::place_of;
use crate::finding::{Finding, FixHint, Label, Quoted, RuleInfo, Severity};
use crate::mapping::explain::Explainer;
use crate::mapping::nearest::{Known, Mend, Nearest};
use crate::mapping::stop::Stop;
use crate::model::account::AccountId;
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};
use crate::text::Place;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/filter-near-miss",
        summary: "a group's name is almost a role group's, but the Group Filter does not match it",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Okta takes account and role from the names of groups that the Group Filter matches, and \
                      passes over every other group without a word. A separator, a letter's case, a space \
                      or a character that only looks right is enough: the group exists, people are in it, and \
                      nobody sees the role. The rule reports a name that the filter does not match where a \
                      small change makes one that it does match, with a twelve-digit account and a legal role.",
        remediation: "Rename the group as the finding's help says, where it was created; Okta follows with the \
                      next import. If many groups are reported with the same change, it is the Group Filter \
                      that is wrong: `rolecall filter` tries another on names of your own.",
        references: &[
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-enable-role-based.htm",
            "https://help.okta.com/en/prod/Content/Topics/DeploymentGuides/AWS/connect-okta-multiple-aws-groups.htm",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let role_groups = &entitlements.role_groups;
    let undecided: Vec<GroupId> = role_groups.undecided.iter().map(|group| group.group).collect();
    let unmatched: Vec<GroupId> = context
        .federation
        .directory
        .groups()
        .map(|(id, _)| id)
        .filter(|&id| role_groups.of(id).is_none() && undecided.binary_search(&id).is_err())
        .collect();
    let names = Names::of(entitlements);
    Ok(unmatched
        .par_chunks(1024)
        .flat_map_iter(|chunk| near_misses(entitlements, chunk, &names.known()))
        .collect())
}

/// Names that a repair may aim at.
struct Names<'f> {
    accounts: Vec<AccountId>,
    aliases: Vec<&'f str>,
    roles: Vec<&'f str>,
}

impl<'f> Names<'f> {
    fn of(entitlements: &Entitlements<'f>) -> Self {
        let accounts = &entitlements.federation.accounts;
        let aliases = accounts.iter().filter_map(|(_, account)| account.alias.as_ref());
        let roles = accounts.iter().flat_map(|(_, account)| &account.roles);
        let mut names = Self {
            accounts: accounts.iter().map(|(id, _)| *id).collect(),
            aliases: aliases.map(|alias| alias.value.as_str()).collect(),
            roles: roles.map(|role| role.name.as_str()).collect(),
        };
        names.roles.sort_unstable();
        names.roles.dedup();
        names
    }

    fn known(&self) -> Known<'_> {
        Known { accounts: &self.accounts, aliases: &self.aliases, roles: &self.roles }
    }
}

fn near_misses(
    entitlements: &Entitlements<'_>,
    groups: &[GroupId],
    known: &Known<'_>,
) -> Vec<Finding> {
    let (federation, mapping) = (entitlements.federation, entitlements.mapping);
    let mut explainer = Explainer::new(&mapping.filter, mapping.mode);
    groups
        .iter()
        .filter_map(|&group| {
            let name = federation.directory.group_name(group);
            let nearest = explainer.nearest(name, known)?;
            let places = (place_of(federation, group), mapping.places.filter);
            Some(finding(name, places, explainer.stop(name).as_ref(), &nearest))
        })
        .collect()
}

fn finding(
    name: &str,
    (group, filter): (Place, Place),
    stop: Option<&Stop>,
    nearest: &Nearest,
) -> Finding {
    let at = match stop {
        Some(stop) => {
            let end = stop.at + stop.found.map_or(0, char::len_utf8);
            Label::new(group, "").mark_part(name, stop.at..end)
        }
        None => Label::new(group, "").mark(name),
    };
    Finding::new(&RULE.info, name, message(name, stop))
        .at(at)
        .related(Label::new(filter, "the Group Filter"))
        .help(format!("rename it to {}: {}", Quoted(&nearest.name), changes(nearest)))
        .fix(FixHint::RenameGroup { from: name.to_owned(), to: nearest.name.clone() })
}

fn message(name: &str, stop: Option<&Stop>) -> String {
    let name = Quoted(name);
    let Some(stop) = stop else {
        return format!("the Group Filter does not match {name}, a near miss");
    };
    let found = match stop.found {
        Some(c) => format!("`{c}`"),
        None => "the end of the name".to_owned(),
    };
    format!(
        "the Group Filter does not match {name}: found {found} at byte {}, expected {}",
        stop.at,
        stop.expectation()
    )
}

/// Every change, in the order of the name.
fn changes(nearest: &Nearest) -> String {
    let changes: Vec<String> = nearest.mends.iter().map(change).collect();
    changes.join(", ")
}

fn change(mend: &Mend) -> String {
    let (found, wanted, at) = (Quoted(&mend.found), Quoted(&mend.wanted), mend.range.start);
    let change = match (mend.found.is_empty(), mend.wanted.is_empty()) {
        (true, _) => format!("add {wanted} at byte {at}"),
        (false, true) => format!("remove {found} at byte {at}"),
        (false, false) => format!("{wanted} for {found} at byte {at}"),
    };
    format!("{change} ({})", mend.kind.as_str())
}
