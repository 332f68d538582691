//! One decision of a trust policy, for a person and as JSON.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::{Serialize, Serializer};

use super::answer::VERSION;
use super::safe_json;
use super::wrap::{Pieces, Width};
use crate::entitlement::refusal::Refusal as AwsRefusal;
use crate::entitlement::stage::Answer;
use crate::finding::Quoted;
use crate::model::aws::PolicyDocument;
use crate::sources::policy_text::PolicyText;
use crate::text::{Shown, SourceMap};
use crate::trust::{Decision, PolicyError, Presented, Refusal, Request, TrustPolicy, Unmet};

const BOLD: Style = Style::new().bold();

/// Statements that are told of, the nearest to allowing first.
const TOLD: usize = 5;

/// Values of one condition that are told of.
const VALUES: usize = 12;

/// Where a policy document stands.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// The file, or its line that begins the document.
    pub name: String,
    /// The text that holds the document as it is, from its byte to the end, and what stands before it.
    pub text: Option<(&'a str, usize)>,
    /// The document as an export has it, and the files.
    exported: Option<(&'a PolicyDocument, &'a SourceMap)>,
}

/// A line and a column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column in characters.
    pub column: usize,
}

impl<'a> Document<'a> {
    /// A document found in a file.
    pub fn in_file(name: &str, text: &'a str, found: &PolicyText<'_>) -> Self {
        Self { name: name.to_owned(), text: found.at.map(|at| (text, at)), exported: None }
    }

    /// A document that an export carries.
    pub fn exported(document: &'a PolicyDocument, sources: &'a SourceMap) -> Self {
        let name = sources.show(document.place);
        Self { name, text: None, exported: Some((document, sources)) }
    }

    /// Where a byte of the document stands in the file; `None` where the document was decoded.
    pub fn position(&self, at: usize) -> Option<Position> {
        let (text, start) = self.text?;
        let before = text.get(..start.saturating_add(at))?;
        let line = before.rsplit_once('\n').map_or(before, |(_, line)| line);
        Some(Position { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 })
    }

    /// A byte of the document, for a message.
    fn show(&self, at: usize) -> String {
        match self.position(at) {
            Some(Position { line, column }) => format!("{}:{line}:{column}", self.name),
            None => match self.exported {
                Some((document, sources)) => sources.show(document.place_of(at)),
                None => format!("{}, byte {at} of the policy", self.name),
            },
        }
    }

    /// Why the document is no policy, with its place.
    pub fn error(&self, error: &PolicyError) -> String {
        match self.position(error.at) {
            Some(Position { line, column }) => {
                format!("line {line}, column {column}: {}", error.message)
            }
            None => error.to_string(),
        }
    }
}

/// Whether AWS believes the message that asks.
#[derive(Debug, Clone)]
pub struct Believed<'a> {
    /// The message's name.
    pub name: &'a str,
    /// Whether a known key signed it.
    pub answer: Answer,
    /// Why, or why not; a sentence.
    pub says: String,
}

/// A policy, what was asked of it, and its answer.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The message whose values are asked with, where one was captured.
    pub message: Option<&'a Believed<'a>>,
    /// Where the policy stands.
    pub document: &'a Document<'a>,
    /// The request.
    pub request: &'a Request,
    /// The policy.
    pub policy: &'a TrustPolicy,
    /// The answer.
    pub decision: &'a Decision,
    /// The answer that was expected.
    pub expected: Option<&'a str>,
}

impl Asked<'_> {
    fn is_expected(&self) -> bool {
        self.expected.is_none_or(|expected| expected == self.decision.as_str())
    }

    fn is_allowed(&self) -> bool {
        self.decision.as_str() == "allow"
    }

    /// The statement that decides, counted from 0.
    fn statement(&self) -> Option<usize> {
        match self.decision {
            Decision::Allow { statement, .. }
            | Decision::ExplicitDeny { statement, .. }
            | Decision::Undecided { statement, .. } => Some(*statement),
            Decision::ImplicitDeny { .. } => None,
        }
    }

    fn refusals(&self) -> &[Refusal] {
        match self.decision {
            Decision::ImplicitDeny { refusals, .. } => refusals,
            _ => &[],
        }
    }

    /// The sentence without the statements that are told of below it.
    fn headline(&self) -> String {
        match self.decision {
            Decision::ImplicitDeny { action, refusals, fault: None } if !refusals.is_empty() => {
                format!("no statement allows {}", Quoted(action))
            }
            other => other.to_string(),
        }
    }
}

