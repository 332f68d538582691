//! Changes lists and numbers of a file of expectations where they stand: the rest stays, comments too.

use std::fmt::Write as _;
use std::ops::Range;

use thiserror::Error;

use super::write::quoted;
use super::{Key, Kind, Wants, read_expectations};
use crate::expect::record::{Becomes, Update};
use crate::expect::{Assertion, Expectation};
use crate::text::Place;

/// A file is written in a way that a change does not fit into.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is written in a way that it cannot be changed in place, expected an array of texts")]
pub struct CannotEdit(pub &'static str);

/// The text of a file with the changes to its expectations; what stays is left as it is.
pub fn edited(
    text: &str,
    expectations: &[Expectation],
    updates: &[Update],
) -> Result<String, CannotEdit> {
    let mut edits: Vec<(Range<usize>, String, &'static str)> = Vec::new();
    for update in updates {
        let Some(assertion) = assertion(expectations, update) else { continue };
        let old = text.get(assertion.span.clone()).unwrap_or_default();
        let new = match &update.becomes {
            Becomes::Stays(_) => continue,
            Becomes::Count(count) => count.to_string(),
            Becomes::List { kept, added, .. } => {
                list(text, old, (&assertion.span, &items(assertion)), (kept, added))
            }
        };
        edits.push((assertion.span.clone(), new, assertion.key.as_str()));
    }
    edits.sort_by_key(|(span, _, _)| std::cmp::Reverse(span.start));
    let mut changed = text.to_owned();
    for (span, new, key) in &edits {
        if changed.get(span.clone()).is_none() {
            return Err(CannotEdit(key));
        }
        changed.replace_range(span.clone(), new);
    }
    // What was written has to say what it was meant to.
    let read = read_expectations(&changed, 0, &|_| Place::NOWHERE);
    for update in updates {
        let Some(assertion) = assertion(expectations, update) else { continue };
        let is = read.as_ref().ok().and_then(|read| self::assertion(read, update));
        if !is.is_some_and(|is| says(is, assertion, &update.becomes)) {
            return Err(CannotEdit(assertion.key.as_str()));
        }
    }
    Ok(changed)
}

fn assertion<'e>(expectations: &'e [Expectation], update: &Update) -> Option<&'e Assertion> {
    match &expectations.get(update.expectation)?.kind {
        Kind::OfUsers { assertions, .. } | Kind::OfRoles { assertions, .. } => {
            assertions.get(update.assertion)
        }
        Kind::Forbid { .. } => None,
    }
}

fn items(assertion: &Assertion) -> Vec<Range<usize>> {
    match &assertion.wants {
        Wants::Roles(said) => said.iter().map(|said| said.span.clone()).collect(),
        Wants::Users(who) => who.iter().map(|selector| selector.span.clone()).collect(),
        Wants::Refused(_) | Wants::Count { .. } => Vec::new(),
    }
}

/// Whether an assertion, read again, says what it was to say.
fn says(is: &Assertion, was: &Assertion, becomes: &Becomes) -> bool {
    if is.key != was.key {
        return false;
    }
    match (becomes, &is.wants) {
        (Becomes::Stays(_), _) => items(is).len() == items(was).len(),
        (Becomes::Count(count), Wants::Count { min, max }) => {
            is.key == Key::Count && min == count && *max == Some(*count)
        }
        (Becomes::List { kept, added, .. }, _) => items(is).len() == kept.len() + added.len(),
        _ => false,
    }
}

