//! JUnit XML, for whatever reads it: suites of tests, of findings as of expectations.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use crate::text::Shown;

/// Tests that belong together.
pub(super) struct Suite<'a> {
    pub(super) name: &'a str,
    pub(super) tests: Vec<Test<'a>>,
}

/// A test.
pub(super) struct Test<'a> {
    pub(super) name: &'a str,
    /// What it is a test of.
    pub(super) class: String,
    /// The file and line it stands in, where it stands in one.
    pub(super) at: Option<(String, u32)>,
    pub(super) result: Verdict,
    /// What is told beside the result.
    pub(super) told: String,
}

/// How a test ended.
pub(super) enum Verdict {
    /// It passed.
    Passed,
    /// It failed.
    Failed(Failure),
    /// It could not be asked.
    Error(Failure),
    /// It was not asked, for a reason.
    Skipped(String),
}

/// Why a test did not pass.
pub(super) struct Failure {
    pub(super) kind: &'static str,
    /// One sentence.
    pub(super) message: String,
    /// All there is to say.
    pub(super) text: String,
}

/// Writes suites as one document.
pub(super) fn write(out: &mut dyn Write, suites: &[Suite<'_>]) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let all: Vec<&Test<'_>> = suites.iter().flat_map(|suite| &suite.tests).collect();
    writeln!(out, "<testsuites name=\"rolecall\"{}>", Totals(&all))?;
    for Suite { name, tests } in suites {
        let all: Vec<&Test<'_>> = tests.iter().collect();
        writeln!(out, "  <testsuite name=\"{}\"{}>", Xml(name), Totals(&all))?;
        for test in tests {
            write_test(out, test)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn write_test(out: &mut dyn Write, test: &Test<'_>) -> io::Result<()> {
    let (name, class) = (Xml(test.name), Xml(&test.class));
    write!(out, "    <testcase name=\"{name}\" classname=\"{class}\"")?;
    if let Some((file, line)) = &test.at {
        write!(out, " file=\"{}\" line=\"{line}\"", Xml(file))?;
    }
    if matches!(test.result, Verdict::Passed) && test.told.is_empty() {
        return writeln!(out, "/>");
    }
    writeln!(out, ">")?;
    match &test.result {
        Verdict::Passed => {}
        Verdict::Failed(failure) => write_failure(out, "failure", failure)?,
        Verdict::Error(failure) => write_failure(out, "error", failure)?,
        Verdict::Skipped(reason) => {
            writeln!(out, "      <skipped message=\"{}\"/>", Xml(reason))?;
        }
    }
    if !test.told.is_empty() {
        writeln!(out, "      <system-out>{}</system-out>", Lines(&test.told))?;
    }
    writeln!(out, "    </testcase>")
}

fn write_failure(out: &mut dyn Write, element: &str, failure: &Failure) -> io::Result<()> {
    let Failure { kind, message, text } = failure;
    write!(out, "      <{element} type=\"{kind}\" message=\"{}\"", Xml(message))?;
    if text.is_empty() {
        return writeln!(out, "/>");
    }
    writeln!(out, ">{}</{element}>", Lines(text))
}

/// How many tests there are, and of which result.
struct Totals<'a>(&'a [&'a Test<'a>]);

impl fmt::Display for Totals<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |is: fn(&Verdict) -> bool| self.0.iter().filter(|one| is(&one.result)).count();
        write!(
            f,
            " tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
            self.0.len(),
            count(|result| matches!(result, Verdict::Failed(_))),
            count(|result| matches!(result, Verdict::Error(_))),
            count(|result| matches!(result, Verdict::Skipped(_))),
        )
    }
}

/// Text in XML, in an attribute or an element: what XML forbids, or nobody sees, is shown as `\u{..}`.
struct Xml<'a>(&'a str);

/// Text of several lines in an element.
struct Lines<'a>(&'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in Shown(self.0).to_string().chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                // No characters in XML 1.0.
                '\u{fffe}' | '\u{ffff}' => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, line) in self.0.split('\n').enumerate() {
            let end = if number == 0 { "" } else { "\n" };
            write!(f, "{end}{}", Xml(line))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_one_text_in_xml(text in "[\u{0}-\u{10ffff}]{0,40}|(]]>|<!--|&amp;|\"|\n){0,9}") {
            let document = format!("<a b=\"{}\">{}</a>", Xml(&text), Lines(&text));
            let parsed = roxmltree::Document::parse(&document);
            prop_assert!(parsed.is_ok(), "{document:?}");
            let mut reader = Reader::from_str(&document);
            let mut events = 0;
            while !matches!(reader.read_event().unwrap(), Event::Eof) {
                events += 1;
            }
            prop_assert!(events >= 2);
            let parsed = parsed.unwrap();
            let shown = Shown(&text).to_string();
            let shown = shown.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}");
            prop_assert_eq!(parsed.root_element().attribute("b"), Some(&*shown));
        }
    }
}
