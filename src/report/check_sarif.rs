//! Findings as SARIF 2.1.0, for code scanning of GitHub and others.
//!
//! Files are named from the working folder (`%SRCROOT%`), and columns count characters. Texts are shown: what
//! hides or acts in them is escaped, and nothing in them is a link of SARIF's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use super::check_text::suppression_words;
use super::checked::{Checked, Fix, Replacement, Spot, UnreadInput};
use super::safe_json;
use crate::finding::{Finding, FixHint, Label, Quoted, RuleInfo, Severity};
use crate::rules::{NotChecked, Suppression, find};
use crate::sources::excerpt::Field;
use crate::text::Shown;
use model::{
    ArtifactChange, ArtifactLocation, BaseId, Configuration, Content, DeletedRegion, Descriptor,
    Driver, FixRecord, Invocation, Level, Location, Log, LogicalLocation, Multiformat,
    Notification, PhysicalLocation, Properties, Region, Rename, ReplacementRecord, Reporting,
    ReportingReference, ResultRecord, Run, SuppressionRecord, Text, Tool,
};

mod model;

/// The name of the working folder in addresses.
const ROOT: &str = "%SRCROOT%";

/// The name under which a finding's fingerprint stands.
const FINGERPRINT: &str = "rolecall/v1";

/// Writes a log of one run.
pub(super) fn write(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let outcome = checked.outcome;
    let suppressed = outcome.suppressed.iter().map(|one| &one.finding);
    let found = outcome.findings.iter().chain(suppressed).map(|finding| finding.rule);
    let not_checked = outcome.not_checked.iter().map(|not| not.rule);
    let rules: BTreeSet<&str> =
        outcome.checked.iter().copied().chain(not_checked).chain(found).collect();
    let index: BTreeMap<&str, usize> =
        rules.iter().enumerate().map(|(number, rule)| (*rule, number)).collect();
    let index = &index;
    // All results say whether they are suppressed, or none does.
    let nothing = (!outcome.suppressed.is_empty()).then(Vec::new);
    let reported = outcome.findings.iter().map(|finding| {
        let suppressions = nothing.clone();
        ResultRecord { suppressions, ..result(checked, finding, index) }
    });
    let suppressed = outcome.suppressed.iter().map(|one| {
        let suppressions = Some(vec![suppression(checked, &one.by)]);
        ResultRecord { suppressions, ..result(checked, &one.finding, index) }
    });
    let run = Run {
        tool: Tool { driver: driver(&rules) },
        invocations: [invocation(checked, index)],
        original_uri_base_ids: [(ROOT, BaseId { description: text("the working folder") })].into(),
        column_kind: "unicodeCodePoints",
        results: reported.chain(suppressed).collect(),
    };
    safe_json::pretty(out, &Log::of(run))
}

fn driver<'a>(rules: &BTreeSet<&'a str>) -> Driver<'a> {
    let known = |id: &'a str| match find(id) {
        Some(rule) => descriptor(&rule.info),
        None => Descriptor::of(id),
    };
    Driver {
        name: "rolecall",
        semantic_version: env!("CARGO_PKG_VERSION"),
        rules: rules.iter().copied().map(known).collect(),
        notifications: [
            Reporting {
                id: "unreadable-input",
                short_description: text("an input could not be read whole"),
            },
            Reporting {
                id: "rule-not-checked",
                short_description: text("a rule could not be checked"),
            },
        ],
    }
}

fn descriptor(info: &RuleInfo) -> Descriptor<'_> {
    let group = info.id.split_once('/').map_or(info.id, |(group, _)| group);
    let help = |explanation: &str, remediation: &str| format!("{explanation}\n\n{remediation}");
    Descriptor {
        id: info.id,
        short_description: Some(text(info.summary)),
        full_description: Some(text(info.explanation)),
        help: Some(Multiformat {
            text: plain(&help(info.explanation, info.remediation)),
            markdown: help(
                &format!("**Why it matters.** {}", info.explanation),
                &format!("**What to do.** {}", info.remediation),
            ),
        }),
        help_uri: info.references.first().copied(),
        default_configuration: Some(Configuration {
            enabled: info.on,
            level: level(info.severity),
        }),
        properties: Some(Properties { tags: ["okta-aws-federation", group] }),
    }
}

