//! Why AWS lets a user into a role on one side and refuses on the other.

use std::sync::Arc;

use super::fact::{Fact, Setting};
use super::side::{Side, Which};
use super::targets::{Both, PairId};
use super::two::Two;
use crate::entitlement::stage::{Answer, Stage, StageReport};
use crate::model::app::OktaApp;
use crate::model::arn::ArnPair;
use crate::model::aws::{Account, Role, SamlProvider};
use crate::model::directory::UserId;

/// What of AWS and of sign-ins differs, found once.
#[derive(Debug)]
pub(super) struct Changes {
    /// Settings of sign-ins that differ.
    settings: Vec<Setting>,
    /// For each pair, whether anything that AWS asks about it differs.
    pairs: Vec<bool>,
}

impl Changes {
    pub(super) fn of(two: &Two<'_>) -> Self {
        let settings = settings(two);
        let differs = |both: &Both<'_>| {
            let on = |which: Which| account(two.side(which), both.pair);
            !settings.is_empty()
                || !provider_is_same(both.pair, on(Which::Before), on(Which::After))
                || !role_is_same(both.pair, on(Which::Before), on(Which::After))
        };
        let pairs = two.targets.pairs.iter().map(differs).collect();
        Self { settings, pairs }
    }

    /// Whether AWS may answer a user otherwise about a pair, the user being called the same.
    pub(super) fn may_differ(&self, pair: PairId) -> bool {
        self.pairs.get(pair.0 as usize).copied().unwrap_or(true)
    }
}

fn settings(two: &Two<'_>) -> Vec<Setting> {
    let (before, after) = (&two.before, &two.after);
    let mut found = Vec::new();
    let metadata = |side: &Side<'_>| {
        side.federation().app_metadata.as_ref().map(|document| document.value.clone())
    };
    if metadata(before) != metadata(after) {
        found.push(Setting::Metadata);
    }
    let sent = |side: &Side<'_>| side.federation().app.as_ref().map(what_is_sent);
    if sent(before) != sent(after) {
        found.push(Setting::Sent);
    }
    if before.admissions.sign_ins.settings() != after.admissions.sign_ins.settings() {
        found.push(Setting::SignIn);
    }
    found
}

/// What of the app's settings AWS gets to see, places aside.
fn what_is_sent(app: &OktaApp) -> OktaApp {
    let mut app = OktaApp {
        id: None,
        label: None,
        status: None,
        sign_on_mode: None,
        app_filter: None,
        group_filter: None,
        role_value_pattern: None,
        use_group_mapping: None,
        join_all_roles: None,
        login_url: None,
        secret: None,
        ..app.clone()
    };
    app.map_places(|_| crate::text::Place::NOWHERE);
    app
}

fn account<'s>(side: &Side<'s>, pair: &ArnPair) -> Option<&'s Account> {
    side.federation().accounts.get(&pair.role.account)
}

fn provider_is_same(pair: &ArnPair, before: Option<&Account>, after: Option<&Account>) -> bool {
    let about = |account: Option<&Account>| {
        let account = account?;
        let provider = account.provider(&pair.provider.name);
        let metadata =
            |provider: &SamlProvider| provider.metadata.as_ref().map(|m| m.value.clone());
        Some((account.providers_complete, provider.map(metadata)))
    };
    about(before) == about(after)
}

fn role_is_same(pair: &ArnPair, before: Option<&Account>, after: Option<&Account>) -> bool {
    let about = |account: Option<&Account>| {
        let account = account?;
        let role = account.role(&pair.role.name);
        let role = role.map(|role| (role.path.clone(), policy_of(role), role.max_session_duration));
        Some((account.roles_complete, role))
    };
    about(before) == about(after)
}

fn policy_of(role: &Role) -> Option<Arc<str>> {
    role.trust_policy.as_ref().map(|policy| policy.json.clone())
}

