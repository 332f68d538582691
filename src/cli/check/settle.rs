//! Which fixes are good: tried on the bytes in memory, and kept only where a check of the result says so.
//!
//! Fixes are tried all at once, and in halves where that goes wrong; what a fix uncovers is mended in the
//! next round, so that a second run finds nothing to do.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::sync::Arc;

use super::super::CliError;
use super::super::options::SourceArgs;
use super::verdict::Verdict;
use crate::entitlement::captures::{Captures, Trusted};
use crate::entitlement::resolve::Entitlements;
use crate::finding::{Finding, FixHint};
use crate::model::federation::Federation;
use crate::rules::settings::Settings;
use crate::rules::{Against, Baseline, Context, Outcome, Scope, all, run_against};
use crate::sources::edit::{EditedFile, OwnFile, Plan, Refusal, Wish, apply, plan};
use crate::sources::input::{Format, Input, SourceOptions};
use crate::sources::load::Loaded;
use crate::text::{SourceId, SourceMap};

/// Largest file that is edited, in bytes.
const LARGEST: u64 = 256 << 20;

/// How often what fixes uncover is mended in its turn.
const ROUNDS: usize = 8;

/// How many times everything is checked again to tell good fixes from others.
const TRIALS: usize = 64;

/// What a check finds.
pub(super) struct Seen {
    pub(super) outcome: Outcome,
    pub(super) sources: SourceMap,
    pub(super) formats: Vec<(SourceId, Format)>,
    /// How many problems the inputs have.
    pub(super) problems: usize,
    /// The names of fixes that groups already have.
    taken: BTreeSet<String>,
}

impl Seen {
    /// What was found in some exports.
    pub(super) fn of(
        outcome: Outcome,
        federation: &Federation,
        formats: &[(SourceId, Format)],
        problems: usize,
    ) -> Self {
        let hints = outcome.findings.iter().filter_map(|finding| finding.fix.as_ref());
        let wanted: BTreeSet<&str> = hints.map(|hint| hint.values().1).collect();
        let directory = &federation.directory;
        let known = directory.groups().map(|(group, _)| directory.group_name(group));
        let taken = known.filter(|name| wanted.contains(name)).map(str::to_owned).collect();
        let (sources, formats) = (federation.sources.clone(), formats.to_vec());
        Self { outcome, sources, formats, problems, taken }
    }
}

/// A file that may be edited.
pub(super) struct Kept {
    pub(super) name: String,
    format: Format,
    options: SourceOptions,
    pub(super) before: Arc<[u8]>,
    pub(super) now: Arc<[u8]>,
}

/// Why a fix is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reason {
    /// No edit can make it.
    Edit(Refusal),
    /// With it the finding would still be there.
    Still,
    /// With it something would be worse.
    Worse(String),
    /// Too many fixes do not go together.
    Untried,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Edit(refusal) => write!(f, "{refusal}"),
            Self::Still => f.write_str("the finding would still be there"),
            Self::Worse(what) => write!(f, "it would bring up {what}"),
            Self::Untried => f.write_str("too many other fixes were tried"),
        }
    }
}

/// An edit that was made.
pub(super) struct Made {
    pub(super) file: String,
    pub(super) line: u32,
    /// How many places of the file changed alike.
    pub(super) places: usize,
    pub(super) rule: &'static str,
    pub(super) from: String,
    pub(super) to: String,
}

/// The edits of one round, on what the rounds before it left.
pub(super) struct Step {
    pub(super) files: Vec<EditedFile>,
    /// The findings whose fixes they are, by the numbers of wishes.
    pub(super) findings: Vec<Finding>,
}

/// What came of all fixes.
pub(super) struct Settled {
    /// The files, edited or not.
    pub(super) files: Vec<Kept>,
    pub(super) made: Vec<Made>,
    pub(super) steps: Vec<Step>,
    /// What is left with a fix that was not made: indexes of findings, and why.
    pub(super) left: Vec<(usize, Reason)>,
    /// What the last check finds.
    pub(super) seen: Seen,
}

/// Reads and checks again and again.
pub(super) struct Settler<'a> {
    sources: &'a SourceArgs,
    settings: &'a Settings,
    /// Findings that are known and left alone.
    baseline: Option<&'a Baseline>,
    trials: usize,
}

