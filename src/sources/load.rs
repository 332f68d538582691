//! Inputs in, federation out: each is recognised from its content, read, and joined with the rest.

use std::collections::BTreeMap;
use std::io::{self, Read};

use rayon::prelude::*;
use thiserror::Error;

use super::aws::{self, AwsPart, UnnamedProvider};
use super::batch::{Batch, Found, Loss, Problem, RecordReader};
use super::blocks::{AtEmptyLine, AtUnquotedLineEnd, BLOCK_SIZE, Block, BlockError, Blocks, Cut};
use super::code::terraform::{self, ModuleFile};
use super::code::{self, CodePart};
use super::collect::{Collector, SourceProblem};
use super::decode::{Decoded, UnknownEncoding};
use super::defects;
use super::directory::csvde::{self, CsvdeReader};
use super::directory::google::{self, GoogleReader};
use super::directory::graph::{self, GraphReader};
use super::directory::ldif::{self, LdifReader};
use super::directory::powershell::{self, PowerShellReader};
use super::directory::{HeaderError, repeated_columns};
use super::excerpt::secret::quotable;
use super::focus::{Focus, Lens, Nesting};
use super::input::{Format, Input};
use super::json::{self, JsonElements};
use super::keys::{Keys, KeysFull};
use super::limits::{Limit, Limits, OverLimit};
use super::okta::{self, AppPart};
use super::plain::{NestedGroups, PlainError, PlainReader};
use super::saml_capture;
use super::saml_metadata;
use crate::model::app::OktaApp;
use crate::model::aws::Accounts;
use crate::model::declared::Declared;
use crate::model::defect::DefectKind;
use crate::model::export::{Export, TextEncoding};
use crate::model::federation::Federation;
use crate::text::{Place, Shown, SourceId, Sourced};

/// How much of a file is looked at to recognise it.
pub const HEAD: usize = 64 << 10;

/// How much of it is looked at first.
const BEGINNING: usize = 2 << 10;

