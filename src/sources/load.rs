//! Inputs in, federation out: each is recognised from its content, read, and joined with the rest.

mod loader;
mod look;
mod waves;

use std::io;

use rayon::prelude::*;
use thiserror::Error;

use super::batch::Loss;
use super::blocks::{BLOCK_SIZE, BlockError};
use super::collect::SourceProblem;
use super::decode::UnknownEncoding;
use super::directory::HeaderError;
use super::focus::Focus;
use super::input::{Format, Input};
use super::keys::KeysFull;
use super::limits::{Limits, OverLimit};
use super::okta;
use super::plain::PlainError;
use crate::model::app::OktaApp;
use crate::model::federation::Federation;
use crate::text::SourceId;
use loader::Loader;
use look::{Seen, Whole, look};

pub use look::{HEAD, recognise};

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
    /// A list of nothing, which every kind of export may be.
    #[error(
        "is an empty list: nothing in it says which export it is; name its `format` in rolecall.toml, or with `--format-of FILE=FORMAT`"
    )]
    EmptyList,
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
        seen.sort_by(|(a, x), (b, y)| (order(x), &a.name).cmp(&(order(y), &b.name)));
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
        // On a thread of the pool: one outside would sleep and be woken for every wave.
        rayon::scope(|_| self.read_here(focus))
    }

    fn read_here(self, focus: Option<Focus<'_>>) -> Loaded {
        let focus = focus.filter(|_| self.can_focus());
        let mut loader = Loader::new(focus, self.block_size, self.limits);
        let (mut captures, mut memberships) = (Vec::new(), Vec::new());
        let (mut records, limits) = (self.seen, self.limits);
        let late = records.partition_point(|(_, seen)| order(seen) < BESIDE);
        let beside = records.split_off(late);
        // Users are taken up one after the other, which leaves threads with nothing to do.
        let (beside, ()) = rayon::join(
            || {
                let read = |buffer: &mut Vec<u8>, (input, seen): (Input, Result<Seen, _>)| {
                    let seen = seen.and_then(|seen| seen.read(&input, &limits, buffer));
                    (input, seen)
                };
                beside.into_par_iter().map_init(Vec::new, read).collect::<Vec<_>>()
            },
            || {
                for (input, seen) in records {
                    loader.read(&input, seen);
                }
            },
        );
        for (input, seen) in beside {
            match seen {
                Ok(Seen { format: Format::SamlCapture, .. }) => captures.push(input),
                seen => {
                    let source = loader.read(&input, seen);
                    if loader.left_some(source) {
                        memberships.push((source, input));
                    }
                }
            }
        }
        loader.read_later(&memberships);
        Loaded { captures, ..loader.finish() }
    }

    /// Only of plain CSV can memberships be left for later, and only with users stated and no assignments
    /// does nothing but the groups' names decide.
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

/// [`reading_order`] from which on inputs are read after users and groups.
const BESIDE: u8 = 3;

fn order(seen: &Result<Seen, LoadError>) -> u8 {
    seen.as_ref().map_or(0, |seen| reading_order(seen.format))
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
