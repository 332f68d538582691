//! Everybody who sees a role, for a person, and what AWS does with each of them.

use std::io::{self, Write};

use super::super::answer::steps;
use super::super::wrap::{Pieces, Width};
use super::{ROOM, VERDICT, counts, style, verdict, write_reasons};
use crate::entitlement::resolve::Entitlements;
use crate::explain::who::{Holder, Holders};
use crate::text::Shown;

/// Writes everybody who sees a role, for a person.
pub fn who_text(
    out: &mut dyn Write,
    role: &str,
    holders: &Holders,
    entitlements: &Entitlements<'_>,
    width: Width,
) -> io::Result<()> {
    if !entitlements.federation.directory.members_stated() {
        let says = "not known who sees";
        let why = "no export lists any user's memberships";
        return Pieces::prose(says)
            .and(1, &format!("{role}:"))
            .and_prose(1, why)
            .write(out, width, 0, 2);
    }
    let count = holders.holders.len();
    let (users, see) = if count == 1 { ("user", "sees") } else { ("users", "see") };
    let counts = counts(holders.holders.iter().map(|holder| &holder.admission));
    let mut head = Pieces::prose(&format!("{count} {users} {see}"));
    head = if counts.is_empty() {
        head.and(1, role)
    } else {
        head.and(1, &format!("{role}:")).and_prose(1, &counts)
    };
    head.write(out, width, 0, 2)?;
    let logins =
        holders.holders.iter().map(|holder| Shown(&holder.login).columns()).max().unwrap_or(0);
    let marks = VERDICT + 2;
    let beside = width.fits(2 + marks + logins + 2 + ROOM);
    for holder in &holders.holders {
        let login = Shown(&holder.login);
        let path = chain(holder, entitlements);
        let (word, style) = (verdict(holder.admission.answer), style(holder.admission.answer));
        write!(out, "  {style}{word}{style:#}{:1$}", "", marks - word.len())?;
        if beside {
            let (space, indent) = (logins.saturating_sub(login.columns()), 2 + marks + logins + 2);
            write!(out, "{login}{:space$}  ", "")?;
            path.write(out, width, indent, indent)?;
        } else {
            write!(out, "{login}\n    ")?;
            path.write(out, width, 4, 6)?;
        }
    }
    let named = holders.holders.iter().map(|holder| (&*holder.login, &holder.admission));
    write_reasons(out, named, 2, width)
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
