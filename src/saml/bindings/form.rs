//! Parameters: a form's body, an address, a command copied from a browser.

use super::Carried;
use super::base64::percent_decoded;
use super::html::unescaped;
use crate::saml::detached::Detached;

/// Names of the parameters that carry a message, and whether they carry requests.
const NAMES: [(&str, bool); 2] = [("SAMLResponse=", false), ("SAMLRequest=", true)];

/// Largest `RelayState` that is kept, in bytes; SAML allows 80 (bindings 3.4.3).
const RELAY_STATE: usize = 64 << 10;

/// How often a text may be gone over, in its lengths: what parameters overlap is not looked at without end.
const ROUNDS: usize = 8;

/// What stands in a text once, for all its parameters.
struct Beside<'t> {
    address: Option<&'t str>,
    relay_state: Option<String>,
}

/// Every message that stands in a text as a parameter, in its order.
pub(super) fn carried(text: &str) -> Vec<Carried> {
    if !NAMES.iter().any(|(name, _)| text.contains(name)) {
        return Vec::new();
    }
    let plain = uncareted(text);
    let plain = plain.as_str();
    let beside = Beside { address: address_in(plain), relay_state: relay_state_in(plain) };
    let mut found: Vec<(usize, Carried)> = Vec::new();
    let mut left = plain.len().saturating_mul(ROUNDS);
    for (name, is_request) in NAMES {
        for (at, _) in plain.match_indices(name) {
            let (Some(before), Some(behind)) = (plain.get(..at), plain.get(at + name.len()..))
            else {
                continue;
            };
            if before.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
            {
                continue;
            }
            let start = before
                .rfind(|c: char| c.is_ascii_whitespace() || is_quote(c))
                .map_or(0, |at| at + 1);
            let quote =
                plain.get(..start).and_then(|head| head.chars().last()).filter(|c| is_quote(*c));
            let head = plain.get(start..at).unwrap_or_default();
            let is_query =
                ["https://", "http://", "?", "/"].iter().any(|begin| head.starts_with(begin));
            let is_alone = plain.get(..start).is_some_and(|before| before.trim().is_empty());
            let rest = rest_of(behind, quote, is_alone && !is_query);
            left = left.saturating_sub(head.len() + rest.len());
            if left == 0 {
                break;
            }
            let (address, head) =
                if is_query { head.split_once('?').unwrap_or((head, "")) } else { ("", head) };
            let address = is_query.then_some(address);
            found.push((at, one(&beside, (address, head), rest, is_request)));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, one)| one).collect()
}

/// Parameters of a query or a body, from the one that carries the message on.
fn one(
    beside: &Beside<'_>,
    (address, head): (Option<&str>, &str),
    rest: &str,
    is_request: bool,
) -> Carried {
    let (value, behind) = rest.split_once('&').unwrap_or((rest, ""));
    let is_query = address.is_some();
    let address = address.filter(|address| !address.is_empty()).or(beside.address);
    let own = relay_state(head).or_else(|| relay_state(behind));
    let detached = is_query.then(|| detached(head, rest, is_request)).flatten();
    Carried {
        value: value.split('#').next().unwrap_or(value).to_owned(),
        is_request,
        relay_state: own.or_else(|| beside.relay_state.clone()),
        address: address.map(without_query),
        is_query,
        detached,
    }
}

/// The signature that stands among the parameters of an address.
fn detached(head: &str, rest: &str, is_request: bool) -> Option<Detached> {
    let carrier = if is_request { "SAMLRequest" } else { "SAMLResponse" };
    let rest = rest.split('#').next().unwrap_or(rest).trim_end();
    let head = head.trim_start_matches('?');
    Detached::of_query(&format!("{head}{carrier}={rest}"), carrier)
}

/// Where the parameters end: at the quote that closes them, at the text's end where they are all of it,
/// or at white space.
fn rest_of(behind: &str, quote: Option<char>, is_whole: bool) -> &str {
    let end = match quote {
        Some(quote) => behind.find(quote),
        None if is_whole => None,
        None => behind.find(|c: char| c.is_ascii_whitespace() || is_quote(c) || c == '<'),
    };
    end.map_or(behind, |end| behind.get(..end).unwrap_or(behind))
}

const fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`')
}

/// `RelayState` among parameters.
fn relay_state(parameters: &str) -> Option<String> {
    let found = parameters.split('&').find_map(|one| one.strip_prefix("RelayState="))?;
    let found = found.split('#').next().unwrap_or(found);
    kept(decoded(found.trim_end()))
}

/// A `RelayState` that is not absurdly long.
pub(super) fn kept(state: String) -> Option<String> {
    (state.len() <= RELAY_STATE).then_some(state)
}

/// A parameter's value as a form means it.
pub(super) fn decoded(value: &str) -> String {
    percent_decoded(&value.replace('+', " "))
}

/// A value of which nobody says whether its escapes were taken off already.
pub(super) fn decoded_once(value: &str) -> String {
    if value.contains(['/', ' ', ':', '&', '=']) { value.to_owned() } else { decoded(value) }
}

/// `RelayState` that stands in quotes of its own.
fn relay_state_in(text: &str) -> Option<String> {
    let at = text
        .match_indices("RelayState=")
        .map(|(at, _)| at)
        .find(|&at| text.get(..at).is_some_and(|before| before.ends_with(is_quote)))?;
    let quote = text.get(..at)?.chars().last();
    let behind = text.get(at + "RelayState=".len()..)?;
    kept(decoded(rest_of(behind, quote, false).split('&').next()?))
}

/// The first address in a text: what a copied command sends to.
fn address_in(text: &str) -> Option<&str> {
    let at = ["https://", "http://"].into_iter().filter_map(|scheme| text.find(scheme)).min()?;
    let before = text.get(..at)?;
    // An address within the parameters is a value.
    if before.contains("SAMLResponse=") || before.contains("RelayState=") {
        return None;
    }
    let rest = text.get(at..)?;
    let end = rest.find(|c: char| c.is_ascii_whitespace() || is_quote(c) || c == '^');
    end.map_or(Some(rest), |end| rest.get(..end))
}

/// An address without query, fragment and whatever names a user.
pub(super) fn without_query(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or(address);
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) =
                rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
            let host = host.rsplit('@').next().unwrap_or(host);
            format!("{scheme}://{host}{path}")
        }
        None => address.to_owned(),
    }
}

/// A text without the escapes of HTML around parameters, and of a Windows command line.
fn uncareted(text: &str) -> String {
    let text = if text.contains("^\"") { text.replace('^', "") } else { text.to_owned() };
    if text.contains("&amp;") { unescaped(&text).into_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Carried {
        let mut found = carried(text);
        assert_eq!(found.len(), 1, "{text}");
        found.remove(0)
    }

    #[test]
    fn parameters_are_found_in_any_order_and_in_any_quotes() {
        let saml = "https://signin.aws.amazon.com/saml";
        for (text, address, is_query) in [
            ("SAMLResponse=PGEvPg%3D%3D&RelayState=a%20b".to_owned(), None, false),
            ("RelayState=a+b&SAMLResponse=PGEvPg%3D%3D\n".to_owned(), None, false),
            (
                format!("{saml}?SAMLResponse=PGEvPg%3D%3D&RelayState=a%20b&SigAlg=x"),
                Some(saml),
                true,
            ),
            (
                format!("GET {saml}?RelayState=a%20b&SAMLResponse=PGEvPg%3D%3D#top HTTP/1.1"),
                Some(saml),
                true,
            ),
            (
                format!("see \"{saml}?SAMLResponse=PGEvPg%3D%3D&amp;RelayState=a%20b\" there"),
                Some(saml),
                true,
            ),
            ("?SAMLResponse=PGEvPg%3D%3D&RelayState=a%20b".to_owned(), None, true),
            (
                format!(
                    "curl '{saml}?x=1' \\\n -H 'cookie: a=b' \\\n --data-raw 'SAMLResponse=PGEvPg%3D%3D&RelayState=a%20b' --compressed"
                ),
                Some(saml),
                false,
            ),
            (
                format!(
                    "curl ^\"{saml}^\" --data-raw ^\"RelayState=a^%^20b^&SAMLResponse=PGEvPg^%^3D^%^3D^\""
                ),
                Some(saml),
                false,
            ),
            (
                format!(
                    "curl {saml} --data-urlencode 'SAMLResponse=PGEvPg==' --data-urlencode 'RelayState=a b'"
                ),
                Some(saml),
                false,
            ),
            (
                format!(
                    "fetch(\"{saml}\", {{\"body\": \"SAMLResponse=PGEvPg%3D%3D&RelayState=a%20b\"}})"
                ),
                Some(saml),
                false,
            ),
        ] {
            let found = one(&text);
            assert_eq!(found.value.trim().replace("%3D", "="), "PGEvPg==", "{text}");
            assert_eq!(found.relay_state.as_deref(), Some("a b"), "{text}");
            assert_eq!((found.address.as_deref(), found.is_query), (address, is_query), "{text}");
        }
    }

    #[test]
    fn a_wrapped_body_is_taken_whole_and_other_names_are_not() {
        let found = one("SAMLResponse=PGEv\nPg==\n");
        assert_eq!(found.value, "PGEv\nPg==\n");
        assert_eq!(found.address, None);
        assert_eq!(carried("MySAMLResponse=PGEvPg==").len(), 0);
        assert!(one("SAMLRequest=x").is_request);
        let relay = one("RelayState=https://else.test/?x&SAMLResponse=PGEvPg==");
        assert_eq!(relay.relay_state.as_deref(), Some("https://else.test/?x"));
    }

    #[test]
    fn a_relay_state_at_the_limit_is_kept_and_a_longer_one_is_not() {
        let state = |length: usize| {
            one(&format!("SAMLResponse=PGEvPg==&RelayState={}", "x".repeat(length))).relay_state
        };
        assert_eq!(state(RELAY_STATE).map(|state| state.len()), Some(RELAY_STATE));
        assert_eq!(state(RELAY_STATE + 1), None);
    }

    #[test]
    fn parameters_within_parameters_are_not_looked_at_without_end() {
        let text = "'SAMLResponse=".repeat(100_000);
        assert!(carried(&text).len() <= 100_000);
        let text = "SAMLResponse=&".repeat(100_000);
        assert!(carried(&text).len() < 20);
    }

    #[test]
    fn an_address_loses_what_may_be_secret() {
        assert_eq!(without_query("https://u:p@host/a/b?c=d#e"), "https://host/a/b");
        assert_eq!(without_query("https://host"), "https://host");
        assert_eq!(without_query("/saml?x"), "/saml");
    }
}
