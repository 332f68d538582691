//! `rolecall init`: a configuration for a folder of exports.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::files::{inputs, plain, write_beside};
use super::{CliError, Exit};
use crate::config::{Config, FILE_NAME};
use crate::entitlement::role_group::RoleGroups;
use crate::explain::survey::{File, entries, missing};
use crate::mapping::settings::{Mapping, Overrides};
use crate::model::account::AccountId;
use crate::model::export::TextEncoding;
use crate::model::federation::Federation;
use crate::report::init::{Survey, write_config, write_missing};
use crate::sources::batch::Loss;
use crate::sources::input::SourceOptions;
use crate::sources::load::{Loaded, load};
use crate::text::Shown;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The folder of exports
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Overwrite a rolecall.toml that is there
    #[arg(long)]
    force: bool,
    /// Print the configuration instead of writing it
    #[arg(long)]
    stdout: bool,
}

/// Runs the command.
pub(crate) fn run(args: &InitArgs) -> Result<Exit, CliError> {
    let folder = &args.folder;
    let target = folder.join(FILE_NAME);
    let (shown, name) = (folder.display().to_string(), target.display().to_string());
    if !folder.is_dir() {
        let message = format!("`{}` is no folder, expected one with exports", Shown(&shown));
        return Err(CliError::Message(message));
    }
    if !args.force && !args.stdout && fs::symlink_metadata(&target).is_ok() {
        let message = format!("`{}` is there already; `--force` overwrites it", Shown(&name));
        return Err(CliError::Message(message));
    }
    let loaded = load(inputs(folder, &SourceOptions::default())?);
    let files = files_of(folder, &loaded);
    let entries = entries(&files);
    if entries.is_empty() {
        let message = format!(
            "none of the {} files in `{}` is an export known here",
            files.len(),
            Shown(&shown)
        );
        return Err(CliError::Message(message));
    }
    let formats = loaded.formats.iter().map(|(_, format)| *format).collect();
    let missing = missing(&loaded.federation, &formats, &mapped_accounts(&loaded.federation));
    let passed_over: Vec<String> =
        files.iter().filter(|file| file.format.is_none()).map(|file| file.path.clone()).collect();
    let survey = Survey {
        entries: &entries,
        passed_over: &passed_over,
        app: loaded.federation.app.as_ref(),
        missing: &missing,
    };
    let mut text = Vec::new();
    write_config(&mut text, &survey)?;
    check(&text)?;
    let mut out = io::stdout().lock();
    if args.stdout {
        out.write_all(&text)?;
        return Ok(Exit::Clean);
    }
    write_beside(&target, &text).map_err(|error| {
        CliError::Message(format!("`{}` cannot be written: {}", Shown(&name), plain(&error)))
    })?;
    let exports = files.len() - passed_over.len();
    writeln!(out, "{exports} exports are named in `{}`.", Shown(&name))?;
    for file in &passed_over {
        writeln!(out, "Passed over, no export known here: {}", Shown(file))?;
    }
    writeln!(out)?;
    write_missing(&mut out, &missing)?;
    let command = format!("rolecall check {}", Shown(&shown));
    writeln!(out, "\nNext:\n\n  {command}\n")?;
    writeln!(out, "and, where only what is new is to fail from now on:\n")?;
    writeln!(out, "  {command} --write-baseline known.jsonl")?;
    writeln!(out, "  {command} --baseline known.jsonl")?;
    if loaded.federation.app.is_some() {
        writeln!(out, "\nand, for a `[naming]` that says what names are made of:\n")?;
        writeln!(out, "  rolecall naming propose --source {}", Shown(&shown))?;
    }
    Ok(Exit::Clean)
}

/// Every file that was read, with what became of it; its path relative to the folder.
fn files_of(folder: &Path, loaded: &Loaded) -> Vec<File> {
    let sources = &loaded.federation.sources;
    let mut files: Vec<File> = sources
        .names()
        .zip(0..)
        .map(|(name, number)| {
            let path = Path::new(name).strip_prefix(folder).unwrap_or(Path::new(name));
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            let of = |source: crate::text::SourceId| source.0 == number;
            let format = loaded.formats.iter().find(|(source, _)| of(*source));
            let export = loaded.federation.exports.iter().find(|export| of(export.source));
            let encoding = export.and_then(|export| match export.encoding {
                TextEncoding::Utf8 | TextEncoding::Told => None,
                TextEncoding::MarkedUtf8 => Some("utf-8"),
                TextEncoding::Utf16Le => Some("utf-16le"),
                TextEncoding::Utf16Be => Some("utf-16be"),
            });
            let lost = |loss: Loss| loss == Loss::File;
            let problem = loaded.problems.iter().find(|found| of(found.source) && lost(found.loss));
            File {
                path: parts.join("/"),
                format: format.map(|(_, format)| *format),
                encoding,
                problem: problem.map(|problem| problem.message.clone()),
            }
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The accounts that the names of groups give.
fn mapped_accounts(federation: &Federation) -> BTreeSet<AccountId> {
    let Ok(mapping) = Mapping::new(federation.app.as_ref(), &Overrides::default()) else {
        return BTreeSet::new();
    };
    let groups = RoleGroups::read(federation, &mapping);
    groups.mapped.iter().filter_map(|group| AccountId::parse(&group.account).ok()).collect()
}

/// What is written has to be read back.
fn check(text: &[u8]) -> Result<(), CliError> {
    let text = String::from_utf8_lossy(text);
    let read = Config::parse(&text);
    read.map(|_| ()).map_err(|error| {
        let message = format!("a name here cannot be written to {FILE_NAME}: {error}");
        CliError::Message(message)
    })
}
