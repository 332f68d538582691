//! A first look at an input: which format it is, and all it says where it is small.

use std::io::{self, Read};

use super::LoadError;
use crate::model::export::TextEncoding;
use crate::sources::aws::{self, AwsPart};
use crate::sources::batch::Problem;
use crate::sources::code::{self, CodePart};
use crate::sources::decode::Decoded;
use crate::sources::directory::{csvde, google, graph, ldif, powershell, repeated_columns};
use crate::sources::excerpt::secret::quotable;
use crate::sources::input::{Format, Input, Stream};
use crate::sources::limits::{Limit, Limits, OverLimit};
use crate::sources::okta::{self, AppPart};
use crate::sources::plain::PlainReader;
use crate::sources::{json, saml_capture, saml_metadata};
use crate::text::Shown;

/// How much of a file is looked at to recognise it.
pub const HEAD: usize = 64 << 10;

/// How much of it is looked at first.
const BEGINNING: usize = 2 << 10;

/// What a first look at an input gives: its format, and all it says where it was read whole.
pub(super) struct Seen {
    pub(super) format: Format,
    pub(super) whole: Whole,
    pub(super) encoding: TextEncoding,
    /// When it was last changed, in seconds since 1970.
    pub(super) modified: Option<i64>,
    pub(super) repeated: (Vec<String>, u32),
}

pub(super) enum Whole {
    /// To be read record by record.
    No,
    /// To be read whole, beside others.
    Unread,
    Aws {
        part: AwsPart,
        lines: u32,
    },
    App {
        part: AppPart,
        lines: u32,
    },
    Code {
        part: CodePart,
        lines: u32,
    },
    /// The app's own metadata.
    Metadata {
        text: String,
        problems: Vec<Problem>,
        lines: u32,
    },
}

/// Recognises an input; what is small and counts for reading others is read at once.
pub(super) fn look(input: &Input, limits: &Limits) -> Result<Seen, LoadError> {
    let mut stream = open(input)?;
    let modified = stream.modified();
    let mut head = Vec::with_capacity(BEGINNING);
    stream.by_ref().take(BEGINNING as u64).read_to_end(&mut head)?;
    if head.is_empty() {
        return Err(LoadError::Empty);
    }
    // Most AWS dumps show what they are at once, and there are thousands of them.
    let told = input.options.format.or_else(|| recognise(&head, &input.name));
    if let Some(format) = told.filter(|format| format.is_of_aws()) {
        let (encoding, repeated) = (stream.encoding(), Default::default());
        return Ok(Seen { format, whole: Whole::Unread, encoding, modified, repeated });
    }
    stream.by_ref().take((HEAD - BEGINNING) as u64).read_to_end(&mut head)?;
    let format = input.options.format.or_else(|| recognise(&head, &input.name));
    let format = format.ok_or_else(|| {
        if is_empty_list(&head) {
            LoadError::EmptyList
        } else {
            LoadError::Unknown(beginning(&head, input))
        }
    })?;
    let encoding = stream.encoding();
    let table = format.is_table();
    let repeated = if table { repeated_columns(&head, &input.options) } else { Default::default() };
    let whole = match format {
        _ if format.is_of_aws() => Whole::Unread,
        Format::OktaApp | Format::OktaApps => {
            let text = rest(stream, head, limits)?;
            Whole::App { part: okta::read_app(&text), lines: lines(&text) }
        }
        _ if format.is_code() => {
            let text = rest(stream, head, limits)?;
            let part = code::read(format, &text, &input.name, &input.options);
            Whole::Code { part, lines: lines(&text) }
        }
        Format::SamlMetadata => {
            let bytes = whole(stream, head, limits)?;
            let lines = lines(&bytes);
            let (text, problems) = saml_metadata::text_of(&bytes, encoding);
            if aws::is_of_provider(&input.name, &input.options) {
                let mut part = aws::read(format, text.as_bytes(), &input.name, &input.options);
                part.problems.extend(problems);
                Whole::Aws { part, lines }
            } else {
                Whole::Metadata { text, problems, lines }
            }
        }
        _ => Whole::No,
    };
    Ok(Seen { format, whole, encoding, modified, repeated })
}

impl Seen {
    /// Reads what is still to be read whole; `buffer` is used again.
    pub(super) fn read(
        mut self,
        input: &Input,
        limits: &Limits,
        buffer: &mut Vec<u8>,
    ) -> Result<Self, LoadError> {
        if matches!(self.whole, Whole::Unread) {
            if buffer.len() > KEPT {
                *buffer = Vec::new();
            }
            let text = whole_over(buffer, open(input)?, limits)?;
            let (name, options) = (&input.name, &input.options);
            let usual = aws::read_usual(self.format, text, name, options, limits.json_depth);
            let part = if let Some(part) = usual {
                part
            } else {
                aws::read(self.format, not_too_deep(text, limits)?, name, options)
            };
            self.whole = Whole::Aws { part, lines: lines(text) };
        }
        Ok(self)
    }
}

/// Whether a file is a JSON list of nothing.
fn is_empty_list(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut marks = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    head.len() < HEAD && marks.by_ref().eq(b"[]")
}

