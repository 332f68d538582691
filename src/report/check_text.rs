//! Findings for a person: message, source line and help, in the look of rustc.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anstyle::{AnsiColor, Style};
use rayon::prelude::*;

use super::snippet::{Line, elided, field_words};
use crate::finding::{Finding, Label, Severity};
use crate::rules::{Outcome, SuppressedCounts, Suppression};
use crate::sources::excerpt::{Excerpt, Excerpts};
use crate::text::{Shown, SourceMap};

const BOLD: Style = Style::new().bold();

/// Columns where nothing says how many there are.
pub const WIDTH: usize = 100;

/// Wider than any line that is given to the renderer: lines are cut before, around their marks.
const NEVER_CUT: usize = 1 << 20;

/// Findings that are drawn, in parallel, before they are written.
const HELD: usize = 8192;

/// Findings that one thread draws at once.
const DRAWN_AT_ONCE: usize = 32;

/// What findings are shown with.
#[derive(Debug, Clone, Copy)]
pub struct View<'v> {
    /// Names of the files.
    pub sources: &'v SourceMap,
    /// Their lines.
    pub excerpts: &'v Excerpts,
    /// Columns of the terminal.
    pub width: usize,
}

/// Writes every finding, the rules that were not checked, and a line that counts.
///
/// Styled: the writer takes the styles off where they are not wanted.
pub fn write(out: &mut dyn Write, outcome: &Outcome, view: &View<'_>) -> io::Result<()> {
    write_drawn(out, outcome, view, &Renderer::styled())
}

/// The same for a writer that takes styles off: findings are drawn without them, which is less work for both.
pub(super) fn write_unstyled(
    out: &mut dyn Write,
    outcome: &Outcome,
    view: &View<'_>,
) -> io::Result<()> {
    write_drawn(out, outcome, view, &Renderer::plain())
}

fn write_drawn(
    out: &mut dyn Write,
    outcome: &Outcome,
    view: &View<'_>,
    renderer: &Renderer,
) -> io::Result<()> {
    let draw = |findings: &[Finding]| {
        let mut text = Vec::new();
        for finding in findings {
            draw(&mut text, finding, view, renderer)?;
            text.push(b'\n');
        }
        Ok(text)
    };
    for findings in outcome.findings.chunks(HELD) {
        let drawn: Vec<io::Result<Vec<u8>>> =
            findings.par_chunks(DRAWN_AT_ONCE).map(draw).collect();
        for text in drawn {
            out.write_all(&text?)?;
        }
    }
    write_not_checked(out, outcome)?;
    write_cut(out, outcome)?;
    write_summary(out, outcome)
}

/// One line a rule with more findings than are kept.
fn write_cut(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    for cut in &outcome.cut {
        let shown = outcome.findings.iter().filter(|finding| finding.rule == cut.rule).count();
        if shown > 0 {
            let (rule, found) = (Shown(cut.rule), cut.found);
            writeln!(out, "{BOLD}{rule}{BOLD:#}: {shown} of its {found} findings are shown\n")?;
        }
    }
    Ok(())
}

/// Writes one finding.
pub fn write_finding(out: &mut dyn Write, finding: &Finding, view: &View<'_>) -> io::Result<()> {
    draw(out, finding, view, &Renderer::styled())
}

fn draw(
    out: &mut dyn Write,
    finding: &Finding,
    view: &View<'_>,
    renderer: &Renderer,
) -> io::Result<()> {
    let Finding { rule, severity, message, primary, related, help, .. } = finding;
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(Shown(message).to_string()).id(Shown(rule).to_string());
    let mut group = Group::with_title(title);
    let mut arrows = Vec::new();
    let (beside, apart) = view.on_the_line_of(primary, related);
    group = view.place(group, &mut arrows, (primary, &beside), AnnotationKind::Primary);
    for label in apart {
        group = view.place(group, &mut arrows, (label, &[]), AnnotationKind::Context);
    }
    for label in std::iter::once(primary).chain(related) {
        let decoded = view.excerpts.of(label).and_then(|excerpt| excerpt.decoded.as_deref());
        if let Some(decoded) = decoded {
            let decoded = Shown(&elided(decoded, view.width)).to_string();
            group = group.element(Level::NOTE.message(format!("decoded: `{decoded}`")));
        }
    }
    for help in help {
        group = group.element(Level::HELP.message(Shown(help).to_string()));
    }
    let renderer = renderer.clone().hyperlink(false).term_width(NEVER_CUT);
    writeln!(out, "{}", with_arrows(&renderer.render(&[group]), &arrows))
}

