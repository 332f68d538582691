//! Options that several commands share: where the exports are, and what outranks their settings.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{CliError, complain, files, warn};
use crate::mapping::group_filter::MatchMode;
use crate::mapping::settings::{Mapping, MappingError, Overrides};
use crate::sources::batch::Loss;
use crate::sources::input::{Format, SourceOptions};
use crate::sources::load::{Loaded, load};
use crate::text::Shown;

/// Where the exports are.
#[derive(Debug, Clone, Args)]
pub(crate) struct SourceArgs {
    /// A file or folder of exports; formats are recognised from their content (repeatable)
    #[arg(short, long = "source", value_name = "PATH")]
    pub(crate) sources: Vec<PathBuf>,
    /// The format of a source, where recognising it is not wanted: FILE=FORMAT (repeatable)
    #[arg(long, value_name = "FILE=FORMAT")]
    pub(crate) format_of: Vec<String>,
    /// Another Group Filter than the app export's
    #[arg(long, value_name = "FILTER")]
    pub(crate) group_filter: Option<String>,
    /// Another Role Value Pattern than the app export's
    #[arg(long, value_name = "PATTERN")]
    pub(crate) role_value_pattern: Option<String>,
    /// Another App Filter than the app export's
    #[arg(long, value_name = "SOURCES")]
    pub(crate) app_filter: Option<String>,
    /// How the Group Filter is applied; Okta documents neither
    #[arg(long, value_enum, default_value_t = Mode::Find)]
    pub(crate) match_mode: Mode,
    /// Go on where an input could not be read whole
    #[arg(long)]
    pub(crate) lenient: bool,
    /// Threads to use (default: as many as there are processors)
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

/// How the Group Filter is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Anywhere in the name.
    Find,
    /// The whole name.
    Full,
}

impl From<Mode> for MatchMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Find => Self::Find,
            Mode::Full => Self::Full,
        }
    }
}

impl SourceArgs {
    /// Reads everything; problems go to standard error, and what was lost stops the run unless lenient.
    pub(crate) fn load(&self) -> Result<Loaded, CliError> {
        self.use_threads()?;
        let mut inputs = Vec::new();
        for path in &self.sources {
            inputs.extend(files::inputs(path, &self.options_of(path)?)?);
        }
        if inputs.is_empty() {
            return Err(CliError::Message(
                "no exports given, expected `--source FILE-OR-FOLDER` or a rolecall.toml"
                    .to_owned(),
            ));
        }
        let loaded = load(inputs);
        report_problems(&loaded);
        if loaded.is_incomplete() && !self.lenient {
            return Err(CliError::Message(
                "inputs could not be read whole (see above); mend them, or go on with `--lenient`"
                    .to_owned(),
            ));
        }
        Ok(loaded)
    }

    fn use_threads(&self) -> Result<(), CliError> {
        let Some(threads) = self.threads else { return Ok(()) };
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .map_err(|error| CliError::Message(format!("cannot use {threads} threads: {error}")))
    }

    fn options_of(&self, path: &std::path::Path) -> Result<SourceOptions, CliError> {
        let mut options = SourceOptions::default();
        let shown = path.display().to_string();
        for pair in &self.format_of {
            let Some((file, name)) = pair.rsplit_once('=') else {
                return Err(CliError::Message(format!(
                    "`--format-of {pair}`, expected FILE=FORMAT"
                )));
            };
            if file == shown {
                let format = Format::parse(name).ok_or_else(|| unknown_format(name))?;
                options.format = Some(format);
            }
        }
        Ok(options)
    }

    /// Compiles the app's settings.
    pub(crate) fn mapping(&self, loaded: &Loaded) -> Result<Mapping, CliError> {
        self.try_mapping(loaded).map_err(|error| CliError::Message(error.to_string()))
    }

    /// Compiles the app's settings, for a command that can go on without them.
    pub(crate) fn try_mapping(&self, loaded: &Loaded) -> Result<Mapping, MappingError> {
        let overrides = Overrides {
            group_filter: self.group_filter.clone(),
            role_value_pattern: self.role_value_pattern.clone(),
            app_filter: self.app_filter.clone(),
            mode: self.match_mode.into(),
        };
        Mapping::new(loaded.federation.app.as_ref(), &overrides)
    }
}

fn unknown_format(name: &str) -> CliError {
    let known: Vec<&str> = Format::ALL.iter().map(|format| format.as_str()).collect();
    CliError::Message(format!("format `{}`, expected one of {}", Shown(name), known.join(", ")))
}

/// Every problem on standard error, with its file and line.
fn report_problems(loaded: &Loaded) {
    const SHOWN: usize = 50;
    for problem in loaded.problems.iter().take(SHOWN) {
        let name = loaded.federation.sources.name(problem.source).unwrap_or_default();
        let line = if problem.line == 0 { String::new() } else { format!(":{}", problem.line) };
        let message = format!("{}{line}: {}", Shown(name), Shown(&problem.message));
        if problem.loss == Loss::Nothing { warn(&message) } else { complain(&message) }
    }
    if let Some(more) = loaded.problems.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        warn(&format!("{more} more problems in the inputs are not shown"));
    }
}
