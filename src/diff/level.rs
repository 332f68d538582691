//! Both sides are judged by what both know: an input that one side lacks makes nobody gain or lose a role.

use std::collections::BTreeSet;

use super::matching::Matching;
use super::outcome::Blind;
use super::phrase::Phrase;
use super::side::Which;
use crate::model::app::OktaApp;
use crate::model::directory::{Directory, Status};
use crate::model::federation::Federation;
use crate::sources::input::Format;
use crate::sources::load::Loaded;
use crate::text::{Place, Sourced};

/// What is left to say once both sides are level.
#[derive(Debug)]
pub struct Levelled {
    /// Who is who.
    pub matching: Matching,
    /// What cannot be told.
    pub blind: Blind,
    /// What one side lacks, one sentence each.
    pub unknown: Vec<Phrase>,
}

/// Takes from each side what the other cannot know, and lends the app's settings where one side lacks them.
pub fn level(before: &mut Loaded, after: &mut Loaded) -> Levelled {
    let mut unknown = Vec::new();
    settings(&mut before.federation, &after.federation, Which::Before, &mut unknown);
    settings(&mut after.federation, &before.federation, Which::After, &mut unknown);
    let (old, new) = (&before.federation.directory, &after.federation.directory);
    let matching = Matching::of(old, new);
    let blind = blind(before, after, &mut unknown);
    let (old, new) = (&mut before.federation.directory, &mut after.federation.directory);
    statuses(&matching, old, new, &mut unknown);
    assignments(old, new, &mut unknown);
    imports(&matching, old, new, &mut unknown);
    accounts(&before.federation, &after.federation, &mut unknown);
    Levelled { matching, blind, unknown }
}

/// A setting that is a text.
type TextOf = fn(&mut OktaApp) -> &mut Option<Sourced<String>>;

/// Settings that only the other side's export carries are taken to be the same.
fn settings(mine: &mut Federation, other: &Federation, which: Which, unknown: &mut Vec<Phrase>) {
    let Some(theirs) = &other.app else { return };
    let side = which.as_str();
    if mine.app.is_none() {
        let mut app = theirs.clone();
        app.map_places(|_| Place::NOWHERE);
        mine.app = Some(app);
        unknown.push(Phrase::words(format!(
            "no Okta AWS app export in {side}, its settings are taken to be the same"
        )));
        return;
    }
    let Some(app) = &mut mine.app else { return };
    let texts: [(&str, TextOf); 3] = [
        ("groupFilter", |app| &mut app.group_filter),
        ("roleValuePattern", |app| &mut app.role_value_pattern),
        ("appFilter", |app| &mut app.app_filter),
    ];
    let mut lent = theirs.clone();
    lent.map_places(|_| Place::NOWHERE);
    for (name, setting) in texts {
        let theirs = setting(&mut lent).take();
        let own = setting(app);
        if own.is_none() && theirs.is_some() {
            *own = theirs;
            unknown.push(taken(side, name));
        }
    }
    if app.use_group_mapping.is_none() && lent.use_group_mapping.is_some() {
        app.use_group_mapping = lent.use_group_mapping;
        unknown.push(taken(side, "useGroupMapping"));
    }
    if app.attribute_statements.is_none() && lent.attribute_statements.is_some() {
        app.attribute_statements = lent.attribute_statements;
        unknown.push(taken(side, "attributeStatements"));
    }
    let metadata = (&mut mine.app_metadata, &other.app_metadata);
    if let (own @ None, Some(theirs)) = metadata {
        *own = Some(Sourced::new(theirs.value.clone(), Place::NOWHERE));
        unknown.push(Phrase::words(format!(
            "the app's own metadata is not among {side}'s exports, it is taken to be the same"
        )));
    }
}

fn taken(side: &str, name: &str) -> Phrase {
    let phrase = Phrase::words(format!("the app export in {side} does not carry ")).named(name);
    phrase.and(", it is taken to be the same")
}

/// Kinds of exports that state memberships.
const OF_MEMBERS: [Format; 8] = [
    Format::Ldif,
    Format::EdgeCsv,
    Format::Csvde,
    Format::PowerShellMembers,
    Format::Graph,
    Format::Google,
    Format::OktaMembers,
    Format::OktaMembersCsv,
];

/// Where one side has every kind of memberships that the other has, and more, an access of the one side only
/// may be one that the other's exports leave out.
fn blind(before: &Loaded, after: &Loaded, unknown: &mut Vec<Phrase>) -> Blind {
    let kinds = |loaded: &Loaded| -> BTreeSet<&'static str> {
        let formats = loaded.formats.iter().map(|row| row.1);
        formats.filter(|format| OF_MEMBERS.contains(format)).map(Format::as_str).collect()
    };
    let (old, new) = (kinds(before), kinds(after));
    let mut lacks = |side: Which, less: &BTreeSet<&'static str>, more: &BTreeSet<&'static str>| {
        if !(less.is_subset(more) && less.len() < more.len()) {
            return false;
        }
        let mut says = Phrase::words(format!("{} has no ", side.as_str()));
        for (at, kind) in more.difference(less).enumerate() {
            says = says.and(if at == 0 { "" } else { ", " }).named(*kind);
        }
        let (what, other) = match side {
            Which::Before => ("gained", Which::After),
            Which::After => ("lost", Which::Before),
        };
        unknown.push(says.and(format!(
            " export of memberships and {} has, so who {what} a role is not known",
            other.as_str()
        )));
        true
    };
    Blind { gained: lacks(Which::Before, &old, &new), lost: lacks(Which::After, &new, &old) }
}

