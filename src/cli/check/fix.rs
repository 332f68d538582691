//! `check --fix`, `--diff` and `--suggest`: what would mend the findings, made, shown, or said.

use std::io::{self, BufWriter, IsTerminal as _, Write};

use clap::{Args, ValueEnum};
use similar::TextDiff;

use super::super::options::SourceArgs;
use super::super::voice::tell;
use super::super::{CliError, warn};
use super::rewrite::{Rewritten, rewrite};
use super::settle::{Kept, Made, Reason, Seen, Settled, Settler};
use crate::finding::{Finding, Quoted};
use crate::report::suggest::{self, Entry, Suggestion};
use crate::rules::settings::Settings;
use crate::rules::{Baseline, Outcome};
use crate::sources::edit::Refusal;
use crate::sources::excerpt::{Excerpts, Field};
use crate::text::Shown;

/// Most fixes that are said not to be made, one by one.
const SAID: usize = 20;

/// What is done about findings that have a fix.
#[derive(Debug, Args)]
pub(super) struct FixArgs {
    /// Mend what is safe to in files of the project's own, then check again; exports are never edited
    #[arg(long, group = "mending", conflicts_with = "write_baseline")]
    fix: bool,
    /// Print what `--fix` would change as a unified diff, and change nothing
    #[arg(long, group = "mending", conflicts_with_all = ["format", "outputs", "write_baseline"])]
    diff: bool,
    /// Print what a person would run for the findings that `--fix` leaves alone; nothing is run
    #[arg(
        long,
        value_enum,
        value_name = "FOR",
        group = "mending",
        conflicts_with_all = ["format", "outputs", "write_baseline"]
    )]
    suggest: Option<Target>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// Change records of a directory
    Ldif,
    /// Commands of the `ActiveDirectory` module
    Powershell,
    /// Commands of `aws`, for a POSIX shell
    Awscli,
    /// Arguments of resources
    Terraform,
}

impl From<Target> for suggest::Target {
    fn from(target: Target) -> Self {
        match target {
            Target::Ldif => Self::Ldif,
            Target::Powershell => Self::PowerShell,
            Target::Awscli => Self::AwsCli,
            Target::Terraform => Self::Terraform,
        }
    }
}

/// Does what is asked about fixes; what was found, where nothing else is to be reported.
pub(super) fn run(
    args: &FixArgs,
    sources: &SourceArgs,
    settings: &Settings,
    baseline: Option<&Baseline>,
) -> Result<Option<Outcome>, CliError> {
    if !args.fix && !args.diff && args.suggest.is_none() {
        return Ok(None);
    }
    let mut settler = Settler::new(sources, settings, baseline);
    // After `--fix` everything is read again, and then its problems are said.
    let loaded =
        if args.fix { sources.read(sources.inputs()?)? } else { sources.load_what_can_be()? };
    let whole = sources.require_whole(&loaded);
    let first = settler.check(loaded);
    let found = first.outcome.clone();
    let settled = settler.settle(first)?;
    if args.fix {
        rewrite(&rewritten(&settled.files))?;
        say_made(&settled.made);
        say_left(&settled);
        return Ok(None);
    }
    whole?;
    if let Some(target) = args.suggest {
        suggestions(target.into(), sources, &settled)?;
    } else {
        diff(&rewritten(&settled.files))?;
        say_left(&settled);
    }
    Ok(Some(found))
}

fn say_made(made: &[Made]) {
    for one in made {
        let places =
            if one.places > 1 { format!(", {} places", one.places) } else { String::new() };
        let change = format!("{} → {}", Quoted(&one.from), Quoted(&one.to));
        let (file, change) = (Shown(&one.file), Shown(&change));
        tell(&format!("fixed {file}:{}: {change} ({}{places})", one.line, one.rule));
    }
}

