//! What a run of the rules found, for every format: which there are, and places as programs find them.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use super::check_text::{self, View};
use super::{check_github, check_gitlab, check_json, check_junit, check_markdown, check_sarif};
use crate::finding::{Finding, Fingerprint, Label, Severity};
use crate::rules::Outcome;
use crate::rules::settings::Settings;
use crate::sources::excerpt::Excerpt;
use crate::text::Shown;

/// A format of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckFormat {
    /// For people.
    Text,
    /// One JSON object.
    Json,
    /// JSON Lines.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML.
    Junit,
    /// Workflow commands of GitHub Actions.
    Github,
    /// A report of GitLab's code quality.
    Gitlab,
    /// A summary in GitHub's Markdown.
    Markdown,
}

/// What a run found, and what a report of it needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Checked<'c> {
    /// What the rules found.
    pub outcome: &'c Outcome,
    /// Files and lines.
    pub view: View<'c>,
    /// What the rules went by.
    pub settings: &'c Settings,
    /// What is known of the files beside what they say.
    pub inputs: &'c Inputs,
    /// The least severity that makes the run fail; nothing does where there is none.
    pub fails_from: Option<Severity>,
}

/// What is known of the files of a run beside what they say.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The working folder: names of files are told from here. Empty where it is not known.
    pub folder: String,
    /// Messages whose lines are not those of the file that carries them: name of the message and of the file.
    pub carried: BTreeMap<String, String>,
    /// What could not be read, or not well.
    pub unread: Vec<UnreadInput>,
    /// Whether so much was lost that the run counts as not run.
    pub is_incomplete: bool,
    /// What would mend findings in files of the project's own, where it was asked for: formats show it that
    /// can.
    pub fixes: BTreeMap<Fingerprint, Fix>,
}

/// A fix that was tried: what changes in which files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fix {
    /// The value that goes.
    pub from: String,
    /// The value that comes.
    pub to: String,
    /// The files, as messages name them, and what changes in each, in order.
    pub files: Vec<(String, Vec<Replacement>)>,
}

/// A piece of a text file, and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replacement {
    /// Line and column of its first character, from one; columns count characters.
    pub start: (u32, u64),
    /// Line and column behind its last character.
    pub end: (u32, u64),
    /// What comes, as it is.
    pub text: String,
}

/// Something of an input that could not be read, or not well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadInput {
    /// The file, as messages name it.
    pub file: String,
    /// The line, where it is one.
    pub line: Option<u32>,
    /// Why not.
    pub message: String,
    /// Whether something was lost by it.
    pub is_loss: bool,
}

/// A place in a file, as a program finds it.
#[derive(Debug, Clone)]
pub(super) struct Spot<'c> {
    /// The file, from the working folder, with `/` between folders.
    pub(super) file: String,
    /// The line, from one; none where the file only carries what the line is of.
    pub(super) line: Option<u32>,
    /// First column and the column behind the last, in characters from one.
    pub(super) columns: Option<Range<u64>>,
    /// What the file carries, and the line of that.
    pub(super) within: Option<(&'c str, u32)>,
    /// What stands there.
    pub(super) excerpt: Option<&'c Excerpt>,
}

/// Writes findings in a format; the text is styled.
pub fn write(out: &mut dyn Write, format: CheckFormat, checked: &Checked<'_>) -> io::Result<()> {
    let Checked { outcome, view, settings, .. } = checked;
    match format {
        CheckFormat::Text => check_text::write(out, outcome, view),
        CheckFormat::Json => check_json::write(out, outcome, view, settings),
        CheckFormat::Jsonl => check_json::write_lines(out, outcome, view, settings),
        CheckFormat::Sarif => check_sarif::write(out, checked),
        CheckFormat::Junit => check_junit::write(out, checked),
        CheckFormat::Github => check_github::write(out, checked),
        CheckFormat::Gitlab => check_gitlab::write(out, checked),
        CheckFormat::Markdown => check_markdown::write(out, checked),
    }
}

/// The same for a writer that takes styles off.
pub fn write_unstyled(
    out: &mut dyn Write,
    format: CheckFormat,
    checked: &Checked<'_>,
) -> io::Result<()> {
    match format {
        CheckFormat::Text => check_text::write_unstyled(out, checked.outcome, &checked.view),
        _ => write(out, format, checked),
    }
}

impl<'c> Checked<'c> {
    /// Where a label points; nowhere for what no file states.
    pub(super) fn spot(&self, label: &Label) -> Option<Spot<'c>> {
        let (file, line) = self.view.sources.resolve(label.place)?;
        let excerpt = self.view.excerpts.of(label);
        let line = excerpt.map_or(line, |excerpt| excerpt.line);
        if let Some(carrier) = self.inputs.carried.get(file) {
            let file = self.inputs.relative(carrier);
            return Some(Spot {
                file,
                line: None,
                columns: None,
                within: Some((file_of(self, label)?, line)),
                excerpt,
            });
        }
        let columns = excerpt.map(|excerpt| excerpt.columns.clone());
        let file = self.inputs.relative(file);
        Some(Spot { file, line: Some(line), columns, within: None, excerpt })
    }

    /// `file:line:column` of a label, safe to be shown.
    pub(super) fn at(&self, label: &Label) -> Option<String> {
        self.spot(label).map(|spot| spot.to_string())
    }

    /// Whether a finding makes the run fail.
    pub(super) fn is_failure(&self, finding: &Finding) -> bool {
        self.fails_from.is_some_and(|least| finding.severity >= least)
    }
}

fn file_of<'c>(checked: &Checked<'c>, label: &Label) -> Option<&'c str> {
    checked.view.sources.resolve(label.place).map(|(name, _)| name)
}

impl Inputs {
    /// A file from the working folder.
    pub(super) fn relative(&self, file: &str) -> String {
        relative(&self.folder, file)
    }
}

/// A file from the working folder, with `/` between folders; as it is where it is elsewhere.
pub(super) fn relative(folder: &str, file: &str) -> String {
    let slashed =
        |path: &str| if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let (file, folder) = (slashed(file), slashed(folder));
    let inside = file.strip_prefix(&folder).filter(|_| !folder.is_empty());
    let mut path = inside.and_then(|rest| rest.strip_prefix('/')).unwrap_or(&file);
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    path.to_owned()
}

impl std::fmt::Display for Spot<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some((name, line)) = self.within {
            return write!(f, "{}, line {line} of the message", Shown(name));
        }
        write!(f, "{}", Shown(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        match &self.columns {
            Some(columns) => write!(f, ":{}", columns.start),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_from_the_working_folder() {
        let inputs = Inputs { folder: "/repo/project".to_owned(), ..Inputs::default() };
        for (file, expected) in [
            ("/repo/project/exports/a.csv", "exports/a.csv"),
            ("/repo/projects/a.csv", "/repo/projects/a.csv"),
            ("././a.csv", "a.csv"),
            ("../a.csv", "../a.csv"),
            ("a.csv", "a.csv"),
        ] {
            assert_eq!(inputs.relative(file), expected);
        }
        assert_eq!(Inputs::default().relative("/a.csv"), "/a.csv");
    }
}