const fn level(severity: Severity) -> Level {
    match severity {
        Severity::Note => Level::Note,
        Severity::Warning => Level::Warning,
        Severity::Error => Level::Error,
    }
}

fn result<'a>(
    checked: &Checked<'a>,
    finding: &'a Finding,
    index: &BTreeMap<&str, usize>,
) -> ResultRecord<'a> {
    // Taken apart so that a new field has to be thought of here.
    let Finding {
        rule,
        severity,
        subject,
        message,
        stems_from: _,
        also: _,
        primary,
        related,
        help,
        fix,
        fingerprint,
    } = finding;
    let mut says = Shown(message).to_string();
    for help in help {
        // A string takes everything.
        let _ = write!(says, "\nhelp: {}", Shown(help));
    }
    let related = related.iter().filter_map(|label| {
        let says = Some(&*label.message).filter(|says| !says.is_empty());
        let message = says.map(|says| text(&Shown(says).to_string()));
        location(checked, label).map(|place| Location { message, ..place })
    });
    ResultRecord {
        rule_id: rule,
        rule_index: index.get(rule).copied(),
        level: level(*severity),
        message: text(&says),
        locations: location(checked, primary).into_iter().collect(),
        related_locations: related.collect(),
        partial_fingerprints: [(FINGERPRINT, fingerprint.to_string())].into(),
        fixes: checked
            .inputs
            .fixes
            .get(fingerprint)
            .map(|fix| fix_of(checked, fix))
            .into_iter()
            .collect(),
        suppressions: None,
        properties: model::Subject {
            subject: Shown(subject).to_string(),
            rename: fix.as_ref().and_then(|fix| match fix {
                FixHint::RenameGroup { from, to } | FixHint::ProposeName { from, to } => {
                    Some(Rename { from: Shown(from).to_string(), to: Shown(to).to_string() })
                }
                FixHint::SetSetting { .. } | FixHint::ReplaceInPolicy { .. } => None,
            }),
        },
    }
}

fn fix_of<'a>(checked: &Checked<'a>, fix: &'a Fix) -> FixRecord<'a> {
    let replaced = |one: &'a Replacement| ReplacementRecord {
        deleted_region: DeletedRegion {
            start_line: one.start.0,
            start_column: one.start.1,
            end_line: one.end.0,
            end_column: one.end.1,
        },
        inserted_content: Content { text: &one.text },
    };
    let changes = fix.files.iter().map(|(file, all)| ArtifactChange {
        artifact_location: artifact(&checked.inputs.relative(file)),
        replacements: all.iter().map(replaced).collect(),
    });
    let (from, to) = (Quoted(&fix.from).to_string(), Quoted(&fix.to).to_string());
    FixRecord {
        description: text(&format!("{} → {}", Shown(&from), Shown(&to))),
        artifact_changes: changes.collect(),
    }
}

fn location(checked: &Checked<'_>, label: &Label) -> Option<Location> {
    let spot = checked.spot(label)?;
    let region = spot.line.map(|start_line| Region {
        start_line,
        start_column: spot.columns.as_ref().map(|columns| columns.start),
        end_column: spot.columns.as_ref().map(|columns| columns.end),
    });
    let logical = logical_location(&spot);
    Some(Location {
        physical_location: PhysicalLocation { artifact_location: artifact(&spot.file), region },
        logical_locations: logical.into_iter().collect(),
        message: None,
    })
}

/// The place in the words of its format.
fn logical_location(spot: &Spot<'_>) -> Option<LogicalLocation> {
    if let Some((name, line)) = spot.within {
        let fully_qualified_name = format!("{}, line {line} of the message", Shown(name));
        return Some(LogicalLocation { name: None, fully_qualified_name, kind: "resource" });
    }
    let shown = |text: &str| Shown(text).to_string();
    Some(match spot.excerpt?.field.as_ref()? {
        Field::Cell { row, column: Some(column) } => LogicalLocation {
            name: Some(shown(column)),
            fully_qualified_name: format!("row {row}, column {}", Shown(column)),
            kind: "cell",
        },
        Field::Cell { row, column: None } => {
            LogicalLocation { name: None, fully_qualified_name: format!("row {row}"), kind: "row" }
        }
        Field::Attribute { dn, name: Some(name) } => LogicalLocation {
            name: Some(shown(name)),
            fully_qualified_name: format!("{}: {}", Shown(dn), Shown(name)),
            kind: "attribute",
        },
        Field::Attribute { dn, name: None } => {
            LogicalLocation { name: None, fully_qualified_name: shown(dn), kind: "entry" }
        }
        Field::Pointer(pointer) => {
            LogicalLocation { name: None, fully_qualified_name: shown(pointer), kind: "value" }
        }
    })
}

