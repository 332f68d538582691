//! How a format spells a value that is to be written.

/// A cell of a CSV, with quotes where it needs them and has none yet.
pub(super) fn csv_cell(value: &str, quoted: bool, delimiter: u8) -> String {
    let doubled = value.replace('"', "\"\"");
    if quoted {
        return doubled;
    }
    let special = |byte: u8| byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r');
    if value.bytes().any(special) { format!("\"{doubled}\"") } else { doubled }
}

/// What stands between the quotes of a JSON string.
pub(super) fn json(value: &str) -> Option<String> {
    let quoted = serde_json::to_string(value).ok()?;
    Some(quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// What stands between the quotes of an HCL template; nothing for control characters.
pub(super) fn hcl(value: &str) -> Option<String> {
    if value.chars().any(char::is_control) {
        return None;
    }
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
    Some(escaped.replace("${", "$${").replace("%{", "%%{"))
}

/// What stands between the single quotes of a YAML scalar; nothing for control characters.
pub(super) fn yaml_single(value: &str) -> Option<String> {
    (!value.chars().any(char::is_control)).then(|| value.replace('\'', "''"))
}

/// A YAML scalar without quotes, of characters that never mean anything else; nothing for others.
pub(super) fn yaml_plain(value: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_./:+=@-".contains(&byte);
    let starts = value.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let is_text = starts && value.bytes().all(fits) && !value.ends_with(':');
    is_text.then(|| value.to_owned())
}

/// A number or a boolean as it is; nothing for text.
pub(super) fn scalar(value: &str) -> Option<String> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    (is_number || matches!(value, "true" | "false")).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_only_where_it_must_be() {
        assert_eq!(csv_cell("aws#a", false, b','), "aws#a");
        assert_eq!(csv_cell("a,b", false, b','), "\"a,b\"");
        assert_eq!(csv_cell("a,b", false, b';'), "a,b");
        assert_eq!(csv_cell("a\"b", true, b','), "a\"\"b");
    }

    #[test]
    fn templates_and_escapes_of_source_are_doubled() {
        assert_eq!(hcl(r"^aws\#${x}%{y}").as_deref(), Some(r"^aws\\#$${x}%%{y}"));
        assert_eq!(hcl("a\nb"), None);
        assert_eq!(json("a\"\\").as_deref(), Some(r#"a\"\\"#));
    }

    #[test]
    fn a_plain_scalar_of_yaml_has_no_character_that_could_mean_something() {
        assert_eq!(yaml_plain("sts:AssumeRole").as_deref(), Some("sts:AssumeRole"));
        for text in ["", "*", "a: b", "a #b", "- a", "a:", "{a}", "'a'", "&a", "a, b"] {
            assert_eq!(yaml_plain(text), None, "{text}");
        }
    }
}
