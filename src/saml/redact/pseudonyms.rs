//! Words for other words: of the same shape, the same for the same word, and saying nothing of it.
//!
//! A pseudonym is a number in the order of first appearance, written in the shape of the word: nobody can try
//! names until one fits. Text keeps its length in characters, and everything that is no letter or digit.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::account::Partition;

/// Letters of pseudonyms: without vowels they are no words; `x` fills the places before them.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwz";

/// How many pseudonyms are tried before one is taken that another word has, or that stands in the original.
const TRIES: u64 = 2000;

/// The words of one message.
#[derive(Debug, Default)]
pub(super) struct Pseudonyms {
    of: BTreeMap<String, String>,
    taken: BTreeSet<String>,
    /// Words of the original, which no pseudonym may be.
    original: BTreeSet<String>,
    next: BTreeMap<String, u64>,
}

impl Pseudonyms {
    /// For the words of a text.
    pub(super) fn avoiding(text: &str) -> Self {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        Self { original: words.map(str::to_lowercase).collect(), ..Self::default() }
    }

    /// A text with every word replaced but those that say what it is: the fixed parts of an ARN, the hosts of
    /// AWS and Okta, names of SAML.
    pub(super) fn text(&mut self, text: &str) -> String {
        if is_vocabulary(text) {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut is_start = true;
        while let Some(c) = rest.chars().next() {
            if is_start {
                let kept = self.opening(rest, &mut out);
                if kept > 0 {
                    rest = rest.split_at_checked(kept).unwrap_or_default().1;
                    is_start = false;
                    continue;
                }
            }
            if c.is_alphanumeric() {
                let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                out.push_str(&self.word(word));
                rest = after;
                is_start = false;
            } else {
                out.push(c);
                rest = rest.split_at(c.len_utf8()).1;
                is_start = true;
            }
        }
        out
    }

    /// Writes the opening of an ARN or a URL, and gives its length in the original; 0 where there is none.
    fn opening(&mut self, text: &str, out: &mut String) -> usize {
        if text.starts_with("arn:") {
            return self.arn(text, out);
        }
        match text.split_once("://") {
            Some(("https" | "http", _)) => self.url(text, out),
            _ => 0,
        }
    }

    fn arn(&mut self, text: &str, out: &mut String) -> usize {
        let mut parts = text.splitn(6, ':');
        let (Some(_), Some(partition), Some(service), Some(region), Some(account), Some(resource)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return 0;
        };
        if Partition::parse(partition).is_none() || service != "iam" || !region.is_empty() {
            return 0;
        }
        let head = format!("arn:{partition}:iam::");
        let kind = ["role/", "saml-provider/"].into_iter().find(|kind| resource.starts_with(kind));
        let kind = kind.unwrap_or_default();
        out.push_str(&head);
        out.push_str(&self.plain(account));
        out.push(':');
        out.push_str(kind);
        head.len() + account.len() + 1 + kind.len()
    }

    fn url(&mut self, text: &str, out: &mut String) -> usize {
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | ',');
        let whole = text.split(ends).next().unwrap_or_default();
        let Some((scheme, rest)) = whole.split_once("://") else { return 0 };
        let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
        let path = rest.strip_prefix(host).unwrap_or_default();
        out.push_str(scheme);
        out.push_str("://");
        if Partition::of_sign_in(&format!("https://{host}/saml")).is_some() {
            out.push_str(host);
            let mut kept = ["/saml/acs/", "/static/saml", "/saml"].into_iter();
            let kept = kept.find(|kept| path.starts_with(kept)).unwrap_or_default();
            out.push_str(kept);
            let after = path.strip_prefix(kept).unwrap_or_default();
            out.push_str(&self.plain(after));
            return whole.len();
        }
        let mut okta = [".okta.com", ".oktapreview.com", ".okta-emea.com"].into_iter();
        match okta.find_map(|end| Some((host.strip_suffix(end)?, end))) {
            Some((tenant, end)) => {
                out.push_str(if tenant == "www" { "www" } else { "" });
                let tenant = if tenant == "www" { "" } else { tenant };
                out.push_str(&self.plain(tenant));
                out.push_str(end);
            }
            None => out.push_str(&self.plain(host)),
        }
        for (at, segment) in path.split('/').enumerate() {
            out.push_str(if at > 0 { "/" } else { "" });
            let is_fixed =
                matches!(segment, "app" | "amazon_aws" | "sso" | "saml" | "saml2" | "home");
            let written = if is_fixed { segment.to_owned() } else { self.plain(segment) };
            out.push_str(&written);
        }
        whole.len()
    }

