//! Values of the project's own files, written otherwise: only the bytes of a value change.
//!
//! What a rule would have instead is planned here against the bytes of the files; a value is changed where
//! it is written out exactly once at its place, in the format's own spelling, and refused otherwise. Files
//! are neither read nor written here.

use std::collections::BTreeMap;
use std::ops::Range;

use thiserror::Error;

use super::input::{Format, SourceOptions};
use crate::finding::FixHint;
use crate::text::{Place, SourceMap};

mod groups;
mod spelling;
mod values;

/// A file of the project's own, as read.
#[derive(Debug, Clone, Copy)]
pub struct OwnFile<'a> {
    /// Its name in the run.
    pub name: &'a str,
    /// What it was read as.
    pub format: Format,
    /// What the user said about it.
    pub options: &'a SourceOptions,
    /// All of it.
    pub bytes: &'a [u8],
}

/// A change that a finding would have.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'h> {
    /// Where the finding stands.
    pub place: Place,
    /// The change.
    pub hint: &'h FixHint,
}

/// Bytes of a file, and what is written for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that go; those of a value without its quotes.
    pub span: Range<usize>,
    /// The line they stand on, from one.
    pub line: u32,
    /// The bytes that come.
    pub written: Vec<u8>,
    /// Indexes of the wishes that it fulfils.
    pub wishes: Vec<usize>,
}

/// The edits of one file, in the order of their places; none overlaps another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditedFile {
    /// Its name in the run.
    pub name: String,
    /// The edits.
    pub edits: Vec<Edit>,
}

/// Why a wish cannot be fulfilled by an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum Refusal {
    /// It stands in what a system wrote.
    #[error("it stands in an export")]
    Export,
    /// It is only a proposal.
    #[error("somebody has to say what is meant")]
    Guess,
    /// The value is computed, or spelled in a way that is not known.
    #[error("the value is not written out at its place")]
    NotThere,
    /// The value stands there more than once.
    #[error("the value stands more than once on its line")]
    Twice,
    /// What would be written has no spelling there.
    #[error("the new value cannot be written as the old one is")]
    Spelling,
    /// The file is in another encoding.
    #[error("the file is not UTF-8")]
    Encoding,
    /// A group of the new name is there already.
    #[error("a group of the new name is there already")]
    Taken,
    /// Another edit changes the same bytes.
    #[error("another fix changes the same value")]
    Overlap,
}

/// What would be edited, and what not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// The files that would change, by name.
    pub files: Vec<EditedFile>,
    /// Indexes of wishes that no edit fulfils, and why.
    pub refused: Vec<(usize, Refusal)>,
}

