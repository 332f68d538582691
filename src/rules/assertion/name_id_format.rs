//! `assertion/name-id-format`: the format of a `NameID` is none that AWS lists.

use super::{ASSERTIONS, CORE, captured};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/name-id-format",
        summary: "the format of a NameID is none that AWS lists",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "AWS lists the formats `persistent`, `transient`, `kerberos` and `entity` of SAML \
                      2.0, and `emailAddress`, `unspecified`, `X509SubjectName` and \
                      `WindowsDomainQualifiedName` of SAML 1.1; what it makes of another it does not \
                      say. Okta also spells `unspecified` with 2.0 in it, which no standard has and which \
                      works: it is not reported. No format at all means unspecified.",
        remediation: "Choose a listed format in the app, spelled with its own version of SAML.",
        references: &[ASSERTIONS, CORE],
    },
    check,
};

const PREFIX: &str = "urn:oasis:names:tc:SAML:";
/// What AWS lists, and how Okta spells one of them.
const LISTED: [(&str, &str); 9] = [
    ("2.0", "persistent"),
    ("2.0", "transient"),
    ("2.0", "kerberos"),
    ("2.0", "entity"),
    ("1.1", "emailAddress"),
    ("1.1", "unspecified"),
    ("1.1", "X509SubjectName"),
    ("1.1", "WindowsDomainQualifiedName"),
    ("2.0", "unspecified"),
];

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = captured(context)?.filter_map(|sign_in| {
        let name = sign_in.assertion.subject.as_ref()?.name_id.as_ref()?;
        let format = name.format.as_ref()?;
        if LISTED.iter().any(|&one| uri(one) == format.value) {
            return None;
        }
        let message =
            format!("the NameID has the format {}, which AWS does not list", Quoted(&format.value));
        let found = sign_in.finding(&RULE.info, &format.at, message);
        let last = format.value.rsplit(':').next().unwrap_or_default();
        let near = LISTED.into_iter().find(|(_, name)| name.eq_ignore_ascii_case(last));
        Some(match near {
            Some(near) => found.help(format!("it is spelled `{}`", uri(near))),
            None => found,
        })
    });
    Ok(found.collect())
}

fn uri((version, name): (&str, &str)) -> String {
    format!("{PREFIX}{version}:nameid-format:{name}")
}
