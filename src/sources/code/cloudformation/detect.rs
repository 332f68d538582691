//! Whether a file is a template.

use memchr::memmem;

use crate::sources::json::object::outline;

/// Whether the beginning of a file is that of a template: its format version, or resources of AWS types.
pub fn looks_like(head: &[u8]) -> bool {
    if head.trim_ascii_start().starts_with(b"{") {
        let keys = outline(head, 1);
        let has = |wanted: &str, first: u8| {
            keys.iter().any(|(key, value)| key == wanted && value.first() == Some(&first))
        };
        return has("AWSTemplateFormatVersion", b'"')
            || has("Resources", b'{') && names_type(head)
            || keys.len() < 2 && has_comment(head) && (has_version(head) || names_type(head));
    }
    let Some(indent) = indent_of_keys(head) else { return false };
    let begins = |key: &[u8]| {
        let mut lines = head.split(|&byte| byte == b'\n');
        lines.any(|line| {
            let (margin, rest) = line.split_at(indent.min(line.len()));
            margin.iter().all(|&byte| byte == b' ') && begins_with_key(rest, key)
        })
    };
    begins(b"AWSTemplateFormatVersion") || begins(b"Resources") && names_type(head)
}

/// How far the keys of the outermost map of a YAML file are indented; `None` where it begins otherwise.
fn indent_of_keys(head: &[u8]) -> Option<usize> {
    let first = head.split(|&byte| byte == b'\n').find(|line| {
        let line = line.trim_ascii();
        !line.is_empty() && !["#", "---", "%"].iter().any(|mark| line.starts_with(mark.as_bytes()))
    })?;
    memchr::memchr(b':', first)?;
    Some(first.iter().take_while(|&&byte| byte == b' ').count())
}

/// Whether a resource of a type of AWS stands somewhere.
fn names_type(text: &[u8]) -> bool {
    ["AWS::", "Custom::", "Alexa::"]
        .iter()
        .any(|name| memmem::find(text, name.as_bytes()).is_some())
        && memmem::find(text, b"Type").is_some()
}

fn has_version(text: &[u8]) -> bool {
    memmem::find(text, b"\"AWSTemplateFormatVersion\"").is_some()
}

/// Whether a comment stands before the first key: JSON has none, but templates of editors do.
fn has_comment(text: &[u8]) -> bool {
    let behind = text.trim_ascii_start().get(1..).unwrap_or_default().trim_ascii_start();
    behind.starts_with(b"//") || behind.starts_with(b"/*") || behind.starts_with(b"#")
}

fn begins_with_key(line: &[u8], key: &[u8]) -> bool {
    let line = match line {
        [b'"' | b'\'', rest @ ..] => rest,
        line => line,
    };
    let Some(rest) = line.strip_prefix(key) else { return false };
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    rest.trim_ascii_start().starts_with(b":")
}

#[cfg(test)]
mod tests {
    use super::looks_like;

    #[test]
    fn templates_are_known_by_version_or_by_resources_of_aws() {
        for text in [
            "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n",
            "AWSTemplateFormatVersion: 2010-09-09\n",
            "---\n# roles\nResources:\n  Admin:\n    Type: AWS::IAM::Role\n",
            "\"Resources\":\n  A: {Type: 'AWS::IAM::Role'}\n",
            "---\n\n  # indented\n  AWSTemplateFormatVersion: 2010-09-09\n",
            "{\"AWSTemplateFormatVersion\": \"2010-09-09\", \"Resources\": {}}",
            "{\"Description\": \"x\", \"Resources\": {\"A\": {\"Type\": \"AWS::IAM::Role\"}}}",
            "{\n// a comment\n\"AWSTemplateFormatVersion\": \"2010-09-09\"}",
        ] {
            assert!(looks_like(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn other_files_are_no_templates() {
        for text in [
            "{\"Resources\": [1]}",
            "{\"planned_values\": {\"body\": \"AWSTemplateFormatVersion: 2010\"}}",
            "{\"Roles\": [{\"Description\": \"Type AWS::IAM::Role\"}]}",
            "group,member\nAWS::IAM,Resources:\n",
            "dn: cn=Resources,dc=x\n",
            "Resources:\n  - a\n",
            "on: push\njobs:\n  x: |\n    AWSTemplateFormatVersion: 2010-09-09\n",
            "resource \"aws_stack\" \"x\" {\nbody = <<EOF\nAWSTemplateFormatVersion: 2010-09-09\nEOF\n}",
            "",
        ] {
            assert!(!looks_like(text.as_bytes()), "{text}");
        }
    }
}