/// What has a fix and keeps its finding.
fn say_left(settled: &Settled) {
    let findings = &settled.seen.outcome.findings;
    let is = |reason: &Reason, refusal| *reason == Reason::Edit(refusal);
    let count = |refusal| settled.left.iter().filter(|(_, why)| is(why, refusal)).count();
    let (exports, guesses) = (count(Refusal::Export), count(Refusal::Guess));
    let is_counted = |why| is(why, Refusal::Export) || is(why, Refusal::Guess);
    let others: Vec<_> = settled.left.iter().filter(|(_, why)| !is_counted(why)).collect();
    for (index, reason) in others.iter().take(SAID) {
        if let Some(Finding { rule, subject, .. }) = findings.get(*index) {
            let line = format!("not fixed: {rule} {}: {reason}", Quoted(subject));
            tell(&Shown(&line).to_string());
        }
    }
    if let Some(more) = others.len().checked_sub(SAID).filter(|more| *more > 0) {
        tell(&format!("not fixed: {more} more"));
    }
    match guesses {
        0 => {}
        1 => tell("1 finding has a fix that somebody has to choose: see `--suggest`"),
        many => tell(&format!(
            "{many} findings have a fix that somebody has to choose: see `--suggest`"
        )),
    }
    match exports {
        0 => {}
        1 => tell("1 finding has a fix and stands in an export: see `--suggest`"),
        many => tell(&format!("{many} findings have a fix and stand in exports: see `--suggest`")),
    }
}

fn rewritten(files: &[Kept]) -> Vec<Rewritten<'_>> {
    files
        .iter()
        .map(|file| Rewritten { name: &file.name, before: &file.before, now: &file.now })
        .collect()
}

/// The edits as a unified diff: as it is for a file or a program, shown for a terminal.
pub(in crate::cli) fn diff(files: &[Rewritten<'_>]) -> Result<(), CliError> {
    let mut text = Vec::new();
    for file in files.iter().filter(|file| file.before != file.now) {
        let (Ok(before), Ok(now)) =
            (std::str::from_utf8(file.before), std::str::from_utf8(file.now))
        else {
            continue;
        };
        let name = Shown(file.name.trim_start_matches("./")).to_string();
        let name = name.trim_start_matches('/');
        let lines = TextDiff::from_lines(before, now);
        let mut unified = lines.unified_diff();
        unified.header(&format!("a/{name}"), &format!("b/{name}")).to_writer(&mut text)?;
    }
    let mut out = BufWriter::new(io::stdout());
    if io::stdout().is_terminal() {
        for line in String::from_utf8_lossy(&text).lines() {
            writeln!(out, "{}", Shown(line))?;
        }
    } else {
        out.write_all(&text)?;
    }
    out.flush()?;
    Ok(())
}

/// What to run for what is left.
fn suggestions(
    target: suggest::Target,
    sources: &SourceArgs,
    settled: &Settled,
) -> Result<(), CliError> {
    let Seen { outcome, sources: map, formats, .. } = &settled.seen;
    let left: Vec<&Finding> =
        settled.left.iter().filter_map(|(index, _)| outcome.findings.get(*index)).collect();
    let labels = left.iter().map(|finding| &finding.primary);
    let excerpts = Excerpts::read(&sources.inputs()?, formats, map, labels);
    let suggestion = |finding: &&'_ Finding| {
        let excerpt = excerpts.of(&finding.primary);
        let field = excerpt.and_then(|excerpt| excerpt.field.clone());
        (map.resolve(finding.primary.place), field)
    };
    let about: Vec<_> = left.iter().map(suggestion).collect();
    let all: Vec<Suggestion<'_>> = left
        .iter()
        .zip(&about)
        .filter_map(|(finding, (place, field))| {
            let entry = match field {
                Some(Field::Attribute { dn, name }) => {
                    Some(Entry { dn, attribute: name.as_deref() })
                }
                _ => None,
            };
            Some(Suggestion { finding, hint: finding.fix.as_ref()?, place: *place, entry })
        })
        .collect();
    let mut out = BufWriter::new(anstream::stdout());
    let elsewhere = suggest::write(&mut out, target, &all)?;
    out.flush()?;
    match elsewhere {
        0 => {}
        1 => warn(&format!("1 fix is not made with {}", target.as_str())),
        many => warn(&format!("{many} fixes are not made with {}", target.as_str())),
    }
    Ok(())
}
