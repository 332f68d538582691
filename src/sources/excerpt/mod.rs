//! The lines that findings point at, with what to underline on them.
//!
//! The model knows only the line a fact stands on. Here each file with such a line is read again, once and no
//! further than its last such line, and the value is looked up in the record that begins there.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::mpsc::{channel, sync_channel};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::blocks::{
    AtEmptyLine, AtLineEnd, AtUnquotedLineEnd, BLOCK_SIZE, Block, Blocks, Cut, Supply,
};
use super::decode::Decoded;
use super::input::{Format, Input, Stream};
use super::json::JsonElements;
use super::stretches::Stretches;
use crate::finding::{Label, Mark};
use crate::text::{Landmark, Place, SourceId, SourceMap};
use lined::Lined;
use spelling::Spelling;
use window::Windows;

pub(super) mod csv;
mod json;
mod ldif;
mod lined;
mod lines;
pub(super) mod secret;
pub(super) mod spelling;
mod window;

/// A line of a file and the part of it that a label underlines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, from one; that of the value, where it stands below the beginning of its record.
    pub line: u32,
    /// The line's text without its end, or what stands around the mark on a very long one; the values of
    /// secrets are starred.
    pub text: String,
    /// The line goes on before `text`.
    pub cut_before: bool,
    /// The line goes on behind `text`.
    pub cut_after: bool,
    /// Bytes of `text` to underline.
    pub mark: Range<usize>,
    /// Whether the mark is what was asked for, and not merely the line it stands on.
    pub exact: bool,
    /// First column of the mark and the column behind it, in characters from one.
    pub columns: Range<u64>,
    /// Bytes of the mark in the file, as UTF-8 without a byte order mark.
    pub bytes: Range<u64>,
    /// The place in the words of its format.
    pub field: Option<Field>,
    /// The value, where the mark is its base64 form.
    pub decoded: Option<String>,
}

/// A place in the words of its format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// A CSV row and the column.
    Cell {
        /// Number of the row in the file, from one; differs from the line behind a cell of several lines.
        row: u64,
        /// Name of the column.
        column: Option<String>,
    },
    /// An attribute of an LDIF entry.
    Attribute {
        /// The entry's name.
        dn: String,
        /// The attribute.
        name: Option<String>,
    },
    /// An RFC 6901 pointer; in JSON Lines within the line.
    Pointer(String),
}

/// The excerpts of some labels.
#[derive(Debug, Clone, Default)]
pub struct Excerpts {
    /// In the order of their places and marks.
    found: Vec<(Place, Mark, Excerpt)>,
}

/// A place and what to underline there, for their order.
type Key<'l> = (Place, usize, &'l str, Option<(usize, usize)>);

fn key(place: Place, mark: &Mark) -> Key<'_> {
    let Mark { value, part, from } = mark;
    (place, *from, value, part.as_ref().map(|part| (part.start, part.end)))
}

/// A label with the file and the line of its place.
type Wanted<'l> = (&'l str, u32, &'l Label);

/// Places of a file follow each other, in the order of its lines.
fn order<'l>(&(_, _, label): &Wanted<'l>) -> Key<'l> {
    key(label.place, &label.mark)
}

/// What is wanted of a file.
#[derive(Debug, Clone)]
struct Want {
    line: u32,
    place: Place,
    mark: Mark,
}

/// Where in a block what was wanted stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hit {
    /// Index of what was wanted.
    want: usize,
    span: Range<usize>,
    rank: Rank,
    field: Option<Field>,
    decoded: Option<String>,
}

/// How well a hit answers; the order is from bad to good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The line.
    Line,
    /// A value that holds what was wanted.
    Within,
    /// The value.
    Whole,
}

