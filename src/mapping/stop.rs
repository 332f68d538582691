//! Where a name that does not match stops, and what the filter expected there.

use super::align::{Aim, Alignment, Stuck, furthest};
use super::java::ast::Assertion;
use super::shape::{Shape, State, StateId};

/// Longest name, in characters, that is aligned; longer ones are read exactly as far as they go.
const ALIGNED: usize = 1024;

/// Points beyond which an alignment with a filter that may begin anywhere says nothing: the name is
/// something else, and the longest exact reading is the honest answer.
const UNRELATED: u16 = 10;

/// Most work (states times characters) on one name.
const WORK_LIMIT: usize = 50_000_000;

/// The place where a name parts from the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Byte offset in the name; its length where the name ends too early.
    pub at: usize,
    /// The character there; `None` at the end of the name.
    pub found: Option<char>,
    /// What the filter accepts there, in words, in the filter's order.
    pub expected: Vec<String>,
    /// Name of the capture in which something was expected, if any.
    pub capture: Option<String>,
}

impl Stop {
    /// Everything expected, as one phrase: "a digit or the end of the name".
    pub fn expectation(&self) -> String {
        let simple = self.expected.iter().all(|words| !words.contains(" or "));
        self.expected.join(if simple { " or " } else { ", or " })
    }
}

/// Where `name` stops. `None` where the automaton, which may accept more than the filter, reads it whole, or
/// where that would take too long.
pub(super) fn stop(shape: &Shape, name: &str) -> Option<Stop> {
    let chars: Vec<char> = name.chars().collect();
    let stuck = stuck(shape, &chars)?;
    let mut waiting = stuck.waiting;
    let capture = waiting.iter().find_map(|&id| shape.capture_of(id)).map(str::to_owned);
    waiting.sort_by_key(|&id| (shape.origins.get(id).map(|origin| origin.offset), id));
    let mut expected: Vec<String> = Vec::new();
    for words in waiting.iter().filter_map(|&id| words(shape, id)) {
        if !expected.contains(&words) {
            expected.push(words);
        }
    }
    Some(Stop {
        at: chars.iter().take(stuck.place).map(|c| c.len_utf8()).sum(),
        found: chars.get(stuck.place).copied(),
        expected,
        capture,
    })
}

fn stuck(shape: &Shape, chars: &[char]) -> Option<Stuck> {
    if chars.len() <= ALIGNED
        && let Some(table) = Alignment::new(shape, chars, Aim::Explain)
        && (!shape.floating || table.best() <= UNRELATED)
    {
        return table.stuck();
    }
    if shape.states.len().saturating_mul(chars.len()) > WORK_LIMIT {
        return None;
    }
    furthest(shape, chars)
}