/// The format that the beginning of a file shows.
pub fn recognise(head: &[u8], name: &str) -> Option<Format> {
    let json = matches!(head.trim_ascii_start().first(), Some(b'{' | b'['));
    // What is named as metadata was meant to be.
    let is_metadata = !json && saml_metadata::looks_like(head, name);
    if !is_metadata && saml_capture::looks_like(head, json) {
        return Some(Format::SamlCapture);
    }
    if json && let Some(format) = recognise_json(head, name) {
        return Some(format);
    }
    if let Some(format) = code::looks_like(head, name) {
        return Some(format);
    }
    if json {
        return None;
    }
    if is_metadata {
        return Some(Format::SamlMetadata);
    }
    if ldif::looks_like(head) {
        return Some(Format::Ldif);
    }
    if csvde::looks_like(head) {
        return Some(Format::Csvde);
    }
    powershell::looks_like(head)
        .or_else(|| okta::looks_like(head, name))
        .or_else(|| PlainReader::detect(&first_line(head)))
}

fn recognise_json(head: &[u8], name: &str) -> Option<Format> {
    let beginning = head.get(..BEGINNING).unwrap_or(head);
    let format = aws::looks_like(beginning, name).or_else(|| aws::looks_like(head, name));
    if let Some(format) = format {
        return Some(format);
    }
    if graph::looks_like(head) {
        return Some(Format::Graph);
    }
    if google::looks_like(head) {
        return Some(Format::Google);
    }
    okta::looks_like(head, name)
}

pub(super) fn open(input: &Input) -> Result<Decoded<Box<dyn Stream>>, LoadError> {
    Ok(Decoded::new((input.open)()?, input.options.encoding.as_deref())?)
}

/// The whole of a file that is read at once.
fn whole(stream: impl Read, mut text: Vec<u8>, limits: &Limits) -> Result<Vec<u8>, LoadError> {
    stream.take(limits.tree_file as u64).read_to_end(&mut text)?;
    if text.len() > limits.tree_file {
        return Err(too_large(limits));
    }
    Ok(text)
}

fn too_large(limits: &Limits) -> LoadError {
    let over = OverLimit::new("a file", Limit::TreeFile, limits.tree_file);
    LoadError::Over { line: 0, over }
}

/// A buffer that is larger than this is not used again.
const KEPT: usize = 4 << 20;

/// The whole of a file that is read at once, over what a buffer holds.
fn whole_over<'b>(
    buffer: &'b mut Vec<u8>,
    mut stream: Decoded<Box<dyn Stream>>,
    limits: &Limits,
) -> Result<&'b [u8], LoadError> {
    let size = stream.size().and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
    let most = limits.tree_file.saturating_add(1);
    let mut filled = 0;
    loop {
        if filled > limits.tree_file {
            return Err(too_large(limits));
        }
        if filled == buffer.len() {
            let room = size.saturating_add(1).max(BEGINNING).max(filled.saturating_mul(2));
            buffer.resize(room.min(most), 0);
        }
        match stream.read(buffer.get_mut(filled..).unwrap_or_default()) {
            Ok(0) => return Ok(buffer.get(..filled).unwrap_or_default()),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The whole of a file, nested no deeper than is allowed where it is JSON; other texts have limits of
/// their own.
fn rest(stream: impl Read, head: Vec<u8>, limits: &Limits) -> Result<Vec<u8>, LoadError> {
    let text = whole(stream, head, limits)?;
    not_too_deep(&text, limits)?;
    Ok(text)
}

fn not_too_deep<'t>(text: &'t [u8], limits: &Limits) -> Result<&'t [u8], LoadError> {
    let json = matches!(text.trim_ascii_start().first(), Some(b'{' | b'['));
    if json && let Some(at) = json::first_too_deep(text, limits.json_depth) {
        let over = OverLimit::new("JSON", Limit::JsonDepth, limits.json_depth);
        let line = lines(text.get(..at).unwrap_or_default());
        return Err(LoadError::Over { line, over });
    }
    Ok(text)
}

fn lines(text: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text).count()).unwrap_or(u32::MAX).saturating_add(1)
}

pub(super) fn first_line(head: &[u8]) -> String {
    let end = memchr::memchr(b'\n', head).unwrap_or(head.len());
    String::from_utf8_lossy(head.get(..end).unwrap_or_default()).into_owned()
}

/// What a file begins with: its text or, where it is none, its first bytes.
fn beginning(head: &[u8], input: &Input) -> String {
    const BYTES: u64 = 16;
    let start = head.get(..120).unwrap_or(head);
    let odd = |c: char| c == '\u{fffd}' || c.is_control() && !c.is_ascii_whitespace();
    let is_text = match std::str::from_utf8(start) {
        Ok(text) => !text.contains(odd),
        // A character may be cut at the end.
        Err(error) => {
            error.error_len().is_none()
                && !String::from_utf8_lossy(start.get(..error.valid_up_to()).unwrap_or_default())
                    .contains(odd)
        }
    };
    let mut bytes = Vec::new();
    if !is_text
        && let Ok(raw) = (input.open)()
        && raw.take(BYTES).read_to_end(&mut bytes).is_ok()
    {
        return bytes.escape_ascii().to_string();
    }
    let text = String::from_utf8_lossy(head.get(..120).unwrap_or(head)).into_owned();
    let text = text.trim();
    // A word alone may be a password.
    let is_word = !text.contains(|c: char| c.is_whitespace() || c == '<' || c == '{' || c == '[');
    let shown =
        if is_word { text.chars().take(2).chain(['…']).collect() } else { quotable(text) };
    Shown(&shown.chars().take(40).collect::<String>()).to_string()
}

/// The beginning of an input, enough to read a header from.
pub(super) fn head_of(input: &Input) -> Result<Vec<u8>, LoadError> {
    let mut head = Vec::new();
    open(input)?.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}
