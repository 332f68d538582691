//! A random federation written out as the exports people have.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use rolecall::model::account::AccountId;
use rolecall::sources::input::{Format, Input};
use serde_json::{Value, json};

use super::world::{Dice, Filter, Pattern, World};
use crate::support::memory;

/// Which exports state the federation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Plain users, groups and memberships.
    Csv,
    /// Active Directory, memberships at the group.
    LdifMember,
    /// Active Directory, memberships at the member.
    LdifMemberOf,
    /// Okta, with nesting as some exporters write it.
    OktaNested,
    /// Okta as it is: flat.
    OktaFlat,
    /// Two exports of one directory.
    CsvAndLdif,
    /// A directory and the Okta it is imported into.
    CsvAndOkta,
    /// The same.
    LdifAndOkta,
    /// A directory, and of Okta no memberships but those of Okta's own groups.
    CsvAndOktaGroups,
    /// The same.
    LdifAndOktaGroups,
}

impl Form {
    pub(super) const ALL: [Self; 10] = [
        Self::Csv,
        Self::LdifMember,
        Self::LdifMemberOf,
        Self::OktaNested,
        Self::OktaFlat,
        Self::CsvAndLdif,
        Self::CsvAndOkta,
        Self::LdifAndOkta,
        Self::CsvAndOktaGroups,
        Self::LdifAndOktaGroups,
    ];

    const fn has_csv(self) -> bool {
        matches!(self, Self::Csv | Self::CsvAndLdif | Self::CsvAndOkta | Self::CsvAndOktaGroups)
    }

    const fn has_ldif(self) -> bool {
        matches!(
            self,
            Self::LdifMember
                | Self::LdifMemberOf
                | Self::CsvAndLdif
                | Self::LdifAndOkta
                | Self::LdifAndOktaGroups
        )
    }

    const fn has_okta(self) -> bool {
        !matches!(self, Self::Csv | Self::LdifMember | Self::LdifMemberOf | Self::CsvAndLdif)
    }

    /// What of a federation the form can say.
    pub(super) fn fit(self, world: World) -> World {
        let world = if self.has_ldif() { world.of_active_directory() } else { world };
        if self.has_okta() { world } else { world.unassigned() }
    }

    /// The federation as the form states it: Okta's own memberships are flat, and beside a directory that
    /// states them too they are a copy, which adds no way.
    pub(super) fn as_stated(self, world: &World) -> World {
        let mut stated = world.clone();
        if self == Self::OktaFlat {
            (stated.members, stated.nested) = (world.flat(), Vec::new());
        }
        stated
    }
}

pub(super) fn forms() -> impl Strategy<Value = Form> {
    prop::sample::select(&Form::ALL[..])
}

/// A file as its records.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) records: Vec<String>,
    account: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Lines below this header.
    Csv(&'static str),
    Ldif,
    JsonArray,
    Whole,
}

impl File {
    fn new(name: &str, kind: Kind, records: Vec<String>) -> Self {
        Self { name: name.to_owned(), kind, records, account: None }
    }

    pub(super) fn text(&self) -> String {
        match self.kind {
            Kind::Csv(header) => format!("{header}\n{}", self.records.concat()),
            Kind::Ldif => format!("version: 1\n\n{}", self.records.join("\n")),
            Kind::JsonArray => format!("[\n{}\n]\n", self.records.join(",\n")),
            Kind::Whole => self.records.concat(),
        }
    }

    pub(super) fn input(&self) -> Input {
        let mut input = memory(&self.name, self.text().into_bytes());
        input.options.account = self.account.map(|id| AccountId::parse(id).unwrap());
        if self.records.is_empty() && self.kind == Kind::JsonArray {
            // An empty list does not show what it is a list of.
            let of_groups = self.name.ends_with("okta_app_groups.json");
            let format = if of_groups { Format::OktaAppGroups } else { Format::OktaAppUsers };
            input.options.format = Some(format);
        }
        input
    }
}

