//! Which of Terraform's formats a file is in.

use crate::sources::input::Format;
use crate::sources::json::object::outline;

/// The format that the beginning of a file and its name show.
pub fn looks_like(head: &[u8], name: &str) -> Option<Format> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if text.first() == Some(&b'{') {
        return of_json(text);
    }
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let named = has_end(file, ".tf") || file == "terraform.tfvars" || has_end(file, ".auto.tfvars");
    (named || begins_with_block(text)).then_some(Format::TerraformSource)
}

/// Whether a name has an ending; Terraform knows its own in small letters only.
fn has_end(name: &str, ending: &str) -> bool {
    name.strip_suffix(ending).is_some_and(|name| !name.is_empty())
}

fn of_json(text: &[u8]) -> Option<Format> {
    let outline = outline(text, 1);
    let has = |name: &str| outline.iter().any(|(key, _)| key == name);
    let version = outline.iter().find(|(key, _)| key == "version").map(|(_, value)| *value);
    if has("format_version") && (has("planned_values") || has("resource_changes")) {
        Some(Format::TerraformPlan)
    } else if has("format_version") && has("values") {
        Some(Format::TerraformState)
    } else if has("format_version") && has("terraform_version") {
        // The variables of a plan stand before everything else; a state of nothing has no values.
        Some(if has("variables") { Format::TerraformPlan } else { Format::TerraformState })
    } else if has("terraform_version")
        && version.is_some_and(|value| value.first().is_some_and(u8::is_ascii_digit))
        && (has("serial") || has("lineage") || has("resources"))
    {
        Some(Format::TerraformState)
    } else {
        None
    }
}

/// Whether the first line that is no comment begins a block of Terraform's.
fn begins_with_block(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let mut comment = false;
    for line in text.lines().map(str::trim) {
        if comment || line.starts_with("/*") {
            comment = !line.ends_with("*/");
        } else if !line.is_empty() && !line.starts_with('#') && !line.starts_with("//") {
            let labelled = ["resource", "data", "variable", "provider", "module", "output"];
            let labelled = labelled.iter().any(|word| {
                line.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with('"'))
            });
            let bare = ["locals", "terraform"]
                .iter()
                .any(|word| line.strip_prefix(word).is_some_and(|rest| rest.trim() == "{"));
            return labelled && line.contains('{') || bare;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_shows_itself() {
        let plan = b"{\"format_version\":\"1.2\",\"terraform_version\":\"1.9.5\",\"variables\":{},";
        assert_eq!(looks_like(plan, "x"), Some(Format::TerraformPlan));
        let state = b"{\"format_version\":\"1.0\",\"terraform_version\":\"1.9.5\",\"values\":{}}";
        assert_eq!(looks_like(state, "x"), Some(Format::TerraformState));
        let stored = b"{\n  \"version\": 4,\n  \"terraform_version\": \"1.9.5\",\n  \"serial\": 1,";
        assert_eq!(looks_like(stored, "terraform.tfstate"), Some(Format::TerraformState));
        for source in [
            "# roles\n\nresource \"aws_iam_role\" \"a\" {\n}",
            "/* a\n b */ \nlocals {\n",
            "variable \"x\" {}",
        ] {
            assert_eq!(
                looks_like(source.as_bytes(), "x"),
                Some(Format::TerraformSource),
                "{source}"
            );
        }
        assert_eq!(looks_like(b"anything", "a/main.tf"), Some(Format::TerraformSource));
        assert_eq!(looks_like(b"x = 1", "terraform.tfvars"), Some(Format::TerraformSource));
    }

    #[test]
    fn what_only_resembles_them_is_not_taken() {
        for other in [
            "data,member\nx,y",
            "resource,\"x\"",
            "{\"version\": 4}",
            "{\"Version\": \"2012-10-17\"}",
            "module",
        ] {
            assert_eq!(looks_like(other.as_bytes(), "x.csv"), None, "{other}");
        }
    }
}
