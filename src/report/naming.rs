//! What `rolecall naming` says: a proof beside its Group Filter, names and what is wrong with them, a draft.

mod json;

use std::io::{self, Write};

use super::filter::Excerpt;
use super::init::quoted;
use super::wrap::{Pieces, Width};
use crate::explain::naming::{Present, Proof, Proposal};
use crate::finding::Quoted;
use crate::mapping::analysis::Witness;
use crate::mapping::analysis::compare::{Comparison, ReadTwice, Verdict};
use crate::mapping::grammar::{Deviation, Read, Why};
use crate::text::Shown;

pub use json::{checked_json, proof_json};

/// Columns before what is said of a name.
const INDENT: usize = 10;

/// Who would gain and lose a role with the new filter: users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Affected {
    /// Users that would lose one.
    pub lose: usize,
    /// Users that would gain one.
    pub gain: usize,
}

/// A proof with everything that stands beside it.
#[derive(Debug)]
pub struct ProofView<'p> {
    /// The template of the grammar.
    pub template: &'p str,
    /// The proof.
    pub proof: &'p Proof,
    /// The app's filter of today, and whom a change would concern, where it is known.
    pub present: Option<(&'p Present, Affected)>,
}

/// Writes a proof for a person; the filter itself is not in it.
pub fn proof_text(out: &mut dyn Write, view: &ProofView<'_>, width: Width) -> io::Result<()> {
    let ProofView { template, proof, present } = view;
    let bytes = proof.filter.len();
    line(
        out,
        width,
        0,
        &format!("the names of {} as a Group Filter of {bytes} bytes", Quoted(template)),
    )?;
    let real = &proof.real;
    let mark = |holds: bool| if holds { "ok    " } else { "FAILS " };
    let alike = real.names - real.count;
    let says = match real.names {
        0 => "there is no group in these exports to try it on".to_owned(),
        names => format!(
            "grammar and filter read {alike} of {names} real names alike: {} obey, {} do not",
            real.obey,
            names - real.obey
        ),
    };
    line(out, width, 2, &format!("{} {says}", mark(real.count == 0)))?;
    for read in &real.different {
        line(out, width, 4, &twice(read))?;
    }
    more(out, width, real.count, real.different.len())?;
    let equivalent = proof.every.verdict == Verdict::Equivalent;
    line(out, width, 2, &format!("{} {}", mark(equivalent), every(&proof.every)))?;
    for read in &proof.every.names {
        line(out, width, 4, &twice(read))?;
    }
    match present {
        Some((present, affected)) => present_text(out, present, *affected, width),
        None => line(
            out,
            width,
            0,
            "the app's own Group Filter is not exported, so that nothing is held against it",
        ),
    }
}

fn present_text(
    out: &mut dyn Write,
    present: &Present,
    affected: Affected,
    width: Width,
) -> io::Result<()> {
    line(out, width, 0, "against the app's Group Filter of today:")?;
    let parts = [
        (&present.only_now, "taken by today's alone"),
        (&present.only_new, "taken by the new one alone"),
        (&present.otherwise, "read otherwise"),
    ];
    line(out, width, 2, &format!("{} read alike", names(present.same)))?;
    for ((count, shown), says) in parts {
        if *count > 0 {
            line(out, width, 2, &format!("{} {says}", names(*count)))?;
            for name in shown {
                line(out, width, 4, &Quoted(name).to_string())?;
            }
            more(out, width, *count, shown.len())?;
        }
    }
    line(out, width, 2, &every(&present.every))?;
    for read in &present.every.names {
        line(out, width, 4, &twice(read))?;
    }
    let users =
        |count: usize| if count == 1 { "1 user".to_owned() } else { format!("{count} users") };
    let Affected { lose, gain } = affected;
    let says = match (lose, gain) {
        (0, 0) => return line(out, width, 2, "nobody would lose or gain a role"),
        (lose, 0) => format!("{} would lose a role", users(lose)),
        (0, gain) => format!("{} would gain a role", users(gain)),
        (lose, gain) => {
            format!("{} would lose a role, {} would gain one", users(lose), users(gain))
        }
    };
    let how = "`rolecall what-if --group-filter \"$(rolecall naming filter -q)\"` says who";
    line(out, width, 2, &format!("{says}; {how}"))
}

fn names(count: usize) -> String {
    if count == 1 { "1 real name".to_owned() } else { format!("{count} real names") }
}

fn more(out: &mut dyn Write, width: Width, count: usize, shown: usize) -> io::Result<()> {
    match count.saturating_sub(shown) {
        0 => Ok(()),
        more => line(out, width, 4, &format!("and {more} more")),
    }
}

