//! One captured sign-in beside the exports, as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::answer::VERSION;
use super::safe_json;
use super::screen::CapturedMessage;
use crate::entitlement::stage::StageReport;
use crate::explain::captured::Sides;
use crate::text::SourceMap;

#[derive(Serialize)]
struct JsonCaptured<'a> {
    version: u32,
    user: Option<&'a str>,
    named: &'a str,
    message: JsonMessage<'a>,
    roles: Vec<JsonRole<'a>>,
    differences: Vec<JsonDifference<'a>>,
}

#[derive(Serialize)]
struct JsonMessage<'a> {
    name: &'a str,
    /// `holds`, `unknown` or `fails`: whether AWS takes it before any role is looked at.
    answer: &'static str,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    aws_answers: Option<&'a str>,
    signature: JsonSignature<'a>,
    findings: Vec<JsonFinding<'a>>,
}

#[derive(Serialize)]
struct JsonSignature<'a> {
    answer: &'static str,
    says: &'a str,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct JsonRole<'a> {
    role: &'a str,
    /// The message's line that has it.
    sent_line: Option<u32>,
    predicted: Option<bool>,
    explains: Option<JsonStage<'a>>,
    change: Option<&'a str>,
    aws: Vec<JsonStage<'a>>,
}

#[derive(Serialize)]
struct JsonStage<'a> {
    stage: &'static str,
    answer: &'static str,
    says: &'a str,
    places: Vec<JsonPlace<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
}

#[derive(Serialize)]
struct JsonPlace<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct JsonDifference<'a> {
    what: &'a str,
    sent: Option<&'a str>,
    expected: Option<&'a str>,
    likely: Option<&'static str>,
}

fn stage<'a>(report: &'a StageReport, sources: &'a SourceMap) -> JsonStage<'a> {
    let places = report.places.iter().filter_map(|&place| sources.resolve(place));
    JsonStage {
        stage: report.stage.as_str(),
        answer: report.answer.as_str(),
        says: &report.says,
        places: places.map(|(file, line)| JsonPlace { file, line }).collect(),
        error: report.refusal.map(crate::entitlement::refusal::Refusal::text),
    }
}

/// Writes it as one JSON object.
pub fn captured_json(
    out: &mut dyn Write,
    message: &CapturedMessage<'_>,
    sides: &Sides,
    sources: &SourceMap,
) -> io::Result<()> {
    let findings = message.findings.iter().map(|finding| JsonFinding {
        rule: finding.rule,
        severity: finding.severity.as_str(),
        message: &finding.message,
    });
    let roles = sides.roles.iter().map(|one| JsonRole {
        role: &one.role,
        sent_line: one.sent.as_ref().map(|spot| spot.line),
        predicted: one.predicted,
        explains: one.explains.as_ref().map(|report| stage(report, sources)),
        change: one.change.as_deref(),
        aws: one.aws.iter().map(|report| stage(report, sources)).collect(),
    });
    let differences = sides.differences.iter().map(|one| JsonDifference {
        what: &one.what,
        sent: one.sent.as_ref().map(|sent| sent.value.as_str()),
        expected: one.expected.as_deref(),
        likely: one.likely,
    });
    let answer = JsonCaptured {
        version: VERSION,
        user: message.user,
        named: message.named,
        message: JsonMessage {
            name: message.name,
            answer: message.taken().as_str(),
            says: message.says(),
            aws_answers: message.answer(),
            signature: JsonSignature {
                answer: message.signature.0.as_str(),
                says: &message.signature.1,
            },
            findings: findings.collect(),
        },
        roles: roles.collect(),
        differences: differences.collect(),
    };
    safe_json::pretty(out, &answer)
}
