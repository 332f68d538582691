//! What keeps findings from being reported: waivers of the project, and a baseline of what was there before.

use std::collections::BTreeSet;

use super::run::{NotChecked, Outcome, Suppression, run_but};
use super::settings::{Level, Waiver, fits};
use super::{Context, Rule, Scope};
use crate::finding::{Finding, Fingerprint};
use crate::model::moment::Moment;

/// The group of rules about the configuration itself: nothing suppresses what they find.
pub const OF_CONFIGURATION: &str = "config";

/// How many subjects that a waiver does not fit are kept.
const OTHERS: usize = 3;

/// Findings that were there when it was written: rule and fingerprint of each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline(pub BTreeSet<(String, Fingerprint)>);

/// What a run does with a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Against<'b> {
    /// There is none.
    #[default]
    Nothing,
    /// Its findings are suppressed.
    Baseline(&'b Baseline),
    /// Every finding that is not waived goes into a new one.
    Everything,
}

/// What a run says of a baseline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compared {
    /// The findings that are in it or, of a new one, go into it.
    pub there: Baseline,
    /// How many of its findings are gone, of rules that were checked.
    pub gone: usize,
}

/// What a run says of one waiver.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WaiverUse {
    /// Subjects of a few findings of its rules that it does not fit.
    pub others: Vec<String>,
    /// How many findings it fits, whether it is expired or not.
    pub fitting: usize,
    /// Whether every rule it is about was checked on everything there is.
    pub in_scope: bool,
    /// Whether its last day has passed.
    pub is_expired: bool,
}

/// Asks every rule that is on, leaves out what waivers of the settings and a baseline suppress, and then asks
/// the rules about the waivers.
pub fn run_against(
    rules: impl IntoIterator<Item = &'static Rule>,
    context: &Context<'_>,
    against: Against<'_>,
) -> (Outcome, Compared) {
    let is_of_configuration = |rule: &&'static Rule| group_of(rule.info.id) == OF_CONFIGURATION;
    let (about_waivers, rules): (Vec<_>, Vec<_>) = rules.into_iter().partition(is_of_configuration);
    let waivers = &context.settings.waivers;
    let mut uses = vec![WaiverUse::default(); waivers.len()];
    for (waiver, used) in waivers.iter().zip(&mut uses) {
        used.is_expired = context.settings.at.is_some_and(|at| waiver.is_expired(Moment(at)));
    }
    let mut compared = Compared::default();
    let mut outcome = run_but(rules, context, &mut |finding| {
        waived(context, finding, &mut uses).or_else(|| known(finding, against, &mut compared.there))
    });
    compared.gone = gone(against, &compared.there, &outcome);
    for (waiver, used) in waivers.iter().zip(&mut uses) {
        used.in_scope = is_in_scope(waiver, context, &outcome);
    }
    // Nobody else fills it.
    let _ = context.waiver_uses.set(uses);
    for rule in about_waivers.into_iter().filter(|rule| context.concerns(&rule.info)) {
        let level = context.settings.level(&rule.info);
        if level == Level::Off {
            continue;
        }
        let mut findings = match (rule.check)(context) {
            Ok(findings) => findings,
            Err(reason) => {
                outcome.not_checked.push(NotChecked { rule: rule.info.id, reason });
                continue;
            }
        };
        if let Level::Severity(severity) = level {
            for finding in &mut findings {
                finding.severity = severity;
            }
        }
        outcome.add(&rule.info, findings, &context.federation.sources, &mut |_| None);
    }
    (outcome, compared)
}

/// The waiver that accepts a finding: the first that fits and is not expired. Every one that fits is used.
fn waived(context: &Context<'_>, finding: &Finding, uses: &mut [WaiverUse]) -> Option<Suppression> {
    let mut accepting = None;
    for (waiver, used) in context.settings.waivers.iter().zip(uses) {
        if !waiver.is_about(finding.rule) {
            continue;
        }
        if !fits(&waiver.subject, &finding.subject) {
            if used.others.len() < OTHERS && !used.others.contains(&finding.subject) {
                used.others.push(finding.subject.clone());
            }
            continue;
        }
        used.fitting += 1;
        if !used.is_expired {
            accepting.get_or_insert(waiver);
        }
    }
    let waiver = accepting?;
    let (file, line) = context.federation.sources.resolve(waiver.place).unwrap_or_default();
    Some(Suppression::Waiver {
        reason: waiver.reason.clone(),
        expires: waiver.expires.to_string(),
        file: file.to_owned(),
        line,
    })
}

fn known(finding: &Finding, against: Against<'_>, there: &mut Baseline) -> Option<Suppression> {
    let entry = (finding.rule.to_owned(), finding.fingerprint);
    let is_known = match against {
        Against::Nothing => false,
        Against::Baseline(baseline) => baseline.0.contains(&entry),
        Against::Everything => true,
    };
    is_known.then(|| {
        there.0.insert(entry);
        Suppression::Baseline
    })
}

/// How many findings of a baseline a run did not find again, though it asked.
fn gone(against: Against<'_>, there: &Baseline, outcome: &Outcome) -> usize {
    let Against::Baseline(baseline) = against else { return 0 };
    let was_checked = |rule: &str| outcome.checked.binary_search(&rule).is_ok();
    baseline.0.difference(&there.0).filter(|(rule, _)| was_checked(rule)).count()
}

/// Whether a waiver that nothing fits is one too many: all its rules were asked, about everything.
fn is_in_scope(waiver: &Waiver, context: &Context<'_>, outcome: &Outcome) -> bool {
    let is_its = |rule: &&str| waiver.is_about(rule);
    context.scope == Scope::Everything
        && outcome.checked.iter().any(is_its)
        && !outcome.not_checked.iter().any(|not| is_its(&not.rule))
        && !context.settings.left_out.iter().any(|rule| is_its(&rule.as_str()))
}