fn every(every: &Comparison) -> String {
    match every.verdict {
        Verdict::Equivalent => "equivalent for every name on one line, by automata".to_owned(),
        Verdict::Different => "not equivalent for every name, by automata, such as".to_owned(),
        Verdict::Undecided(why) => format!("for every name: {why}"),
    }
}

fn twice(read: &ReadTwice) -> String {
    let side = |witness: &Option<Witness>| match witness {
        Some(read) => format!("role {}, account {}", Quoted(&read.role), Quoted(&read.account)),
        None => "no match".to_owned(),
    };
    let (old, new) = (side(&read.old), side(&read.new));
    format!("{}: by the grammar {old}, by the filter {new}", Quoted(&read.name))
}

fn line(out: &mut dyn Write, width: Width, indent: usize, text: &str) -> io::Result<()> {
    write!(out, "{:indent$}", "")?;
    Pieces::prose(text).write(out, width, indent, indent + 2)
}

/// A name held against a grammar.
#[derive(Debug)]
pub struct Checked<'n> {
    /// The name.
    pub name: &'n str,
    /// Its parts, where it obeys.
    pub read: Option<&'n Read>,
    /// What is wrong with it.
    pub deviations: &'n [Deviation],
    /// The name that obeys and is nearest, where one is near.
    pub nearest: Option<&'n str>,
}

/// Writes a name for a person.
pub fn checked_text(out: &mut dyn Write, checked: &Checked<'_>, width: Width) -> io::Result<()> {
    let Checked { name, read, deviations, nearest } = checked;
    if let Some(read) = read {
        writeln!(out, "obeys     {}", Excerpt::around(name, 0).text)?;
        let parts = read.texts(name).into_iter();
        let parts: Vec<String> =
            parts.map(|part| format!("{} {}", part.part, Quoted(part.text))).collect();
        return line(out, width, INDENT, &parts.join(", "));
    }
    let first = deviations.first().map_or(0, |deviation| deviation.range.start);
    let excerpt = Excerpt::around(name, first);
    writeln!(out, "violates  {}", excerpt.text)?;
    for (number, deviation) in deviations.iter().enumerate() {
        let says = format!("{}, expected {}", deviation.says(), deviation.expected);
        if number == 0 {
            // Under the name, where that can be seen whole.
            let marked = Shown(&deviation.found).columns().clamp(1, 64);
            writeln!(out, "{:1$}{2}", "", INDENT + excerpt.column, "^".repeat(marked))?;
        }
        let says = match deviation.why {
            Why::Template => says,
            _ => format!("byte {}: {says}", deviation.range.start),
        };
        line(out, width, INDENT, &says)?;
    }
    match nearest {
        Some(nearest) => line(out, width, INDENT, &format!("nearest: {}", Quoted(nearest))),
        None => Ok(()),
    }
}

/// Writes a draft as the table `[naming]`, what is to be known of it as comments.
pub fn proposal_toml(out: &mut dyn Write, proposal: &Proposal) -> io::Result<()> {
    let Proposal { declaration, names, obey, others, slips } = proposal;
    writeln!(
        out,
        "# Drafted by `rolecall naming propose` from the names there are: {obey} of {names} obey."
    )?;
    for name in others {
        writeln!(out, "# does not: {}", Shown(name))?;
    }
    let shown = others.len();
    if names - obey > shown {
        writeln!(out, "# and {} more", names - obey - shown)?;
    }
    for (slip, meant) in slips {
        writeln!(
            out,
            "# left out as a likely slip: {}, for {}",
            Quoted(&Shown(slip).to_string()),
            Quoted(&Shown(meant).to_string())
        )?;
    }
    writeln!(out, "[naming]")?;
    let texts = [
        ("template", &declaration.template),
        ("alias", &declaration.alias),
        ("role", &declaration.role),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            writeln!(out, "{key} = {}", quoted(text))?;
        }
    }
    let lists = [
        ("aliases", &declaration.aliases),
        ("roles", &declaration.roles),
        ("environments", &declaration.environments),
        ("owners", &declaration.owners),
    ];
    for (key, list) in lists {
        if let Some(list) = list {
            let list: Vec<String> = list.iter().map(|word| quoted(word)).collect();
            writeln!(out, "{key} = [{}]", list.join(", "))?;
        }
    }
    if declaration.known_accounts {
        writeln!(out, "accounts = \"known\"")?;
    }
    Ok(())
}
