//! Audiences: which sign-in endpoints of AWS a value of a condition can match.
#![expect(
    clippy::indexing_slicing,
    reason = "a table made here, walked over exactly its rows and columns"
)]

use super::condition::{Condition, Wanted};
use super::operator::{Family, SetOperator};
use super::policy::Statement;
use crate::model::account::Partition;
use crate::model::declared::has_hole;

/// What a value of a condition on `saml:aud` can match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Sign-in endpoints of these partitions, never empty.
    Endpoints(Vec<Partition>),
    /// Any address at all.
    Anything,
    /// No sign-in endpoint.
    Nothing(Wrong),
    /// It has a variable, or a part that is not known before deployment.
    Unknown,
}

/// Why a value matches no sign-in endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It is the `Audience` of the assertion, which is not what `saml:aud` holds.
    Audience,
    /// It has a wildcard, and its operator takes it literally.
    LiteralWildcard,
    /// It is right but for a `/` at its end.
    TrailingSlash,
    /// It is right but for `http:`.
    Plain,
    /// It is right but for the case of its letters.
    Case,
    /// Something else.
    Other,
}

/// A condition on `saml:aud`.
#[derive(Debug, Clone)]
pub struct AudienceTest<'p> {
    /// The condition.
    pub condition: &'p Condition,
    /// How it tests the audience.
    pub how: AudienceHow,
    /// Its values and what each can match; empty unless values are compared as text.
    pub values: Vec<(&'p Wanted, Audience)>,
}

/// How a condition tests the audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudienceHow {
    /// One of the values has to match.
    Values,
    /// One of the values has to match, or there is no audience.
    ValuesOrNone,
    /// None of the values may match.
    Others,
    /// There has to be one.
    Present,
    /// There must not be one.
    Absent,
    /// Values are compared as something that no audience is.
    NoText,
    /// The operator is none, or its set operator says nothing.
    Unknown,
}

/// Every condition of a statement on `saml:aud`: all of them have to hold.
pub fn audience_tests(statement: &Statement) -> impl Iterator<Item = AudienceTest<'_>> {
    let conditions = statement.conditions.iter();
    conditions.filter(|condition| condition.key_lower() == "saml:aud").map(|condition| {
        let how = how(condition);
        let text = matches!(how, AudienceHow::Values | AudienceHow::ValuesOrNone);
        let family = condition.operator.filter(|_| text).map(super::Operator::family);
        let values = family.into_iter().flat_map(|family| {
            let of = move |wanted: &'_ Wanted| Audience::of(&wanted.text, family);
            condition.values.iter().filter_map(move |wanted| Some((wanted, of(wanted)?)))
        });
        AudienceTest { condition, how, values: values.collect() }
    })
}

fn how(condition: &Condition) -> AudienceHow {
    let Some(operator) = condition.operator else { return AudienceHow::Unknown };
    match operator.family() {
        Family::Null if operator.set.is_some() => AudienceHow::Unknown,
        Family::Null => {
            let says =
                |word: &str| condition.values.iter().any(|v| v.text.eq_ignore_ascii_case(word));
            match (says("true"), says("false")) {
                (true, false) => AudienceHow::Absent,
                (false, true) => AudienceHow::Present,
                _ => AudienceHow::Unknown,
            }
        }
        _ if operator.negated => AudienceHow::Others,
        Family::Text { .. } if operator.if_exists || operator.set == Some(SetOperator::All) => {
            AudienceHow::ValuesOrNone
        }
        Family::Text { .. } => AudienceHow::Values,
        Family::Arn | Family::Other => AudienceHow::NoText,
    }
}

const PARTITIONS: [Partition; 3] = [Partition::Aws, Partition::China, Partition::GovCloud];

/// Addresses that are nobody's: what matches them matches anything.
const NOBODYS: [&str; 2] =
    ["https://rolecall.invalid/saml", "https://signin.rolecall.invalid/saml"];

