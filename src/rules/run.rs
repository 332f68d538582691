//! Runs rules and gathers what they found, in an order that does not depend on how they ran.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::settings::Level;
use super::{CannotCheck, Context, Rule};
use crate::finding::{Finding, RuleInfo, Severity, stamp};
use crate::text::SourceMap;

/// Most findings of one rule that are kept; all are counted.
pub const FINDINGS_SHOWN: usize = 10_000;

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

impl Counts {
    fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Note => self.notes += 1,
        }
    }

    /// How many findings of a severity.
    pub const fn of(self, severity: Severity) -> usize {
        match severity {
            Severity::Error => self.errors,
            Severity::Warning => self.warnings,
            Severity::Note => self.notes,
        }
    }

    /// How many findings in all.
    pub const fn total(self) -> usize {
        self.errors + self.warnings + self.notes
    }

    /// The worst severity found.
    pub fn worst(self) -> Option<Severity> {
        Severity::ALL.into_iter().find(|&severity| self.of(severity) > 0)
    }
}

/// A rule that could not be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotChecked {
    /// Id of the rule.
    pub rule: &'static str,
    /// Why not.
    pub reason: CannotCheck,
}

/// A rule with more findings than are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Id of the rule.
    pub rule: &'static str,
    /// How many are kept.
    pub kept: usize,
    /// How many there are.
    pub found: usize,
}

/// Why a finding is not reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suppression {
    /// Somebody accepts it.
    Waiver {
        /// Why.
        reason: String,
        /// Last day it is accepted: `2027-03-31`.
        expires: String,
        /// The configuration that says so.
        file: String,
        /// The line of it.
        line: u32,
    },
    /// It was there when the baseline was written.
    Baseline,
}

/// A finding that is not reported, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// Why it is not reported.
    pub by: Suppression,
}

/// How many findings are not reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SuppressedCounts {
    /// Those that are waived.
    pub waived: usize,
    /// Those of the baseline.
    pub in_baseline: usize,
}

impl SuppressedCounts {
    /// How many in all.
    pub const fn total(self) -> usize {
        self.waived + self.in_baseline
    }

    /// Counts one.
    pub const fn count(&mut self, by: &Suppression) {
        match by {
            Suppression::Waiver { .. } => self.waived += 1,
            Suppression::Baseline => self.in_baseline += 1,
        }
    }
}

impl std::iter::Sum for SuppressedCounts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |one, other| Self {
            waived: one.waived + other.waived,
            in_baseline: one.in_baseline + other.in_baseline,
        })
    }
}

/// What a run of rules found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// The findings to show: the worst first, then by rule and place.
    pub findings: Vec<Finding>,
    /// How many findings there are, shown or not; suppressed ones are none.
    pub counts: Counts,
    /// Suppressed findings, in the same order.
    pub suppressed: Vec<Suppressed>,
    /// How many are suppressed, shown or not.
    pub suppressed_counts: SuppressedCounts,
    /// Ids of the rules that were checked.
    pub checked: Vec<&'static str>,
    /// Rules that could not be, and why.
    pub not_checked: Vec<NotChecked>,
    /// Rules with more findings than are kept.
    pub cut: Vec<Cut>,
}

impl Outcome {
    /// Leaves out findings below a severity; they stay counted.
    pub fn show_from(&mut self, least: Severity) {
        self.findings.retain(|finding| finding.severity >= least);
        self.suppressed.retain(|suppressed| suppressed.finding.severity >= least);
    }

    /// How many findings are counted and not shown.
    pub const fn hidden(&self) -> usize {
        self.counts.total().saturating_sub(self.findings.len())
    }
}

/// Says of a finding whether, and why, it is not reported; asked once for each, also for those that are not
/// kept.
pub type Suppress<'s> = dyn FnMut(&Finding) -> Option<Suppression> + 's;

/// Asks every rule that is on.
pub fn run(rules: impl IntoIterator<Item = &'static Rule>, context: &Context<'_>) -> Outcome {
    run_but(rules, context, &mut |_| None)
}

