//! Every role there is: whom it trusts, under which conditions, who else comes in, and who reaches it.
//!
//! Roles whose trust policies mean the same but for their own account's id share one [`Trust`], so that forty
//! thousand roles read as the few policies they are.

mod reach;
mod shape;

use std::collections::{BTreeMap, HashMap};

pub use reach::Reach;
pub use shape::{OWN_ACCOUNT, Trust, TrustCondition, TrustStatement, UNKNOWN};

use crate::entitlement::resolve::Entitlements;
use crate::model::account::{AccountId, Partition};
use crate::model::arn::Arn;
use crate::model::declared::{DeclaredBy, DeclaredRole, Known};
use crate::model::federation::Federation;
use crate::text::Place;
use crate::trust::TrustPolicy;
use shape::own_account_left_out;

/// One role.
#[derive(Debug, Clone)]
pub struct Reviewed<'f> {
    /// Where it comes from.
    pub origin: Origin<'f>,
    /// The account, where it is known.
    pub account: Option<AccountId>,
    /// The account's alias.
    pub alias: Option<&'f str>,
    /// The partition, where it is known.
    pub partition: Option<Partition>,
    /// The role's name; of code whose role has none yet, why.
    pub name: Result<&'f str, &'f str>,
    /// The role's path.
    pub path: Option<&'f str>,
    /// Whom it trusts.
    pub trusted: Trusted,
    /// Whether it is of the admin tier.
    pub admin: bool,
    /// `MaxSessionDuration` in seconds.
    pub max_session_duration: Option<u32>,
    /// Who reaches it through role groups, where a directory says.
    pub reach: Option<Reach>,
    /// Line of the trust policy, else of the role.
    pub place: Place,
}

/// Where a role comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin<'f> {
    /// Exported from an account.
    Deployed,
    /// Declared by code, with its logical id or address.
    Declared(DeclaredBy, &'f str),
    /// A policy in a file by itself, with the file's name.
    File(&'f str),
}

/// Whom a role trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trusted {
    /// Index into [`Review::trusts`].
    By(usize),
    /// Its policy cannot be read, and lets nobody in.
    Unreadable(String),
    /// Nothing says: why.
    Unknown(String),
}

/// All roles.
#[derive(Debug, Default)]
pub struct Review<'f> {
    /// The roles: deployed ones by account and name, then declared ones, then policies by themselves.
    pub roles: Vec<Reviewed<'f>>,
    /// The distinct trusts, most roles first.
    pub trusts: Vec<Trust>,
}

/// What a review begins with, and what the policies met so far mean.
#[derive(Debug, Default)]
struct Shapes {
    trusts: Vec<Trust>,
    by_meaning: BTreeMap<Vec<TrustStatement>, usize>,
    /// By text without the own account's id; never iterated over.
    by_text: HashMap<String, Trusted>,
}

impl<'f> Review<'f> {
    /// Reviews every role of a federation; `is_admin` says which names are, in an account, of the admin tier.
    pub fn of(
        federation: &'f Federation,
        entitlements: Option<&Entitlements<'f>>,
        is_admin: &dyn Fn(Option<AccountId>, &str) -> bool,
    ) -> Self {
        let mut shapes = Shapes::default();
        let mut roles = deployed(federation, &mut shapes);
        roles.extend(declared(federation, &mut shapes));
        for role in &mut roles {
            role.admin = role.name.is_ok_and(|name| is_admin(role.account, name));
        }
        if let Some(entitlements) = entitlements {
            reach::count(entitlements, &mut roles);
        }
        let mut review = Self { roles, trusts: shapes.trusts };
        review.settle();
        review
    }

    /// Adds a policy that stands in a file by itself.
    pub fn add_policy(&mut self, file: &'f str, json: &str, role: Option<&str>) {
        let mut shapes = Shapes { trusts: std::mem::take(&mut self.trusts), ..Shapes::default() };
        for (at, trust) in shapes.trusts.iter().enumerate() {
            shapes.by_meaning.insert(trust.statements.clone(), at);
        }
        let arn = role.and_then(|arn| match Arn::parse(arn) {
            Ok(Arn::Role(arn)) => Some(arn),
            _ => None,
        });
        let account = arn.as_ref().map(|arn| arn.account);
        let trusted = shapes.trusted(account, json);
        self.trusts = shapes.trusts;
        self.roles.push(Reviewed {
            origin: Origin::File(file),
            account,
            alias: None,
            partition: arn.map(|arn| arn.partition),
            name: Ok(file),
            path: None,
            trusted,
            admin: false,
            max_session_duration: None,
            reach: None,
            place: Place::NOWHERE,
        });
        self.settle();
    }

