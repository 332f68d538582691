//! Tells what is not as wanted: wanted beside got, the chain of stages, and the fewest facts that explain it.

use super::expectation::{
    Assertion, Expectation, Key, Kind, RefusedRole, Said, Select, Selector, Wants, listed,
};
use super::judge::{How, Judge, Raw};
use super::verdict::{Fact, Miss, Verdict};
use crate::entitlement::cut::{MOST, smallest_cut};
use crate::entitlement::holdings::RoleNo;
use crate::entitlement::stage::{Answer, StageReport};
use crate::entitlement::why::Explanation;
use crate::model::directory::UserId;
use crate::text::Place;

/// Chains of stages that are worked out for one expectation.
const EXPLAINED_EACH: usize = 3;

/// Groups and memberships that chains of stages may look at in a run: each looks at all of them.
const LOOKED_AT: usize = 10_000_000;

/// Chains of stages that are worked out in a run, at least and at most.
const EXPLAINED: (usize, usize) = (10, 300);

/// Tells misses, and counts the chains it worked out.
pub(super) struct Teller<'j> {
    judge: Judge<'j>,
    /// Chains that may still be worked out.
    left: usize,
}

impl<'j> Teller<'j> {
    pub(super) fn new(judge: Judge<'j>) -> Self {
        let directory = &judge.holdings.entitlements.federation.directory;
        let size = directory.members().len() + directory.group_count();
        let (least, most) = EXPLAINED;
        Self { judge, left: (LOOKED_AT / size.max(1)).clamp(least, most) }
    }

    fn explain(&mut self, raw: &Raw, own: &mut usize) -> Option<Explanation> {
        let (user, role) = (raw.user?, raw.role?);
        if *own >= EXPLAINED_EACH || self.left == 0 {
            return None;
        }
        *own += 1;
        self.left -= 1;
        self.judge.explain(user, role)
    }

    fn login(&self, user: UserId) -> &str {
        self.judge.holdings.entitlements.federation.directory.login(user)
    }

    fn called(&self, role: RoleNo) -> String {
        self.judge.holdings.called(role).to_owned()
    }
}

/// Tells the misses of one expectation.
pub(super) fn tell(teller: &mut Teller<'_>, expectation: &Expectation, raw: &[Raw]) -> Vec<Miss> {
    let mut own = 0;
    raw.iter()
        .map(|raw| {
            let why = teller.explain(raw, &mut own);
            miss(teller, expectation, raw, why)
        })
        .collect()
}

fn miss(
    teller: &Teller<'_>,
    expectation: &Expectation,
    raw: &Raw,
    why: Option<Explanation>,
) -> Miss {
    let user = raw.user.map(|user| teller.login(user).to_owned());
    let role = raw.role.map(|role| teller.called(role));
    let assertion = match &expectation.kind {
        Kind::OfUsers { assertions, .. } | Kind::OfRoles { assertions, .. } => {
            assertions.get(raw.assertion)
        }
        Kind::Forbid { .. } => None,
    };
    let facts = facts(teller, raw, why.as_ref());
    let change = match raw.how {
        // Who is to be kept out is not let in.
        _ if raw.key == Key::Refused => None,
        How::Missing | How::Aws | How::Elsewhere => why.as_ref().and_then(|why| why.change.clone()),
        _ => None,
    };
    Miss {
        key: raw.key,
        place: raw.place,
        verdict: raw.verdict.0,
        wanted: wanted(expectation, assertion, raw, (user.as_deref(), role.as_deref())),
        got: got(teller, raw, why.as_ref()),
        user,
        role,
        is_too_much: matches!(raw.how, How::Extra | How::Together(_)),
        why,
        facts,
        change,
    }
}

/// What was wanted, one sentence without full stop.
fn wanted(
    expectation: &Expectation,
    assertion: Option<&Assertion>,
    raw: &Raw,
    (user, role): (Option<&str>, Option<&str>),
) -> String {
    if let How::Names(_) = raw.how {
        return "something that the exports have".to_owned();
    }
    if let Kind::Forbid { together, .. } = &expectation.kind {
        let roles = together.iter().map(|said| format!("`{}`", said.text));
        return format!("nobody holds one of each: {}", roles.collect::<Vec<_>>().join(" and "));
    }
    let (user, role) = (user.unwrap_or_default(), role.unwrap_or_default());
    match (raw.key, assertion.map(|assertion| &assertion.wants)) {
        (Key::NotSees, _) => format!("`{user}` does not see `{role}`"),
        (Key::SeesExactly, Some(Wants::Roles(said))) if raw.how != How::Missing => {
            format!("`{user}` sees {}", only(said))
        }
        (Key::CanAssume, _) => format!("`{user}` sees `{role}`, and AWS lets them in"),
        (Key::Refused, Some(Wants::Refused(all))) => refusal(all, raw, user, role),
        (Key::ReachedByExactly, Some(Wants::Users(who))) if raw.how != How::Missing => {
            format!("{} `{role}`", nobody_but(who))
        }
        (Key::ReachedByAtMost | Key::NobodyOutside, Some(Wants::Users(who))) => {
            format!("{} `{role}`", nobody_but(who))
        }
        (Key::Count, Some(Wants::Count { min, max })) => {
            format!("{} `{role}`", number(*min, *max))
        }
        _ => format!("`{user}` sees `{role}`"),
    }
}

