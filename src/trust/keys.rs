//! Condition keys of a sign-in with SAML.

/// How many values a key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Values {
    /// One.
    One,
    /// Any number: it needs a set operator.
    Many,
    /// One by the table of attributes, any number by the list of keys: AWS's pages disagree.
    Disputed,
}

/// The `saml:` keys, without the prefix and in lower case, sorted.
const SAML_KEYS: &[(&str, Values)] = &[
    ("aud", Values::One),
    ("cn", Values::Many),
    ("commonname", Values::Disputed),
    ("doc", Values::One),
    ("eduorghomepageuri", Values::Many),
    ("eduorgidentityauthnpolicyuri", Values::Many),
    ("eduorglegalname", Values::Many),
    ("eduorgsuperioruri", Values::Many),
    ("eduorgwhitepagesuri", Values::Many),
    ("edupersonaffiliation", Values::Many),
    ("edupersonassurance", Values::Many),
    ("edupersonentitlement", Values::Many),
    ("edupersonnickname", Values::Many),
    ("edupersonorgdn", Values::One),
    ("edupersonorgunitdn", Values::Many),
    ("edupersonprimaryaffiliation", Values::One),
    ("edupersonprimaryorgunitdn", Values::One),
    ("edupersonprincipalname", Values::One),
    ("edupersonscopedaffiliation", Values::Many),
    ("edupersontargetedid", Values::Many),
    ("givenname", Values::Disputed),
    ("iss", Values::One),
    ("mail", Values::Disputed),
    ("name", Values::Disputed),
    ("namequalifier", Values::One),
    ("organizationstatus", Values::Disputed),
    ("primarygroupsid", Values::Disputed),
    ("sub", Values::One),
    ("sub_type", Values::One),
    ("surname", Values::Disputed),
    ("uid", Values::Disputed),
    ("x500uniqueidentifier", Values::Disputed),
];

/// Keys that AWS has for every assertion, whatever attributes it carries.
const EVERY_ASSERTION: &[&str] =
    &["saml:aud", "saml:doc", "saml:iss", "saml:namequalifier", "saml:sub", "saml:sub_type"];

/// Further keys that every such request has.
const EVERY_REQUEST: &[&str] = &[
    "aws:currenttime",
    "aws:epochtime",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:useragent",
    "sts:rolesessionname",
];

/// Keys that need a caller with AWS credentials, which a sign-in with SAML does not have: inferred.
const NO_CALLER: &[&str] = &[
    "aws:federatedprovider",
    "aws:multifactorauthpresent",
    "aws:principalarn",
    "aws:username",
    "sts:externalid",
];

/// Names of assertion attributes that become a key, by the key without its prefix.
const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("cn", &["urn:oid:2.5.4.3"]),
    (
        "commonname",
        &[
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/CommonName",
            "http://schemas.xmlsoap.org/claims/CommonName",
            "2.5.4.3",
        ],
    ),
    ("eduorghomepageuri", &["urn:oid:1.3.6.1.4.1.5923.1.2.1.2"]),
    ("eduorgidentityauthnpolicyuri", &["urn:oid:1.3.6.1.4.1.5923.1.2.1.3"]),
    ("eduorglegalname", &["urn:oid:1.3.6.1.4.1.5923.1.2.1.4"]),
    ("eduorgsuperioruri", &["urn:oid:1.3.6.1.4.1.5923.1.2.1.5"]),
    ("eduorgwhitepagesuri", &["urn:oid:1.3.6.1.4.1.5923.1.2.1.6"]),
    ("edupersonaffiliation", &["urn:oid:1.3.6.1.4.1.5923.1.1.1.1"]),
    ("edupersonassurance", &["urn:oid:1.3.6.1.4.1.5923.1.1.1.11"]),
    ("edupersonentitlement", &["urn:oid:1.3.6.1.4.1.5923.1.1.1.7"]),
    ("edupersonnickname", &["urn:oid:1.3.6.1.4.1.5923.1.1.1.2"]),
    ("edupersonorgdn", &["urn:oid:1.3.6.1.4.1.5923.1.1.1.3"]),
    ("edupersonorgunitdn", &["urn:oid:1.3.6.1.4.1.5923.1.1.1.4"]),
    ("edupersonprimaryaffiliation", &["urn:oid:1.3.6.1.4.1.5923.1.1.1.5"]),
    ("edupersonprimaryorgunitdn", &["urn:oid:1.3.6.1.4.1.5923.1.1.1.8"]),
    ("edupersonprincipalname", &["urn:oid:1.3.6.1.4.1.5923.1.1.1.6"]),
    ("edupersonscopedaffiliation", &["urn:oid:1.3.6.1.4.1.5923.1.1.1.9"]),
    ("edupersontargetedid", &["urn:oid:1.3.6.1.4.1.5923.1.1.1.10"]),
];

