//! Class 6: two readers of XML see two documents.

use super::{Class, Done, Draft, Expected, Kind};

pub(super) static CLASS: Class = Class {
    number: Some(6),
    name: "parser",
    says: "XML that one reader refuses and another reads, or that two read differently",
    cves: &["CVE-2020-15216", "CVE-2025-25291", "CVE-2025-25292", "CVE-2025-66567"],
    kinds: KINDS,
};

const STRICT: Expected = Expected::Rejected(&["signature/doctype"]);

static KINDS: &[Kind] = &[
    Kind::new("parser/empty-prefix", "a prefix is bound to no namespace", STRICT, |d| {
        d.tag("Response", " xmlns:x=\"\"").map(drop)
    }),
    Kind::new("parser/unbound-prefix", "an element has a prefix that nothing binds", STRICT, |d| {
        d.after("Status", "<x:Assertion/>").map(drop)
    }),
    Kind::new("parser/attribute-twice", "an element has two attributes `ID`", STRICT, |d| {
        d.tag("Assertion", " ID=\"id0\"").map(drop)
    }),
    Kind::new(
        "parser/namespace-twice",
        "a tag declares the default namespace twice, first as none",
        STRICT,
        |d| d.tag("Status", " xmlns=\"\" xmlns=\"urn:heron\"").map(drop),
    ),
    Kind::new(
        "parser/attribute-twice-by-prefix",
        "two prefixes of one namespace give an attribute twice",
        STRICT,
        |d| {
            d.tag("Assertion", " xmlns:a=\"urn:heron\" xmlns:b=\"urn:heron\" a:id=\"1\" b:id=\"2\"")
                .map(drop)
        },
    ),
    Kind::new("parser/cdata-end", "text holds `]]>` as it is", STRICT, |d| in_name(d, "]]>")),
    Kind::new("parser/comment-with-hyphens", "a comment holds `--`", STRICT, |d| {
        d.after("Status", "<!-- a -- b -->").map(drop)
    }),
    Kind::new("parser/comment-left-open", "a comment is closed as HTML closes one", STRICT, |d| {
        d.after("Status", "<!-- a --!> <b xmlns=\"\"/> -->").map(drop)
    }),
    Kind::new("parser/nul", "text holds a NUL", STRICT, |d| in_name(d, "\0")),
    Kind::new("parser/control", "text holds a control character", STRICT, |d| in_name(d, "\u{1}")),
    Kind::new("parser/open-element", "an element is not closed", STRICT, |d| {
        d.after("Status", "<x xmlns=\"\">").map(drop)
    }),
    Kind::new("parser/unquoted", "an attribute's value stands in no quotes", STRICT, |d| {
        d.tag("Assertion", " x=1").map(drop)
    }),
    Kind::new("parser/less-than-in-value", "an attribute's value holds `<`", STRICT, |d| {
        d.tag("Assertion", " x=\"<\"").map(drop)
    }),
    Kind::new(
        "parser/xml-1.1",
        "the declaration says XML 1.1, which has other line ends",
        STRICT,
        |d| declared(d, "<?xml version=\"1.1\" encoding=\"UTF-8\"?>"),
    ),
    Kind::new(
        "parser/declaration-late",
        "the XML declaration stands behind a line end",
        STRICT,
        |d| declared(d, "\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>"),
    ),
    Kind::new(
        "parser/reserved-prefix",
        "the prefix `xml` is bound to another namespace",
        STRICT,
        |d| d.tag("Assertion", " xmlns:xml=\"urn:heron\"").map(drop),
    ),
    Kind::new(
        "parser/utf-7",
        "the declaration says UTF-7",
        Expected::Unread("encoding `UTF-7` in the XML declaration, expected `UTF-8`"),
        |d| declared(d, "<?xml version=\"1.0\" encoding=\"UTF-7\"?>"),
    ),
    Kind::new(
        "parser/utf-16",
        "the document is UTF-16",
        Expected::Unread("UTF-16, expected UTF-8: SAML messages are signed and sent in UTF-8"),
        |d| {
            let text = d.text.replace("UTF-8", "UTF-16");
            let wide = text.encode_utf16().flat_map(u16::to_le_bytes);
            d.pack([0xff, 0xfe].into_iter().chain(wide).collect::<Vec<u8>>())
        },
    ),
    Kind::new(
        "parser/not-utf-8",
        "the NameID holds a byte that UTF-8 does not have",
        Expected::Unread("expected UTF-8"),
        |d| {
            in_name(d, "\u{1}")?;
            let bytes: Vec<u8> =
                d.text.bytes().map(|byte| if byte == 1 { 0xff } else { byte }).collect();
            d.pack(bytes)
        },
    ),
    Kind::valid(
        "parser/valid-single-quotes",
        "a namespace and an attribute stand in single quotes",
        |d| d.swap(" Version=\"2.0\"", " Version='2.0'").map(drop),
    ),
    Kind::valid("parser/valid-space-in-tags", "white space stands within tags", |d| {
        d.swap(" Version=\"2.0\"", "\n   Version = \"2.0\"\t")?
            .swap("</saml2:NameID>", "</saml2:NameID >")
            .map(drop)
    }),
    Kind::valid("parser/valid-attributes-reordered", "attributes stand in another order", |d| {
        let id = d.stated("Assertion", "ID")?;
        let own = format!(" ID=\"{id}\"");
        d.swap(&own, "")?.swap("<saml2:Assertion", &format!("<saml2:Assertion{own}")).map(drop)
    }),
    Kind::valid("parser/valid-empty-element", "an empty element is written with two tags", |d| {
        d.content("StatusCode", "").map(drop)
    }),
    Kind::valid(
        "parser/valid-line-ends",
        "lines end as Windows ends them, and are signed so",
        |d| d.before("Status", "\r\n")?.after("Conditions", "\r\n  ")?.sign(),
    ),
    Kind::valid("parser/valid-mark", "a byte order mark stands before the declaration", |d| {
        declared(d, "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
    }),
    Kind::valid("parser/valid-no-declaration", "there is no XML declaration", |d| declared(d, "")),
    Kind::valid(
        "parser/valid-standalone",
        "the declaration says that the document stands alone",
        |d| declared(d, "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n"),
    ),
    Kind::valid("parser/valid-letters", "values hold letters of many scripts, signed so", |d| {
        d.content(super::value("department"), "Häfen, 港, ميناء, 😀")?.sign()
    }),
];

/// Something behind the user's name.
fn in_name(d: &mut Draft<'_>, text: &str) -> Done {
    let name = d.inner("NameID")?;
    d.content("NameID", &format!("{name}{text}")).map(drop)
}

/// Another XML declaration.
fn declared(d: &mut Draft<'_>, declaration: &str) -> Done {
    let document = d.outer("Response")?;
    d.text = format!("{declaration}{document}");
    Ok(())
}