fn words(shape: &Shape, id: StateId) -> Option<String> {
    match shape.state(id) {
        State::Take { .. } => shape.words_of(id),
        State::Check(check, _) => Some(
            match check {
                Assertion::Begin => "the start of the name",
                Assertion::End | Assertion::Dollar { .. } => "the end of the name",
                Assertion::LineBegin { .. } => "the start of a line",
                Assertion::LineEnd { .. } => "the end of a line",
                Assertion::WordBoundary { negated: false, .. } => "a word boundary",
                Assertion::WordBoundary { negated: true, .. } => "no word boundary",
                Assertion::GraphemeBoundary => "a grapheme boundary",
            }
            .to_owned(),
        ),
        State::Split(_) | State::Accept => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::explain::Explainer;
    use crate::mapping::group_filter::{GroupFilter, MatchMode};

    const GUIDE: &str = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$";
    const DEFAULT: &str = r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)";
    const ROLE: &str = "a letter, digit, `_` or `-`";

    fn stopped(filter: &str, mode: MatchMode, name: &str) -> Option<(usize, String)> {
        let filter = GroupFilter::parse(filter).unwrap();
        let stop = Explainer::new(&filter, mode).stop(name)?;
        Some((stop.at, stop.expectation()))
    }

    fn guide(name: &str) -> (usize, String) {
        stopped(GUIDE, MatchMode::Find, name).unwrap()
    }

    fn default(name: &str) -> (usize, String) {
        stopped(DEFAULT, MatchMode::Find, name).unwrap()
    }

    fn says(at: usize, words: &str) -> (usize, String) {
        (at, words.to_owned())
    }

    #[test]
    fn a_point_in_the_role_is_where_the_name_stops_although_the_alias_could_swallow_it() {
        assert_eq!(guide("aws#prod#Ops.Lead#123456789012"), says(12, &format!("`#`, or {ROLE}")));
    }

    #[test]
    fn a_space_in_the_role_is_where_the_name_stops() {
        let (at, expected) = guide("aws#prod#Admin role#123456789012");
        assert_eq!(at, 14);
        assert!(expected.contains(ROLE), "{expected}");
    }

    #[test]
    fn the_capture_is_named() {
        let filter = GroupFilter::parse(GUIDE).unwrap();
        let explainer = Explainer::new(&filter, MatchMode::Find);
        let stop = explainer.stop("aws#prod#Admin#12345678901x").unwrap();
        assert_eq!(stop.capture.as_deref(), Some("accountid"));
        assert_eq!(stop.found, Some('x'));
        assert_eq!((stop.at, stop.expectation()), says(26, "a digit or the end of the name"));
    }

    #[test]
    fn upper_case_stops_at_the_first_letter_and_the_whole_word_is_expected() {
        assert_eq!(guide("AWS#prod#Admin#123456789012"), says(0, "`aws#`"));
    }

    #[test]
    fn another_separator_stops_where_it_first_stands() {
        assert_eq!(guide("aws_prod_Admin_123456789012"), says(3, "`#`"));
        assert_eq!(default("aws-123456789012-Admin"), says(3, "`_`"));
    }

    #[test]
    fn a_trailing_space_stops_where_it_stands() {
        let name = "aws#prod#Admin#123456789012 ";
        assert_eq!(guide(name), says(27, "a digit or the end of the name"));
    }

    #[test]
    fn a_leading_space_stops_at_the_start() {
        assert_eq!(guide(" aws#prod#Admin#123456789012"), says(0, "`aws#`"));
    }

    #[test]
    fn look_alikes_stop_at_their_first_byte() {
        assert_eq!(guide("аws#prod#Admin#123456789012"), says(0, "`aws#`"));
        assert_eq!(guide("aws#prod#Ad–min#123456789012").0, 11);
        assert_eq!(guide("aws#prod#Ad\u{200b}min#123456789012").0, 11);
        assert_eq!(guide("aws＃prod#Admin#123456789012"), says(3, "`#`"));
        assert_eq!(guide("aws#prod#Admin#12345678901٢").0, 26);
    }

    #[test]
    fn a_missing_account_stops_at_the_end() {
        assert_eq!(guide("aws#prod#Admin"), says(14, &format!("{ROLE}, or `#`")));
    }

    #[test]
    fn a_doubled_separator_stops_at_the_second() {
        assert_eq!(guide("aws#prod#Admin##123456789012"), says(15, "a digit"));
    }

    #[test]
    fn text_after_the_account_stops_where_it_begins() {
        let name = "aws#prod#Admin#123456789012-old";
        assert_eq!(guide(name), says(27, "a digit or the end of the name"));
        assert_eq!(guide("aws#prod#Admin#1.23457E+11").0, 16);
    }

    #[test]
    fn swapped_segments_stop_at_the_first_letter_of_the_account() {
        let (at, expected) = guide("aws#prod#123456789012#Admin");
        assert_eq!(at, 22);
        assert!(expected.contains("a digit"), "{expected}");
    }

    #[test]
    fn an_empty_segment_leaves_something_expected() {
        for name in ["aws##Admin#123456789012", "aws#prod##123456789012", "aws#Admin#123456789012"]
        {
            assert!(!guide(name).1.is_empty(), "{name}");
        }
    }

    #[test]
    fn swapped_segments_stop_where_no_segment_can_follow() {
        let (at, expected) = default("aws_Admin_123456789012");
        assert_eq!((at, expected.as_str()), (4, "a digit"));
    }

    #[test]
    fn a_name_of_another_kind_stops_at_its_start() {
        assert_eq!(guide("VPN Users"), says(0, "`aws#`"));
        assert_eq!(default("VPN Users"), says(0, "`aws_`"));
        assert_eq!(guide(""), says(0, "`aws#`"));
    }

    #[test]
    fn a_filter_that_may_begin_anywhere_stops_where_the_longest_reading_does() {
        assert_eq!(default("see laws_12 and aws_x"), says(11, "a digit or `_`"));
    }

    #[test]
    fn a_full_match_expects_the_end() {
        let stop = stopped(DEFAULT, MatchMode::Full, "aws_123456789012_Admin ").unwrap();
        assert_eq!(stop.0, 22);
        assert!(stop.1.ends_with("or the end of the name"), "{}", stop.1);
    }

    #[test]
    fn a_counted_account_expects_its_missing_digit() {
        let filter = r"^aws\#[^#\s]+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d{12})$";
        let stop = |name| stopped(filter, MatchMode::Find, name).unwrap();
        assert_eq!(stop("aws#prod#Admin#12345678901"), says(26, "a digit"));
        assert_eq!(stop("aws#prod#Admin#1234567890123"), says(27, "the end of the name"));
    }

    #[test]
    fn a_name_that_matches_stops_nowhere() {
        assert_eq!(stopped(GUIDE, MatchMode::Find, "aws#prod#Admin#123456789012"), None);
    }

    #[test]
    fn a_back_reference_is_not_explained() {
        assert_eq!(stopped(r"(a)\1", MatchMode::Find, "b"), None);
    }

    #[test]
    fn a_huge_name_stops_where_its_longest_reading_does() {
        let name = format!("aws#{}#Ops x", "p".repeat(70_000));
        let (at, expected) = guide(&name);
        assert_eq!(at, name.len() - 2);
        assert!(expected.contains(ROLE), "{expected}");
    }
}
