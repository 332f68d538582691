//! Cases as JUnit XML: a suite a file of expectations, a test an expectation.

use std::io::{self, Write};

use super::{ExpectView, plain, summary};
use crate::expect::{Case, Outcome, Verdict};
use crate::report::junit::{self, Failure, Suite, Test};

/// Writes all cases as one document.
pub(super) fn write(
    out: &mut dyn Write,
    outcome: &Outcome,
    view: &ExpectView<'_>,
) -> io::Result<()> {
    let of_files: Vec<(String, &[Case])> = outcome
        .cases
        .chunk_by(|a, b| a.file == b.file)
        .map(|cases| (cases.first().map_or_else(String::new, |case| view.file(case).0), cases))
        .collect();
    let suites: Vec<Suite<'_>> = of_files
        .iter()
        .map(|(file, cases)| Suite {
            name: file,
            tests: cases.iter().map(|case| test(case, view)).collect(),
        })
        .collect();
    junit::write(out, &suites)
}

fn test<'c>(case: &'c Case, view: &ExpectView<'_>) -> Test<'c> {
    let failure = || {
        let (message, text) = (summary(case), plain(case, view.sources));
        Failure { kind: case.verdict.as_str(), message, text }
    };
    let result = match case.verdict {
        Verdict::Passed => junit::Verdict::Passed,
        Verdict::Undecided if view.allow_undecided => junit::Verdict::Skipped(summary(case)),
        Verdict::Undecided | Verdict::Failed => junit::Verdict::Failed(failure()),
        Verdict::Invalid => junit::Verdict::Error(failure()),
    };
    let (file, line) = view.file(case);
    let (class, at) = (file.clone(), Some((file, line)));
    Test { name: &case.title, class, at, result, told: String::new() }
}
