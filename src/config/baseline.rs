//! A baseline as a file: JSON Lines, a head and then one finding a line, sorted, so that versions merge line by
//! line. Rule ids and fingerprints stand in it, and nothing that an export says.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::ConfigError;
use crate::finding::Fingerprint;
use crate::rules::Baseline;
use crate::text::Shown;

/// What the first line says it is.
const KIND: &str = "rolecall baseline";

/// Version of the lines; it changes when fingerprints do.
const VERSION: u64 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    kind: String,
    version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    rule: String,
    fingerprint: String,
}

/// Writes a baseline.
pub fn write(out: &mut dyn Write, baseline: &Baseline) -> io::Result<()> {
    let mut line = |line: serde_json::Result<String>| writeln!(out, "{}", line?);
    line(serde_json::to_string(&Head { kind: KIND.to_owned(), version: VERSION }))?;
    for (rule, fingerprint) in &baseline.0 {
        let (rule, fingerprint) = (rule.clone(), fingerprint.to_string());
        line(serde_json::to_string(&Line { rule, fingerprint }))?;
    }
    Ok(())
}

/// Reads a baseline; empty lines are passed over.
pub fn parse(text: &str) -> Result<Baseline, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let expected =
        format!("a baseline that begins with `{{\"kind\":\"{KIND}\",\"version\":{VERSION}}}`");
    let Some((line, first)) = lines.next() else {
        return Err(ConfigError { line: 1, message: format!("is empty, expected {expected}") });
    };
    let head = serde_json::from_str::<Head>(first).ok().filter(|head| head.kind == KIND);
    let Some(head) = head else {
        return Err(ConfigError { line, message: format!("is no baseline, expected {expected}") });
    };
    if head.version != VERSION {
        let message = format!(
            "is a baseline of version {}, expected {VERSION}: write it anew with `--write-baseline`",
            head.version
        );
        return Err(ConfigError { line, message });
    }
    let findings = lines.map(|(line, text)| {
        let refuse = |message: String| ConfigError { line, message };
        let read: Line = serde_json::from_str(text).map_err(|error| {
            let words = error.to_string();
            let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
            let column = error.column();
            refuse(format!(
                "is no finding at column {column}: {}, expected `{{\"rule\":\"…\",\"fingerprint\":\"…\"}}`",
                Shown(words)
            ))
        })?;
        let fingerprint = Fingerprint::parse(&read.fingerprint).ok_or_else(|| {
            let found = Shown(&read.fingerprint);
            refuse(format!("`fingerprint` is `{found}`, expected 32 digits of `0-9` and `a-f`"))
        })?;
        Ok((read.rule, fingerprint))
    });
    findings.collect::<Result<_, _>>().map(Baseline)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEAD: &str = "{\"kind\":\"rolecall baseline\",\"version\":1}\n";

    fn line(rule: &str, digit: char) -> String {
        let fingerprint = digit.to_string().repeat(32);
        format!("{{\"rule\":\"{rule}\",\"fingerprint\":\"{fingerprint}\"}}\n")
    }

    #[test]
    fn what_is_written_is_sorted_and_read_back() {
        let (a, b) = (line("a/b", '1'), line("b/c", '0'));
        let read = parse(&format!("{HEAD}{b}\n{a}{a}")).unwrap();
        assert_eq!(read.0.len(), 2);
        let mut out = Vec::new();
        write(&mut out, &read).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), format!("{HEAD}{a}{b}"));
    }

    #[test]
    fn what_is_no_baseline_names_the_line_and_what_was_expected() {
        let begins = "a baseline that begins with `{\"kind\":\"rolecall baseline\",\"version\":1}`";
        for (text, line, message) in [
            (String::new(), 1, format!("is empty, expected {begins}")),
            ("\n{\"version\": 1}\n".to_owned(), 2, format!("is no baseline, expected {begins}")),
            (
                HEAD.replace('1', "2"),
                1,
                "is a baseline of version 2, expected 1: write it anew with `--write-baseline`".to_owned(),
            ),
            (
                format!("{HEAD}{}{{\"rule\": 1}}\n", line("a/b", '0')),
                3,
                "is no finding at column 10: invalid type: integer `1`, expected a string, expected \
                 `{\"rule\":\"…\",\"fingerprint\":\"…\"}`"
                    .to_owned(),
            ),
            (
                format!("{HEAD}{}", line("a/b", 'G')),
                2,
                format!("`fingerprint` is `{}`, expected 32 digits of `0-9` and `a-f`", "G".repeat(32)),
            ),
        ] {
            let error = parse(&text).unwrap_err();
            assert_eq!((error.line, error.message), (line, message), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(\\{\"kind\":\"rolecall baseline\",\"version\":1\\}\n)?\\PC*") {
            let _ = parse(&text);
        }
    }
}
