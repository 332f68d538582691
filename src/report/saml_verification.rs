//! What signatures prove of a message, as text and as JSON Lines.

use std::io::{self, Write};

use serde::Serialize;

use super::safe_json;
use crate::saml::verify::{KeyOrigin, Reason, Signed, Verdict, Verification};
use crate::text::Shown;

#[derive(Serialize)]
struct Line<'v> {
    file: &'v str,
    verdict: &'v str,
    signed: Vec<SignedLine<'v>>,
    reasons: Vec<String>,
}

#[derive(Serialize)]
struct SignedLine<'v> {
    element: &'v str,
    id: Option<&'v str>,
    line: u32,
    key: &'v str,
}

/// One verdict as a line of JSON.
pub(crate) fn json_line(out: &mut dyn Write, file: &str, found: &Verification) -> io::Result<()> {
    let line = Line {
        file,
        verdict: found.verdict.as_str(),
        signed: found.signed.iter().map(signed_line).collect(),
        reasons: found.reasons.iter().map(reason).collect(),
    };
    safe_json::line(out, &line)
}

fn signed_line(one: &Signed) -> SignedLine<'_> {
    SignedLine {
        element: &one.element,
        id: one.id.as_deref(),
        line: one.at.line,
        key: match &one.key {
            KeyOrigin::Known(label) => label,
            KeyOrigin::Embedded => "embedded",
        },
    }
}

fn reason(one: &Reason) -> String {
    format!("line {}: {}", one.at.line, one.problem)
}

/// One verdict for a person.
pub(crate) fn text(out: &mut dyn Write, file: &str, found: &Verification) -> io::Result<()> {
    writeln!(out, "{}: {}", Shown(file), words(found.verdict))?;
    for one in &found.signed {
        let id = one.id.as_deref().unwrap_or("without ID");
        let key = match &one.key {
            KeyOrigin::Known(label) => format!("key of {}", Shown(label)),
            KeyOrigin::Embedded => "the key it carries itself".to_owned(),
        };
        writeln!(
            out,
            "  signed: {} {} (line {}), by {key}",
            Shown(&one.element),
            Shown(id),
            one.at.line
        )?;
    }
    for one in &found.reasons {
        writeln!(out, "  {}", Shown(&reason(one)))?;
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
