//! A captured message's XML with the numbers of its lines, what signs and what is encrypted masked.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;

use crate::saml::capture::Capture;
use crate::saml::metadata::SIGNATURES;
use crate::saml::response::ENCRYPTION;
use crate::saml::xml::Tree;
use crate::text::Shown;

/// Writes a message as it stands, line by line; where it has no line ends, one element a line, and says so.
pub(crate) fn xml(
    out: &mut dyn Write,
    capture: &Capture,
    tree: &Tree<'_>,
    with_secrets: bool,
) -> io::Result<()> {
    let masks = if with_secrets { Vec::new() } else { secrets(&capture.text, tree) };
    let is_one_line = capture.text.trim_end().lines().count() < 2;
    let breaks = if is_one_line { breaks(&capture.text, tree) } else { Vec::new() };
    write!(out, "{}", Shown(&capture.name))?;
    if is_one_line {
        writeln!(
            out,
            ": the message is one line; broken here before each element, to be read only"
        )?;
    } else {
        writeln!(out, ":")?;
    }
    let text = laid_out(&capture.text, &masks, &breaks);
    let width = text.lines().count().to_string().len();
    for (number, line) in text.lines().enumerate() {
        let line = line.replace('\t', "    ");
        if is_one_line {
            writeln!(out, "  {}", Shown(&line))?;
        } else {
            writeln!(out, "{:>width$} | {}", number + 1, Shown(&line))?;
        }
    }
    Ok(())
}

/// Contents of every element that makes a message a credential or hides one.
fn secrets(text: &str, tree: &Tree<'_>) -> Vec<Range<usize>> {
    let secret = tree.root().descendants().filter(|node| {
        let name = node.tag_name();
        matches!(
            (name.namespace(), name.name()),
            (Some(SIGNATURES), "SignatureValue") | (Some(ENCRYPTION), "CipherValue")
        )
    });
    let inside = secret.filter_map(|node| {
        let whole = node.range();
        let written = text.get(whole.clone())?;
        let start = whole.start + written.find('>')? + 1;
        Some(start..whole.start + written.rfind("</")?)
    });
    inside.filter(|range| range.start < range.end).collect()
}

/// Where lines are broken in a message without line ends, and how deep.
fn breaks(text: &str, tree: &Tree<'_>) -> Vec<(usize, usize)> {
    let mut breaks = Vec::new();
    for node in tree.root().descendants().filter(roxmltree_is_element) {
        let depth = node.ancestors().skip(1).filter(roxmltree_is_element).count();
        let whole = node.range();
        if depth > 0 {
            breaks.push((whole.start, depth));
        }
        let has_elements = node.children().any(|child| child.is_element());
        let end = text.get(whole.clone()).and_then(|written| written.rfind("</"));
        breaks.extend(end.filter(|_| has_elements).map(|end| (whole.start + end, depth)));
    }
    breaks.sort_unstable();
    breaks
}

fn roxmltree_is_element(node: &roxmltree::Node<'_, '_>) -> bool {
    node.is_element()
}

/// The text with masks and line breaks; a mask keeps the line ends of what it hides.
fn laid_out(text: &str, masks: &[Range<usize>], breaks: &[(usize, usize)]) -> String {
    let mut laid = String::with_capacity(text.len());
    let mut at = 0;
    let mut masks = masks.iter().peekable();
    let mut breaks = breaks.iter().peekable();
    while at < text.len() {
        if let Some((_, depth)) = breaks.next_if(|(place, _)| *place <= at) {
            let _ = write!(laid, "\n{:1$}", "", depth * 2);
            continue;
        }
        if let Some(mask) = masks.next_if(|mask| mask.start <= at) {
            let hidden = text.get(mask.clone()).unwrap_or_default();
            let count = hidden.chars().filter(|c| !c.is_whitespace()).count();
            // Writing to a String cannot fail.
            let _ = write!(laid, "[masked: {count} characters]");
            laid.extend(hidden.chars().filter(|c| *c == '\n'));
            at = mask.end.max(at);
            continue;
        }
        let next_break = breaks.peek().map_or(text.len(), |(place, _)| *place);
        let next_mask = masks.peek().map_or(text.len(), |mask| mask.start);
        let end = next_break.min(next_mask);
        laid.push_str(text.get(at..end).unwrap_or_default());
        at = end;
    }
    laid
}
