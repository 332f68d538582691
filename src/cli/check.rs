//! `rolecall check`: every rule over everything.

use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::options::SourceArgs;
use super::selection::RuleArgs;
use super::{CliError, Exit, clock};
use crate::entitlement::resolve::Entitlements;
use crate::finding::Severity;
use crate::report::check_text::{View, WIDTH};
use crate::report::{check_json, check_text};
use crate::rules::{Context, Counts, Outcome, all, run as run_rules};
use crate::sources::excerpt::Excerpts;
use crate::sources::input::Input;
use crate::sources::load::Loaded;

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// A folder with a rolecall.toml, or a file or folder of exports as for `--source`
    #[arg(value_name = "DIR")]
    path: Option<PathBuf>,
    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Warning)]
    fail_on: FailOn,
    /// The least severity that is shown; what is not shown still counts
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = Least::Note)]
    min_severity: Least,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Columns to fit the text into [default: those of the terminal, or 100]
    #[arg(long, value_name = "COLUMNS")]
    width: Option<usize>,
    /// The time of the run, for what depends on it: a date, or a date and time [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    sources: SourceArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Findings never do
    Never,
    /// Every finding
    Note,
    /// Warnings and errors
    Warning,
    /// Errors
    Error,
}

impl FailOn {
    fn exit(self, counts: Counts) -> Exit {
        let least = match self {
            Self::Never => return Exit::Clean,
            Self::Note => Severity::Note,
            Self::Warning => Severity::Warning,
            Self::Error => Severity::Error,
        };
        if counts.worst() >= Some(least) { Exit::Findings } else { Exit::Clean }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Least {
    /// Everything
    Note,
    /// Warnings and errors
    Warning,
    /// Errors
    Error,
}

impl From<Least> for Severity {
    fn from(least: Least) -> Self {
        match least {
            Least::Note => Self::Note,
            Least::Warning => Self::Warning,
            Least::Error => Self::Error,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// One JSON object a line and finding, the last one counts
    Jsonl,
}

/// Runs the command: 0 for nothing to fail on, 1 for findings, 2 where nothing could be checked or inputs
/// could not be read whole.
pub(crate) fn run(args: &CheckArgs) -> Result<Exit, CliError> {
    let mut sources = args.sources.clone();
    if let Some(path) = &args.path {
        sources.read_folder(path);
    }
    let (mut settings, _) = args.rules.settings(sources.configuration()?)?;
    let now = clock::at(args.at.as_deref())?.0;
    settings.at = Some(now);
    settings.sign_in.at.get_or_insert(now);
    let loaded = sources.load_what_can_be()?;
    let mapping = sources.try_mapping(&loaded);
    let federation = &loaded.federation;
    let entitlements = mapping.as_ref().map(|mapping| Entitlements::resolve(federation, mapping));
    let context =
        Context::new(federation, entitlements.as_ref().map_err(|error| *error), &settings);
    let mut outcome = run_rules(all(), &context);
    outcome.show_from(args.min_severity.into());

    let excerpts = excerpts(&sources.inputs()?, &loaded, &outcome);
    let width = args.width.unwrap_or_else(terminal_width);
    let view = View { sources: &federation.sources, excerpts: &excerpts, width };
    let mut out = BufWriter::new(anstream::stdout());
    match args.format {
        Format::Text => check_text::write(&mut out, &outcome, &view)?,
        Format::Json => check_json::write(&mut out, &outcome, &view, &settings)?,
        Format::Jsonl => check_json::write_lines(&mut out, &outcome, &view, &settings)?,
    }
    out.flush()?;
    sources.require_whole(&loaded)?;
    if outcome.checked.is_empty() {
        return Err(CliError::Message("nothing was checked: no rule could be".to_owned()));
    }
    let exit = args.fail_on.exit(outcome.counts);
    // The process ends here, and the system takes back all memory at once.
    std::mem::forget(context);
    std::mem::forget(entitlements);
    std::mem::forget(loaded);
    Ok(exit)
}

/// The lines that the findings point at.
pub(super) fn excerpts(inputs: &[Input], loaded: &Loaded, outcome: &Outcome) -> Excerpts {
    let labels = outcome
        .findings
        .iter()
        .flat_map(|finding| std::iter::once(&finding.primary).chain(&finding.related));
    Excerpts::read(inputs, &loaded.formats, &loaded.federation.sources, labels)
}

/// Columns of the terminal that standard output is.
pub(super) fn terminal_width() -> usize {
    let size = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    size.map_or(WIDTH, |(terminal_size::Width(columns), _)| usize::from(columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_fails_from_the_severity_asked_for() {
        let warnings = Counts { warnings: 1, ..Counts::default() };
        assert_eq!(FailOn::Never.exit(warnings), Exit::Clean);
        assert_eq!(FailOn::Note.exit(warnings), Exit::Findings);
        assert_eq!(FailOn::Warning.exit(warnings), Exit::Findings);
        assert_eq!(FailOn::Error.exit(warnings), Exit::Clean);
        assert_eq!(FailOn::Note.exit(Counts::default()), Exit::Clean);
    }
}