/// Why an input as a whole could not be read.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The operating system's word.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Nothing in it.
    #[error("is empty, expected an export")]
    Empty,
    /// No reader knows it.
    #[error(
        "is no export known here: it begins with `{0}`; name its format with `--format-of FILE=FORMAT`"
    )]
    Unknown(String),
    /// Over a limit.
    #[error("{over}")]
    Over {
        /// Line, 0 for the file as a whole.
        line: u32,
        /// The limit.
        over: OverLimit,
    },
    /// An encoding nobody knows.
    #[error(transparent)]
    Encoding(#[from] UnknownEncoding),
    /// A plain CSV with the wrong columns.
    #[error(transparent)]
    Plain(#[from] PlainError),
    /// An Okta exporter's CSV with the wrong columns.
    #[error(transparent)]
    OktaCsv(#[from] okta::CsvError),
    /// A directory CSV with the wrong columns.
    #[error(transparent)]
    DirectoryCsv(#[from] HeaderError),
    /// Too many names.
    #[error(transparent)]
    Keys(#[from] KeysFull),
    /// A record that is too large, or a failing disk.
    #[error(transparent)]
    Block(#[from] BlockError),
}

/// A federation and everything that was wrong with its inputs.
#[derive(Debug)]
pub struct Loaded {
    /// What the inputs say.
    pub federation: Federation,
    /// What is wrong with them, in reading order.
    pub problems: Vec<SourceProblem>,
    /// Which format each source was read as, in reading order.
    pub formats: Vec<(SourceId, Format)>,
    /// Inputs that are captured sign-ins; they say nothing of the federation and were not read.
    pub captures: Vec<Input>,
}

impl Loaded {
    /// Whether anything was lost: reading such inputs ends with exit code 2 unless the user is lenient.
    pub fn is_incomplete(&self) -> bool {
        self.problems.iter().any(|problem| problem.loss != Loss::Nothing)
    }
}

/// Reads all inputs. Users come first, whatever the order given, so that memberships find them.
pub fn load(inputs: Vec<Input>) -> Loaded {
    Survey::of(inputs).read(None)
}

/// Inputs after a first look: each is recognised, and what is small is read.
pub struct Survey {
    seen: Vec<(Input, Result<Seen, LoadError>)>,
    block_size: usize,
    limits: Limits,
}

impl Survey {
    /// Looks at every input, in parallel.
    pub fn of(inputs: Vec<Input>) -> Self {
        Self::within(inputs, Limits::default())
    }

    /// [`Self::of`], but with other limits.
    pub fn within(inputs: Vec<Input>, limits: Limits) -> Self {
        let mut seen: Vec<(Input, Result<Seen, LoadError>)> = inputs
            .into_par_iter()
            .map(|input| {
                let seen = look(&input, &limits);
                (input, seen)
            })
            .collect();
        seen.sort_by(|(a, x), (b, y)| {
            let order = |seen: &Result<Seen, LoadError>| {
                seen.as_ref().map_or(0, |seen| reading_order(seen.format))
            };
            (order(x), &a.name).cmp(&(order(y), &b.name))
        });
        Self { seen, block_size: BLOCK_SIZE, limits }
    }

    /// With another amount read at once (tests put boundaries everywhere).
    #[must_use]
    pub fn with_block_size(self, block_size: usize) -> Self {
        Self { block_size, ..self }
    }

    /// The Okta AWS app that counts, as the first look shows it; its places are lines of its own file.
    pub fn app(&self) -> Option<&OktaApp> {
        self.seen.iter().find_map(|(_, seen)| match &seen.as_ref().ok()?.whole {
            Whole::App { part, .. } => part.apps.first(),
            _ => None,
        })
    }

    /// Reads everything, or of the memberships those that a focus needs where that can be told.
    pub fn read(self, focus: Option<Focus<'_>>) -> Loaded {
        let focus = focus.filter(|_| self.can_focus()).and_then(|focus| {
            // What is wrong with an input is said when it is read for good.
            let lens = Lens::new(&focus, &self.nesting().ok()?);
            Some((focus, lens))
        });
        let (block_size, limits) = (self.block_size, self.limits);
        let mut loader = Loader { focus, block_size, limits, ..Loader::default() };
        let mut captures = Vec::new();
        for (input, seen) in self.seen {
            match seen {
                Ok(Seen { format: Format::SamlCapture, .. }) => captures.push(input),
                seen => loader.read(&input, seen),
            }
        }
        Loaded { captures, ..loader.finish() }
    }

    /// A first pass over the memberships: which groups are nested in which.
    fn nesting(&self) -> Result<Nesting, LoadError> {
        let mut nesting = Nesting::default();
        for (input, seen) in &self.seen {
            if seen.as_ref().is_ok_and(|seen| seen.format == Format::EdgeCsv) {
                let header = first_line(&head_of(input)?);
                let reader = PlainReader::new(&header, Format::EdgeCsv, &input.options)?;
                let blocks = Blocks::new(open(input)?, AtUnquotedLineEnd, 1)
                    .with_limits(self.limits)
                    .with_block_size(self.block_size);
                read_waves(blocks, &NestedGroups(&reader), &mut nesting)?;
            }
        }
        Ok(nesting)
    }

    /// Only plain CSV states nested groups where they can be read without everything else, and only
    /// with users stated and no assignments does nothing but the groups' names decide.
    fn can_focus(&self) -> bool {
        let mut users = false;
        let plain = self.seen.iter().all(|(input, seen)| {
            let Ok(seen) = seen else { return false };
            users |= seen.format == Format::UsersCsv;
            if seen.format.is_code() {
                // The app may be one that code declares.
                return false;
            }
            let whole = !matches!(seen.whole, Whole::No);
            whole
                || seen.format == Format::SamlCapture
                || input.options.group_source.is_none()
                    && matches!(seen.format, Format::EdgeCsv | Format::UsersCsv | Format::GroupsCsv)
        });
        plain && users
    }
}

/// Users before groups before memberships; the rest in between.
const fn reading_order(format: Format) -> u8 {
    match format {
        Format::UsersCsv | Format::OktaUsers | Format::OktaUsersCsv | Format::PowerShellUsers => 1,
        Format::GroupsCsv
        | Format::OktaGroups
        | Format::OktaGroupsCsv
        | Format::PowerShellGroups => 2,
        Format::EdgeCsv
        | Format::OktaMembers
        | Format::OktaMembersCsv
        | Format::PowerShellMembers => 4,
        Format::OktaAppGroups | Format::OktaAppUsers => 5,
        _ => 3,
    }
}

/// What a first look at an input gives: its format, and all it says where it was read whole.
struct Seen {
    format: Format,
    whole: Whole,
    encoding: TextEncoding,
    repeated: (Vec<String>, u32),
}

enum Whole {
    /// To be read record by record.
    No,
    Aws {
        part: AwsPart,
        lines: u32,
    },
    App {
        part: AppPart,
        lines: u32,
    },
    Code {
        part: CodePart,
        lines: u32,
    },
    /// The app's own metadata.
    Metadata {
        text: String,
        problems: Vec<Problem>,
        lines: u32,
    },
}

/// Recognises an input; small formats are read at once, many files in parallel.
fn look(input: &Input, limits: &Limits) -> Result<Seen, LoadError> {
    let mut stream = open(input)?;
    let mut head = Vec::with_capacity(HEAD);
    stream.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    if head.is_empty() {
        return Err(LoadError::Empty);
    }
    let format = input.options.format.or_else(|| recognise(&head, &input.name));
    let format = format.ok_or_else(|| LoadError::Unknown(beginning(&head, input)))?;
    let encoding = stream.encoding();
    let table = format.is_table();
    let repeated = if table { repeated_columns(&head, &input.options) } else { Default::default() };
    let whole = match format {
        Format::AuthorizationDetails
        | Format::ListRoles
        | Format::GetRole
        | Format::ListSamlProviders
        | Format::GetSamlProvider
        | Format::ListAccountAliases
        | Format::ListAccounts
        | Format::ConfigSnapshot => {
            let text = rest(stream, head, limits)?;
            let part = aws::read(format, &text, &input.name, &input.options);
            Whole::Aws { part, lines: lines(&text) }
        }
        Format::OktaApp | Format::OktaApps => {
            let text = rest(stream, head, limits)?;
            Whole::App { part: okta::read_app(&text), lines: lines(&text) }
        }
        _ if format.is_code() => {
            let text = rest(stream, head, limits)?;
            let part = code::read(format, &text, &input.name, &input.options);
            Whole::Code { part, lines: lines(&text) }
        }
        Format::SamlMetadata => {
            let bytes = whole(stream, head, limits)?;
            let lines = lines(&bytes);
            let (text, problems) = saml_metadata::text_of(&bytes, encoding);
            if aws::is_of_provider(&input.name, &input.options) {
                let mut part = aws::read(format, text.as_bytes(), &input.name, &input.options);
                part.problems.extend(problems);
                Whole::Aws { part, lines }
            } else {
                Whole::Metadata { text, problems, lines }
            }
        }
        _ => Whole::No,
    };
    Ok(Seen { format, whole, encoding, repeated })
}

/// The format that the beginning of a file shows.
pub fn recognise(head: &[u8], name: &str) -> Option<Format> {
    let json = matches!(head.trim_ascii_start().first(), Some(b'{' | b'['));
    // What is named as metadata was meant to be.
    let is_metadata = !json && saml_metadata::looks_like(head, name);
    if !is_metadata && saml_capture::looks_like(head, json) {
        return Some(Format::SamlCapture);
    }
    if json && let Some(format) = recognise_json(head, name) {
        return Some(format);
    }
    if let Some(format) = code::looks_like(head, name) {
        return Some(format);
    }
    if json {
        return None;
    }
    if is_metadata {
        return Some(Format::SamlMetadata);
    }
    if ldif::looks_like(head) {
        return Some(Format::Ldif);
    }
    if csvde::looks_like(head) {
        return Some(Format::Csvde);
    }
    powershell::looks_like(head)
        .or_else(|| okta::looks_like(head, name))
        .or_else(|| PlainReader::detect(&first_line(head)))
}

fn recognise_json(head: &[u8], name: &str) -> Option<Format> {
    // Most AWS dumps show what they are at once, and there are thousands of them.
    let beginning = head.get(..BEGINNING).unwrap_or(head);
    let format = aws::looks_like(beginning, name).or_else(|| aws::looks_like(head, name));
    if let Some(format) = format {
        return Some(format);
    }
    if graph::looks_like(head) {
        return Some(Format::Graph);
    }
    if google::looks_like(head) {
        return Some(Format::Google);
    }
    okta::looks_like(head, name)
}

fn open(input: &Input) -> Result<Decoded<Box<dyn Read + Send>>, LoadError> {
    Ok(Decoded::new((input.open)()?, input.options.encoding.as_deref())?)
}

/// The whole of a file that is read at once.
fn whole(stream: impl Read, mut text: Vec<u8>, limits: &Limits) -> Result<Vec<u8>, LoadError> {
    stream.take(limits.tree_file as u64).read_to_end(&mut text)?;
    if text.len() > limits.tree_file {
        let over = OverLimit::new("a file", Limit::TreeFile, limits.tree_file);
        return Err(LoadError::Over { line: 0, over });
    }
    Ok(text)
}

/// The whole of a file, nested no deeper than is allowed where it is JSON; other texts have limits of
/// their own.
fn rest(stream: impl Read, head: Vec<u8>, limits: &Limits) -> Result<Vec<u8>, LoadError> {
    let text = whole(stream, head, limits)?;
    let json = matches!(text.trim_ascii_start().first(), Some(b'{' | b'['));
    if json && let Some(at) = json::first_too_deep(&text, limits.json_depth) {
        let over = OverLimit::new("JSON", Limit::JsonDepth, limits.json_depth);
        let line = lines(text.get(..at).unwrap_or_default());
        return Err(LoadError::Over { line, over });
    }
    Ok(text)
}

fn lines(text: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text).count()).unwrap_or(u32::MAX).saturating_add(1)
}

fn first_line(head: &[u8]) -> String {
    let end = memchr::memchr(b'\n', head).unwrap_or(head.len());
    String::from_utf8_lossy(head.get(..end).unwrap_or_default()).into_owned()
}

/// What a file begins with: its text or, where it is none, its first bytes.
fn beginning(head: &[u8], input: &Input) -> String {
    const BYTES: u64 = 16;
    let start = head.get(..120).unwrap_or(head);
    let odd = |c: char| c == '\u{fffd}' || c.is_control() && !c.is_ascii_whitespace();
    let is_text = match std::str::from_utf8(start) {
        Ok(text) => !text.contains(odd),
        // A character may be cut at the end.
        Err(error) => {
            error.error_len().is_none()
                && !String::from_utf8_lossy(start.get(..error.valid_up_to()).unwrap_or_default())
                    .contains(odd)
        }
    };
    let mut bytes = Vec::new();
    if !is_text
        && let Ok(raw) = (input.open)()
        && raw.take(BYTES).read_to_end(&mut bytes).is_ok()
    {
        return bytes.escape_ascii().to_string();
    }
    let text = String::from_utf8_lossy(head.get(..120).unwrap_or(head)).into_owned();
    let text = text.trim();
    // A word alone may be a password.
    let is_word = !text.contains(|c: char| c.is_whitespace() || c == '<' || c == '{' || c == '[');
    let shown =
        if is_word { text.chars().take(2).chain(['…']).collect() } else { quotable(text) };
    Shown(&shown.chars().take(40).collect::<String>()).to_string()
}

#[derive(Default)]
struct Loader<'q> {
    collector: Collector,
    focus: Option<(Focus<'q>, Lens)>,
    block_size: usize,
    limits: Limits,
    apps: Vec<(OktaApp, SourceId)>,
    app_keys: BTreeMap<String, String>,
    metadata: Vec<(Sourced<String>, SourceId)>,
    accounts: Accounts,
    declared: Declared,
    /// Source files of Terraform's modules.
    modules: Vec<(SourceId, Box<ModuleFile>)>,
    unnamed: Vec<(UnnamedProvider, SourceId)>,
    formats: Vec<(SourceId, Format)>,
    exports: Vec<Export>,
}

impl Loader<'_> {
    fn read(&mut self, input: &Input, seen: Result<Seen, LoadError>) {
        let source = self.collector.begin(&input.name);
        let before = self.collector.record_count();
        let lines = match seen {
            Ok(seen) => {
                self.formats.push((source, seen.format));
                self.begin_export(source, input, &seen);
                match seen.whole {
                    Whole::No => self.read_records(input, seen.format),
                    Whole::Aws { part, lines } => {
                        self.take_aws(part, source);
                        Ok(lines)
                    }
                    Whole::App { part, lines } => {
                        self.take_app(part, source);
                        Ok(lines)
                    }
                    Whole::Code { part, lines } => {
                        self.take_code(part, source);
                        Ok(lines)
                    }
                    Whole::Metadata { text, problems, lines } => {
                        self.note(problems, source);
                        self.take_metadata(text, source);
                        Ok(lines)
                    }
                }
            }
            Err(error) => Err(error),
        };
        let lines = lines.unwrap_or_else(|error| {
            let unknown = matches!(error, LoadError::Unknown(_));
            let (loss, message) = if unknown && input.found {
                (Loss::Nothing, "is no export known here, passed over".to_owned())
            } else {
                (Loss::File, error.to_string())
            };
            let (kind, line) = defects::of_file(&error);
            if loss == Loss::File {
                self.collector.defect((source, line), kind, String::new(), message.clone());
            }
            let said = if let LoadError::Over { line, .. } = error { line } else { 0 };
            self.collector.problem(SourceProblem { source, line: said, loss, message });
            line
        });
        if let Some(export) = self.exports.last_mut().filter(|export| export.source == source) {
            export.records = self.collector.record_count() - before;
        }
        self.collector.end(lines);
        let format = self.formats.last().filter(|(read, _)| *read == source);
        if format.is_some_and(|(_, format)| {
            matches!(format, Format::OktaMembers | Format::OktaMembersCsv)
        }) {
            self.collector.mirrors_directory(source);
        }
    }

    /// Notes what the first look at a file gave.
    fn begin_export(&mut self, source: SourceId, input: &Input, seen: &Seen) {
        let format = seen.format;
        self.exports.push(Export {
            source,
            is_table: format.is_table(),
            encoding: seen.encoding,
            made: input.modified,
            records: 0,
            page_limits: format.page_limits(),
            member_limits: format.member_limits(),
        });
        if format.states_once() {
            self.collector.states_once();
        }
        let (columns, line) = &seen.repeated;
        for column in columns {
            let message = "a second column of this name, expected it once in the header".to_owned();
            let kind = DefectKind::Duplicate;
            self.collector.defect((source, *line), kind, column.clone(), message);
        }
    }

    fn read_records(&mut self, input: &Input, format: Format) -> Result<u32, LoadError> {
        if format == Format::EdgeCsv && !self.collector.states_users() {
            // Every membership may state a user.
            self.focus = None;
        }
        match format {
            Format::EdgeCsv | Format::UsersCsv | Format::GroupsCsv => {
                let header = first_line(&head_of(input)?);
                let reader = PlainReader::new(&header, format, &input.options)?;
                self.read_blocks(input, AtUnquotedLineEnd, &reader)
            }
            Format::Ldif => self.read_blocks(input, AtEmptyLine, &LdifReader::new(&input.options)),
            Format::Csvde => {
                let reader = CsvdeReader::from_head(&head_of(input)?, &input.options)?;
                self.read_blocks(input, AtUnquotedLineEnd, &reader)
            }
            Format::PowerShellUsers | Format::PowerShellGroups | Format::PowerShellMembers => {
                let reader = PowerShellReader::from_head(&head_of(input)?, &input.options)?;
                self.read_blocks(input, AtUnquotedLineEnd, &reader)
            }
            Format::Graph => {
                self.read_blocks(input, JsonElements::new(), &GraphReader::new(&input.options))
            }
            Format::Google => {
                self.read_blocks(input, JsonElements::new(), &GoogleReader::new(&input.options))
            }
            Format::OktaUsers => self.read_blocks(input, JsonElements::new(), &okta::UsersReader),
            Format::OktaGroups => self.read_blocks(input, JsonElements::new(), &okta::GroupsReader),
            Format::OktaMembers => {
                let named = okta::group_in_name(&input.name).map(str::to_owned);
                let group = input.options.group.clone().or(named);
                self.read_blocks(input, JsonElements::new(), &okta::MembersReader::new(group))
            }
            Format::OktaAppGroups => {
                self.collector.assignments_stated(true);
                self.read_blocks(input, JsonElements::new(), &okta::AppGroupsReader)
            }
            Format::OktaAppUsers => {
                self.collector.assignments_stated(false);
                self.read_blocks(input, JsonElements::new(), &okta::AppUsersReader)
            }
            Format::OktaUsersCsv | Format::OktaGroupsCsv | Format::OktaMembersCsv => {
                let reader = okta::OktaCsvReader::new(format, &head_of(input)?, &input.options)?;
                self.read_blocks(input, AtUnquotedLineEnd, &reader)
            }
            _ => Err(LoadError::Unknown(format.as_str().to_owned())),
        }
    }

    /// Reads a file block by block. Gives the number of lines.
    fn read_blocks<C: Cut + Send>(
        &mut self,
        input: &Input,
        cut: C,
        reader: &impl RecordReader,
    ) -> Result<u32, LoadError> {
        let blocks = Blocks::new(open(input)?, cut, 1)
            .with_limits(self.limits)
            .with_block_size(self.block_size);
        read_waves(blocks, reader, self)
    }

    fn take_aws(&mut self, mut part: AwsPart, source: SourceId) {
        let places = |line| self.collector.sources().place(source, line);
        part.place(places);
        for conflict in self.accounts.merge(part.accounts) {
            let message = conflict_sentence(&conflict, self.collector.sources());
            self.collector.problem(SourceProblem { source, line: 0, loss: Loss::Nothing, message });
        }
        self.unnamed.extend(part.unnamed.into_iter().map(|unnamed| (unnamed, source)));
        self.note(part.problems, source);
    }

    fn take_app(&mut self, mut part: AppPart, source: SourceId) {
        for secret in part.apps.iter().filter_map(|app| app.secret) {
            self.note_secret(source, secret.0);
        }
        part.place(|line| self.collector.sources().place(source, line));
        self.apps.extend(part.apps.into_iter().map(|app| (app, source)));
        self.app_keys.extend(part.names.into_iter().map(|app| (app.id, app.name)));
        self.note(part.problems, source);
    }

    fn note_secret(&mut self, source: SourceId, line: u32) {
        let message = "an AWS key in the app's settings, expected none".to_owned();
        self.collector.defect((source, line), DefectKind::Secret, String::new(), message);
    }

    fn take_code(&mut self, mut part: CodePart, source: SourceId) {
        for secret in part.declared.apps.iter().filter_map(|app| app.app.secret) {
            self.note_secret(source, secret.0);
        }
        part.place(|line| self.collector.sources().place(source, line));
        self.declared.append(part.declared);
        self.modules.extend(part.module.map(|module| (source, module)));
        self.note(part.problems, source);
    }

    /// Takes up a document that is the app's own, if it can be.
    fn take_metadata(&mut self, text: String, source: SourceId) {
        let top = self.collector.sources().place(source, 1);
        if !saml_metadata::is_of_service(&text) {
            self.metadata.push((Sourced::new(text, top), source));
            return;
        }
        let message = "is metadata of a service provider, such as AWS's own, passed over; expected the identity provider's".to_owned();
        self.collector.problem(SourceProblem { source, line: 0, loss: Loss::Nothing, message });
    }

    fn note(&mut self, problems: Vec<Problem>, source: SourceId) {
        for problem in problems {
            let (line, loss, message) = (problem.line, problem.loss, problem.error.to_string());
            if let Some((kind, value)) = defects::of(problem.error.as_ref(), loss) {
                self.collector.defect((source, line), kind, value, message.clone());
            }
            self.collector.problem(SourceProblem { source, line, loss, message });
        }
    }

    fn finish(mut self) -> Loaded {
        let evaluated = terraform::evaluate(&self.modules, self.collector.sources());
        for secret in evaluated.declared.apps.iter().filter_map(|app| app.app.secret) {
            let sources = self.collector.sources();
            let line = sources.resolve(secret).map(|(_, line)| line);
            if let (Some(source), Some(line)) = (sources.source_of(secret), line) {
                self.note_secret(source, line);
            }
        }
        self.declared.append(evaluated.declared);
        for (source, problem) in evaluated.problems {
            self.note(vec![problem], source);
        }
        let (documents, sources): (Vec<_>, Vec<_>) = self.unnamed.into_iter().unzip();
        for _ in aws::adopt(&mut self.accounts, documents) {
            let Some(&source) = sources.first() else { continue };
            let message = "nothing says which SAML provider this metadata is of, expected `provider = \"…\"` for this source or the name in the file name".to_owned();
            self.collector.problem(SourceProblem { source, line: 0, loss: Loss::Record, message });
        }
        let mut apps = self.apps.into_iter();
        let exported = apps.next().map(|(app, _)| app);
        let app = exported.or_else(|| self.declared.only_app().cloned());
        for (other, source) in apps {
            let label = other.label.as_deref().unwrap_or("unnamed").to_owned();
            let message = format!("a second AWS app, `{label}`: the first one read is used");
            self.collector.problem(SourceProblem { source, line: 0, loss: Loss::Nothing, message });
        }
        let mut documents = self.metadata.into_iter();
        let app_metadata = documents.next().map(|(document, _)| document);
        let first = app_metadata.as_ref().map(|document| document.value.as_str());
        for (_, source) in documents.filter(|(other, _)| Some(other.value.as_str()) != first) {
            let message = "a second metadata document of the app: the first one read is used; a provider's is told by `saml-provider-NAME` in the file name".to_owned();
            self.collector.problem(SourceProblem { source, line: 0, loss: Loss::Nothing, message });
        }
        let collected = self.collector.finish(&self.app_keys);
        let federation = Federation {
            sources: collected.sources,
            directory: collected.directory,
            app,
            app_metadata,
            accounts: self.accounts,
            declared: self.declared,
            exports: self.exports,
            defects: collected.defects,
        };
        let captures = Vec::new();
        Loaded { federation, problems: collected.problems, formats: self.formats, captures }
    }
}

fn conflict_sentence(
    conflict: &crate::model::aws::Conflict,
    sources: &crate::text::SourceMap,
) -> String {
    let kept = match conflict.kept {
        Place::NOWHERE => String::new(),
        place => format!(" of {}", sources.show(place)),
    };
    format!(
        "{} `{}` of account {} differs from another export; the one{kept} counts",
        conflict.what, conflict.name, conflict.account
    )
}

/// Who takes up what readers find.
trait TakeUp: Send + Sync {
    /// An empty batch for the next block.
    fn batch(&self) -> Batch<'_>;
    /// How large what is read may be.
    fn limits(&self) -> Limits {
        Limits::default()
    }
    /// Takes up what was found in the blocks of one wave, in their order.
    fn take_up(&mut self, found: Vec<Found>) -> Result<(), KeysFull>;
}

impl TakeUp for Loader<'_> {
    fn batch(&self) -> Batch<'_> {
        let lens = self.focus.as_ref().map(|(focus, lens)| (lens, (focus.leads)()));
        Batch::new(self.collector.keys()).through(lens).with_limits(self.limits)
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn take_up(&mut self, found: Vec<Found>) -> Result<(), KeysFull> {
        for found in found {
            self.collector.absorb(found)?;
        }
        if let Some((focus, lens)) = &mut self.focus {
            lens.note(self.collector.keys(), &mut (focus.leads)());
        }
        Ok(())
    }
}

impl TakeUp for Nesting {
    fn batch(&self) -> Batch<'_> {
        Self::batch(self)
    }

    fn take_up(&mut self, found: Vec<Found>) -> Result<(), KeysFull> {
        found.iter().try_for_each(|found| self.absorb(found))
    }
}

