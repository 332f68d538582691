//! `rolecall saml check`: the rules about sign-ins, over captured messages.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::keys::{KeyArgs, OpenArgs, trusted};
use crate::cli::check::{ReportArgs, Sources, problems, report_unread};
use crate::cli::files;
use crate::cli::options::SourceArgs;
use crate::cli::{CliError, Exit, warn};
use crate::entitlement::captures::{Captured, Captures, Trusted};
use crate::entitlement::resolve::Entitlements;
use crate::model::account::Partition;
use crate::model::moment::Moment;
use crate::rules::{Context, Scope};
use crate::sources::input::{Input, SourceOptions};
use crate::sources::load::{Loaded, load};
use crate::text::Shown;

/// Which messages to check, and against what.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Captured sign-ins: SAML messages as XML or base64, forms, HAR files, or folders of them; - for
    /// standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    keys: KeyArgs,
    #[command(flatten)]
    opens: OpenArgs,
    /// The partition that the sign-ins are for [default: that of their roles]
    #[arg(long, value_enum)]
    partition: Option<PartitionName>,
    /// The region whose sign-in endpoint they are for
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    #[command(flatten)]
    report: ReportArgs,
    /// Exports to hold the sign-ins against, as for `--source`, or a folder with a rolecall.toml: roles on one
    /// side only, each with the stage that explains it
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
    #[command(flatten)]
    sources: SourceArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PartitionName {
    Aws,
    AwsCn,
    AwsUsGov,
}

impl From<PartitionName> for Partition {
    fn from(name: PartitionName) -> Self {
        match name {
            PartitionName::Aws => Self::Aws,
            PartitionName::AwsCn => Self::China,
            PartitionName::AwsUsGov => Self::GovCloud,
        }
    }
}

/// Runs the command: 0 for nothing to fail on, 1 for findings, 2 where a message could not be read.
pub(crate) fn run(args: &CheckArgs) -> Result<Exit, CliError> {
    let mut sources = args.sources.clone();
    if let Some(path) = &args.against {
        sources.read_folder(path);
    }
    let configuration = sources.configuration()?;
    let (mut settings, now) = args.report.settings(configuration)?;
    if args.region.is_some() {
        settings.sign_in.region.clone_from(&args.region);
    }
    let mut loaded = federation(&sources)?;
    sources.place_waivers(&mut settings, &loaded.federation.sources);
    let trusted = trusted(&args.keys, Trusted::of(&loaded.federation))?;
    let mut captures = Captures::against(&trusted);
    captures.partition = args.partition.map(Partition::from).or(settings.partition);
    captures.at = Some(now);
    captures.opens = args.opens.private_key()?;
    let mut unread = problems(&loaded);
    let mut lost = false;
    for input in inputs(&args.files)? {
        let failed = captures.read(&input, &trusted, &mut loaded.federation.sources);
        let of_input = report_unread(&failed, &input);
        lost |= of_input.iter().any(|one| one.is_loss);
        unread.extend(of_input);
    }
    if captures.all.is_empty() && lost {
        // Why was told.
        return Ok(Exit::CouldNotRun);
    }
    if args.report.is_now() {
        warn_of_usable(&captures, now);
    }
    if captures.all.is_empty() {
        return Err(CliError::Message("no sign-in to check, expected a SAML response".to_owned()));
    }
    let mapping = sources.try_mapping(&loaded);
    let federation = &loaded.federation;
    let entitlements = mapping.as_ref().map(|mapping| Entitlements::resolve(federation, mapping));
    let entitled = entitlements.as_ref().map_err(|error| *error);
    let context =
        Context::new(federation, entitled, &settings).with_captures(&captures, Scope::Captures);
    let inputs = if is_alone(&sources)? { Vec::new() } else { sources.read_inputs()? };
    let is_incomplete = lost && !sources.lenient;
    let formats = &loaded.formats;
    let read = Sources { inputs, formats, unread, is_incomplete, own: None };
    let ran = args.report.run(&context, read)?;
    if lost {
        sources.require_all()?;
    }
    args.report.finish(ran)
}

/// Says which messages are still a key for whoever reads the file.
fn warn_of_usable(captures: &Captures, now: Moment) {
    for (captured, said) in captures.all.iter().filter_map(Captured::said) {
        let assertions = said.message.assertions.iter();
        if let Some(until) = assertions.filter_map(|one| one.usable_until(now)).max() {
            let name = Shown(&captured.name);
            warn(&format!(
                "{name}: whoever has this file can sign in with it until {until}; keep it to yourself"
            ));
        }
    }
}

/// The federation that the messages are held against; an empty one where none was given.
fn federation(sources: &SourceArgs) -> Result<Loaded, CliError> {
    if is_alone(sources)? {
        let mut loaded = load(Vec::new());
        sources.declare(&mut loaded.federation);
        return Ok(loaded);
    }
    sources.load()
}

/// Whether no exports were given.
fn is_alone(sources: &SourceArgs) -> Result<bool, CliError> {
    let named = sources.configuration()?.is_some_and(|found| !found.config.sources.is_empty());
    Ok(sources.sources.is_empty() && !named)
}

/// The files, and those of folders.
pub(crate) fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, CliError> {
    let mut all = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            all.push(files::standard_input());
        } else {
            all.extend(files::inputs(path, &SourceOptions::default())?);
        }
    }
    Ok(all)
}
