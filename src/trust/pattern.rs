//! Text values of conditions: plain, with wildcards, with variables.

use std::borrow::Cow;

use super::glob::{Glob, Token, wildcards};
use super::request::{Context, Presented};

/// A value that text is held against, compiled once.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    Exact(Box<str>),
    Glob(Glob),
    /// With variables, filled in for every request.
    Open(Vec<Piece>),
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(Box<str>),
    Any,
    One,
    /// A key in lower case, and what stands for it where it is missing.
    Variable(Box<str>, Option<Box<str>>),
}

/// How a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    /// Whether `${...}` is a variable or an escape, which only one version of the language has.
    pub(super) variables: bool,
    /// Whether `*` and `?` are wildcards.
    pub(super) wildcards: bool,
}

impl Pattern {
    pub(super) fn parse(text: &str, reading: Reading) -> Self {
        let pieces = pieces(text, reading);
        if pieces.iter().any(|piece| matches!(piece, Piece::Variable(..))) {
            return Self::Open(pieces);
        }
        let tokens: Vec<Token<'_>> = pieces.iter().filter_map(Piece::token).collect();
        match plain(&tokens) {
            Some(text) => Self::Exact(text.into()),
            None => Self::Glob(Glob::new(&tokens)),
        }
    }

    /// Whether a text matches; a variable without a value matches nothing.
    pub(super) fn matches(&self, text: &str, context: &Context) -> bool {
        match self {
            Self::Exact(exact) => **exact == *text,
            Self::Glob(glob) => glob.matches(text),
            Self::Open(pieces) => {
                filled(pieces, context).is_some_and(|tokens| match plain(&tokens) {
                    Some(exact) => exact == text,
                    None => Glob::new(&tokens).matches(text),
                })
            }
        }
    }

    /// The text itself, where it has no wildcards and every variable a value.
    pub(super) fn text(&self, context: &Context) -> Option<Cow<'_, str>> {
        match self {
            Self::Exact(exact) => Some(Cow::Borrowed(exact)),
            Self::Glob(_) => None,
            Self::Open(pieces) => plain(&filled(pieces, context)?).map(Cow::Owned),
        }
    }

    /// The keys of its variables, in lower case.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let pieces = if let Self::Open(pieces) = self { pieces.as_slice() } else { &[] };
        pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(key, _) => Some(&**key),
            _ => None,
        })
    }
}

impl Piece {
    fn token(&self) -> Option<Token<'_>> {
        match self {
            Self::Text(text) => Some(Token::Text(text)),
            Self::Any => Some(Token::Any),
            Self::One => Some(Token::One),
            Self::Variable(..) => None,
        }
    }
}

/// The pieces with what the request has for the variables: literal text, never wildcards.
fn filled<'a>(pieces: &'a [Piece], context: &'a Context) -> Option<Vec<Token<'a>>> {
    let fill = |piece: &'a Piece| match piece {
        Piece::Variable(key, default) => match context.lower(key) {
            Some(Presented::One(value)) => Some(Token::Text(value)),
            Some(Presented::Many(_) | Presented::Unknown) => None,
            None => default.as_deref().map(Token::Text),
        },
        other => other.token(),
    };
    pieces.iter().map(fill).collect()
}

fn plain(tokens: &[Token<'_>]) -> Option<String> {
    tokens
        .iter()
        .map(|token| if let Token::Text(text) = token { Some(*text) } else { None })
        .collect()
}

/// Cuts a value into its pieces.
fn pieces(text: &str, reading: Reading) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${").filter(|_| reading.variables) {
        let Some((piece, after)) = variable(behind) else { break };
        push_plain(before, reading, &mut pieces);
        pieces.push(piece);
        rest = after;
    }
    push_plain(rest, reading, &mut pieces);
    pieces
}

fn push_plain(text: &str, reading: Reading, pieces: &mut Vec<Piece>) {
    if !reading.wildcards {
        if !text.is_empty() {
            pieces.push(Piece::Text(text.into()));
        }
        return;
    }
    pieces.extend(wildcards(text).into_iter().map(|token| match token {
        Token::Text(text) => Piece::Text(text.into()),
        Token::Any => Piece::Any,
        Token::One => Piece::One,
    }));
}