/// Plans the edits that some wishes come to; of two that overlap the first wins.
pub fn plan(
    wishes: &[Wish<'_>],
    files: &[OwnFile<'_>],
    sources: &SourceMap,
    is_taken: &dyn Fn(&str) -> bool,
) -> Plan {
    let mut planner = Planner::default();
    let mut renames: BTreeMap<&str, (&str, Vec<usize>)> = BTreeMap::new();
    for (index, wish) in wishes.iter().enumerate() {
        let at = sources.resolve(wish.place);
        let file = at.and_then(|(name, _)| files.iter().find(|file| file.name == name));
        let Some(file) = file else {
            planner.refuse(index, Refusal::Export);
            continue;
        };
        if matches!(wish.hint, FixHint::ProposeName { .. }) {
            planner.refuse(index, Refusal::Guess);
            continue;
        }
        if let FixHint::RenameGroup { from, to } = wish.hint {
            let known = renames.entry(from).or_insert_with(|| (to, Vec::new()));
            if is_taken(to) {
                planner.refuse(index, Refusal::Taken);
            } else if known.0 == to {
                known.1.push(index);
            } else {
                planner.refuse(index, Refusal::Overlap);
            }
            continue;
        }
        let place = wish.hint.label().map_or(wish.place, |label| label.place);
        let line = sources.resolve(place).filter(|(name, _)| *name == file.name);
        let found = match line {
            Some((_, line)) => values::find(file, line, wish.hint),
            None => Err(Refusal::NotThere),
        };
        match found {
            Ok(edit) => planner.add(file.name, Edit { wishes: vec![index], ..edit }),
            Err(why) => planner.refuse(index, why),
        }
    }
    renames.retain(|_, (_, indexes)| !indexes.is_empty());
    planner.rename(files, &renames);
    planner.finish()
}

/// The bytes of a file with its edits.
pub fn apply(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for edit in edits {
        out.extend_from_slice(bytes.get(at..edit.span.start).unwrap_or_default());
        out.extend_from_slice(&edit.written);
        at = edit.span.end;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    out
}

/// Gathers edits and refusals.
#[derive(Debug, Default)]
struct Planner<'a> {
    /// By file, then by first byte.
    edits: BTreeMap<&'a str, BTreeMap<usize, Edit>>,
    refused: BTreeMap<usize, Refusal>,
}

impl<'a> Planner<'a> {
    fn refuse(&mut self, index: usize, why: Refusal) {
        self.refused.insert(index, why);
    }

    fn add(&mut self, name: &'a str, edit: Edit) {
        let edits = self.edits.entry(name).or_default();
        let start = edit.span.start;
        if let Some(same) = edits.get_mut(&start)
            && same.span == edit.span
            && same.written == edit.written
        {
            same.wishes.extend(edit.wishes);
            return;
        }
        let before = edits.range(..=start).next_back();
        let after = edits.range(start..).next();
        let overlaps = before.is_some_and(|(_, other)| other.span.end > start)
            || after.is_some_and(|(other, _)| *other < edit.span.end);
        if overlaps || edits.contains_key(&start) {
            for index in edit.wishes {
                self.refused.insert(index, Refusal::Overlap);
            }
            return;
        }
        edits.insert(start, edit);
    }

    /// Renames groups wherever a plain CSV names them: in every file or, where one cannot be read, in none.
    fn rename(&mut self, files: &[OwnFile<'a>], renames: &BTreeMap<&str, (&str, Vec<usize>)>) {
        if renames.is_empty() {
            return;
        }
        let mut unfound: BTreeMap<usize, Refusal> = renames
            .values()
            .flat_map(|(_, indexes)| indexes)
            .map(|index| (*index, Refusal::NotThere))
            .collect();
        let naming = || files.iter().filter(|file| groups::names_groups(file.format));
        if !naming().all(is_utf8) {
            let all = unfound.into_keys();
            return self.refused.extend(all.map(|index| (index, Refusal::Encoding)));
        }
        for file in naming() {
            for edit in groups::rename(file, renames) {
                for index in &edit.wishes {
                    unfound.remove(index);
                }
                self.add(file.name, edit);
            }
        }
        self.refused.extend(unfound);
    }

    fn finish(self) -> Plan {
        let files = self.edits.into_iter().filter(|(_, edits)| !edits.is_empty());
        let files = files.map(|(name, edits)| EditedFile {
            name: name.to_owned(),
            edits: edits.into_values().collect(),
        });
        Plan { files: files.collect(), refused: self.refused.into_iter().collect() }
    }
}

/// Whether the bytes of a file are what a reader sees, but for a byte order mark.
fn is_utf8(file: &OwnFile<'_>) -> bool {
    let named = file.options.encoding.as_deref();
    let named = named.is_none_or(|label| {
        label.eq_ignore_ascii_case("utf-8") || label.eq_ignore_ascii_case("utf8")
    });
    named && std::str::from_utf8(file.bytes).is_ok() && !file.bytes.contains(&0)
}

/// Offset behind a byte order mark.
fn start(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 }
}

/// The number of the line that holds a byte.
fn line_of(bytes: &[u8], at: usize) -> u32 {
    let before = bytes.get(..at).unwrap_or_default();
    u32::try_from(memchr::memchr_iter(b'\n', before).count()).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests;
