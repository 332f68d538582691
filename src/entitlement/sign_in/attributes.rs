//! Which attributes of an assertion feed which `saml:` keys, as IAM's guide lists them.

/// What an app's attribute statement feeds, in lower case: names as they stand in IAM's guide, all lists but
/// the four marked.
pub(super) const SAML_KEYS: &[(&str, &str)] = &[
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
pub(super) const SINGLE: &[&str] = &[
    "saml:edupersonorgdn",
    "saml:edupersonprimaryaffiliation",
    "saml:edupersonprincipalname",
    "saml:edupersonprimaryorgunitdn",
];

/// Further `saml:` keys that attributes feed, whose names IAM's guide gives in several spellings.
pub(super) const SPELT_VARIOUSLY: &[&str] = &[
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