/// Why one side refuses a user a pair into which the other lets them, sorted: everything that differs of what
/// the stages that fail ask about.
pub(super) fn explain(
    two: &Two<'_>,
    changes: &Changes,
    id: PairId,
    (before, after): (UserId, UserId),
) -> Vec<Fact> {
    let Some(both) = two.targets.get(id) else { return Vec::new() };
    let reports = [(Which::Before, before), (Which::After, after)]
        .map(|(which, user)| reports(two.side(which), both, which, user));
    let failing = reports
        .iter()
        .flatten()
        .filter(|report| report.answer == Answer::Fails)
        .map(|report| report.stage);
    let mut facts: Vec<Fact> = failing
        .flat_map(|stage| inputs(two, changes, (id, both), (stage, before, after)))
        .collect();
    if facts.is_empty() {
        facts.push(Fact::Setting(Setting::SignIn));
    }
    super::cause::sorted(facts)
}

fn reports(side: &Side<'_>, both: &Both<'_>, which: Which, user: UserId) -> Vec<StageReport> {
    let admissions = side.admissions;
    let Some(report) = both.on(which).and_then(|target| admissions.of_target(target)) else {
        return Vec::new();
    };
    let trust = admissions.trust(report, both.pair, Some(user));
    let session = admissions.session(Some(both.pair), Some(user));
    vec![report.provider.clone(), report.role.clone(), trust, session]
}

/// What differs of what a stage asks about.
fn inputs(
    two: &Two<'_>,
    changes: &Changes,
    (id, both): (PairId, &Both<'_>),
    (stage, before, after): (Stage, UserId, UserId),
) -> Vec<Fact> {
    let asks = |setting: &Setting| match stage {
        Stage::Provider => matches!(setting, Setting::Metadata | Setting::SignIn),
        Stage::Trust => true,
        Stage::Session => !matches!(setting, Setting::Metadata),
        _ => false,
    };
    let settings = changes.settings.iter().copied().filter(asks);
    let mut facts: Vec<Fact> = settings.map(Fact::Setting).collect();
    if matches!(stage, Stage::Trust | Stage::Session) && !called_the_same(two, before, after) {
        facts.push(Fact::Names);
    }
    if stage == Stage::Trust && policy(two, Which::Before, both) != policy(two, Which::After, both)
    {
        match follows(two, both.pair, (before, after)) {
            Follows::Policy => facts = vec![Fact::TrustPolicy(id)],
            Follows::Request if !facts.is_empty() => {}
            Follows::Request | Follows::Both => facts.push(Fact::TrustPolicy(id)),
        }
    }
    if stage == Stage::Role {
        facts.push(Fact::Role(id));
    }
    // The app's metadata and the provider's go together: with one of them as it was, neither would fit.
    let (old, new) = (account(&two.before, both.pair), account(&two.after, both.pair));
    let is_asked = stage == Stage::Provider || facts.contains(&Fact::Setting(Setting::Metadata));
    if is_asked && !provider_is_same(both.pair, old, new) {
        facts.push(Fact::Provider(both.provider));
    }
    facts
}

fn policy(two: &Two<'_>, which: Which, both: &Both<'_>) -> Option<Arc<str>> {
    policy_of(account(two.side(which), both.pair)?.role(&both.pair.role.name)?)
}

/// What the answer of a trust policy goes by, where both the policy and what is presented are otherwise.
enum Follows {
    /// Each policy answers both alike.
    Policy,
    /// Both policies answer each alike.
    Request,
    /// Neither alone.
    Both,
}

fn follows(two: &Two<'_>, pair: &ArnPair, (before, after): (UserId, UserId)) -> Follows {
    let (old, new) = (two.before.admissions, two.after.admissions);
    let own = (old.trust_by(old, pair, before), new.trust_by(new, pair, after));
    // The old policy with what is presented now, and the other way round.
    let crossed = (new.trust_by(old, pair, after), old.trust_by(new, pair, before));
    if own.0 == own.1 {
        Follows::Both
    } else if crossed == own {
        Follows::Policy
    } else if crossed == (own.1, own.0) {
        Follows::Request
    } else {
        Follows::Both
    }
}

/// Whether a user has the same names on both sides.
pub(super) fn called_the_same(two: &Two<'_>, before: UserId, after: UserId) -> bool {
    let (old, new) = (two.before.directory(), two.after.directory());
    let app_name = |directory: &'_ crate::model::directory::Directory, user| {
        directory.assignments().user_name(user).map(|text| directory.text(text).to_owned())
    };
    old.login(before) == new.login(after)
        && app_name(old, before) == app_name(new, after)
        && old.names_of_user(before).eq(new.names_of_user(after))
}