/// A file as an address: relative to the working folder, or whole where it is elsewhere.
fn artifact(file: &str) -> ArtifactLocation {
    let mut uri = String::new();
    for byte in file.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // A string takes everything.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    if file.starts_with('/') {
        return ArtifactLocation { uri: format!("file://{uri}"), uri_base_id: None };
    }
    ArtifactLocation { uri, uri_base_id: Some(ROOT) }
}

fn suppression(checked: &Checked<'_>, by: &Suppression) -> SuppressionRecord {
    let words = suppression_words(by, |file| checked.inputs.relative(file));
    let location = match by {
        Suppression::Baseline => None,
        Suppression::Waiver { file, line, .. } => Some(Location {
            physical_location: PhysicalLocation {
                artifact_location: artifact(&checked.inputs.relative(file)),
                region: Some(Region::line(*line)),
            },
            logical_locations: Vec::new(),
            message: None,
        }),
    };
    SuppressionRecord {
        kind: "external",
        status: "accepted",
        justification: Shown(&words).to_string(),
        location,
    }
}

fn invocation<'a>(checked: &Checked<'a>, index: &BTreeMap<&str, usize>) -> Invocation<'a> {
    let outcome = checked.outcome;
    let unread = checked.inputs.unread.iter().map(|one| unread_input(checked, one));
    let not_checked = outcome.not_checked.iter().map(|not| {
        let NotChecked { rule, reason } = not;
        let index = index.get(rule).copied();
        Notification {
            descriptor: ReportingReference { id: "rule-not-checked", index: Some(1) },
            level: Level::Warning,
            message: text(&Shown(&reason.to_string()).to_string()),
            locations: Vec::new(),
            associated_rule: Some(ReportingReference { id: rule, index }),
        }
    });
    Invocation {
        execution_successful: !checked.inputs.is_incomplete && !outcome.checked.is_empty(),
        tool_execution_notifications: unread.chain(not_checked).collect(),
    }
}

fn unread_input<'a>(checked: &Checked<'_>, one: &UnreadInput) -> Notification<'a> {
    let artifact_location = artifact(&checked.inputs.relative(&one.file));
    let region = one.line.map(Region::line);
    Notification {
        descriptor: ReportingReference { id: "unreadable-input", index: Some(0) },
        level: if one.is_loss { Level::Error } else { Level::Warning },
        message: text(&Shown(&one.message).to_string()),
        locations: vec![Location {
            physical_location: PhysicalLocation { artifact_location, region },
            logical_locations: Vec::new(),
            message: None,
        }],
        associated_rule: None,
    }
}

fn text(says: &str) -> Text {
    Text { text: plain(says) }
}

/// A text in which nothing is a link, as `[words](target)` is. Placeholders (`{0}`) stay as they are: no message
/// has arguments, so nothing takes their place.
fn plain(says: &str) -> String {
    if says.contains("](") {
        return says.replace('[', "\\[").replace(']', "\\]");
    }
    says.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_would_be_a_link_is_escaped() {
        for (says, expected) in [
            ("`^aws\\#(?{{role}}[\\w]+)$`", "`^aws\\#(?{{role}}[\\w]+)$`"),
            ("see [here](https://x.test)", "see \\[here\\](https://x.test)"),
            ("ask for `\\d{12}`", "ask for `\\d{12}`"),
        ] {
            assert_eq!(plain(says), expected);
        }
    }

    #[test]
    fn a_file_is_an_address_relative_to_the_working_folder() {
        let address = |file| {
            let ArtifactLocation { uri, uri_base_id } = artifact(file);
            (uri, uri_base_id)
        };
        assert_eq!(
            address("a b/c:d#é%.csv"),
            ("a%20b/c%3Ad%23%C3%A9%25.csv".to_owned(), Some(ROOT))
        );
        assert_eq!(address("/x/a.csv"), ("file:///x/a.csv".to_owned(), None));
    }
}
