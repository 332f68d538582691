//! `rolecall trust decide --cases`: a policy and a request a line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::cli::{CliError, Exit, complain};
use crate::text::Shown;
use crate::trust::{Context, Decision, PolicyError, Presented, Request, TrustPolicy};

/// Longest line that is read, in bytes.
const LINE_LIMIT: usize = 8 << 20;

#[derive(Deserialize)]
struct Case<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    trust_policy: &'a RawValue,
    request: CaseRequest,
}

#[derive(Deserialize)]
struct CaseRequest {
    principal: String,
    actions: Vec<String>,
    #[serde(default)]
    context: serde_json::Map<String, serde_json::Value>,
}

/// Why a line is no case.
#[derive(Debug, Error)]
enum CaseError {
    #[error("over {LINE_LIMIT} bytes, expected a shorter case")]
    TooLong,
    #[error("byte {0} is not UTF-8")]
    NotUtf8(usize),
    #[error("not a case: {0}")]
    NotACase(serde_json::Error),
    #[error("the request has no `actions`, expected one or more")]
    NoActions,
    #[error(
        "condition key `{0}` is neither a string, a number nor a boolean, nor an array of them"
    )]
    Key(String),
}

/// Decides the cases of a file, `-` for standard input.
pub(super) fn run(path: &Path) -> Result<Exit, CliError> {
    let mut out = BufWriter::with_capacity(1 << 18, io::stdout().lock());
    if path.as_os_str() == "-" {
        return decide("standard input", &mut io::stdin().lock(), &mut out);
    }
    let name = path.display().to_string();
    #[expect(clippy::disallowed_methods, reason = "this is where the file is opened")]
    let file = File::open(path).map_err(|error| {
        CliError::Message(format!("`{}` cannot be read: {error}", Shown(&name)))
    })?;
    decide(&name, &mut BufReader::with_capacity(1 << 18, file), &mut out)
}

/// Decides every line; one that is no case is an error of its own, and the rest is still decided.
fn decide(name: &str, input: &mut impl BufRead, out: &mut impl Write) -> Result<Exit, CliError> {
    let mut line = Vec::new();
    let mut exit = Exit::Clean;
    for number in 1_u64.. {
        line.clear();
        let read = read_line(input, &mut line).map_err(|error| {
            CliError::Message(format!("`{}` cannot be read: {error}", Shown(name)))
        })?;
        if !read {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        if let Err(error) = decide_line(&line, out)? {
            complain(&format!("{}:{number}: {}", Shown(name), Shown(&error.to_string())));
            exit = Exit::CouldNotRun;
        }
    }
    out.flush()?;
    Ok(exit)
}

/// Reads a line, of one over the limit its beginning only; false at the end of the input.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    let limit = u64::try_from(LINE_LIMIT + 1).unwrap_or(u64::MAX);
    io::Read::take(&mut *input, limit).read_until(b'\n', line)?;
    if line.len() > LINE_LIMIT && line.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
    }
    Ok(!line.is_empty())
}

fn decide_line(line: &[u8], out: &mut impl Write) -> io::Result<Result<(), CaseError>> {
    let answered = case_in(line).and_then(|case| {
        let request = request_of(&case.request)?;
        Ok((case.id, decision(case.trust_policy, &request)))
    });
    let (id, answer) = match answered {
        Ok(answered) => answered,
        Err(error) => return Ok(Err(error)),
    };
    let (decision, because) = match &answer {
        Ok(decision) => (decision.as_str(), decision.to_string()),
        // Nobody is let in by what cannot be read.
        Err(error) => ("implicit-deny", format!("the policy cannot be read: {error}")),
    };
    let because = serde_json::Value::from(because);
    writeln!(out, r#"{{"id":{id},"decision":"{decision}","because":{because}}}"#)?;
    Ok(Ok(()))
}

fn case_in(line: &[u8]) -> Result<Case<'_>, CaseError> {
    if line.len() > LINE_LIMIT {
        return Err(CaseError::TooLong);
    }
    let text =
        std::str::from_utf8(line).map_err(|error| CaseError::NotUtf8(error.valid_up_to() + 1))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(CaseError::NotACase)
}

/// Reads the policy, which may also stand in a string, and decides.
fn decision(policy: &RawValue, request: &Request) -> Result<Decision, PolicyError> {
    let policy = match serde_json::from_str::<String>(policy.get()) {
        Ok(text) => TrustPolicy::parse(&text),
        Err(_) => TrustPolicy::parse(policy.get()),
    }?;
    Ok(policy.decide(request))
}

fn request_of(request: &CaseRequest) -> Result<Request, CaseError> {
    if request.actions.is_empty() {
        return Err(CaseError::NoActions);
    }
    let mut context = Context::default();
    for (key, value) in &request.context {
        let presented = match value {
            serde_json::Value::Array(items) => {
                items.iter().map(text_of).collect::<Option<Vec<String>>>().map(Presented::Many)
            }
            other => text_of(other).map(Presented::One),
        };
        context.set(key, presented.ok_or_else(|| CaseError::Key(key.clone()))?);
    }
    Ok(Request::new(&request.principal, &request.actions, context))
}

fn text_of(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}
