//! What users and groups are called beside their keys.

use super::identity::{Identities, Owner};
use super::{AttributeOf, Collector};
use crate::model::directory::{GroupId, NameKind, UserId};
use crate::model::names::Text;
use crate::sources::batch::{Attribute, RecordRef};
use crate::sources::keys::KeySpace;

const fn kind(attribute: Attribute) -> Option<NameKind> {
    Some(match attribute {
        Attribute::Login => NameKind::Login,
        Attribute::SamAccountName => NameKind::SamAccountName,
        Attribute::Mail => NameKind::Mail,
        Attribute::Uid => NameKind::Uid,
        Attribute::Sid => NameKind::Sid,
        Attribute::Dn => NameKind::Dn,
        Attribute::CommonName => NameKind::CommonName,
        Attribute::PrimaryGroupSid | Attribute::SourceApp | Attribute::SamlRole => return None,
    })
}

const fn kind_of_space(space: KeySpace) -> NameKind {
    match space {
        KeySpace::Dn => NameKind::Dn,
        KeySpace::Login => NameKind::Login,
        KeySpace::GroupName | KeySpace::Member => NameKind::CommonName,
        KeySpace::OktaId | KeySpace::GraphId | KeySpace::GoogleId => NameKind::Id,
        KeySpace::Email => NameKind::Mail,
        KeySpace::Uid => NameKind::Uid,
        KeySpace::Sid => NameKind::Sid,
        KeySpace::SamAccountName => NameKind::SamAccountName,
    }
}

/// All names of users beside their login key.
pub(super) fn user_names(
    collector: &Collector,
    found: &Identities,
) -> Vec<(UserId, NameKind, Text)> {
    let mut names: Vec<_> = collector
        .attributes
        .iter()
        .filter_map(|row| {
            let RecordRef::User(at) = row.of else { return None };
            Some((UserId(*found.user_of_row.get(at as usize)?), kind(row.attribute)?, row.text))
        })
        .collect();
    let keys = &collector.keys;
    let own = (0..).zip(&found.users).map(|(node, user)| (Owner::User(node), user.key));
    for (owner, key) in own.chain(found.more_keys.iter().copied()) {
        if let (Owner::User(node), Some(space)) = (owner, keys.space(key))
            && space != KeySpace::Login
        {
            names.push((UserId(node), kind_of_space(space), keys.span(key)));
        }
    }
    names.sort_unstable_by_key(|&(user, kind, text)| (user, kind, text.start));
    names
}

/// All names of groups beside their name's key.
pub(super) fn group_names(
    collector: &Collector,
    found: &Identities,
) -> Vec<(GroupId, NameKind, Text)> {
    let mut names: Vec<_> = collector
        .attributes
        .iter()
        .filter_map(|row| {
            let RecordRef::Group(at) = row.of else { return None };
            Some((GroupId(*found.group_of_row.get(at as usize)?), kind(row.attribute)?, row.text))
        })
        .collect();
    let keys = &collector.keys;
    let own = (0..).zip(&found.groups).map(|(node, group)| (Owner::Group(node), group.key));
    for (owner, key) in own.chain(found.more_keys.iter().copied()) {
        if let (Owner::Group(node), Some(space)) = (owner, keys.space(key))
            && space != KeySpace::GroupName
        {
            names.push((GroupId(node), kind_of_space(space), keys.span(key)));
        }
    }
    names.sort_unstable_by_key(|&(group, kind, text)| (group, kind, text.start));
    names
}

/// The name reports use for each user: the best there is, the same whatever the order of input.
pub(super) fn choose_logins(collector: &Collector, found: &mut Identities) {
    if collector.attributes.is_empty() && found.more_keys.is_empty() {
        // Nobody has a name beside their key.
        return;
    }
    let keys = &collector.keys;
    let mut best: Vec<Option<(u8, Text)>> = vec![None; found.users.len()];
    let mut offer = |node: u32, rank: u8, text: Text| {
        if let Some(slot) = best.get_mut(node as usize) {
            let better =
                slot.is_none_or(|(old, name)| (rank, keys.slice(text)) < (old, keys.slice(name)));
            if better && !text.is_empty() {
                *slot = Some((rank, text));
            }
        }
    };
    for row in &collector.attributes {
        if let (RecordRef::User(at), Some(rank)) = (row.of, login_rank(collector, row))
            && let Some(&node) = found.user_of_row.get(at as usize)
        {
            offer(node, rank, row.text);
        }
    }
    let own = (0..).zip(&found.users).map(|(node, user)| (Owner::User(node), user.key));
    for (owner, key) in own.chain(found.more_keys.iter().copied()) {
        if let (Owner::User(node), Some(KeySpace::Login)) = (owner, keys.space(key)) {
            offer(node, 1, keys.span(key));
        }
    }
    for (user, best) in found.users.iter_mut().zip(best) {
        if let Some((_, text)) = best {
            user.login = Some(text);
        }
    }
}

/// Okta's login first: it is what Okta signs in with.
fn login_rank(collector: &Collector, row: &AttributeOf) -> Option<u8> {
    Some(match row.attribute {
        Attribute::Login => {
            let RecordRef::User(at) = row.of else { return None };
            let key = collector.users.get(at as usize)?.key;
            u8::from(collector.keys.space(key) != Some(KeySpace::OktaId))
        }
        Attribute::Uid => 2,
        Attribute::SamAccountName => 3,
        Attribute::Mail => 4,
        Attribute::CommonName => 5,
        _ => return None,
    })
}
