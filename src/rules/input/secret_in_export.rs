//! `input/secret-in-export`: an Okta app export with AWS keys in it.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::model::defect::DefectKind;
use crate::rules::{Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "input/secret-in-export",
        summary: "an export of the Okta app carries AWS keys",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "An app whose API integration is on keeps an AWS access key and its secret in its \
                      settings, and an export of the app carries them along: into a repository, a ticket, \
                      a mail. Nothing here keeps or shows their values; that the file holds them is reason \
                      enough to take them out.",
        remediation: "Remove `accessKey`, `secretKey` and `secretKeyEnc` from the file. If it was ever \
                      shared or committed, rotate the key: make a new one for the IAM user, put it into \
                      the app, and delete the old one.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/securing_access-keys.html",
        ],
    },
    check: |context| Ok(check(context)),
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let federation = context.federation;
    let of = federation.defects.of(DefectKind::Secret);
    of.flat_map(|(_, defects)| &defects.kept)
        .map(|defect| {
            let place = super::line_of(federation, defect.place);
            let message = "the Okta app export still carries an AWS key";
            Finding::new(&RULE.info, place, message)
                .at(Label::new(defect.place, ""))
                .help("remove the key from the file, and rotate it if others could read the file")
        })
        .collect()
}
