//! Facts as sentences, with the lines that state them.

use super::compare::Both;
use super::fact::{Fact, GroupRef, Setting};
use super::outcome::Cause;
use super::phrase::Phrase;
use super::side::Which;
use super::targets::PairId;
use super::two::Two;
use crate::entitlement::lookup::called;
use crate::entitlement::role_group::place_of;
use crate::mapping::group_filter::MatchMode;
use crate::model::app::OktaApp;
use crate::text::Place;

/// Each fact as a sentence about these users; two facts that are one move are one sentence.
pub(super) fn describe(two: &Two<'_>, facts: &[Fact], users: &[&str], first: Both) -> Vec<Cause> {
    let context = Context { two, users, first };
    let mut causes = Vec::new();
    for &fact in facts {
        let leaves = facts.iter().find(|&&other| is_move(other, fact));
        if facts.iter().any(|&other| is_move(fact, other)) {
            continue;
        }
        causes.push(match leaves {
            Some(&left) => context.moved(left, fact),
            None => context.cause(fact),
        });
    }
    causes
}

/// Whether a group leaves a group by the first fact and enters another by the second.
fn is_move(left: Fact, entered: Fact) -> bool {
    match (left, entered) {
        (
            Fact::Nested { inner, holds: Which::Before, .. },
            Fact::Nested { inner: other, holds: Which::After, .. },
        ) => inner == other,
        _ => false,
    }
}

struct Context<'c, 's> {
    two: &'c Two<'s>,
    users: &'c [&'c str],
    first: Both,
}

impl Context<'_, '_> {
    fn cause(&self, fact: Fact) -> Cause {
        let at = |which: Which| {
            let place = self.place(fact, which)?;
            let (file, line) = self.two.side(which).federation().sources.resolve(place)?;
            Some((file.to_owned(), line))
        };
        Cause {
            kind: fact.kind(),
            says: self.says(fact),
            before: at(Which::Before),
            after: at(Which::After),
        }
    }

    fn moved(&self, left: Fact, entered: Fact) -> Cause {
        let (Fact::Nested { inner, outer: from, .. }, Fact::Nested { outer: to, .. }) =
            (left, entered)
        else {
            return self.cause(entered);
        };
        let says = self.group(inner).and(" moved from ").named(self.two.group_name(from));
        Cause {
            kind: "group-moved",
            says: says.and(" to ").named(self.two.group_name(to)),
            before: self.cause(left).before,
            after: self.cause(entered).after,
        }
    }

    fn group(&self, group: GroupRef) -> Phrase {
        Phrase::name(self.two.group_name(group))
    }

    /// The users as a subject, with the verb that fits.
    fn subject(&self, one: &str, many: &str) -> Phrase {
        match self.users {
            [user] => Phrase::name(*user).and(format!(" {one}")),
            users => Phrase::words(format!("{} users {many}", users.len())),
        }
    }

    fn says(&self, fact: Fact) -> Phrase {
        match fact {
            Fact::Setting(setting) => self.setting(setting),
            Fact::Renamed(group) => {
                let name = |which| {
                    let id = self.two.group_on(which, group);
                    id.map_or("", |id| self.two.side(which).directory().group_name(id))
                };
                Phrase::name(name(Which::Before)).and(" was renamed to ").named(name(Which::After))
            }
            Fact::Source(group) => self.source(group),
            Fact::Group { group, holds } => {
                let name = Phrase::words("the group ").named(self.two.group_name(group));
                name.and(either(holds, " is gone", " is new"))
            }
            Fact::Imported { group, holds } => self.group(group).and(either(
                holds,
                " is no longer among the groups that Okta has",
                " is now among the groups that Okta has",
            )),
            Fact::Nested { inner, outer, holds } => self
                .group(inner)
                .and(either(holds, " is no longer a member of ", " is now a member of "))
                .named(self.two.group_name(outer)),
            Fact::Assigned { group, holds } => Phrase::words(either(
                holds,
                "the app is no longer assigned to ",
                "the app is now assigned to ",
            ))
            .named(self.two.group_name(group)),
            Fact::GroupRoles(group) => Phrase::words("the app's ")
                .named("samlRoles")
                .and(" of ")
                .named(self.two.group_name(group))
                .and(" changed"),
            Fact::Provider(pair) => self.provider(pair),
            Fact::Role(pair) => self.role(pair),
            Fact::TrustPolicy(pair) => {
                Phrase::words("the trust policy of ").named(self.called(pair)).and(" changed")
            }
            of_user => self.of_user(of_user),
        }
    }

