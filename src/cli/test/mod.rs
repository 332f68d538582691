//! `rolecall test`: declared expectations.

mod update;

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::files::{EXPECTATIONS, expectations_in, expectations_text, plain, working_folder};
use super::options::{SignInArgs, SourceArgs};
use super::outputs::FileArgs;
use super::terminal::width;
use super::voice::{Voice, voice};
use super::{CliError, Exit, complain};
use crate::config::read_expectations;
use crate::entitlement::admission::Admissions;
use crate::entitlement::holdings::Holdings;
use crate::entitlement::resolve::Entitlements;
use crate::expect::{Expectation, Judge, Names, Outcome, Tiers, judge};
use crate::model::account::Tier;
use crate::model::arn::RoleArn;
use crate::model::aws::Accounts;
use crate::report::expect::{ExpectFormat, ExpectView, write};
use crate::rules::settings::Settings;
use crate::text::{Shown, SourceMap};

/// Arguments of `test`.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// A folder with a rolecall.toml and files of expectations, or such files: `expectations.toml` and
    /// `*.expect.toml` beside the rolecall.toml where none is named
    #[arg(value_name = "DIR|FILE")]
    paths: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    output: FileArgs,
    /// What cannot be decided, as an export is missing, is no failure
    #[arg(long)]
    allow_undecided: bool,
    /// List roles and accounts that no expectation names
    #[arg(long)]
    coverage: bool,
    /// Fail where expectations name less than so many per cent of the roles that pickers may show
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    coverage_min: Option<u8>,
    /// Write what is into the files: `sees_exactly`, `reached_by_exactly` and `count` that do not hold; with
    /// --user, --role or --group new expectations instead, at the end of the one file named
    #[arg(long, conflicts_with = "outputs")]
    update: bool,
    /// Whose roles to write as an expectation (repeatable)
    #[arg(long, value_name = "USER", requires = "update")]
    user: Vec<String>,
    /// The role whose users to write as an expectation (repeatable)
    #[arg(long, value_name = "ROLE", requires = "update")]
    role: Vec<String>,
    /// The group whose users' roles to write as an expectation (repeatable)
    #[arg(long, value_name = "GROUP", requires = "update")]
    group: Vec<String>,
    #[command(flatten)]
    sign_in: SignInArgs,
    #[command(flatten)]
    sources: SourceArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// One JSON object an expectation and line
    Jsonl,
    /// `JUnit` XML
    Junit,
    /// TAP 14
    Tap,
    /// Annotations of GitHub Actions, at the lines of expectations that do not hold
    Github,
    /// A summary for a pull request or a job
    Markdown,
}

impl From<Format> for ExpectFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
            Format::Jsonl => Self::Jsonl,
            Format::Junit => Self::Junit,
            Format::Tap => Self::Tap,
            Format::Github => Self::Github,
            Format::Markdown => Self::Markdown,
        }
    }
}

/// A file of expectations.
struct ExpectFile {
    path: PathBuf,
    name: String,
    text: String,
    /// Whether a byte order mark stands before the text.
    marked: bool,
}

/// Runs the command: 0 where everything holds, 1 where something does not.
pub(crate) fn run(args: &TestArgs) -> Result<Exit, CliError> {
    args.output.check::<Format>()?;
    let mut sources = args.sources.clone();
    let paths = files(args, &mut sources)?;
    let records = !(args.user.is_empty() && args.role.is_empty() && args.group.is_empty());
    let files = paths.iter().filter(|path| !records || path.exists());
    let files = files.map(|path| read(path)).collect::<Result<Vec<ExpectFile>, CliError>>()?;
    let mut loaded = sources.load()?;
    let expectations = expectations(&files, &mut loaded.federation.sources)?;
    let mapping = sources.mapping(&loaded)?;
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let sign_in = sources.sign_in(&args.sign_in)?;
    let admissions = Admissions::new(&entitlements, &sign_in);
    let holdings =
        Holdings::new(&entitlements).map_err(|error| CliError::Message(error.to_string()))?;
    let configuration = sources.configuration()?;
    let settings = configuration.map_or_else(Settings::default, |found| found.config.settings());
    let tiers = tiers(&settings, &loaded.federation.accounts);
    let exit = if records {
        let names = Names::default();
        let judge = Judge { holdings: &holdings, admissions: &admissions, names: &names };
        update::record(args, &judge, (&paths, &files))?
    } else if args.update {
        let names = Names::of(&expectations, &holdings, &tiers);
        let judge = Judge { holdings: &holdings, admissions: &admissions, names: &names };
        update::in_place(&judge, &expectations, &files, &loaded.federation.sources)?
    } else {
        let outcome = judge(&expectations, &holdings, &admissions, &tiers);
        print(args, &outcome, &loaded.federation.sources)?;
        exit(args, &outcome)
    };
    // The process ends here, and the system takes back all memory at once.
    std::mem::forget((admissions, holdings));
    std::mem::forget(entitlements);
    std::mem::forget(tiers);
    std::mem::forget(loaded);
    Ok(exit)
}