/// How many values a `saml:` key has, given in lower case; `None` for a key there is not.
pub fn saml_key(key: &str) -> Option<Values> {
    let name = key.strip_prefix("saml:")?;
    let found = SAML_KEYS.binary_search_by_key(&name, |entry| entry.0).ok()?;
    SAML_KEYS.get(found).map(|entry| entry.1)
}

/// The `saml:` keys there are, in lower case and without the prefix.
pub fn saml_keys() -> impl Iterator<Item = &'static str> + Clone {
    SAML_KEYS.iter().map(|entry| entry.0)
}

/// How many values a key has, given in lower case, where that is known.
pub fn values_of(key: &str) -> Option<Values> {
    match key {
        "aws:tagkeys" | "sts:transitivetagkeys" => Some(Values::Many),
        _ => saml_key(key),
    }
}

/// Whether every sign-in with SAML presents a key, given in lower case.
pub fn is_always_presented(key: &str) -> bool {
    EVERY_ASSERTION.contains(&key) || EVERY_REQUEST.contains(&key)
}

/// Whether no sign-in with SAML can present a key, given in lower case: inferred, for no caller has signed
/// the request.
pub fn needs_caller(key: &str) -> bool {
    NO_CALLER.contains(&key)
}

/// Whether some attributes, by name, give a `saml:` key in lower case; `None` where it does not depend on
/// attributes, or the names that give it are not documented clearly.
pub fn is_sent<'a>(key: &str, mut attributes: impl Iterator<Item = &'a str>) -> Option<bool> {
    let bare = key.strip_prefix("saml:")?;
    let (_, names) = ATTRIBUTES.iter().find(|entry| entry.0 == bare)?;
    Some(attributes.any(|name| names.contains(&name) || name.to_ascii_lowercase().contains(bare)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_agree() {
        assert!(SAML_KEYS.is_sorted() && ATTRIBUTES.is_sorted());
        for (key, names) in ATTRIBUTES {
            let key = format!("saml:{key}");
            assert!(saml_key(&key).is_some(), "{key}");
            assert!(names.iter().all(|name| is_sent(&key, std::iter::once(*name)) == Some(true)));
        }
        assert!(EVERY_ASSERTION.iter().all(|key| saml_key(key) == Some(Values::One)));
    }

    #[test]
    fn what_is_sent_is_known_by_name_or_not_known() {
        let sent = |key: &str, names: &[&str]| is_sent(key, names.iter().copied());
        assert_eq!(sent("saml:edupersonorgdn", &["urn:oid:1.3.6.1.4.1.5923.1.1.1.3"]), Some(true));
        assert_eq!(sent("saml:edupersonorgdn", &["eduPersonOrgDN"]), Some(true));
        assert_eq!(sent("saml:edupersonorgdn", &["department"]), Some(false));
        assert_eq!(sent("saml:sub", &[]), None);
        assert_eq!(sent("saml:mail", &[]), None);
        assert_eq!(values_of("aws:tagkeys"), Some(Values::Many));
        assert_eq!(values_of("aws:requesttag/team"), None);
    }
}