    fn source(&self, group: GroupRef) -> Phrase {
        let source = |which| {
            let id = self.two.group_on(which, group)?;
            self.two.side(which).directory().group(id)?.source.clone()
        };
        let key = |which| source(which).map_or("unknown".to_owned(), |one| one.to_string());
        let of = Phrase::words("the source of ").named(self.two.group_name(group));
        let from = of.and(" changed from ").named(key(Which::Before));
        from.and(" to ").named(key(Which::After))
    }

    fn of_user(&self, fact: Fact) -> Phrase {
        match fact {
            Fact::User { holds: Which::Before } => {
                self.subject("is no longer in the exports", "are no longer in the exports")
            }
            Fact::User { holds: Which::After } => self.subject("is new", "are new"),
            Fact::SignsIn { holds: Which::Before } => {
                self.subject("is disabled now", "are disabled now")
            }
            Fact::SignsIn { holds: Which::After } => {
                self.subject("is no longer disabled", "are no longer disabled")
            }
            Fact::Member { group, holds } => {
                let verb = either(holds, "left ", "joined ");
                self.subject(verb, verb).named(self.two.group_name(group))
            }
            Fact::Listed { holds: Which::Before } => self
                .subject("is no longer assigned to the app", "are no longer assigned to the app"),
            Fact::Listed { holds: Which::After } => {
                self.subject("is now assigned to the app", "are now assigned to the app")
            }
            Fact::Names => self.subject("has other names", "have other names"),
            _ => {
                let verb = "other roles by their assignment to the app";
                self.subject(&format!("has {verb}"), &format!("have {verb}"))
            }
        }
    }

    fn setting(&self, setting: Setting) -> Phrase {
        let mapping = |which| self.two.side(which).mapping();
        let (old, new) = (mapping(Which::Before), mapping(Which::After));
        let changed = |what: &str, before: String, after: String| {
            let name = Phrase::words(format!("{what} changed from ")).named(before);
            name.and(" to ").named(after)
        };
        match setting {
            Setting::GroupFilter => {
                changed("the Group Filter", old.filter.text().into(), new.filter.text().into())
            }
            Setting::RoleValuePattern => {
                let (old, new) = (old.pattern.text().into(), new.pattern.text().into());
                changed("the Role Value Pattern", old, new)
            }
            Setting::AppFilter => {
                let text = |mapping: &crate::mapping::settings::Mapping| {
                    mapping.app_filter.as_ref().map(ToString::to_string).unwrap_or_default()
                };
                changed("the App Filter", text(old), text(new))
            }
            Setting::MatchMode => Phrase::words(match new.mode {
                MatchMode::Full => "the Group Filter has to match the whole name now",
                MatchMode::Find => "the Group Filter may match a part of the name now",
            }),
            Setting::GroupMapping => {
                let on = if new.maps_groups() { "on" } else { "off" };
                Phrase::words(format!("Use Group Mapping was turned {on}"))
            }
            Setting::Metadata => {
                Phrase::words("the app's own metadata (its issuer or certificate) changed")
            }
            Setting::Sent => Phrase::words(
                "what the app sends changed (attributes, user name, session duration or address)",
            ),
            Setting::SignIn => Phrase::words("what is said about sign-ins changed"),
        }
    }

    fn called(&self, pair: PairId) -> String {
        let role = self.two.targets.get(pair).map(|both| &both.pair.role);
        role.map_or_else(String::new, |role| called(self.two.after.federation(), role))
    }

    fn provider(&self, pair: PairId) -> Phrase {
        let Some(both) = self.two.targets.get(pair) else { return Phrase::default() };
        let provider = &both.pair.provider;
        let is_there = |which: Which| {
            let account = self.two.side(which).federation().accounts.get(&provider.account);
            account.is_some_and(|account| account.provider(&provider.name).is_some())
        };
        let name = Phrase::words("the SAML provider ").named(provider.to_string());
        name.and(match (is_there(Which::Before), is_there(Which::After)) {
            (true, false) => " was deleted",
            (false, true) => " was created",
            _ => " has other metadata",
        })
    }

