//! `rolecall test --update`: what is becomes what is expected, and every change is said.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::files::{plain, write_beside};
use super::super::{CliError, Exit, lookup};
use super::{ExpectFile, TestArgs};
use crate::config::{blocks, edited, read_expectations};
use crate::expect::record::{Becomes, Recorded, Update, of_group, of_role, of_user, updates};
use crate::expect::{Expectation, Judge, Kind, Names, Select, Selector};
use crate::text::{Place, Shown, SourceMap};

/// Changes lists and numbers that do not hold where they stand.
pub(super) fn in_place(
    judge: &Judge<'_>,
    expectations: &[Expectation],
    files: &[ExpectFile],
    sources: &SourceMap,
) -> Result<Exit, CliError> {
    let all = updates(judge, expectations);
    let mut out = io::stdout().lock();
    let mut changed = 0;
    for (number, file) in files.iter().enumerate() {
        let first = expectations.iter().position(|one| one.file == number).unwrap_or(0);
        let own: Vec<Expectation> =
            expectations.iter().filter(|one| one.file == number).cloned().collect();
        let of_file = all.iter().filter(|update| {
            expectations.get(update.expectation).is_some_and(|one| one.file == number)
        });
        let of_file: Vec<Update> = of_file
            .map(|update| Update { expectation: update.expectation - first, ..update.clone() })
            .collect();
        if of_file.is_empty() {
            continue;
        }
        let text = edited(&file.text, &own, &of_file)
            .map_err(|error| CliError::Message(format!("{}: {error}", Shown(&file.name))))?;
        for update in &of_file {
            changed += usize::from(say(&mut out, &own, update, sources)?);
        }
        if text != file.text {
            write(file, &text)?;
        }
    }
    let what = if changed == 1 { "list or number" } else { "lists and numbers" };
    writeln!(out, "{changed} {what} changed; everything else stays as it is: run `rolecall test`")?;
    Ok(Exit::Clean)
}

/// Says what changes; whether anything does.
fn say(
    out: &mut dyn Write,
    expectations: &[Expectation],
    update: &Update,
    sources: &SourceMap,
) -> Result<bool, CliError> {
    let Some(expectation) = expectations.get(update.expectation) else { return Ok(false) };
    let (Kind::OfUsers { assertions, .. } | Kind::OfRoles { assertions, .. }) = &expectation.kind
    else {
        return Ok(false);
    };
    let Some(assertion) = assertions.get(update.assertion) else { return Ok(false) };
    let (place, key) = (sources.show(assertion.place), assertion.key.as_str());
    let title = expectation.title();
    writeln!(out, "{place}: {key} of {}", Shown(&title))?;
    match &update.becomes {
        Becomes::Stays(why) => {
            writeln!(out, "  not changed: {}", Shown(why))?;
            return Ok(false);
        }
        Becomes::Count(count) => writeln!(out, "  becomes {count}")?,
        Becomes::List { added, removed, .. } => {
            for one in removed {
                writeln!(out, "  - {}", Shown(one))?;
            }
            for one in added {
                writeln!(out, "  + {}", Shown(one))?;
            }
        }
    }
    Ok(true)
}

/// Writes what is of the users, roles and groups named as new expectations.
pub(super) fn record(
    args: &TestArgs,
    judge: &Judge<'_>,
    (paths, files): (&[PathBuf], &[ExpectFile]),
) -> Result<Exit, CliError> {
    let [path] = paths else {
        let message = "several files of expectations, expected the one to write to: name it";
        return Err(CliError::Message(message.to_owned()));
    };
    let recorded = recorded(args, judge)?;
    let text = blocks(&recorded);
    // What is written has to be read back.
    let read = read_expectations(&text, 0, &|_| Place::NOWHERE);
    let read = read.map_err(|error| {
        CliError::Message(format!("a name here cannot be written as an expectation: {error}"))
    })?;
    let file = files.first();
    let before = file.map(|file| file.text.as_str()).unwrap_or_default();
    let gap = match before {
        "" => "",
        before if before.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let whole = format!("{before}{gap}{text}");
    let target = ExpectFile {
        path: path.clone(),
        name: path.display().to_string(),
        text: String::new(),
        marked: file.is_some_and(|file| file.marked),
    };
    write(&target, &whole)?;
    let mut out = io::stdout().lock();
    for one in &recorded {
        if let Recorded::NotKnown { of, why } = one {
            writeln!(out, "nothing is written of `{}`: {}", Shown(of), Shown(why))?;
        }
    }
    let count = read.len();
    let what = if count == 1 { "expectation" } else { "expectations" };
    writeln!(
        out,
        "{count} {what} written to `{}`: read them before you keep them",
        Shown(&target.name)
    )?;
    Ok(Exit::Clean)
}

fn recorded(args: &TestArgs, judge: &Judge<'_>) -> Result<Vec<Recorded>, CliError> {
    let holdings = judge.holdings;
    let directory = &holdings.entitlements.federation.directory;
    let mut all = Vec::new();
    for name in &args.user {
        all.push(of_user(judge, lookup::user(directory, name)?));
    }
    for text in &args.role {
        let query = lookup::role(text)?;
        let roles = holdings.named(text);
        if roles.is_empty() {
            let near = query.nearest_roles(holdings.entitlements);
            let offer = near.first().map(|near| format!("; the nearest: `{}`", Shown(near)));
            let (shown, offer) = (Shown(text), offer.unwrap_or_default());
            return Err(CliError::Message(format!(
                "no account has, and no group maps to, `{shown}`{offer}"
            )));
        }
        all.extend(roles.iter().map(|&role| of_role(holdings, role)));
    }
    for name in &args.group {
        let selector =
            Selector { what: Select::Group(name.clone()), place: Place::NOWHERE, span: 0..0 };
        let kind = Kind::OfUsers {
            who: vec![selector.clone()],
            except: Vec::new(),
            assertions: Vec::new(),
        };
        let asked = Expectation { name: None, place: Place::NOWHERE, file: 0, kind };
        let names = Names::of(&[asked], holdings, &std::collections::BTreeMap::new());
        let users =
            names.users(&selector).map_err(|why| CliError::Message(Shown(why).to_string()))?;
        all.push(of_group(holdings, name, users));
    }
    Ok(all)
}

fn write(file: &ExpectFile, text: &str) -> Result<(), CliError> {
    let failed =
        |why: &str| CliError::Message(format!("`{}` cannot be written: {why}", Shown(&file.name)));
    if is_link(&file.path) {
        return Err(failed("it is a link, expected the file itself"));
    }
    let mark = if file.marked { "\u{feff}" } else { "" };
    write_beside(&file.path, format!("{mark}{text}").as_bytes())
        .map_err(|error| failed(&plain(&error)))
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.file_type().is_symlink())
}
