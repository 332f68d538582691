//! What a person would run to mend findings that stand in exports: LDIF, PowerShell, the AWS command line,
//! Terraform. Nothing is run here.
//!
//! Names come from outside. Each target has one writer of literals that no text can leave; what holds control
//! characters is not suggested, and said.

use std::io::{self, Write};

use crate::finding::{Finding, FixHint};
use crate::text::Shown;

mod awscli;
mod ldif;
mod powershell;
mod terraform;

/// What suggestions are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Change records, RFC 2849: `ldapmodify`, `ldifde`.
    Ldif,
    /// The `ActiveDirectory` module.
    PowerShell,
    /// `aws`, in a POSIX shell.
    AwsCli,
    /// Arguments of resources.
    Terraform,
}

impl Target {
    /// Every target.
    pub const ALL: [Self; 4] = [Self::Ldif, Self::PowerShell, Self::AwsCli, Self::Terraform];

    /// Its name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ldif => "ldif",
            Self::PowerShell => "powershell",
            Self::AwsCli => "awscli",
            Self::Terraform => "terraform",
        }
    }
}

/// A finding, the change it would have, and what is known of where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Suggestion<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The change.
    pub hint: &'a FixHint,
    /// File and line.
    pub place: Option<(&'a str, u32)>,
    /// The directory entry, where an LDIF export has it.
    pub entry: Option<Entry<'a>>,
}

/// A directory entry.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its distinguished name.
    pub dn: &'a str,
    /// The attribute that holds what is wrong.
    pub attribute: Option<&'a str>,
}

/// Why there is nothing to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nothing {
    /// Such a change is not made this way.
    OtherTarget,
    /// It has to be made by hand, for a reason.
    ByHand(&'static str),
}

/// Why a text with control characters is not written.
const CONTROL: Nothing = Nothing::ByHand("it holds control characters, which no command should");

/// Writes what there is to run; how many findings it is not the place for.
pub fn write(
    out: &mut dyn Write,
    target: Target,
    suggestions: &[Suggestion<'_>],
) -> io::Result<usize> {
    let mut elsewhere = 0;
    let mut first = true;
    for suggestion in suggestions {
        let text = match target {
            Target::Ldif => ldif::change(suggestion),
            Target::PowerShell => powershell::command(suggestion),
            Target::AwsCli => awscli::command(suggestion),
            Target::Terraform => terraform::argument(suggestion),
        };
        if text == Err(Nothing::OtherTarget) {
            elsewhere += 1;
            continue;
        }
        if !std::mem::take(&mut first) {
            writeln!(out)?;
        }
        comment(out, suggestion)?;
        match text {
            Ok(text) => write!(out, "{text}")?,
            Err(Nothing::ByHand(why)) => writeln!(out, "# not suggested: {why}")?,
            Err(Nothing::OtherTarget) => {}
        }
    }
    Ok(elsewhere)
}

/// The rule, what it is about and where that stands: every target takes `#` for a comment up to the end of
/// the line, and a shown text has no line end.
fn comment(out: &mut dyn Write, suggestion: &Suggestion<'_>) -> io::Result<()> {
    let Finding { rule, subject, also, .. } = suggestion.finding;
    writeln!(out, "# {}: {}", Shown(rule), Shown(subject))?;
    if let Some((file, line)) = suggestion.place {
        writeln!(out, "# {}:{line}", Shown(file))?;
    }
    if matches!(suggestion.hint, FixHint::ProposeName { .. }) {
        writeln!(out, "# a proposal: make sure that this is the name meant")?;
    }
    if let FixHint::ReplaceInPolicy { role, from, to, .. } = suggestion.hint {
        writeln!(out, "# {} for {}", Shown(to), Shown(from))?;
        if let Some(account) = &role.account {
            writeln!(out, "# in account {}", Shown(account))?;
        }
        let arns = also.iter().filter(|other| other.contains(":role/") && **other != *subject);
        for other in arns.filter(|other| !subject.starts_with(other.as_str())) {
            writeln!(out, "# {} needs it, too", Shown(other))?;
        }
    }
    Ok(())
}

/// Whether a text holds a character that acts on a reader of lines or a terminal.
fn has_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

/// JSON of ASCII characters alone: what is beyond is escaped, and so is what cannot be seen.
fn ascii_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\n' | ' '..='~' => out.push(c),
            '\t' | '\r' => out.push(' '),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // A string takes everything.
                    let _ = std::fmt::Write::write_fmt(&mut out, format_args!("\\u{unit:04x}"));
                }
            }
        }
    }
    out
}

/// The line that ends a policy that is written between lines.
const END: &str = "POLICY";

/// A policy between lines that end it, or nothing where a line of its own would.
fn between_lines(json: &str) -> Result<String, Nothing> {
    let json = ascii_json(json.trim());
    if json.lines().any(|line| line.trim() == END) {
        return Err(Nothing::ByHand("the policy holds a line that would end it early"));
    }
    Ok(format!("{json}\n{END}\n"))
}

#[cfg(test)]
mod tests;