/// Says first whether AWS gets as far as the policy with a captured message.
fn write_message(out: &mut dyn Write, message: &Believed<'_>, width: Width) -> io::Result<()> {
    let Believed { name, answer, says } = message;
    let says = match answer {
        Answer::Holds => format!("by {name}, which AWS believes: {says}"),
        Answer::Unknown => format!("by {name}, and whether AWS believes it is not known: {says}"),
        Answer::Fails => format!(
            "AWS refuses {name} before it asks the policy, with {}: {says}",
            AwsRefusal::SignatureInvalid
        ),
    };
    Pieces::prose(&says).write(out, width, 0, 2)?;
    if *answer == Answer::Fails {
        writeln!(out, "the policy would say:")?;
    }
    writeln!(out)
}

/// Writes a decision for a person.
pub fn decision_text(out: &mut dyn Write, asked: &Asked<'_>, width: Width) -> io::Result<()> {
    if let Some(message) = asked.message {
        write_message(out, message, width)?;
    }
    let word = asked.decision.as_str();
    let color = if asked.is_allowed() { AnsiColor::Green } else { AnsiColor::Red };
    let style = BOLD.fg_color(Some(color.into()));
    write!(out, "{style}{word}{style:#}: ")?;
    Pieces::prose(&asked.headline()).write(out, width, word.len() + 2, 2)?;
    if let Some(statement) = asked.statement() {
        at(out, asked, asked.policy.statements.get(statement).map(|statement| statement.at))?;
    }
    for (number, refusal) in asked.refusals().iter().take(TOLD).enumerate() {
        write_refusal(out, asked, (number, refusal), width)?;
    }
    if let Some(more) = asked.refusals().len().checked_sub(TOLD).filter(|&more| more > 0) {
        writeln!(out, "\n  {more} more statements, further from allowing, are not shown")?;
    }
    if !asked.policy.faults.is_empty() {
        writeln!(out, "\n  IAM would refuse to store this policy:")?;
    }
    for fault in asked.policy.faults.iter().take(TOLD) {
        write!(out, "    ")?;
        Pieces::prose(&fault.message).write(out, width, 4, 6)?;
        writeln!(out, "      at {}", Shown(&asked.document.show(fault.at)))?;
    }
    if !asked.is_allowed() {
        writeln!(out)?;
        let text = AwsRefusal::NotTrusted.text();
        writeln!(out, "  AWS would answer: {text} (AccessDenied, 403)")?;
    }
    write_request(out, asked.request, width)?;
    if !asked.is_expected() {
        let expected = asked.expected.unwrap_or_default();
        writeln!(out, "\n  {BOLD}expected {expected}, found {word}{BOLD:#}")?;
    }
    Ok(())
}

fn at(out: &mut dyn Write, asked: &Asked<'_>, at: Option<usize>) -> io::Result<()> {
    match at {
        Some(at) => writeln!(out, "  at {}", Shown(&asked.document.show(at))),
        None => Ok(()),
    }
}

fn write_refusal(
    out: &mut dyn Write,
    asked: &Asked<'_>,
    (number, refusal): (usize, &Refusal),
    width: Width,
) -> io::Result<()> {
    writeln!(out)?;
    let mut head =
        Pieces::default().and(0, "statement").and(1, &(refusal.statement + 1).to_string());
    if let Some(sid) = refusal.sid.as_deref().filter(|sid| !sid.is_empty()) {
        head = head.and(1, &format!("({})", Quoted(sid)));
    }
    if number == 0 && asked.refusals().len() > 1 {
        head = head.and_prose(1, "is the nearest to allowing");
    }
    write!(out, "  ")?;
    head.write(out, width, 2, 4)?;
    writeln!(out, "    at {}", Shown(&asked.document.show(refusal.at)))?;
    for unmet in &refusal.unmet {
        let part = Part::of(unmet);
        write!(out, "    ")?;
        Pieces::prose(&part.name).write(out, width, 4, 6)?;
        if let Some(wanted) = &part.wanted {
            write!(out, "      wanted     ")?;
            Pieces::prose(wanted).write(out, width, 17, 17)?;
        }
        if let Some(presented) = &part.presented {
            write!(out, "      presented  ")?;
            Pieces::prose(presented).write(out, width, 17, 17)?;
        }
        if let Some(at) = part.at {
            writeln!(out, "      at {}", Shown(&asked.document.show(at)))?;
        }
    }
    Ok(())
}

