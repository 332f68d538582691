//! What a finding is known by from run to run, though lines move, files are renamed and words change.

use std::fmt;

use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

use super::Finding;
use crate::text::SourceMap;

/// Says what is hashed, and how: it changes when a fingerprint would.
const SCHEME: &str = "rolecall finding 1";

/// The first 128 bits of a SHA-256 over what a finding is about.
///
/// Rule, subject and further subjects go into it, and a number where they are the same for several findings.
/// Lines, severity and message do not: they change though the problem is the same. The folder and the line
/// of a file that is itself the subject are left out, so that it is the same on every machine. What is hashed
/// cannot be read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// Reads one as it is shown: 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .bytes()
            .map(|byte| match byte {
                b'0'..=b'9' => Some(byte - b'0'),
                b'a'..=b'f' => Some(byte - b'a' + 10),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let bytes: Vec<u8> = digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect();
        bytes.try_into().ok().filter(|_| digits.len() == 32).map(Self)
    }

    /// What a finding is about, without the number that tells it from equal ones.
    fn of(finding: &Finding, sources: &SourceMap) -> Self {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            // With its length, so that no two lists of parts are one text.
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        part(SCHEME);
        part(finding.rule);
        part(&anywhere(&finding.subject, finding, sources));
        let mut also: Vec<&str> = finding.also.iter().map(String::as_str).collect();
        also.sort_unstable();
        also.dedup();
        also.into_iter().for_each(part);
        Self::first(&hash.finalize())
    }

    /// The fingerprint of the finding with this number among equal ones, from zero.
    fn numbered(self, number: u32) -> Self {
        if number == 0 {
            return self;
        }
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(number.to_le_bytes());
        Self::first(&hash.finalize())
    }

    fn first(digest: &[u8]) -> Self {
        Self(digest.first_chunk().copied().unwrap_or_default())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Gives every finding of a rule its fingerprint; equal ones are numbered in the order they are given.
pub fn stamp(findings: &mut [Finding], sources: &SourceMap) {
    let mut seen: FxHashMap<Fingerprint, u32> = FxHashMap::default();
    for finding in findings {
        let of = Fingerprint::of(finding, sources);
        let number = seen.entry(of).or_default();
        finding.fingerprint = of.numbered(*number);
        *number += 1;
    }
}

/// A subject that is a file, or a line or part of one, without folder and line.
fn anywhere(subject: &str, finding: &Finding, sources: &SourceMap) -> String {
    let labels = std::iter::once(&finding.primary).chain(&finding.related);
    let files = labels.filter_map(|label| sources.resolve(label.place));
    for (file, _) in files {
        let Some(rest) = subject.strip_prefix(file) else { continue };
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        let is_line = rest
            .strip_prefix(':')
            .is_some_and(|line| line.bytes().all(|byte| byte.is_ascii_digit()));
        return format!("{name}{}", if is_line { "" } else { rest });
    }
    subject.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::finding::{Label, RuleInfo, Severity};
    use crate::text::Place;

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

    fn sources(names: &[&str]) -> SourceMap {
        let mut sources = SourceMap::default();
        for name in names {
            sources.append((*name).to_owned(), 100);
        }
        sources
    }

    fn stamped(mut findings: Vec<Finding>, sources: &SourceMap) -> Vec<String> {
        stamp(&mut findings, sources);
        findings.iter().map(|finding| finding.fingerprint.to_string()).collect()
    }

    #[test]
    fn a_fingerprint_is_the_same_for_ever() {
        let finding = Finding::new(&INFO, "aws#prod#Admin#123456789012", "wrong").also("other");
        let stamped = stamped(vec![finding], &SourceMap::default());
        assert_eq!(stamped, ["3b58b6a8aecc17b7840a209ae6f92d2c"]);
    }

    #[test]
    fn lines_severity_message_and_the_order_of_files_do_not_matter() {
        let here = sources(&["a.csv", "b.csv"]);
        let there = sources(&["b.csv", "x/a.csv"]);
        let one = Finding::new(&INFO, "group", "seen by 3 users").at(Label::new(Place(2), ""));
        let other = Finding::new(&INFO, "group", "seen by 4 users")
            .severity(Severity::Error)
            .at(Label::new(Place(150), ""));
        assert_eq!(stamped(vec![one], &here), stamped(vec![other], &there));
    }

    #[test]
    fn rule_subject_and_further_subjects_matter_and_the_order_of_those_does_not() {
        let finding = || Finding::new(&INFO, "a", "");
        let alike = Finding::new(&RuleInfo { id: "a/c", ..INFO }, "a", "");
        let all = vec![
            finding(),
            alike,
            Finding::new(&INFO, "ab", ""),
            finding().also("b"),
            finding().also("b").also("c"),
            finding().also("bc"),
        ];
        let mut all = stamped(all, &SourceMap::default());
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
        let no = SourceMap::default();
        let ordered = stamped(vec![finding().also("b").also("c")], &no);
        assert_eq!(ordered, stamped(vec![finding().also("c").also("b").also("c")], &no));
    }

    #[test]
    fn equal_findings_are_numbered() {
        let finding = || Finding::new(&INFO, "a", "");
        let no = SourceMap::default();
        let three = stamped(vec![finding(), finding(), finding()], &no);
        let two = stamped(vec![finding(), finding()], &no);
        assert_eq!(three.first_chunk(), two.first_chunk::<2>());
        assert_ne!(three[1], three[2]);
        assert_ne!(three[0], three[1]);
    }

    #[test]
    fn a_file_is_known_by_its_name_alone() {
        let here = sources(&["/home/somebody/exports/a.har"]);
        let there = sources(&["a.har"]);
        let at = |finding: Finding, line| finding.at(Label::new(Place(line), ""));
        for (one, other) in [
            ("/home/somebody/exports/a.har", "a.har"),
            ("/home/somebody/exports/a.har:12", "a.har:7"),
            ("/home/somebody/exports/a.har entry 3", "a.har entry 3"),
        ] {
            let one = at(Finding::new(&INFO, one, ""), 12);
            let other = at(Finding::new(&INFO, other, ""), 7);
            assert_eq!(stamped(vec![one], &here), stamped(vec![other], &there));
        }
        let entry = |entry: &str| at(Finding::new(&INFO, format!("a.har entry {entry}"), ""), 1);
        assert_ne!(stamped(vec![entry("3")], &there), stamped(vec![entry("4")], &there));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(bytes in any::<[u8; 16]>(), text in "[0-9a-fA-F]{30,34}|\\PC{32}") {
            let fingerprint = Fingerprint(bytes);
            prop_assert_eq!(Fingerprint::parse(&fingerprint.to_string()), Some(fingerprint));
            if let Some(read) = Fingerprint::parse(&text) {
                prop_assert_eq!(read.to_string(), text);
            }
        }
    }
}
