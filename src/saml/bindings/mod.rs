//! From bytes to messages: XML, base64 in its disguises, forms, addresses, pages, HAR files, exports of
//! SAML-tracer, copied commands, logs. What something is, its content says; names of files say nothing.

mod base64;
mod deflate;
mod encoding;
mod form;
mod html;
mod json;
mod sink;

use std::io::{self, Read};

pub(super) use base64::percent_decoded;
pub use base64::{Base64Problem, LENGTH};
pub use deflate::{DeflateProblem, RATIO};
pub use encoding::EncodingProblem;
pub use json::{DEPTH, FILE, JsonProblem, STRING};
pub use sink::MESSAGES;

use super::capture::{Binding, Capture, is_saml, root_name};
use super::detached::Detached;
use sink::{Sink, Where};

/// Largest file that is not JSON: metadata, a page, a log.
pub const TEXT: u64 = 16 << 20;

/// Shortest run of base64 that is looked at in a log.
const RUN: usize = 64;

/// Why there is no message where one was looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct CaptureError {
    /// The file, and the entry within it.
    pub name: String,
    /// The file's line, where there is one to name.
    pub line: Option<u32>,
    /// What is wrong.
    pub problem: CaptureProblem,
}

/// What is wrong with a file, or with one message in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptureProblem {
    /// It could not be read.
    #[error("cannot be read: {0}")]
    Read(String),
    /// Nothing there.
    #[error("nothing but white space, expected a SAML message")]
    Empty,
    /// Larger than allowed.
    #[error("more than {TEXT} bytes, expected at most that of anything but JSON")]
    TooLarge,
    /// Text of another encoding.
    #[error("{0}")]
    Encoding(EncodingProblem),
    /// The whole file, read as base64.
    #[error("neither XML, JSON, a form nor a page, and read as base64: {0}")]
    Alone(Base64Problem),
    /// The value of a field.
    #[error("`{name}`: {problem}")]
    Value {
        /// `SAMLResponse` or `SAMLRequest`.
        name: &'static str,
        /// What is wrong with it.
        problem: Base64Problem,
    },
    /// JSON.
    #[error("{0}")]
    Json(JsonProblem),
    /// A page of something else.
    #[error("an HTML page without a `SAMLResponse` field, expected one")]
    Page,
    /// A browser's recording of something else.
    #[error("no `SAMLResponse` in {entries} requests{}, expected one", beside(*.requests))]
    Nothing {
        /// How many were looked through.
        entries: usize,
        /// How many carry a `SAMLRequest`.
        requests: usize,
    },
    /// Too many of them.
    #[error("more than {MESSAGES} messages in one file, expected at most that")]
    TooMany,
}

fn beside(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" ({count} with a `SAMLRequest`)") }
}

impl CaptureProblem {
    /// Whether it says that the file is something else altogether, which in a folder is no mistake.
    pub const fn is_foreign(&self) -> bool {
        matches!(self, Self::Empty | Self::Alone(_) | Self::Page | Self::Json(JsonProblem::Foreign))
    }
}

/// A value that may be a message, and what stands beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Carried {
    value: String,
    is_request: bool,
    relay_state: Option<String>,
    /// Where it goes.
    address: Option<String>,
    /// Whether it stands in an address itself.
    is_query: bool,
    /// The signature beside it in that address.
    detached: Option<Detached>,
}

/// Every message of a file, in its order, or why there is none; never nothing at all. One that stands in
/// several places, such as the page and what the page sent, is one message.
pub fn captures(name: &str, input: impl Read) -> Vec<Result<Capture, CaptureError>> {
    let mut sink = Sink::new(name);
    if let Err((problem, line)) = read(input, &mut sink) {
        sink.refuse(None, line, problem);
    }
    sink.finish()
}

type Refusal = (CaptureProblem, Option<u32>);

fn read(mut input: impl Read, sink: &mut Sink) -> Result<(), Refusal> {
    let failed = |error: &io::Error| (CaptureProblem::Read(plain(error)), None);
    let mut bytes = Vec::new();
    // Enough to tell JSON, which may be large, from everything else.
    input.by_ref().take(4096).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if matches!(unmarked.trim_ascii_start(), [b'{' | b'[', ..]) {
        return read_json(unmarked.chain(input), sink);
    }
    let rest = TEXT.saturating_sub(bytes.len() as u64) + 1;
    input.take(rest).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if bytes.len() as u64 > TEXT {
        return Err((CaptureProblem::TooLarge, None));
    }
    if let Some(text) = wide(&bytes) {
        if text.trim_start().starts_with('<') {
            return Err((CaptureProblem::Encoding(EncodingProblem::Utf16), Some(1)));
        }
        return read_text(text, sink);
    }
    let text = encoding::text_of(bytes);
    read_text(text.map_err(|problem| (CaptureProblem::Encoding(problem), None))?, sink)
}

