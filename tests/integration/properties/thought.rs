//! A federation that is only thought of is the one that would be.

use proptest::prelude::*;
use rolecall::diff::hypothesis::{Edit, Member, apply};
use rolecall::entitlement::lookup::{UserMatch, find_group, find_user};
use rolecall::entitlement::resolve::{Entitlements, Ways};
use rolecall::model::directory::Directory;

use super::export::Form;
use super::model::Model;
use super::world::worlds;
use super::{Read, cases, pickers, without_ways};

/// Forms in which the exports say of a membership what the federation does.
const STATING: [Form; 7] = [
    Form::Csv,
    Form::LdifMember,
    Form::LdifMemberOf,
    Form::OktaNested,
    Form::CsvAndLdif,
    Form::CsvAndOkta,
    Form::LdifAndOkta,
];

/// What turns one model into another that differs by one edit of a membership or a name.
fn edits_between(before: &Model, after: &Model, directory: &Directory) -> Vec<Edit> {
    let group = |name: &String| find_group(directory, name).unwrap();
    let user = |login: &String| match find_user(directory, login) {
        UserMatch::One(user) => Member::User(user),
        other => panic!("{login}: {other:?}"),
    };
    let renamed = before.groups.iter().filter_map(|(old, (id, _))| {
        let (new, _) = after.groups.iter().find(|(_, (other, _))| other == id)?;
        (old != new).then(|| Edit::Rename { group: group(old), to: new.clone() })
    });
    let renamed: Vec<Edit> = renamed.collect();
    if !renamed.is_empty() {
        return renamed;
    }
    let added = after.members.difference(&before.members);
    let added = added.map(|(g, u)| Edit::Add { group: group(g), member: user(u) });
    let removed = before.members.difference(&after.members);
    let removed = removed.map(|(g, u)| Edit::Remove { group: group(g), member: user(u) });
    let nested = after.nested.difference(&before.nested);
    let nested =
        nested.map(|(o, i)| Edit::Add { group: group(o), member: Member::Group(group(i)) });
    let parted = before.nested.difference(&after.nested);
    let parted =
        parted.map(|(o, i)| Edit::Remove { group: group(o), member: Member::Group(group(i)) });
    added.chain(removed).chain(nested).chain(parted).collect()
}

proptest! {
    #![proptest_config(cases(160))]

    #[test]
    fn an_edit_that_is_thought_of_is_the_edit_that_is_made(
        world in worlds(),
        form in prop::sample::select(&STATING[..]),
        kind in prop::sample::select(&[0_u8, 2, 5][..]),
        numbers: (usize, usize),
        seed: u64,
    ) {
        let before = Model::of(&form.fit(world));
        let mut after = before.clone();
        after.edit((kind, numbers.0, numbers.1));
        let read = Read::of(&before.world(), form, seed);
        let edits = edits_between(&before, &after, &read.loaded.federation.directory);
        let made = apply(&read.loaded.federation, &edits);
        let thought = pickers(&Entitlements::resolve(&made, &read.mapping), Ways::DirectGroups);
        let done = pickers(&Read::of(&after.world(), form, seed).entitlements(), Ways::DirectGroups);
        prop_assert_eq!(without_ways(&thought), without_ways(&done), "{:?}", edits);
    }
}
