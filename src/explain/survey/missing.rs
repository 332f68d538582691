//! Which questions the exports leave open, and which command of which system would answer them.

use std::collections::{BTreeMap, BTreeSet};

use crate::entitlement::stage::Stage;
use crate::model::account::AccountId;
use crate::model::aws::Account;
use crate::model::directory::Status;
use crate::model::federation::Federation;
use crate::sources::input::Format;

/// Most accounts that are named.
const NAMED: usize = 3;

/// Something no export tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What is missing: `the settings of the Okta app`.
    pub what: String,
    /// What cannot be told without it.
    pub question: &'static str,
    /// How much it matters.
    pub reason: Reason,
    /// Commands that would export it, any of them; placeholders in capitals.
    pub commands: Vec<String>,
    /// The stages that it would tell of.
    pub stages: &'static [Stage],
}

/// How much something missing matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Nothing can be told about who sees which role.
    Needed,
    /// Answers are there, with *unknown* in them.
    Useful,
}

/// Everything the exports leave open, what is needed first. `mapped` are the accounts that the names of
/// groups give.
pub fn missing(
    federation: &Federation,
    formats: &BTreeSet<Format>,
    mapped: &BTreeSet<AccountId>,
) -> Vec<Missing> {
    let mut found: Vec<Missing> =
        [people(formats), app(federation), okta_groups(federation), assignments(federation)]
            .into_iter()
            .flatten()
            .collect();
    found.extend(statuses(federation));
    found.extend(sources(federation, formats));
    found.extend(app_metadata(federation));
    found.extend(organization(formats));
    found.extend(accounts(federation, mapped));
    found.sort_by_key(|missing| missing.reason);
    found
}

/// Of everything that is missing, what is to be exported first to tell of some stages that are not known, with
/// the stages that it tells of; in the order of these.
pub fn that_tell(missing: &[Missing], unknown: &[Stage]) -> Vec<(Vec<Stage>, Missing)> {
    let mut open = unknown.to_vec();
    // Whether an account has a provider comes before what its metadata says.
    let of_account =
        |one: &&Missing| one.commands.iter().any(|command| command.starts_with("aws "));
    let (accounts, others): (Vec<&Missing>, Vec<&Missing>) = missing.iter().partition(of_account);
    let mut told = Vec::new();
    for one in accounts.into_iter().chain(others) {
        let stages: Vec<Stage> =
            one.stages.iter().copied().filter(|stage| open.contains(stage)).collect();
        if !stages.is_empty() {
            open.retain(|stage| !stages.contains(stage));
            told.push((stages, one.clone()));
        }
    }
    told.sort_by(|a, b| a.0.cmp(&b.0));
    told
}