/// Asks every rule that is on, and leaves out what is suppressed.
pub fn run_but(
    rules: impl IntoIterator<Item = &'static Rule>,
    context: &Context<'_>,
    suppress: &mut Suppress<'_>,
) -> Outcome {
    let on: Vec<(&'static Rule, Level)> = rules
        .into_iter()
        .filter(|rule| context.concerns(&rule.info))
        .map(|rule| (rule, context.settings.level(&rule.info)))
        .filter(|(_, level)| *level != Level::Off)
        .collect();
    context.prepare(&on);
    let answers: Vec<_> = on.par_iter().map(|(rule, _)| (rule.check)(context)).collect();
    let mut outcome = Outcome::default();
    let mut found = Vec::new();
    for ((rule, level), answer) in on.iter().zip(answers) {
        let id = rule.info.id;
        match answer {
            Ok(mut findings) => {
                if let Level::Severity(severity) = *level {
                    for finding in &mut findings {
                        finding.severity = severity;
                    }
                }
                outcome.checked.push(id);
                found.push((&rule.info, findings));
            }
            Err(reason) => outcome.not_checked.push(NotChecked { rule: id, reason }),
        }
    }
    leave_out_explained(&mut found);
    let sources = &context.federation.sources;
    found.par_iter_mut().for_each(|(_, findings)| put_in_order(findings, sources));
    for (rule, findings) in found {
        outcome.take(rule, findings, suppress);
    }
    outcome.sort();
    outcome
}

/// Leaves out findings that another rule's finding about the same subject explains.
fn leave_out_explained(found: &mut [(&RuleInfo, Vec<Finding>)]) {
    let explaining: BTreeSet<&str> =
        found.iter().flat_map(|(rule, _)| rule.follows).copied().collect();
    let subjects: BTreeMap<&str, FxHashSet<&str>> = found
        .iter()
        .filter(|(rule, _)| explaining.contains(rule.id))
        .map(|(rule, findings)| (rule.id, findings.iter().flat_map(subjects_of).collect()))
        .collect();
    let stays = |(rule, findings): &(&RuleInfo, Vec<Finding>)| -> Vec<bool> {
        let known: Vec<_> = rule.follows.iter().filter_map(|id| subjects.get(id)).collect();
        let is_known = |subject: &String| known.iter().any(|known| known.contains(&**subject));
        let stays = |finding: &Finding| {
            !std::iter::once(&finding.subject).chain(&finding.stems_from).any(is_known)
        };
        findings.iter().map(stays).collect()
    };
    let all_stay: Vec<Vec<bool>> = found.par_iter().map(stays).collect();
    for ((_, findings), stay) in found.iter_mut().zip(all_stay) {
        let mut stay = stay.into_iter();
        findings.retain(|_| stay.next().unwrap_or(true));
    }
}

/// What a finding is about.
fn subjects_of(finding: &Finding) -> impl Iterator<Item = &str> {
    std::iter::once(&finding.subject).chain(&finding.also).map(String::as_str)
}

/// Puts the findings of one rule in their order, and stamps them.
fn put_in_order(findings: &mut Vec<Finding>, sources: &SourceMap) {
    let placed = |finding: Finding| (sources.resolve(finding.primary.place), finding);
    let mut placed: Vec<_> = std::mem::take(findings).into_iter().map(placed).collect();
    placed.sort_by(|(place_a, a), (place_b, b)| {
        b.severity
            .cmp(&a.severity)
            .then_with(|| place_a.cmp(place_b))
            .then_with(|| a.subject.cmp(&b.subject))
            .then_with(|| a.message.cmp(&b.message))
    });
    findings.extend(placed.into_iter().map(|(_, finding)| finding));
    stamp(findings, sources);
}

impl Outcome {
    /// Adds findings of a further rule, such as one about the suppressions themselves.
    pub fn add(
        &mut self,
        rule: &RuleInfo,
        mut findings: Vec<Finding>,
        sources: &SourceMap,
        suppress: &mut Suppress<'_>,
    ) {
        if let Err(at) = self.checked.binary_search(&rule.id) {
            self.checked.insert(at, rule.id);
        }
        put_in_order(&mut findings, sources);
        self.take(rule, findings, suppress);
        self.sort();
    }

    /// Takes the findings of one rule, in their order.
    fn take(&mut self, rule: &RuleInfo, findings: Vec<Finding>, suppress: &mut Suppress<'_>) {
        let (mut found, mut suppressed) = (0, 0);
        for finding in findings {
            if let Some(by) = suppress(&finding) {
                self.suppressed_counts.count(&by);
                suppressed += 1;
                if suppressed <= FINDINGS_SHOWN {
                    self.suppressed.push(Suppressed { finding, by });
                }
                continue;
            }
            self.counts.add(finding.severity);
            found += 1;
            if found <= FINDINGS_SHOWN {
                self.findings.push(finding);
            }
        }
        if found > FINDINGS_SHOWN {
            self.cut.push(Cut { rule: rule.id, kept: FINDINGS_SHOWN, found });
        }
    }

    /// Stable: within a rule the order of places stays.
    fn sort(&mut self) {
        let order =
            |a: &Finding, b: &Finding| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(b.rule));
        self.findings.sort_by(order);
        self.suppressed.sort_by(|a, b| order(&a.finding, &b.finding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Fingerprint, Label};
    use crate::mapping::settings::MappingError;
    use crate::model::federation::Federation;
    use crate::rules::settings::Settings;
    use crate::text::Place;

    const fn info(id: &'static str, severity: Severity) -> RuleInfo {
        RuleInfo {
            id,
            summary: "",
            severity,
            on: true,
            follows: &[],
            options: &[],
            since: "0.1.0",
            explanation: "",
            remediation: "",
            references: &[],
        }
    }

    fn finding(info: RuleInfo, line: u32, subject: &str) -> Finding {
        Finding::new(&info, subject, "").at(Label::new(Place(line), ""))
    }

    static MANY: Rule = Rule {
        info: info("a/many", Severity::Warning),
        check: |_| {
            Ok((1..=u32::try_from(FINDINGS_SHOWN).unwrap() + 5)
                .rev()
                .map(|line| finding(MANY.info, line, "x"))
                .collect())
        },
    };

    static TWO: Rule = Rule {
        info: info("b/two", Severity::Error),
        check: |_| Ok(vec![finding(TWO.info, 3, "y"), finding(TWO.info, 3, "x")]),
    };

    static NEEDS_MAPPING: Rule = Rule {
        info: info("c/needs-mapping", Severity::Error),
        check: |context| context.group_mapping().map(|_| Vec::new()),
    };

    fn outcome() -> Outcome {
        let mut federation = Federation::default();
        federation.sources.add("groups.csv".to_owned(), 0);
        let error = MappingError::NoFilter;
        let settings = Settings::default();
        let context = Context::new(&federation, Err(&error), &settings);
        run([&MANY, &TWO, &NEEDS_MAPPING], &context)
    }

    #[test]
    fn the_worst_come_first_then_rule_place_and_subject_decide() {
        let outcome = outcome();
        let first: Vec<_> = outcome
            .findings
            .iter()
            .take(4)
            .map(|finding| (finding.rule, finding.primary.place.0, finding.subject.as_str()))
            .collect();
        assert_eq!(
            first,
            [("b/two", 3, "x"), ("b/two", 3, "y"), ("a/many", 1, "x"), ("a/many", 2, "x")]
        );
    }

    #[test]
    fn findings_over_the_limit_of_a_rule_are_counted_and_not_kept() {
        let outcome = outcome();
        assert_eq!(outcome.findings.len(), FINDINGS_SHOWN + 2);
        assert_eq!(outcome.counts, Counts { errors: 2, warnings: FINDINGS_SHOWN + 5, notes: 0 });
        assert_eq!(outcome.hidden(), 5);
        let found = FINDINGS_SHOWN + 5;
        assert_eq!(outcome.cut, [Cut { rule: "a/many", kept: FINDINGS_SHOWN, found }]);
    }

    #[test]
    fn a_rule_that_cannot_be_checked_says_why_and_is_not_among_the_checked() {
        let outcome = outcome();
        assert_eq!(outcome.checked, ["a/many", "b/two"]);
        let [not_checked] = outcome.not_checked.as_slice() else { panic!("{outcome:?}") };
        assert_eq!(not_checked.rule, "c/needs-mapping");
        assert!(not_checked.reason.to_string().contains("no Okta AWS app export"));
    }

    #[test]
    fn what_is_suppressed_is_neither_counted_nor_reported_and_not_over_the_limit() {
        let mut federation = Federation::default();
        federation.sources.add("groups.csv".to_owned(), 0);
        let error = MappingError::NoFilter;
        let settings = Settings::default();
        let context = Context::new(&federation, Err(&error), &settings);
        let mut asked = 0;
        let outcome = run_but([&MANY, &TWO], &context, &mut |finding| {
            asked += 1;
            let waiver = || Suppression::Waiver {
                reason: "known".to_owned(),
                expires: "2027-01-31".to_owned(),
                file: "rolecall.toml".to_owned(),
                line: 3,
            };
            match finding.subject.as_str() {
                "y" => Some(waiver()),
                _ if finding.primary.place.0 > 5 => Some(Suppression::Baseline),
                _ => None,
            }
        });
        assert_eq!(asked, FINDINGS_SHOWN + 7);
        assert_eq!(outcome.counts, Counts { errors: 1, warnings: 5, notes: 0 });
        assert_eq!((outcome.findings.len(), outcome.hidden()), (6, 0));
        assert_eq!(outcome.cut, []);
        let counts = SuppressedCounts { waived: 1, in_baseline: FINDINGS_SHOWN };
        assert_eq!(outcome.suppressed_counts, counts);
        let first = outcome.suppressed.first().map(|first| first.finding.subject.as_str());
        assert_eq!(first, Some("y"));
    }

    #[test]
    fn findings_added_stand_in_their_order_with_a_fingerprint() {
        let mut outcome = outcome();
        let later = info("b/added", Severity::Error);
        let sources = SourceMap::default();
        outcome.add(&later, vec![finding(later, 1, "z")], &sources, &mut |_| None);
        assert_eq!(outcome.checked, ["a/many", "b/added", "b/two"]);
        assert_eq!(outcome.findings[0].rule, "b/added");
        assert_ne!(outcome.findings[0].fingerprint, Fingerprint::default());
        assert_eq!(outcome.counts.errors, 3);
    }

    static FOLLOWS_TWO: Rule = Rule {
        info: RuleInfo { follows: &["b/two"], ..info("d/follows", Severity::Error) },
        check: |_| {
            let info = &FOLLOWS_TWO.info;
            Ok(vec![
                finding(*info, 1, "x"),
                finding(*info, 2, "z").stems_from("y"),
                finding(*info, 3, "z"),
            ])
        },
    };

    #[test]
    fn what_another_finding_about_the_subject_explains_is_left_out() {
        let federation = Federation::default();
        let error = MappingError::NoFilter;
        let mut settings = Settings::default();
        let lines = |settings: &Settings| -> Vec<u32> {
            let context = Context::new(&federation, Err(&error), settings);
            let outcome = run([&TWO, &FOLLOWS_TWO], &context);
            let of = outcome.findings.iter().filter(|found| found.rule == "d/follows");
            of.map(|found| found.primary.place.0).collect()
        };
        assert_eq!(lines(&settings), [3]);
        // A rule that is off explains nothing.
        settings.levels.insert("b/two".to_owned(), Level::Off);
        assert_eq!(lines(&settings), [1, 2, 3]);
    }

    #[test]
    fn a_level_sets_the_severity_of_every_finding() {
        let federation = Federation::default();
        let error = MappingError::NoFilter;
        let levels = [("b/two".to_owned(), Level::Severity(Severity::Note))].into();
        let settings = Settings { levels, ..Settings::default() };
        let context = Context::new(&federation, Err(&error), &settings);
        assert_eq!(run([&TWO], &context).counts, Counts { notes: 2, ..Counts::default() });
    }

    #[test]
    fn what_is_not_shown_still_counts() {
        let mut outcome = outcome();
        outcome.show_from(Severity::Error);
        assert_eq!(outcome.findings.len(), 2);
        assert_eq!(outcome.counts.worst(), Some(Severity::Error));
        assert_eq!(outcome.hidden(), FINDINGS_SHOWN + 5);
    }
}
