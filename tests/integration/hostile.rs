//! Hostile names through every field of every format of findings, and of the rules' pages.
//!
//! `ROLECALL_REPORTS` names a folder that the reports are written to, for others to read them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use rolecall::finding::{
    Finding, Fingerprint, FixHint, Label, Mark, PolicyOwner, RuleInfo, RuleOption, Severity,
};
use rolecall::report::check_text::{View, write_finding};
use rolecall::report::checked::{CheckFormat, Checked, Fix, Inputs, Replacement, UnreadInput};
use rolecall::report::{check_json, rules};
use rolecall::rules::settings::{Level, Settings};
use rolecall::rules::{
    CannotCheck, Counts, Cut, NotChecked, Outcome, Suppressed, SuppressedCounts, Suppression,
};
use rolecall::sources::excerpt::Excerpts;
use rolecall::sources::input::Format;
use rolecall::text::{Place, SourceMap, is_hidden};

pub(crate) mod shape;

use shape::shape;

use crate::reports::{FORMATS, report};
use crate::support::memory;

/// Text that acts on a terminal, hides in it, or means something to a format.
pub(crate) const CORPUS: [&str; 26] = [
    "\u{1b}[2J\u{1b}]0;title\u{7}",
    "\u{1b}]8;;https://x.test\u{1b}\\link",
    "bell\u{7}back\u{8}null\0delete\u{7f}",
    "csi \u{9b}31m one byte",
    "right\u{202e}left\u{2066}isolate\u{2069}",
    "zero\u{200b}width\u{200d}joined\u{feff}mark\u{2060}",
    "soft\u{ad}hyphen\u{34f}\u{61c}\u{180e}",
    "tag\u{e0041}\u{e0020}characters",
    "line\nbreak\r\nreturn\rlone\u{85}next\u{2028}line\u{2029}",
    "tab\tno-break\u{a0}space\u{3000}wide",
    "hangul\u{3164}\u{115f}filler\u{ffa0}",
    "variation\u{fe0f}selector\u{180b}",
    "</script><img src=x>]]>&amp;",
    "`tick` | pipe ```` fence\n## heading",
    "\"quote\" \\back \\u0041 {brace} %s",
    "日本語 é e\u{301} 😀",
    "x%0A::error file=a::injected%0D",
    "::stop-commands::x ##[set-env name=A]b ##vso[task]c",
    "@everyone @org/team #1 GH-2 https://x.test www.x.test a@x.test 0123456789abcdef",
    "[text](https://x.test) ![i](x.png) {0} [a](1) <https://x.test> *b* _c_ ~d~",
    "=cmd|' /C calc'!A1",
    "| --- | :-: |\r\n| ` | a\\| |",
    "<details><summary>&lt;b&gt;</summary> ``` ~~~ <!-- -->",
    "not\u{fffe}characters\u{ffff}\u{1fffe}",
    "]]>&#0;<?xml?><!DOCTYPE a [<!ENTITY b \"c\">]>&b;",
    " ` leading and `` trailing ` ",
];

/// Writes a report to the folder of `ROLECALL_REPORTS`, if there is one.
pub(crate) fn keep(name: &str, said: &str) {
    let Ok(folder) = std::env::var("ROLECALL_REPORTS").map(PathBuf::from) else { return };
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), said).unwrap();
}

/// [`CORPUS`], and a very long text.
fn corpus() -> Vec<&'static str> {
    static LONG: OnceLock<String> = OnceLock::new();
    let long = LONG.get_or_init(|| "a`|@<\u{202e}".repeat(8 << 10));
    CORPUS.into_iter().chain([long.as_str()]).collect()
}

const INFO: RuleInfo = RuleInfo {
    id: "naming/filter-near-miss",
    summary: "",
    severity: Severity::Error,
    on: true,
    follows: &[],
    options: &[],
    since: "0.1.0",
    explanation: "",
    remediation: "",
    references: &[],
};

/// A finding with a text in each of its fields; a new field does not compile until it is listed.
fn finding(text: &'static str, place: Place) -> Finding {
    let mark = || Mark { value: text.to_owned(), part: Some(0..text.len()), from: 0 };
    let finding = Finding {
        rule: text,
        severity: Severity::Error,
        subject: text.to_owned(),
        message: text.to_owned(),
        stems_from: vec![text.to_owned()],
        also: vec![text.to_owned()],
        primary: Label { place, mark: mark(), message: text.to_owned() },
        related: vec![Label { place, mark: Mark::default(), message: text.to_owned() }],
        help: vec![text.to_owned()],
        fix: Some(FixHint::RenameGroup { from: text.to_owned(), to: text.to_owned() }),
        fingerprint: Fingerprint::default(),
    };
    let Finding {
        rule: _,
        severity: _,
        subject: _,
        message: _,
        stems_from: _,
        also: _,
        primary: Label { place: _, mark: Mark { value: _, part: _, from: _ }, message: _ },
        related: _,
        help: _,
        fix,
        fingerprint: _,
    } = &finding;
    if let Some(fix) = fix {
        every_fix_is_listed(fix);
    }
    finding
}

