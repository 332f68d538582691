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
const HELD: usize = 2048;

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
    for findings in outcome.findings.chunks(HELD) {
        let drawn: Vec<io::Result<Vec<u8>>> = findings
            .par_iter()
            .map(|finding| {
                let mut text = Vec::new();
                write_finding(&mut text, finding, view)?;
                text.push(b'\n');
                Ok(text)
            })
            .collect();
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
    let renderer = Renderer::styled().hyperlink(false).term_width(NEVER_CUT);
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
            let whole = Line::new(excerpt, &label.message, self.width).is_whole();
            whole.then_some((file, excerpt.line, excerpt.text.as_str()))
        };
        let Some(of_primary) = line(primary) else { return (Vec::new(), related.iter().collect()) };
        related.iter().partition(|label| line(label) == Some(of_primary))
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
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::finding::RuleInfo;
    use crate::rules::{CannotCheck, Counts, Cut, NotChecked, SuppressedCounts};
    use crate::sources::input::{Format, Input, SourceOptions, Stream};
    use crate::text::{Place, is_hidden};

    const INFO: RuleInfo = RuleInfo {
        id: "a/b",
        summary: "",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "",
        remediation: "",
        references: &[],
    };

    /// The text of an outcome, without styles, whose places are lines of a CSV file.
    fn text(outcome: &Outcome, csv: &str, width: usize) -> String {
        let csv = csv.to_owned();
        let mut sources = SourceMap::default();
        let source = sources.add("x.csv".to_owned(), 0);
        let open = Box::new(move || Ok(Box::new(Cursor::new(csv.clone())) as Box<dyn Stream>));
        let options = SourceOptions::default();
        let input = Input { name: "x.csv".to_owned(), open, found: false, options, modified: None };
        let labels = outcome.findings.iter().flat_map(|f| f.related.iter().chain([&f.primary]));
        let excerpts = Excerpts::read(&[input], &[(source, Format::EdgeCsv)], &sources, labels);
        let mut out = anstream::StripStream::new(Vec::new());
        write(&mut out, outcome, &View { sources: &sources, excerpts: &excerpts, width }).unwrap();
        String::from_utf8(out.into_inner()).unwrap()
    }

    #[test]
    fn carets_stand_under_wide_characters_and_a_label_beside_them() {
        let finding = Finding::new(&INFO, "", "wrong")
            .at(Label::new(Place(2), "this").mark("京"))
            .related(Label::new(Place(2), "that").mark("x"))
            .related(Label::new(Place(3), "elsewhere"));
        let outcome = Outcome { findings: vec![finding], ..Outcome::default() };
        assert_eq!(
            text(&outcome, "g,m\n東京,x\n\ty,z\n", 80),
            "\
warning[a/b]: wrong
 --> x.csv:2:2 (column `g`)
  |
2 | 東京,x
  |   ^^ - that
  |   |
  |   this
  |
 ::: x.csv:3:2
  |
3 |     y,z
  |     --- elsewhere

no findings; 0 rules checked
"
        );
    }

    #[test]
    fn what_is_not_shown_is_said_once_a_reason_and_once_a_rule() {
        let not = |rule| NotChecked { rule, reason: CannotCheck("no app".to_owned()) };
        let outcome = Outcome {
            findings: vec![Finding::new(&INFO, "", "wrong")],
            counts: Counts { warnings: 3, ..Counts::default() },
            checked: vec!["a/b"],
            not_checked: vec![not("c/d"), not("e/f")],
            cut: vec![
                Cut { rule: "a/b", kept: 1, found: 3 },
                Cut { rule: "g/h", kept: 1, found: 2 },
            ],
            suppressed_counts: SuppressedCounts { waived: 2, in_baseline: 1 },
            ..Outcome::default()
        };
        assert_eq!(
            text(&outcome, "", 80),
            "\
warning[a/b]: wrong

not checked[c/d, e/f]: no app

a/b: 1 of its 3 findings are shown

3 warnings (2 not shown); 3 suppressed (2 waived, 1 in the baseline); 1 rule checked, 2 not
"
        );
    }

    proptest! {
        #[test]
        fn any_line_and_mark_is_drawn_at_any_width(
            head in "[^\n]{0,40}",
            value in "[^\n]{0,40}",
            tail in "[^\n]{0,40}",
            (from, to) in (0_usize..50, 0_usize..50),
            message in "\\PC{0,20}",
            width in 0_usize..150,
        ) {
            let finding = Finding::new(&INFO, "", &*message)
                .at(Label::new(Place(2), &*message).mark_part(&*value, from..to))
                .related(Label::new(Place(2), &*message).mark(&*head))
                .related(Label::new(Place(2), &*message));
            let outcome = Outcome { findings: vec![finding], ..Outcome::default() };
            let drawn = text(&outcome, &format!("g\n{head}{value}{tail}\n"), width);
            prop_assert!(!drawn.chars().any(|c| c != '\n' && is_hidden(c)), "{drawn:?}");
            prop_assert!(drawn.contains(" --> x.csv:2:"), "{drawn}");
        }
    }
}
