//! What readers of a format make of a report.

use std::sync::LazyLock;

use regex::Regex;
use rolecall::report::checked::CheckFormat;
use serde_json::Value;

/// A link in a text of SARIF's.
static LINK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(^|[^\\])\[[^\]]*[^\\]?\]\(").unwrap());

/// A bar that ends a cell.
static BAR: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(^|[^\\])\|").unwrap());

/// How lines of a summary begin.
static START: LazyLock<Regex> = LazyLock::new(|| {
    let starts = r"^(## rolecall: |- (\*\*error\*\* )?|  - |\| error \| |</?details>$|<summary>)";
    Regex::new(starts).unwrap()
});

/// What a reader of the format makes of a report, texts left out: the same for every text.
pub(super) fn shape(format: CheckFormat, said: &str) -> Vec<String> {
    match format {
        // Lines are broken where a name is long.
        CheckFormat::Text => Vec::new(),
        CheckFormat::Json | CheckFormat::Sarif | CheckFormat::Gitlab => {
            let value: Value = serde_json::from_str(said).unwrap();
            if format == CheckFormat::Sarif {
                check_sarif(&value);
            }
            keys(&value)
        }
        CheckFormat::Jsonl => {
            said.lines().flat_map(|line| keys(&serde_json::from_str(line).unwrap())).collect()
        }
        CheckFormat::Junit => {
            let document = roxmltree::Document::parse(said).unwrap();
            let nodes = document.descendants().filter(roxmltree::Node::is_element);
            // Suites are sorted by name.
            let mut shapes: Vec<String> = nodes
                .map(|node| {
                    let names: Vec<&str> = node.attributes().map(|one| one.name()).collect();
                    format!("{} {names:?}", node.tag_name().name())
                })
                .collect();
            shapes.sort();
            shapes
        }
        CheckFormat::Github => said.lines().map(command).collect(),
        CheckFormat::Markdown => said.lines().map(outside_code).collect(),
    }
}

/// The keys of a value, with what is below them; a span and the field of a place depend on the text.
fn keys(value: &Value) -> Vec<String> {
    const OF_THE_TEXT: [&str; 12] = [
        "byte",
        "column",
        "decoded",
        "end_byte",
        "end_column",
        "exact",
        "field",
        "logicalLocations",
        "endColumn",
        "startColumn",
        "uriBaseId",
        "options",
    ];
    match value {
        Value::Object(object) => {
            let own = object.iter().filter(|(key, _)| !OF_THE_TEXT.contains(&key.as_str()));
            own.flat_map(|(key, value)| {
                std::iter::once(key.clone()).chain(keys(value).into_iter().map(|k| format!(".{k}")))
            })
            .collect()
        }
        Value::Array(all) => all.iter().flat_map(keys).collect(),
        _ => Vec::new(),
    }
}

/// No address of SARIF's holds what does not stand in one, and no text a link.
fn check_sarif(value: &Value) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let text = value.as_str().unwrap_or_default();
                if key == "uri" {
                    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~/%:".contains(c);
                    assert!(text.chars().all(allowed), "{text}");
                }
                if key == "text" {
                    assert!(!LINK.is_match(text), "{text}");
                }
                // What a fix inserts is the text itself, and no message.
                if key != "insertedContent" {
                    check_sarif(value);
                }
            }
        }
        Value::Array(all) => all.iter().for_each(check_sarif),
        _ => {}
    }
}

/// A line as the runner of GitHub Actions reads it: a command and the names of its properties, or text.
pub(crate) fn command(line: &str) -> String {
    let Some(rest) = line.trim_start().strip_prefix("::") else {
        assert!(!line.contains("##["), "{line}");
        return "text".to_owned();
    };
    let (head, _) = rest.split_once("::").unwrap();
    let (name, properties) = head.split_once(' ').unwrap();
    let known = ["file", "line", "col", "endColumn", "title"];
    for property in properties.split(',') {
        let (key, value) = property.split_once('=').unwrap();
        assert!(known.contains(&key) && !value.contains(':'), "{line}");
    }
    // Columns depend on where the text stands.
    let names = properties.split(',').filter_map(|one| Some(one.split_once('=')?.0));
    let names: Vec<&str> = names.filter(|name| !name.to_lowercase().contains("col")).collect();
    format!("{name} {names:?}")
}

/// A line of Markdown: what kind it is of, once nothing outside of code spans can be more than words.
fn outside_code(line: &str) -> String {
    let start = START.find(line).map_or("", |found| found.as_str());
    let static_line = ["| Severity | Rule | Findings | What |", "|---|---|--:|---|"];
    if static_line.contains(&line) || start.contains("summary") || start.contains("details") {
        return line.to_owned();
    }
    let rest = line.strip_prefix(start).unwrap();
    if start.starts_with('|') {
        assert_eq!(BAR.find_iter(rest).count(), 3, "{line}");
    }
    let mut outside = code_left_out(rest);
    if start.starts_with('|') {
        outside = outside.replace('|', "");
    }
    assert!(
        outside == "**Inputs could not be read whole:**" || is_words(&outside),
        "{line}\n{outside}"
    );
    start.to_owned()
}

/// Whether a text of Markdown is words alone: no markup, no address, no mention.
pub(crate) fn is_words(text: &str) -> bool {
    let words = |c: char| c.is_alphanumeric() || " ,.;:()'\"%…–→=+-/".contains(c);
    text.chars().all(words) && !["//", "www.", "GH-"].iter().any(|wrong| text.contains(wrong))
}

/// A line of Markdown without its code spans.
pub(crate) fn code_left_out(line: &str) -> String {
    let mut rest = line;
    let mut outside = String::new();
    while let Some(at) = rest.find('`') {
        outside.push_str(&rest[..at]);
        let fence = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        let after = &rest[at + fence..];
        let mut search = 0;
        let end = loop {
            let found = after[search..].find('`').expect("a code span ends in its line") + search;
            let run = after[found..].len() - after[found..].trim_start_matches('`').len();
            if run == fence {
                break found + run;
            }
            search = found + run;
        };
        rest = &after[end..];
    }
    outside.push_str(rest);
    outside
}
