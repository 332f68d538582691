//! A picker as AWS's page reads, and what AWS does with each of its roles.

use std::io::{self, Write};

use super::super::wrap::{Pieces, Width};
use super::{VERDICT, counts, style, verdict, write_reasons};
use crate::entitlement::admission::Admission;
use crate::entitlement::picker::{PickerAccount, PickerEntry, RolePicker};
use crate::explain::missing::Missing;
use crate::text::Shown;

/// What the picker of one user is about, beside its entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PickerNotes {
    /// The login.
    pub user: String,
    /// Whether the user gets as far as AWS: able to sign in, and with the app's tile.
    pub reaches_aws: bool,
    /// Why the picker is empty, or what is not known about it; sentences.
    pub notes: Vec<String>,
    /// For an empty picker: the roles the user comes near to.
    pub missing: Vec<Missing>,
    /// What comes of choosing each entry, in the picker's order; empty where nobody asked.
    pub admissions: Vec<Admission>,
}

/// Writes a picker as AWS's page reads.
pub fn picker_text(
    out: &mut dyn Write,
    picker: &RolePicker,
    about: &PickerNotes,
    width: Width,
) -> io::Result<()> {
    let count = picker.entries().count();
    let roles = if count == 1 { "role" } else { "roles" };
    let counts = counts(about.admissions.iter());
    let counts = if counts.is_empty() { counts } else { format!(": {counts}") };
    let says = format!("sees {count} {roles}{counts}");
    Pieces::default().and(0, &about.user).and_prose(1, &says).write(out, width, 0, 2)?;
    let mut rest = about.admissions.as_slice();
    for account in &picker.accounts {
        let (own, others) = rest.split_at_checked(account.entries.len()).unwrap_or_default();
        rest = others;
        writeln!(out)?;
        write!(out, "  ")?;
        Pieces::prose(&account.heading).write(out, width, 2, 4)?;
        write_account(out, account, own, width)?;
    }
    let page = if picker.is_empty() && !about.reaches_aws {
        None
    } else if picker.is_empty() {
        Some(
            "AWS shows an error page: \"Your request included an invalid SAML response. To logout, click here.\"",
        )
    } else if picker.is_skipped() {
        Some("With one role AWS skips the picker and opens the console.")
    } else {
        None
    };
    if page.is_some() || !about.notes.is_empty() {
        writeln!(out)?;
    }
    for line in page.into_iter().chain(about.notes.iter().map(String::as_str)) {
        write!(out, "  ")?;
        Pieces::prose(line).write(out, width, 2, 4)?;
    }
    write_missing(out, about, width)
}

/// The roles of one account: what AWS does with each, names, and ARNs beside them where all have room, else
/// below; then the reasons.
fn write_account(
    out: &mut dyn Write,
    account: &PickerAccount,
    admissions: &[Admission],
    width: Width,
) -> io::Result<()> {
    let rows = || account.entries.iter().map(|entry| (entry, Shown(&entry.pair.role.name)));
    let names = rows().map(|(_, name)| name.columns()).max().unwrap_or(0);
    let marks = if admissions.is_empty() { 0 } else { VERDICT + 2 };
    let indent = 4 + marks + names + 2;
    let columns = |entry: &PickerEntry| Shown(&entry.pair.role.to_string()).columns();
    let beside = rows().all(|(entry, _)| width.fits(indent + columns(entry)));
    for (at, (entry, name)) in rows().enumerate() {
        let mut pieces = Pieces::default().and(0, &entry.pair.role.to_string());
        if entry.ways != 1 {
            pieces = pieces.and(2, &format!("through {} of their groups", entry.ways));
        }
        write!(out, "    ")?;
        if let Some(admission) = admissions.get(at) {
            let (word, style) = (verdict(admission.answer), style(admission.answer));
            write!(out, "{style}{word}{style:#}{:1$}", "", marks - word.len())?;
        }
        if beside {
            let space = names.saturating_sub(name.columns());
            write!(out, "{name}{:space$}  ", "")?;
            pieces.write(out, width, indent, indent)?;
        } else {
            write!(out, "{name}\n      ")?;
            pieces.write(out, width, 6, 6)?;
        }
    }
    let of_roles = account.entries.iter().map(|entry| &*entry.pair.role.name).zip(admissions);
    write_reasons(out, of_roles, 6, width)
}

fn write_missing(out: &mut dyn Write, about: &PickerNotes, width: Width) -> io::Result<()> {
    if about.missing.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  Roles they come near to, and what keeps each out:")?;
    for missing in &about.missing {
        write!(out, "    ")?;
        Pieces::default()
            .and(0, &format!("{}:", missing.role))
            .and_prose(1, &missing.says)
            .write(out, width, 4, 6)?;
        writeln!(
            out,
            "      rolecall why {} {}",
            Shown(&argument(&about.user)),
            Shown(&argument(&missing.role))
        )?;
    }
    Ok(())
}

/// A text as one argument of a shell's command.
fn argument(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "@._+-/:=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_quoted_where_a_shell_would_split_or_run_it() {
        assert_eq!(argument("nora@x.test"), "nora@x.test");
        assert_eq!(argument("Nora Lind"), "'Nora Lind'");
        assert_eq!(argument("o'neil;ls"), "'o'\\''neil;ls'");
    }
}
