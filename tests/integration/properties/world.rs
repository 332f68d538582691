//! Random federations: what is in them, before any export is written.

use std::collections::BTreeSet;

use proptest::prelude::*;

/// A federation as plain lists; repeats in the lists of memberships are meant.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) users: Vec<User>,
    pub(super) groups: Vec<Group>,
    /// Group and user.
    pub(super) members: Vec<(usize, usize)>,
    /// Outer and inner group.
    pub(super) nested: Vec<(usize, usize)>,
    pub(super) assigned_groups: Option<BTreeSet<usize>>,
    pub(super) assigned_users: Option<BTreeSet<usize>>,
    pub(super) app: App,
    pub(super) accounts: Vec<Account>,
}

#[derive(Debug, Clone)]
pub(super) struct User {
    /// Stays the same when users change places.
    pub(super) id: usize,
    pub(super) login: String,
    pub(super) active: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Stays the same when groups change places.
    pub(super) id: usize,
    pub(super) name: String,
    /// The key of the app it is imported from; `None` where no export says.
    pub(super) source: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(super) struct App {
    pub(super) filter: Filter,
    pub(super) pattern: Pattern,
    /// The App Filter; `None` where the export does not carry it.
    pub(super) sources: Option<&'static str>,
}

/// The two Group Filters that Okta documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    Guide,
    Underscores,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    Default,
    WithPath,
    China,
}

#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) id: &'static str,
    pub(super) alias: Option<&'static str>,
    pub(super) roles: Vec<&'static str>,
}

pub(super) const ACCOUNTS: [&str; 3] = ["123456789012", "012345678901", "210987654321"];

pub(super) const ROLES: [&str; 5] = ["Admin", "admin", "Read-Only", "Tier1_Support", "Net.Ops"];

const ALIASES: [&str; 9] =
    ["prod", "a,b", "q\"q", "größe", "日本", "x#y", "semi;colon", "back\\slash", "sp ace"];

const LOGINS: [&str; 9] =
    ["anna", "O'Brien", "q\"uote", "co,mma", "größe", "日本", "=cmd", "#hash", "two words"];

const TEAMS: [&str; 7] =
    ["Team", "#lead", "R&D, \"labs\"", "Größe", "人事", " spaced ", "a+b=<c>;"];

const SOURCES: [Option<&str>; 6] = [
    Some("active_directory"),
    Some("active_directory"),
    Some("okta"),
    Some("okta"),
    Some("bamboohr"),
    None,
];

const APP_FILTERS: [Option<&str>; 5] =
    [Some(""), Some("active_directory"), Some("okta, active_directory"), Some("bamboohr"), None];

/// A name, by what goes into it.
#[derive(Debug, Clone)]
enum Name {
    Team(usize),
    Role { underscores: bool, alias: usize, role: usize, account: usize, flaw: usize },
}

impl Name {
    fn text(&self, at: usize) -> String {
        match *self {
            Self::Team(stem) => {
                format!("{}{at}{}", TEAMS[stem], if at.is_multiple_of(3) { " " } else { "" })
            }
            Self::Role { underscores, alias, role, account, flaw } => {
                let (alias, account) = (ALIASES[alias], ACCOUNTS[account]);
                let role = if underscores && role == 0 { "p+q=r,s@t" } else { ROLES[role] };
                let plain = if underscores {
                    format!("aws_{account}_{role}")
                } else {
                    format!("aws#{alias}#{role}#{account}")
                };
                match flaw {
                    0 => format!("AWS{}", &plain[3..]),
                    1 => plain.replace(account, &account[1..]),
                    2 => format!("{plain} "),
                    3 => format!("x{plain}"),
                    4 => plain.replace(role, &"R".repeat(65)),
                    5 => plain.replace(account, "１２３４５６７８９０１２"),
                    6 => plain.replacen(['#', '_'], "-", 1),
                    7 => format!("{plain}é"),
                    _ => plain,
                }
            }
        }
    }
}

fn name() -> impl Strategy<Value = Name> {
    let role = (any::<bool>(), 0..ALIASES.len(), 0..ROLES.len(), 0..ACCOUNTS.len(), 0_usize..40);
    prop_oneof![
        2 => (0..TEAMS.len()).prop_map(Name::Team),
        3 => role.prop_map(|(underscores, alias, role, account, flaw)| {
            Name::Role { underscores, alias, role, account, flaw }
        }),
    ]
}

fn app() -> impl Strategy<Value = App> {
    let filter = prop_oneof![Just(Filter::Guide), Just(Filter::Underscores)];
    let pattern = prop_oneof![
        3 => Just(Pattern::Default),
        1 => Just(Pattern::WithPath),
        1 => Just(Pattern::China),
    ];
    (filter, pattern, prop::sample::select(&APP_FILTERS[..]))
        .prop_map(|(filter, pattern, sources)| App { filter, pattern, sources })
}

fn account(id: &'static str) -> impl Strategy<Value = Option<Account>> {
    let roles = prop::sample::subsequence(&ROLES[1..], 0..ROLES.len());
    let alias = prop_oneof![Just(None), Just(Some("prod")), Just(Some("acme-dev"))];
    prop::option::of((alias, roles).prop_map(move |(alias, roles)| Account { id, alias, roles }))
}