/// The group of a rule's id.
fn group_of(id: &str) -> &str {
    id.split_once('/').map_or(id, |(group, _)| group)
}

impl Waiver {
    /// Whether it is about a rule.
    pub fn is_about(&self, rule: &str) -> bool {
        self.rule == rule || self.rule == group_of(rule)
    }

    /// Whether its last day has passed.
    pub fn is_expired(&self, at: Moment) -> bool {
        at >= self.expires.plus_days(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{RuleInfo, Severity};
    use crate::mapping::settings::MappingError;
    use crate::model::federation::Federation;
    use crate::rules::settings::Settings;
    use crate::text::Place;

    const INFO: RuleInfo = RuleInfo {
        id: "a/two",
        summary: "",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "",
        remediation: "",
        references: &[],
    };

    static TWO: Rule = Rule {
        info: INFO,
        check: |_| Ok(["x1", "x2", "y"].map(|about| Finding::new(&TWO.info, about, "")).into()),
    };

    const OTHER: RuleInfo = RuleInfo { id: "a/other", ..INFO };

    static CANNOT: Rule =
        Rule { info: OTHER, check: |context| context.group_mapping().map(|_| Vec::new()) };

    fn waiver(rule: &str, subject: &str) -> Waiver {
        Waiver {
            rule: rule.to_owned(),
            subject: subject.to_owned(),
            reason: "known".to_owned(),
            expires: Moment::parse("2026-11-25").unwrap(),
            line: 1,
            place: Place::NOWHERE,
        }
    }

    fn run(
        waivers: Vec<Waiver>,
        at: &str,
        against: Against<'_>,
        left_out: &[&str],
    ) -> (Outcome, Compared, Vec<WaiverUse>) {
        let federation = Federation::default();
        let at = Moment::parse(at).map(|moment| moment.0);
        let left_out = left_out.iter().map(|id| (*id).to_owned()).collect();
        let settings = Settings { waivers, left_out, at, ..Settings::default() };
        let context = Context::new(&federation, Err(&MappingError::NoFilter), &settings);
        let (outcome, compared) = run_against([&CANNOT, &TWO], &context, against);
        let uses = context.waiver_uses.get().unwrap().clone();
        (outcome, compared, uses)
    }

    fn subjects(outcome: &Outcome) -> Vec<&str> {
        outcome.findings.iter().map(|finding| finding.subject.as_str()).collect()
    }

    #[test]
    fn a_waiver_is_known_by_rule_or_group_and_by_subject() {
        let shown = |rule: &str, subject: &str| {
            let (outcome, _, uses) =
                run(vec![waiver(rule, subject)], "2026-11-01", Against::Nothing, &[]);
            assert_eq!(outcome.counts.total() + outcome.suppressed_counts.waived, 3);
            (subjects(&outcome).join(" "), uses[0].fitting)
        };
        assert_eq!(shown("a/two", "x*"), ("y".to_owned(), 2));
        assert_eq!(shown("a", "y"), ("x1 x2".to_owned(), 1));
        assert_eq!(shown("a/other", "*"), ("x1 x2 y".to_owned(), 0));
        assert_eq!(shown("b", "*"), ("x1 x2 y".to_owned(), 0));
    }

    #[test]
    fn a_waiver_counts_to_the_end_of_its_last_day() {
        for (at, waived) in
            [("2026-11-25T23:59:59Z", 3), ("2026-11-26T00:00:00Z", 0), ("2027-01-01", 0)]
        {
            let (outcome, _, uses) = run(vec![waiver("a", "*")], at, Against::Nothing, &[]);
            assert_eq!(outcome.suppressed_counts.waived, waived, "{at}");
            assert_eq!((uses[0].fitting, uses[0].is_expired), (3, waived == 0), "{at}");
        }
    }

    #[test]
    fn a_waiver_is_in_scope_where_all_its_rules_were_asked() {
        let in_scope = |rule: &str, left_out: &[&str]| {
            run(vec![waiver(rule, "z")], "2026-11-01", Against::Nothing, left_out).2[0].in_scope
        };
        assert!(in_scope("a/two", &[]));
        assert!(in_scope("a/two", &["a/third"]));
        // One rule of the group could not be checked.
        assert!(!in_scope("a", &[]) && !in_scope("a/other", &[]));
        assert!(!in_scope("a/two", &["a/two"]));
        assert!(!in_scope("b/none", &[]));
    }

    #[test]
    fn a_baseline_suppresses_what_it_names_and_says_what_is_gone() {
        let (outcome, all, _) = run(Vec::new(), "", Against::Everything, &[]);
        assert_eq!((subjects(&outcome).len(), all.there.0.len()), (0, 3));
        let mut known = all.there;
        let first = known.0.pop_first().unwrap();
        let gone = |rule: &str| (rule.to_owned(), Fingerprint::default());
        known.0.extend([gone("a/two"), gone("a/other"), gone("b/retired")]);
        let (outcome, compared, _) = run(Vec::new(), "", Against::Baseline(&known), &[]);
        assert_eq!(outcome.findings.len(), 1);
        assert_eq!(outcome.findings[0].fingerprint, first.1);
        // Of the rules that were not checked nothing is known.
        assert_eq!((compared.gone, outcome.suppressed_counts.in_baseline), (1, 2));
    }

    #[test]
    fn what_is_waived_is_not_in_a_new_baseline() {
        let (outcome, compared, _) =
            run(vec![waiver("a", "x*")], "2026-11-01", Against::Everything, &[]);
        assert_eq!((outcome.suppressed_counts.waived, compared.there.0.len()), (2, 1));
    }
}