fn only(said: &[Said]) -> String {
    if said.is_empty() {
        return "no role".to_owned();
    }
    let roles = listed(said.iter().map(|said| format!("`{}`", said.text)));
    format!("{roles} and nothing else")
}

fn nobody_but(who: &[Selector]) -> String {
    if who.is_empty() {
        return "nobody sees".to_owned();
    }
    let who = listed(who.iter().map(|selector| match &selector.what {
        Select::User(text) | Select::Like(text) => format!("`{text}`"),
        Select::Group(text) => format!("the group `{text}`"),
        Select::Everybody => "everybody".to_owned(),
    }));
    format!("nobody but {who} sees")
}

fn number(min: usize, max: Option<usize>) -> String {
    let users =
        |count: usize| if count == 1 { "1 user".to_owned() } else { format!("{count} users") };
    let see = |count: usize| if count == 1 { "sees" } else { "see" };
    match max {
        Some(max) if max == min => format!("exactly {} {}", users(min), see(min)),
        Some(max) if min == 0 => format!("at most {} {}", users(max), see(max)),
        Some(max) => format!("{min} to {} see", users(max)),
        None => format!("at least {} {}", users(min), see(min)),
    }
}

fn refusal(all: &[RefusedRole], raw: &Raw, user: &str, role: &str) -> String {
    let Some(wanted) = all.iter().find(|one| one.role.place == raw.place).or(all.first()) else {
        return String::new();
    };
    let stage = wanted.stage.map(|stage| format!(", at the stage {stage}")).unwrap_or_default();
    let text = wanted.text.as_ref().map(|text| format!(", with `{text}`")).unwrap_or_default();
    format!("`{user}` is refused `{role}`{stage}{text}")
}

/// What is, one sentence without full stop.
fn got(teller: &Teller<'_>, raw: &Raw, why: Option<&Explanation>) -> String {
    let user = raw.user.map_or("", |user| teller.login(user));
    match &raw.how {
        How::Names(why) => why.clone(),
        How::Missing => not_seen(user, why),
        How::Extra => format!("`{user}` sees it"),
        How::Unknown => not_known(teller, raw, why),
        How::Aws | How::Elsewhere => at_aws(teller, raw, why),
        How::Number { certain, possible } => {
            let logins = holders(teller, raw.role);
            let more = possible.saturating_sub(*certain);
            match more {
                0 => format!("{certain}{logins}"),
                more if *possible == usize::MAX || more > usize::MAX / 2 => {
                    "not known: no export states who is a member of which group".to_owned()
                }
                more => {
                    format!("{certain} for certain, and {more} of whom it is not known{logins}")
                }
            }
        }
        How::Together(roles) => {
            let roles: Vec<String> =
                roles.iter().map(|&role| format!("`{}`", teller.called(role))).collect();
            let may = if raw.verdict.0 == Verdict::Undecided { "may hold" } else { "holds" };
            format!("`{user}` {may} {}", roles.join(" and "))
        }
    }
}

fn not_known(teller: &Teller<'_>, raw: &Raw, why: Option<&Explanation>) -> String {
    let picker = |report: &&StageReport| report.stage.decides_picker();
    if let Some(report) = why.and_then(|why| why.unknown().find(picker)) {
        return format!("not known: what the {} stage says", report.stage);
    }
    if raw.user.is_none() {
        return "not known: no export states who is a member of which group".to_owned();
    }
    let undecided = &teller.judge.holdings.entitlements.role_groups.undecided;
    match undecided.first() {
        Some(one) if raw.role.is_none() => {
            let directory = &teller.judge.holdings.entitlements.federation.directory;
            format!("not known: `{}`: {}", directory.group_name(one.group), one.reason)
        }
        _ => "not known: an export is missing that would tell".to_owned(),
    }
}

