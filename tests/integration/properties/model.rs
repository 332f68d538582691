//! A random federation by names, and what can happen to it.

use std::collections::{BTreeMap, BTreeSet};

use super::world::{Account, App, Filter, Group, Pattern, User, World};

/// A federation by names.
#[derive(Debug, Clone)]
pub(super) struct Model {
    /// Name, id, source.
    pub(super) groups: BTreeMap<String, (usize, Option<&'static str>)>,
    /// Login, id, active.
    pub(super) users: BTreeMap<String, (usize, bool)>,
    pub(super) members: BTreeSet<(String, String)>,
    pub(super) nested: BTreeSet<(String, String)>,
    pub(super) assigned_groups: Option<BTreeSet<String>>,
    pub(super) assigned_users: Option<BTreeSet<String>>,
    pub(super) app: App,
    accounts: Vec<Account>,
}

impl Model {
    pub(super) fn of(world: &World) -> Self {
        let group = |at: usize| world.groups[at].name.clone();
        let user = |at: usize| world.users[at].login.clone();
        let groups = world.groups.iter().map(|one| (one.name.clone(), (one.id, one.source)));
        let users = world.users.iter().map(|one| (one.login.clone(), (one.id, one.active)));
        Self {
            groups: groups.collect(),
            users: users.collect(),
            members: world.members.iter().map(|&(g, u)| (group(g), user(u))).collect(),
            nested: world.nested.iter().map(|&(o, i)| (group(o), group(i))).collect(),
            assigned_groups: world
                .assigned_groups
                .as_ref()
                .map(|all| all.iter().map(|&at| group(at)).collect()),
            assigned_users: world
                .assigned_users
                .as_ref()
                .map(|all| all.iter().map(|&at| user(at)).collect()),
            app: world.app.clone(),
            accounts: world.accounts.clone(),
        }
    }

    pub(super) fn world(&self) -> World {
        let group = |name: &String| self.groups.keys().position(|known| known == name).unwrap();
        let user = |login: &String| self.users.keys().position(|known| known == login).unwrap();
        World {
            users: self
                .users
                .iter()
                .map(|(login, &(id, active))| User { id, login: login.clone(), active })
                .collect(),
            groups: self
                .groups
                .iter()
                .map(|(name, &(id, source))| Group { id, name: name.clone(), source })
                .collect(),
            members: self.members.iter().map(|(g, u)| (group(g), user(u))).collect(),
            nested: self.nested.iter().map(|(o, i)| (group(o), group(i))).collect(),
            assigned_groups: self
                .assigned_groups
                .as_ref()
                .map(|all| all.iter().map(group).collect()),
            assigned_users: self.assigned_users.as_ref().map(|all| all.iter().map(user).collect()),
            app: self.app.clone(),
            accounts: self.accounts.clone(),
        }
    }

    pub(super) fn rename_group(&mut self, old: &str, new: &str) {
        let renamed = |name: &String| if name == old { new.to_owned() } else { name.clone() };
        self.groups = self.groups.iter().map(|(name, about)| (renamed(name), *about)).collect();
        self.members = self.members.iter().map(|(g, u)| (renamed(g), u.clone())).collect();
        self.nested = self.nested.iter().map(|(o, i)| (renamed(o), renamed(i))).collect();
        let assigned = self.assigned_groups.take();
        self.assigned_groups = assigned.map(|all| all.iter().map(renamed).collect());
    }

    pub(super) fn remove_group(&mut self, name: &str) {
        self.groups.remove(name);
        self.members.retain(|edge| edge.0 != name);
        self.nested.retain(|edge| edge.0 != name && edge.1 != name);
        self.assigned_groups.iter_mut().for_each(|all| {
            all.remove(name);
        });
    }

    pub(super) fn remove_user(&mut self, login: &str) {
        self.users.remove(login);
        self.members.retain(|edge| edge.1 != login);
        self.assigned_users.iter_mut().for_each(|all| {
            all.remove(login);
        });
    }

    /// One change, which a kind and two numbers choose.
    pub(super) fn edit(&mut self, (kind, one, other): (u8, usize, usize)) {
        let pick = |names: Vec<&String>, at: usize| names[at % names.len()].clone();
        let group = pick(self.groups.keys().collect(), one);
        let second = pick(self.groups.keys().collect(), other);
        let user = pick(self.users.keys().collect(), other);
        let toggle = |set: &mut BTreeSet<(String, String)>, edge: (String, String)| {
            if !set.remove(&edge) {
                set.insert(edge);
            }
        };
        match kind % 12 {
            0 | 1 => toggle(&mut self.members, (group, user)),
            2 | 3 => toggle(&mut self.nested, (group, second)),
            4 => {
                let about = self.users.get_mut(&user).unwrap();
                about.1 = !about.1;
            }
            5 => {
                let new = format!("aws#prod#Admin{}#123456789012", one % 3);
                if !self.groups.keys().any(|name| name.eq_ignore_ascii_case(&new)) {
                    self.rename_group(&group, &new);
                }
            }
            6 => {
                let about = self.groups.get_mut(&group).unwrap();
                about.1 = about.1.map(|_| "bamboohr");
            }
            7 => {
                if let Some(all) = &mut self.assigned_groups
                    && !all.remove(&group)
                {
                    all.insert(group);
                }
            }
            8 => {
                if let Some(all) = &mut self.assigned_users
                    && !all.remove(&user)
                {
                    all.insert(user);
                }
            }
            9 => {
                self.app.filter = match self.app.filter {
                    Filter::Guide => Filter::Underscores,
                    Filter::Underscores => Filter::Guide,
                };
            }
            10 if one % 2 == 0 => self.app.pattern = Pattern::WithPath,
            10 => {
                self.app.sources = self.app.sources.map(|_| "active_directory");
            }
            _ if self.users.len() > 1 && one % 2 == 0 => self.remove_user(&user),
            _ if self.groups.len() > 1 => self.remove_group(&group),
            _ => {}
        }
    }
}