    /// Keeps the roles wanted, and the trusts that are still somebody's.
    pub fn retain(&mut self, wanted: impl Fn(usize, &Reviewed<'f>, Option<&Trust>) -> bool) {
        let trusts = &self.trusts;
        let mut number = 0;
        self.roles.retain(|role| {
            let trust = match role.trusted {
                Trusted::By(at) => trusts.get(at),
                _ => None,
            };
            number += 1;
            wanted(number - 1, role, trust)
        });
        self.settle();
    }

    /// The trust of a role, where its policy can be read.
    pub fn trust(&self, role: &Reviewed<'_>) -> Option<&Trust> {
        match role.trusted {
            Trusted::By(at) => self.trusts.get(at),
            _ => None,
        }
    }

    /// Gives the trusts their roles, and puts those with most of them first.
    fn settle(&mut self) {
        for trust in &mut self.trusts {
            trust.roles.clear();
        }
        for (number, role) in self.roles.iter().enumerate() {
            if let Trusted::By(at) = role.trusted
                && let Some(trust) = self.trusts.get_mut(at)
            {
                trust.roles.push(number);
            }
        }
        let mut order: Vec<usize> = (0..self.trusts.len()).collect();
        let count = |at: &usize| self.trusts.get(*at).map_or(0, |trust| trust.roles.len());
        let first =
            |at: &usize| self.trusts.get(*at).and_then(|trust| trust.roles.first().copied());
        order.sort_by(|a, b| count(b).cmp(&count(a)).then_with(|| first(a).cmp(&first(b))));
        order.retain(|at| count(at) > 0);
        let mut now = vec![None; self.trusts.len()];
        for (new, &old) in order.iter().enumerate() {
            if let Some(slot) = now.get_mut(old) {
                *slot = Some(new);
            }
        }
        for role in &mut self.roles {
            if let Trusted::By(at) = &mut role.trusted
                && let Some(Some(new)) = now.get(*at)
            {
                *at = *new;
            }
        }
        let mut trusts: Vec<Option<Trust>> =
            std::mem::take(&mut self.trusts).into_iter().map(Some).collect();
        self.trusts =
            order.iter().filter_map(|&old| trusts.get_mut(old).and_then(Option::take)).collect();
    }
}

impl Shapes {
    /// Whom a policy of a role in this account trusts.
    fn trusted(&mut self, account: Option<AccountId>, json: &str) -> Trusted {
        let text = own_account_left_out(json, account);
        if let Some(known) = self.by_text.get(&text) {
            return known.clone();
        }
        let trusted = match TrustPolicy::parse(&text) {
            Err(error) => Trusted::Unreadable(error.message),
            Ok(policy) => Trusted::By(self.meaning(Trust::of(&policy))),
        };
        self.by_text.insert(text, trusted.clone());
        trusted
    }

    fn meaning(&mut self, trust: Trust) -> usize {
        if let Some(&known) = self.by_meaning.get(&trust.statements) {
            return known;
        }
        let at = self.trusts.len();
        self.by_meaning.insert(trust.statements.clone(), at);
        self.trusts.push(trust);
        at
    }
}

fn deployed<'f>(federation: &'f Federation, shapes: &mut Shapes) -> Vec<Reviewed<'f>> {
    let mut roles = Vec::new();
    for (id, account) in federation.accounts.iter() {
        for role in &account.roles {
            let policy = role.trust_policy.as_ref();
            let trusted = match policy {
                Some(policy) => shapes.trusted(Some(*id), &policy.json),
                None => Trusted::Unknown("no export carries its trust policy".to_owned()),
            };
            roles.push(Reviewed {
                origin: Origin::Deployed,
                account: Some(*id),
                alias: account.alias.as_ref().map(|alias| alias.value.as_str()),
                partition: account.partition,
                name: Ok(&role.name),
                path: Some(&role.path),
                trusted,
                admin: false,
                max_session_duration: role.max_session_duration,
                reach: None,
                place: policy.map_or(role.place, |policy| policy.place),
            });
        }
    }
    roles
}

fn declared<'f>(federation: &'f Federation, shapes: &mut Shapes) -> Vec<Reviewed<'f>> {
    let mut declared: Vec<&DeclaredRole> = federation.declared.roles.iter().collect();
    declared.sort_by_key(|role| (role.account, role.by, role.address.as_str(), role.place));
    let alias = |id: AccountId| {
        let alias = federation.accounts.get(&id)?.alias.as_ref()?;
        Some(alias.value.as_str())
    };
    declared
        .into_iter()
        .map(|role| {
            let (trusted, place) = match &role.trust_policy {
                Known::Value(policy) => (shapes.trusted(role.account, &policy.json), policy.place),
                Known::Unknown(why) => (Trusted::Unknown(why.clone()), role.place),
            };
            Reviewed {
                origin: Origin::Declared(role.by, &role.address),
                account: role.account,
                alias: role.account.and_then(alias),
                partition: role.partition,
                name: match &role.name {
                    Known::Value(name) => Ok(name),
                    Known::Unknown(why) => Err(why),
                },
                path: role.path.value().map(String::as_str),
                trusted,
                admin: false,
                max_session_duration: role.max_session_duration,
                reach: None,
                place,
            }
        })
        .collect()
}
