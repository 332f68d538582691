//! The kinds of `saml mutate`: a list for people, and the page about them.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::wrap::{Pieces, Width};
use crate::saml::mutate::{CLASSES, Class, Expected, Kind};

/// Every kind with its sentence and what comes of it.
pub(crate) fn list(out: &mut dyn Write, width: Width) -> io::Result<()> {
    for class in CLASSES {
        Pieces::prose(&format!("{}: {}", class.name, class.says)).write(out, width, 0, 2)?;
        for kind in class.kinds {
            write!(out, "  {}: ", kind.name)?;
            let at = kind.name.len() + 4;
            Pieces::prose(&format!("{} ({})", kind.says, outcome(kind)))
                .write(out, width, at, 4)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// What comes of a kind: `rejected by signature/none`.
fn outcome(kind: &Kind) -> String {
    let rules = kind.expected.rules().join(", ");
    match kind.expected {
        Expected::Unread(_) | Expected::Nothing => kind.expected.as_str().to_owned(),
        Expected::Rejected([]) => "rejected by its signature".to_owned(),
        Expected::Noted(_) => format!("told by {rules}"),
        Expected::Rejected(_) | Expected::Refused(_) => {
            format!("{} by {rules}", kind.expected.as_str())
        }
    }
}

/// The page `docs/attacks.md`.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for class in CLASSES {
        page.push_str(&section(class));
    }
    page
}

const HEAD: &str = "\
# Attacks, mistakes and near misses

What `rolecall saml mutate KIND` makes of a valid message, class by class. This page is generated from the table
of kinds: `UPDATE_DOCS=1 cargo test` rewrites it, and a test fails when it is out of date. `fixtures/attacks/` holds
every document of it that is small enough, and a test holds each of them against the last column.

What comes of a document:

- *rejected*: `saml verify` does not accept it, and `saml check` finds an error of the rules named and nothing else;
- *refused*: its signatures hold, and `saml check` finds an error of the rules named and nothing else;
- *told*: its signatures hold, and the rules named find less than an error;
- *not read*: there is no message to judge; `saml check` says why and its exit code is 2, `saml verify` rejects it;
- *valid*: it is accepted, and no rule finds anything.

XML that strict readers refuse is a finding of `signature/doctype`, whatever the reason; what cannot be decoded to
text at all (base64, deflate, encodings other than UTF-8) is not read.
";

fn section(class: &Class) -> String {
    let mut out = String::new();
    let number = class.number.map(|number| format!(" (class {number})")).unwrap_or_default();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "\n## {}{number}\n\nWhat it is: {}.", class.name, class.says);
    if !class.cves.is_empty() {
        let _ = writeln!(out, "\nSeen in {}.", class.cves.join(", "));
    }
    let _ = writeln!(out, "\n| kind | what it makes | what comes of it |\n|---|---|---|");
    for kind in class.kinds {
        let (_, name) = kind.name.split_once('/').unwrap_or(("", kind.name));
        let says = kind.says.replace('|', "\\|");
        let _ = writeln!(out, "| `{name}` | {says} | {} |", result(kind));
    }
    out
}

/// The last column.
fn result(kind: &Kind) -> String {
    let rules: Vec<String> = kind.expected.rules().iter().map(|rule| link(rule)).collect();
    let rules = rules.join(", ");
    let result = match kind.expected {
        Expected::Nothing => "valid".to_owned(),
        Expected::Rejected([]) => "rejected by its signature alone".to_owned(),
        Expected::Rejected(_) => format!("rejected: {rules}"),
        Expected::Refused(_) => format!("refused: {rules}"),
        Expected::Noted(_) => format!("told: {rules}"),
        Expected::Unread(why) => format!("not read: {}", why.replace('|', "\\|")),
    };
    match kind.answer {
        Some(answer) => format!("{result}; AWS says `{answer}`"),
        None => result,
    }
}

fn link(rule: &str) -> String {
    format!("[`{rule}`](rules.md#{rule})")
}
