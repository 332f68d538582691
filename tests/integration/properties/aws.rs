//! What holds of every comparison of two federations in which AWS's side changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use rolecall::diff::fact::{Fact, Setting};
use rolecall::diff::level::{Levelled, level};
use rolecall::diff::outcome::{Change, Diff, Kind, diff};
use rolecall::diff::side::Side;
use rolecall::diff::two::Two;
use rolecall::entitlement::admission::Admissions;
use rolecall::entitlement::resolve::Entitlements;
use rolecall::entitlement::sign_in::SignInSettings;
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::model::account::Tier;
use rolecall::sources::load::{Loaded, load};
use serde_json::{Value, json};

use super::cases;
use super::changes::essence;
use crate::support::{fixtures, memory};

const USERS: [&str; 3] = ["ann@x.test", "bob@x.test", "cho@x.test"];

const ACCOUNTS: [&str; 2] = ["053918264407", "418203975566"];

const ROLES: [&str; 2] = ["Admin", "ReadOnly"];

/// The metadata of the app of a fixture, and its issuer.
static METADATA: LazyLock<String> = LazyLock::new(|| {
    let path = fixtures().join("diffs/trust-broken/before/okta_metadata.xml");
    fs::read_to_string(path).unwrap()
});

const ISSUER: &str = "http://www.okta.com/exk5larchaws0001d7";