/// An endpoint that the guide named once and does not any more; nothing says that it is refused.
const SUPERSEDED: &str = "https://signin.aws.amazon.com/static/saml";

impl Audience {
    /// What a value matches under an operator of this family; `None` for one that compares no text.
    pub fn of(value: &str, family: Family) -> Option<Self> {
        let Family::Text { wildcards, case } = family else { return None };
        if value.contains("${") || has_hole(value) {
            return Some(Self::Unknown);
        }
        let found = endpoints(value, wildcards, case);
        if found.is_empty() {
            return Some(Self::Nothing(wrong(value, wildcards, case)));
        }
        let open = NOBODYS.iter().any(|address| meets(value, wildcards, &literal(address)));
        Some(if open { Self::Anything } else { Self::Endpoints(found) })
    }
}

fn endpoints(value: &str, wildcards: bool, case: bool) -> Vec<Partition> {
    let lower;
    let value = if case {
        value
    } else {
        lower = value.to_ascii_lowercase();
        &lower
    };
    let of = |partition: &Partition| {
        let own = partition.sign_in();
        let host = own.strip_prefix("https://").unwrap_or_default();
        let global = literal(own);
        let regional = [literal("https://"), label(), literal("."), literal(host)].concat();
        let encrypted = |address: &[Place]| [address, &literal("/acs/"), &label()].concat();
        [encrypted(&global), encrypted(&regional), global, regional]
            .iter()
            .any(|address| meets(value, wildcards, address))
    };
    let mut found: Vec<Partition> = PARTITIONS.into_iter().filter(of).collect();
    if found.is_empty() && meets(value, wildcards, &literal(SUPERSEDED)) {
        found.push(Partition::Aws);
    }
    found
}

fn wrong(value: &str, wildcards: bool, case: bool) -> Wrong {
    let right = |text: &str| !endpoints(text, wildcards, case).is_empty();
    if value.starts_with("urn:amazon:webservices") {
        Wrong::Audience
    } else if !wildcards && value.contains(['*', '?']) {
        Wrong::LiteralWildcard
    } else if right(value.trim_end_matches('/')) {
        Wrong::TrailingSlash
    } else if value.strip_prefix("http:").is_some_and(|rest| right(&format!("https:{rest}"))) {
        Wrong::Plain
    } else if case && !endpoints(value, wildcards, false).is_empty() {
        Wrong::Case
    } else {
        Wrong::Other
    }
}

/// A place in an address: a character, or one or any number of characters of a DNS label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Is(char),
    One,
    More,
}

fn literal(text: &str) -> Vec<Place> {
    text.chars().map(Place::Is).collect()
}

fn label() -> Vec<Place> {
    vec![Place::One, Place::More]
}

