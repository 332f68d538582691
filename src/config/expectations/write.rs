//! Writes expectations that say what is.

use std::fmt::Write as _;

use crate::expect::record::Recorded;
use crate::text::is_hidden;

/// Expectations as text, each a block of its own.
pub fn blocks(recorded: &[Recorded]) -> String {
    let mut out = String::new();
    for one in recorded {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&block(one));
    }
    out
}

fn block(one: &Recorded) -> String {
    match one {
        Recorded::NotKnown { of, why } => {
            format!("# {}: nothing is written, {}\n", comment(of), comment(why))
        }
        Recorded::User { user, sees_exactly, can_assume, refused } => {
            let mut out = format!("[[expect]]\nuser = {}\n", quoted(user));
            out.push_str(&list("sees_exactly", sees_exactly));
            if !can_assume.is_empty() {
                out.push_str(&list("can_assume", can_assume));
            }
            if !refused.is_empty() {
                out.push_str("refused = [\n");
                for (role, stage, text) in refused {
                    let text = text.map(|text| format!(", text = {}", quoted(text)));
                    let (role, text) = (quoted(role), text.unwrap_or_default());
                    // Writing to a String cannot fail.
                    let _ = writeln!(out, "    {{ role = {role}, stage = \"{stage}\"{text} }},");
                }
                out.push_str("]\n");
            }
            out
        }
        Recorded::Role { role, reached_by_exactly } => {
            let users = list("reached_by_exactly", reached_by_exactly);
            format!("[[expect]]\nrole = {}\n{users}", quoted(role))
        }
        Recorded::Group { group, sees, exactly } => {
            let key = if *exactly { "sees_exactly" } else { "sees" };
            if sees.is_empty() && !exactly {
                let group = comment(group);
                return format!(
                    "# {group}: nothing is written, its users have no role in common\n"
                );
            }
            format!("[[expect]]\ngroup = {}\n{}", quoted(group), list(key, sees))
        }
    }
}

fn list(key: &str, texts: &[String]) -> String {
    if texts.is_empty() {
        return format!("{key} = []\n");
    }
    let lines: Vec<String> = texts.iter().map(|text| format!("    {},\n", quoted(text))).collect();
    format!("{key} = [\n{}]\n", lines.concat())
}

/// A text as a string of TOML in which nothing is hidden.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                // Writing to a String cannot fail.
                let _ = match u32::from(c) {
                    code @ 0..=0xFFFF => write!(out, "\\u{code:04X}"),
                    code => write!(out, "\\U{code:08X}"),
                };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text that cannot leave its comment.
fn comment(text: &str) -> String {
    crate::text::Shown(text).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_comes_back(text in "\\PC*|[\u{0}-\u{10ffff}]*") {
            let read: toml::Table = format!("a = {}", quoted(&text)).parse().unwrap();
            prop_assert_eq!(read["a"].as_str(), Some(text.as_str()));
        }
    }
}
