//! JSON of browsers as a stream: HAR, exports of SAML-tracer, an object with the field itself. Only the
//! strings that may carry a message are ever held, one entry at a time.

mod gate;
mod shapes;

use std::io::{BufReader, Read};

use serde::de::DeserializeSeed as _;

pub use gate::{DEPTH, FILE, STRING};

use super::Sink;
use gate::Gate;
use shapes::Root;

/// How much is read at once.
const CHUNK: usize = 64 << 10;

/// Why JSON is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonProblem {
    /// Nested too deep.
    #[error("nested deeper than {DEPTH} levels, expected fewer")]
    TooDeep,
    /// Larger than allowed.
    #[error("more than {FILE} bytes, expected at most that")]
    TooLarge,
    /// No JSON.
    #[error("{0}")]
    IllFormed(String),
    /// It could not be read.
    #[error("cannot be read: {0}")]
    Read(String),
    /// JSON of something else.
    #[error(
        "JSON without `log` or `requests`, expected a HAR file, an export of SAML-tracer or an object \
         with `SAMLResponse`"
    )]
    Foreign,
}

/// Reads a stream and hands on every message in it; what is wrong, and at which line.
pub(super) fn read(input: impl Read, sink: &mut Sink) -> Result<(), (JsonProblem, u32)> {
    let mut gate = Gate::new(input);
    let reader = BufReader::with_capacity(CHUNK, &mut gate);
    let mut json = serde_json::Deserializer::from_reader(reader);
    let mut is_known = false;
    let read = Root { sink, is_known: &mut is_known }.deserialize(&mut json);
    let read = read.and_then(|()| json.end());
    let line = |error: &serde_json::Error| u32::try_from(error.line()).unwrap_or(u32::MAX);
    match read {
        Ok(()) if is_known => Ok(()),
        Ok(()) => Err((JsonProblem::Foreign, 1)),
        Err(error) => {
            let line = line(&error);
            drop(json);
            let problem = gate.problem.take().unwrap_or_else(|| {
                if error.is_io() {
                    JsonProblem::Read(error.to_string())
                } else {
                    JsonProblem::IllFormed(words(&error))
                }
            });
            Err((problem, line))
        }
    }
}

/// A library's message without the place, which is told apart, and without the value, which may be a secret.
fn words(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "the file ends within its JSON".to_owned();
    }
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(&*text, |(text, _)| text);
    let found = text.strip_prefix("invalid type: ").or(text.strip_prefix("invalid value: "));
    match found.and_then(|found| found.rsplit_once(", expected ")) {
        Some((found, expected)) => {
            let kind = found.split(['"', '`']).next().unwrap_or_default().trim_end();
            let expected = if expected.starts_with("struct ") { "an object" } else { expected };
            format!("found {kind}, expected {expected}")
        }
        None => text.to_owned(),
    }
}