/// Knows one syntax; is given the blocks of a file in order.
trait Finder {
    /// Looks for what is wanted in a block; `wants` are those whose lines the block holds or began, their
    /// indexes counted from `first`.
    fn scan(&mut self, block: &Lined<'_>, wants: &[Want], first: usize) -> Vec<Hit>;

    /// What of a record with a hit in it is a secret by its place, and so by nothing on its line.
    fn hidden(&self, _bytes: &[u8], _hit: &Range<usize>) -> Vec<Range<usize>> {
        Vec::new()
    }
}

impl Excerpts {
    /// Reads the files that labels point at. What cannot be read any more has no excerpt.
    pub fn read<'l>(
        inputs: &[Input],
        formats: &[(SourceId, Format)],
        sources: &SourceMap,
        labels: impl IntoIterator<Item = &'l Label>,
    ) -> Self {
        let placed = |label: &'l Label| {
            let (name, line) = sources.resolve(label.place)?;
            Some((name, line, label))
        };
        let mut wants: Vec<Wanted<'_>> = labels.into_iter().filter_map(placed).collect();
        wants.par_sort_unstable_by(|a, b| order(a).cmp(&order(b)));
        wants.dedup_by(|a, b| order(a) == order(b));
        let mut by_name: FxHashMap<&str, &Input> = FxHashMap::default();
        for input in inputs {
            by_name.entry(&input.name).or_insert(input);
        }
        let format_of: BTreeMap<&str, Format> = formats
            .iter()
            .filter_map(|(source, format)| Some((sources.name(*source)?, *format)))
            .collect();
        let jobs: Vec<Job<'_>> = wants
            .chunk_by(|a, b| a.0 == b.0)
            .filter_map(|wants| {
                let &(name, _, first) = wants.first()?;
                let input = by_name.get(name).copied()?;
                let want = |&(_, line, label): &Wanted<'_>| Want {
                    line,
                    place: label.place,
                    mark: label.mark.clone(),
                };
                let source = sources.source_of(first.place)?;
                Some(Job {
                    input,
                    format: format_of.get(name).copied(),
                    rows_are_lines: sources.rows_are_lines(source),
                    landmarks: sources.landmarks(source),
                    wants: wants.iter().map(want).collect(),
                })
            })
            .collect();
        let found: Vec<Vec<(Place, Mark, Excerpt)>> = jobs.into_par_iter().map(of_file).collect();
        let mut found: Vec<_> = found.into_iter().flatten().collect();
        found.par_sort_unstable_by(|a, b| key(a.0, &a.1).cmp(&key(b.0, &b.1)));
        Self { found }
    }

    /// The excerpt of a label.
    pub fn of(&self, label: &Label) -> Option<&Excerpt> {
        let wanted = key(label.place, &label.mark);
        let at = self.found.binary_search_by(|one| key(one.0, &one.1).cmp(&wanted)).ok()?;
        self.found.get(at).map(|(_, _, excerpt)| excerpt)
    }
}

/// What is looked for in one file.
struct Job<'i> {
    input: &'i Input,
    format: Option<Format>,
    rows_are_lines: bool,
    landmarks: &'i [Landmark],
    wants: Vec<Want>,
}

fn of_file(job: Job<'_>) -> Vec<(Place, Mark, Excerpt)> {
    let Job { input, format, rows_are_lines, landmarks, wants } = job;
    // What nobody knows may be a key or a password as a whole.
    let options = &input.options;
    if format.is_none() && !options.is_configuration {
        return Vec::new();
    }
    let found = match syntax(format) {
        Syntax::Csv => {
            let mut cells = csv::Cells::new(options, rows_are_lines);
            if let [_, _, ..] = landmarks {
                of_stretches(input, landmarks, &mut cells, &wants)
            } else {
                of_blocks(input, AtUnquotedLineEnd, &mut cells, &wants)
            }
        }
        Syntax::Ldif => of_blocks(input, AtEmptyLine, &mut ldif::Entries, &wants),
        Syntax::Lines => of_blocks(input, AtLineEnd, &mut lines::Lines, &wants),
        Syntax::Json => of_blocks(input, JsonElements::new(), &mut json::Values::default(), &wants),
    };
    let found = wants.into_iter().zip(found);
    found.filter_map(|(want, excerpt)| Some((want.place, want.mark, excerpt?))).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Csv,
    Ldif,
    Lines,
    Json,
}

