//! `input/unexpected-encoding`: characters that are not plain UTF-8.

use std::collections::BTreeSet;

use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::defect::DefectKind;
use crate::model::export::{Export, TextEncoding};
use crate::model::federation::Federation;
use crate::rules::documents::arn;
use crate::rules::{Context, Rule};
use crate::text::SourceId;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "input/unexpected-encoding",
        summary: "a file is UTF-16, begins with a byte order mark, or mixes encodings",
        severity: Severity::Warning,
        on: true,
        follows: &["provider/invalid-metadata"],
        options: &[],
        since: "0.1.0",
        explanation: "Such a file is read all the same, but not by everybody: a byte order mark ends up in \
                      the first column's name or the first value, UTF-16 looks binary to most tools, and \
                      bytes of a Windows code page turn letters into others or into `?` on the way. Names \
                      with an umlaut then differ between two exports of one directory. AWS refuses a SAML \
                      metadata document that begins with a byte order mark; of a metadata document that \
                      is a file of its own `provider/invalid-metadata` tells.",
        remediation: "Export as UTF-8 without a mark: `Export-Csv -Encoding utf8NoBOM` in PowerShell 7; \
                      `csvde` and `ldifde` write the code page of the system, or UTF-16 with `-u`, which \
                      is the better of the two. A file whose encoding is as it has to be is told with \
                      `encoding = \"utf-16le\"` for its source.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html",
            "https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_character_encoding",
            "https://www.unicode.org/faq/utf_bom.html",
        ],
    },
    check: |context| Ok(check(context)),
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let federation = context.federation;
    // About a file that is a metadata document another rule speaks.
    let documents = metadata_files(federation);
    let others = federation.exports.iter().filter(|export| !documents.contains(&export.source));
    let mut found: Vec<Finding> = others.filter_map(|export| of_file(federation, export)).collect();
    found.extend(mixed(federation));
    found.extend(metadata(federation));
    found
}

/// The files that are metadata documents.
fn metadata_files(federation: &Federation) -> BTreeSet<SourceId> {
    let accounts = federation.accounts.iter().flat_map(|(_, account)| &account.providers);
    let files = accounts.filter(|provider| provider.metadata_is_file);
    let documents = files.filter_map(|provider| provider.metadata.as_ref());
    let all = documents.chain(&federation.app_metadata);
    all.filter_map(|document| federation.sources.source_of(document.place)).collect()
}

fn of_file(federation: &Federation, export: &Export) -> Option<Finding> {
    let what = match export.encoding {
        TextEncoding::Utf8 | TextEncoding::Told => return None,
        TextEncoding::MarkedUtf8 => "begins with a byte order mark",
        TextEncoding::Utf16Le | TextEncoding::Utf16Be => "is UTF-16",
    };
    let name = super::name_of(federation, export.source);
    let message = format!("{} {what}, expected UTF-8 without a byte order mark", Quoted(name));
    let at = Label::new(super::top_of(federation, export.source), "");
    Some(Finding::new(&RULE.info, name, message).at(at))
}

fn mixed(federation: &Federation) -> impl Iterator<Item = Finding> {
    federation.defects.of(DefectKind::StrayByte).filter_map(move |(source, defects)| {
        let first = defects.kept.first()?;
        let name = super::name_of(federation, source);
        let lines = super::counted(defects.count, "line", "lines");
        let message = format!(
            "{} holds bytes that are not UTF-8 at {lines}, read as windows-1252",
            Quoted(name)
        );
        Some(
            Finding::new(&RULE.info, name, message)
                .at(Label::new(first.place, ""))
                .help("export it as UTF-8, or name the `encoding` of the source"),
        )
    })
}

/// Metadata documents that AWS refuses for their byte order mark.
fn metadata(federation: &Federation) -> impl Iterator<Item = Finding> {
    let providers = federation.accounts.iter().flat_map(|(id, account)| {
        account.providers.iter().map(move |provider| (id, account, provider))
    });
    let mut seen = BTreeSet::new();
    providers.filter_map(move |(id, account, provider)| {
            let metadata = provider.metadata.as_ref()?;
            // Of one text in many accounts the first one tells.
            if !metadata.value.starts_with('\u{feff}') || !seen.insert(&metadata.value) {
                return None;
            }
            let message = format!(
                "the metadata of SAML provider {} in account {id} begins with a byte order mark, which AWS refuses",
                Quoted(&provider.name)
            );
            let subject = arn(id, account, &provider.name);
            Some(
                Finding::new(&RULE.info, subject, message)
                    .severity(Severity::Error)
                    .at(Label::new(metadata.place, ""))
                    .help("save the document as UTF-8 without a byte order mark"),
            )
    })
}