/// What one unmet part is, in pieces.
struct Part {
    name: String,
    wanted: Option<String>,
    presented: Option<String>,
    at: Option<usize>,
}

impl Part {
    fn of(unmet: &Unmet) -> Self {
        match unmet {
            Unmet::Action { negated, wanted, presented } => {
                Self::element(if *negated { "NotAction" } else { "Action" }, wanted, presented)
            }
            Unmet::Principal { negated, wanted, presented } => Self::element(
                if *negated { "NotPrincipal" } else { "Principal" },
                wanted,
                presented,
            ),
            Unmet::Condition { operator, negated, needs_set, key, wanted, presented, at } => {
                let not = if *negated { "none of " } else { "" };
                let set = if *needs_set {
                    ", several values, which need `ForAllValues:` or `ForAnyValue:`"
                } else {
                    ""
                };
                Self {
                    name: format!("condition {} on {}", Quoted(operator), Quoted(key)),
                    wanted: Some(format!("{not}{}", listed(wanted))),
                    presented: Some(format!("{}{set}", value(presented.as_ref()))),
                    at: Some(*at),
                }
            }
            Unmet::Refused(message) => Self {
                name: format!("IAM would refuse it: {message}"),
                wanted: None,
                presented: None,
                at: None,
            },
        }
    }

    fn element(name: &str, wanted: &[String], presented: &str) -> Self {
        let not = if name.starts_with("Not") { "none of " } else { "" };
        Self {
            name: name.to_owned(),
            wanted: Some(format!("{not}{}", listed(wanted))),
            presented: Some(Quoted(presented).to_string()),
            at: None,
        }
    }
}

fn listed(values: &[String]) -> String {
    if values.is_empty() {
        return "nothing".to_owned();
    }
    several(values, " or ")
}

/// Values in backticks, a few of many.
fn several(values: &[String], between: &str) -> String {
    let shown = values.iter().take(VALUES).map(|value| Quoted(value).to_string());
    let mut quoted: Vec<String> = shown.collect();
    if let Some(more) = values.len().checked_sub(VALUES).filter(|&more| more > 0) {
        quoted.push(format!("{more} more"));
    }
    quoted.join(between)
}

fn value(presented: Option<&Presented>) -> String {
    match presented {
        None => "no such key".to_owned(),
        Some(Presented::Unknown) => "not known".to_owned(),
        Some(Presented::One(value)) => Quoted(value).to_string(),
        Some(Presented::Many(values)) if values.is_empty() => "the empty set".to_owned(),
        Some(Presented::Many(values)) => several(values, ", "),
    }
}

/// What was asked.
fn write_request(out: &mut dyn Write, request: &Request, width: Width) -> io::Result<()> {
    writeln!(out, "\n  asked:")?;
    let actions: Vec<&str> = request.action_names().collect();
    let keys = request.context.iter().map(|(key, found)| (key, value(Some(found))));
    let rows: Vec<(&str, String)> = [
        ("principal", Quoted(&request.principal).to_string()),
        (
            "actions",
            actions.iter().map(|one| Quoted(one).to_string()).collect::<Vec<_>>().join(", "),
        ),
    ]
    .into_iter()
    .chain(keys)
    .collect();
    let columns = rows.iter().map(|(key, _)| Shown(key).columns()).max().unwrap_or(0).min(32);
    for (key, value) in rows {
        let shown = Shown(key);
        let space = columns.saturating_sub(shown.columns());
        write!(out, "    {shown}{:space$}  ", "")?;
        Pieces::prose(&value).write(out, width, 4 + columns + 2, 6)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct JsonBelieved<'a> {
    name: &'a str,
    /// `holds`, `unknown` or `fails`.
    answer: &'static str,
    says: &'a str,
}

#[derive(Serialize)]
struct JsonDecision<'a> {
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<JsonBelieved<'a>>,
    decision: &'static str,
    because: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_expected: Option<bool>,
    policy: &'a str,
    /// The statement that decides, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<usize>,
    refusals: Vec<JsonRefusal<'a>>,
    /// What IAM would refuse to store.
    faults: Vec<JsonFault<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aws_error: Option<JsonAwsError>,
    request: JsonRequest<'a>,
}