/// All files of a federation in a form; `dice` chooses among spellings that mean the same.
pub(super) fn files(world: &World, form: Form, dice: &mut Dice) -> Vec<File> {
    let mut files = vec![app(world)];
    files.extend(world.accounts.iter().flat_map(|account| {
        let roles: Vec<Value> = account.roles.iter().map(|name| role(account.id, name)).collect();
        let details = json!({"RoleDetailList": roles, "UserDetailList": [], "GroupDetailList": [],
            "Policies": []});
        let aliases: Vec<&str> = account.alias.into_iter().collect();
        [("roles", details), ("alias", json!({"AccountAliases": aliases}))].map(|(what, json)| {
            File {
                account: Some(account.id),
                ..File::new(
                    &format!("{}-{what}.json", account.id),
                    Kind::Whole,
                    vec![json.to_string()],
                )
            }
        })
    }));
    let (first, second) = match form {
        Form::CsvAndLdif => world.divided(dice),
        _ => (world.clone(), world.clone()),
    };
    if form.has_csv() {
        files.extend(csv(&first, dice));
    }
    if form.has_ldif() {
        files.push(ldif(&second, form == Form::LdifMemberOf, dice));
    }
    let own = world.members.iter().filter(|edge| world.groups[edge.0].source == Some("okta"));
    let (members, nested) = match form {
        Form::OktaNested => (world.members.clone(), world.nested.clone()),
        Form::CsvAndOktaGroups | Form::LdifAndOktaGroups => (own.copied().collect(), Vec::new()),
        _ => (world.flat(), Vec::new()),
    };
    if form.has_okta() {
        files.extend(okta(world, &members, &nested, dice));
    }
    files
}

fn app(world: &World) -> File {
    let filter = match world.app.filter {
        Filter::Guide => r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$",
        Filter::Underscores => r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)",
    };
    let pattern = match world.app.pattern {
        Pattern::Default => {
            "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}"
        }
        Pattern::WithPath => {
            "arn:aws:iam::${accountid}:saml-provider/Okta-SSO,arn:aws:iam::${accountid}:role/team/${role}"
        }
        Pattern::China => {
            "arn:aws-cn:iam::${accountid}:role/${role},arn:aws-cn:iam::${accountid}:saml-provider/OKTA"
        }
    };
    let mut settings = json!({"groupFilter": filter, "roleValuePattern": pattern,
        "useGroupMapping": true});
    if let Some(sources) = world.app.sources {
        settings["appFilter"] = sources.into();
    }
    let app = json!({"id": "0oaaws0000000000001d", "name": "amazon_aws", "label": "AWS",
        "status": "ACTIVE", "signOnMode": "SAML_2_0", "settings": {"app": settings}});
    File::new("app.json", Kind::Whole, vec![app.to_string()])
}

fn role(account: &str, name: &str) -> Value {
    json!({"Path": "/", "RoleName": name, "RoleId": "AROA", "CreateDate": "2024-01-01T00:00:00Z",
        "Arn": format!("arn:aws:iam::{account}:role/{name}"),
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}})
}

/// A name in another case, where nothing depends on it.
fn respelt(name: &str, dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => name.to_ascii_uppercase(),
        1 => name.to_ascii_lowercase(),
        _ => name.to_owned(),
    }
}

