//! What changed, as a comment on a pull request: every name in a code span, so that none of them is a link, a
//! mention, markup or HTML.

use std::io::{self, Write};

use super::{View, detail, filters, places, summary, tier_word};
use crate::diff::outcome::{Change, Row};
use crate::diff::phrase::{Part, Phrase};
use crate::report::markdown::{Code, Span};

/// Causes that are shown: a comment has a limit.
const CHANGES: usize = 40;

/// Roles that are shown of one cause.
const ROWS: usize = 25;

/// Users that are listed of one role.
const USERS: usize = 50;

/// Writes a comparison as Markdown.
pub fn diff_markdown(out: &mut dyn Write, view: &View<'_>) -> io::Result<()> {
    let diff = view.diff;
    writeln!(out, "### AWS access: {}", summary(diff))?;
    for change in diff.changes.iter().take(CHANGES) {
        write_change(out, view, change)?;
    }
    let more = diff.changes.len().saturating_sub(CHANGES);
    if more > 0 {
        writeln!(out, "\n{more} more causes are not shown.")?;
    }
    if !diff.renamed.is_empty() {
        writeln!(out, "\nUsers with another login:\n")?;
        for (old, new) in diff.renamed.iter().take(ROWS) {
            writeln!(out, "- {} → {}", Span(old), Span(new))?;
        }
        let more = diff.renamed.len().saturating_sub(ROWS);
        if more > 0 {
            writeln!(out, "- and {more} more")?;
        }
    }
    if let Some(filters) = view.filters {
        filters::markdown(out, filters)?;
    }
    if !diff.unknown.is_empty() {
        writeln!(out, "\nNot known:\n")?;
        for says in &diff.unknown {
            writeln!(out, "- {}", outside(says))?;
        }
    }
    Ok(())
}

fn write_change(out: &mut dyn Write, view: &View<'_>, change: &Change) -> io::Result<()> {
    let says = |cause: &crate::diff::outcome::Cause| {
        let places = places(cause.before.as_ref(), cause.after.as_ref());
        let at =
            if places.0.is_empty() { String::new() } else { format!(" ({})", outside(&places)) };
        format!("**{}**{at}", outside(&cause.says))
    };
    let causes: Vec<String> = change.causes.iter().map(says).collect();
    writeln!(out, "\n{}\n", causes.join(" and "))?;
    writeln!(out, "| | Role | Tier | Users | |")?;
    writeln!(out, "|---|---|---|---|---|")?;
    for row in change.rows.iter().take(ROWS) {
        write_row(out, view, row)?;
    }
    let more = change.rows.len().saturating_sub(ROWS);
    if more > 0 {
        writeln!(out, "\n{more} more roles are not shown.")?;
    }
    Ok(())
}

fn write_row(out: &mut dyn Write, view: &View<'_>, row: &Row) -> io::Result<()> {
    let change = row.kind.as_str();
    let tier = row.tier.map_or_else(String::new, |_| format!("**{}**", tier_word(row.tier)));
    let users = match row.users.as_slice() {
        [user] => Code(user).to_string(),
        users if view.users => {
            let listed: Vec<String> =
                users.iter().take(USERS).map(|user| Code(user).to_string()).collect();
            let more = match users.len().saturating_sub(USERS) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("{}: {}{more}", users.len(), listed.join(", "))
        }
        users => users.len().to_string(),
    };
    let detail = escaped(&detail(row));
    writeln!(out, "| {change} | {} | {tier} | {users} | {detail} |", Code(&row.role))
}

/// Our words as they are, names of others as code; in a cell of a table.
fn escaped(phrase: &Phrase) -> String {
    joined(phrase, |name| Code(name).to_string())
}

/// The same outside of tables.
fn outside(phrase: &Phrase) -> String {
    joined(phrase, |name| Span(name).to_string())
}

fn joined(phrase: &Phrase, quoted: impl Fn(&str) -> String) -> String {
    let text = |part: &Part| match part {
        Part::Words(text) => text.clone(),
        Part::Name(text) => quoted(text),
    };
    phrase.0.iter().map(text).collect()
}
