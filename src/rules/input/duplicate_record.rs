//! `input/duplicate-record`: something that stands twice in one file.

use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::defect::DefectKind;
use crate::rules::{Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "input/duplicate-record",
        summary: "a column, record or key stands twice in one file",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A column, a user, a group or a setting that stands twice has two values, and which \
                      one counts depends on who reads the file: most programs take the last one, some the \
                      first. A record that stands twice is often a sign of two exports joined into one \
                      file, one of them older.",
        remediation: "Keep the one that is meant, or export again. Two exports of different times belong \
                      into two files, of which the newer one is used.",
        references: &[
            "https://www.rfc-editor.org/rfc/rfc4180",
            "https://www.rfc-editor.org/rfc/rfc8259#section-4",
        ],
    },
    check: |context| Ok(check(context)),
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let federation = context.federation;
    let of = federation.defects.of(DefectKind::Duplicate);
    of.flat_map(|of| {
        super::each_of(&RULE.info, federation, of, |defect| {
            let message = match defect.value.as_str() {
                "" => defect.message.clone(),
                value => format!("{}: {}", Quoted(value), defect.message),
            };
            let place = super::line_of(federation, defect.place);
            Finding::new(&RULE.info, place, message)
                .at(Label::new(defect.place, "").mark(defect.value.as_str()))
                .related(Label::new(defect.first, "the first"))
        })
    })
    .collect()
}