/// What stands behind `${`, and what follows it; `None` where no brace closes it.
fn variable(behind: &str) -> Option<(Piece, &str)> {
    if let Some(found) = with_default(behind) {
        return Some(found);
    }
    let (name, after) = behind.split_once('}')?;
    let piece = match name {
        "*" | "?" | "$" => Piece::Text(name.into()),
        _ => Piece::Variable(name.trim().to_lowercase().into(), None),
    };
    Some((piece, after))
}

/// `key, 'default'}`, whose default may hold a brace; comma and space are part of the form.
fn with_default(behind: &str) -> Option<(Piece, &str)> {
    let (key, rest) = behind.split_once(", '")?;
    if key.contains(['}', '\'']) {
        return None;
    }
    let (default, rest) = rest.split_once('\'')?;
    let after = rest.strip_prefix('}')?;
    Some((Piece::Variable(key.trim().to_lowercase().into(), Some(default.into())), after))
}

/// Cuts an ARN pattern at its first five colons outside `${}`; `None` where it has fewer.
pub(super) fn arn_parts(text: &str, variables: bool) -> Option<[&str; 6]> {
    let mut cuts = Vec::new();
    let mut at = 0;
    while cuts.len() < 5 {
        let rest = text.get(at..)?;
        let next = rest.find([':', '$'])?;
        at += next + 1;
        let behind = text.get(at..)?;
        if rest.get(next..)?.starts_with(':') {
            cuts.push(at - 1);
        } else if variables && let Some((_, after)) = behind.strip_prefix('{').and_then(variable) {
            at = text.len() - after.len();
        }
    }
    let mut start = 0;
    let mut parts = [""; 6];
    for (part, end) in parts.iter_mut().zip(cuts.into_iter().chain([text.len()])) {
        *part = text.get(start..end)?;
        start = end + 1;
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Reading = Reading { variables: true, wildcards: true };

    fn matches(pattern: &str, text: &str) -> bool {
        let context: Context = [
            ("saml:sub", Presented::One("a*:b".to_owned())),
            ("aws:TagKeys", Presented::Many(vec!["x".to_owned()])),
        ]
        .into_iter()
        .collect();
        Pattern::parse(pattern, ALL).matches(text, &context)
    }

    #[test]
    fn what_a_variable_holds_is_no_wildcard() {
        assert!(matches("${SAML:sub}-?", "a*:b-c"));
        assert!(!matches("${SAML:sub}-?", "axx:b-c"));
    }

    #[test]
    fn an_escape_is_the_character_and_not_the_beginning_of_a_variable() {
        assert!(matches("a${*}b", "a*b") && !matches("a${*}b", "axb"));
        assert!(matches("${$}{saml:sub}", "${saml:sub}"));
    }

    #[test]
    fn a_default_is_for_a_missing_key_only_and_stands_in_single_quotes() {
        assert!(matches("${aws:username, 'a}b'}", "a}b"));
        assert!(!matches("${saml:sub, 'x'}", "x"));
        assert!(!matches("${aws:username,'x'}", "x"));
        assert!(!matches(r#"${aws:username, "x"}"#, "x"));
    }

    #[test]
    fn a_multivalued_key_and_an_empty_name_are_no_variables_and_an_open_brace_is_text() {
        assert!(!matches("${aws:TagKeys}", "x"));
        assert!(!matches("${}", "") && !matches("${}", "${}"));
        assert!(matches("${saml:sub", "${saml:sub"));
    }

    #[test]
    fn an_arn_is_not_cut_inside_a_variable() {
        let parts = arn_parts("arn:aws:iam::${aws:PrincipalAccount}:role/a:b", true).unwrap();
        assert_eq!(parts, ["arn", "aws", "iam", "", "${aws:PrincipalAccount}", "role/a:b"]);
        let parts = arn_parts("arn:aws:iam::${aws:PrincipalAccount}:role/a", false).unwrap();
        assert_eq!(parts[4..], ["${aws", "PrincipalAccount}:role/a"]);
        assert_eq!(arn_parts("arn:aws:iam::1", true), None);
    }
}
