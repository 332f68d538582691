//! The parts of SARIF 2.1.0 that are written, under the names it gives them.

use std::collections::BTreeMap;

use serde::Serialize;

/// Where the schema is.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// SARIF 3.13.
#[derive(Serialize)]
pub(super) struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

impl<'a> Log<'a> {
    /// A log of one run.
    pub(super) const fn of(run: Run<'a>) -> Self {
        Self { schema: SCHEMA, version: "2.1.0", runs: [run] }
    }
}

/// SARIF 3.14.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run<'a> {
    pub(super) tool: Tool<'a>,
    pub(super) invocations: [Invocation<'a>; 1],
    pub(super) original_uri_base_ids: BTreeMap<&'static str, BaseId>,
    pub(super) column_kind: &'static str,
    pub(super) results: Vec<ResultRecord<'a>>,
}

/// What addresses are relative to: no folder of the machine is told.
#[derive(Serialize)]
pub(super) struct BaseId {
    pub(super) description: Text,
}

/// SARIF 3.18.
#[derive(Serialize)]
pub(super) struct Tool<'a> {
    pub(super) driver: Driver<'a>,
}

/// SARIF 3.19.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver<'a> {
    pub(super) name: &'static str,
    pub(super) semantic_version: &'static str,
    pub(super) rules: Vec<Descriptor<'a>>,
    pub(super) notifications: [Reporting; 2],
}

/// SARIF 3.49, of a rule.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor<'a> {
    pub(super) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) short_description: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) full_description: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<Multiformat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default_configuration: Option<Configuration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) properties: Option<Properties<'a>>,
}

impl<'a> Descriptor<'a> {
    /// A rule of which only the id is known.
    pub(super) const fn of(id: &'a str) -> Self {
        Self {
            id,
            short_description: None,
            full_description: None,
            help: None,
            help_uri: None,
            default_configuration: None,
            properties: None,
        }
    }
}

/// SARIF 3.49, of a notification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reporting {
    pub(super) id: &'static str,
    pub(super) short_description: Text,
}

/// SARIF 3.12.
#[derive(Serialize)]
pub(super) struct Multiformat {
    pub(super) text: String,
    pub(super) markdown: String,
}

/// SARIF 3.50.
#[derive(Serialize)]
pub(super) struct Configuration {
    pub(super) enabled: bool,
    pub(super) level: Level,
}

/// SARIF 3.8, of a rule.
#[derive(Serialize)]
pub(super) struct Properties<'a> {
    pub(super) tags: [&'a str; 2],
}

/// SARIF 3.20.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation<'a> {
    pub(super) execution_successful: bool,
    pub(super) tool_execution_notifications: Vec<Notification<'a>>,
}

/// SARIF 3.58.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Notification<'a> {
    pub(super) descriptor: ReportingReference<'a>,
    pub(super) level: Level,
    pub(super) message: Text,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) locations: Vec<Location>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) associated_rule: Option<ReportingReference<'a>>,
}

/// SARIF 3.52.
#[derive(Serialize)]
pub(super) struct ReportingReference<'a> {
    pub(super) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<usize>,
}

/// SARIF 3.27.10.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Level {
    Note,
    Warning,
    Error,
}

/// SARIF 3.11.
#[derive(Clone, Serialize)]
pub(super) struct Text {
    pub(super) text: String,
}

/// SARIF 3.27.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultRecord<'a> {
    pub(super) rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule_index: Option<usize>,
    pub(super) level: Level,
    pub(super) message: Text,
    pub(super) locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_locations: Vec<Location>,
    pub(super) partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) fixes: Vec<FixRecord<'a>>,
    /// None says nothing, and an empty list that it is not suppressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suppressions: Option<Vec<SuppressionRecord>>,
    pub(super) properties: Subject,
}

/// SARIF 3.8, of a result.
#[derive(Serialize)]
pub(super) struct Subject {
    pub(super) subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rename: Option<Rename>,
}

/// The name that would mend it, also where that is no fix of SARIF's, as it would change an export.
#[derive(Serialize)]
pub(super) struct Rename {
    pub(super) from: String,
    pub(super) to: String,
}

/// SARIF 3.55.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FixRecord<'a> {
    pub(super) description: Text,
    pub(super) artifact_changes: Vec<ArtifactChange<'a>>,
}

/// SARIF 3.56.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactChange<'a> {
    pub(super) artifact_location: ArtifactLocation,
    pub(super) replacements: Vec<ReplacementRecord<'a>>,
}

/// SARIF 3.57.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReplacementRecord<'a> {
    pub(super) deleted_region: DeletedRegion,
    pub(super) inserted_content: Content<'a>,
}

/// SARIF 3.30, of a piece that is replaced.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeletedRegion {
    pub(super) start_line: u32,
    pub(super) start_column: u64,
    pub(super) end_line: u32,
    pub(super) end_column: u64,
}

/// SARIF 3.3: the text itself, and no message.
#[derive(Serialize)]
pub(super) struct Content<'a> {
    pub(super) text: &'a str,
}

/// SARIF 3.28.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are those of SARIF")]
pub(super) struct Location {
    pub(super) physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) logical_locations: Vec<LogicalLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Text>,
}

/// SARIF 3.29.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalLocation {
    pub(super) artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<Region>,
}

/// SARIF 3.4.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation {
    pub(super) uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uri_base_id: Option<&'static str>,
}

/// SARIF 3.30.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    pub(super) start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_column: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_column: Option<u64>,
}

impl Region {
    /// A whole line.
    pub(super) const fn line(start_line: u32) -> Self {
        Self { start_line, start_column: None, end_column: None }
    }
}

/// SARIF 3.33.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogicalLocation {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    pub(super) fully_qualified_name: String,
    pub(super) kind: &'static str,
}

/// SARIF 3.35.
#[derive(Clone, Serialize)]
pub(super) struct SuppressionRecord {
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    pub(super) justification: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<Location>,
}