/// Any federation.
pub(super) fn worlds() -> impl Strategy<Value = World> {
    let users = prop::collection::vec((0..LOGINS.len(), prop::bool::weighted(0.8)), 1..7);
    let groups = prop::collection::vec((name(), prop::sample::select(&SOURCES[..])), 1..12);
    let pairs = |most| prop::collection::vec(any::<(usize, usize)>(), 0..most);
    let assigned = || prop::option::of(prop::collection::btree_set(any::<usize>(), 0..4));
    let accounts = (account(ACCOUNTS[0]), account(ACCOUNTS[1]), account(ACCOUNTS[2]));
    (users, groups, pairs(18), pairs(16), (assigned(), assigned()), app(), accounts).prop_map(
        |(users, groups, members, nested, assigned, app, accounts)| {
            let users: Vec<User> = (0..)
                .zip(users)
                .map(|(id, (stem, active))| {
                    let login = format!("{}{id}@corp.test", LOGINS[stem]);
                    User { id, login, active }
                })
                .collect();
            let mut seen = BTreeSet::new();
            let groups: Vec<Group> = (0..)
                .zip(groups)
                .map(|(id, (name, source))| Group { id, name: name.text(id), source })
                .filter(|group| seen.insert(group.name.to_lowercase()))
                .collect();
            let (all, every) = (groups.len(), users.len());
            let within =
                |list: BTreeSet<usize>, count: usize| list.iter().map(|n| n % count).collect();
            World {
                members: members.iter().map(|&(g, u)| (g % all, u % every)).collect(),
                nested: nested.iter().map(|&(a, b)| (a % all, b % all)).collect(),
                assigned_groups: assigned.0.map(|list| within(list, all)),
                assigned_users: assigned.1.map(|list| within(list, every)),
                users,
                groups,
                app,
                accounts: [accounts.0, accounts.1, accounts.2].into_iter().flatten().collect(),
            }
        },
    )
}

/// Groups that are all members of each other, each with one user; what they lead to is random.
pub(super) fn rings() -> impl Strategy<Value = (World, usize)> {
    (worlds(), 3_usize..40).prop_map(|(mut world, size)| {
        let first = world.groups.len();
        for at in 0..size {
            let (group, user) = (world.groups.len(), world.users.len());
            let source = Some("active_directory");
            world.groups.push(Group { id: group + 100, name: format!("Ring {at}"), source });
            let login = format!("ring{at}@corp.test");
            world.users.push(User { id: user + 100, login, active: true });
            world.members.push((group, user));
            world.nested.extend(
                (0..at)
                    .flat_map(|other| [(first + at, first + other), (first + other, first + at)]),
            );
        }
        // The ring leads to the groups before it, and they may lead into it.
        let into: Vec<_> = (0..first).filter(|group| group % 2 == 0).collect();
        world.nested.extend(into.iter().map(|&outer| (outer, first + outer % size)));
        world.nested.extend((1..first).step_by(5).map(|inner| (first, inner)));
        (world, first)
    })
}

impl World {
    /// The same with every group imported from Active Directory.
    pub(super) fn of_active_directory(mut self) -> Self {
        self.groups.iter_mut().for_each(|group| group.source = Some("active_directory"));
        self
    }

    /// The same where no export says who is assigned to the app.
    pub(super) fn unassigned(mut self) -> Self {
        (self.assigned_groups, self.assigned_users) = (None, None);
        self
    }

    /// The same in two parts that state each membership once or twice.
    pub(super) fn divided(&self, dice: &mut Dice) -> (Self, Self) {
        let (mut one, mut other) = (self.clone(), self.clone());
        for (mine, theirs) in
            [(&mut one.members, &mut other.members), (&mut one.nested, &mut other.nested)]
        {
            let parts: Vec<usize> = mine.iter().map(|_| dice.below(3)).collect();
            let kept = |edges: &[(usize, usize)], without: usize| {
                let edges = edges.iter().zip(&parts).filter(|(_, part)| **part != without);
                edges.map(|(edge, _)| *edge).collect()
            };
            (*mine, *theirs) = (kept(mine, 0), kept(theirs, 1));
        }
        (one, other)
    }

    /// The same with users and groups in another order.
    pub(super) fn reordered(&self, dice: &mut Dice) -> Self {
        let mut users: Vec<usize> = (0..self.users.len()).collect();
        let mut groups: Vec<usize> = (0..self.groups.len()).collect();
        dice.shuffle(&mut users);
        dice.shuffle(&mut groups);
        let user = |old: usize| users.iter().position(|&at| at == old).unwrap();
        let group = |old: usize| groups.iter().position(|&at| at == old).unwrap();
        let list = |set: &BTreeSet<usize>, new: &dyn Fn(usize) -> usize| {
            set.iter().map(|&old| new(old)).collect()
        };
        let mut world = Self {
            users: users.iter().map(|&old| self.users[old].clone()).collect(),
            groups: groups.iter().map(|&old| self.groups[old].clone()).collect(),
            members: self.members.iter().map(|&(g, u)| (group(g), user(u))).collect(),
            nested: self.nested.iter().map(|&(a, b)| (group(a), group(b))).collect(),
            assigned_groups: self.assigned_groups.as_ref().map(|set| list(set, &group)),
            assigned_users: self.assigned_users.as_ref().map(|set| list(set, &user)),
            app: self.app.clone(),
            accounts: self.accounts.clone(),
        };
        dice.shuffle(&mut world.members);
        dice.shuffle(&mut world.nested);
        dice.shuffle(&mut world.accounts);
        world
    }
}

/// Deterministic randomness from a seed (`SplitMix64`).
#[derive(Debug, Clone)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 33).unwrap() % count
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            let other = self.below(at + 1);
            items.swap(at, other);
        }
    }
}