    fn role(&self, pair: PairId) -> Phrase {
        let Some(both) = self.two.targets.get(pair) else { return Phrase::default() };
        let role = &both.pair.role;
        let path = |which: Which| {
            let account = self.two.side(which).federation().accounts.get(&role.account)?;
            account.role(&role.name).map(|found| found.path.clone())
        };
        let name = Phrase::words("the role ").named(self.called(pair));
        match (path(Which::Before), path(Which::After)) {
            (Some(_), None) => name.and(" was deleted"),
            (None, Some(_)) => name.and(" was created"),
            (Some(old), Some(new)) if old != new => {
                name.and(" moved from the path ").named(old).and(" to ").named(new)
            }
            _ => name.and(" changed"),
        }
    }

    /// The line of a side that states a fact.
    fn place(&self, fact: Fact, which: Which) -> Option<Place> {
        let side = self.two.side(which);
        let (directory, federation) = (side.directory(), side.federation());
        let user = match which {
            Which::Before => self.first.0,
            Which::After => self.first.1,
        };
        let on = |group| self.two.group_on(which, group);
        let entry = |mut row: Box<dyn Iterator<Item = (u32, Place)> + '_>, wanted: u32| {
            row.find(|&(member, _)| member == wanted).map(|(_, place)| place)
        };
        match fact {
            Fact::Setting(setting) => self.place_of_setting(setting, which),
            Fact::Renamed(group)
            | Fact::Source(group)
            | Fact::Group { group, .. }
            | Fact::Imported { group, .. } => Some(place_of(federation, on(group)?)),
            Fact::Nested { inner, outer, .. } => {
                entry(Box::new(directory.nested().entries(on(outer)?.0)), on(inner)?.0)
            }
            Fact::Member { group, .. } => {
                entry(Box::new(directory.members().entries(on(group)?.0)), user?.0)
            }
            Fact::Assigned { group, .. } => {
                let (list, id) = (directory.assignments().groups.as_ref()?, on(group)?);
                list.iter().find(|one| one.to == id).map(|one| one.place)
            }
            Fact::Listed { .. } => {
                let (list, id) = (directory.assignments().users.as_ref()?, user?);
                list.iter().find(|one| one.to == id).map(|one| one.place)
            }
            Fact::GroupRoles(group) => {
                let id = on(group)?;
                let rows = &directory.assignments().group_roles;
                rows.iter().find(|row| row.0 == id).map(|row| row.2)
            }
            Fact::OwnRoles => {
                let (rows, id) = (&directory.assignments().user_roles, user?);
                rows.iter().find(|row| row.0 == id).map(|row| row.2)
            }
            Fact::User { .. } | Fact::SignsIn { .. } | Fact::Names => {
                directory.user(user?).map(|user| user.place)
            }
            Fact::Provider(pair) | Fact::Role(pair) | Fact::TrustPolicy(pair) => {
                self.place_in_aws(fact, pair, which)
            }
        }
    }

    fn place_in_aws(&self, fact: Fact, pair: PairId, which: Which) -> Option<Place> {
        let pair = self.two.targets.get(pair)?.pair;
        let account = self.two.side(which).federation().accounts.get(&pair.role.account)?;
        let role = || account.role(&pair.role.name);
        match fact {
            Fact::Provider(_) => account.provider(&pair.provider.name).map(|found| found.place),
            Fact::Role(_) => role().map(|found| found.place),
            _ => role()?.trust_policy.as_ref().map(|policy| policy.place),
        }
    }

    fn place_of_setting(&self, setting: Setting, which: Which) -> Option<Place> {
        let side = self.two.side(which);
        let places = side.mapping().places;
        match setting {
            Setting::GroupFilter => Some(places.filter),
            Setting::RoleValuePattern => Some(places.pattern),
            Setting::AppFilter => Some(places.app_filter),
            Setting::GroupMapping => Some(places.use_group_mapping),
            Setting::Metadata => side.federation().app_metadata.as_ref().map(|one| one.place),
            Setting::Sent => side.federation().app.as_ref().map(|OktaApp { place, .. }| *place),
            Setting::MatchMode | Setting::SignIn => None,
        }
    }
}

const fn either(holds: Which, before: &'static str, after: &'static str) -> &'static str {
    match holds {
        Which::Before => before,
        Which::After => after,
    }
}
