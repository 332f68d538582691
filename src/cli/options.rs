//! Options that several commands share: where the exports are, and what outranks their settings.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap::{Args, ValueEnum};

use super::files::{self, Configuration};
use super::progress::Progress;
use super::{CliError, complain, mention, warn};
use crate::config::{FILE_NAME, set_sign_in};
use crate::entitlement::near::nearest;
use crate::entitlement::sign_in::SignInSettings;
use crate::mapping::group_filter::{MatchMode, Reading};
use crate::mapping::settings::{Mapping, MappingError, Overrides};
use crate::model::app::OktaApp;
use crate::model::federation::Federation;
use crate::rules::settings::Settings;
use crate::sources::batch::Loss;
use crate::sources::focus::{Focus, Leads};
use crate::sources::input::{Format, Input, SourceOptions};
use crate::sources::limits::{Limit, Limits};
use crate::sources::load::{Loaded, Survey};
use crate::text::{Shown, SourceId, SourceMap};

/// Where the exports are.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SourceArgs {
    /// A file or folder of exports; formats are recognised from their content (repeatable). Without it,
    /// `rolecall.toml` names them
    #[arg(short, long = "source", value_name = "PATH")]
    pub(crate) sources: Vec<PathBuf>,
    /// The configuration to read, instead of the `rolecall.toml` here or in a folder above
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The configuration, once it was looked for.
    #[arg(skip)]
    found: OnceLock<Option<Configuration>>,
    /// The configuration as a source of the run.
    #[arg(skip)]
    declared: OnceLock<SourceId>,
    /// The format of a source, where recognising it is not wanted: FILE=FORMAT (repeatable)
    #[arg(long, value_name = "FILE=FORMAT")]
    pub(crate) format_of: Vec<String>,
    /// A parameter or variable of infrastructure code, in place of its default: KEY=VALUE (repeatable)
    #[arg(long = "parameter", value_name = "KEY=VALUE")]
    pub(crate) parameters: Vec<String>,
    /// Another limit of what is read, such as `record=4MiB`: `file`, `tree-file`, `record`, `value` or
    /// `json-depth` (repeatable)
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    pub(crate) limits: Vec<String>,
    /// Another Group Filter than the app export's
    #[arg(long, value_name = "FILTER")]
    pub(crate) group_filter: Option<String>,
    /// Another Role Value Pattern than the app export's
    #[arg(long, value_name = "PATTERN")]
    pub(crate) role_value_pattern: Option<String>,
    /// Another App Filter than the app export's
    #[arg(long, value_name = "SOURCES")]
    pub(crate) app_filter: Option<String>,
    /// How the Group Filter is applied; Okta documents neither [default: find]
    #[arg(long, value_enum)]
    pub(crate) match_mode: Option<Mode>,
    /// Go on where an input could not be read whole
    #[arg(long)]
    pub(crate) lenient: bool,
    /// Threads to use (default: as many as there are processors)
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

