//! Sign-ins that were captured: known by how they begin; what they say is for others to read.

use memchr::memmem;

/// Base64 of `<?xml `, and of tags of a response or an assertion under the usual prefixes.
const ENCODED: [&[u8]; 6] =
    [b"PD94bWwg", b"PHNhbWwy", b"PHNhbWxw", b"PHNhbWw6", b"PFJlc3BvbnNl", b"PEFzc2VydGlvb"];

/// Whether a file is a captured sign-in: a SAML message as XML, in base64 or in a form, or what a browser
/// recorded.
pub fn looks_like(head: &[u8], is_json: bool) -> bool {
    let text = head.trim_ascii_start();
    let has = |word: &[u8]| memmem::find(head, word).is_some();
    if is_json {
        return is_har(text)
            || text.starts_with(b"{") && has(b"\"requests\"") && has(b"SAMLResponse");
    }
    if text.starts_with(b"<") || text.starts_with("\u{feff}<".as_bytes()) {
        let of_saml: [&[u8]; 2] =
            [b"urn:oasis:names:tc:SAML:2.0:protocol", b"urn:oasis:names:tc:SAML:2.0:assertion"];
        let is_metadata = has(b"EntityDescriptor") || has(b"EntitiesDescriptor");
        return !is_metadata && (of_saml.into_iter().any(has) || has(b"SAMLResponse"));
    }
    has(b"SAMLResponse=") || ENCODED.iter().any(|start| text.starts_with(start))
}

/// Whether JSON begins as an HTTP archive does.
fn is_har(text: &[u8]) -> bool {
    let Some(first) = text.strip_prefix(b"{").map(<[u8]>::trim_ascii_start) else { return false };
    let Some(rest) = first.strip_prefix(b"\"log\"") else { return false };
    let opens = rest.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start);
    opens.is_some_and(|log| log.starts_with(b"{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_are_known_by_how_they_begin_and_nothing_else_is() {
        let of = |text: &str| looks_like(text.as_bytes(), text.trim_start().starts_with('{'));
        for text in [
            "<?xml version=\"1.0\"?>\n<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\"/>",
            "\u{feff}<Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>",
            "PHNhbWwycDpSZXNwb25zZT4=",
            "RelayState=&SAMLResponse=PHNhbWw",
            "<html><input name=\"SAMLResponse\" value=\"PHNh\"></html>",
            "{\"log\": {\"version\": \"1.2\", \"entries\": []}}",
            "{\"requests\": [{\"post\": [[\"SAMLResponse\", \"PHNh\"]]}]}",
        ] {
            assert!(of(text), "{text}");
        }
        for text in [
            "<md:EntityDescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"/>",
            "<html></html>",
            "{\"log\": []}",
            "{\"Roles\": []}",
            "user,status\nann,ACTIVE\n",
            "dn: cn=a\n",
        ] {
            assert!(!of(text), "{text}");
        }
    }
}
