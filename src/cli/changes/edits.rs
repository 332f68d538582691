//! The flags of `what-if` that change groups, memberships and policies.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::trust::read_policy;
use crate::cli::{CliError, lookup, warn};
use crate::diff::hypothesis::{Edit, Member, is_in};
use crate::entitlement::lookup::{UserMatch, find_group, find_user};
use crate::entitlement::near::nearest;
use crate::model::directory::{Directory, GroupId};
use crate::model::federation::Federation;
use crate::text::Shown;

/// Largest file of renames.
const RENAMES_LIMIT: u64 = 64 << 20;

/// How many names are offered.
const OFFERED: usize = 3;

/// The flags.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct EditArgs {
    /// A group called otherwise (repeatable)
    #[arg(long, value_name = "OLD=NEW")]
    rename: Vec<String>,
    /// Many of them: a CSV with old and new name in a line
    #[arg(long, value_name = "FILE")]
    renames: Option<PathBuf>,
    /// A user or group moved from one group to another (repeatable)
    #[arg(long = "move", value_name = "MEMBER:FROM:TO")]
    moves: Vec<String>,
    /// A user or group more in a group (repeatable)
    #[arg(long, value_name = "GROUP=MEMBER")]
    add_member: Vec<String>,
    /// A user or group less in a group (repeatable)
    #[arg(long, value_name = "GROUP=MEMBER")]
    remove_member: Vec<String>,
    /// Another trust policy of a role (repeatable)
    #[arg(long, value_name = "ROLE=POLICY.json")]
    trust: Vec<String>,
}

impl EditArgs {
    /// What the flags ask for, every name looked up.
    pub(super) fn edits(&self, federation: &Federation) -> Result<Vec<Edit>, CliError> {
        let directory = &federation.directory;
        let mut edits = Vec::new();
        for text in &self.rename {
            let (group, to) = split(directory, "--rename", text)?;
            edits.push(rename(directory, group, to)?);
        }
        if let Some(file) = &self.renames {
            for (old, new) in renames(file)? {
                edits.push(rename(directory, group(directory, &old)?, &new)?);
            }
        }
        for text in &self.moves {
            edits.extend(moved(directory, text)?);
        }
        for text in &self.add_member {
            let (group, name) = split(directory, "--add-member", text)?;
            let member = member(directory, name)?;
            if is_in(directory, group, member) {
                let (name, group) = (Shown(name), Shown(directory.group_name(group)));
                warn(&format!("`{name}` is a member of `{group}` already"));
            }
            edits.push(Edit::Add { group, member });
        }
        for text in &self.remove_member {
            let (group, name) = split(directory, "--remove-member", text)?;
            edits.push(Edit::Remove { group, member: member_of(directory, group, name)? });
        }
        for text in &self.trust {
            edits.push(trust(federation, text)?);
        }
        Ok(edits)
    }
}

/// The group before an `=`, and what stands behind it; names may hold more of them.
fn split<'t>(
    directory: &Directory,
    flag: &str,
    text: &'t str,
) -> Result<(GroupId, &'t str), CliError> {
    let parts = || text.match_indices('=').map(|(at, _)| text.split_at(at));
    let known = parts().find_map(|(name, rest)| {
        let id = find_group(directory, name)?;
        Some((id, rest.strip_prefix('=').unwrap_or(rest)))
    });
    if let Some(known) = known.filter(|(_, rest)| !rest.is_empty()) {
        return Ok(known);
    }
    match parts().next() {
        Some((name, rest)) if !name.is_empty() && rest.len() > 1 => {
            Err(unknown("group", name, groups(directory)))
        }
        _ => {
            let wanted = if flag == "--rename" { "OLD=NEW" } else { "GROUP=MEMBER" };
            Err(CliError::Message(format!("`{flag} {}`, expected {wanted}", Shown(text))))
        }
    }
}

fn rename(directory: &Directory, group: GroupId, to: &str) -> Result<Edit, CliError> {
    let taken = directory.groups().any(|(id, _)| id != group && directory.group_name(id) == to);
    if taken {
        return Err(CliError::Message(format!(
            "`{}` cannot be renamed to `{}`: another group is called so",
            Shown(directory.group_name(group)),
            Shown(to)
        )));
    }
    Ok(Edit::Rename { group, to: to.to_owned() })
}

/// Old and new names of a CSV; a first line `old,new` is a header.
fn renames(path: &Path) -> Result<Vec<(String, String)>, CliError> {
    let (name, text) = crate::cli::files::text(path, RENAMES_LIMIT)?;
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut found = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let line = at + 1;
        let wrong = |why: &str| CliError::Message(format!("{}:{line}: {why}", Shown(&name)));
        let record = record.map_err(|error| wrong(&Shown(&error.to_string()).to_string()))?;
        match record.iter().collect::<Vec<_>>().as_slice() {
            ["old", "new"] if at == 0 => {}
            [old, new] if !old.is_empty() && !new.is_empty() => {
                found.push(((*old).to_owned(), (*new).to_owned()));
            }
            fields => {
                let count = fields.len();
                return Err(wrong(&format!(
                    "{count} fields, expected two: the old name and the new one"
                )));
            }
        }
    }
    Ok(found)
}

