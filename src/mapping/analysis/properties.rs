//! Whatever filter it is: a witness does what it claims, and says so to the filter's own engine.

use proptest::prelude::*;

use super::*;
use crate::mapping::group_filter::Engine;

/// Filters like those in use, with every part varied.
fn filter() -> impl Strategy<Value = String> {
    let part = |choices: &'static [&'static str]| prop::sample::select(choices);
    let class = part(&[
        r"\S+",
        r"\w+",
        r"[\w\-]+",
        r"[^#]+",
        r"[a-z]{1,3}",
        ".*",
        r"(?:\w+-?)+",
        r"(?:[a-z]+)*",
        r"[\w+=,.@\-]+?",
        r"(?:a|b|\w)*",
        "(?i)[a-c]+",
        r"\d{2,}",
        "",
    ]);
    let account = part(&[r"\d+", r"\d{12}", r"\d{11,13}", "[0-9]+?", r"\w{12}", ".+", r"\d*"]);
    let separator = || part(&["#", "_", "-", r"\-", "__", ":", ""]);
    (
        part(&["^", "", r"\b", r"\A", "(?m)^"]),
        part(&["aws", "", "(aws|dev)", "a?"]),
        (separator(), class.clone(), separator()),
        (class, separator(), account),
        (part(&["$", "", r"\z", r"\Z", ".*$"]), any::<bool>()),
    )
        .prop_map(|(begin, head, (s1, alias, s2), (role, s3, account), (end, swap))| {
            let role = format!("(?{{{{role}}}}{role})");
            let account = format!("(?{{{{accountid}}}}{account})");
            let (a, b) = if swap { (account, role) } else { (role, account) };
            format!("{begin}{head}{s1}{alias}{s2}{a}{s3}{b}{end}")
        })
}

fn name() -> impl Strategy<Value = String> {
    let letter = prop::sample::select(vec!["a", "b", "#", "_", "-", "1", "2", "aws", "x", "."]);
    prop::collection::vec(letter, 0..14).prop_map(|letters| letters.concat())
}

fn reads(filter: &str, name: &str) -> bool {
    let filter = GroupFilter::parse(filter).unwrap();
    matches!(filter.reader().read(name, MatchMode::Find), Reading::Match(_))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_loose_account_is_captured_and_not_twelve_digits(text in filter()) {
        let filter = GroupFilter::parse(&text).unwrap();
        let analysis = Analysis::new(&filter, MatchMode::Find).unwrap();
        if let Some(found) = analysis.loose_account() {
            prop_assert_eq!(analysis.read(&found.name), Some(found.clone()));
            prop_assert!(crate::model::account::AccountId::parse(&found.account).is_err());
        }
    }

    #[test]
    fn a_missing_anchor_s_name_matches_without_it_and_not_with_it(text in filter()) {
        let filter = GroupFilter::parse(&text).unwrap();
        let analysis = Analysis::new(&filter, MatchMode::Find).unwrap();
        let Some(anchors) = analysis.missing_anchors(&[]) else { return Ok(()) };
        if let Some(name) = anchors.start {
            prop_assert!(reads(&text, &name));
            let anchored = format!("^(?:{text})");
            prop_assert!(!reads(&anchored, &name));
        }
        if let Some(name) = anchors.end {
            prop_assert!(reads(&text, &name));
            let anchored = format!("(?:{text})\\z");
            prop_assert!(!reads(&anchored, &name));
        }
    }

    #[test]
    fn an_overlap_s_name_matches_and_has_the_separator(text in filter()) {
        let filter = GroupFilter::parse(&text).unwrap();
        let analysis = Analysis::new(&filter, MatchMode::Find).unwrap();
        for overlap in analysis.overlaps() {
            prop_assert!(reads(&text, &overlap.witness.name));
            prop_assert!(overlap.witness.name.matches(overlap.separator).count() > 1);
            prop_assert!(text.get(overlap.class).is_some());
        }
    }

    #[test]
    fn an_ambiguous_name_has_two_readings_and_the_filter_takes_one(text in filter()) {
        let filter = GroupFilter::parse(&text).unwrap();
        let analysis = Analysis::new(&filter, MatchMode::Find).unwrap();
        if let Some(found) = analysis.ambiguity() {
            prop_assert_eq!(analysis.read(&found.witness.name), Some(found.witness.clone()));
            let own = (found.witness.role, found.witness.account);
            prop_assert!(own != found.other);
            // The other reading is the filter's own where the parts stand in its place.
            let splits = analysis.splits(&found.witness.name).unwrap();
            prop_assert!(splits.contains(&own) && splits.contains(&found.other));
        }
    }

    #[test]
    fn what_the_filter_reads_from_a_whole_name_is_one_of_its_splits(text in filter(), name in name()) {
        let filter = GroupFilter::parse(&text).unwrap();
        let analysis = Analysis::new(&filter, MatchMode::Full).unwrap();
        if let Some(found) = analysis.read(&name) {
            let splits = analysis.splits(&name).unwrap();
            prop_assert!(splits.contains(&(found.role, found.account)), "{:?}", splits);
        }
    }

    #[test]
    fn a_pump_doubles_the_ways_with_every_round(text in filter()) {
        let filter = GroupFilter::parse(&text).unwrap();
        prop_assume!(filter.engine() == Engine::Linear);
        let analysis = Analysis::new(&filter, MatchMode::Find).unwrap();
        if let Some(growth) = analysis.growth().unwrap() {
            prop_assert!(growth.ways >= 1e9, "{:?}", growth);
            prop_assert!(!reads(&text, &growth.name));
        }
    }

    #[test]
    fn a_name_made_for_a_role_maps_to_it(text in filter(), role in "[a-c]{1,4}") {
        let filter = GroupFilter::parse(&text).unwrap();
        let analysis = Analysis::new(&filter, MatchMode::Find).unwrap();
        if let Some(found) = analysis.name_of(&role, "418830275916") {
            let read = analysis.read(&found.name).unwrap();
            prop_assert_eq!((&*read.role, &*read.account), (&*role, "418830275916"));
        }
    }

    #[test]
    fn filters_said_to_be_equivalent_read_every_name_alike(
        (one, other) in (filter(), filter()),
        same in any::<bool>(),
        names in prop::collection::vec(name(), 40),
    ) {
        // Half of the pairs differ in writing alone.
        let other = if same { format!("(?:{one})") } else { other };
        let (old, new) = (GroupFilter::parse(&one).unwrap(), GroupFilter::parse(&other).unwrap());
        let mode = MatchMode::Find;
        let compared = compare::compare((&old, mode), (&new, mode));
        let analyses = (Analysis::new(&old, mode).unwrap(), Analysis::new(&new, mode).unwrap());
        if same {
            prop_assert!(compared.verdict != compare::Verdict::Different, "{:?}", compared);
        }
        for read in &compared.names {
            prop_assert_eq!(&analyses.0.read(&read.name), &read.old);
            prop_assert_eq!(&analyses.1.read(&read.name), &read.new);
            prop_assert!(read.old != read.new);
        }
        if compared.verdict == compare::Verdict::Equivalent {
            for name in names {
                let read = compare::ReadTwice::of(&analyses.0, &analyses.1, &name);
                prop_assert_eq!(read, None, "{} {}", one, other);
            }
        }
    }
}