/// A federation whose directory stays as it is, but for who is active.
#[derive(Debug, Clone, PartialEq, Eq)]
struct World {
    active: [bool; 3],
    /// What the app's own metadata says.
    issuer: Issuer,
    /// Whether the session is longer than AWS takes.
    is_too_long: bool,
    accounts: [Account; 2],
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Account {
    /// The provider's metadata; `None` where the account has no such provider.
    provider: Option<Issuer>,
    roles: [Option<Role>; 2],
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Role {
    path: &'static str,
    policy: Policy,
    max: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Issuer {
    Right,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Policy {
    Allows,
    Denies,
    OtherProvider,
    OtherAudience,
    OnlyAnn,
    OtherAction,
    DeniesBob,
    Nothing,
}

impl Policy {
    fn json(self, account: &str) -> Value {
        let provider = match self {
            Self::OtherProvider => format!("arn:aws:iam::{account}:saml-provider/OTHER"),
            _ => format!("arn:aws:iam::{account}:saml-provider/OKTA"),
        };
        let audience = match self {
            Self::OtherAudience => "urn:amazon:webservices",
            _ => "https://signin.aws.amazon.com/saml",
        };
        let action =
            if self == Self::OtherAction { "sts:AssumeRole" } else { "sts:AssumeRoleWithSAML" };
        let mut wants = json!({"SAML:aud": audience});
        if self == Self::OnlyAnn {
            wants["SAML:sub"] = USERS[0].into();
        }
        let statement = |effect: &str, wants: Value| {
            json!({"Effect": effect, "Action": action, "Principal": {"Federated": provider},
                   "Condition": {"StringEquals": wants}})
        };
        let allow = statement("Allow", wants);
        let deny = |wants| statement("Deny", wants);
        let statements = match self {
            Self::Denies => vec![allow, deny(json!({"SAML:aud": audience}))],
            Self::DeniesBob => vec![deny(json!({"SAML:sub": USERS[1]})), allow],
            Self::Nothing => vec![statement("Deny", json!({"SAML:aud": "x"}))],
            _ => vec![allow],
        };
        json!({"Version": "2012-10-17", "Statement": statements})
    }
}

impl Issuer {
    fn metadata(self) -> String {
        match self {
            Self::Right => METADATA.clone(),
            Self::Other => METADATA.replace(ISSUER, "http://www.okta.com/exkother"),
        }
    }
}

fn policies() -> impl Strategy<Value = Policy> {
    use Policy::{
        Allows, Denies, DeniesBob, Nothing, OnlyAnn, OtherAction, OtherAudience, OtherProvider,
    };
    prop::sample::select(
        &[
            Allows,
            Allows,
            Allows,
            Denies,
            OtherProvider,
            OtherAudience,
            OnlyAnn,
            OtherAction,
            DeniesBob,
            Nothing,
        ][..],
    )
}

fn issuers() -> impl Strategy<Value = Issuer> {
    prop::sample::select(&[Issuer::Right, Issuer::Right, Issuer::Right, Issuer::Other][..])
}

fn roles() -> impl Strategy<Value = Option<Role>> {
    let paths = prop::sample::select(&["/", "/", "/", "/team/"][..]);
    let role = (paths, policies(), prop::sample::select(&[3600_u32, 7200][..]));
    prop::option::weighted(0.85, role.prop_map(|(path, policy, max)| Role { path, policy, max }))
}

fn accounts() -> impl Strategy<Value = Account> {
    (prop::option::weighted(0.85, issuers()), [roles(), roles()])
        .prop_map(|(provider, roles)| Account { provider, roles })
}

fn worlds() -> impl Strategy<Value = World> {
    let active = [prop::bool::weighted(0.8), prop::bool::weighted(0.8), prop::bool::weighted(0.8)];
    (active, issuers(), prop::bool::weighted(0.1), [accounts(), accounts()]).prop_map(
        |(active, issuer, is_too_long, accounts)| World { active, issuer, is_too_long, accounts },
    )
}

/// Two worlds that differ in everything, or in a few things.
fn twins() -> impl Strategy<Value = (World, World)> {
    let kept = prop::collection::vec(any::<bool>(), 16);
    (worlds(), worlds(), kept, any::<bool>()).prop_map(|(before, mut after, kept, all)| {
        let mut kept = kept.into_iter().map(|kept| kept && !all);
        let mut keep = || kept.next().unwrap();
        for at in 0..3 {
            if keep() {
                after.active[at] = before.active[at];
            }
        }
        if keep() {
            after.issuer = before.issuer;
        }
        if keep() {
            after.is_too_long = before.is_too_long;
        }
        for (new, old) in after.accounts.iter_mut().zip(&before.accounts) {
            if keep() {
                new.provider = old.provider;
            }
            for (new, old) in new.roles.iter_mut().zip(&old.roles) {
                if keep() {
                    new.clone_from(old);
                }
                if let (true, Some(new), Some(old)) = (keep(), new, old) {
                    new.path = old.path;
                }
            }
        }
        (before, after)
    })
}

impl World {
    fn load(&self) -> Loaded {
        let mut users = "user,status\n".to_owned();
        let mut edges = "group,member,member_type\n".to_owned();
        for (user, active) in USERS.iter().zip(self.active) {
            let status = if active { "ACTIVE" } else { "SUSPENDED" };
            writeln!(users, "{user},{status}").unwrap();
            writeln!(edges, "Team,{user},user").unwrap();
        }
        let mut inputs = Vec::new();
        let mut add = |name: String, text: String| inputs.push(memory(&name, text.into_bytes()));
        for (id, account) in ACCOUNTS.iter().zip(&self.accounts) {
            for role in ROLES {
                writeln!(edges, "aws#a{id}#{role}#{id},Team,group").unwrap();
            }
            let roles = ROLES.iter().zip(&account.roles).filter_map(|(name, role)| {
                let Role { path, policy, max } = role.as_ref()?;
                let arn = format!("arn:aws:iam::{id}:role{path}{name}");
                Some(json!({"Path": path, "RoleName": name, "RoleId": name, "Arn": arn,
                    "AssumeRolePolicyDocument": policy.json(id), "MaxSessionDuration": max}))
            });
            let roles: Vec<Value> = roles.collect();
            let details = json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": []});
            add(format!("{id}-authorization-details.json"), details.to_string());
            let arn = format!("arn:aws:iam::{id}:saml-provider/OKTA");
            let listed: Vec<Value> = account
                .provider
                .iter()
                .map(|_| json!({"Arn": arn, "ValidUntil": "2099-01-01T00:00:00+00:00"}))
                .collect();
            add(
                format!("{id}-saml-providers.json"),
                json!({"SAMLProviderList": listed}).to_string(),
            );
            if let Some(issuer) = account.provider {
                let document = json!({"SAMLMetadataDocument": issuer.metadata()});
                add(format!("{id}-saml-provider-OKTA.json"), document.to_string());
            }
        }
        add("users.csv".to_owned(), users);
        add("edges.csv".to_owned(), edges);
        add("okta_metadata.xml".to_owned(), self.issuer.metadata());
        let seconds = if self.is_too_long { 50_000 } else { 3600 };
        let app = json!({"id": "0oa1", "name": "amazon_aws", "label": "AWS", "status": "ACTIVE",
            "signOnMode": "SAML_2_0", "settings": {"app": {
                "groupFilter": "^aws\\#\\S+\\#(?{{role}}[\\w\\-]+)\\#(?{{accountid}}\\d+)$",
                "roleValuePattern": "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}",
                "useGroupMapping": true, "sessionDuration": seconds}}});
        add("okta_app.json".to_owned(), app.to_string());
        let loaded = load(inputs);
        let problems: Vec<&str> = loaded.problems.iter().map(|one| one.message.as_str()).collect();
        assert!(problems.is_empty(), "{problems:?}");
        loaded
    }
}

struct Compared {
    diff: Diff,
    /// Account and role of each pair that a fact names.
    pairs: BTreeMap<Fact, (usize, usize)>,
}

fn compared(before: &World, after: &World) -> Compared {
    let (mut old, mut new) = (before.load(), after.load());
    let Levelled { matching, blind, unknown } = level(&mut old, &mut new);
    assert_eq!(unknown, [], "nothing is missing on one side");
    let mapping =
        |read: &Loaded| Mapping::new(read.federation.app.as_ref(), &Overrides::default()).unwrap();
    let (old_mapping, new_mapping) = (mapping(&old), mapping(&new));
    let settings = SignInSettings { at: Some(1_795_478_400), ..SignInSettings::default() };
    let old = Entitlements::resolve(&old.federation, &old_mapping);
    let new = Entitlements::resolve(&new.federation, &new_mapping);
    let (old, new) = (Admissions::new(&old, &settings), Admissions::new(&new, &settings));
    let two = Two::new(Side::new(&old).unwrap(), Side::new(&new).unwrap(), &matching);
    let diff = diff(&two, blind, &|role| (role.name == "Admin").then_some(Tier::Admin));
    let facts: BTreeSet<Fact> = diff.changes.iter().flat_map(|one| one.facts.clone()).collect();
    let pairs = facts.into_iter().filter_map(|fact| {
        let (Fact::Provider(id) | Fact::Role(id) | Fact::TrustPolicy(id)) = fact else {
            return None;
        };
        let role = &two.targets.get(id).unwrap().pair.role;
        let account = ACCOUNTS.iter().position(|id| *id == role.account.as_str()).unwrap();
        Some((fact, (account, ROLES.iter().position(|name| *name == role.name).unwrap())))
    });
    let pairs = pairs.collect();
    Compared { diff, pairs }
}

/// After with a cause taken back.
fn undone(compared: &Compared, change: &Change, before: &World, after: &World) -> World {
    let mut world = after.clone();
    for fact in &change.facts {
        let at = compared.pairs.get(fact).copied();
        match (*fact, at) {
            (Fact::Provider(_), Some((account, _))) => {
                world.accounts[account].provider = before.accounts[account].provider;
            }
            (Fact::Role(_), Some((account, role))) => {
                let old = &before.accounts[account].roles[role];
                match (&mut world.accounts[account].roles[role], old) {
                    (Some(new), Some(old)) => new.path = old.path,
                    (new, old) => new.clone_from(old),
                }
            }
            (Fact::TrustPolicy(_), Some((account, role))) => {
                let old = before.accounts[account].roles[role].as_ref();
                if let (Some(new), Some(old)) = (&mut world.accounts[account].roles[role], old) {
                    new.policy = old.policy;
                }
            }
            (Fact::SignsIn { .. }, _) => {
                for user in change.rows.iter().flat_map(|row| &row.users) {
                    let at = USERS.iter().position(|login| login == user).unwrap();
                    world.active[at] = before.active[at];
                }
            }
            (Fact::Setting(Setting::Metadata), _) => world.issuer = before.issuer,
            (Fact::Setting(Setting::Sent), _) => world.is_too_long = before.is_too_long,
            (other, _) => panic!("no world has {other:?}"),
        }
    }
    world
}

/// User and role of every row, and whether the picker shows it on one side only.
fn rows<'c>(changes: impl IntoIterator<Item = &'c Change>) -> BTreeSet<(String, String, bool)> {
    let rows = changes.into_iter().flat_map(|change| &change.rows);
    rows.flat_map(|row| {
        let role = format!("{}/{}", row.account, row.name);
        let is_of_picker = row.kind != Kind::Changed;
        row.users.iter().map(move |user| (user.clone(), role.clone(), is_of_picker))
    })
    .collect()
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn aws_read_backwards_is_its_inverse((before, after) in twins()) {
        let (forth, back) = (compared(&before, &after), compared(&after, &before));
        let mut ours: Vec<_> = forth.diff.changes.iter().map(|one| essence(one, false)).collect();
        let mut theirs: Vec<_> = back.diff.changes.iter().map(|one| essence(one, true)).collect();
        ours.sort();
        theirs.sort();
        prop_assert_eq!(ours, theirs);
        prop_assert!(compared(&before, &before).diff.is_empty());
    }

    #[test]
    fn a_cause_of_aws_taken_back_takes_its_changes_back((before, after) in twins()) {
        let found = compared(&before, &after);
        for change in &found.diff.changes {
            let world = undone(&found, change, &before, &after);
            let left = rows(&compared(&before, &world).diff.changes);
            // Who sees a role again may be answered otherwise by AWS for another cause.
            let mine = rows([change]);
            let still: Vec<_> = mine.intersection(&left).collect();
            prop_assert!(still.is_empty(), "{still:?} still change with {:?} taken back\n{world:?}", change.facts);
        }
    }
}

#[test]
fn the_worlds_of_aws_change_in_every_way_there_is() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut kinds = BTreeSet::new();
    for _ in 0..60 {
        let (before, after) = twins().new_tree(&mut runner).unwrap().current();
        let found = compared(&before, &after);
        kinds.extend(found.diff.changes.iter().flat_map(|one| &one.facts).map(|fact| fact.kind()));
    }
    let wanted = [
        "app-metadata",
        "app-settings",
        "provider",
        "role",
        "trust-policy",
        "user-disabled",
        "user-enabled",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), wanted);
}