fn line(fields: &[&str]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(fields).unwrap();
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn csv(world: &World, dice: &mut Dice) -> Vec<File> {
    let status = |active| if active { "ACTIVE" } else { "DISABLED" };
    let users = world.users.iter().map(|user| line(&[&user.login, status(user.active)])).collect();
    let groups = world.groups.iter();
    let groups = groups.map(|group| line(&[&group.name, group.source.unwrap_or_default()]));
    let mut edges: Vec<String> = Vec::new();
    for &(group, user) in &world.members {
        let login = respelt(&world.users[user].login, dice);
        edges.push(line(&[&world.groups[group].name, &login, "user"]));
    }
    for &(outer, inner) in &world.nested {
        edges.push(line(&[&world.groups[outer].name, &world.groups[inner].name, "group"]));
    }
    vec![
        File::new("users.csv", Kind::Csv("user,status"), users),
        File::new("groups.csv", Kind::Csv("group,source"), groups.collect()),
        File::new("members.csv", Kind::Csv("group,member,member_type"), edges),
    ]
}

/// A name as the value in a DN, escaped as Active Directory does it, or by less.
fn dn_value(name: &str, dice: &mut Dice) -> String {
    let all = dice.below(2) == 0;
    let mut value = String::new();
    let last = name.chars().count() - 1;
    for (at, c) in name.chars().enumerate() {
        let at_edge = (c == ' ' && (at == 0 || at == last)) || (c == '#' && at == 0);
        let special = matches!(c, ',' | '\\' | '+' | '<' | '>' | ';' | '"');
        if at_edge || special || (all && matches!(c, '#' | '=')) {
            value.push('\\');
        }
        value.push(c);
    }
    value
}

fn dn(kind: &str, name: &str, dice: &mut Dice) -> String {
    let (cn, comma) = [("CN", ","), ("cn", ", "), ("Cn", ",")][dice.below(3)];
    format!("{cn}={}{comma}OU={kind},DC=corp,DC=test", dn_value(name, dice))
}

/// An attribute line, in base64 where LDIF asks for it, folded.
fn attribute(out: &mut String, name: &str, value: &str, dice: &mut Dice) {
    let first = value.starts_with([' ', ':', '<']);
    let plain = !first && !value.ends_with(' ') && value.is_ascii();
    let text = if plain {
        format!("{name}: {value}")
    } else {
        format!("{name}:: {}", STANDARD.encode(value))
    };
    let width = 20 + dice.below(60);
    for (at, piece) in text.as_bytes().chunks(width).enumerate() {
        out.push_str(if at == 0 { "" } else { "\n " });
        out.push_str(std::str::from_utf8(piece).unwrap());
    }
    out.push('\n');
}

fn ldif(world: &World, at_member: bool, dice: &mut Dice) -> File {
    let mut records = Vec::new();
    let name_of = |user: usize| {
        let login = &world.users[user].login;
        format!("{}, of corp", login.trim_end_matches("@corp.test"))
    };
    for (at, user) in world.users.iter().enumerate() {
        let mut entry = String::new();
        attribute(&mut entry, "dn", &dn("People", &name_of(at), dice), dice);
        for class in ["top", "person", "user"] {
            attribute(&mut entry, "objectClass", class, dice);
        }
        attribute(&mut entry, "cn", &name_of(at), dice);
        let login = respelt(&user.login, &mut Dice(user.id as u64));
        attribute(&mut entry, "userPrincipalName", &login, dice);
        let control = if user.active { "512" } else { "66050" };
        attribute(&mut entry, "userAccountControl", control, dice);
        for &(group, member) in world.members.iter().filter(|_| at_member) {
            if member == at {
                let group = dn("Groups", &world.groups[group].name, dice);
                attribute(&mut entry, "memberOf", &group, dice);
            }
        }
        records.push(entry);
    }
    for (at, group) in world.groups.iter().enumerate() {
        let mut entry = String::new();
        attribute(&mut entry, "dn", &dn("Groups", &group.name, dice), dice);
        for class in ["top", "group"] {
            attribute(&mut entry, "objectClass", class, dice);
        }
        attribute(&mut entry, "cn", &group.name, dice);
        attribute(&mut entry, "groupType", "-2147483646", dice);
        let mut edges = Vec::new();
        for &(outer, inner) in &world.nested {
            if at_member && inner == at {
                edges.push(("memberOf", dn("Groups", &world.groups[outer].name, dice)));
            } else if !at_member && outer == at {
                edges.push(("member", dn("Groups", &world.groups[inner].name, dice)));
            }
        }
        for &(_, user) in world.members.iter().filter(|edge| !at_member && edge.0 == at) {
            edges.push(("member", dn("People", &name_of(user), dice)));
        }
        dice.shuffle(&mut edges);
        for (name, value) in edges {
            attribute(&mut entry, name, &value, dice);
        }
        records.push(entry);
    }
    File::new("directory.ldif", Kind::Ldif, records)
}

const DIRECTORY_APP: &str = "0oadirectory000000d7";
const OTHER_APP: &str = "0oabamboohr0000000d7";

fn okta(
    world: &World,
    members: &[(usize, usize)],
    nested: &[(usize, usize)],
    dice: &mut Dice,
) -> Vec<File> {
    let user_id = |at: usize| format!("00u{:017}", world.users[at].id);
    let group_id = |at: usize| format!("00g{:017}", world.groups[at].id);
    let users = world.users.iter().enumerate().map(|(at, user)| {
        let status = if user.active { "ACTIVE" } else { "SUSPENDED" };
        let login = &user.login;
        json!({"id": user_id(at), "status": status, "profile": {"login": login, "email": login}})
    });
    let groups = world.groups.iter().enumerate().map(|(at, group)| {
        let (kind, class, source) = match group.source {
            Some("okta") => ("OKTA_GROUP", "okta:user_group", None),
            Some("active_directory") => {
                ("APP_GROUP", "okta:windows_security_principal", Some(DIRECTORY_APP))
            }
            Some(_) => ("APP_GROUP", "bamboohr:group", Some(OTHER_APP)),
            None => ("APP_GROUP", "some:group", Some("0oaunknown00000001d7")),
        };
        let mut profile = json!({"name": group.name, "description": null});
        if group.source == Some("active_directory") {
            profile["dn"] = dn("Groups", &group.name, dice).into();
        }
        json!({"id": group_id(at), "objectClass": [class], "type": kind, "profile": profile,
            "source": source.map(|id| json!({"id": id}))})
    });
    let mut lists: BTreeMap<usize, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for &(group, user) in members {
        lists.entry(group).or_default().0.push(user_id(user));
    }
    for &(outer, inner) in nested {
        lists.entry(outer).or_default().1.push(group_id(inner));
    }
    let lists = lists.iter().map(|(&group, (users, groups))| {
        json!({"groupId": group_id(group), "users": users, "groups": groups})
    });
    let texts = |values: Vec<Value>| values.iter().map(Value::to_string).collect::<Vec<_>>();
    let app = |id: &str, name: &str| json!({"id": id, "name": name, "label": name, "status": "ACTIVE", "signOnMode": null});
    let apps = json!([app(DIRECTORY_APP, "active_directory"), app(OTHER_APP, "bamboohr")]);
    let mut files = vec![
        File::new("okta_users.json", Kind::JsonArray, texts(users.collect())),
        File::new("okta_groups.json", Kind::JsonArray, texts(groups.collect())),
        File::new("okta_apps.json", Kind::Whole, vec![apps.to_string()]),
    ];
    let lists = texts(lists.collect());
    if !lists.is_empty() {
        files.push(File::new("okta_members.json", Kind::JsonArray, lists));
    }
    if let Some(assigned) = &world.assigned_groups {
        let list = assigned.iter().map(|&at| json!({"id": group_id(at), "priority": 0}));
        files.push(File::new("okta_app_groups.json", Kind::JsonArray, texts(list.collect())));
    }
    if let Some(assigned) = &world.assigned_users {
        let list = assigned.iter().map(|&at| json!({"id": user_id(at), "scope": "USER"}));
        files.push(File::new("okta_app_users.json", Kind::JsonArray, texts(list.collect())));
    }
    files
}

/// The same facts in other order: users, groups, records, pieces of files, and their names.
pub(super) fn shuffled(world: &World, form: Form, dice: &mut Dice) -> Vec<File> {
    let world = world.reordered(dice);
    let mut pieces = Vec::new();
    for mut file in files(&world, form, dice) {
        dice.shuffle(&mut file.records);
        let (count, split) = (file.records.len(), file.kind != Kind::Whole);
        let tail = file.records.split_off(if split && count > 1 {
            1 + dice.below(count - 1)
        } else {
            count
        });
        if !tail.is_empty() {
            pieces.push(File { records: tail, ..file.clone() });
        }
        pieces.push(file);
    }
    dice.shuffle(&mut pieces);
    for (at, piece) in pieces.iter_mut().enumerate() {
        piece.name = format!("{at:02}-{}", piece.name);
    }
    pieces
}
