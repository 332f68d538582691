//! Captured SAML messages, decoded: for a person, and as JSON.

use std::io::{self, Write};

use anstyle::Style;
use serde::Serialize;

use super::safe_json;
use crate::model::moment::Moment;
use crate::saml::bindings::CaptureError;
use crate::saml::capture::Capture;
use crate::saml::outline::{
    AssertionOutline, ConfirmationOutline, Outline, Said, SignatureOutline, last_part,
};
use crate::saml::xml::XmlError;
use crate::text::Shown;

/// Version of the JSON.
const VERSION: u32 = 1;

/// Columns of a label.
const LABEL: usize = 14;

const BOLD: Style = Style::new().bold();

/// A message to show.
pub(crate) struct Decoded<'c> {
    /// What was captured.
    pub(crate) capture: &'c Capture,
    /// What it says.
    pub(crate) outline: Outline,
    /// `RelayState` as it may be shown.
    pub(crate) relay_state: Option<String>,
    /// Until when anybody who has it can sign in with it, where that is still so.
    pub(crate) usable_until: Option<Moment>,
    /// Whether the message itself may be shown.
    pub(crate) with_secrets: bool,
}

#[derive(Serialize)]
struct Envelope<'d> {
    version: u32,
    messages: Vec<MessageRecord<'d>>,
    unread: Vec<Unread>,
}

#[derive(Serialize)]
struct MessageRecord<'d> {
    file: &'d str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    also: &'d [String],
    binding: &'static str,
    posted_to: Option<&'d str>,
    captured_at: Option<String>,
    relay_state: Option<&'d str>,
    base64_length: Option<usize>,
    usable_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detached: Option<DetachedRecord<'d>>,
    #[serde(flatten)]
    outline: &'d Outline,
    #[serde(skip_serializing_if = "Option::is_none")]
    xml: Option<&'d str>,
}

/// A signature that stands in the address, not verified.
#[derive(Serialize)]
struct DetachedRecord<'d> {
    method: Option<&'d str>,
}

/// A file or a message that could not be read.
#[derive(Debug, Serialize)]
pub(crate) struct Unread {
    file: String,
    line: Option<u32>,
    message: String,
}

impl Unread {
    /// What is no message.
    pub(crate) fn of_capture(error: &CaptureError) -> Self {
        Self { file: error.name.clone(), line: error.line, message: error.problem.to_string() }
    }

    /// A message that is no XML.
    pub(crate) fn of_xml(capture: &Capture, error: &XmlError) -> Self {
        let message = error.problem.to_string();
        Self { file: capture.name.clone(), line: Some(error.at.line), message }
    }
}

/// Writes all messages as one JSON object.
pub(crate) fn json(
    out: &mut dyn Write,
    all: &[Decoded<'_>],
    unread: Vec<Unread>,
) -> io::Result<()> {
    let messages = all.iter().map(|one| MessageRecord {
        file: &one.capture.name,
        also: &one.capture.also,
        binding: one.capture.binding.as_str(),
        posted_to: one.capture.posted_to.as_deref(),
        captured_at: one.capture.captured_at.map(|at| at.to_string()),
        relay_state: one.relay_state.as_deref(),
        base64_length: one.capture.base64_length,
        usable_until: one.usable_until.map(|until| until.to_string()),
        detached: one
            .capture
            .detached
            .as_ref()
            .map(|detached| DetachedRecord { method: detached.algorithm.as_deref() }),
        outline: &one.outline,
        xml: one.with_secrets.then_some(&*one.capture.text),
    });
    safe_json::pretty(out, &Envelope { version: VERSION, messages: messages.collect(), unread })
}

/// Lines of a label and a text.
struct Sheet<'o> {
    out: &'o mut dyn Write,
    indent: usize,
}

impl Sheet<'_> {
    fn line(&mut self, label: &str, text: &str) -> io::Result<()> {
        let indent = self.indent;
        let width = LABEL.saturating_sub(indent);
        writeln!(self.out, "{:indent$}{label:width$}  {}", "", Shown(text))
    }

    fn said(&mut self, label: &str, said: Option<&Said>) -> io::Result<()> {
        said.map_or(Ok(()), |said| self.line(label, &said.value))
    }

    fn all(&mut self, label: &str, all: &[Said]) -> io::Result<()> {
        all.iter().try_for_each(|said| self.line(label, &said.value))
    }
}

