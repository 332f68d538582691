//! What comes of expectations, in every format.

mod github;
mod json;
mod junit;
mod markdown;
mod tap;

use std::io::{self, Write};

use super::checked::relative;
use super::screen::{case_text, expect_text};
use super::wrap::Width;
use crate::expect::{Case, Outcome, Verdict};
use crate::text::{Shown, SourceMap};

/// A format of what comes of expectations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectFormat {
    /// For people.
    Text,
    /// One JSON object.
    Json,
    /// JSON Lines.
    Jsonl,
    /// JUnit XML.
    Junit,
    /// TAP 14.
    Tap,
    /// Workflow commands of GitHub Actions.
    Github,
    /// A summary in GitHub's Markdown.
    Markdown,
}

/// What a report of expectations needs to know beside what came of them.
#[derive(Debug, Clone, Copy)]
pub struct ExpectView<'v> {
    /// Names of files.
    pub sources: &'v SourceMap,
    /// The working folder: programs are told names of files from here. Empty where it is not known.
    pub folder: &'v str,
    /// Columns of the text.
    pub width: Width,
    /// Whether the text lists cases that hold.
    pub verbose: bool,
    /// Whether what is undecided is no failure.
    pub allow_undecided: bool,
    /// Whether roles and accounts that no expectation names are listed.
    pub coverage: bool,
}

impl ExpectView<'_> {
    /// The file of a case, from the working folder, and its line.
    fn file(&self, case: &Case) -> (String, u32) {
        let (file, line) = self.sources.resolve(case.place).unwrap_or_default();
        (relative(self.folder, file), line)
    }
}

/// Writes what came of expectations in a format; the text is styled.
pub fn write(
    out: &mut dyn Write,
    format: ExpectFormat,
    outcome: &Outcome,
    view: &ExpectView<'_>,
) -> io::Result<()> {
    match format {
        ExpectFormat::Text => expect_text(out, outcome, view),
        ExpectFormat::Json => json::write(out, outcome, view),
        ExpectFormat::Jsonl => json::write_lines(out, outcome, view),
        ExpectFormat::Junit => junit::write(out, outcome, view),
        ExpectFormat::Tap => tap::write(out, outcome, view),
        ExpectFormat::Github => github::write(out, outcome, view),
        ExpectFormat::Markdown => markdown::write(out, outcome, view),
    }
}

/// `7 expectations: 3 passed, 4 failed`.
pub(super) fn counted(outcome: &Outcome, allow_undecided: bool) -> String {
    let parts: Vec<String> =
        [Verdict::Passed, Verdict::Failed, Verdict::Invalid, Verdict::Undecided]
            .map(|verdict| (outcome.count(verdict), verdict))
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, verdict)| {
                let allowed = verdict == Verdict::Undecided && allow_undecided;
                format!("{count} {}{}", verdict.as_str(), if allowed { " (allowed)" } else { "" })
            })
            .collect();
    let cases = outcome.cases.len();
    let what = if cases == 1 { "expectation" } else { "expectations" };
    match parts.as_slice() {
        [] => format!("{cases} {what}"),
        parts => format!("{cases} {what}: {}", parts.join(", ")),
    }
}

/// What of a case does not hold, as plain lines.
fn plain(case: &Case, sources: &SourceMap) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    // Writing to memory cannot fail.
    let _ = case_text(&mut out, case, sources, Width::NONE);
    let text = String::from_utf8(out.into_inner()).unwrap_or_default();
    text.trim_matches('\n').to_owned()
}

/// A case in one line.
fn summary(case: &Case) -> String {
    let Some(first) = case.misses.first() else { return String::new() };
    let text = match first.verdict {
        Verdict::Invalid => first.got.clone(),
        _ => format!("wanted {}; got: {}", first.wanted, first.got),
    };
    Shown(&text).to_string()
}