/// What one round comes to.
struct Round {
    /// The findings whose fixes are good.
    wished: Vec<usize>,
    left: BTreeMap<usize, Reason>,
    good: Option<(Plan, Seen)>,
}

impl<'a> Settler<'a> {
    pub(super) const fn new(
        sources: &'a SourceArgs,
        settings: &'a Settings,
        baseline: Option<&'a Baseline>,
    ) -> Self {
        Self { sources, settings, baseline, trials: TRIALS }
    }

    /// Makes every good fix, in memory.
    pub(super) fn settle(&mut self, first: Seen) -> Result<Settled, CliError> {
        let files = self.own_files(&first)?;
        let (made_by_now, steps) = (Vec::new(), Vec::new());
        let mut all = Settled { files, made: made_by_now, steps, left: Vec::new(), seen: first };
        for _ in 0..ROUNDS {
            let round = self.round(&all)?;
            all.left = round.left.into_iter().collect();
            let Some((plan, seen)) = round.good else { break };
            all.made.extend(made(&plan.files, &round.wished, &all.seen));
            for edited in &plan.files {
                let file = all.files.iter_mut().find(|file| file.name == edited.name);
                if let Some(file) = file {
                    file.now = apply(&file.now, &edited.edits).into();
                }
            }
            let findings = round.wished.iter();
            let findings = findings.filter_map(|index| all.seen.outcome.findings.get(*index));
            all.steps.push(Step { findings: findings.cloned().collect(), files: plan.files });
            all.seen = seen;
        }
        Ok(all)
    }

    /// What every rule finds in what was read, and neither a waiver nor the baseline suppresses.
    pub(super) fn check(&self, mut loaded: Loaded) -> Seen {
        let trusted = Trusted::of(&loaded.federation);
        let mut captures = Captures::against(&trusted);
        captures.partition = self.settings.partition;
        for input in std::mem::take(&mut loaded.captures) {
            // What cannot be read of them is said when the result is checked.
            let _ = captures.read(&input, &trusted, &mut loaded.federation.sources);
        }
        let mapping = self.sources.try_mapping(&loaded);
        let federation = &loaded.federation;
        let entitlements =
            mapping.as_ref().map(|mapping| Entitlements::resolve(federation, mapping));
        let entitlements = entitlements.as_ref().map_err(|error| *error);
        let context = Context::new(federation, entitlements, self.settings)
            .with_captures(&captures, Scope::Everything);
        let against = self.baseline.map_or(Against::Nothing, Against::Baseline);
        let (outcome, _) = run_against(all(), &context, against);
        Seen::of(outcome, federation, &loaded.formats, loaded.problems.len())
    }

    /// The files of the project's own, where any finding has a fix.
    fn own_files(&self, seen: &Seen) -> Result<Vec<Kept>, CliError> {
        let mut files = Vec::new();
        if seen.outcome.findings.iter().all(|finding| finding.fix.is_none()) {
            return Ok(files);
        }
        for Input { name, open, options, .. } in self.sources.inputs()? {
            let mut known = seen.formats.iter();
            let Some((_, format)) =
                known.find(|(id, _)| seen.sources.name(*id) == Some(name.as_str()))
            else {
                continue;
            };
            if format.is_export() {
                continue;
            }
            let mut bytes = Vec::new();
            let read = open().and_then(|open| open.take(LARGEST + 1).read_to_end(&mut bytes));
            if read.is_err() || bytes.len() as u64 > LARGEST {
                continue;
            }
            let before: Arc<[u8]> = bytes.into();
            let now = Arc::clone(&before);
            files.push(Kept { name, format: *format, options, before, now });
        }
        Ok(files)
    }

