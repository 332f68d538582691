//! The review for a person: one paragraph a distinct trust, then every role where that is asked for.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{View, clause, examples, findings, head, label, party, plural, reached, sessions};
use crate::explain::trust_review::{Origin, Reviewed, Trust, TrustStatement, Trusted};
use crate::finding::{Quoted, Severity};
use crate::report::check_text::suppressed_words;
use crate::report::wrap::{Pieces, Width};
use crate::text::{Place, Shown};

const BOLD: Style = Style::new().bold();

/// Distinct trusts that are shown.
const TRUSTS: usize = 50;

/// Roles without a trust that are shown by name.
const NAMED: usize = 10;

/// Principals of a statement that are shown; JSON has all.
const PARTIES: usize = 20;

/// Columns of the words at the left.
const LEFT: usize = 10;

/// Writes a review for a person.
pub fn review_text(out: &mut dyn Write, view: &View<'_>, width: Width) -> io::Result<()> {
    let review = view.review;
    let sum = view.sum(0..review.roles.len());
    let distinct = plural(review.trusts.len(), "distinct trust", "distinct trusts");
    write!(out, "{BOLD}")?;
    Pieces::prose(&format!("{}: {distinct}", head(&sum))).write(out, width, 0, 2)?;
    write!(out, "{BOLD:#}")?;
    let saml = review.trusts.iter().filter(|trust| trust.trusts_saml());
    let (only, doors): (Vec<&Trust>, Vec<&Trust>) =
        saml.partition(|trust| trust.other_doors().is_empty());
    let count = |trusts: &[&Trust]| trusts.iter().map(|trust| trust.roles.len()).sum::<usize>();
    let readable = review.trusts.iter().map(|trust| trust.roles.len()).sum::<usize>();
    let (only, doors) = (count(&only), count(&doors));
    let others = readable - only - doors;
    for (count, what) in [
        (only, "with SAML providers alone"),
        (doors, "with a SAML provider and other doors"),
        (others, "without a SAML provider"),
        (
            view.without_trust(true).count(),
            "with a policy that cannot be read, which lets nobody in",
        ),
        (view.without_trust(false).count(), "with a policy that is not known"),
    ] {
        if count > 0 {
            writeln!(out, "  {count:>7}  {what}")?;
        }
    }
    if let Some(words) = suppressed_words(view.suppressed) {
        writeln!(out, "  findings: {words}")?;
    }
    write_found(out, view, width)?;
    for (number, trust) in review.trusts.iter().enumerate().take(TRUSTS) {
        write_trust(out, view, (number, trust), width)?;
    }
    if let Some(more) = review.trusts.len().checked_sub(TRUSTS).filter(|&more| more > 0) {
        writeln!(out, "\n{more} more distinct trusts are not shown; `--format json` has all")?;
    }
    write_without(out, view, true, width)?;
    write_without(out, view, false, width)?;
    if view.all { write_roles(out, view) } else { Ok(()) }
}

/// How many trusts have findings, and how to see these alone, where others stand among them.
fn write_found(out: &mut dyn Write, view: &View<'_>, width: Width) -> io::Result<()> {
    let trusts = &view.review.trusts;
    let has = |trust: &&Trust| trust.roles.iter().any(|role| view.findings.contains_key(role));
    let found = trusts.iter().filter(has).count();
    if found == 0 || found == trusts.len() {
        return Ok(());
    }
    let have = if found == 1 { "trust has" } else { "trusts have" };
    let says = format!("{found} {have} findings; `--with-findings` shows these alone");
    write!(out, "\n  ")?;
    Pieces::prose(&says).write(out, width, 2, 4)
}

fn write_trust(
    out: &mut dyn Write,
    view: &View<'_>,
    (number, trust): (usize, &Trust),
    width: Width,
) -> io::Result<()> {
    let sum = view.sum(trust.roles.iter().copied());
    let title = format!("trust {}", number + 1);
    write!(out, "\n{BOLD}")?;
    Pieces::default().and(0, &title).and_prose(2, &head(&sum)).write(out, width, 0, 2)?;
    write!(out, "{BOLD:#}")?;
    for statement in &trust.statements {
        write_statement(out, statement, width)?;
    }
    for fault in &trust.faults {
        line(out, "IAM", &Pieces::prose(&format!("would refuse it: {fault}")), width)?;
    }
    let found = findings(&sum);
    if !found.is_empty() {
        line(out, "findings", &Pieces::prose(&found.join(", ")), width)?;
    }
    for finding in view.reasons(trust) {
        line(out, "because", &Pieces::prose(&finding.message), width)?;
        if let Some(help) = finding.help.first() {
            line(out, "help", &Pieces::prose(help), width)?;
        }
    }
    let sessions = sessions(&sum);
    if !sessions.is_empty() {
        line(out, "sessions", &Pieces::prose(&format!("up to {sessions}")), width)?;
    }
    if let Some(reached) = reached(&sum) {
        let each = if sum.roles == 1 { "" } else { " each" };
        line(out, "reached by", &Pieces::prose(&format!("{reached}{each}")), width)?;
    }
    let (names, more) = examples(view, trust);
    let mut pieces = Pieces::default();
    let last = names.len().saturating_sub(1);
    for (at, name) in names.iter().enumerate() {
        let comma = if at < last { "," } else { "" };
        pieces = pieces.and(usize::from(at > 0), &format!("{name}{comma}"));
    }
    if more > 0 {
        pieces = pieces.and_prose(1, &format!("and {more} more"));
    }
    line(out, if more > 0 { "such as" } else { "roles" }, &pieces, width)
}

