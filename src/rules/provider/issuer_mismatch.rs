//! `provider/issuer-mismatch`: Okta's issuer is not the entity id of the provider's metadata.

use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::documents::{Sent, documents, own};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "provider/issuer-mismatch",
        summary: "the issuer of the Okta app is not the entity id of the provider's metadata",
        severity: Severity::Error,
        on: true,
        follows: &["provider/invalid-metadata"],
        options: &[],
        since: "0.1.0",
        explanation: "The Issuer of every response is the entity id of the Okta app; AWS looks it up in \
                      the metadata of the provider that the chosen pair names, and answers `Issuer not \
                      present in specified provider` where it is not there. Each Okta app instance has \
                      an entity id of its own (`http://www.okta.com/exk…`, with `http`), so metadata of \
                      another app or of another Okta organisation never fits. Only providers that the \
                      app's Role values name are looked at, and only where the app's own metadata was \
                      given.",
        remediation: "Download the metadata of this app (its *Sign On* tab, *Identity Provider \
                      metadata*) and update the provider with it.",
        references: &[super::TROUBLE, super::METADATA],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let own = own(context)?;
    let Ok(own) = own.as_ref() else { return Ok(Vec::new()) };
    let sent = Sent::of(context)?;
    let all = documents(context)?;
    let Some(issuer) = own.entities.iter().find_map(|entity| entity.id.as_ref()) else {
        return Ok(Vec::new());
    };
    let own_document = all.iter().find(|document| document.is_own);
    let mut found = Vec::new();
    for document in all.iter().filter(|document| sent.uses(document)) {
        let Some(metadata) = document.metadata() else { continue };
        let Some(first) = metadata.entities.iter().find_map(|entity| entity.id.as_ref()) else {
            continue;
        };
        if metadata.entity_ids().any(|id| own.entity_ids().any(|own| own == id)) {
            continue;
        }
        let message = format!(
            "{} is of {}, Okta's issuer is {}",
            document.whose(),
            Quoted(&first.value),
            Quoted(&issuer.value),
        );
        let mut finding = document.finding(&RULE.info, &first.at, message);
        if let Some(own) = own_document {
            finding = finding.related(own.label(&issuer.at, "the app's own"));
        }
        found.push(finding.help(match difference(&first.value, &issuer.value) {
            Some(difference) => format!("they differ in {difference}, and are compared exactly"),
            None => "update the provider with the app's own metadata".to_owned(),
        }));
    }
    Ok(found)
}

/// What two ids that are almost the same differ in.
fn difference(one: &str, other: &str) -> Option<&'static str> {
    let scheme = |text: &str| text.split_once("://").map(|(scheme, _)| scheme.to_owned());
    let rest = |text: &str| text.split_once("://").map_or(text, |(_, rest)| rest).to_owned();
    if one.trim_end_matches('/') == other.trim_end_matches('/') {
        Some("a slash at the end")
    } else if rest(one) == rest(other) && scheme(one).is_some() && scheme(other).is_some() {
        Some("`http` and `https`")
    } else if one.eq_ignore_ascii_case(other) {
        Some("case")
    } else if one.trim() == other.trim() {
        Some("white space around them")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ids_that_are_almost_the_same_differ_in_is_named() {
        assert_eq!(difference("http://a/b", "https://a/b"), Some("`http` and `https`"));
        assert_eq!(difference("http://a/b/", "http://a/b"), Some("a slash at the end"));
        assert_eq!(difference("http://A/b", "http://a/b"), Some("case"));
        assert_eq!(difference(" x", "x"), Some("white space around them"));
        assert_eq!(difference("http://a/exk1", "http://a/exk2"), None);
        assert_eq!(difference("exk1", "http://exk1"), None);
    }
}
