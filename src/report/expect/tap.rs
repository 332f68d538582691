//! Cases as TAP 14: a line an expectation, what does not hold as YAML below it.

use std::io::{self, Write};

use super::{ExpectView, plain, summary};
use crate::expect::{Outcome, Verdict};
use crate::text::Shown;

/// A title that ends at its line and begins no directive.
fn title(text: &str) -> String {
    Shown(text).to_string().replace('\\', "\\\\").replace('#', "\\#")
}

/// Writes all cases.
pub(super) fn write(
    out: &mut dyn Write,
    outcome: &Outcome,
    view: &ExpectView<'_>,
) -> io::Result<()> {
    let ExpectView { sources, allow_undecided, .. } = *view;
    writeln!(out, "TAP version 14\n1..{}", outcome.cases.len())?;
    for (number, case) in (1..).zip(&outcome.cases) {
        let title = title(&case.title);
        match case.verdict {
            Verdict::Passed => writeln!(out, "ok {number} - {title}")?,
            Verdict::Undecided if allow_undecided => {
                let why = self::title(&summary(case));
                writeln!(out, "ok {number} - {title} # SKIP undecided: {why}")?;
            }
            verdict => {
                writeln!(out, "not ok {number} - {title}\n  ---")?;
                writeln!(out, "  verdict: {}", verdict.as_str())?;
                writeln!(out, "  at: {}", yaml(&sources.show(case.place)))?;
                writeln!(out, "  message: {}", yaml(&summary(case)))?;
                let lines: Vec<String> =
                    plain(case, sources).lines().map(|line| Shown(line).to_string()).collect();
                writeln!(out, "  details:")?;
                for line in lines.iter().filter(|line| !line.is_empty()) {
                    writeln!(out, "    - {}", yaml(line))?;
                }
                writeln!(out, "  ...")?;
            }
        }
    }
    Ok(())
}

/// A text in double quotes, as YAML and JSON write it.
fn yaml(text: &str) -> String {
    serde_json::to_string(&Shown(text).to_string()).unwrap_or_default()
}
