//! Properties of the engines on random patterns and names.

use proptest::prelude::*;

use super::{Matcher, MatcherMemory, Outcome, parse};
use crate::mapping::group_filter::{Engine, GroupFilter, MatchMode, Reading};

/// Patterns in the syntax Java and `regex` share, with the same meaning on any text: literals,
/// written-out classes, groups, alternation, greedy and lazy repetition.
fn shared_pattern() -> impl Strategy<Value = String> {
    let atom = prop::sample::select(vec![
        "a", "b", "c", "#", "[ab]", "[^a]", "[a-c]", "[^#\\n]", "[0-9]", "é", "^", "\\z", "(?:)",
    ]);
    let leaf = atom.prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let quantifier = prop::sample::select(vec![
            "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{2,}?",
        ]);
        let group = (inner.clone(), quantifier, any::<bool>()).prop_map(|(body, q, capture)| {
            let open = if capture { "(" } else { "(?:" };
            format!("{open}{body}){q}")
        });
        let sequence = prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat());
        let either =
            prop::collection::vec(inner, 2..4).prop_map(|parts| format!("(?:{})", parts.join("|")));
        prop_oneof![3 => group, 3 => sequence, 1 => either]
    })
}

/// The same with what only Java has the same way.
fn regular_pattern() -> impl Strategy<Value = String> {
    let extra = prop::sample::select(vec![
        "$", "\\b", "\\B", "\\R", "(?m)^", "(?m)$", ".", "\\w", "\\S+", "\\d*+", "\\s", "(?s).",
        "x++", "(?i)A", "\\Z",
    ]);
    prop::collection::vec(prop_oneof![shared_pattern(), extra.prop_map(str::to_owned)], 1..5)
        .prop_map(|parts| parts.concat())
}

fn name() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "a", "b", "c", "a", "b", "x", "#", "1", "_", " ", "é", "😀", "\n", "\r", "\r\n",
            "\u{85}", "\u{2028}", "A",
        ]),
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

