//! Whether AWS lets a user into a role that their picker shows: the stages from `provider` on.
//!
//! What belongs to the pair of role and provider is answered once for everybody; the trust policy once a
//! user only where a condition of it reads the user.

mod alike;
mod existence;
mod metadata;
mod session;
pub(super) mod trust;

use std::sync::OnceLock;

pub use alike::Admitting;

use super::picker::RolePicker;
use super::refusal::Refusal;
use super::resolve::{Entitlements, TargetId};
use super::sign_in::{SignInSettings, SignIns};
use super::stage::{Answer, Stage, StageReport};
use crate::model::arn::ArnPair;
use crate::model::aws::Role;
use crate::model::directory::UserId;
use crate::trust::TrustPolicy;

/// Answers of the stages from `provider` on, each pair worked out when first asked for.
#[derive(Debug)]
pub struct Admissions<'e> {
    /// Who gets what.
    pub entitlements: &'e Entitlements<'e>,
    /// What sign-ins present.
    pub sign_ins: SignIns<'e>,
    targets: Vec<OnceLock<Option<Box<PairReport>>>>,
}

/// What is said of a pair of role and provider.
#[derive(Debug)]
pub struct PairReport {
    /// The stage `provider`.
    pub provider: StageReport,
    /// The stage `role`.
    pub role: StageReport,
    trust: OfTrust,
}

#[derive(Debug)]
enum OfTrust {
    /// The same for every user.
    Same(Box<StageReport>),
    /// A condition reads the user.
    PerUser(Box<TrustPolicy>),
}

impl PairReport {
    /// The stage `trust`, where it is the same for every user.
    pub fn trust_of_all(&self) -> Option<&StageReport> {
        match &self.trust {
            OfTrust::Same(report) => Some(report),
            OfTrust::PerUser(_) => None,
        }
    }
}

/// Whether AWS lets a user into a role of their picker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// Assumable, refused, or not known.
    pub answer: Answer,
    /// The stage that decides: the first that fails, else the first that is not known.
    pub stage: Option<Stage>,
    /// What it says; empty where every stage holds.
    pub says: String,
    /// What AWS answers, where that is known.
    pub refusal: Option<Refusal>,
}

impl Admission {
    /// The word for it: `assumable`, `refused` or `unknown`.
    pub const fn as_str(&self) -> &'static str {
        match self.answer {
            Answer::Holds => "assumable",
            Answer::Fails => "refused",
            Answer::Unknown => "unknown",
        }
    }

    /// What some stages say together.
    pub fn of<'s>(stages: impl IntoIterator<Item = &'s StageReport>) -> Self {
        let mut decides: Option<&StageReport> = None;
        for report in stages {
            let outdone = match (decides.map(|decides| decides.answer), report.answer) {
                (Some(Answer::Fails), _) | (_, Answer::Holds) => false,
                (Some(Answer::Unknown), answer) => answer == Answer::Fails,
                _ => true,
            };
            if outdone {
                decides = Some(report);
            }
        }
        Self {
            answer: decides.map_or(Answer::Holds, |report| report.answer),
            stage: decides.map(|report| report.stage),
            says: decides.map(|report| report.says.clone()).unwrap_or_default(),
            refusal: decides.and_then(|report| report.refusal),
        }
    }
}

impl<'e> Admissions<'e> {
    /// Nothing is worked out yet.
    pub fn new(entitlements: &'e Entitlements<'e>, settings: &'e SignInSettings) -> Self {
        let targets = entitlements.targets().iter().map(|_| OnceLock::new()).collect();
        Self { entitlements, sign_ins: SignIns::new(entitlements, settings), targets }
    }

    /// What is said of a target; `None` where it is no pair.
    pub fn of_target(&self, id: TargetId) -> Option<&PairReport> {
        let report = || {
            let target = self.entitlements.target(id)?;
            target.pair.as_ref().ok().map(|pair| Box::new(self.of_pair(pair)))
        };
        self.targets.get(id.0 as usize)?.get_or_init(report).as_deref()
    }

