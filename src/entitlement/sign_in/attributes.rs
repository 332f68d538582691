//! Which attributes of an assertion feed which `saml:` keys, as IAM's guide lists them.

/// What an app's attribute statement feeds, in lower case: names as they stand in IAM's guide, all lists but
/// the four marked.
pub(in crate::entitlement) const SAML_KEYS: &[(&str, &str)] = &[
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "saml:edupersonaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.2", "saml:edupersonnickname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "saml:edupersonorgdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.4", "saml:edupersonorgunitdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.5", "saml:edupersonprimaryaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "saml:edupersonprincipalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "saml:edupersonentitlement"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.8", "saml:edupersonprimaryorgunitdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "saml:edupersonscopedaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "saml:edupersontargetedid"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.11", "saml:edupersonassurance"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.2", "saml:eduorghomepageuri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.3", "saml:eduorgidentityauthnpolicyuri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.4", "saml:eduorglegalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.5", "saml:eduorgsuperioruri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.6", "saml:eduorgwhitepagesuri"),
    ("urn:oid:2.5.4.3", "saml:cn"),
];

/// Keys of the table above with one value.
pub(in crate::entitlement) const SINGLE: &[&str] = &[
    "saml:edupersonorgdn",
    "saml:edupersonprimaryaffiliation",
    "saml:edupersonprincipalname",
    "saml:edupersonprimaryorgunitdn",
];

/// Further `saml:` keys that attributes feed, whose names IAM's guide gives in several spellings.
pub(in crate::entitlement) const SPELT_VARIOUSLY: &[&str] = &[
    "saml:commonname",
    "saml:givenname",
    "saml:mail",
    "saml:name",
    "saml:organizationstatus",
    "saml:primarygroupsid",
    "saml:surname",
    "saml:uid",
    "saml:x500uniqueidentifier",
];

/// The names that IAM's guide gives for those, as they stand there, with the keys that they feed.
pub(in crate::entitlement) const VARIOUS: &[(&str, &str)] = &[
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", "saml:name"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/CommonName", "saml:commonname"),
    ("http://schemas.xmlsoap.org/claims/CommonName", "saml:commonname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "saml:givenname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "saml:surname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "saml:mail"),
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid", "saml:uid"),
    (
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid",
        "saml:primarygroupsid",
    ),
    ("2.5.4.3", "saml:commonname"),
    ("2.5.4.4", "saml:surname"),
    ("2.4.5.42", "saml:givenname"),
    ("2.5.4.45", "saml:x500uniqueidentifier"),
    ("0.9.2342.19200300100.1.1", "saml:uid"),
    ("0.9.2342.19200300100.1.3", "saml:mail"),
    ("0.9.2342.19200300.100.1.45", "saml:organizationstatus"),
];
