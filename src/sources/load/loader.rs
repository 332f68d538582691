//! Takes up one input after the other and joins them in the end.

use std::collections::BTreeMap;

use super::LoadError;
use super::Loaded;
use super::look::{Seen, Whole, first_line, head_of, open};
use super::waves::{TakeUp, read_waves};
use crate::model::app::OktaApp;
use crate::model::aws::Accounts;
use crate::model::declared::Declared;
use crate::model::defect::DefectKind;
use crate::model::export::Export;
use crate::model::federation::Federation;
use crate::sources::aws::{self, AwsPart, UnnamedProvider};
use crate::sources::batch::{Batch, Found, Loss, Problem, RecordReader};
use crate::sources::blocks::{AtEmptyLine, AtUnquotedLineEnd, Blocks, Cut};
use crate::sources::code::CodePart;
use crate::sources::code::terraform::{self, ModuleFile};
use crate::sources::collect::{Collector, SourceProblem};
use crate::sources::defects;
use crate::sources::directory::csvde::CsvdeReader;
use crate::sources::directory::google::GoogleReader;
use crate::sources::directory::graph::GraphReader;
use crate::sources::directory::ldif::LdifReader;
use crate::sources::directory::powershell::PowerShellReader;
use crate::sources::focus::{Focus, Later, Lens};
use crate::sources::input::{Format, Input};
use crate::sources::json::JsonElements;
use crate::sources::keys::{KeyId, KeysFull};
use crate::sources::limits::Limits;
use crate::sources::okta::{self, AppPart};
use crate::sources::plain::PlainReader;
use crate::sources::saml_metadata;
use crate::sources::stretches::Stretches;
use crate::text::{Place, SourceId, Sourced};

/// What was read so far.
#[derive(Default)]
pub(super) struct Loader<'q> {
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

impl<'q> Loader<'q> {
    /// Nothing read yet.
    pub(super) fn new(focus: Option<Focus<'q>>, block_size: usize, limits: Limits) -> Self {
        let focus = focus.map(|focus| {
            let lens = Lens::new(&focus);
            (focus, lens)
        });
        Self { focus, block_size, limits, ..Self::default() }
    }

    /// Reads an input and takes up what it says.
    pub(super) fn read(&mut self, input: &Input, seen: Result<Seen, LoadError>) -> SourceId {
        let source = self.collector.begin(&input.name);
        let before = self.collector.record_count();
        let lines = match seen {
            Ok(seen) => {
                self.formats.push((source, seen.format));
                self.begin_export(source, &seen);
                match seen.whole {
                    Whole::No | Whole::Unread => self.read_records(input, seen.format),
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
            let message = match error {
                LoadError::Unknown(_) if input.found => {
                    "is no export known here, passed over".to_owned()
                }
                // Nothing is lost, and what it says is not heard.
                LoadError::EmptyList if input.found => format!("{error}; passed over"),
                _ => return self.lost(source, &error),
            };
            let loss = Loss::Nothing;
            self.collector.problem(SourceProblem { source, line: 0, loss, message });
            defects::of_file(&error).1
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
        source
    }

    /// Says that a source, or the rest of it, is lost; gives the line where.
    fn lost(&mut self, source: SourceId, error: &LoadError) -> u32 {
        let ((kind, line), message) = (defects::of_file(error), error.to_string());
        self.collector.defect((source, line), kind, String::new(), message.clone());
        let said = if let LoadError::Over { line, .. } = error { *line } else { 0 };
        self.collector.problem(SourceProblem { source, line: said, loss: Loss::File, message });
        line
    }

    /// Whether a source leaves memberships for later.
    pub(super) fn left_some(&self, source: SourceId) -> bool {
        self.collector.left_some(source)
    }

    /// Reads what is needed of the memberships that were left: nesting is known now.
    pub(super) fn read_later(&mut self, inputs: &[(SourceId, Input)]) {
        let Some((focus, lens)) = &mut self.focus else { return };
        let leading = lens.leading(focus, self.collector.keys(), &self.collector.nested());
        lens.settle(leading);
        for (source, input) in inputs {
            let (source, later) = (*source, self.collector.take_later(*source));
            if let Some(later) = later
                && let Err(error) = self.read_left(source, input, &later)
            {
                self.lost(source, &error);
            }
        }
    }

    fn read_left(
        &mut self,
        source: SourceId,
        input: &Input,
        later: &Later<KeyId>,
    ) -> Result<(), LoadError> {
        let Some((_, lens)) = &self.focus else { return Ok(()) };
        let needed: Vec<_> =
            later.needed(lens).map(|needed| (needed.bytes.clone(), needed.line)).collect();
        if needed.len() < later.len() {
            self.collector.leave_out();
        }
        let header = first_line(&head_of(input)?);
        let reader = PlainReader::new(&header, Format::EdgeCsv, &input.options)?;
        self.collector.resume(source);
        read_waves(&mut Stretches::new(open(input)?, needed, self.block_size), &reader, self)
    }

    /// Notes what the first look at a file gave.
    fn begin_export(&mut self, source: SourceId, seen: &Seen) {
        let format = seen.format;
        self.exports.push(Export {
            source,
            is_table: format.is_table(),
            encoding: seen.encoding,
            made: seen.modified,
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
                if reader.states_assignments() {
                    self.collector.assignments_stated(true);
                }
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
        let mut stream = open(input)?;
        let size = stream.size();
        let mut blocks = Blocks::new(stream, cut, 1)
            .with_limits(self.limits)
            .with_block_size(self.block_size)
            .with_size(size);
        read_waves(&mut blocks, reader, self)?;
        self.collector.keep_landmarks(blocks.landmarks());
        Ok(blocks.next_line())
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

    /// Joins everything.
    pub(super) fn finish(mut self) -> Loaded {
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

impl TakeUp for Loader<'_> {
    fn batch(&self) -> Batch<'_> {
        let lens = self.focus.as_ref().map(|(focus, lens)| (lens, (focus.leads)()));
        Batch::new(self.collector.keys()).through(lens).with_limits(self.limits)
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn expect(&mut self, times: usize) {
        self.collector.expect(times);
    }

    fn take_up(&mut self, found: &mut [Found]) -> Result<(), KeysFull> {
        for found in found {
            self.collector.absorb(found)?;
        }
        if let Some((focus, lens)) = &mut self.focus {
            lens.note(self.collector.keys(), &mut (focus.leads)());
        }
        Ok(())
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