const fn syntax(format: Option<Format>) -> Syntax {
    match format {
        Some(Format::Ldif) => Syntax::Ldif,
        // Without a format it is no export: the configuration.
        None
        | Some(
            Format::CloudFormation
            | Format::TerraformSource
            | Format::SamlMetadata
            | Format::SamlCapture,
        ) => Syntax::Lines,
        Some(
            Format::EdgeCsv
            | Format::UsersCsv
            | Format::GroupsCsv
            | Format::Csvde
            | Format::PowerShellUsers
            | Format::PowerShellGroups
            | Format::PowerShellMembers
            | Format::OktaUsersCsv
            | Format::OktaGroupsCsv
            | Format::OktaMembersCsv,
        ) => Syntax::Csv,
        _ => Syntax::Json,
    }
}

/// Looks up every want of a file; `wants` are sorted by line. A file that cannot be read to its last such
/// line gives what could be read.
fn of_blocks<C: Cut + Send>(
    input: &Input,
    cut: C,
    finder: &mut impl Finder,
    wants: &[Want],
) -> Vec<Option<Excerpt>> {
    match decoded(input) {
        Some(decoded) => look_through(Blocks::new(decoded, cut, 1), finder, wants),
        None => vec![None; wants.len()],
    }
}

/// The same for a table whose lines are found from where some of them begin: its first lines are read, which
/// name the columns, and those around wanted ones.
fn of_stretches(
    input: &Input,
    landmarks: &[Landmark],
    finder: &mut impl Finder,
    wants: &[Want],
) -> Vec<Option<Excerpt>> {
    let Some(decoded) = decoded(input) else { return vec![None; wants.len()] };
    let stretches = landmarks.windows(2).enumerate().filter_map(|(at, landmarks)| {
        let [from, to] = landmarks else { return None };
        let behind = |line: u32| wants.partition_point(|want| want.line < line);
        let wanted = at == 0 || behind(from.line) < behind(to.line);
        wanted.then_some((from.offset..to.offset, from.line))
    });
    look_through(Stretches::new(decoded, stretches, BLOCK_SIZE), finder, wants)
}

fn decoded(input: &Input) -> Option<Decoded<Box<dyn Stream>>> {
    let opened = (input.open)().ok()?;
    Decoded::new(opened, input.options.encoding.as_deref()).ok()
}

/// Looks up every want in the blocks that may hold some.
fn look_through(
    mut blocks: impl Supply + Send,
    finder: &mut impl Finder,
    wants: &[Want],
) -> Vec<Option<Excerpt>> {
    let mut found: Vec<Option<(Rank, Excerpt)>> = vec![None; wants.len()];
    let mut windows = Windows::default();
    let last = wants.last().map_or(0, |want| want.line);
    let mut look = |block: &Block| {
        let lined = Lined::new(block);
        let ends = block.first_line.saturating_add(lined.ends());
        let from = wants.partition_point(|want| want.line < block.first_line);
        // Behind the last line end begins the first line of the next block.
        let next = ends.saturating_add(u32::from(!block.bytes.ends_with(b"\n")));
        let to = wants.partition_point(|want| want.line < next);
        let wanted = wants.get(from..to).unwrap_or_default();
        for hit in best_of_each(finder.scan(&lined, wanted, from)) {
            let Some(slot) = found.get_mut(hit.want) else { continue };
            if slot.as_ref().is_none_or(|(rank, _)| *rank < hit.rank) {
                let hidden = finder.hidden(&block.bytes, &hit.span);
                *slot = Some((hit.rank, windows.excerpt(&lined, hit, &hidden)));
            }
        }
        windows.pass(block);
    };
    let mut read_here = 0;
    while read_here < READ_HERE
        && let Some(block) = next_to(last, &mut blocks)
    {
        look(&block);
        blocks.give_back(block);
        read_here += 1;
    }
    // A large file is read and looked through side by side.
    if read_here == READ_HERE {
        read_ahead(blocks, last, look);
    }
    found.into_iter().map(|found| found.map(|(_, excerpt)| excerpt)).collect()
}

