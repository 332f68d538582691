//! What signatures prove of a message, as text and as JSON Lines.

use std::io::{self, Write};

use serde::Serialize;

use super::safe_json;
use crate::saml::decrypt::{DecryptError, Opened};
use crate::saml::detached::{DetachedProblem, DetachedProof};
use crate::saml::verify::{KeyOrigin, Reason, Signed, Verdict, Verification};
use crate::text::Shown;

/// What is proven of a message, and of the assertion in it that a key was given to open.
#[derive(Debug)]
pub(crate) struct Verified {
    /// Why there is no message at all.
    pub(crate) unread: Option<String>,
    /// Of the message as it was sent.
    pub(crate) outer: Verification,
    /// Of what was encrypted in it, where a key was given.
    pub(crate) opened: Option<Result<Opened, DecryptError>>,
    /// Of the signature that its address carries, where there is one.
    pub(crate) detached: Option<Result<DetachedProof, DetachedProblem>>,
}

impl Verified {
    /// Of what is no message.
    pub(crate) fn unread(why: String) -> Self {
        Self { unread: Some(why), ..Self::of(Verification::rejected(Vec::new())) }
    }

    /// Of a message in which nothing was opened and beside which nothing stands.
    pub(crate) fn of(outer: Verification) -> Self {
        Self { unread: None, outer, opened: None, detached: None }
    }

    /// What comes of it all. A key that opens nothing changes nothing; nor does a signature of the address
    /// that verifies, as no reader of the message sees it, but one that does not speaks against it.
    pub(crate) fn verdict(&self) -> Verdict {
        match &self.opened {
            _ if self.is_broken_beside() => Verdict::Reject,
            Some(Ok(opened)) => opened.verdict,
            _ => self.outer.verdict,
        }
    }

    fn is_broken_beside(&self) -> bool {
        matches!(&self.detached, Some(Err(problem)) if *problem != DetachedProblem::NoKey)
    }

    fn signed(&self) -> Vec<SignedLine<'_>> {
        let inner = self.inner().into_iter().flat_map(|inner| &inner.signed);
        let outer = self.outer.signed.iter().map(|one| signed_line(one, false));
        outer.chain(inner.map(|one| signed_line(one, true))).collect()
    }

    fn beside(&self) -> impl Iterator<Item = String> {
        self.detached.iter().map(beside)
    }

    fn inner(&self) -> Option<&Verification> {
        let opened = self.opened.as_ref()?.as_ref().ok()?;
        Some(&opened.inner)
    }

    /// Everything that speaks against it, and why it could not be opened.
    fn reasons(&self) -> Vec<String> {
        let outer = self.outer.reasons.iter().map(reason);
        let mut all: Vec<String> = self.unread.iter().cloned().chain(outer).collect();
        if let Some(inner) = self.inner().filter(|_| self.verdict() == Verdict::Reject) {
            let within = |one: &Reason| format!("within the encrypted assertion, {}", reason(one));
            all.extend(inner.reasons.iter().map(within));
        }
        match &self.opened {
            Some(Err(DecryptError::NotEncrypted) | Ok(_)) | None => {}
            Some(Err(error)) => all.push(error.to_string()),
        }
        all.extend(self.beside().filter(|_| !self.verdict().is_fine()));
        all
    }
}

/// What a signature of the address proves, in words.
pub(crate) fn beside(found: &Result<DetachedProof, DetachedProblem>) -> String {
    match found {
        Ok(DetachedProof { algorithm, key }) => format!(
            "the address carries a detached signature: `{}` by the key of {key}, over the parameters as sent; no \
             reader of the message alone sees it, and it does not count here",
            algorithm.name()
        ),
        Err(problem) => format!("the address carries a detached signature: {problem}"),
    }
}

#[derive(Serialize)]
struct Line<'v> {
    file: &'v str,
    verdict: &'v str,
    signed: Vec<SignedLine<'v>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detached: Option<&'static str>,
    reasons: Vec<String>,
}

#[derive(Serialize)]
struct SignedLine<'v> {
    element: &'v str,
    id: Option<&'v str>,
    line: u32,
    key: &'v str,
    #[serde(skip_serializing_if = "is_false")]
    encrypted: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// One verdict as a line of JSON.
pub(crate) fn json_line(out: &mut dyn Write, file: &str, found: &Verified) -> io::Result<()> {
    let verdict = found.verdict().as_str();
    let detached = found.detached.as_ref().map(|found| match found {
        Ok(_) => "valid",
        Err(DetachedProblem::NoKey) => "unknown",
        Err(_) => "invalid",
    });
    let (signed, reasons) = (found.signed(), found.reasons());
    safe_json::line(out, &Line { file, verdict, signed, detached, reasons })
}

fn signed_line(one: &Signed, encrypted: bool) -> SignedLine<'_> {
    SignedLine {
        element: &one.element,
        id: one.id.as_deref(),
        line: one.at.line,
        key: match &one.key {
            KeyOrigin::Known(label) => label,
            KeyOrigin::Embedded => "embedded",
        },
        encrypted,
    }
}

fn reason(one: &Reason) -> String {
    format!("line {}: {}", one.at.line, one.problem)
}

/// One verdict for a person.
pub(crate) fn text(out: &mut dyn Write, file: &str, found: &Verified) -> io::Result<()> {
    writeln!(out, "{}: {}", Shown(file), words(found.verdict()))?;
    for one in found.signed() {
        let id = one.id.unwrap_or("without ID");
        let whose = match one.key {
            "embedded" => "by the key it carries itself".to_owned(),
            label => format!("by the key of {}", Shown(label)),
        };
        let place = if one.encrypted { " of what was encrypted" } else { "" };
        let (element, line) = (Shown(one.element), one.line);
        writeln!(out, "  signed: {element} {} (line {line}{place}), {whose}", Shown(id))?;
    }
    if found.verdict().is_fine() {
        for one in found.beside() {
            writeln!(out, "  {}", Shown(&one))?;
        }
    }
    for one in found.reasons() {
        writeln!(out, "  {}", Shown(&one))?;
    }
    Ok(())
}

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "accepted: a known key signed what is read",
        Verdict::AcceptEmbeddedKeyOnly => {
            "not proven: it verifies only with the key that it carries itself, which anybody can make"
        }
        Verdict::NeedsDecryption => {
            "not proven: its assertion is encrypted, and no signature stands outside it"
        }
        Verdict::Unsigned => "metadata without a signature",
        Verdict::Reject => "rejected",
    }
}
