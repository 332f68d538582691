//! Commands of `aws` in a POSIX shell.

use super::{CONTROL, END, Nothing, Suggestion, between_lines, has_control};
use crate::finding::FixHint;
use crate::text::is_hidden;

/// The command that gives a role another trust policy.
pub(super) fn command(suggestion: &Suggestion<'_>) -> Result<String, Nothing> {
    let FixHint::ReplaceInPolicy { role, policy, .. } = suggestion.hint else {
        return Err(Nothing::OtherTarget);
    };
    if has_control(&role.name) || role.name.chars().any(is_hidden) {
        return Err(CONTROL);
    }
    // The address of code is no role's name.
    if role.name.contains(['.', '[']) && role.account.is_none() {
        return Err(Nothing::ByHand("code declares the role: change it there"));
    }
    let unknown = Nothing::ByHand("not all of the policy is known before deployment");
    let policy = between_lines(policy.as_deref().ok_or(unknown)?)?;
    let name = quoted(&role.name);
    Ok(format!(
        "aws iam update-assume-role-policy --role-name {name} --policy-document file:///dev/stdin <<'{END}'\n{policy}"
    ))
}

/// A word in single quotes, in which a shell gives nothing a meaning.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_ends_the_word_and_begins_it_anew() {
        assert_eq!(quoted("a'; rm -rf / #"), "'a'\\''; rm -rf / #'");
        assert_eq!(quoted("$(x) `y` \\"), "'$(x) `y` \\'");
    }
}