    /// Every word replaced, whatever it says.
    fn plain(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let is_word = c.is_alphanumeric();
            let end = rest.find(|c: char| c.is_alphanumeric() != is_word).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            if is_word {
                out.push_str(&self.word(run));
            } else {
                out.push_str(run);
            }
            rest = after;
        }
        out
    }

    /// The pseudonym of a word.
    fn word(&mut self, word: &str) -> String {
        if let Some(known) = self.of.get(word) {
            return known.clone();
        }
        // What kind of ID it is stays to be seen.
        let kept = ["id", "exk", "0oa", "00u", "00g"].into_iter().find(|kind| {
            word.strip_prefix(kind)
                .is_some_and(|rest| if *kind == "id" { is_number(rest) } else { rest.len() > 12 })
        });
        let kept = kept.unwrap_or_default();
        let varied = word.strip_prefix(kept).unwrap_or(word);
        let shape: String = varied.chars().map(shape_of).collect();
        let next = self.next.entry(shape.clone()).or_default();
        let mut found = String::new();
        for _ in 0..TRIES {
            *next += 1;
            found = format!("{kept}{}", written(&shape, *next));
            let is_free =
                !self.taken.contains(&found) && !self.original.contains(&found.to_lowercase());
            if is_free {
                break;
            }
        }
        self.taken.insert(found.clone());
        self.of.insert(word.to_owned(), found.clone());
        found
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is a name that SAML or AWS gives.
fn is_vocabulary(text: &str) -> bool {
    let text = text.trim();
    let known = ["urn:oasis:names:tc:", "urn:amazon:webservices", "http://www.w3.org/"];
    known.iter().any(|start| text.starts_with(start))
}

/// The kind of a character: what stands in its place is of the same kind.
fn shape_of(c: char) -> char {
    match c {
        '0'..='9' => '0',
        'a'..='z' => 'a',
        'A'..='Z' => 'A',
        c if c.is_lowercase() => 'ж',
        _ => 'Ж',
    }
}

/// A number in a shape, its last places at the end.
fn written(shape: &str, number: u64) -> String {
    let mut left = number;
    let letter = |left: u64| {
        let radix = LETTERS.len() as u64;
        let at = usize::try_from(left % radix).unwrap_or_default();
        (LETTERS.get(at).copied().map_or('x', char::from), left / radix)
    };
    let mut placed: Vec<char> = shape
        .chars()
        .rev()
        .map(|kind| match kind {
            '0' => {
                let digit = u32::try_from(left % 10).unwrap_or_default();
                left /= 10;
                char::from_digit(digit, 10).unwrap_or('0')
            }
            'a' | 'A' => {
                let (c, after) = if left == 0 { ('x', 0) } else { letter(left) };
                left = after;
                if kind == 'A' { c.to_ascii_uppercase() } else { c }
            }
            other => other,
        })
        .collect();
    placed.reverse();
    placed.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(text: &str) -> String {
        Pseudonyms::avoiding(text).text(text)
    }

    #[test]
    fn words_keep_their_shape_and_the_same_word_gets_the_same_pseudonym() {
        assert_eq!(redacted("ada.lovelace@corp.com ada"), "xxc.xxxxxxxc@xxxc.xxd xxc");
        assert_eq!(redacted("Ops-Team_7, O'Brien"), "Xxc-Xxxc_1, C'Xxxxc");
        assert_eq!(redacted("é ё Ω"), "ж ж Ж");
    }

    #[test]
    fn the_fixed_parts_of_arns_and_urls_stay() {
        assert_eq!(
            redacted(
                "arn:aws:iam::123456789012:saml-provider/OKTA,arn:aws:iam::123456789012:role/ops/Admin"
            ),
            "arn:aws:iam::000000000001:saml-provider/XXXC,arn:aws:iam::000000000001:role/xxc/Xxxxc"
        );
        assert_eq!(
            redacted("https://eu-west-1.signin.aws.amazon.com/saml/acs/SAMLSPABC"),
            "https://eu-west-1.signin.aws.amazon.com/saml/acs/XXXXXXXXC"
        );
        let issuer = redacted("http://www.okta.com/exk1fcia6d6EMsf331d8");
        assert!(issuer.starts_with("http://www.okta.com/exk0xxxx0x0"), "{issuer}");
        assert!(redacted("https://acme.okta.com/app/amazon_aws/x/sso/saml").ends_with("/sso/saml"));
        assert!(!redacted("https://acme.okta.com/home").contains("acme"));
        assert!(redacted("https://acme.okta.com/home").ends_with(".okta.com/home"));
        assert!(!redacted("https://sso.corp.example/x").contains("corp"));
    }

    #[test]
    fn names_of_saml_stay() {
        for text in ["urn:oasis:names:tc:SAML:2.0:cm:bearer", "urn:amazon:webservices:govcloud"] {
            assert_eq!(redacted(text), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_text_keeps_its_length_and_no_long_word_of_it_is_left(text in "(arn:|https://|[a-zA-Z0-9é@./:_ -]){0,30}") {
            let text = format!("{text} canaryword");
            let redacted = redacted(&text);
            proptest::prop_assert_eq!(redacted.chars().count(), text.chars().count());
            proptest::prop_assert!(!redacted.contains("canaryword"));
        }
    }
}
