//! `input/truncated-export`: an export that ends before what it lists does.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::model::defect::DefectKind;
use crate::rules::{Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "input/truncated-export",
        summary: "an export says, or shows, that more follows",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Servers hand long lists out in pages: AWS with `IsTruncated` and `NextToken`, \
                      Microsoft Graph with `@odata.nextLink`, Google with `nextPageToken`, Active \
                      Directory with `member;range=0-1499`. A file that holds the first page alone looks \
                      complete, and everybody behind it has lost their access as far as anybody can tell \
                      from it.",
        remediation: "Export again with all pages: the AWS CLI merges them where neither `--max-items` nor \
                      `--no-paginate` is given; follow `@odata.nextLink` and `nextPageToken` until there \
                      is none; ask Active Directory with `ldifde` or `Get-ADGroup -Properties member`, \
                      which join the pieces, or ask for `member;range=1500-*` and so on.",
        references: &[
            "https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html",
            "https://learn.microsoft.com/en-us/graph/paging",
            "https://learn.microsoft.com/en-us/windows/win32/adsi/attribute-range-retrieval",
            "https://www.rfc-editor.org/rfc/rfc2696",
        ],
    },
    check: |context| Ok(check(context)),
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let federation = context.federation;
    let of = federation.defects.of(DefectKind::Truncated);
    of.flat_map(|(source, defects)| {
        super::each_of(&RULE.info, federation, (source, defects), |defect| {
            let message = format!("the export is not whole: {}", defect.message);
            Finding::new(&RULE.info, super::name_of(federation, source), message)
                .at(Label::new(defect.place, ""))
                .help("export again, all pages of it")
        })
    })
    .collect()
}
