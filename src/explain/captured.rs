//! One captured sign-in beside the exports: role by role, what it says, what they say and why, and what AWS
//! decides with its values.

use std::collections::BTreeMap;

use super::lookup::{RoleQuery, called};
use super::why::{Explanation, explain_sign_in};
use crate::entitlement::assertion_gap::{Comparison, Gap};
use crate::entitlement::captured::{CapturedSignIn, Circumstances, Difference};
use crate::entitlement::picker::RolePicker;
use crate::entitlement::stage::{Answer, StageReport};
use crate::model::arn::{ArnPair, RoleArn};
use crate::model::directory::UserId;
use crate::saml::xml::Spot;

/// A role, as message and exports have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSides {
    /// The role as a person calls it.
    pub role: String,
    /// Where the message has it; `None` where it does not.
    pub sent: Option<Spot>,
    /// Whether the exports give it to the user; `None` where the user is not known.
    pub predicted: Option<bool>,
    /// What explains that only one side has it, or that neither has.
    pub explains: Option<StageReport>,
    /// The smallest change that would make the exports give it, where one is known.
    pub change: Option<String>,
    /// What AWS does with the pair: provider, role, and the trust policy with the message's own values.
    pub aws: Vec<StageReport>,
}

impl RoleSides {
    /// Whether AWS lets a message in that it takes: the first stage that fails, else one not known.
    pub fn decides(&self) -> Option<&StageReport> {
        let is = |answer: Answer| move |report: &&StageReport| report.answer == answer;
        let all = || self.aws.iter();
        all().find(is(Answer::Fails)).or_else(|| all().find(is(Answer::Unknown)))
    }

    /// Whether message and exports agree, as far as both are known.
    pub fn agrees(&self) -> bool {
        let open = self.explains.as_ref().is_some_and(|report| report.answer == Answer::Unknown);
        open || self.predicted.is_none_or(|predicted| predicted == self.sent.is_some())
    }
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides {
    /// The roles: the one asked about, or all of both sides by account and name.
    pub roles: Vec<RoleSides>,
    /// How many pairs the message has.
    pub sent: usize,
    /// Where message and exports differ beside the roles.
    pub differences: Vec<Difference>,
}

/// Holds a sign-in against the exports: about one role, or all.
pub fn sides(
    comparison: &Comparison<'_>,
    captured: &CapturedSignIn<'_>,
    (user, query): (Option<UserId>, Option<&RoleQuery>),
    circumstances: &Circumstances<'_>,
) -> Sides {
    let sent = captured.pairs();
    let gaps = user.map(|user| comparison.gaps(user, &sent)).unwrap_or_default();
    let sign_ins = &comparison.admissions().sign_ins;
    let differences = user.map(|user| captured.differences(sign_ins, user)).unwrap_or_default();
    let asked = Asked { comparison, captured, user, gaps, circumstances };
    let roles = match query {
        Some(query) => vec![asked.about(query, &sent)],
        None => asked.about_all(&sent),
    };
    Sides { roles, sent: sent.len(), differences }
}

struct Asked<'a> {
    comparison: &'a Comparison<'a>,
    captured: &'a CapturedSignIn<'a>,
    user: Option<UserId>,
    gaps: Vec<Gap>,
    circumstances: &'a Circumstances<'a>,
}

impl Asked<'_> {
    fn about_all(&self, sent: &[ArnPair]) -> Vec<RoleSides> {
        let picker = self.user.map(|user| self.comparison.picker(user));
        let predicted: Vec<&ArnPair> =
            picker.iter().flat_map(RolePicker::entries).map(|entry| &entry.pair).collect();
        let mut all: BTreeMap<(&RoleArn, &ArnPair), bool> = BTreeMap::new();
        for &pair in &predicted {
            all.insert((&pair.role, pair), true);
        }
        for pair in sent {
            all.entry((&pair.role, pair)).or_insert(false);
        }
        let sides = |((_, pair), is_predicted): ((&RoleArn, &ArnPair), bool)| {
            self.sides(pair, self.user.map(|_| is_predicted))
        };
        all.into_iter().map(sides).collect()
    }

    /// About a role that a person names: the pair sent, else the pair that the exports would send.
    fn about(&self, query: &RoleQuery, sent: &[ArnPair]) -> RoleSides {
        let entitlements = self.comparison.entitlements();
        let why = self
            .user
            .map(|user| explain_sign_in(entitlements, self.comparison.admissions(), user, query));
        let is = |pair: &&ArnPair| query.is(entitlements, &pair.role);
        let of_exports = || {
            let targets = query.targets(entitlements);
            targets.into_iter().find_map(|target| entitlements.target(target)?.pair.as_ref().ok())
        };
        let pair = sent.iter().find(is).or_else(of_exports);
        let visible = why.as_ref().map(Explanation::is_visible);
        let mut sides = match pair {
            Some(pair) => self.sides(pair, visible),
            None => RoleSides {
                role: query.text.clone(),
                sent: None,
                predicted: visible,
                explains: None,
                change: None,
                aws: Vec::new(),
            },
        };
        sides.role.clone_from(&query.text);
        if let Some(why) = why.filter(|_| sides.explains.is_none()) {
            let failing = why.first_failure().filter(|report| report.stage.decides_picker());
            sides.explains = failing.cloned();
            sides.change = sides.explains.as_ref().and(why.change);
        }
        sides
    }

    fn sides(&self, pair: &ArnPair, predicted: Option<bool>) -> RoleSides {
        let entitlements = self.comparison.entitlements();
        let federation = entitlements.federation;
        let gap = self.gaps.iter().find(|gap| {
            gap.pairs.contains(pair)
                || gap.pairs.iter().any(|sent| {
                    sent.role.account == pair.role.account
                        && sent.role.name.eq_ignore_ascii_case(&pair.role.name)
                })
        });
        let admissions = self.comparison.admissions();
        let provider = self.captured.provider(admissions, pair);
        let trust = self.captured.trust(federation, pair, self.circumstances);
        RoleSides {
            role: called(federation, &pair.role),
            sent: self.captured.place_of(pair).cloned(),
            predicted,
            explains: gap.map(|gap| {
                let report = StageReport::new(gap.stage, gap.answer, &*gap.says);
                StageReport { places: gap.places.clone(), ..report }
            }),
            change: gap.and_then(|gap| gap.change.clone()),
            aws: vec![provider, admissions.of_pair(pair).role, trust],
        }
    }
}
