//! One user's picker, one `why`, one `who`, for a person at a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::answer::steps;
use super::wrap::{Pieces, Width};
use crate::entitlement::picker::{PickerAccount, RolePicker};
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::stage::Answer;
use crate::explain::missing::Missing;
use crate::explain::stages::StageReport;
use crate::explain::who::{Holder, Holders};
use crate::explain::why::Explanation;
use crate::text::{Place, Shown, SourceMap};

const BOLD: Style = Style::new().bold();

/// Columns that the text beside a table's first columns needs; with fewer it goes below them.
const ROOM: usize = 44;

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
    let head = Pieces::default().and(0, &about.user).and_prose(1, &format!("sees {count} {roles}"));
    head.write(out, width, 0, 2)?;
    for account in &picker.accounts {
        writeln!(out)?;
        write!(out, "  ")?;
        Pieces::prose(&account.heading).write(out, width, 2, 4)?;
        write_account(out, account, width)?;
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

/// The roles of one account: names, and ARNs beside them where all have room, else below.
fn write_account(out: &mut dyn Write, account: &PickerAccount, width: Width) -> io::Result<()> {
    let rows = || account.entries.iter().map(|entry| (entry, Shown(&entry.pair.role.name)));
    let names = rows().map(|(_, name)| name.columns()).max().unwrap_or(0);
    let beside = rows()
        .all(|(entry, _)| width.fits(4 + names + 2 + arn_columns(&entry.pair.role.to_string())));
    for (entry, name) in rows() {
        let mut pieces = Pieces::default().and(0, &entry.pair.role.to_string());
        if entry.ways != 1 {
            pieces = pieces.and(2, &format!("through {} of their groups", entry.ways));
        }
        if beside {
            let space = names.saturating_sub(name.columns());
            write!(out, "    {name}{:space$}  ", "")?;
            pieces.write(out, width, 4 + names + 2, 4 + names + 2)?;
        } else {
            write!(out, "    {name}\n      ")?;
            pieces.write(out, width, 6, 6)?;
        }
    }
    Ok(())
}

fn arn_columns(arn: &str) -> usize {
    Shown(arn).columns()
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

/// The word for an answer, and its style.
fn mark(answer: Answer) -> (&'static str, Style) {
    let colored = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    match answer {
        Answer::Holds => ("ok", colored(AnsiColor::Green)),
        Answer::Unknown => ("unknown", colored(AnsiColor::Yellow)),
        Answer::Fails => ("FAILS", colored(AnsiColor::Red).bold()),
    }
}

/// Writes the chain of stages for a person.
///
/// Styled: the writer takes the styles off where they are not wanted.
pub fn why_text(
    out: &mut dyn Write,
    why: &Explanation,
    sources: &SourceMap,
    width: Width,
) -> io::Result<()> {
    let (sees, fails) = match why.first_failure() {
        Some(report) if report.stage.decides_picker() => {
            ("does not see", format!(": the {} stage fails", report.stage))
        }
        Some(report) => {
            ("sees", format!(", but AWS will refuse it: the {} stage fails", report.stage))
        }
        None => ("sees", String::new()),
    };
    let (stop, rest) = fails.split_once(' ').unwrap_or((&fails, ""));
    let mut head = Pieces::default()
        .and(0, &why.user)
        .and_prose(1, sees)
        .and(1, &format!("{}{stop}", why.role));
    if !rest.is_empty() {
        head = head.and_prose(1, rest);
    }
    write!(out, "{BOLD}")?;
    head.write(out, width, 0, 2)?;
    writeln!(out, "{BOLD:#}")?;
    let marks =
        why.stages.iter().map(|report| mark(report.answer).0.len()).max().unwrap_or(0).max(5);
    for report in &why.stages {
        write_stage(out, report, (sources, marks), width)?;
    }
    writeln!(out)?;
    if let Some(change) = &why.change {
        write!(out, "  {BOLD}to mend it:{BOLD:#} ")?;
        Pieces::prose(change).write(out, width, "  to mend it: ".len(), 4)?;
    }
    if !why.other_groups.is_empty() {
        let names: Vec<String> = why.other_groups.iter().map(|name| format!("`{name}`")).collect();
        write!(out, "  ")?;
        let says = format!("also mapped to this role: {}", names.join(", "));
        Pieces::prose(&says).write(out, width, 2, 4)?;
    }
    let unknown: Vec<&str> = why.unknown().map(|report| report.stage.as_str()).collect();
    if !unknown.is_empty() {
        write!(out, "  ")?;
        let says = format!("not known from these exports: {}", unknown.join(", "));
        Pieces::prose(&says).write(out, width, 2, 4)?;
    }
    write!(out, "  ")?;
    Pieces::prose("not decided here: the role's trust policy and the session's limits")
        .write(out, width, 2, 4)
}

/// One stage: mark and name, and what it says beside them, or below where that has no room.
fn write_stage(
    out: &mut dyn Write,
    report: &StageReport,
    (sources, marks): (&SourceMap, usize),
    width: Width,
) -> io::Result<()> {
    let (word, style) = mark(report.answer);
    let space = marks.saturating_sub(word.len());
    write!(out, "  {style}{word}{style:#}{:space$}  ", "")?;
    let beside = 2 + marks + 2 + 10 + 2;
    let indent = if width.fits(beside + ROOM) {
        write!(out, "{:<10}  ", report.stage)?;
        beside
    } else {
        write!(out, "{}\n      ", report.stage)?;
        6
    };
    Pieces::prose(&report.says).write(out, width, indent, indent)?;
    for &place in report.places.iter().filter(|&&place| place != Place::NOWHERE) {
        writeln!(out, "{:indent$}  at {}", "", sources.show(place))?;
    }
    Ok(())
}

/// Writes everybody who sees a role, for a person.
pub fn who_text(
    out: &mut dyn Write,
    role: &str,
    holders: &Holders,
    entitlements: &Entitlements<'_>,
    width: Width,
) -> io::Result<()> {
    let count = holders.holders.len();
    let (users, see) = if count == 1 { ("user", "sees") } else { ("users", "see") };
    Pieces::prose(&format!("{count} {users} {see}")).and(1, role).write(out, width, 0, 2)?;
    let logins =
        holders.holders.iter().map(|holder| Shown(&holder.login).columns()).max().unwrap_or(0);
    let beside = width.fits(2 + logins + 2 + ROOM);
    for holder in &holders.holders {
        let login = Shown(&holder.login);
        let path = chain(holder, entitlements);
        if beside {
            let (space, indent) = (logins.saturating_sub(login.columns()), 2 + logins + 2);
            write!(out, "  {login}{:space$}  ", "")?;
            path.write(out, width, indent, indent)?;
        } else {
            write!(out, "  {login}\n    ")?;
            path.write(out, width, 4, 6)?;
        }
    }
    Ok(())
}

/// The groups from a user's own to the role group, and what else is to be said.
fn chain(holder: &Holder, entitlements: &Entitlements<'_>) -> Pieces {
    let directory = &entitlements.federation.directory;
    let mut pieces = Pieces::default();
    let path = steps(holder.derivation.as_ref().map(|derivation| derivation.path.as_slice()));
    for (at, step) in path.enumerate() {
        let name = directory.group_name(step.group);
        pieces = if at == 0 { pieces.and(0, name) } else { pieces.and(1, &format!("→ {name}")) };
    }
    if holder.ways != 1 {
        pieces = pieces.and(2, &format!("({} ways)", holder.ways));
    }
    if holder.unknown {
        pieces = pieces.and_prose(2, "(if able to sign in and assigned: not known)");
    }
    pieces
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
