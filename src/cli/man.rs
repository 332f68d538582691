//! `rolecall man`: manual pages, one a command, from the same tables as the help.
#![expect(clippy::disallowed_methods, reason = "`man --out` writes files")]

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use super::files::plain;
use super::{CliError, Exit, NAME, command};
use crate::entitlement::near::nearest;
use crate::text::Shown;

/// Arguments of `man`.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The command whose page is printed, such as `saml check`; without one, that of rolecall itself
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    path: Vec<String>,
    /// Write every page into a folder: rolecall.1, rolecall-check.1, rolecall-saml-check.1, …
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &ManArgs) -> Result<Exit, CliError> {
    let mut root = command().disable_help_subcommand(true);
    root.build();
    let Some(folder) = &args.out else {
        let page = page(&named(&root, &args.path)?, &manual_name(&args.path))?;
        io::stdout().lock().write_all(&page)?;
        return Ok(Exit::Clean);
    };
    create(folder)?;
    let mut pages = Vec::new();
    gather(&root, &mut Vec::new(), &mut pages)?;
    for (name, page) in &pages {
        let file = folder.join(format!("{name}.1"));
        fs::write(&file, page).map_err(|error| cannot_write(&file, &error))?;
    }
    writeln!(
        io::stdout().lock(),
        "{} pages in {}",
        pages.len(),
        Shown(&folder.display().to_string())
    )?;
    Ok(Exit::Clean)
}

fn create(folder: &Path) -> Result<(), CliError> {
    fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))
}

fn cannot_write(path: &Path, error: &io::Error) -> CliError {
    let path = path.display().to_string();
    CliError::Message(format!("`{}` cannot be written: {}", Shown(&path), plain(error)))
}

/// The command that a path such as `saml check` names.
fn named(root: &Command, path: &[String]) -> Result<Command, CliError> {
    let mut found = root;
    for part in path {
        found = found.find_subcommand(part).ok_or_else(|| no_command(found, part))?;
    }
    Ok(found.clone())
}

fn no_command(within: &Command, part: &str) -> CliError {
    let known = || within.get_subcommands().map(Command::get_name);
    let expected = match nearest(part, known(), 1).first() {
        Some(near) => format!("`{near}`"),
        None if known().next().is_none() => "nothing more".to_owned(),
        None => format!("one of {}", known().collect::<Vec<_>>().join(", ")),
    };
    let (part, within) = (Shown(part), within.get_bin_name().unwrap_or(NAME));
    CliError::Message(format!("`{within}` has no command `{part}`, expected {expected}"))
}

/// `rolecall-saml-check`.
fn manual_name(path: &[String]) -> String {
    std::iter::once(NAME).chain(path.iter().map(String::as_str)).collect::<Vec<_>>().join("-")
}

/// The pages of a command and of those below it.
fn gather(
    command: &Command,
    path: &mut Vec<String>,
    pages: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), CliError> {
    let name = manual_name(path);
    pages.push((name.clone(), page(command, &name)?));
    for below in command.get_subcommands() {
        path.push(below.get_name().to_owned());
        gather(below, path, pages)?;
        path.pop();
    }
    Ok(())
}

fn page(command: &Command, name: &str) -> Result<Vec<u8>, CliError> {
    let mut page = Vec::new();
    let words = name.replace('-', " ");
    // A page is called with dashes, the command with spaces.
    let command = command.clone().display_name(name).bin_name(words);
    Man::new(command).title(name).render(&mut page)?;
    Ok(page)
}
