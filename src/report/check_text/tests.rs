use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::finding::RuleInfo;
use crate::rules::{CannotCheck, Counts, Cut, NotChecked, SuppressedCounts};
use crate::sources::input::{Format, Input, SourceOptions, Stream};
use crate::text::{Place, is_hidden};

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

/// A CSV file, and the excerpts of an outcome whose places are its lines.
fn read(csv: &str, outcome: &Outcome) -> (SourceMap, Excerpts) {
    let csv = csv.to_owned();
    let mut sources = SourceMap::default();
    let source = sources.add("x.csv".to_owned(), 0);
    let open = Box::new(move || Ok(Box::new(Cursor::new(csv.clone())) as Box<dyn Stream>));
    let options = SourceOptions::default();
    let input = Input { name: "x.csv".to_owned(), open, found: false, options };
    let labels = outcome.findings.iter().flat_map(|f| f.related.iter().chain([&f.primary]));
    let excerpts = Excerpts::read(&[input], &[(source, Format::EdgeCsv)], &sources, labels);
    (sources, excerpts)
}

/// The text of an outcome, without styles, whose places are lines of a CSV file.
fn text(outcome: &Outcome, csv: &str, width: usize) -> String {
    let (sources, excerpts) = read(csv, outcome);
    let mut out = anstream::StripStream::new(Vec::new());
    write(&mut out, outcome, &View { sources: &sources, excerpts: &excerpts, width }).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

#[test]
fn carets_stand_under_wide_characters_and_a_label_beside_them() {
    let finding = Finding::new(&INFO, "", "wrong")
        .at(Label::new(Place(2), "this").mark("京"))
        .related(Label::new(Place(2), "that").mark("x"))
        .related(Label::new(Place(3), "elsewhere"));
    let outcome = Outcome { findings: vec![finding], ..Outcome::default() };
    assert_eq!(
        text(&outcome, "g,m\n東京,x\n\ty,z\n", 80),
        "\
warning[a/b]: wrong
 --> x.csv:2:2 (column `g`)
  |
2 | 東京,x
  |   ^^ - that
  |   |
  |   this
  |
 ::: x.csv:3:2
  |
3 |     y,z
  |     --- elsewhere

no findings; 0 rules checked
"
    );
}

#[test]
fn without_styles_a_finding_is_drawn_as_with_them_taken_off() {
    let finding = Finding::new(&INFO, "", "wrong\u{1b}[31m")
        .at(Label::new(Place(2), "this").mark("京"))
        .related(Label::new(Place(3), "elsewhere"))
        .help("mend it");
    let outcome = Outcome { findings: vec![finding; 2 * DRAWN_AT_ONCE + 1], ..Outcome::default() };
    let (sources, excerpts) = read("g,m\n東京,x\n\ty,z\n", &outcome);
    let view = View { sources: &sources, excerpts: &excerpts, width: 80 };
    let mut styled = anstream::StripStream::new(Vec::new());
    write(&mut styled, &outcome, &view).unwrap();
    let mut unstyled = Vec::new();
    write_unstyled(&mut unstyled, &outcome, &view).unwrap();
    let findings = outcome.findings.len();
    let shown = String::from_utf8(styled.into_inner()).unwrap();
    assert_eq!(shown.matches("warning[a/b]: wrong\\u{1b}[31m\n").count(), findings);
    assert_eq!(String::from_utf8(unstyled).unwrap(), shown);
}

#[test]
fn what_is_not_shown_is_said_once_a_reason_and_once_a_rule() {
    let not = |rule| NotChecked { rule, reason: CannotCheck("no app".to_owned()) };
    let outcome = Outcome {
        findings: vec![Finding::new(&INFO, "", "wrong")],
        counts: Counts { warnings: 3, ..Counts::default() },
        checked: vec!["a/b"],
        not_checked: vec![not("c/d"), not("e/f")],
        cut: vec![Cut { rule: "a/b", kept: 1, found: 3 }, Cut { rule: "g/h", kept: 1, found: 2 }],
        suppressed_counts: SuppressedCounts { waived: 2, in_baseline: 1 },
        ..Outcome::default()
    };
    assert_eq!(
        text(&outcome, "", 80),
        "\
warning[a/b]: wrong

not checked[c/d, e/f]: no app

a/b: 1 of its 3 findings are shown

3 warnings (2 not shown); 3 suppressed (2 waived, 1 in the baseline); 1 rule checked, 2 not
"
    );
}

proptest! {
    #[test]
    fn any_line_and_mark_is_drawn_at_any_width(
        head in "[^\n]{0,40}",
        value in "[^\n]{0,40}",
        tail in "[^\n]{0,40}",
        (from, to) in (0_usize..50, 0_usize..50),
        message in "\\PC{0,20}",
        width in 0_usize..150,
    ) {
        let finding = Finding::new(&INFO, "", &*message)
            .at(Label::new(Place(2), &*message).mark_part(&*value, from..to))
            .related(Label::new(Place(2), &*message).mark(&*head))
            .related(Label::new(Place(2), &*message));
        let outcome = Outcome { findings: vec![finding], ..Outcome::default() };
        let drawn = text(&outcome, &format!("g\n{head}{value}{tail}\n"), width);
        prop_assert!(!drawn.chars().any(|c| c != '\n' && is_hidden(c)), "{drawn:?}");
        prop_assert!(drawn.contains(" --> x.csv:2:"), "{drawn}");
    }
}