    /// One round: the fixes of what is found now.
    fn round(&mut self, all: &Settled) -> Result<Round, CliError> {
        let findings = all.seen.outcome.findings.iter().enumerate();
        let wished: Vec<usize> =
            findings.filter(|(_, found)| found.fix.is_some()).map(|(index, _)| index).collect();
        let mut round = Round { wished: Vec::new(), left: BTreeMap::new(), good: None };
        let mut waiting = vec![wished];
        while let Some(mut set) = waiting.pop() {
            let trial = [round.wished.as_slice(), &set].concat();
            for (at, refusal) in Self::plan(all, &trial).refused {
                let Some(index) = trial.get(at).copied() else { continue };
                set.retain(|one| *one != index);
                round.left.insert(index, Reason::Edit(refusal));
            }
            if set.is_empty() {
                continue;
            }
            if self.trials == 0 {
                round.left.extend(set.into_iter().map(|index| (index, Reason::Untried)));
                continue;
            }
            self.trials -= 1;
            waiting.extend(self.attempt(all, &mut round, set)?);
        }
        Ok(round)
    }

    /// Tries some fixes beside those that are good; what to try next, where that goes wrong.
    fn attempt(
        &self,
        all: &Settled,
        round: &mut Round,
        mut set: Vec<usize>,
    ) -> Result<Vec<Vec<usize>>, CliError> {
        let trial = [round.wished.as_slice(), &set].concat();
        let plan = Self::plan(all, &trial);
        let after = self.tried(all, &plan)?;
        let verdict = Verdict::of(&all.seen, &after, &trial);
        if verdict.is_good() {
            round.wished = trial;
            round.good = Some((plan, after));
            return Ok(Vec::new());
        }
        if let [index] = set.as_slice() {
            let reason = match verdict.worse {
                Some(worse) => Reason::Worse(worse),
                None => Reason::Still,
            };
            round.left.insert(*index, reason);
            return Ok(Vec::new());
        }
        let rest = set.split_off(set.len() / 2);
        Ok(vec![rest, set])
    }

    fn plan(all: &Settled, trial: &[usize]) -> Plan {
        let own = all.files.iter().map(|file| OwnFile {
            name: &file.name,
            format: file.format,
            options: &file.options,
            bytes: &file.now,
        });
        let own: Vec<OwnFile<'_>> = own.collect();
        let wish = |index: &usize| {
            let finding = all.seen.outcome.findings.get(*index)?;
            Some(Wish { place: finding.primary.place, hint: finding.fix.as_ref()? })
        };
        let wishes: Vec<Wish<'_>> = trial.iter().filter_map(wish).collect();
        plan(&wishes, &own, &all.seen.sources, &|name| all.seen.taken.contains(name))
    }

    /// What a check finds with the edits of a plan.
    fn tried(&self, all: &Settled, plan: &Plan) -> Result<Seen, CliError> {
        let mut inputs = self.sources.inputs()?;
        for input in &mut inputs {
            let Some(file) = all.files.iter().find(|file| file.name == input.name) else {
                continue;
            };
            let bytes: Arc<[u8]> = match plan.files.iter().find(|it| it.name == file.name) {
                Some(edited) => apply(&file.now, &edited.edits).into(),
                None => Arc::clone(&file.now),
            };
            input.open = Box::new(move || Ok(Box::new(Cursor::new(Arc::clone(&bytes))) as _));
        }
        Ok(self.check(self.sources.read(inputs)?))
    }
}

/// What the edits of a plan change: one of each file and new name, or of each value.
fn made(files: &[EditedFile], wished: &[usize], seen: &Seen) -> Vec<Made> {
    let mut all: Vec<Made> = Vec::new();
    for file in files {
        for edit in &file.edits {
            let index = edit.wishes.first().and_then(|at| wished.get(*at));
            let finding = index.and_then(|index| seen.outcome.findings.get(*index));
            let Some((finding, hint)) = finding.and_then(|one| Some((one, one.fix.as_ref()?)))
            else {
                continue;
            };
            let (from, to) = hint.values();
            let is_rename = matches!(hint, FixHint::RenameGroup { .. });
            let same = all.iter_mut().find(|made| {
                is_rename && made.file == file.name && made.from == from && made.to == to
            });
            if let Some(made) = same {
                made.places += 1;
                continue;
            }
            all.push(Made {
                file: file.name.clone(),
                line: edit.line,
                places: 1,
                rule: finding.rule,
                from: from.to_owned(),
                to: to.to_owned(),
            });
        }
    }
    all
}
