//! `why USER ROLE`: the chain stage by stage, the first that fails, and the smallest change to mend it.

mod candidates;
mod change;

use super::admission::{Admission, Admissions};
use super::derivation::Derivation;
use super::lookup::RoleQuery;
use super::refusal::Refusal;
use super::resolve::Entitlements;
use super::sign_in::SignInSettings;
use super::stage::{Answer, Stage, StageReport};
use super::stages;
use crate::model::account::AccountId;
use crate::model::arn::ArnPair;
use crate::model::directory::{GroupId, UserId};
use candidates::{candidates, diagnose};
use change::{change, wanted_pair};

pub(crate) use candidates::{Candidate, KnownNames};

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The user's login.
    pub user: String,
    /// The role as asked for.
    pub role: String,
    /// The account's id, where it is known.
    pub account: Option<AccountId>,
    /// Name of the role group the answer is about.
    pub group: Option<String>,
    /// The chain of groups from the user's own to the role group, where there is one.
    pub path: Vec<String>,
    /// What every stage says, as far as the chain is known.
    pub stages: Vec<StageReport>,
    /// The smallest change that would mend the first failure.
    pub change: Option<String>,
    /// Further groups that map to the same role.
    pub other_groups: Vec<String>,
}

impl Explanation {
    /// The first stage that fails.
    pub fn first_failure(&self) -> Option<&StageReport> {
        self.stages.iter().find(|report| report.answer == Answer::Fails)
    }

    /// Whether the role picker shows the role.
    pub fn is_visible(&self) -> bool {
        !self
            .stages
            .iter()
            .any(|report| report.answer == Answer::Fails && report.stage.decides_picker())
    }

    /// Whether names of groups could be read as roles at all: a Group Filter is known.
    pub fn is_mapped(&self) -> bool {
        let unknown = |report: &StageReport| {
            report.answer == Answer::Unknown
                && matches!(report.stage, Stage::Membership | Stage::Filter | Stage::Pair)
        };
        !self.stages.iter().any(unknown)
    }

    /// Whether AWS lets the user in once they choose the role; of a role that the picker does not show, what
    /// it would do.
    pub fn admission(&self) -> Admission {
        Admission::of(self.stages.iter().filter(|report| !report.stage.decides_picker()))
    }

    /// What AWS answers to the user who chooses the role, where it refuses and that is known.
    pub fn refusal(&self) -> Option<Refusal> {
        self.first_failure().and_then(|report| report.refusal)
    }

    /// Whether the stages from `provider` on could be asked at all: the pair is known.
    pub fn decides_aws(&self) -> bool {
        self.stages.iter().any(|report| !report.stage.decides_picker())
    }

    /// Stages that cannot be answered.
    pub fn unknown(&self) -> impl Iterator<Item = &StageReport> {
        self.stages.iter().filter(|report| report.answer == Answer::Unknown)
    }
}

/// One question: a user, with their direct groups, and a role.
pub(super) struct Asked<'q> {
    pub(super) user: UserId,
    pub(super) direct: Vec<GroupId>,
    pub(super) query: &'q RoleQuery,
    admissions: &'q Admissions<'q>,
}

/// Explains why a user sees a role or does not, and what AWS then does, as far as the exports tell.
pub fn explain(entitlements: &Entitlements<'_>, user: UserId, query: &RoleQuery) -> Explanation {
    let settings = SignInSettings::default();
    explain_sign_in(entitlements, &Admissions::new(entitlements, &settings), user, query)
}

/// [`explain`], with what the project says about sign-ins.
pub fn explain_sign_in(
    entitlements: &Entitlements<'_>,
    admissions: &Admissions<'_>,
    user: UserId,
    query: &RoleQuery,
) -> Explanation {
    let asked = Asked { user, direct: entitlements.direct_groups(user), query, admissions };
    if let Some(pair) = saml_role(entitlements, &asked) {
        return by_saml_roles(entitlements, &asked, &pair);
    }
    let wanted = wanted_pair(entitlements, query);
    let mut best: Option<Chain> = None;
    let candidates = candidates(entitlements, &asked);
    for candidate in &candidates {
        let chain = chain(entitlements, &asked, candidate.clone(), wanted.as_ref());
        // The candidate that gets furthest says most; the first of equals is the likeliest.
        if best.as_ref().is_none_or(|best| chain.reaches() > best.reaches()) {
            best = Some(chain);
        }
    }
    let chain =
        best.unwrap_or_else(|| chain(entitlements, &asked, Candidate::nobody(), wanted.as_ref()));
    finish(entitlements, &asked, &candidates, chain)
}

