//! Arguments of Terraform resources.

use std::fmt::Write as _;

use super::{CONTROL, END, Nothing, Suggestion, between_lines, has_control};
use crate::finding::FixHint;
use crate::text::is_hidden;

/// The argument to set in the resource that makes what the finding is about.
pub(super) fn argument(suggestion: &Suggestion<'_>) -> Result<String, Nothing> {
    match suggestion.hint {
        FixHint::RenameGroup { to, .. } | FixHint::ProposeName { to, .. } => {
            Ok(format!("name = {}\n", literal(to)?))
        }
        FixHint::SetSetting { setting, to, .. } => {
            if !setting.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(Nothing::ByHand("its name is none of an argument"));
            }
            let is_scalar = matches!(to.as_str(), "true" | "false")
                || (!to.is_empty() && to.bytes().all(|byte| byte.is_ascii_digit()));
            let value = if is_scalar { to.clone() } else { literal(to)? };
            Ok(format!("{setting} = {value}\n"))
        }
        FixHint::ReplaceInPolicy { to, policy: None, .. } => Ok(format!("{}\n", literal(to)?)),
        FixHint::ReplaceInPolicy { policy: Some(policy), .. } => {
            let policy = between_lines(policy)?.replace("${", "$${").replace("%{", "%%{");
            Ok(format!("assume_role_policy = <<{END}\n{policy}"))
        }
    }
}

/// A string in which no template begins; what cannot be seen is written by its number.
fn literal(text: &str) -> Result<String, Nothing> {
    if has_control(text) {
        return Err(CONTROL);
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            _ if is_hidden(c) && u32::from(c) > 0xFFFF => {
                // A string takes everything.
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
            _ if is_hidden(c) => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    Ok(out.replace("${", "$${").replace("%{", "%%{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_template_and_no_quote_is_left_open() {
        assert_eq!(literal(r#"a"${b}%{c}\"#).as_deref(), Ok(r#""a\"$${b}%%{c}\\""#));
        assert_eq!(literal("a\u{200b}").as_deref(), Ok("\"a\\u200b\""));
        assert_eq!(literal("a\nb"), Err(CONTROL));
    }
}