fn commands(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// A call of Okta's API.
fn okta(path: &str, file: &str) -> String {
    // A list comes in pages.
    let pages = if path.contains("limit=") {
        "  # one page; append those that the response's `link` header names as `next`"
    } else {
        ""
    };
    format!(
        "curl -sS -H \"Authorization: SSWS $OKTA_API_TOKEN\" 'https://YOUR-ORG.okta.com/api/v1/{path}' > {file}{pages}"
    )
}

/// An export of users, groups and memberships.
fn people(formats: &BTreeSet<Format>) -> Option<Missing> {
    const MEMBERS: [Format; 9] = [
        Format::Ldif,
        Format::EdgeCsv,
        Format::Csvde,
        Format::PowerShellMembers,
        Format::PowerShellGroups,
        Format::Graph,
        Format::Google,
        Format::OktaMembers,
        Format::OktaMembersCsv,
    ];
    if MEMBERS.iter().any(|format| formats.contains(format)) {
        return None;
    }
    Some(Missing {
        what: "a directory export with groups and their members".to_owned(),
        question: "who is in which role group",
        reason: Reason::Needed,
        commands: commands(&[
            "ldifde -f directory.ldif -r \"(|(objectClass=group)(objectCategory=person))\" -l objectClass,cn,member,memberOf,sAMAccountName,userPrincipalName,mail,userAccountControl,groupType,objectSid,primaryGroupID",
            "ldapsearch -LLL -E pr=1000/noprompt -H ldaps://DOMAIN-CONTROLLER -D USER -W -b DC=example,DC=com '(|(objectClass=group)(objectCategory=person))' > directory.ldif",
            "Get-ADGroup -Filter * -Properties member,groupType | Select-Object Name,SamAccountName,DistinguishedName,SID,GroupScope,GroupCategory,@{n='member';e={$_.member -join ';'}} | Export-Csv -NoTypeInformation -Encoding UTF8 groups.csv",
        ]),
        stages: &[Stage::Membership],
    })
}

fn app(federation: &Federation) -> Option<Missing> {
    let app = federation.app.as_ref();
    if app.is_some_and(|app| app.group_filter.is_some() && app.role_value_pattern.is_some()) {
        return None;
    }
    Some(Missing {
        what: "the settings of the Okta app AWS Account Federation".to_owned(),
        question: "which groups map to which roles: Group Filter, Role Value Pattern, App Filter",
        reason: Reason::Needed,
        commands: vec![okta("apps?filter=name+eq+%22amazon_aws%22", "okta_app.json")],
        stages: &[Stage::Import, Stage::Filter, Stage::Pair],
    })
}

fn okta_groups(federation: &Federation) -> Option<Missing> {
    if federation.directory.groups().any(|(_, group)| group.in_okta) {
        return None;
    }
    Some(Missing {
        what: "the groups as Okta has them".to_owned(),
        question: "which groups reach Okta, and from which source",
        reason: Reason::Useful,
        commands: vec![okta("groups?limit=10000", "okta_groups.json")],
        stages: &[Stage::Import],
    })
}

fn assignments(federation: &Federation) -> Option<Missing> {
    let assignments = federation.directory.assignments();
    let mut lines = Vec::new();
    if assignments.groups.is_none() {
        lines.push(okta("apps/APP-ID/groups?limit=200", "okta_app_groups.json"));
    }
    if assignments.users.is_none() {
        lines.push(okta("apps/APP-ID/users?limit=500", "okta_app_users.json"));
    }
    // Either of them tells who is assigned, the groups through their members.
    if lines.len() < 2 {
        return None;
    }
    Some(Missing {
        what: "the assignments of the Okta app".to_owned(),
        question: "who sees the app's tile at all",
        reason: Reason::Useful,
        commands: lines,
        stages: &[Stage::Assignment],
    })
}

fn statuses(federation: &Federation) -> Option<Missing> {
    let directory = &federation.directory;
    if directory.users().any(|(_, user)| user.status != Status::Unknown) {
        return None;
    }
    Some(Missing {
        what: "the users and whether they are active".to_owned(),
        question: "who can sign in",
        reason: Reason::Useful,
        commands: vec![
            okta("users?limit=200", "okta_users.json"),
            "Get-ADUser -Filter * -Properties mail | Select-Object SamAccountName,UserPrincipalName,DistinguishedName,mail,Enabled,SID | Export-Csv -NoTypeInformation -Encoding UTF8 users.csv".to_owned(),
        ],
        stages: &[Stage::Account],
    })
}

fn sources(federation: &Federation, formats: &BTreeSet<Format>) -> Option<Missing> {
    let unknown = |group: &crate::model::directory::Group| group.in_okta && group.source.is_none();
    let groups = &federation.directory;
    if formats.contains(&Format::OktaApps) || !groups.groups().any(|(_, group)| unknown(group)) {
        return None;
    }
    Some(Missing {
        what: "the list of Okta's apps".to_owned(),
        question: "which directory an Okta group comes from, for the App Filter",
        reason: Reason::Useful,
        commands: vec![okta("apps?limit=200", "okta_apps.json")],
        stages: &[Stage::Import],
    })
}

fn app_metadata(federation: &Federation) -> Option<Missing> {
    if federation.app_metadata.is_some() {
        return None;
    }
    Some(Missing {
        what: "the app's own SAML metadata".to_owned(),
        question: "whether the accounts' providers have Okta's issuer and current certificate",
        reason: Reason::Useful,
        commands: vec![okta("apps/APP-ID/sso/saml/metadata", "okta_metadata.xml")],
        stages: &[Stage::Provider],
    })
}

fn organization(formats: &BTreeSet<Format>) -> Option<Missing> {
    if formats.contains(&Format::ListAccounts) {
        return None;
    }
    Some(Missing {
        what: "the accounts of the AWS organization".to_owned(),
        question: "which account ids exist, and which are closed or suspended",
        reason: Reason::Useful,
        commands: commands(&[
            "aws organizations list-accounts --output json > organizations-accounts.json",
        ]),
        stages: &[],
    })
}

/// What is told of an account, the command that tells it, why it matters and to which stages.
type Part = (&'static str, &'static str, &'static str, fn(&Account) -> bool, &'static [Stage]);

const PARTS: [Part; 4] = [
    (
        "the IAM roles",
        "get-account-authorization-details --filter Role",
        "whether a role exists and trusts the provider",
        |account| account.roles_complete,
        &[Stage::Role, Stage::Trust],
    ),
    (
        "the SAML providers",
        "list-saml-providers",
        "whether the provider of the Role Value Pattern exists",
        |account| account.providers_complete,
        &[Stage::Provider],
    ),
    (
        "the SAML providers' metadata",
        "get-saml-provider --saml-provider-arn PROVIDER-ARN",
        "whether the provider has Okta's issuer and certificate, and for how long",
        // Which providers there are is asked first.
        |account| account.providers.iter().all(|provider| provider.metadata.is_some()),
        &[Stage::Provider],
    ),
    (
        "the account alias",
        "list-account-aliases",
        "what the role picker calls an account",
        |account| account.alias.is_some() || account.no_alias,
        &[],
    ),
];

/// What no export says of the accounts that groups map to, or else of those of the organization.
fn accounts(federation: &Federation, mapped: &BTreeSet<AccountId>) -> Vec<Missing> {
    let known = federation.accounts.iter().map(|(id, _)| *id);
    let wanted: BTreeSet<AccountId> =
        if mapped.is_empty() { known.collect() } else { mapped.clone() };
    let mut lacking: BTreeMap<usize, Vec<AccountId>> = BTreeMap::new();
    for &id in &wanted {
        let account = federation.accounts.get(&id);
        for (at, (_, _, _, is_told, _)) in PARTS.iter().enumerate() {
            if !account.is_some_and(is_told) {
                lacking.entry(at).or_default().push(id);
            }
        }
    }
    if wanted.is_empty() {
        lacking.extend((0..PARTS.len()).map(|at| (at, Vec::new())));
    }
    let parts = lacking.into_iter().filter_map(|(at, ids)| Some((PARTS.get(at)?, ids)));
    parts.map(|(part, ids)| of_accounts(part, &ids)).collect()
}

fn of_accounts(&(what, command, question, _, stages): &Part, ids: &[AccountId]) -> Missing {
    let file = match command.split(' ').next().unwrap_or(command) {
        "get-saml-provider" => "saml-provider-NAME".to_owned(),
        command => command.replace("get-account-", ""),
    };
    let of = match ids {
        [] => "every account".to_owned(),
        [id] => format!("account {id}"),
        ids if ids.len() <= NAMED => format!("accounts {}", join(ids)),
        ids => {
            let named = ids.get(..NAMED).unwrap_or(ids);
            format!("{} accounts: {} and {} more", ids.len(), join(named), ids.len() - NAMED)
        }
    };
    let account = match ids {
        [id] => id.to_string(),
        _ => "ACCOUNT-ID".to_owned(),
    };
    Missing {
        what: format!("{what} of {of}"),
        question,
        reason: Reason::Useful,
        commands: vec![format!(
            "aws iam {command} --profile PROFILE --output json > iam/{account}-{file}.json"
        )],
        stages,
    }
}

fn join(ids: &[AccountId]) -> String {
    ids.iter().map(AccountId::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(missing: &[Missing]) -> Vec<&str> {
        missing.iter().map(|missing| missing.what.as_str()).collect()
    }

    #[test]
    fn without_any_export_everything_is_missing_and_what_is_needed_comes_first() {
        let all = missing(&Federation::default(), &BTreeSet::new(), &BTreeSet::new());
        assert_eq!(all.len(), 11, "{all:?}");
        assert!(all[0].what.starts_with("a directory export") && all[0].commands.len() == 3);
        assert!(all[1].what.starts_with("the settings of the Okta app"));
        assert!(all[2..].iter().all(|missing| missing.reason == Reason::Useful));
        assert!(all.iter().all(|missing| !missing.commands.is_empty()));
    }

    #[test]
    fn a_stage_that_is_not_known_has_one_command_and_an_account_is_asked_first() {
        let account = [AccountId::parse("111111111111").unwrap()].into();
        let all = missing(&Federation::default(), &BTreeSet::new(), &account);
        let told = that_tell(&all, &[Stage::Assignment, Stage::Provider, Stage::Trust]);
        let told: Vec<_> = told.iter().map(|(stages, one)| (&**stages, &*one.what)).collect();
        assert_eq!(
            told,
            [
                (&[Stage::Assignment][..], "the assignments of the Okta app"),
                (&[Stage::Provider], "the SAML providers of account 111111111111"),
                (&[Stage::Trust], "the IAM roles of account 111111111111"),
            ]
        );
        assert!(that_tell(&all, &[]).is_empty());
    }

    #[test]
    fn only_the_accounts_that_groups_map_to_are_asked_for() {
        let id = |text| AccountId::parse(text).unwrap();
        let mut federation = Federation::default();
        let told = federation.accounts.entry(id("111111111111"));
        (told.roles_complete, told.providers_complete, told.no_alias) = (true, true, true);
        federation.accounts.entry(id("222222222222")).providers_complete = true;
        federation.accounts.entry(id("999999999999"));
        let mapped = ["111111111111", "222222222222", "333333333333"].map(id).into();
        let found = accounts(&federation, &mapped);
        assert_eq!(
            what(&found),
            [
                "the IAM roles of accounts 222222222222, 333333333333",
                "the SAML providers of account 333333333333",
                "the SAML providers' metadata of account 333333333333",
                "the account alias of accounts 222222222222, 333333333333",
            ]
        );
        assert_eq!(
            found[1].commands,
            [
                "aws iam list-saml-providers --profile PROFILE --output json > iam/333333333333-list-saml-providers.json"
            ]
        );
    }
}
