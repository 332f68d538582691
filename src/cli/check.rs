//! `rolecall check`: every rule over everything.

mod fix;
mod offer;
mod rewrite;
mod settle;
mod verdict;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use settle::Seen;

pub(super) use fix::diff as print_diff;
pub(super) use rewrite::{Rewritten, rewrite};

use super::baseline::BaselineArgs;
use super::files::{Configuration, working_folder};
use super::options::SourceArgs;
use super::outputs::{Format, OutputArgs};
use super::selection::RuleArgs;
use super::{CliError, Exit, clock, complain, warn};
use crate::entitlement::captures::{Captures, Trusted, Unread};
use crate::entitlement::resolve::Entitlements;
use crate::finding::{Fingerprint, Severity};
use crate::model::moment::Moment;
use crate::report::check_text::{View, WIDTH};
use crate::report::checked::{Checked, Fix, Inputs, UnreadInput};
use crate::rules::settings::Settings;
use crate::rules::{Compared, Context, Counts, Outcome, Scope};
use crate::sources::batch::Loss;
use crate::sources::collect::SourceProblem;
use crate::sources::excerpt::Excerpts;
use crate::sources::input::{Format as SourceFormat, Input};
use crate::sources::load::Loaded;
use crate::text::{SourceId, SourceMap};

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// A folder with a rolecall.toml, or a file or folder of exports as for `--source`
    #[arg(value_name = "DIR")]
    path: Option<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    fix: fix::FixArgs,
    #[command(flatten)]
    sources: SourceArgs,
}

/// Which rules are checked, and how what they find is shown.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Warning)]
    fail_on: FailOn,
    /// The least severity that is shown; what is not shown still counts
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = Least::Note)]
    min_severity: Least,
    #[command(flatten)]
    output: OutputArgs,
    /// Columns to fit the text into [default: those of the terminal, or 100]
    #[arg(long, value_name = "COLUMNS")]
    width: Option<usize>,
    /// The time of the run, for what depends on it: a date, or a date and time [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    baseline: BaselineArgs,
}

/// What was read for a run, and how well.
pub(super) struct Sources<'s> {
    /// The files, to be read again where findings point.
    pub(super) inputs: Vec<Input>,
    /// What each was read as.
    pub(super) formats: &'s [(SourceId, SourceFormat)],
    /// What could not be read.
    pub(super) unread: Vec<UnreadInput>,
    /// Whether the run ends with exit code 2 for it.
    pub(super) is_incomplete: bool,
    /// Where files are that may be mended.
    pub(super) own: Option<&'s SourceArgs>,
}

impl ReportArgs {
    /// What is said about the rules, with the time of the run.
    pub(super) fn settings(
        &self,
        configuration: Option<&Configuration>,
    ) -> Result<(Settings, Moment), CliError> {
        self.output.check()?;
        let (mut settings, _) = self.rules.settings(configuration)?;
        let now = clock::at(self.at.as_deref())?;
        settings.at = Some(now.0);
        settings.sign_in.at.get_or_insert(now.0);
        Ok((settings, now))
    }

    /// Whether the time of the run is now.
    pub(super) const fn is_now(&self) -> bool {
        self.at.is_none()
    }

    /// Runs the rules and reports what they found.
    pub(super) fn run(
        &self,
        context: &Context<'_>,
        sources: Sources<'_>,
    ) -> Result<(Exit, Compared), CliError> {
        let (mut outcome, compared) = self.baseline.run(context)?;
        let fixes = self.fixes(context, &sources, &outcome)?;
        outcome.show_from(self.min_severity.into());
        let excerpts = excerpts(sources.inputs, sources.formats, context, &outcome);
        let width = self.width.unwrap_or_else(terminal_width);
        let view = View { sources: &context.federation.sources, excerpts: &excerpts, width };
        let carried =
            context.captures.all.iter().filter_map(|captured| {
                Some((captured.name.clone(), captured.origin.carrier.clone()?))
            });
        let inputs = Inputs {
            folder: working_folder(),
            carried: carried.collect(),
            unread: sources.unread,
            is_incomplete: sources.is_incomplete,
            fixes,
        };
        self.output.write(&Checked {
            outcome: &outcome,
            view,
            settings: context.settings,
            inputs: &inputs,
            fails_from: self.fail_on.least(),
        })?;
        if outcome.checked.is_empty() {
            return Err(CliError::Message("nothing was checked: no rule could be".to_owned()));
        }
        let exit = self.fail_on.exit(outcome.counts);
        // The process ends soon, and the system takes back all memory at once.
        std::mem::forget((outcome, excerpts));
        Ok((exit, compared))
    }

    /// What `--fix` would make, where a format is written that says it.
    fn fixes(
        &self,
        context: &Context<'_>,
        sources: &Sources<'_>,
        outcome: &Outcome,
    ) -> Result<BTreeMap<Fingerprint, Fix>, CliError> {
        let Some(own) = sources.own else { return Ok(BTreeMap::new()) };
        if !self.output.formats()?.contains(&Format::Sarif) {
            return Ok(BTreeMap::new());
        }
        let problems = sources.unread.len();
        let seen = Seen::of(outcome.clone(), context.federation, sources.formats, problems);
        let baseline = self.baseline.old()?;
        offer::fixes(own, context.settings, baseline.as_ref(), seen)
    }