fn not_seen(user: &str, why: Option<&Explanation>) -> String {
    match why.and_then(Explanation::first_failure) {
        Some(report) => format!("`{user}` does not see it: the {} stage fails", report.stage),
        None => format!("`{user}` does not see it"),
    }
}

/// What AWS does; the chain of stages, where it is told, has the reason.
fn at_aws(teller: &Teller<'_>, raw: &Raw, why: Option<&Explanation>) -> String {
    let user = raw.user.map_or("", |user| teller.login(user));
    let asked = raw.user.zip(raw.role);
    let Some(admission) = asked.and_then(|(user, role)| teller.judge.admission(user, role)) else {
        return not_seen(user, why);
    };
    let stage = admission.stage.map_or("", crate::entitlement::stage::Stage::as_str);
    let reason = match why {
        Some(_) => format!("the {stage} stage"),
        None => format!("{stage}: {}", admission.says),
    };
    match (admission.answer, admission.refusal) {
        (Answer::Holds, _) => format!("`{user}` sees it, and AWS lets them in"),
        (Answer::Unknown, _) => format!("`{user}` sees it; what AWS does is not known: {reason}"),
        (Answer::Fails, Some(refusal)) => {
            format!("`{user}` sees it, and AWS answers {refusal}: {reason}")
        }
        (Answer::Fails, None) => format!("`{user}` sees it, and AWS refuses: {reason}"),
    }
}

/// Logins that a count lists.
const LOGINS: usize = 5;

fn holders(teller: &Teller<'_>, role: Option<RoleNo>) -> String {
    let Some(role) = role else { return String::new() };
    let mut logins: Vec<&str> =
        teller.judge.holdings.holders(role).iter().map(|one| teller.login(one.0)).collect();
    if logins.is_empty() {
        return String::new();
    }
    logins.sort_unstable();
    let mut shown: Vec<String> = logins.iter().take(LOGINS).map(|one| format!("`{one}`")).collect();
    if logins.len() > LOGINS {
        shown.push(format!("{} more", logins.len() - LOGINS));
    }
    format!(": {}", shown.join(", "))
}

/// The fewest facts that explain a miss.
fn facts(teller: &Teller<'_>, raw: &Raw, why: Option<&Explanation>) -> Vec<Fact> {
    let Some(user) = raw.user else { return Vec::new() };
    match &raw.how {
        How::Extra => {
            let roles: Vec<RoleNo> = raw.role.into_iter().collect();
            why.map(|_| memberships(teller, user, &roles)).unwrap_or_default()
        }
        How::Together(roles) => memberships(teller, user, roles),
        How::Missing | How::Aws | How::Elsewhere => {
            why.and_then(Explanation::first_failure).map(stated).into_iter().collect()
        }
        How::Unknown => {
            let unknown = why.into_iter().flat_map(Explanation::unknown);
            unknown.filter(|report| report.stage.decides_picker()).map(stated).collect()
        }
        How::Number { .. } | How::Names(_) => Vec::new(),
    }
}

fn stated(report: &StageReport) -> Fact {
    let says = format!("{}: {}", report.stage, report.says);
    let places = report.places.iter().copied().filter(|&place| place != Place::NOWHERE);
    Fact { says, places: places.collect() }
}

/// The memberships whose end ends the access: for each role the fewest.
fn memberships(teller: &Teller<'_>, user: UserId, roles: &[RoleNo]) -> Vec<Fact> {
    let holdings = teller.judge.holdings;
    let entitlements = holdings.entitlements;
    let directory = &entitlements.federation.directory;
    let direct = holdings.direct(user);
    let login = directory.login(user);
    let mut facts = Vec::new();
    for &role in roles {
        let goals = holdings.role_groups(role);
        let Some(cut) = smallest_cut(entitlements, user, &direct, &goals) else {
            let says = format!(
                "more than {MOST} memberships of `{login}` lead to `{}`",
                holdings.called(role)
            );
            facts.push(Fact { says, places: Vec::new() });
            continue;
        };
        if cut.is_empty() {
            let says = format!(
                "`samlRoles` of the assignment of `{login}` give `{}`",
                holdings.called(role)
            );
            facts.push(Fact { says, places: Vec::new() });
        }
        for one in cut {
            let group = directory.group_name(one.group);
            let member = one.member.map_or(login, |member| directory.group_name(member));
            let says = format!("`{member}` is a member of `{group}`");
            let places = one.places.into_iter().filter(|&place| place != Place::NOWHERE).collect();
            let fact = Fact { says, places };
            if !facts.contains(&fact) {
                facts.push(fact);
            }
        }
    }
    facts
}
