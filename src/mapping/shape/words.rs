//! Sets of characters in words a person reads.

use super::super::java::class::CharSet;
use crate::text::Shown;

const WHITE_SPACE: &str = " \t\n\r\u{b}\u{c}";
const LINE_ENDS: &str = "\n\r";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";

/// Most single characters named one by one.
const LISTED: usize = 12;

/// A text in backticks, neutralised.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", Shown(text))
}

/// A set of characters in words; `source` is the filter's text from there on, for sets without any.
pub(super) fn describe(set: &CharSet, source: &str) -> String {
    if set.complement().is_empty() {
        return "any character".to_owned();
    }
    // Most of Unicode is in: say what is not.
    if ['é', 'я', '中', '😀'].iter().all(|&c| has(set, c)) {
        let named = names(&set.complement());
        if !named.is_empty() && named.len() <= LISTED {
            return format!("a character other than {}", with_article(&listed(&named)));
        }
    }
    let named = names(set);
    if named.is_empty() {
        return format!("a character of the class at `{}`", Shown(source));
    }
    if named.len() > LISTED {
        return "a character of the class".to_owned();
    }
    with_article(&listed(&named))
}

fn has(set: &CharSet, c: char) -> bool {
    set.contains(u32::from(c))
}

/// The ASCII members of a set as names of kinds and quoted characters.
fn names(set: &CharSet) -> Vec<String> {
    let mut names = Vec::new();
    let mut left: Vec<char> = (0..128_u8).map(char::from).filter(|&c| has(set, c)).collect();
    let kinds: [(&[&str], &str); 6] = [
        (&[LOWER, UPPER], "letter"),
        (&[LOWER], "lower-case letter"),
        (&[UPPER], "capital letter"),
        (&[DIGITS], "digit"),
        (&[WHITE_SPACE], "white space"),
        (&[LINE_ENDS], "a line end"),
    ];
    for (members, name) in kinds {
        let members = members.concat();
        if members.chars().all(|c| left.contains(&c)) {
            left.retain(|c| !members.contains(*c));
            names.push(name.to_owned());
        }
    }
    if left.iter().filter(|c| c.is_ascii_control()).count() > 4 {
        left.retain(|c| !c.is_ascii_control());
    }
    // `_` and `-` are what names are made of: they come before the rest.
    left.sort_by_key(|&c| (c != '_', c != '-', c));
    ranges(&left, &mut names);
    names
}

/// Names single characters, and runs of three or more letters or digits as `a`–`f`.
fn ranges(chars: &[char], names: &mut Vec<String>) {
    let mut rest = chars;
    while let Some((&first, _)) = rest.split_first() {
        let follows = |(i, &c): (usize, &char)| {
            c.is_ascii_alphanumeric()
                && u32::try_from(i).is_ok_and(|i| u32::from(c) == u32::from(first) + i)
        };
        let run = rest.iter().enumerate().take_while(|&pair| follows(pair)).count().max(1);
        let (taken, after) = rest.split_at_checked(run).unwrap_or((rest, &[]));
        match taken {
            [from, .., to] if taken.len() > 2 => names.push(format!("`{from}`–`{to}`")),
            _ => names.extend(taken.iter().map(|&c| character(c))),
        }
        rest = after;
    }
}

fn character(c: char) -> String {
    match c {
        ' ' => "space".to_owned(),
        '\t' => "tab".to_owned(),
        _ => quoted(c.encode_utf8(&mut [0; 4])),
    }
}

fn listed(names: &[String]) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} or {last}", first.join(", ")),
        None => String::new(),
    }
}

fn with_article(list: &str) -> String {
    if list.starts_with(['`']) || list.starts_with("a line") || list.starts_with("white") {
        list.to_owned()
    } else {
        format!("a {list}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> CharSet {
        CharSet::of(text)
    }

    #[test]
    fn the_guide_s_role_class_reads_as_a_sentence() {
        let class = set(&format!("{LOWER}{UPPER}{DIGITS}_-"));
        assert_eq!(describe(&class, ""), "a letter, digit, `_` or `-`");
    }

    #[test]
    fn small_sets_are_listed() {
        assert_eq!(describe(&set("#"), ""), "`#`");
        assert_eq!(describe(&set(DIGITS), ""), "a digit");
        assert_eq!(describe(&set("abcdef0"), ""), "`0` or `a`–`f`");
        assert_eq!(describe(&set(" "), ""), "a space");
    }

    #[test]
    fn a_negated_class_says_what_it_leaves_out() {
        assert_eq!(
            describe(&set(WHITE_SPACE).complement(), ""),
            "a character other than white space"
        );
        assert_eq!(
            describe(&set("#").union(&set(WHITE_SPACE)).complement(), ""),
            "a character other than white space or `#`"
        );
        let dot = set("\n\r\u{85}\u{2028}\u{2029}").complement();
        assert_eq!(describe(&dot, ""), "a character other than a line end");
    }

    #[test]
    fn escape_codes_do_not_reach_the_terminal() {
        assert_eq!(describe(&set("\u{1b}"), ""), "`\\u{1b}`");
    }
}