/// Reads a file block by block: while one wave of blocks is parsed in parallel the next is read. Gives
/// the number of lines.
fn read_waves<R: Read + Send, C: Cut + Send>(
    mut blocks: Blocks<R, C>,
    reader: &impl RecordReader,
    taker: &mut impl TakeUp,
) -> Result<u32, LoadError> {
    let wave = rayon::current_num_threads() * 2;
    let mut next = take(&mut blocks, wave);
    if !reader.looks_up() {
        return read_ahead(blocks, next, reader, taker);
    }
    loop {
        let (current, ended) = next;
        let (found, following) = rayon::join(
            || {
                let read = |block| read_block(reader, block, taker.batch());
                current.par_iter().map(read).collect::<Vec<_>>()
            },
            || take(&mut blocks, wave),
        );
        taker.take_up(found)?;
        if let Err(error) = ended {
            return Err(error.into());
        }
        if current.is_empty() {
            return Ok(blocks.next_line());
        }
        for block in current {
            blocks.give_back(block);
        }
        next = following;
    }
}

fn read_block(reader: &impl RecordReader, block: &Block, mut batch: Batch<'_>) -> Found {
    reader.read(block, &mut batch);
    batch.found
}

/// [`read_waves`] for a reader that looks nothing up: one wave is taken up while the next is parsed.
fn read_ahead<R: Read + Send, C: Cut + Send>(
    mut blocks: Blocks<R, C>,
    mut next: (Vec<Block>, Result<(), BlockError>),
    reader: &impl RecordReader,
    taker: &mut impl TakeUp,
) -> Result<u32, LoadError> {
    let wave = rayon::current_num_threads() * 2;
    let (nothing, limits) = (Keys::default(), taker.limits());
    let mut parsed = Vec::new();
    loop {
        let (current, ended) = next;
        let (taken_up, (found, following)) = rayon::join(
            || taker.take_up(std::mem::take(&mut parsed)),
            || {
                let read =
                    |block| read_block(reader, block, Batch::new(&nothing).with_limits(limits));
                let found = current.par_iter().map(read).collect::<Vec<_>>();
                (found, take(&mut blocks, wave))
            },
        );
        taken_up?;
        if ended.is_err() || current.is_empty() {
            taker.take_up(found)?;
            ended?;
            return Ok(blocks.next_line());
        }
        for block in current {
            blocks.give_back(block);
        }
        (parsed, next) = (found, following);
    }
}

/// The next blocks, and whether the file can be read that far.
fn take<R: Read, C: Cut>(
    blocks: &mut Blocks<R, C>,
    wave: usize,
) -> (Vec<Block>, Result<(), BlockError>) {
    let mut taken = Vec::new();
    while taken.len() < wave {
        match blocks.next() {
            Some(Ok(block)) => taken.push(block),
            Some(Err(error)) => return (taken, Err(error)),
            None => break,
        }
    }
    (taken, Ok(()))
}

fn head_of(input: &Input) -> Result<Vec<u8>, LoadError> {
    let mut head = Vec::new();
    open(input)?.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}