/// Writes one message for a person.
pub(crate) fn text(out: &mut dyn Write, one: &Decoded<'_>) -> io::Result<()> {
    let (capture, outline) = (one.capture, &one.outline);
    let (name, kind) = (Shown(&capture.name), Shown(&outline.kind));
    writeln!(out, "{BOLD}{name}{BOLD:#}: {kind} ({})", capture.binding.as_str())?;
    let mut sheet = Sheet { out, indent: 2 };
    if !capture.also.is_empty() {
        sheet.line("also in", &capture.also.join(", "))?;
    }
    if let Some(address) = &capture.posted_to {
        sheet.line("sent to", address)?;
    }
    if let Some(at) = capture.captured_at {
        sheet.line("sent", &at.to_string())?;
    }
    if let Some(state) = &one.relay_state {
        sheet.line("relay state", state)?;
    }
    if let Some(length) = capture.base64_length {
        sheet.line("size", &format!("{length} characters of base64"))?;
    }
    sheet.said("issuer", outline.issuer.as_ref())?;
    sheet.said("issued", outline.issued.as_ref())?;
    sheet.said("destination", outline.destination.as_ref())?;
    sheet.said("in response to", outline.in_response_to.as_ref())?;
    if !outline.status.is_empty() {
        let parts = outline.status.iter().map(|part| match part.value.as_str() {
            code if code.starts_with("urn:") => last_part(code),
            text => text,
        });
        sheet.line("status", &parts.collect::<Vec<_>>().join(", "))?;
    }
    for signature in &outline.signatures {
        sheet.line("signature", &signature_words(signature))?;
    }
    if let Some(detached) = &capture.detached {
        let method = detached.algorithm.as_deref().map_or("no method", last_part);
        sheet.line("signature", &format!("in the address, detached from the message: {method}"))?;
    }
    if !outline.signatures.is_empty() || capture.detached.is_some() {
        sheet.line("", "(not verified here: see `rolecall saml verify`)")?;
    }
    for encrypted in &outline.encrypted {
        let algorithm = encrypted.algorithm.as_deref().map_or("an unnamed algorithm", last_part);
        let key = encrypted.key_algorithm.as_deref().map_or("an unnamed one", last_part);
        let text = format!("line {}: {algorithm}, its key with {key}", encrypted.line);
        sheet.line("encrypted", &text)?;
    }
    outline.assertions.iter().try_for_each(|assertion| assertion_text(sheet.out, assertion))
}

fn signature_words(one: &SignatureOutline) -> String {
    let method = one.method.as_deref().map_or("no method", last_part);
    let digest = one.digest.as_deref().map_or("no digest", last_part);
    let references = one.references.join(", ");
    let certificate = match &one.certificate {
        Some(certificate) => format!(
            "certificate `{}` until {}, SHA-256 {}",
            certificate.subject, certificate.not_after, certificate.sha256
        ),
        None => "no certificate in it".to_owned(),
    };
    format!("in {}, of `{references}`: {method}, {digest}; {certificate}", one.within)
}

fn assertion_text(out: &mut dyn Write, one: &AssertionOutline) -> io::Result<()> {
    writeln!(out, "  Assertion (line {})", one.line)?;
    let mut sheet = Sheet { out, indent: 4 };
    sheet.said("issuer", one.issuer.as_ref())?;
    sheet.said("issued", one.issued.as_ref())?;
    if let Some(subject) = &one.subject {
        let format = one.subject_format.as_deref().map_or("no format", last_part);
        sheet.line("subject", &format!("{} ({format})", subject.value))?;
    }
    let from = one.not_before.as_ref().map(|said| said.value.as_str());
    let end = one.not_on_or_after.as_ref().map(|said| said.value.as_str());
    if from.is_some() || end.is_some() {
        sheet.line("valid", &span(from, end))?;
    }
    for confirmation in &one.confirmations {
        sheet.line("confirmed", &confirmation_words(confirmation))?;
    }
    sheet.all("audience", &one.audiences)?;
    sheet.said("signed in", one.signed_in.as_ref())?;
    sheet.said("session end", one.session_end.as_ref())?;
    sheet.all("session", &one.session_name)?;
    for duration in &one.session_duration {
        sheet.line("duration", &format!("{} s", duration.value))?;
    }
    sheet.all("source", &one.source_identity)?;
    for tag in &one.tags {
        sheet.line("tag", &format!("{} = {}", tag.key, tag.value))?;
    }
    sheet.all("transitive", &one.transitive)?;
    for attribute in &one.attributes {
        let looks = attribute.looks_like.as_ref();
        let looks = looks.map_or(String::new(), |meant| format!(" (looks like `{meant}`)"));
        let text = format!("{}{looks}: {}", attribute.name, attribute.values.join(", "));
        sheet.line("attribute", &text)?;
    }
    for account in &one.accounts {
        writeln!(sheet.out, "    Account: {}", account.account)?;
        let names = account.roles.iter().map(|role| Shown(&role.name).columns()).max();
        let width = names.unwrap_or_default();
        for role in &account.roles {
            let space = width - Shown(&role.name).columns();
            let (name, arn) = (Shown(&role.name), Shown(&role.role));
            writeln!(sheet.out, "      {name}{:space$}  {arn}", "")?;
        }
    }
    for odd in &one.odd_roles {
        sheet.line("no pair", &format!("line {}: `{}`: {}", odd.line, odd.value, odd.problem))?;
    }
    Ok(())
}

fn span(from: Option<&str>, end: Option<&str>) -> String {
    match (from, end) {
        (Some(from), Some(end)) => format!("{from} until {end}"),
        (Some(from), None) => format!("from {from}"),
        (None, Some(end)) => format!("until {end}"),
        (None, None) => String::new(),
    }
}

fn confirmation_words(one: &ConfirmationOutline) -> String {
    let mut parts = vec![one.method.clone().unwrap_or_else(|| "no method".to_owned())];
    parts.extend(one.recipient.as_ref().map(|recipient| format!("to {recipient}")));
    let (from, end) = (one.not_before.as_deref(), one.not_on_or_after.as_deref());
    let span = span(from, end);
    parts.extend(Some(span).filter(|span| !span.is_empty()));
    parts.extend(one.in_response_to.as_ref().map(|id| format!("in response to {id}")));
    parts.join(", ")
}