fn groups(memory: &MatcherMemory, count: usize) -> Vec<Option<std::ops::Range<usize>>> {
    (0..=count).map(|index| memory.group(index)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_linear_engine_agrees_with_backtracking(
        text in regular_pattern(),
        name in name(),
        full in any::<bool>(),
    ) {
        let Ok(pattern) = parse(&text) else { return Ok(()) };
        let matcher = Matcher::new(pattern);
        if matcher.engine() != Engine::Linear {
            return Ok(());
        }
        let count = matcher.pattern().group_count();
        let mut memory = MatcherMemory::default();
        let slow = matcher.backtrack(&mut memory, &name, full);
        let slow_groups = groups(&memory, count);
        if matches!(slow, Outcome::Undecided(_)) {
            return Ok(());
        }
        let fast = matcher.run(&mut memory, &name, full);
        prop_assert_eq!(fast, slow, "{} on {:?}", text, name);
        if fast == Outcome::Match {
            prop_assert_eq!(groups(&memory, count), slow_groups, "{} on {:?}", text, name);
        }
    }

    #[test]
    fn the_walk_without_a_table_agrees_with_the_table(
        text in regular_pattern(),
        name in name(),
        full in any::<bool>(),
    ) {
        let Ok(pattern) = parse(&text) else { return Ok(()) };
        let Some(linear) = super::linear::Linear::new(&pattern) else { return Ok(()) };
        let (mut walked, mut looked_up) = Default::default();
        let verdict = linear.walk_only(&mut walked, &name, full);
        if verdict == super::linear::Verdict::Bail {
            // The table may have seen that nothing can match before it came to the character.
            return Ok(());
        }
        prop_assert_eq!(linear.run(&mut looked_up, &name, full), verdict, "{} on {:?}", text, name);
        if verdict == super::linear::Verdict::Match {
            for index in 0..=pattern.group_count() {
                prop_assert_eq!(looked_up.group(index), walked.group(index));
            }
        }
    }

    #[test]
    fn a_regular_filter_reads_as_the_regex_crate_does(text in shared_pattern(), name in name()) {
        let filter = GroupFilter::parse(&text).unwrap();
        let regex = regex::Regex::new(&text).unwrap();
        if filter.engine() != Engine::Linear {
            return Ok(());
        }
        let mut reader = filter.reader();
        let matched = match reader.read(&name, MatchMode::Find) {
            Reading::Match(_) => true,
            Reading::NoMatch => false,
            Reading::Undecided(_) => return Ok(()),
        };
        let captures = regex.captures(&name);
        prop_assert_eq!(matched, captures.is_some(), "{} on {:?}", text, name);
        for index in 0..=reader.group_count() {
            let theirs = captures.as_ref().and_then(|c| c.get(index)).map(|m| m.range());
            prop_assert_eq!(reader.group(index), theirs, "group {} of {} on {:?}", index, text, name);
        }
    }

    #[test]
    fn a_name_that_matches_as_a_whole_is_also_found(text in regular_pattern(), name in name()) {
        let Ok(filter) = GroupFilter::parse(&text) else { return Ok(()) };
        let mut reader = filter.reader();
        if matches!(reader.read(&name, MatchMode::Full), Reading::Match(_)) {
            prop_assert_ne!(reader.read(&name, MatchMode::Find), Reading::NoMatch);
        }
    }

    #[test]
    fn no_pattern_and_no_name_panics(text in "\\PC{0,40}", name in "\\PC{0,40}") {
        if let Ok(filter) = GroupFilter::parse(&text) {
            let mut reader = filter.reader();
            reader.read(&name, MatchMode::Find);
            reader.read(&name, MatchMode::Full);
        }
    }

    #[test]
    fn no_pattern_of_metacharacters_panics(
        text in "[\\[\\](){}?*+|^$\\\\.&\\-<>=!:#a0-9iudxmsQEpLbkRXN,\\u{e9}]{0,30}",
        name in name(),
    ) {
        match GroupFilter::parse(&text) {
            Ok(filter) => {
                let mut reader = filter.reader();
                reader.read(&name, MatchMode::Find);
                reader.read(&name, MatchMode::Full);
            }
            Err(error) => {
                prop_assert!(text.is_char_boundary(error.offset), "{} in {:?}", error.offset, text);
                prop_assert!(!error.message.ends_with('.'));
            }
        }
    }
}

#[test]
fn deep_nesting_and_long_patterns_are_refused_and_the_limits_themselves_are_not() {
    let nested = |depth| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(GroupFilter::parse(&nested(super::NESTING_LIMIT)).is_ok());
    assert!(GroupFilter::parse(&nested(super::NESTING_LIMIT + 1)).is_err());
    assert!(GroupFilter::parse(&"a".repeat(super::PATTERN_LIMIT)).is_ok());
    assert!(GroupFilter::parse(&"a".repeat(super::PATTERN_LIMIT + 1)).is_err());
}

#[test]
fn a_name_that_needs_too_many_steps_is_undecided() {
    let filter = GroupFilter::parse(r"^(\w*)(\w*)(\w*)(\w*)(?!x)\1#$").unwrap();
    let name = "a".repeat(400);
    let reading = filter.reader().read(&name, MatchMode::Find);
    let Reading::Undecided(reason) = reading else { panic!("{reading:?}") };
    assert_eq!(reason.to_string(), "cannot decide, because the name needs more than 100000 steps");
}

#[test]
fn a_pattern_whose_table_would_be_too_large_is_still_read_in_one_pass() {
    let filter =
        GroupFilter::parse(r"^(?:[ab]*a[ab]{0,14}){3}(?{{role}}[ab]{12}a)[ab]{14}#$").unwrap();
    assert_eq!(filter.engine(), Engine::Linear);
    let name = format!("{}#", "ab".repeat(60));
    let reading = filter.reader().read(&name, MatchMode::Find);
    assert!(!matches!(reading, Reading::Undecided(_)), "{reading:?}");
}
