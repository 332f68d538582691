//! Cases as one JSON object, or as JSON Lines.

use std::io::{self, Write};

use serde::Serialize;

use super::super::safe_json;
use super::ExpectView;
use crate::expect::{Case, Coverage, Fact, Miss, Outcome, Verdict};
use crate::text::{Place, SourceMap};

/// Version of the object; it changes when a field changes its meaning or goes.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Envelope<'a> {
    version: u32,
    cases: Vec<CaseRecord<'a>>,
    summary: Summary<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Record<'a> {
    Case {
        version: u32,
        #[serde(flatten)]
        case: CaseRecord<'a>,
    },
    Summary {
        version: u32,
        #[serde(flatten)]
        summary: Summary<'a>,
    },
}

#[derive(Serialize)]
struct CaseRecord<'a> {
    title: &'a str,
    at: Option<PlaceRecord<'a>>,
    verdict: &'static str,
    misses: Vec<MissRecord<'a>>,
    /// Misses beyond those listed.
    more: usize,
}

#[derive(Serialize)]
struct PlaceRecord<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct MissRecord<'a> {
    assertion: &'static str,
    at: Option<PlaceRecord<'a>>,
    verdict: &'static str,
    wanted: &'a str,
    got: &'a str,
    user: Option<&'a str>,
    role: Option<&'a str>,
    stages: Vec<StageRecord<'a>>,
    facts: Vec<FactRecord<'a>>,
    change: Option<&'a str>,
}

#[derive(Serialize)]
struct StageRecord<'a> {
    stage: &'static str,
    answer: &'static str,
    says: &'a str,
    at: Vec<PlaceRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
}

#[derive(Serialize)]
struct FactRecord<'a> {
    says: &'a str,
    at: Vec<PlaceRecord<'a>>,
}

#[derive(Serialize)]
struct Summary<'a> {
    passed: usize,
    failed: usize,
    invalid: usize,
    undecided: usize,
    /// Whether the run fails for its expectations.
    fails: bool,
    coverage: CoverageRecord<'a>,
}

#[derive(Serialize)]
struct CoverageRecord<'a> {
    percent: usize,
    roles: usize,
    covered: usize,
    uncovered: &'a [String],
    accounts: usize,
    uncovered_accounts: &'a [String],
}

/// Writes all cases as one object.
pub(super) fn write(
    out: &mut dyn Write,
    outcome: &Outcome,
    view: &ExpectView<'_>,
) -> io::Result<()> {
    let ExpectView { sources, allow_undecided, .. } = *view;
    let cases = outcome.cases.iter().map(|case| record(case, sources)).collect();
    let summary = summary(outcome, allow_undecided);
    safe_json::pretty(out, &Envelope { version: VERSION, cases, summary })
}

/// Writes a line a case, and one that counts them.
pub(super) fn write_lines(
    out: &mut dyn Write,
    outcome: &Outcome,
    view: &ExpectView<'_>,
) -> io::Result<()> {
    let ExpectView { sources, allow_undecided, .. } = *view;
    for case in &outcome.cases {
        let case = record(case, sources);
        safe_json::line(out, &Record::Case { version: VERSION, case })?;
    }
    let summary = summary(outcome, allow_undecided);
    safe_json::line(out, &Record::Summary { version: VERSION, summary })
}

fn summary(outcome: &Outcome, allow_undecided: bool) -> Summary<'_> {
    let Coverage { roles, covered, uncovered, accounts, uncovered_accounts } = &outcome.coverage;
    Summary {
        passed: outcome.count(Verdict::Passed),
        failed: outcome.count(Verdict::Failed),
        invalid: outcome.count(Verdict::Invalid),
        undecided: outcome.count(Verdict::Undecided),
        fails: outcome.fails(allow_undecided),
        coverage: CoverageRecord {
            percent: outcome.coverage.percent(),
            roles: *roles,
            covered: *covered,
            uncovered,
            accounts: *accounts,
            uncovered_accounts,
        },
    }
}

fn place(sources: &SourceMap, place: Place) -> Option<PlaceRecord<'_>> {
    sources.resolve(place).map(|(file, line)| PlaceRecord { file, line })
}

fn record<'a>(case: &'a Case, sources: &'a SourceMap) -> CaseRecord<'a> {
    CaseRecord {
        title: &case.title,
        at: place(sources, case.place),
        verdict: case.verdict.as_str(),
        misses: case.misses.iter().map(|miss| miss_record(miss, sources)).collect(),
        more: case.more,
    }
}

fn miss_record<'a>(miss: &'a Miss, sources: &'a SourceMap) -> MissRecord<'a> {
    let places = |all: &[Place]| all.iter().filter_map(|&one| place(sources, one)).collect();
    let stages = miss.why.iter().flat_map(|why| &why.stages).map(|report| StageRecord {
        stage: report.stage.as_str(),
        answer: report.answer.as_str(),
        says: &report.says,
        at: places(&report.places),
        error: report.refusal.map(crate::entitlement::refusal::Refusal::text),
    });
    MissRecord {
        assertion: miss.key.as_str(),
        at: place(sources, miss.place),
        verdict: miss.verdict.as_str(),
        wanted: &miss.wanted,
        got: &miss.got,
        user: miss.user.as_deref(),
        role: miss.role.as_deref(),
        stages: stages.collect(),
        facts: miss
            .facts
            .iter()
            .map(|Fact { says, places: all }| FactRecord { says, at: places(all) })
            .collect(),
        change: miss.change.as_deref(),
    }
}
