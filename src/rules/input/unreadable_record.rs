//! `input/unreadable-record`: a record or value that no reader could read.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::model::defect::DefectKind;
use crate::rules::{Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "input/unreadable-record",
        summary: "a record, a value or a file cannot be read",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "What cannot be read is missing from every answer: a member that stands in a broken \
                      row is nobody's member, and a check that leaves records out in silence says that all \
                      is well where it knows nothing. Reading goes on behind the record; each of the first \
                      twenty of a file is reported with its line, the others are counted.",
        remediation: "Mend the record where the message says, or export again. An export that was edited \
                      by hand or by a script is better made again than mended.",
        references: &[
            "https://www.rfc-editor.org/rfc/rfc4180",
            "https://www.rfc-editor.org/rfc/rfc2849",
        ],
    },
    check: |context| Ok(check(context)),
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let federation = context.federation;
    let of = federation.defects.of(DefectKind::Unreadable);
    of.flat_map(|of| {
        super::each_of(&RULE.info, federation, of, |defect| {
            let message = format!("cannot be read: {}", defect.message);
            Finding::new(&RULE.info, super::line_of(federation, defect.place), message)
                .at(Label::new(defect.place, ""))
        })
    })
    .collect()
}