/// Which roles are of a tier, as the rules know them.
fn tiers<'s>(settings: &'s Settings, accounts: &'s Accounts) -> Tiers<'s> {
    let of = |tier: Tier| {
        let holds = move |role: &RoleArn| {
            settings.tiers.holds(tier, Some((accounts, role.account)), &role.name)
        };
        (tier.as_str(), Box::new(holds) as Box<dyn Fn(&RoleArn) -> bool + 's>)
    };
    Tier::ALL.map(of).into()
}

fn exit(args: &TestArgs, outcome: &Outcome) -> Exit {
    let mut exit = Exit::Clean;
    if outcome.fails(args.allow_undecided) {
        exit = Exit::Findings;
    }
    let percent = outcome.coverage.percent();
    if let Some(min) = args.coverage_min.filter(|&min| percent < usize::from(min)) {
        complain(&format!("expectations name {percent}% of the roles, expected {min}%"));
        exit = Exit::Findings;
    }
    exit
}

fn print(args: &TestArgs, outcome: &Outcome, sources: &SourceMap) -> Result<(), CliError> {
    let view = ExpectView {
        sources,
        folder: &working_folder(),
        width: width(),
        verbose: voice() == Voice::Verbose,
        allow_undecided: args.allow_undecided,
        coverage: args.coverage,
    };
    args.output.write_with(args.format, |out, format| write(out, format.into(), outcome, &view))
}

/// The files of expectations: those named, else those beside the configuration or in the folder named.
fn files(args: &TestArgs, sources: &mut SourceArgs) -> Result<Vec<PathBuf>, CliError> {
    let (folders, mut files): (Vec<&PathBuf>, Vec<&PathBuf>) =
        args.paths.iter().partition(|path| path.is_dir());
    let folder = match folders.as_slice() {
        [] => None,
        [one] => {
            sources.read_folder(one);
            Some((*one).clone())
        }
        _ => {
            let message = "several folders, expected one, and files of expectations beside it";
            return Err(CliError::Message(message.to_owned()));
        }
    };
    if !files.is_empty() {
        return Ok(files.drain(..).cloned().collect());
    }
    let folder = match folder {
        Some(folder) => folder,
        None => match sources.configuration()? {
            Some(found) => found.folder.clone(),
            None => PathBuf::new(),
        },
    };
    let found = expectations_in(&folder).map_err(|error| cannot_read(&folder, &error))?;
    if found.is_empty() {
        let target = folder.join(EXPECTATIONS);
        if args.update {
            return Ok(vec![target]);
        }
        let shown = target.display().to_string();
        return Err(CliError::Message(format!(
            "no file of expectations, expected `{}` or `*.expect.toml` beside it; `--update --user USER` writes one",
            Shown(&shown)
        )));
    }
    Ok(found)
}

fn cannot_read(path: &Path, error: &io::Error) -> CliError {
    let shown = path.display().to_string();
    CliError::Message(format!("`{}` cannot be read: {}", Shown(&shown), plain(error)))
}

fn read(path: &Path) -> Result<ExpectFile, CliError> {
    let text = expectations_text(path).map_err(|error| cannot_read(path, &error))?;
    let (text, marked) = match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest.to_owned(), true),
        None => (text, false),
    };
    Ok(ExpectFile { path: path.to_path_buf(), name: path.display().to_string(), text, marked })
}

/// What all files expect; each becomes a source of places.
fn expectations(
    files: &[ExpectFile],
    sources: &mut SourceMap,
) -> Result<Vec<Expectation>, CliError> {
    let mut all = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let lines = u32::try_from(file.text.lines().count()).unwrap_or(u32::MAX);
        let source = sources.append(file.name.clone(), lines);
        let place = |line: usize| sources.place(source, u32::try_from(line).unwrap_or(u32::MAX));
        let found = read_expectations(&file.text, number, &place).map_err(|error| {
            CliError::Message(format!("{}:{}: {error}", Shown(&file.name), error.line))
        })?;
        all.extend(found);
    }
    Ok(all)
}