const fn is_label(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

/// Whether a value, with or without wildcards, and an address have a text in common: steps are the product
/// of their lengths.
fn meets(value: &str, wildcards: bool, address: &[Place]) -> bool {
    let value: Vec<char> = value.chars().collect();
    let is_wild = |c: char| wildcards && matches!(c, '*' | '?');
    // Most values begin like the address and go on in their own way, or are it.
    let own = value.iter().zip(address);
    let same = own.take_while(|&(&c, place)| !is_wild(c) && *place == Place::Is(c)).count();
    let (value, address) = (&value[same..], &address[same..]);
    if let (Some(&c), Some(Place::Is(_))) = (value.first(), address.first())
        && !is_wild(c)
    {
        return false;
    }
    let end = address.len();
    // `after[j]`: the value from the next character on meets the address from `j` on.
    let mut after: Vec<bool> =
        (0..=end).map(|j| address[j..].iter().all(|place| *place == Place::More)).collect();
    for &c in value.iter().rev() {
        let star = wildcards && c == '*';
        let any = wildcards && c == '?';
        let mut now = vec![false; end + 1];
        now[end] = star && after[end];
        for j in (0..end).rev() {
            let fits = match address[j] {
                Place::Is(own) => any || own == c,
                Place::One | Place::More => any || is_label(c),
            };
            now[j] = if star {
                after[j] || now[j + 1]
            } else {
                match address[j] {
                    Place::More => now[j + 1] || (fits && after[j]),
                    _ => fits && after[j + 1],
                }
            };
        }
        after = now;
    }
    after[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    const EQUALS: Family = Family::Text { wildcards: false, case: true };
    const LIKE: Family = Family::Text { wildcards: true, case: true };
    const ANY_CASE: Family = Family::Text { wildcards: false, case: false };

    fn aws() -> Audience {
        Audience::Endpoints(vec![Partition::Aws])
    }

    #[test]
    fn endpoints_of_a_partition_a_region_and_for_encryption_are_right() {
        for value in [
            "https://signin.aws.amazon.com/saml",
            "https://eu-west-1.signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com/saml/acs/SAMLSP1A2",
            "https://eu-west-1.signin.aws.amazon.com/saml/acs/SAMLSP1A2",
            "https://signin.aws.amazon.com/static/saml",
        ] {
            assert_eq!(Audience::of(value, EQUALS), Some(aws()), "{value}");
            assert_eq!(Audience::of(value, LIKE), Some(aws()), "{value}");
        }
        let china = Audience::of("https://signin.amazonaws.cn/saml", EQUALS);
        assert_eq!(china, Some(Audience::Endpoints(vec![Partition::China])));
        assert_eq!(Audience::of("https://SIGNIN.aws.amazon.com/SAML", ANY_CASE), Some(aws()));
    }

    #[test]
    fn what_can_never_match_says_what_is_wrong_with_it() {
        for (value, wrong) in [
            ("urn:amazon:webservices", Wrong::Audience),
            ("https://signin.aws.amazon.com/saml/", Wrong::TrailingSlash),
            ("http://signin.aws.amazon.com/saml", Wrong::Plain),
            ("https://SIGNIN.aws.amazon.com/saml", Wrong::Case),
            ("https://*.signin.aws.amazon.com/saml", Wrong::LiteralWildcard),
            ("*", Wrong::LiteralWildcard),
            ("https://signin.aws.amazon.com/sam", Wrong::Other),
            ("https://.signin.aws.amazon.com/saml", Wrong::Other),
            ("https://a.b.signin.aws.amazon.com/saml", Wrong::Other),
            ("", Wrong::Other),
        ] {
            assert_eq!(Audience::of(value, EQUALS), Some(Audience::Nothing(wrong)), "{value}");
        }
        let like = |value| Audience::of(value, LIKE);
        assert_eq!(like("https://*.example.com/saml"), Some(Audience::Nothing(Wrong::Other)));
        assert_eq!(like("urn:amazon:*"), Some(Audience::Nothing(Wrong::Other)));
    }

    #[test]
    fn patterns_match_the_endpoints_they_leave_room_for() {
        for value in [
            "https://*.signin.aws.amazon.com/saml",
            "https://eu-*-?.signin.aws.amazon.com/saml",
            "https://*signin.aws.amazon.com/saml*",
            "https://signin.aws.amazon.com/*",
            "*.aws.amazon.com/saml",
        ] {
            assert_eq!(Audience::of(value, LIKE), Some(aws()), "{value}");
        }
        for value in ["*", "**", "https://*", "https://*/saml", "*saml", "https://signin.*/saml"] {
            assert_eq!(Audience::of(value, LIKE), Some(Audience::Anything), "{value}");
        }
    }

    #[test]
    fn variables_are_not_known_and_other_operators_compare_no_text() {
        assert_eq!(Audience::of("${saml:iss}", EQUALS), Some(Audience::Unknown));
        assert_eq!(Audience::of("*", Family::Arn), None);
        assert_eq!(Audience::of("*", Family::Other), None);
    }
}