fn moved(directory: &Directory, text: &str) -> Result<[Edit; 2], CliError> {
    let colons: Vec<usize> = text.match_indices(':').map(|(at, _)| at).collect();
    let parts = |first: usize, second: usize| {
        Some((text.get(..first)?, text.get(first + 1..second)?, text.get(second + 1..)?))
    };
    let mut ways = Vec::new();
    for (at, &first) in colons.iter().enumerate() {
        ways.extend(colons.iter().skip(at + 1).filter_map(|&second| parts(first, second)));
    }
    let known = |&(_, from, to): &(&str, &str, &str)| {
        find_group(directory, from).is_some() && find_group(directory, to).is_some()
    };
    let way = ways.iter().copied().find(known).or_else(|| ways.first().copied());
    let Some((name, from, to)) = way else {
        let shown = Shown(text);
        return Err(CliError::Message(format!("`--move {shown}`, expected MEMBER:FROM:TO")));
    };
    let (from, to) = (group(directory, from)?, group(directory, to)?);
    let member = member_of(directory, from, name)?;
    Ok([Edit::Remove { group: from, member }, Edit::Add { group: to, member }])
}

fn group(directory: &Directory, name: &str) -> Result<GroupId, CliError> {
    find_group(directory, name).ok_or_else(|| unknown("group", name, groups(directory)))
}

/// The group of exactly this name, else the user, else the group by another spelling.
fn member(directory: &Directory, name: &str) -> Result<Member, CliError> {
    let found = find_group(directory, name);
    if let Some(group) = found.filter(|&group| directory.group_name(group) == name) {
        return Ok(Member::Group(group));
    }
    match (find_user(directory, name), found) {
        (UserMatch::One(user), _) => Ok(Member::User(user)),
        (_, Some(group)) => Ok(Member::Group(group)),
        (UserMatch::Several(_), None) => lookup::user(directory, name).map(Member::User),
        (UserMatch::None(mut near), None) => {
            near.extend(nearest(name, groups(directory), OFFERED));
            Err(not_there("user or group", name, &near))
        }
    }
}

/// The same, of somebody who is in a group.
fn member_of(directory: &Directory, group: GroupId, name: &str) -> Result<Member, CliError> {
    let member = member(directory, name)?;
    if is_in(directory, group, member) {
        return Ok(member);
    }
    let (name, group) = (Shown(name), Shown(directory.group_name(group)));
    Err(CliError::Message(format!("`{name}` is not directly in `{group}`, expected a member")))
}

fn groups(directory: &Directory) -> impl Iterator<Item = &str> {
    directory.groups().map(|(id, _)| directory.group_name(id))
}

fn unknown<'n>(what: &str, name: &str, names: impl Iterator<Item = &'n str>) -> CliError {
    not_there(what, name, &nearest(name, names, OFFERED))
}

fn not_there(what: &str, name: &str, near: &[String]) -> CliError {
    let near: Vec<String> = near.iter().map(|name| format!("`{}`", Shown(name))).collect();
    let near =
        if near.is_empty() { String::new() } else { format!("; the nearest: {}", near.join(", ")) };
    CliError::Message(format!("no {what} is called `{}` in these exports{near}", Shown(name)))
}

fn trust(federation: &Federation, text: &str) -> Result<Edit, CliError> {
    let Some((name, file)) = text.split_once('=').filter(|(_, file)| !file.is_empty()) else {
        let shown = Shown(text);
        return Err(CliError::Message(format!("`--trust {shown}`, expected ROLE=POLICY.json")));
    };
    let query = lookup::role(name)?;
    let account = query.account_in(federation).and_then(|id| {
        let account = federation.accounts.get(&id)?;
        Some((id, account))
    });
    let Some((id, account)) = account else {
        let aliases = federation.accounts.iter();
        let aliases = aliases.filter_map(|(_, account)| account.alias.as_ref());
        let asked = name.split('/').next().unwrap_or(name);
        return Err(unknown("account", asked, aliases.map(|alias| alias.value.as_str())));
    };
    if account.role(&query.name).is_none() {
        let roles = account.roles.iter().map(|role| role.name.as_str());
        return Err(unknown(&format!("role of account {id}"), &query.name, roles));
    }
    let policy = read_policy(Path::new(file))?;
    Ok(Edit::Trust { account: id, role: query.name, policy })
}
