//! Findings for a person: message, place and help, in the look of rustc.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::finding::{Finding, Severity};
use crate::rules::{NotChecked, Outcome};
use crate::text::{Place, Shown, SourceMap};

/// Style of what joins a message to its places.
const FRAME: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Blue)));
const BOLD: Style = Style::new().bold();

/// Writes every finding, the rules that were not checked, and a line that counts.
///
/// Styled: the writer takes the styles off where they are not wanted.
pub fn write(out: &mut dyn Write, outcome: &Outcome, sources: &SourceMap) -> io::Result<()> {
    for finding in &outcome.findings {
        write_finding(out, finding, sources)?;
        writeln!(out)?;
    }
    for not_checked in &outcome.not_checked {
        write_not_checked(out, not_checked)?;
    }
    write_summary(out, outcome)
}

/// Writes one finding.
pub fn write_finding(
    out: &mut dyn Write,
    finding: &Finding,
    sources: &SourceMap,
) -> io::Result<()> {
    let style = style_of(finding.severity);
    let (severity, rule, message) = (finding.severity, finding.rule, Shown(&finding.message));
    writeln!(out, "{style}{severity}[{rule}]{style:#}{BOLD}: {message}{BOLD:#}")?;
    if finding.primary.place != Place::NOWHERE {
        writeln!(out, "  {FRAME}-->{FRAME:#} {}", sources.show(finding.primary.place))?;
    }
    for label in &finding.related {
        let message = Shown(&label.message);
        writeln!(out, "  {FRAME}:::{FRAME:#} {}: {message}", sources.show(label.place))?;
    }
    for help in &finding.help {
        writeln!(out, "   {FRAME}={FRAME:#} {BOLD}help{BOLD:#}: {}", Shown(help))?;
    }
    Ok(())
}

fn write_not_checked(out: &mut dyn Write, not_checked: &NotChecked) -> io::Result<()> {
    let style = style_of(Severity::Warning);
    let (rule, reason) = (not_checked.rule, not_checked.reason.to_string());
    writeln!(out, "{style}not checked[{rule}]{style:#}{BOLD}: {}{BOLD:#}\n", Shown(&reason))
}

fn write_summary(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let counted = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    };
    let found: Vec<String> = Severity::ALL
        .into_iter()
        .map(|severity| (outcome.counts.of(severity), severity))
        .filter(|&(count, _)| count > 0)
        .map(|(count, severity)| counted(count, severity.as_str()))
        .collect();
    let found = if found.is_empty() { "no findings".to_owned() } else { found.join(", ") };
    let hidden = match outcome.hidden() {
        0 => String::new(),
        hidden => format!(" ({hidden} not shown)"),
    };
    let not_checked = match outcome.not_checked.len() {
        0 => String::new(),
        not_checked => format!(", {not_checked} not"),
    };
    let checked = counted(outcome.checked.len(), "rule");
    writeln!(out, "{found}{hidden}; {checked} checked{not_checked}")
}

fn style_of(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
    };
    Style::new().bold().fg_color(Some(color.into()))
}
