//! Reads a template: text, `{placeholder}`, `{{` and `}}` for braces, and `*` where that is taken.

use super::Part;
use crate::text::near::nearest;
use crate::text::{Shown, is_hidden};

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// This text.
    Text(String),
    /// A placeholder.
    Part(Part),
    /// Any text.
    Any,
}

/// Reads a template; what is wrong with it, in words behind its key, where it is none.
pub(super) fn pieces(text: &str, parts: &[Part], any: bool) -> Result<Vec<Piece>, String> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut literal = String::new();
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let doubled = rest.peek().is_some_and(|&(_, next)| next == c);
        match c {
            '{' | '}' if doubled => {
                rest.next();
                literal.push(c);
            }
            '}' => {
                return Err(format!(
                    "has `}}` at byte {at} with no `{{` before it, expected `}}}}` for a brace"
                ));
            }
            '{' => {
                let after = text.get(at + 1..).unwrap_or_default();
                let Some((name, _)) = after.split_once('}') else {
                    return Err(format!(
                        "has `{{` at byte {at} with no `}}` behind it, expected `{{{{` for a brace"
                    ));
                };
                push(&mut pieces, &mut literal, Piece::Part(part(name, parts)?));
                while rest.next_if(|&(place, _)| place <= at + 1 + name.len()).is_some() {}
            }
            '*' if any => push(&mut pieces, &mut literal, Piece::Any),
            c if is_hidden(c) => {
                return Err(format!(
                    "holds `\\u{{{:x}}}` at byte {at}, expected none",
                    u32::from(c)
                ));
            }
            c => literal.push(c),
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(pieces)
}

fn push(pieces: &mut Vec<Piece>, literal: &mut String, piece: Piece) {
    if !literal.is_empty() {
        pieces.push(Piece::Text(std::mem::take(literal)));
    }
    pieces.push(piece);
}

fn part(name: &str, parts: &[Part]) -> Result<Part, String> {
    if let Some(part) = Part::parse(name).filter(|part| parts.contains(part)) {
        return Ok(part);
    }
    let names = parts.iter().map(|part| part.as_str());
    let shown = |name: &str| format!("`{{{name}}}`");
    let near = nearest(name, names.clone(), 1);
    let expected = near.first().map_or_else(
        || format!("one of {}", names.map(shown).collect::<Vec<_>>().join(", ")),
        |near| shown(near),
    );
    Err(format!("has no placeholder `{{{}}}`, expected {expected}", Shown(name)))
}