#[derive(Serialize)]
struct JsonAwsError {
    code: &'static str,
    status: u16,
    message: &'static str,
}

#[derive(Serialize)]
struct JsonFault<'a> {
    message: &'a str,
    at: Option<Position>,
}

#[derive(Serialize)]
struct JsonRefusal<'a> {
    statement: usize,
    sid: Option<&'a str>,
    at: Option<Position>,
    unmet: Vec<JsonUnmet<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "part", rename_all = "kebab-case")]
enum JsonUnmet<'a> {
    Action {
        negated: bool,
        wanted: &'a [String],
        presented: &'a str,
    },
    Principal {
        negated: bool,
        wanted: &'a [String],
        presented: &'a str,
    },
    Condition {
        operator: &'a str,
        key: &'a str,
        wanted: &'a [String],
        presented: Option<JsonValue<'a>>,
        at: Option<Position>,
    },
    Refused {
        message: &'a str,
    },
}

#[derive(Serialize)]
struct JsonRequest<'a> {
    principal: &'a str,
    actions: Vec<&'a str>,
    context: JsonContext<'a>,
}

/// A key's value: a text, an array for a multivalued key, or null where it is not known.
struct JsonValue<'a>(&'a Presented);

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Presented::One(value) => value.serialize(serializer),
            Presented::Unknown => serializer.serialize_none(),
            Presented::Many(values) => values.serialize(serializer),
        }
    }
}

/// The condition keys, in lower case, with their values.
struct JsonContext<'a>(&'a Request);

impl Serialize for JsonContext<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = self.0.context.iter();
        serializer.collect_map(keys.map(|(key, value)| (key, JsonValue(value))))
    }
}

/// Writes a decision as one JSON object.
pub fn decision_json(out: &mut dyn Write, asked: &Asked<'_>) -> io::Result<()> {
    let document = asked.document;
    let refusals = asked
        .refusals()
        .iter()
        .map(|one| JsonRefusal {
            statement: one.statement + 1,
            sid: one.sid.as_deref(),
            at: document.position(one.at),
            unmet: one.unmet.iter().map(|unmet| json_unmet(unmet, document)).collect(),
        })
        .collect();
    let faults = asked
        .policy
        .faults
        .iter()
        .map(|fault| JsonFault { message: &fault.message, at: document.position(fault.at) })
        .collect();
    let aws_error = (!asked.is_allowed()).then_some(JsonAwsError {
        code: "AccessDenied",
        status: 403,
        message: AwsRefusal::NotTrusted.text(),
    });
    let answer = JsonDecision {
        version: VERSION,
        message: asked.message.map(|message| JsonBelieved {
            name: message.name,
            answer: message.answer.as_str(),
            says: &message.says,
        }),
        decision: asked.decision.as_str(),
        because: asked.decision.to_string(),
        expected: asked.expected,
        as_expected: asked.expected.map(|_| asked.is_expected()),
        policy: &document.name,
        statement: asked.statement().map(|statement| statement + 1),
        refusals,
        faults,
        aws_error,
        request: JsonRequest {
            principal: &asked.request.principal,
            actions: asked.request.action_names().collect(),
            context: JsonContext(asked.request),
        },
    };
    safe_json::pretty(out, &answer)
}

fn json_unmet<'a>(unmet: &'a Unmet, document: &Document<'_>) -> JsonUnmet<'a> {
    match unmet {
        Unmet::Action { negated, wanted, presented } => {
            JsonUnmet::Action { negated: *negated, wanted, presented }
        }
        Unmet::Principal { negated, wanted, presented } => {
            JsonUnmet::Principal { negated: *negated, wanted, presented }
        }
        Unmet::Condition { operator, key, wanted, presented, at, .. } => JsonUnmet::Condition {
            operator,
            key,
            wanted,
            presented: presented.as_ref().map(JsonValue),
            at: document.position(*at),
        },
        Unmet::Refused(message) => JsonUnmet::Refused { message },
    }
}
