//! A policy document by itself, in the forms people have one in: the document, a JSON string of it, percent-encoded,
//! or the answer of `aws iam get-role`.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use thiserror::Error;

use super::aws::{PolicyError, policy};

/// A policy document found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyText<'t> {
    /// The document.
    pub json: Cow<'t, str>,
    /// Byte offset of the document in the text; `None` where it was decoded and stands nowhere as it is.
    pub at: Option<usize>,
    /// The role's ARN, where an answer names it.
    pub role: Option<String>,
}

/// Why a text has no policy document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyTextError {
    /// The document in it cannot be decoded.
    #[error("the policy document cannot be decoded: {0}")]
    Document(PolicyError),
    /// A listing of roles.
    #[error(
        "`{0}` lists roles, expected one policy: name the file with `--source` and the role with `--role`"
    )]
    Listing(&'static str),
    /// A role without its policy.
    #[error("the role has no `AssumeRolePolicyDocument`")]
    NoDocument,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Outer<'a> {
    statement: Option<IgnoredAny>,
    role_detail_list: Option<IgnoredAny>,
    roles: Option<IgnoredAny>,
    #[serde(borrow)]
    role: Option<&'a RawValue>,
    #[serde(borrow)]
    assume_role_policy_document: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Role<'a> {
    arn: Option<String>,
    #[serde(borrow)]
    assume_role_policy_document: Option<&'a RawValue>,
}

/// Finds the policy document in a text. What is none of the forms comes back as it is: the policy's own reader
/// says what is wrong with it, at its byte.
pub fn policy_text(text: &str) -> Result<PolicyText<'_>, PolicyTextError> {
    let shorter = text.strip_prefix('\u{feff}').unwrap_or(text);
    let inner = shorter.trim();
    match inner.as_bytes().first() {
        Some(b'"') => decoded(inner),
        Some(b'%') => decoded(&serde_json::Value::from(inner).to_string()),
        Some(b'{') => object(text, inner),
        _ => Ok(as_it_is(text, inner)),
    }
}

fn as_it_is<'t>(text: &'t str, part: &'t str) -> PolicyText<'t> {
    let at = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    PolicyText { json: Cow::Borrowed(part), at: Some(at), role: None }
}

fn decoded<'t>(value: &str) -> Result<PolicyText<'t>, PolicyTextError> {
    let json = policy::decode(value).map_err(PolicyTextError::Document)?;
    let json = json.ok_or(PolicyTextError::NoDocument)?;
    Ok(PolicyText { json: Cow::Owned(json.json.to_string()), at: None, role: None })
}

fn object<'t>(text: &'t str, inner: &'t str) -> Result<PolicyText<'t>, PolicyTextError> {
    let Ok(outer) = serde_json::from_str::<Outer<'t>>(inner) else {
        return Ok(as_it_is(text, inner));
    };
    if outer.statement.is_some() {
        return Ok(as_it_is(text, inner));
    }
    if outer.role_detail_list.is_some() {
        return Err(PolicyTextError::Listing("RoleDetailList"));
    }
    if outer.roles.is_some() {
        return Err(PolicyTextError::Listing("Roles"));
    }
    let (document, role) = match (outer.assume_role_policy_document, outer.role) {
        (Some(document), _) => (Some(document), None),
        (None, Some(role)) => match serde_json::from_str::<Role<'t>>(role.get()) {
            Ok(role) => (role.assume_role_policy_document, role.arn),
            Err(_) => (None, None),
        },
        (None, None) => return Ok(as_it_is(text, inner)),
    };
    let document = document.ok_or(PolicyTextError::NoDocument)?.get();
    let found =
        if document.starts_with('{') { as_it_is(text, document) } else { decoded(document)? };
    Ok(PolicyText { role, ..found })
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

    #[test]
    fn a_document_stands_where_it_stands() {
        let text = format!("\u{feff}\n {POLICY}\n");
        let found = policy_text(&text).unwrap();
        assert_eq!((found.json.as_ref(), found.at), (POLICY, Some(5)));
    }

    #[test]
    fn a_string_and_a_percent_encoded_document_are_decoded() {
        let quoted = serde_json::Value::from(POLICY).to_string();
        let encoded =
            POLICY.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        for text in [quoted, encoded.clone(), format!("\"{encoded}\"")] {
            let found = policy_text(&text).unwrap();
            assert_eq!((found.json.as_ref(), found.at), (POLICY, None), "{text}");
        }
    }

    #[test]
    fn the_answer_of_get_role_gives_its_document_and_arn() {
        let arn = "arn:aws:iam::123456789012:role/Ops";
        let text = format!(r#"{{"Role":{{"Arn":"{arn}","AssumeRolePolicyDocument":{POLICY}}}}}"#);
        let found = policy_text(&text).unwrap();
        assert_eq!((found.json.as_ref(), found.role.as_deref()), (POLICY, Some(arn)));
        assert_eq!(text.get(found.at.unwrap()..).map(|rest| rest.starts_with(POLICY)), Some(true));
    }

    #[test]
    fn what_is_no_policy_says_so_or_is_left_to_the_policys_reader() {
        let listing = policy_text(r#"{"RoleDetailList":[]}"#).unwrap_err();
        assert!(listing.to_string().starts_with("`RoleDetailList` lists roles"));
        assert_eq!(policy_text(r#"{"Role":{}}"#), Err(PolicyTextError::NoDocument));
        assert!(policy_text("\"%7\"").unwrap_err().to_string().contains("not percent-encoded"));
        for text in ["{// why\n}", "[]", "", "{\"a\":1}"] {
            assert_eq!(policy_text(text).unwrap().json, text);
        }
    }
}