/// A fix of each kind with a text in each of its fields.
pub(crate) fn fixes(text: &'static str) -> Vec<FixHint> {
    let (from, to) = (text.to_owned(), text.to_owned());
    let (at, policy) = (Place::NOWHERE, Some(serde_json::json!({ text: text }).to_string()));
    let role = PolicyOwner { name: text.to_owned(), account: Some(text.to_owned()) };
    let fixes = vec![
        FixHint::RenameGroup { from: from.clone(), to: to.clone() },
        FixHint::ProposeName { from: from.clone(), to: to.clone() },
        FixHint::SetSetting { setting: text, at, from: from.clone(), to: to.clone() },
        FixHint::ReplaceInPolicy { role, at, from, to, policy },
    ];
    fixes.iter().for_each(every_fix_is_listed);
    fixes
}

/// Fails to hold when there is a kind of fix that [`fixes`] does not push a text through.
fn every_fix_is_listed(fix: &FixHint) {
    match fix {
        FixHint::RenameGroup { from, to }
        | FixHint::ProposeName { from, to }
        | FixHint::SetSetting { setting: _, at: _, from, to }
        | FixHint::ReplaceInPolicy {
            role: PolicyOwner { name: _, account: _ },
            at: _,
            from,
            to,
            policy: _,
        } => assert_eq!(from, to),
        other => panic!("{other:?} is not listed"),
    }
}

fn outcome(text: &'static str, place: Place) -> Outcome {
    Outcome {
        findings: fixes(text)
            .into_iter()
            .enumerate()
            .map(|(number, fix)| Finding {
                fix: Some(fix),
                // No two findings of a run have the same.
                fingerprint: Fingerprint::parse(&format!("{number:032x}")).unwrap(),
                ..finding(text, place)
            })
            .collect(),
        counts: Counts { errors: 1, ..Counts::default() },
        checked: vec![text],
        not_checked: vec![NotChecked { rule: text, reason: CannotCheck(text.to_owned()) }],
        cut: vec![Cut { rule: text, kept: 1, found: 2 }],
        suppressed: [waiver(text), Suppression::Baseline]
            .map(|by| Suppressed { finding: finding(text, place), by })
            .into(),
        suppressed_counts: SuppressedCounts { waived: 1, in_baseline: 1 },
    }
}

/// A waiver with a text in each of its fields.
fn waiver(text: &str) -> Suppression {
    let (reason, expires, file) = (text.to_owned(), text.to_owned(), text.to_owned());
    Suppression::Waiver { reason, expires, file, line: 1 }
}

/// The files that hold a text in every format, and its name in theirs.
fn files(text: &str) -> Vec<(String, Format, String)> {
    let quoted = text.replace('"', "\"\"");
    let json = serde_json::to_string(text).unwrap();
    let raw = json.trim_matches('"');
    let packed = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(text)
    };
    vec![
        (format!("{text}.csv"), Format::EdgeCsv, format!("\"{quoted}\",b\n\"{quoted}\",c\n")),
        (
            format!("{text}.ldif"),
            Format::Ldif,
            format!("dn:: {packed}\ncn:: {packed}\nsn: {text}\n"),
        ),
        (format!("{text}.json"), Format::OktaGroups, format!("[{{{json}: \"{raw}\"}}]\n")),
        (
            format!("{text}.lone.json"),
            Format::OktaGroups,
            format!("[{{\"a\": \"\\ud800{raw}\\udc00\"}}]\n"),
        ),
        (format!("{text}.raw.json"), Format::OktaGroups, format!("{{\"a\": \"{text}\"}}\n")),
    ]
}

/// What would reach the reader of an output raw; line ends are the output's own.
fn raw(out: &str) -> String {
    let mut found = String::new();
    for c in out.chars().filter(|&c| c != '\n' && is_hidden(c)) {
        write!(found, "U+{:04X} ", u32::from(c)).unwrap();
    }
    found
}

/// What is known of the inputs, a text in each field; a new field does not compile until it is listed.
fn known(text: &'static str, carried: bool) -> Inputs {
    let own = |name: String| (name, text.to_owned());
    let names = files(text).into_iter().map(|(name, ..)| name);
    let unread = |line, is_loss| UnreadInput {
        file: text.to_owned(),
        line,
        message: text.to_owned(),
        is_loss,
    };
    Inputs {
        folder: text.to_owned(),
        carried: if carried { names.map(own).collect() } else { BTreeMap::new() },
        unread: vec![unread(Some(1), true), unread(None, false)],
        is_incomplete: true,
        fixes: fixes(text)
            .iter()
            .enumerate()
            .map(|(number, _)| {
                let replacement = Replacement { start: (1, 1), end: (1, 2), text: text.to_owned() };
                let files = vec![(text.to_owned(), vec![replacement])];
                let fix = Fix { from: text.to_owned(), to: text.to_owned(), files };
                (Fingerprint::parse(&format!("{number:032x}")).unwrap(), fix)
            })
            .collect(),
    }
}

