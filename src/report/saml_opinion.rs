//! What samael says of a message, as text and as JSON Lines: the fields that [`super::saml_verification`] has, but of
//! what is signed element and ID alone, for samael tells neither line nor key.

use std::io::{self, Write};

use serde::Serialize;

use super::safe_json;
use crate::saml::samael::{Kept, Opinion};
use crate::text::Shown;

#[derive(Serialize)]
struct Line<'o> {
    file: &'o str,
    verdict: &'o str,
    signed: Vec<SignedLine<'o>>,
    reasons: &'o [String],
}

#[derive(Serialize)]
struct SignedLine<'o> {
    element: &'o str,
    id: Option<&'o str>,
}

/// One verdict as a line of JSON.
pub(crate) fn json_line(out: &mut dyn Write, file: &str, found: &Opinion) -> io::Result<()> {
    let signed_line = |kept| {
        let Kept { element, id, .. }: &Kept = kept;
        SignedLine { element, id: id.as_deref() }
    };
    let signed = found.kept.iter().map(signed_line).collect();
    let line = Line { file, verdict: found.verdict.as_str(), signed, reasons: &found.reasons };
    safe_json::line(out, &line)
}

/// One verdict for a person.
pub(crate) fn text(out: &mut dyn Write, file: &str, found: &Opinion) -> io::Result<()> {
    writeln!(out, "{}: samael says {}", Shown(file), found.verdict.as_str())?;
    if let Some(kept) = &found.kept {
        let id = kept.id.as_deref().unwrap_or("without ID");
        writeln!(out, "  signed: {} {}", Shown(&kept.element), Shown(id))?;
        writeln!(
            out,
            "  whether a reader would read another part than this one, samael cannot say"
        )?;
    }
    for reason in &found.reasons {
        writeln!(out, "  {}", Shown(reason))?;
    }
    Ok(())
}