/// Whether somebody can sign in counts where both sides say it.
fn statuses(
    matching: &Matching,
    old: &mut Directory,
    new: &mut Directory,
    unknown: &mut Vec<Phrase>,
) {
    if old.users_stated != new.users_stated {
        let side = if old.users_stated { Which::After } else { Which::Before };
        unknown.push(Phrase::words(format!(
            "no export in {} says who can sign in, so that is not compared",
            side.as_str()
        )));
        let all = old.users.iter_mut().chain(&mut new.users);
        all.for_each(|user| user.status = Status::Unknown);
        return;
    }
    let mut count = 0;
    for (before, after) in matching.users.pairs() {
        let slots = (old.users.get_mut(before as usize), new.users.get_mut(after as usize));
        let (Some(before), Some(after)) = slots else { continue };
        if (before.status == Status::Unknown) != (after.status == Status::Unknown) {
            (before.status, after.status) = (Status::Unknown, Status::Unknown);
            count += 1;
        }
    }
    if count > 0 {
        let users = if count == 1 { "1 user is".to_owned() } else { format!("{count} users are") };
        unknown.push(Phrase::words(format!(
            "whether {users} able to sign in is known on one side only, and not compared"
        )));
    }
}

/// Assignments count where both sides state them.
fn assignments(old: &mut Directory, new: &mut Directory, unknown: &mut Vec<Phrase>) {
    let (old, new) = (&mut old.assignments, &mut new.assignments);
    let mut uneven = |what: &str, before: bool, after: bool| {
        if before == after {
            return false;
        }
        let side = if before { Which::After } else { Which::Before };
        unknown.push(Phrase::words(format!(
            "no export in {} says which {what} the app is assigned to, so that is not compared",
            side.as_str()
        )));
        true
    };
    if uneven("groups", old.groups.is_some(), new.groups.is_some()) {
        (old.groups, new.groups) = (None, None);
    }
    if uneven("users", old.users.is_some(), new.users.is_some()) {
        (old.users, new.users) = (None, None);
    }
}

/// Where groups come from, and whether Okta has them, counts where both sides say it.
fn imports(
    matching: &Matching,
    old: &mut Directory,
    new: &mut Directory,
    unknown: &mut Vec<Phrase>,
) {
    let stated = |directory: &Directory| directory.groups.iter().any(|group| group.in_okta);
    if stated(old) != stated(new) {
        let side = if stated(old) { Which::After } else { Which::Before };
        unknown.push(Phrase::words(format!(
            "no export in {} says which groups Okta has, so that is not compared",
            side.as_str()
        )));
        let all = old.groups.iter_mut().chain(&mut new.groups);
        all.for_each(|group| group.in_okta = false);
    }
    let mut count = 0;
    for (before, after) in matching.groups.pairs() {
        let slots = (old.groups.get_mut(before as usize), new.groups.get_mut(after as usize));
        let (Some(before), Some(after)) = slots else { continue };
        if before.source.is_some() != after.source.is_some() {
            (before.source, after.source) = (None, None);
            count += 1;
        }
    }
    if count > 0 {
        let groups = if count == 1 { "1 group comes" } else { "groups come" };
        let number = if count == 1 { String::new() } else { format!("{count} ") };
        unknown.push(Phrase::words(format!(
            "where {number}{groups} from is known on one side only, and not compared"
        )));
    }
}

/// Accounts of which one side has no export.
fn accounts(before: &Federation, after: &Federation, unknown: &mut Vec<Phrase>) {
    let sides = [(Which::Before, before, after), (Which::After, after, before)];
    for (which, mine, other) in sides {
        let known = |federation: &Federation| -> BTreeSet<String> {
            let accounts = federation.accounts.iter();
            let stated = accounts.filter(|(_, account)| account.roles_complete);
            stated.map(|(id, _)| id.to_string()).collect()
        };
        let missing: Vec<String> = known(other).difference(&known(mine)).cloned().collect();
        let Some(first) = missing.first() else { continue };
        let more = match missing.len() {
            1 => String::new(),
            many => format!(" and {} more", many - 1),
        };
        let says = Phrase::words(format!("{} does not list the roles of account ", which.as_str()));
        unknown
            .push(says.named(first).and(format!("{more}, so what AWS does there is not compared")));
    }
}