fn write_statement(
    out: &mut dyn Write,
    statement: &TrustStatement,
    width: Width,
) -> io::Result<()> {
    let effect = if statement.denies { "denies" } else { "lets in" };
    if let Some(broken) = &statement.broken {
        return line(out, effect, &Pieces::prose(&format!("nobody: {broken}")), width);
    }
    let but = if statement.not_principal { "everybody but " } else { "" };
    let mut parties: Vec<(&str, String)> =
        statement.principals.iter().map(|(kind, name)| party((kind, name))).collect();
    parties.sort();
    if parties.is_empty() {
        line(out, effect, &Pieces::prose(&format!("{but}nobody")), width)?;
    }
    for (at, (kind, name)) in parties.iter().take(PARTIES).enumerate() {
        let left = if at == 0 { effect } else { "" };
        let mut pieces = Pieces::prose(&format!("{but}{kind}"));
        if name != "*" {
            pieces = pieces.and(1, &short(name));
        }
        line(out, left, &pieces, width)?;
    }
    if let Some(more) = parties.len().checked_sub(PARTIES).filter(|&more| more > 0) {
        line(out, "", &Pieces::prose(&format!("and {more} more")), width)?;
    }
    let but = if statement.not_action { "everything but " } else { "" };
    let actions: Vec<String> = statement.actions.iter().map(|action| short(action)).collect();
    line(out, "", &Pieces::prose(&format!("for {but}{}", actions.join(", "))), width)?;
    for condition in &statement.conditions {
        let (head, values) = clause(condition);
        let pieces = Pieces::default().and(0, "where").and(1, &short(&head)).and_prose(1, &values);
        line(out, "", &pieces, width)?;
    }
    Ok(())
}

/// A text whose middle is left out where it is long, without the backticks.
fn short(text: &str) -> String {
    Quoted(text).to_string().trim_matches('`').to_owned()
}

fn line(out: &mut dyn Write, left: &str, pieces: &Pieces, width: Width) -> io::Result<()> {
    write!(out, "  {left:<LEFT$}  ")?;
    pieces.write(out, width, LEFT + 4, LEFT + 6)
}

fn write_without(
    out: &mut dyn Write,
    view: &View<'_>,
    unreadable: bool,
    width: Width,
) -> io::Result<()> {
    let count = view.without_trust(unreadable).count();
    if count == 0 {
        return Ok(());
    }
    let what = if unreadable {
        "whose policy cannot be read, which lets nobody in"
    } else {
        "whose policy is not known"
    };
    writeln!(out, "\n{BOLD}{} {what}{BOLD:#}", plural(count, "role", "roles"))?;
    for (role, why) in view.without_trust(unreadable).take(NAMED) {
        write!(out, "  ")?;
        let pieces = Pieces::default().and(0, &format!("{}:", label(role))).and_prose(1, why);
        pieces.write(out, width, 2, 4)?;
        if role.place != Place::NOWHERE {
            writeln!(out, "    at {}", view.sources.show(role.place))?;
        }
    }
    match count.checked_sub(NAMED) {
        Some(more) if more > 0 => writeln!(out, "  and {more} more"),
        _ => Ok(()),
    }
}

/// Every role in a line of its own.
fn write_roles(out: &mut dyn Write, view: &View<'_>) -> io::Result<()> {
    writeln!(out, "\n{BOLD}every role{BOLD:#}")?;
    let labels: Vec<String> = view.review.roles.iter().map(label).collect();
    let columns = labels.iter().map(|label| Shown(label).columns()).max().unwrap_or(0).min(48);
    for (number, (role, label)) in view.review.roles.iter().zip(&labels).enumerate() {
        let shown = Shown(label);
        let space = columns.saturating_sub(shown.columns());
        write!(out, "  {shown}{:space$}  {}", "", trust_word(role))?;
        for part in role_parts(role) {
            write!(out, "  {part}")?;
        }
        if let Some(found) = view.findings.get(&number) {
            for severity in Severity::ALL {
                let count = found.iter().filter(|finding| finding.severity == severity).count();
                if count > 0 {
                    let style = style_of(severity);
                    let many = format!("{severity}s");
                    let text = plural(count, severity.as_str(), &many);
                    write!(out, "  {style}{text}{style:#}")?;
                }
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn trust_word(role: &Reviewed<'_>) -> String {
    match role.trusted {
        Trusted::By(at) => format!("trust {:<4}", at + 1),
        Trusted::Unreadable(_) => "unreadable".to_owned(),
        Trusted::Unknown(_) => "not known ".to_owned(),
    }
}

fn role_parts(role: &Reviewed<'_>) -> Vec<String> {
    let mut parts = Vec::new();
    if role.admin {
        parts.push("admin".to_owned());
    }
    if let Origin::Declared(by, _) = role.origin {
        parts.push(by.to_string());
    }
    if let Some(seconds) = role.max_session_duration {
        parts.push(format!("{seconds} s"));
    }
    if let Some(reach) = role.reach {
        let users = plural(reach.users, "user", "users");
        let groups = plural(reach.management_groups, "management group", "management groups");
        parts.push(format!("{users}, {groups}"));
    }
    parts
}

fn style_of(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
    };
    Style::new().fg_color(Some(color.into()))
}