    /// Ends a run on inputs that could be read: the exit code, with the baseline written or compared.
    pub(super) fn finish(&self, (exit, compared): (Exit, Compared)) -> Result<Exit, CliError> {
        self.baseline.finish(&compared)?;
        Ok(exit)
    }
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
    /// The least severity that makes the run fail; none does where there is none.
    const fn least(self) -> Option<Severity> {
        match self {
            Self::Never => None,
            Self::Note => Some(Severity::Note),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
        }
    }

    fn exit(self, counts: Counts) -> Exit {
        let fails = self.least().is_some_and(|least| counts.worst() >= Some(least));
        if fails { Exit::Findings } else { Exit::Clean }
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

/// Runs the command: 0 for nothing to fail on, 1 for findings, 2 where nothing could be checked or inputs
/// could not be read whole.
pub(crate) fn run(args: &CheckArgs) -> Result<Exit, CliError> {
    let mut sources = args.sources.clone();
    if let Some(path) = &args.path {
        sources.read_folder(path);
    }
    let (mut settings, _) = args.report.settings(sources.configuration()?)?;
    let baseline = args.report.baseline.old()?;
    if let Some(outcome) = fix::run(&args.fix, &sources, &settings, baseline.as_ref())? {
        return Ok(args.report.fail_on.exit(outcome.counts));
    }
    let mut loaded = sources.load_what_can_be()?;
    sources.place_waivers(&mut settings, &loaded.federation.sources);
    let (mut captures, of_captures) = captures_of(&mut loaded);
    captures.partition = settings.partition;
    let mapping = sources.try_mapping(&loaded);
    let federation = &loaded.federation;
    let entitlements = mapping.as_ref().map(|mapping| Entitlements::resolve(federation, mapping));
    let context =
        Context::new(federation, entitlements.as_ref().map_err(|error| *error), &settings)
            .with_captures(&captures, Scope::Everything);
    let lost = loaded.is_incomplete() || of_captures.iter().any(|one| one.is_loss);
    let mut unread = problems(&loaded);
    unread.extend(of_captures);
    let is_incomplete = lost && !sources.lenient;
    let inputs = sources.read_inputs()?;
    let formats = &loaded.formats;
    let read = Sources { inputs, formats, unread, is_incomplete, own: Some(&sources) };
    let ran = args.report.run(&context, read);
    if lost {
        sources.require_all()?;
    }
    let exit = args.report.finish(ran?)?;
    // The process ends here, and the system takes back all memory at once.
    std::mem::forget(context);
    std::mem::forget(entitlements);
    std::mem::forget(loaded);
    Ok(exit)
}

/// What of the exports could not be read, or not well.
pub(super) fn problems(loaded: &Loaded) -> Vec<UnreadInput> {
    let problem = |problem: &SourceProblem| UnreadInput {
        file: loaded.federation.sources.name(problem.source).unwrap_or_default().to_owned(),
        line: (problem.line > 0).then_some(problem.line),
        message: problem.message.clone(),
        is_loss: problem.loss != Loss::Nothing,
    };
    loaded.problems.iter().map(problem).collect()
}

/// The sign-ins that were captured among the exports, and what could not be read of them.
///
/// They are held against their own time: what lies among exports was handed in long ago.
fn captures_of(loaded: &mut Loaded) -> (Captures, Vec<UnreadInput>) {
    if loaded.captures.is_empty() {
        return (Captures::default(), Vec::new());
    }
    let trusted = Trusted::of(&loaded.federation);
    let mut captures = Captures::against(&trusted);
    let mut unread = Vec::new();
    for input in std::mem::take(&mut loaded.captures) {
        let failed = captures.read(&input, &trusted, &mut loaded.federation.sources);
        unread.extend(report_unread(&failed, &input));
    }
    (captures, unread)
}

/// What could not be read of a capture, also said on standard error.
pub(super) fn report_unread(failed: &[Unread], input: &Input) -> Vec<UnreadInput> {
    let mut unread = Vec::new();
    for one in failed {
        let (message, is_loss) = (one.to_string(), one.is_loss && !(input.found && one.is_foreign));
        if is_loss {
            complain(&message);
        } else {
            warn(&message);
        }
        let place = one.place.strip_prefix(&*input.name).unwrap_or_default();
        let line = place.strip_prefix(':').and_then(|line| line.parse().ok());
        let within = place.strip_prefix(", ").map_or_else(String::new, |part| format!("{part}: "));
        let message = format!("{within}{}", one.says);
        unread.push(UnreadInput { file: input.name.clone(), line, message, is_loss });
    }
    unread
}

/// The lines that the findings point at; those of messages before the files that carried them.
fn excerpts(
    inputs: Vec<Input>,
    formats: &[(SourceId, SourceFormat)],
    context: &Context<'_>,
    outcome: &Outcome,
) -> Excerpts {
    let (mut all, mut known) = context.captures.inputs();
    all.extend(inputs);
    known.extend(formats);
    of_findings(&all, &known, &context.federation.sources, outcome)
}

/// The lines that findings point at.
pub(super) fn of_findings(
    inputs: &[Input],
    formats: &[(SourceId, SourceFormat)],
    sources: &SourceMap,
    outcome: &Outcome,
) -> Excerpts {
    let labels = outcome
        .findings
        .iter()
        .flat_map(|finding| std::iter::once(&finding.primary).chain(&finding.related));
    Excerpts::read(inputs, formats, sources, labels)
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