/// Text of a file in UTF-16 with a mark, as Windows writes some.
fn wide(bytes: &[u8]) -> Option<String> {
    let (encoding, mark) = encoding_rs::Encoding::for_bom(bytes)?;
    let is_wide = encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE;
    let content = bytes.get(mark..).filter(|_| is_wide)?;
    Some(encoding.decode_without_bom_handling(content).0.into_owned())
}

fn read_json(input: impl Read, sink: &mut Sink) -> Result<(), Refusal> {
    json::read(input, sink)
        .map_err(|(problem, line)| (CaptureProblem::Json(problem), Some(line)))?;
    if sink.is_empty() {
        let (entries, requests) = (sink.entries, sink.requests);
        return Err((CaptureProblem::Nothing { entries, requests }, None));
    }
    Ok(())
}

fn read_text(text: String, sink: &mut Sink) -> Result<(), Refusal> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.is_empty() {
        return Err((CaptureProblem::Empty, None));
    }
    if start.starts_with(['{', '[']) {
        return read_json(start.as_bytes(), sink);
    }
    if start.starts_with('<') {
        if is_page(start) {
            return read_page(start, sink);
        }
        sink.take_document(text);
        return Ok(());
    }
    let found = form::carried(&text);
    if !found.is_empty() {
        sink.take_all(found, Binding::Post);
        return Ok(());
    }
    if text.contains("SAMLResponse") && text.contains('<') && read_page(&text, sink).is_ok() {
        return Ok(());
    }
    match base64::decode(&text) {
        Ok(decoded) => sink.take_alone(decoded, None),
        Err(problem) if read_log(&text, sink) == 0 => {
            let line = line_of(&text, &problem);
            return Err((CaptureProblem::Alone(problem), line));
        }
        Err(_) => {}
    }
    Ok(())
}

fn is_page(text: &str) -> bool {
    let doctype = "<!doctype html";
    let begins = |text: &str| {
        text.get(..doctype.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(doctype))
    };
    let behind = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    // A document type may say what it likes, the root says what it is.
    let root = root_name(text);
    if root.is_some_and(is_saml) {
        return false;
    }
    begins(text)
        || behind.is_some_and(|(_, rest)| begins(rest.trim_start()))
        || root.is_some_and(html::is_page)
}

fn read_page(page: &str, sink: &mut Sink) -> Result<(), Refusal> {
    let found = html::carried(page);
    if found.is_empty() {
        return Err((CaptureProblem::Page, None));
    }
    sink.take_all(found, Binding::Page);
    Ok(())
}

/// Runs of base64 that are messages, line by line; how many there are.
fn read_log(text: &str, sink: &mut Sink) -> usize {
    let mut count = 0;
    for (number, line) in text.lines().enumerate() {
        let runs = line.split(|c: char| {
            !u8::try_from(c).is_ok_and(|byte| base64::is_base64(byte) || byte == b'%')
        });
        // `key=PHNh…`: what stands before is none of it.
        let runs = runs.map(|run| {
            let end = run.trim_end_matches('=');
            let start = end.rfind('=').map_or(0, |at| at + 1);
            run.get(start..).unwrap_or(run)
        });
        for decoded in
            runs.filter(|run| run.len() >= RUN).filter_map(|run| base64::decode(run).ok())
        {
            count += 1;
            sink.take_alone(decoded, Some(format!("line {}", number + 1)));
        }
    }
    count
}

/// The line of the character that is no base64, where nothing but white space was left out.
fn line_of(text: &str, problem: &Base64Problem) -> Option<u32> {
    let Base64Problem::Character { found, at } = problem else { return None };
    let mut line = 1;
    let mut count = 0;
    for c in text.chars() {
        line += u32::from(c == '\n');
        if !c.is_ascii_whitespace() {
            count += 1;
            if count == *at {
                return (c == *found).then_some(line);
            }
        }
    }
    None
}

/// The operating system's word without its number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

#[cfg(test)]
mod tests;