/// Blocks of a file that are read and looked through in turn, before a thread reads ahead.
const READ_HERE: usize = 4;

/// Blocks that are read ahead.
const AHEAD: usize = 4;

/// The next block, unless it begins behind the last line that is wanted or cannot be read.
fn next_to(last: u32, blocks: &mut impl Supply) -> Option<Block> {
    blocks.next()?.ok().filter(|block| block.first_line <= last)
}

/// Lets a thread read blocks while others are looked through.
fn read_ahead(mut blocks: impl Supply + Send, last: u32, mut look: impl FnMut(&Block)) {
    let Some(first) = next_to(last, &mut blocks) else { return };
    std::thread::scope(|scope| {
        let (sender, read) = sync_channel(AHEAD);
        let (done, done_with) = channel();
        scope.spawn(move || {
            while let Some(block) = next_to(last, &mut blocks)
                && sender.send(block).is_ok()
            {
                for block in done_with.try_iter() {
                    blocks.give_back(block);
                }
            }
        });
        for block in std::iter::once(first).chain(read) {
            look(&block);
            // Nobody takes it where all is read.
            let _ = done.send(block);
        }
    });
}

/// The best hit of each want, the first of several as good, in the order of their beginnings.
fn best_of_each(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by(|a, b| {
        (a.want, b.rank, a.span.start, a.span.end).cmp(&(b.want, a.rank, b.span.start, b.span.end))
    });
    hits.dedup_by_key(|hit| hit.want);
    hits.sort_by_key(|hit| hit.span.start);
    hits
}

/// Looks for a mark in a value as it is written: how well it fits, and the bytes to underline.
fn find(raw: &[u8], spelling: Spelling, mark: &Mark) -> Option<(Rank, Range<usize>)> {
    if mark.value.is_empty() {
        return None;
    }
    let value = spelling.read(raw);
    let whole = 0..mark.value.len();
    let part = mark.part.clone().unwrap_or(whole);
    if value == mark.value {
        let all = mark.part.is_none();
        return Some((Rank::Whole, if all { 0..raw.len() } else { spelling.locate(raw, &part) }));
    }
    if let Some(at) = memchr::memmem::find(value.as_bytes(), mark.value.as_bytes()) {
        return Some((Rank::Within, spelling.locate(raw, &(at + part.start..at + part.end))));
    }
    // A string that holds JSON spells the value once more.
    if spelling != Spelling::JsonString {
        return None;
    }
    let quoted = serde_json::to_string(&mark.value).ok()?;
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if inner == mark.value {
        return None;
    }
    let at = value.find(inner)?;
    let part = Spelling::JsonString.locate(inner.as_bytes(), &part);
    Some((Rank::Within, spelling.locate(raw, &(at + part.start..at + part.end))))
}

fn line_ends(bytes: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u32::MAX)
}

/// Start and end of every wanted line that begins in a block, without its end and the space around it: what
/// is underlined where the value is not found.
fn lines_of(block: &Lined<'_>, wants: &[Want], first: usize) -> Vec<Hit> {
    let mut hits = Vec::new();
    let (mut at, mut line) = (0, block.first_line());
    let mut span = text_of_line(block.bytes(), at);
    for (index, want) in wants.iter().enumerate() {
        if line < want.line {
            let (behind, passed) = block.pass(at, want.line - line);
            at = behind;
            line += passed;
            if line < want.line {
                return hits;
            }
            span = text_of_line(block.bytes(), at);
        }
        let (want, span) = (first + index, span.clone());
        hits.push(Hit { want, span, rank: Rank::Line, field: None, decoded: None });
    }
    hits
}

/// The line that begins at an offset, or the beginning of a very long one, without the space around it.
fn text_of_line(bytes: &[u8], at: usize) -> Range<usize> {
    let rest = bytes.get(at..).unwrap_or_default();
    let rest = rest.get(..window::MARK).unwrap_or(rest);
    let text = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default();
    let start = at + (text.len() - text.trim_ascii_start().len());
    start..start.max(at + text.trim_ascii_end().len())
}

#[cfg(test)]
mod tests;
