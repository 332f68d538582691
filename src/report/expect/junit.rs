//! Cases as `JUnit` XML: a suite a file of expectations, a test case an expectation.

use std::fmt;
use std::io::{self, Write};

use super::{plain, summary};
use crate::expect::{Case, Outcome, Verdict};
use crate::text::{Shown, SourceMap};

/// Text that is safe in XML, in attributes too, and in which nothing is hidden; lines stay.
struct Xml<'t>(&'t str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, line) in self.0.split('\n').enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            for c in Shown(line).to_string().chars() {
                match c {
                    '&' => f.write_str("&amp;")?,
                    '<' => f.write_str("&lt;")?,
                    '>' => f.write_str("&gt;")?,
                    '"' => f.write_str("&quot;")?,
                    '\'' => f.write_str("&apos;")?,
                    // No character of XML.
                    '\u{fffe}' | '\u{ffff}' => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                    c => write!(f, "{c}")?,
                }
            }
        }
        Ok(())
    }
}

/// How a case counts.
fn counts(case: &Case, allow_undecided: bool) -> &'static str {
    match case.verdict {
        Verdict::Passed => "",
        Verdict::Undecided if allow_undecided => "skipped",
        Verdict::Undecided | Verdict::Failed => "failure",
        Verdict::Invalid => "error",
    }
}

/// Writes all cases as one document.
pub fn expect_junit(
    out: &mut dyn Write,
    outcome: &Outcome,
    sources: &SourceMap,
    allow_undecided: bool,
) -> io::Result<()> {
    let totals = |cases: &[&Case]| {
        let of =
            |how: &str| cases.iter().filter(|case| counts(case, allow_undecided) == how).count();
        format!(
            "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
            cases.len(),
            of("failure"),
            of("error"),
            of("skipped")
        )
    };
    let all: Vec<&Case> = outcome.cases.iter().collect();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"rolecall\" {}>", totals(&all))?;
    for cases in all.chunk_by(|a, b| a.file == b.file) {
        let Some(first) = cases.first() else { continue };
        let file = sources.resolve(first.place).map_or("", |(file, _)| file);
        writeln!(out, "  <testsuite name=\"{}\" {}>", Xml(file), totals(cases))?;
        for case in cases {
            write_case(out, case, (file, sources), allow_undecided)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn write_case(
    out: &mut dyn Write,
    case: &Case,
    (file, sources): (&str, &SourceMap),
    allow_undecided: bool,
) -> io::Result<()> {
    let (title, file) = (Xml(&case.title), Xml(file));
    let line = sources.resolve(case.place).map_or(0, |(_, line)| line);
    let head =
        format!("<testcase name=\"{title}\" classname=\"{file}\" file=\"{file}\" line=\"{line}\"");
    let says = summary(case);
    match counts(case, allow_undecided) {
        "" => writeln!(out, "    {head}/>"),
        "skipped" => {
            writeln!(
                out,
                "    {head}>\n      <skipped message=\"{}\"/>\n    </testcase>",
                Xml(&says)
            )
        }
        how => {
            let (kind, body) = (case.verdict.as_str(), plain(case, sources));
            writeln!(
                out,
                "    {head}>\n      <{how} type=\"{kind}\" message=\"{}\">{}</{how}>\n    </testcase>",
                Xml(&says),
                Xml(&body)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_well_formed_and_shows_what_is_hidden(text in "\\PC*|[\u{0}-\u{10ffff}]*") {
            let document = format!("<a b=\"{}\">{}</a>", Xml(&text), Xml(&text));
            let read = roxmltree::Document::parse(&document).unwrap();
            let lines = text.split('\n').map(|line| Shown(line).to_string());
            let shown = lines.collect::<Vec<_>>().join("\n");
            let shown = shown.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}");
            prop_assert_eq!(read.root_element().text().unwrap_or_default(), shown);
        }
    }
}