/// Stands around the number of an arrow's text until the finding is rendered; nothing shown holds it.
const ARROW: char = '\u{1}';

/// Puts in the texts of the arrows, where the renderer put lines and columns of what it was given: a line
/// that may be cut.
fn with_arrows(rendered: &str, arrows: &[String]) -> String {
    let mut out = String::new();
    for (number, part) in rendered.split(ARROW).enumerate() {
        if number % 2 == 0 {
            let counted = |c: char| number > 0 && (c == ':' || c.is_ascii_digit());
            out.push_str(part.trim_start_matches(counted));
        } else if let Some(arrow) = part.parse().ok().and_then(|at: usize| arrows.get(at)) {
            out.push_str(arrow);
        }
    }
    out
}

impl View<'_> {
    /// Related labels that can be shown under the primary line, and the others.
    fn on_the_line_of<'l>(
        &self,
        primary: &Label,
        related: &'l [Label],
    ) -> (Vec<&'l Label>, Vec<&'l Label>) {
        let line = |label: &Label| {
            let (file, _) = self.sources.resolve(label.place)?;
            let excerpt = self.excerpts.of(label)?;
            Some((file, excerpt.line, excerpt.text.as_str()))
        };
        let is_whole = |label: &Label| {
            let excerpt = self.excerpts.of(label);
            excerpt.is_some_and(|it| Line::new(it, &label.message, self.width).is_whole())
        };
        let of_primary = if related.is_empty() { None } else { line(primary) };
        let is_beside = |label: &&'l Label| {
            of_primary.is_some()
                && line(label) == of_primary
                && is_whole(primary)
                && is_whole(label)
        };
        related.iter().partition(is_beside)
    }

    /// Adds a place: an arrow and, where the file has it still, the line.
    fn place<'g>(
        &self,
        group: Group<'g>,
        arrows: &mut Vec<String>,
        (label, beside): (&Label, &[&Label]),
        kind: AnnotationKind,
    ) -> Group<'g> {
        let Some((file, line)) = self.sources.resolve(label.place) else { return group };
        let Some(excerpt) = self.excerpts.of(label) else {
            let place = format!("{}:{line}", Shown(file));
            let arrow = match label.message.as_str() {
                "" => place,
                message => format!("{place}: {}", Shown(message)),
            };
            return group.element(Origin::path(arrow));
        };
        let line = Line::new(excerpt, &label.message, self.width);
        let mut annotations = vec![(kind, line.mark.clone(), label)];
        for label in beside {
            let mark = self
                .excerpts
                .of(label)
                .map(|other| Line::new(other, &label.message, self.width).mark);
            annotations.extend(mark.map(|mark| (AnnotationKind::Context, mark, *label)));
        }
        let annotations = annotations.into_iter().map(|(kind, mark, label)| {
            let message = Some(Shown(&label.message).to_string());
            kind.span(mark).label(message.filter(|message| !message.is_empty()))
        });
        let snippet = Snippet::source(line.text)
            .line_start(usize::try_from(excerpt.line).unwrap_or(usize::MAX))
            .path(format!("{ARROW}{}{ARROW}", arrows.len()))
            .annotations(annotations);
        arrows.push(self.arrow(file, excerpt));
        group.element(snippet)
    }

    /// `file:line:column`, and the place in the words of its format.
    fn arrow(&self, file: &str, excerpt: &Excerpt) -> String {
        let place = format!("{}:{}:{}", Shown(file), excerpt.line, excerpt.columns.start);
        let room = self.width.saturating_sub(place.chars().count() + 10).max(24);
        match field_words(excerpt, room) {
            Some(words) => format!("{place} ({words})"),
            None => place,
        }
    }
}