/// What sign-ins present to AWS, over what the exports and `[sign_in]` say.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SignInArgs {
    /// Address the user signs in from, for conditions on `aws:SourceIp`
    #[arg(long, value_name = "ADDRESS")]
    source_ip: Option<String>,
    /// When the user signs in, such as `2026-11-24T12:00:00Z`, for conditions on the time
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Where Okta posts the response (`SAML:aud`), instead of the app's ACS URL or the partition's endpoint
    #[arg(long, value_name = "URL")]
    recipient: Option<String>,
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
    /// What a path has: a configuration, a folder with one, or exports.
    pub(crate) fn at(path: &Path, limits: &[String], lenient: bool) -> Self {
        let mut args = Self { limits: limits.to_vec(), lenient, ..Self::default() };
        if path.extension().is_some_and(|extension| extension == "toml") && path.is_file() {
            args.config = Some(path.to_path_buf());
        } else {
            args.read_folder(path);
        }
        args
    }

    /// The same without the settings that outrank the app's.
    pub(crate) fn as_exported(&self) -> Self {
        let mut plain = self.clone();
        (plain.group_filter, plain.role_value_pattern) = (None, None);
        (plain.app_filter, plain.match_mode) = (None, None);
        plain
    }

    /// Whether a flag outranks a setting of the app's.
    pub(crate) const fn has_settings(&self) -> bool {
        self.group_filter.is_some()
            || self.role_value_pattern.is_some()
            || self.app_filter.is_some()
            || self.match_mode.is_some()
    }

    /// Reads everything; problems go to standard error, and what was lost stops the run unless lenient.
    pub(crate) fn load(&self) -> Result<Loaded, CliError> {
        let loaded = self.load_what_can_be()?;
        self.require_whole(&loaded)?;
        Ok(loaded)
    }

    /// Reads everything that can be read; problems go to standard error.
    pub(crate) fn load_what_can_be(&self) -> Result<Loaded, CliError> {
        self.use_threads()?;
        let (mut inputs, limits) = (self.inputs()?, self.limits()?);
        let progress = Progress::of(&mut inputs);
        let mut loaded = Survey::within(inputs, limits).read(None);
        drop(progress);
        self.mention(&loaded);
        self.declare(&mut loaded.federation);
        report_problems(&loaded);
        Ok(loaded)
    }

    /// Reads some inputs, after others, without a word about their problems.
    pub(crate) fn read(&self, inputs: Vec<Input>) -> Result<Loaded, CliError> {
        Ok(Survey::within(inputs, self.limits()?).read(None))
    }

    /// [`Self::load`], but of the memberships only those that tell who gets what: of groups that lead to
    /// a role; with them all that tells of one `user`, where the question is about one.
    pub(crate) fn load_entitled(&self, user: Option<&str>) -> Result<Loaded, CliError> {
        self.use_threads()?;
        let (mut inputs, limits) = (self.inputs()?, self.limits()?);
        let progress = Progress::of(&mut inputs);
        let survey = Survey::within(inputs, limits);
        let mapping = self.mapping_of(survey.app()).ok().filter(Mapping::maps_groups);
        let mut loaded = match &mapping {
            None => survey.read(None),
            Some(mapping) => {
                let leads = || -> Leads<'_> {
                    let mut reader = mapping.filter.reader();
                    Box::new(move |name| reader.read(name, mapping.mode) != Reading::NoMatch)
                };
                survey.read(Some(Focus { leads: &leads, user }))
            }
        };
        drop(progress);
        self.mention(&loaded);
        self.declare(&mut loaded.federation);
        report_problems(&loaded);
        self.require_whole(&loaded)?;
        Ok(loaded)
    }

    /// Says of accounts what the configuration declares.
    pub(crate) fn declare(&self, federation: &mut Federation) {
        if let Some(found) = self.found.get().and_then(Option::as_ref) {
            self.declared.get_or_init(|| found.declare(federation));
        }
    }

    /// Says where in the run the waivers stand; after [`Self::load`].
    pub(crate) fn place_waivers(&self, settings: &mut Settings, sources: &SourceMap) {
        let Some(&source) = self.declared.get() else { return };
        for waiver in &mut settings.waivers {
            waiver.place = sources.place(source, waiver.line);
        }
    }

    /// What was read, and as what, for who wants to know.
    fn mention(&self, loaded: &Loaded) {
        if let Some(Some(configuration)) = self.found.get() {
            mention(&format!("configuration `{}`", Shown(&configuration.name)));
        }
        let federation = &loaded.federation;
        let named = |id| federation.sources.name(id).unwrap_or_default();
        let mut read: Vec<_> =
            loaded.formats.iter().map(|(id, format)| (named(*id), format.as_str())).collect();
        read.sort_unstable();
        for (name, format) in read {
            mention(&format!("read `{}` as {format}", Shown(name)));
        }
        let directory = &federation.directory;
        let (users, groups) = (directory.users.len(), directory.groups.len());
        let accounts = federation.accounts.iter().count();
        mention(&format!("{users} users, {groups} groups, {accounts} AWS accounts"));
    }

    /// An error where something was lost, unless lenient.
    pub(crate) fn require_whole(&self, loaded: &Loaded) -> Result<(), CliError> {
        if loaded.is_incomplete() { self.require_all() } else { Ok(()) }
    }

    /// An error because something was lost, unless lenient.
    pub(crate) fn require_all(&self) -> Result<(), CliError> {
        if self.lenient {
            return Ok(());
        }
        Err(CliError::Message(
            "inputs could not be read whole (see above); mend them, or go on with `--lenient`"
                .to_owned(),
        ))
    }

    /// Reads a folder as its own configuration says or, where it has none, all of it.
    pub(crate) fn read_folder(&mut self, path: &Path) {
        let own = path.join(FILE_NAME);
        if self.config.is_none() && self.sources.is_empty() && own.is_file() {
            self.config = Some(own);
        } else {
            self.sources.push(path.to_path_buf());
        }
    }

    /// The sources given or, without any, those of the configuration.
    pub(crate) fn inputs(&self) -> Result<Vec<Input>, CliError> {
        let configuration = self.configuration()?;
        let mut inputs = Vec::new();
        for path in &self.sources {
            inputs.extend(files::inputs(path, &SourceOptions::default())?);
        }
        if let Some(configuration) = configuration.filter(|_| self.sources.is_empty()) {
            inputs = configuration.inputs()?;
        }
        if inputs.is_empty() {
            return Err(CliError::Message(
                "no exports given, expected `--source FILE-OR-FOLDER`, or `[[source]]` in a rolecall.toml"
                    .to_owned(),
            ));
        }
        self.name_formats(&mut inputs)?;
        self.give_parameters(&mut inputs)?;
        Ok(inputs)
    }

    /// [`Self::inputs`] and the configuration: everything that findings point at.
    pub(crate) fn read_inputs(&self) -> Result<Vec<Input>, CliError> {
        let mut inputs = self.inputs()?;
        inputs.extend(self.configuration()?.map(Configuration::input));
        Ok(inputs)
    }

    /// The configuration named or, where no source is, the one found; looked for once.
    pub(crate) fn configuration(&self) -> Result<Option<&Configuration>, CliError> {
        if let Some(found) = self.found.get() {
            return Ok(found.as_ref());
        }
        let found = if self.config.is_some() || self.sources.is_empty() {
            files::configuration(self.config.as_deref())?
        } else {
            None
        };
        Ok(self.found.get_or_init(|| found).as_ref())
    }

    /// The configuration's limits, and those of `--limit` over them.
    fn limits(&self) -> Result<Limits, CliError> {
        let mut limits = self.configuration()?.map(|found| found.config.limits).unwrap_or_default();
        for pair in &self.limits {
            let (name, text) = pair.split_once('=').ok_or_else(|| {
                CliError::Message(format!("`--limit {}`, expected NAME=VALUE", Shown(pair)))
            })?;
            let limit = Limit::parse(name).ok_or_else(|| unknown_limit(name))?;
            let value = limit.value(text).map_err(|expected| {
                let (name, text) = (Shown(name), Shown(text));
                CliError::Message(format!("limit `{name}` is `{text}`, expected {expected}"))
            })?;
            limits.set(limit, value);
        }
        Ok(limits)
    }

    fn use_threads(&self) -> Result<(), CliError> {
        let Some(threads) = self.threads else { return Ok(()) };
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .map_err(|error| CliError::Message(format!("cannot use {threads} threads: {error}")))
    }

    /// Sets the formats of `--format-of`.
    fn name_formats(&self, inputs: &mut [Input]) -> Result<(), CliError> {
        for pair in &self.format_of {
            let (file, name) = pair.rsplit_once('=').ok_or_else(|| {
                CliError::Message(format!("`--format-of {}`, expected FILE=FORMAT", Shown(pair)))
            })?;
            let format = Format::parse(name).ok_or_else(|| unknown_format(name))?;
            let mut known = false;
            for input in inputs.iter_mut().filter(|input| input.name == file) {
                input.options.format = Some(format);
                known = true;
            }
            if !known {
                return Err(CliError::Message(format!(
                    "`--format-of {}` names no source, expected a file as it is read here",
                    Shown(pair)
                )));
            }
        }
        Ok(())
    }

    /// Sets the parameters of `--parameter`; they outrank the configuration's.
    fn give_parameters(&self, inputs: &mut [Input]) -> Result<(), CliError> {
        for pair in &self.parameters {
            let (key, value) = pair.split_once('=').ok_or_else(|| {
                CliError::Message(format!("`--parameter {}`, expected KEY=VALUE", Shown(pair)))
            })?;
            for input in inputs.iter_mut() {
                input.options.parameters.insert(key.to_owned(), value.to_owned());
            }
        }
        Ok(())
    }

    /// What sign-ins present; after [`Self::load`].
    pub(crate) fn sign_in(&self, over: &SignInArgs) -> Result<SignInSettings, CliError> {
        let found = self.found.get().and_then(Option::as_ref);
        let mut settings = found.map(|found| found.config.sign_in.clone()).unwrap_or_default();
        let flags =
            [("source_ip", &over.source_ip), ("at", &over.at), ("recipient", &over.recipient)];
        for (key, text) in flags {
            let Some(text) = text else { continue };
            set_sign_in(&mut settings, key, text).map_err(|wanted| {
                let flag = key.replace('_', "-");
                CliError::Message(format!("`--{flag}` is `{}`, expected {wanted}", Shown(text)))
            })?;
        }
        Ok(settings)
    }

    /// Compiles the app's settings.
    pub(crate) fn mapping(&self, loaded: &Loaded) -> Result<Mapping, CliError> {
        self.try_mapping(loaded).map_err(|error| CliError::Message(error.to_string()))
    }

    /// Compiles the app's settings, for a command that can go on without them; after [`Self::load`].
    pub(crate) fn try_mapping(&self, loaded: &Loaded) -> Result<Mapping, MappingError> {
        self.mapping_of(loaded.federation.app.as_ref())
    }

    /// [`Self::mapping`], with the filter of Okta's guide where no export and no setting gives one.
    pub(crate) fn mapping_or_guide(&self, loaded: &Loaded) -> Result<Mapping, CliError> {
        Mapping::or_guide(loaded.federation.app.as_ref(), &self.overrides())
            .map_err(|error| CliError::Message(error.to_string()))
    }

    fn mapping_of(&self, exported: Option<&OktaApp>) -> Result<Mapping, MappingError> {
        Mapping::new(exported, &self.overrides())
    }

    /// What flags and the configuration set; after [`Self::load`].
    fn overrides(&self) -> Overrides {
        let app = self.found.get().and_then(Option::as_ref).map(|found| found.config.app.clone());
        let app = app.unwrap_or_default();
        Overrides {
            group_filter: self.group_filter.clone().or(app.group_filter),
            role_value_pattern: self.role_value_pattern.clone().or(app.role_value_pattern),
            app_filter: self.app_filter.clone().or(app.app_filter),
            mode: self.match_mode.map(MatchMode::from).or(app.match_mode).unwrap_or_default(),
        }
    }
}

fn unknown_limit(name: &str) -> CliError {
    let expected = match nearest(name, Limit::NAMES.into_iter(), 1).first() {
        Some(near) => format!("`{near}`"),
        None => format!("one of {}", Limit::NAMES.join(", ")),
    };
    CliError::Message(format!("limit `{}`, expected {expected}", Shown(name)))
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
