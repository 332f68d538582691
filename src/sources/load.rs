//! Inputs in, federation out: each is recognised from its content, read, and joined with the rest.

use std::collections::BTreeMap;
use std::io::{self, Read};

use rayon::prelude::*;
use thiserror::Error;

use super::batch::{Batch, Found, Loss, RecordReader};
use super::blocks::{AtUnquotedLineEnd, Block, BlockError, Blocks, Cut};
use super::collect::{Collector, SourceProblem};
use super::input::{Format, Input};
use super::keys::KeysFull;
use super::plain::{PlainError, PlainReader};
use crate::model::app::OktaApp;
use crate::model::aws::Accounts;
use crate::model::federation::Federation;

/// How much of a file is looked at to recognise it.
pub const HEAD: usize = 64 << 10;

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
        "is no export known here: it begins with {0}; name its format with `format` in rolecall.toml or `--format-of FILE=FORMAT`"
    )]
    Unknown(String),
    /// A plain CSV with the wrong columns.
    #[error(transparent)]
    Plain(#[from] PlainError),
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
}

impl Loaded {
    /// Whether anything was lost: reading such inputs ends with exit code 2 unless the user is lenient.
    pub fn is_incomplete(&self) -> bool {
        self.problems.iter().any(|problem| problem.loss != Loss::Nothing)
    }
}

/// Reads all inputs. Users come first, whatever the order given, so that memberships find them.
pub fn load(inputs: Vec<Input>) -> Loaded {
    let mut loader = Loader::default();
    let mut recognised: Vec<(Input, Format)> = Vec::new();
    for input in inputs {
        match recognise(&input) {
            Ok(format) => recognised.push((input, format)),
            Err(error) => loader.fail(&input.name, &error),
        }
    }
    recognised
        .sort_by(|(a, x), (b, y)| (reading_order(*x), &a.name).cmp(&(reading_order(*y), &b.name)));
    for (input, format) in &recognised {
        loader.read(input, *format);
    }
    loader.finish()
}

/// Users before groups before memberships; the rest in between.
const fn reading_order(format: Format) -> u8 {
    match format {
        Format::UsersCsv | Format::OktaUsers | Format::OktaUsersCsv | Format::PowerShellUsers => 0,
        Format::GroupsCsv
        | Format::OktaGroups
        | Format::OktaGroupsCsv
        | Format::PowerShellGroups => 1,
        Format::EdgeCsv
        | Format::OktaMembers
        | Format::OktaMembersCsv
        | Format::PowerShellMembers => 3,
        Format::OktaAppGroups | Format::OktaAppUsers => 4,
        _ => 2,
    }
}

#[derive(Default)]
struct Loader {
    collector: Collector,
    apps: Vec<OktaApp>,
    app_keys: BTreeMap<String, String>,
    accounts: Accounts,
}

impl Loader {
    fn read(&mut self, input: &Input, format: Format) {
        let source = self.collector.begin(&input.name);
        let result = match format {
            Format::EdgeCsv | Format::UsersCsv | Format::GroupsCsv => {
                self.read_plain(input, format)
            }
            _ => Err(LoadError::Unknown(format.as_str().to_owned())),
        };
        let lines = match result {
            Ok(lines) => lines,
            Err(error) => {
                let (line, message) = (0, error.to_string());
                self.collector.problem(SourceProblem { source, line, loss: Loss::File, message });
                0
            }
        };
        self.collector.end(lines);
    }

    fn read_plain(&mut self, input: &Input, format: Format) -> Result<u32, LoadError> {
        let header = first_line(&head_of(input)?);
        let reader = PlainReader::new(&header, format, &input.options)?;
        self.read_blocks(input, AtUnquotedLineEnd, &reader)
    }

    /// Reads a file block by block: while one wave of blocks is parsed in parallel the next is read.
    /// Gives the number of lines.
    fn read_blocks<C: Cut + Send>(
        &mut self,
        input: &Input,
        cut: C,
        reader: &impl RecordReader,
    ) -> Result<u32, LoadError> {
        let mut blocks = Blocks::new((input.open)()?, cut, 1);
        let wave = rayon::current_num_threads() * 2;
        let mut next = take(&mut blocks, wave)?;
        while !next.is_empty() {
            let current = std::mem::take(&mut next);
            let keys = self.collector.keys();
            let (found, following) = rayon::join(
                || {
                    current
                        .par_iter()
                        .map(|block| read_block(reader, block, keys))
                        .collect::<Vec<_>>()
                },
                || take(&mut blocks, wave),
            );
            for found in found {
                self.collector.absorb(found)?;
            }
            next = following?;
        }
        Ok(blocks.next_line())
    }

    fn fail(&mut self, name: &str, error: &LoadError) {
        let source = self.collector.begin(name);
        let message = error.to_string();
        self.collector.problem(SourceProblem { source, line: 0, loss: Loss::File, message });
        self.collector.end(0);
    }

    fn finish(self) -> Loaded {
        let collected = self.collector.finish(&self.app_keys);
        let federation = Federation {
            sources: collected.sources,
            directory: collected.directory,
            app: self.apps.into_iter().next(),
            accounts: self.accounts,
        };
        Loaded { federation, problems: collected.problems }
    }
}

fn read_block(reader: &impl RecordReader, block: &Block, keys: &super::keys::Keys) -> Found {
    let mut batch = Batch::new(keys);
    reader.read(block, &mut batch);
    batch.found
}

fn take<R: Read, C: Cut>(blocks: &mut Blocks<R, C>, wave: usize) -> Result<Vec<Block>, BlockError> {
    blocks.take(wave).collect()
}

fn head_of(input: &Input) -> Result<Vec<u8>, LoadError> {
    let mut head = Vec::new();
    (input.open)()?.take(HEAD as u64).read_to_end(&mut head)?;
    if head.is_empty() { Err(LoadError::Empty) } else { Ok(head) }
}

fn first_line(head: &[u8]) -> String {
    let end = memchr::memchr(b'\n', head).unwrap_or(head.len());
    String::from_utf8_lossy(head.get(..end).unwrap_or_default()).into_owned()
}

/// The format of an input: what the user said, else what its content shows.
pub fn recognise(input: &Input) -> Result<Format, LoadError> {
    if let Some(format) = input.options.format {
        return Ok(format);
    }
    let head = head_of(input)?;
    PlainReader::detect(&first_line(&head)).ok_or_else(|| LoadError::Unknown(beginning(&head)))
}

fn beginning(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head.get(..40).unwrap_or(head)).into_owned();
    format!("`{}`", crate::text::Shown(text.trim()))
}