/// Most rules that are named one by one where they cannot be checked.
const NAMED: usize = 4;

/// One line a reason, with the rules it keeps from being checked.
fn write_not_checked(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let style = style_of(Severity::Warning);
    for (reason, rules) in not_checked_by_reason(outcome) {
        let rules = named(&rules);
        let (rules, reason) = (Shown(&rules), Shown(&reason));
        writeln!(out, "{style}not checked[{rules}]{style:#}{BOLD}: {reason}{BOLD:#}\n")?;
    }
    Ok(())
}

/// [`write_not_checked`] without styles, for a log.
pub(super) fn not_checked_lines(outcome: &Outcome) -> Vec<String> {
    let reasons = not_checked_by_reason(outcome).into_iter();
    reasons.map(|(reason, rules)| format!("not checked[{}]: {reason}", named(&rules))).collect()
}

/// The reasons why rules could not be checked, each with its rules.
pub(super) fn not_checked_by_reason(outcome: &Outcome) -> BTreeMap<String, Vec<&'static str>> {
    let mut rules: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for not_checked in &outcome.not_checked {
        rules.entry(not_checked.reason.to_string()).or_default().push(not_checked.rule);
    }
    rules
}

fn named(rules: &[&str]) -> String {
    if rules.len() > NAMED { by_group(rules) } else { rules.join(", ") }
}

/// Many rules: how many, and of which groups.
fn by_group(rules: &[&str]) -> String {
    let group = |id: &&str| id.split_once('/').map_or(String::new(), |(group, _)| group.to_owned());
    let groups: BTreeSet<String> = rules.iter().map(group).collect();
    let groups: Vec<String> = groups.into_iter().collect();
    format!("{} rules of {}", rules.len(), groups.join(", "))
}

fn write_summary(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    writeln!(out, "{}", summary_line(outcome))
}

/// What was found and what was checked, in a line.
pub(super) fn summary_line(outcome: &Outcome) -> String {
    let found = found_words(outcome);
    let hidden = match outcome.hidden() {
        0 => String::new(),
        hidden => format!(" ({hidden} not shown)"),
    };
    let suppressed = suppressed_words(outcome.suppressed_counts);
    let suppressed = suppressed.map_or_else(String::new, |words| format!("; {words}"));
    let not_checked = match outcome.not_checked.len() {
        0 => String::new(),
        not_checked => format!(", {not_checked} not"),
    };
    let checked = counted(outcome.checked.len(), "rule");
    format!("{found}{hidden}{suppressed}; {checked} checked{not_checked}")
}

/// `2 errors, 1 note`, or `no findings`.
pub(super) fn found_words(outcome: &Outcome) -> String {
    let found: Vec<String> = Severity::ALL
        .into_iter()
        .map(|severity| (outcome.counts.of(severity), severity))
        .filter(|&(count, _)| count > 0)
        .map(|(count, severity)| counted(count, severity.as_str()))
        .collect();
    if found.is_empty() { "no findings".to_owned() } else { found.join(", ") }
}

/// A count and what is counted.
pub(super) fn counted(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    }
}

/// Why a finding is not reported; `file` names a file as the report does.
pub fn suppression_words(by: &Suppression, file: impl Fn(&str) -> String) -> String {
    match by {
        Suppression::Baseline => "in the baseline".to_owned(),
        Suppression::Waiver { reason, expires, file: named, line } => {
            format!("waived until {expires} ({}:{line}): {reason}", file(named))
        }
    }
}

/// `3 suppressed (2 waived, 1 in the baseline)`; nothing where none is.
pub(super) fn suppressed_words(counts: SuppressedCounts) -> Option<String> {
    let SuppressedCounts { waived, in_baseline } = counts;
    let kinds = [(waived, "waived"), (in_baseline, "in the baseline")];
    let kinds: Vec<String> = kinds
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| format!("{count} {kind}"))
        .collect();
    let total = counts.total();
    (total > 0).then(|| format!("{total} suppressed ({})", kinds.join(", ")))
}

fn style_of(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
    };
    Style::new().bold().fg_color(Some(color.into()))
}

#[cfg(test)]
mod tests;