/// A format that is not listed in [`FORMATS`] does not compile.
const fn is_listed(format: CheckFormat) -> bool {
    match format {
        CheckFormat::Text
        | CheckFormat::Json
        | CheckFormat::Jsonl
        | CheckFormat::Sarif
        | CheckFormat::Junit
        | CheckFormat::Github
        | CheckFormat::Gitlab
        | CheckFormat::Markdown => true,
    }
}

/// Every format of a text, by the format's name, with what the file is and how wide the text.
fn reports(text: &'static str) -> Vec<(CheckFormat, String, String)> {
    let settings = Settings::default();
    let mut all = Vec::new();
    // A very long text costs: one file of it is enough.
    let some = if text.len() > 1 << 12 { 1 } else { usize::MAX };
    for (number, (name, format, content)) in files(text).into_iter().take(some).enumerate() {
        let mut sources = SourceMap::default();
        let source = sources.add(name.clone(), 0);
        let outcome = outcome(text, sources.place(source, 1));
        let labels = outcome.findings.iter().flat_map(|f| f.related.iter().chain([&f.primary]));
        let input = memory(&name, content.into_bytes());
        let excerpts = Excerpts::read(&[input], &[(source, format)], &sources, labels);
        for (width, carried, fails_from) in [(0, true, None), (200, false, Some(Severity::Warning))]
        {
            let view = View { sources: &sources, excerpts: &excerpts, width };
            assert_eq!(raw(&strip_styles(&styled(&outcome, &view))), "", "{text:?} styled");
            let inputs = known(text, carried);
            let (outcome, settings, inputs) = (&outcome, &settings, &inputs);
            let checked = Checked { outcome, view, settings, inputs, fails_from };
            for (format, label) in FORMATS {
                assert!(is_listed(format));
                let label = format!("{label}-{number}-{width}");
                all.push((format, label, report(format, &checked)));
            }
        }
    }
    all
}

#[test]
fn nothing_in_a_finding_reaches_any_format_raw_or_as_something_else() {
    let harmless = reports("harmless");
    for (number, text) in corpus().into_iter().enumerate() {
        for ((format, label, said), (_, _, plain)) in reports(text).into_iter().zip(&harmless) {
            assert_eq!(raw(&said), "", "{text:?} as {label}:\n{said:?}");
            let told = shape(format, &said);
            assert_eq!(told, shape(format, plain), "{text:?} as {label}:\n{said}\n{plain}");
            keep(&format!("{number}-{label}"), &said);
        }
    }
}

fn styled(outcome: &Outcome, view: &View<'_>) -> String {
    let mut out = Vec::new();
    for finding in &outcome.findings {
        write_finding(&mut out, finding, view).unwrap();
    }
    String::from_utf8(out).unwrap()
}

/// Takes off the styles that are the program's own: `ESC [ digits m`, and nothing else.
fn strip_styles(text: &str) -> String {
    regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(text, "").into_owned()
}

#[test]
fn every_text_of_the_corpus_is_still_in_the_json() {
    for text in CORPUS {
        let sources = SourceMap::default();
        let excerpts = Excerpts::default();
        let view = View { sources: &sources, excerpts: &excerpts, width: 80 };
        let mut out = Vec::new();
        let outcome = outcome(text, Place::NOWHERE);
        check_json::write(&mut out, &outcome, &view, &Settings::default()).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        for field in ["/subject", "/message", "/help/0", "/fix/from", "/related/0/message"] {
            let found = json.pointer(&format!("/findings/0{field}"));
            assert_eq!(found.and_then(serde_json::Value::as_str), Some(text), "{field}");
        }
    }
}

#[test]
fn nothing_in_a_rule_reaches_its_page_or_the_list_raw() {
    for text in CORPUS {
        let option = RuleOption { name: text, default: 1, meaning: text };
        // A new field does not compile until it is listed.
        let info = RuleInfo {
            id: text,
            summary: text,
            severity: Severity::Note,
            on: true,
            follows: Vec::leak(vec![text]),
            options: Vec::leak(vec![option]),
            since: text,
            explanation: text,
            remediation: text,
            references: Vec::leak(vec![text]),
        };
        let mut out = Vec::new();
        rules::write_page(&mut out, &info, "").unwrap();
        let row = rules::Row {
            info: Box::leak(Box::new(RuleInfo { id: INFO.id, summary: INFO.summary, ..info })),
            level: Level::Off,
            because: text.to_owned(),
        };
        rules::write_standing(&mut out, &row).unwrap();
        rules::write_list(&mut out, &[row]).unwrap();
        let page = String::from_utf8(out).unwrap();
        assert_eq!(raw(&page), "", "{text:?}:\n{page:?}");
    }
}