    /// What is said of any pair.
    pub fn of_pair(&self, pair: &ArnPair) -> PairReport {
        let federation = self.entitlements.federation;
        let role = self.role(pair);
        let trust = match trust::policy_of(pair, role, federation) {
            Ok(policy) if policy.depends_on_user() => OfTrust::PerUser(Box::new(policy)),
            Ok(policy) => {
                OfTrust::Same(Box::new(trust::decide(&self.sign_ins, pair, None, (&policy, role))))
            }
            Err(report) => match trust::declared(&self.sign_ins, pair, &report) {
                Some(declared) => OfTrust::Same(Box::new(declared)),
                None => OfTrust::Same(report),
            },
        };
        let (provider, role) = self.existence(pair);
        PairReport {
            provider,
            role,
            trust: match trust {
                OfTrust::Same(report) => OfTrust::Same(Box::new(self.unless_assumed(*report))),
                other @ OfTrust::PerUser(_) => other,
            },
        }
    }

    /// What the stages `provider` and `role` say of a pair.
    pub fn existence(&self, pair: &ArnPair) -> (StageReport, StageReport) {
        let federation = self.entitlements.federation;
        let provider = existence::provider(federation, &self.sign_ins, &pair.provider);
        let role = existence::role(federation, &pair.role);
        (self.unless_assumed(provider), self.unless_assumed(role))
    }

    /// What fails for a pair that no setting of the app gives is not known to fail.
    fn unless_assumed(&self, report: StageReport) -> StageReport {
        if !self.entitlements.mapping.assumed || report.answer != Answer::Fails {
            return report;
        }
        let says = format!("if Okta's guide gives the pair: {}", report.says);
        StageReport { answer: Answer::Unknown, says, refusal: None, change: None, ..report }
    }

    /// The role as exported, whatever its path.
    fn role(&self, pair: &ArnPair) -> Option<&'e Role> {
        let account = self.entitlements.federation.accounts.get(&pair.role.account)?;
        account.role(&pair.role.name)
    }

    /// The stage `trust` for a user, or for whoever signs in.
    pub fn trust(&self, report: &PairReport, pair: &ArnPair, user: Option<UserId>) -> StageReport {
        match &report.trust {
            OfTrust::Same(report) => StageReport::clone(report),
            OfTrust::PerUser(policy) => {
                let decided = trust::decide(&self.sign_ins, pair, user, (policy, self.role(pair)));
                self.unless_assumed(decided)
            }
        }
    }

    /// What the policy that another federation has for a role would decide about a user of this one.
    pub fn trust_by(&self, other: &Self, pair: &ArnPair, user: UserId) -> Answer {
        let role = other.role(pair);
        match trust::policy_of(pair, role, other.entitlements.federation) {
            Ok(policy) => trust::decide(&self.sign_ins, pair, Some(user), (&policy, role)).answer,
            Err(report) => report.answer,
        }
    }

    /// The stage `session` for a user, or for whoever signs in; with a pair, also what its role says.
    pub fn session(&self, pair: Option<&ArnPair>, user: Option<UserId>) -> StageReport {
        session::session(
            self.entitlements,
            &self.sign_ins,
            pair.and_then(|pair| self.role(pair)),
            user,
        )
    }

    /// All stages from `provider` on.
    pub fn stages(&self, pair: &ArnPair, user: Option<UserId>) -> Vec<StageReport> {
        let report = self.of_pair(pair);
        let trust = self.trust(&report, pair, user);
        let session = self.session(Some(pair), user);
        vec![report.provider, report.role, trust, session]
    }

    /// What comes of choosing each entry of a user's picker, in its order.
    pub fn of_picker(&self, picker: &RolePicker, user: UserId) -> Vec<Admission> {
        let session = self.session(None, Some(user));
        let entry = |target| self.entry(target, Some(user), &session);
        picker.entries().filter_map(|one| entry(one.target)).collect()
    }

    /// What comes of choosing a target in the picker; `session` is what that stage says of the user.
    pub fn entry(
        &self,
        target: TargetId,
        user: Option<UserId>,
        session: &StageReport,
    ) -> Option<Admission> {
        let report = self.of_target(target)?;
        let per_user;
        let trust: &StageReport = match &report.trust {
            OfTrust::Same(trust) => trust,
            OfTrust::PerUser(_) => {
                let pair = self.entitlements.target(target)?.pair.as_ref().ok()?;
                per_user = self.trust(report, pair, user);
                &per_user
            }
        };
        Some(Admission::of([&report.provider, &report.role, trust, session]))
    }
}