/// A list with some of its items and further ones.
fn list(
    text: &str,
    old: &str,
    (span, items): (&Range<usize>, &[Range<usize>]),
    (kept, added): (&[usize], &[String]),
) -> String {
    let raw =
        |at: &usize| items.get(*at).and_then(|item| text.get(item.clone())).unwrap_or_default();
    if !old.starts_with('[') || !old.contains('\n') || (kept.is_empty() && !items.is_empty()) {
        let all = kept.iter().map(raw).map(str::to_owned);
        let all: Vec<String> = all.chain(added.iter().map(|one| quoted(one))).collect();
        return one_line_or_more(&all);
    }
    let mut out = String::from("[");
    let mut from = span.start + 1;
    let mut indent = String::from("    ");
    let mut is_open = false;
    for (at, item) in items.iter().enumerate() {
        let end = end_of_chunk(text, item.end, span.end);
        let chunk = text.get(from..end).unwrap_or_default();
        if at == 0 {
            let before = text.get(from..item.start).unwrap_or_default();
            if let Some((_, last)) =
                before.rsplit_once('\n').filter(|(_, last)| last.trim().is_empty())
            {
                last.clone_into(&mut indent);
            }
        }
        from = end;
        if !kept.contains(&at) {
            continue;
        }
        let chunk_start = end - chunk.len();
        if is_open {
            out.push(',');
        }
        out.push_str(chunk);
        is_open = comma(text, item.end, span.end).is_none();
        if is_open && !added.is_empty() {
            // The last item, which has no comma: a comment may follow it.
            let at = out.len() - chunk.len() + (item.end - chunk_start);
            out.insert(at, ',');
            is_open = false;
        }
    }
    for one in added {
        // Writing to a String cannot fail.
        let _ = write!(out, "\n{indent}{},", quoted(one));
    }
    out.push_str(text.get(from..span.end).unwrap_or_default());
    out
}

/// Columns that a list may take before it goes over several lines.
const LINE: usize = 90;

fn one_line_or_more(all: &[String]) -> String {
    let line = format!("[{}]", all.join(", "));
    if line.chars().count() <= LINE {
        return line;
    }
    let lines: Vec<String> = all.iter().map(|one| format!("    {one},\n")).collect();
    format!("[\n{}]", lines.concat())
}

/// Where the comma after an item stands, behind white space and comments.
fn comma(text: &str, from: usize, to: usize) -> Option<usize> {
    let mut in_comment = false;
    for (at, byte) in text.bytes().enumerate().take(to).skip(from) {
        match byte {
            b'\n' => in_comment = false,
            _ if in_comment => {}
            b'#' => in_comment = true,
            b',' => return Some(at),
            b']' => return None,
            _ => {}
        }
    }
    None
}

/// The end of what belongs to an item: its comma, and a comment behind it on the same line.
fn end_of_chunk(text: &str, item: usize, to: usize) -> usize {
    let end = comma(text, item, to).map_or(item, |comma| comma + 1);
    let rest = text.get(end..to).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    if line.trim_start().starts_with('#') { end + line.trim_end_matches('\r').len() } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str, kept: &[usize], added: &[&str]) -> String {
        let read = read_expectations(text, 0, &|_| Place::NOWHERE).unwrap();
        let becomes = Becomes::List {
            kept: kept.to_vec(),
            added: added.iter().map(|&one| one.to_owned()).collect(),
            removed: Vec::new(),
        };
        edited(text, &read, &[Update { expectation: 0, assertion: 0, becomes }]).unwrap()
    }

    #[test]
    fn comments_stay_with_what_stays() {
        let text = "# head\n[[expect]]\nuser = \"a\" # who\nsees_exactly = [\n  # first\n  \"x/A\", # a, b\n  \"x/B\",\n  \"x/C\" # last\n]\n# tail\n";
        assert_eq!(
            edit(text, &[0, 2], &["x/D"]),
            "# head\n[[expect]]\nuser = \"a\" # who\nsees_exactly = [\n  # first\n  \"x/A\", # a, b\n  \"x/C\", # last\n  \"x/D\",\n]\n# tail\n"
        );
        assert_eq!(
            edit(text, &[1], &[]),
            "# head\n[[expect]]\nuser = \"a\" # who\nsees_exactly = [\n  \"x/B\",\n]\n# tail\n"
        );
    }

    #[test]
    fn a_list_on_one_line_stays_on_it_and_a_text_becomes_a_list() {
        let text = "[[expect]]\nuser = 'a'\nsees_exactly = ['x/A', \"x/B\"] # why\n";
        assert_eq!(
            edit(text, &[0], &["x/\"C"]),
            "[[expect]]\nuser = 'a'\nsees_exactly = ['x/A', \"x/\\\"C\"] # why\n"
        );
        let text = "[[expect]]\nuser = 'a'\nsees_exactly = 'x/A'\n";
        assert_eq!(edit(text, &[], &[]), "[[expect]]\nuser = 'a'\nsees_exactly = []\n");
    }
}
