//! The rule catalogue: a line a rule, and a rule's page in Markdown.

use std::fmt;
use std::io::{self, Write};

use crate::finding::{RuleInfo, Severity};
use crate::rules::settings::Level;
use crate::text::Shown;

/// A rule as it stands here.
#[derive(Debug, Clone)]
pub struct Row {
    /// The rule.
    pub info: &'static RuleInfo,
    /// Whether it runs, and how.
    pub level: Level,
    /// What says so: `default`, `rolecall.toml:4`, `--skip`.
    pub because: String,
}

impl Row {
    /// `on` or `off`.
    pub const fn state(&self) -> &'static str {
        match self.level {
            Level::Off => "off",
            Level::On | Level::Severity(_) => "on",
        }
    }

    const fn severity(&self) -> Severity {
        match self.level {
            Level::Severity(severity) => severity,
            Level::On | Level::Off => self.info.severity,
        }
    }
}

/// Writes one line a rule: id, severity, whether it is on and why, summary.
pub fn write_list(out: &mut dyn Write, rows: &[Row]) -> io::Result<()> {
    let because: Vec<String> = rows.iter().map(|row| Shown(&row.because).to_string()).collect();
    let ids = rows.iter().map(|row| row.info.id.len()).max().unwrap_or(0);
    let width = because.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    for (row, because) in rows.iter().zip(because) {
        let (id, severity, summary) = (row.info.id, row.severity(), row.info.summary);
        let state = row.state();
        writeln!(out, "{id:ids$}  {severity:7}  {state:3}  {because:width$}  {summary}")?;
    }
    Ok(())
}

/// Writes how a rule stands here.
pub fn write_standing(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    let because = Shown(&row.because);
    match row.level {
        Level::Off => writeln!(out, "**Here.** Off ({because})."),
        Level::On => writeln!(out, "**Here.** On ({because})."),
        Level::Severity(severity) => {
            writeln!(out, "**Here.** On, every finding a {severity} ({because}).")
        }
    }
}

/// Text of several lines, each shown safely.
struct Text<'t>(&'t str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, line) in self.0.split('\n').enumerate() {
            let end = if number == 0 { "" } else { "\n" };
            write!(f, "{end}{}", Shown(line))?;
        }
        Ok(())
    }
}

/// Writes a rule's page; `examples` is Markdown of its own, or empty.
pub fn write_page(out: &mut dyn Write, info: &RuleInfo, examples: &str) -> io::Result<()> {
    let state = if info.on { "on" } else { "off" };
    writeln!(out, "## {}\n", Shown(info.id))?;
    writeln!(
        out,
        "{}, {state} by default (since {}): {}.\n",
        info.severity,
        Shown(info.since),
        Text(info.summary)
    )?;
    writeln!(out, "**Why it matters.** {}\n", Text(info.explanation))?;
    writeln!(out, "**What to do.** {}\n", Text(info.remediation))?;
    if !info.options.is_empty() {
        writeln!(out, "**Options.**\n")?;
        for option in info.options {
            let (name, meaning) = (Shown(option.name), Shown(option.meaning));
            writeln!(out, "- `{name} = {}`: {meaning}", option.default)?;
        }
        writeln!(out)?;
    }
    if !info.follows.is_empty() {
        let follows = info.follows.iter().map(|id| {
            let id = Shown(id);
            format!("[{id}](#{id})")
        });
        let follows: Vec<String> = follows.collect();
        writeln!(
            out,
            "**Explained by.** What {} reports about the same subject is not reported again here.\n",
            follows.join(", ")
        )?;
    }
    if !examples.is_empty() {
        writeln!(out, "{}\n", examples.trim_end())?;
    }
    if !info.references.is_empty() {
        writeln!(out, "**References.**\n")?;
    }
    for reference in info.references {
        writeln!(out, "- <{}>", Shown(reference))?;
    }
    Ok(())
}