/// With Use Group Mapping off: the pair that the user's `samlRoles` give for the role, if they do.
fn saml_role(entitlements: &Entitlements<'_>, asked: &Asked<'_>) -> Option<ArnPair> {
    if entitlements.mapping.maps_groups() {
        return None;
    }
    let targets = asked.query.targets(entitlements);
    let granted = entitlements.saml_roles_of(asked.user, &asked.direct);
    let target = granted.into_iter().find(|target| targets.contains(target))?;
    entitlements.target(target)?.pair.clone().ok()
}

fn by_saml_roles(
    entitlements: &Entitlements<'_>,
    asked: &Asked<'_>,
    pair: &ArnPair,
) -> Explanation {
    let mut stages = vec![
        stages::account(entitlements, asked),
        stages::assignment(entitlements, asked),
        stages::saml_role(entitlements, pair),
    ];
    stages.extend(asked.admissions.stages(pair, Some(asked.user)));
    let mut explanation = Explanation {
        user: entitlements.federation.directory.login(asked.user).to_owned(),
        role: asked.query.text.clone(),
        account: Some(pair.role.account),
        group: None,
        path: Vec::new(),
        stages,
        change: None,
        other_groups: Vec::new(),
    };
    let nobody = Candidate::nobody();
    if let Some(report) = explanation.first_failure() {
        explanation.change = change(entitlements, asked, &nobody, None, report);
    }
    explanation
}

struct Chain {
    candidate: Candidate,
    stages: Vec<StageReport>,
    derivation: Option<Derivation>,
}

impl Chain {
    /// The first failing stage, or a number past all of them.
    fn reaches(&self) -> usize {
        let failing = self.stages.iter().find(|report| report.answer == Answer::Fails);
        failing.map_or(usize::MAX, |report| report.stage as usize)
    }
}

fn chain(
    entitlements: &Entitlements<'_>,
    asked: &Asked<'_>,
    mut candidate: Candidate,
    wanted: Option<&ArnPair>,
) -> Chain {
    if candidate.mapped.is_none() || !pair_holds(entitlements, &candidate) {
        diagnose(entitlements, &mut candidate);
    }
    let (membership, derivation) = stages::membership(entitlements, asked, &candidate);
    let mut reports = vec![
        stages::account(entitlements, asked),
        stages::assignment(entitlements, asked),
        membership,
    ];
    reports.extend(stages::import(entitlements, asked, &candidate, derivation.is_some()));
    reports.extend(stages::filter(entitlements, &candidate));
    reports.extend(stages::pair(entitlements, asked, &candidate, wanted));
    let mapped = candidate.mapped.and_then(|at| entitlements.role_group(at));
    let pair = mapped.and_then(|mapped| mapped.pair.as_ref().ok()).or(wanted);
    if let Some(pair) = pair {
        reports.extend(asked.admissions.stages(pair, Some(asked.user)));
    }
    Chain { candidate, stages: reports, derivation }
}

fn pair_holds(entitlements: &Entitlements<'_>, candidate: &Candidate) -> bool {
    let mapped = candidate.mapped.and_then(|at| entitlements.role_group(at));
    mapped.is_some_and(|mapped| mapped.pair.is_ok())
}

fn finish(
    entitlements: &Entitlements<'_>,
    asked: &Asked<'_>,
    candidates: &[Candidate],
    chain: Chain,
) -> Explanation {
    let directory = &entitlements.federation.directory;
    let name = |group: GroupId| directory.group_name(group).to_owned();
    let mut explanation = Explanation {
        user: directory.login(asked.user).to_owned(),
        role: asked.query.text.clone(),
        account: asked.query.account_id(entitlements),
        group: chain.candidate.group.map(name),
        path: chain
            .derivation
            .iter()
            .flat_map(|derivation| &derivation.path)
            .map(|step| name(step.group))
            .collect(),
        stages: chain.stages,
        change: None,
        other_groups: candidates
            .iter()
            .filter(|other| other.mapped.is_some() && other.group != chain.candidate.group)
            .filter_map(|other| other.group)
            .map(name)
            .collect(),
    };
    if let Some(report) = explanation.first_failure() {
        let derivation = chain.derivation.as_ref();
        explanation.change = change(entitlements, asked, &chain.candidate, derivation, report);
    }
    explanation
}
