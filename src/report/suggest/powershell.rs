//! Commands of PowerShell's `ActiveDirectory` module.

use super::{CONTROL, Nothing, Suggestion, has_control};
use crate::finding::FixHint;
use crate::text::is_hidden;

/// The command that gives a group another name: the account name and that of the object.
pub(super) fn command(suggestion: &Suggestion<'_>) -> Result<String, Nothing> {
    let (FixHint::RenameGroup { from, to } | FixHint::ProposeName { from, to }) = suggestion.hint
    else {
        return Err(Nothing::OtherTarget);
    };
    let identity = suggestion.entry.map_or(from.as_str(), |entry| entry.dn);
    if [from.as_str(), to, identity].into_iter().any(has_control) {
        return Err(CONTROL);
    }
    let (identity, to) = (literal(identity), literal(to));
    Ok(format!(
        "Get-ADGroup -Identity {identity} | Set-ADGroup -SamAccountName {to} -PassThru | Rename-ADObject -NewName {to}\n"
    ))
}

/// A string in single quotes, in which only quotes mean anything: PowerShell takes five characters for one.
/// What cannot be seen is put together from its number.
fn literal(text: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut seen = String::new();
    for c in text.chars() {
        if is_hidden(c) {
            parts.extend((!seen.is_empty()).then(|| format!("'{}'", std::mem::take(&mut seen))));
            let mut units = [0; 2];
            let units = c.encode_utf16(&mut units).iter();
            parts.extend(units.map(|unit| format!("[char]0x{unit:04X}")));
        } else {
            if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
                seen.push(c);
            }
            seen.push(c);
        }
    }
    if parts.is_empty() {
        return format!("'{seen}'");
    }
    parts.extend((!seen.is_empty()).then(|| format!("'{seen}'")));
    // The empty string makes it a sum of strings whatever comes first.
    format!("('' + {})", parts.join(" + "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quote_that_powershell_knows_is_doubled() {
        assert_eq!(literal("a'b"), "'a''b'");
        assert_eq!(literal("a\u{2019}; calc"), "'a\u{2019}\u{2019}; calc'");
        assert_eq!(literal("$(calc) `n \""), "'$(calc) `n \"'");
        assert_eq!(literal(""), "''");
    }

    #[test]
    fn what_cannot_be_seen_is_written_by_its_number() {
        assert_eq!(literal("a\u{200b}b"), "('' + 'a' + [char]0x200B + 'b')");
        assert_eq!(literal("\u{e0041}"), "('' + [char]0xDB40 + [char]0xDC41)");
    }
}
