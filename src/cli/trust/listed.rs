//! The findings about the roles of a review, as a run of the rules would list them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::cli::check::of_findings;
use crate::cli::files;
use crate::explain::trust_review::Origin;
use crate::finding::{Finding, Fingerprint};
use crate::report::review::View;
use crate::rules::{NotChecked, Outcome, Suppressed, find};
use crate::sources::excerpt::Excerpts;
use crate::sources::input::{Format, Input, SourceOptions};
use crate::text::{Place, SourceId, SourceMap};

/// Findings, and the files they point at.
pub(super) struct Listed {
    /// The findings, with the rules that were asked.
    pub(super) outcome: Outcome,
    /// The sources of the run, and behind them the files with one policy each.
    pub(super) sources: SourceMap,
    /// Names of the files with one policy each.
    files: Vec<String>,
}

impl Listed {
    /// Gathers what was found about the roles that are shown, or about everything where all are.
    pub(super) fn gather(
        view: &View<'_>,
        outcome: &Outcome,
        of_files: &[(&str, Outcome)],
        everything: bool,
    ) -> Self {
        let mut sources = view.sources.clone();
        let shown: BTreeSet<Fingerprint> =
            view.findings.values().flatten().map(|finding| finding.fingerprint).collect();
        let mut all: Vec<Finding> = outcome.findings.clone();
        all.retain(|finding| everything || shown.contains(&finding.fingerprint));
        let mut suppressed = if everything { outcome.suppressed.clone() } else { Vec::new() };
        let mut files = Vec::new();
        for (name, of_file) in of_files {
            let is_shown = view.review.roles.iter().any(|role| role.origin == Origin::File(name));
            if !is_shown {
                continue;
            }
            let source = sources.append((*name).to_owned(), 1);
            let top = sources.place(source, 1);
            files.push((*name).to_owned());
            let placed = |mut finding: Finding| {
                if finding.primary.place == Place::NOWHERE {
                    finding.primary.place = top;
                }
                finding
            };
            all.extend(of_file.findings.iter().cloned().map(placed));
            suppressed.extend(
                of_file
                    .suppressed
                    .iter()
                    .cloned()
                    .map(|one| Suppressed { finding: placed(one.finding), by: one.by }),
            );
        }
        let outcomes = std::iter::once(outcome).chain(of_files.iter().map(|(_, outcome)| outcome));
        let mut listed = asked(outcomes);
        let mut by_rule: BTreeMap<&str, Vec<Finding>> = BTreeMap::new();
        for finding in all {
            by_rule.entry(finding.rule).or_default().push(finding);
        }
        for (rule, findings) in by_rule {
            if let Some(rule) = find(rule) {
                listed.add(&rule.info, findings, &sources, &mut |_| None);
            }
        }
        for one in suppressed {
            listed.suppressed_counts.count(&one.by);
            listed.suppressed.push(one);
        }
        Self { outcome: listed, sources, files }
    }

    /// The lines that the findings point at.
    pub(super) fn excerpts(
        &self,
        mut inputs: Vec<Input>,
        formats: &[(SourceId, Format)],
    ) -> Excerpts {
        let options = SourceOptions::default;
        let files = self.files.iter().filter(|name| *name != "standard input");
        inputs.extend(files.map(|name| files::input(Path::new(name), options(), false)));
        of_findings(&inputs, formats, &self.sources, &self.outcome)
    }
}

/// Which rules were asked, and which could not be anywhere.
fn asked<'o>(outcomes: impl Iterator<Item = &'o Outcome>) -> Outcome {
    let mut checked = BTreeSet::new();
    let mut not_checked: BTreeMap<&str, &NotChecked> = BTreeMap::new();
    for outcome in outcomes {
        checked.extend(outcome.checked.iter().copied());
        for one in &outcome.not_checked {
            not_checked.entry(one.rule).or_insert(one);
        }
    }
    not_checked.retain(|rule, _| !checked.contains(rule));
    Outcome {
        checked: checked.into_iter().collect(),
        not_checked: not_checked.into_values().cloned().collect(),
        ..Outcome::default()
    }
}
